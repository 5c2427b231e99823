/* /metrics, in Prometheus' text format: the counters of metrics.def as sums over all threads, then
 * families whose series are the rows of a SELECT. The columns of a SELECT but the last are the
 * labels. No label has a value that a client can choose: their number is bounded by the
 * configuration. */
#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/queue.h"
#include "proxy/admin/admin_private.h"

/* clang-format off */
static const struct family {
    const char *name, *type, *meaning, *sql;
} families[] = {
    {"build_info", "gauge", "The program; the value is always 1.", "SELECT version, 1 FROM gateway"},
    {"serving", "gauge", "1: clients may come; 0: the gateway drains.", "SELECT state = 'serving' FROM gateway"},
    {"workers", "gauge", "Threads that serve clients.", "SELECT workers FROM gateway"},
    {"config_generation", "gauge", "Generation of the configuration in force.", "SELECT generation FROM gateway"},
    {"project_statements_total", "counter", "Statements of sessions of the project.", "SELECT project, environment, statements FROM traffic"},
    {"project_forwarded_total", "counter", "Those of them that went to a frontend.", "SELECT project, environment, forwarded FROM traffic"},
    {"project_refused_total", "counter", "Those of them that the gateway refused.", "SELECT project, environment, refused FROM traffic"},
    {"project_failed_total", "counter", "Those of them that a frontend answered with an error, or that broke off.", "SELECT project, environment, failed FROM traffic"},
    {"project_rows_total", "counter", "Rows in results.", "SELECT project, environment, rows FROM traffic"},
    {"project_reply_bytes_total", "counter", "Bytes in replies of frontends.", "SELECT project, environment, bytes FROM traffic"},
    {"project_run_seconds_total", "counter", "Time that statements ran, in sum.", "SELECT project, environment, run_seconds FROM traffic"},
    {"project_queue_seconds_total", "counter", "Time that statements waited for a place and a connection, in sum.", "SELECT project, environment, queue_seconds FROM traffic"},
    {"project_sessions", "gauge", "Clients that have selected the project.", "SELECT name AS project, sessions FROM projects WHERE name IS NOT NULL"},
    {"project_running", "gauge", "Statements of the project that run.", "SELECT name AS project, running FROM projects WHERE name IS NOT NULL"},
    {"project_queued", "gauge", "Statements of the project that wait for a place.", "SELECT name AS project, queued FROM projects WHERE name IS NOT NULL"},
    {"project_paused", "gauge", "1: PAUSE PROJECT holds the project's statements back.", "SELECT name AS project, paused FROM projects WHERE name IS NOT NULL"},
    {"pool_connections", "gauge", "Connections of a compute source by what they do.",
     "SELECT source, 'lent' AS state, sum(lent) FROM pools GROUP BY 1 UNION ALL SELECT source, 'idle', sum(idle) FROM pools GROUP BY 1"
     " UNION ALL SELECT source, 'opening', sum(opening) FROM pools GROUP BY 1 UNION ALL SELECT source, 'ending', sum(ending) FROM pools GROUP BY 1"},
    {"pool_connections_max", "gauge", "pool.max_connections of a compute source.", "SELECT source, max(most) FROM pools GROUP BY 1"},
    {"pool_waiting", "gauge", "Statements that wait for a connection of a compute source.", "SELECT source, sum(waiting) FROM pools GROUP BY 1"},
    {"cluster_known", "gauge", "1: it is known what the cluster is.", "SELECT name AS cluster, frontends > 0 AND reason IS NULL FROM clusters"},
    {"cluster_connections", "gauge", "Connections to the cluster's frontends.", "SELECT name AS cluster, connections FROM clusters"},
    {"frontend_up", "gauge", "1: the frontend takes statements.", "SELECT cluster, frontend, health = 'up' FROM frontends"},
    {"frontend_leader", "gauge", "1: the frontend is the leader.", "SELECT cluster, frontend, leader FROM frontends"},
    {"frontend_connections", "gauge", "Connections to the frontend.", "SELECT cluster, frontend, sum(connections) FROM routes GROUP BY 1, 2"},
    {"frontend_busy", "gauge", "Connections to the frontend with a statement under way.", "SELECT cluster, frontend, sum(busy) FROM routes GROUP BY 1, 2"},
    {"frontend_ejected", "gauge", "1: a worker leaves the frontend out, for it could not be reached.", "SELECT cluster, frontend, max(ejected_ms > 0) FROM routes GROUP BY 1, 2"},
};
/* clang-format on */

enum { FAMILIES = sizeof(families) / sizeof(*families) };

void prometheus_survey(struct admin *a, struct survey *survey)
{
    for (size_t i = 0; i < FAMILIES; i++)
        sql_survey(a->sql, families[i].sql, survey);
}

/* ---- series ---- */

static void put_head(struct queue *body, const char *name, const char *suffix, const char *type,
                     const char *meaning)
{
    body_print(body, "# HELP starbind_%s%s %s\n# TYPE starbind_%s%s %s\n", name, suffix, meaning,
               name, suffix, type);
}

static void put_label(struct queue *body, struct slice name, const struct cell *value)
{
    queue_put(body, name);
    queue_put(body, SLICE("=\""));
    for (size_t i = 0; value->kind == CELL_TEXT && i < value->size; i++) {
        char c = value->text[i];
        if (c == '\n')
            queue_put(body, SLICE("\\n"));
        else if (c == '"' || c == '\\')
            queue_put(body, slice_make((char[]){'\\', c}, 2));
        else
            queue_put(body, slice_make(&c, 1));
    }
    queue_put(body, SLICE("\""));
}

