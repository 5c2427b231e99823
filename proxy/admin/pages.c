/* The pages: what each reads, and how it is written.
 *
 *   /              the status page, which asks for /status.json again and again
 *   /health        200 while every thread answers
 *   /ready         200 while clients may come
 *   /metrics       for Prometheus
 *   /tables        names of the tables; /tables/NAME: its rows */
#include "base/queue.h"
#include "proxy/admin/admin_private.h"

enum page_number {
    PAGE_STATUS,
    PAGE_HEALTH,
    PAGE_READY,
    PAGE_METRICS,
    PAGE_FIGURES,
    PAGE_TABLES,
    PAGE_TABLE,
    PAGES
};

struct page {
    const char *path; /* one that ends in '/' stands for all below it */
    struct slice type;
    bool is_open; /* also without the token: it tells a load balancer yes or no */
};

#define TEXT_PLAIN SLICE("text/plain; charset=utf-8")
#define JSON       SLICE("application/json")

/* clang-format off */
static const struct page pages[PAGES] = {
    [PAGE_STATUS]  = {"/",            {"text/html; charset=utf-8", 24}, false},
    [PAGE_HEALTH]  = {"/health",      {"text/plain; charset=utf-8", 25}, true},
    [PAGE_READY]   = {"/ready",       {"text/plain; charset=utf-8", 25}, true},
    [PAGE_METRICS] = {"/metrics",     {"text/plain; version=0.0.4; charset=utf-8", 40}, false},
    [PAGE_FIGURES] = {"/status.json", {"application/json", 16}, false},
    [PAGE_TABLES]  = {"/tables",      {"application/json", 16}, false},
    [PAGE_TABLE]   = {"/tables/",     {"application/json", 16}, false},
};

/* What the status page shows, one member of /status.json each. */
static const struct {
    const char *name, *sql;
} figures[] = {
    {"gateway", "SELECT * FROM gateway"},
    {"totals", "SELECT name, sum(value) AS value FROM metrics GROUP BY name"},
    {"traffic", "SELECT * FROM traffic ORDER BY statements DESC LIMIT 50"},
    {"projects", "SELECT name, kind, prod, dev, paused, sessions, running, queued FROM projects WHERE name IS NOT NULL"
                 " ORDER BY running DESC, sessions DESC, name LIMIT 100"},
    {"pools", "SELECT p.source, max(p.cluster) AS cluster, sum(p.lent) AS lent, sum(p.idle) AS idle, sum(p.opening) AS opening,"
              " sum(p.waiting) AS waiting, max(p.most) AS most, b.project, b.environment"
              " FROM pools p LEFT JOIN bindings b ON b.source = p.source GROUP BY p.source, b.name ORDER BY lent DESC, idle DESC LIMIT 100"},
    {"frontends", "SELECT f.cluster, f.frontend, f.health, f.leader, f.reason, sum(r.connections) AS connections, sum(r.busy) AS busy"
                  " FROM frontends f LEFT JOIN routes r ON r.frontend = f.frontend AND r.cluster = f.cluster"
                  " GROUP BY f.cluster, f.frontend ORDER BY f.cluster, f.frontend LIMIT 200"},
    {"clusters", "SELECT * FROM clusters LIMIT 100"},
    {"queues", "SELECT project, environment, waits_for, count(*) AS waiting, max(seconds) AS longest FROM queues"
               " GROUP BY 1, 2, 3 ORDER BY waiting DESC LIMIT 50"},
    {"digests", "SELECT project, environment, user, statement, rule, digest, count, failed, refused, rows, run_seconds, run_p50_ms,"
                " run_p99_ms, queue_p99_ms FROM digests ORDER BY run_seconds DESC LIMIT 20"},
    {"denials", "SELECT * FROM denials ORDER BY time DESC LIMIT 20"},
};
/* clang-format on */

enum { FIGURES = sizeof(figures) / sizeof(*figures) };

const struct page *page_find(struct slice path, struct slice *rest)
{
    for (size_t i = 0; i < PAGES; i++) {
        struct slice own = slice_of(pages[i].path);
        bool has_more = i == PAGE_TABLE && slice_starts_with(path, own) && path.size > own.size;
        *rest = has_more ? slice_after(path, own.size) : (struct slice){0};
        if (has_more ? table_find(*rest) != TABLES : slice_equal(path, own) && i != PAGE_TABLE)
            return &pages[i];
    }
    return NULL;
}

bool page_is_open(const struct page *p)
{
    return p->is_open;
}

struct slice page_type(const struct page *p)
{
    return p->type;
}

/* ---- what is read ---- */

static void want_all(struct survey *survey, enum table t)
{
    survey->wanted[t] = UINT64_MAX;
}