struct series {
    struct queue *body;
    const char *name;
};

static void put_series(void *owner, struct sqlite3_stmt *statement)
{
    struct series *s = owner;
    size_t labels = sql_columns(statement) - 1;
    struct cell value = sql_cell(statement, labels);

    body_print(s->body, "starbind_%s%s", s->name, labels ? "{" : "");
    for (size_t i = 0; i < labels; i++) {
        struct cell label = sql_cell(statement, i);
        if (i)
            queue_put(s->body, SLICE(","));
        put_label(s->body, sql_column_name(statement, i), &label);
    }
    queue_put(s->body, labels ? SLICE("} ") : SLICE(" "));
    if (value.kind == CELL_NULL)
        queue_put(s->body, SLICE("0"));
    else
        json_put_cell(s->body, &value);
    queue_put(s->body, SLICE("\n"));
}

/* ---- counters of the threads ---- */

static void put_counters(const struct admin *a, struct queue *body)
{
    for (unsigned i = 0; i < METRICS; i++) {
        const struct metric_row *row = metric_row((enum metric)i);
        const char *suffix = row->is_gauge ? "" : "_total", *thread;
        const struct metrics *m;
        uint64_t sum = 0;
        for (size_t k = 0; (m = a->host.metrics(a->host.owner, k, &thread)); k++)
            sum += metric_read(m, (enum metric)i);
        put_head(body, row->name, suffix, row->is_gauge ? "gauge" : "counter", row->meaning);
        body_print(body, "starbind_%s%s %lld\n", row->name, suffix, (long long)sum);
    }
}

/* ---- how long statements took ---- */

static void put_histogram(struct queue *body, const char *name, const char *meaning,
                          const struct histogram *h)
{
    enum { FIRST = 256, BOUNDS = 10, STEP = 4 }; /* microseconds: 256 µs … 67 s */
    uint64_t bound = FIRST;

    put_head(body, name, "", "histogram", meaning);
    for (unsigned i = 0; i < BOUNDS; i++, bound *= STEP)
        body_print(body, "starbind_%s_bucket{le=\"%.9g\"} %llu\n", name, (double)bound / 1e6,
                   (unsigned long long)histogram_under(h, bound));
    body_print(body, "starbind_%s_bucket{le=\"+Inf\"} %llu\n", name, (unsigned long long)h->count);
    body_print(body, "starbind_%s_sum %.9g\nstarbind_%s_count %llu\n", name, (double)h->sum / 1e6,
               name, (unsigned long long)h->count);
}

static void put_times(const struct question *q, struct queue *body)
{
    struct histogram queue = {.count = 0}, run = {.count = 0};

    stats_sum(q->traffic, &queue, &run);
    put_histogram(body, "statement_queue_seconds",
                  "How long statements waited for a place and a connection.", &queue);
    put_histogram(body, "statement_run_seconds", "From the connection to the end of the reply.",
                  &run);
}

/* ---- the process, by the names that every program uses ---- */

/* With many descriptors that takes milliseconds, so it is not done for each visitor. */
static size_t count_files(struct admin *a)
{
    const millis fresh = 30000;
    millis now = loop_now(&a->loop);
    DIR *folder = NULL;

    if (!a->files || now - a->files_counted > fresh)
        folder = opendir("/proc/self/fd");
    if (!folder)
        return a->files;
    for (a->files = 0; readdir(folder); a->files++)
        ;
    closedir(folder);
    a->files = a->files > 3 ? a->files - 3 : 0; /* ".", ".." and the folder's own */
    a->files_counted = now;
    return a->files;
}

static unsigned long long resident(void)
{
    unsigned long long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");

    if (!file)
        return 0;
    if (fscanf(file, "%*u %llu", &pages) != 1)
        pages = 0;
    fclose(file);
    return pages * (unsigned long long)sysconf(_SC_PAGESIZE);
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static void put_process(struct admin *a, struct queue *body)
{
    struct rlimit files = {0, 0};
    struct rusage usage;

    getrlimit(RLIMIT_NOFILE, &files);
    getrusage(RUSAGE_SELF, &usage);
    body_print(body,
               "# HELP process_cpu_seconds_total User and system CPU time.\n"
               "# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total %.6f\n",
               seconds(usage.ru_utime) + seconds(usage.ru_stime));
    body_print(body,
               "# HELP process_resident_memory_bytes Resident memory.\n"
               "# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes %llu\n",
               resident());
    body_print(body,
               "# HELP process_open_fds Open file descriptors.\n"
               "# TYPE process_open_fds gauge\nprocess_open_fds %zu\n"
               "# HELP process_max_fds Most open file descriptors.\n"
               "# TYPE process_max_fds gauge\nprocess_max_fds %llu\n",
               count_files(a), (unsigned long long)files.rlim_cur);
    body_print(body,
               "# HELP process_start_time_seconds Start of the process.\n"
               "# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds %lld\n",
               (long long)a->started);
}

void prometheus_write(struct admin *a, const struct question *q, struct queue *body)
{
    put_counters(a, body);
    put_times(q, body);
    for (size_t i = 0; i < FAMILIES; i++) {
        const struct family *f = &families[i];
        struct series s = {.body = body, .name = f->name};
        put_head(body, f->name, "", f->type, f->meaning);
        sql_run(a->sql, f->sql, q, put_series, &s);
    }
    put_process(a, body);
}