bool page_survey(struct admin *a, const struct view_request *v, struct survey *survey)
{
    switch ((enum page_number)(v->page - pages)) {
    case PAGE_METRICS:
        prometheus_survey(a, survey);
        return true;
    case PAGE_FIGURES:
        for (size_t i = 0; i < FIGURES; i++)
            sql_survey(a->sql, figures[i].sql, survey);
        return true;
    case PAGE_TABLE:
        want_all(survey, v->table);
        return true;
    case PAGE_READY:
        want_all(survey, TABLE_clusters);
        return true;
    case PAGE_HEALTH: /* of nothing: a sign of life */
        return true;
    default:
        return false;
    }
}

/* ---- /health, /ready ---- */

static unsigned write_health(bool is_whole, struct queue *body)
{
    body_print(body, is_whole ? "ok\n" : "a worker does not answer\n");
    return is_whole ? 200 : 503;
}

/* A gateway that can reach none of its clusters is of no use to a client; one of several is. */
static const char *why_not_ready(struct admin *a, const struct question *q)
{
    const struct rows *r = &q->own->of[TABLE_clusters];
    size_t up = table_column_at(TABLE_clusters, "up");

    if (a->host.is_draining(a->host.owner))
        return "draining";
    for (size_t i = 0; i < r->count; i++)
        if (rows_cell(r, i, up)->integer > 0)
            return NULL;
    return r->count ? "no frontend can be reached" : NULL;
}

static unsigned write_ready(struct admin *a, const struct question *q, struct queue *body)
{
    const char *why = why_not_ready(a, q);

    body_print(body, "%s\n", why ? why : "ready");
    return why ? 503 : 200;
}

/* ---- tables ---- */

struct list_writer {
    struct queue *body;
    bool has_one;
};

static void write_row(void *owner, struct sqlite3_stmt *statement)
{
    struct list_writer *w = owner;
    size_t count = sql_columns(statement);

    body_print(w->body, w->has_one ? ",\n{" : "\n{");
    w->has_one = true;
    for (size_t i = 0; i < count; i++) {
        struct cell c = sql_cell(statement, i);
        if (i)
            queue_put(w->body, SLICE(", "));
        json_put_text(w->body, sql_column_name(statement, i));
        queue_put(w->body, SLICE(": "));
        json_put_cell(w->body, &c);
    }
    queue_put(w->body, SLICE("}"));
}

static void write_rows(struct admin *a, const char *sql, const struct question *q,
                       struct queue *body)
{
    struct list_writer w = {.body = body};

    queue_put(body, SLICE("["));
    sql_run(a->sql, sql, q, write_row, &w);
    queue_put(body, SLICE("]"));
}

static void write_table(struct admin *a, const struct view_request *v, const struct question *q,
                        bool is_whole, struct queue *body)
{
    char sql[128];

    snprintf(sql, sizeof(sql), "SELECT * FROM \"%s\" LIMIT %zu", table_name(v->table), v->limit);
    body_print(body, "{\"table\": \"%s\", \"complete\": %s, \"rows\": ", table_name(v->table),
               is_whole ? "true" : "false");
    write_rows(a, sql, q, body);
    queue_put(body, SLICE("}\n"));
}

static void write_names(struct queue *body)
{
    queue_put(body, SLICE("{\"tables\": ["));
    for (unsigned t = 0; t < TABLES; t++) {
        body_print(body, "%s\n{\"name\": \"%s\", \"meaning\": ", t ? "," : "",
                   table_name((enum table)t));
        json_put_text(body, slice_of(table_meaning((enum table)t)));
        queue_put(body, SLICE("}"));
    }
    queue_put(body, SLICE("]}\n"));
}

static void write_figures(struct admin *a, const struct question *q, bool is_whole,
                          struct queue *body)
{
    body_print(body, "{\"complete\": %s", is_whole ? "true" : "false");
    for (size_t i = 0; i < FIGURES; i++) {
        body_print(body, ",\n\"%s\": ", figures[i].name);
        write_rows(a, figures[i].sql, q, body);
    }
    queue_put(body, SLICE("}\n"));
}

unsigned page_write(struct admin *a, const struct view_request *v, const struct question *q,
                    bool is_whole, struct queue *body)
{
    switch ((enum page_number)(v->page - pages)) {
    case PAGE_STATUS:
        status_page_write(v->nonce, body);
        break;
    case PAGE_HEALTH:
        return write_health(is_whole, body);
    case PAGE_READY:
        return write_ready(a, q, body);
    case PAGE_METRICS:
        prometheus_write(a, q, body);
        break;
    case PAGE_FIGURES:
        write_figures(a, q, is_whole, body);
        break;
    case PAGE_TABLES:
        write_names(body);
        break;
    case PAGE_TABLE:
        write_table(a, v, q, is_whole, body);
        break;
    case PAGES:
        break;
    }
    return 200;
}
