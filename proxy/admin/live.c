/* Rows of what this thread can see by itself: the process, clusters and frontends, limits,
 * counters, the log, and the tables themselves. */
#include <unistd.h>

#include "base/log.h"
#include "base/logtail.h"
#include "proxy/admin/admin_private.h"

static const struct slice none = {NULL, 0};

static void put_gateway(struct rows *r, const struct admin *a)
{
    row_constant(r, STARBIND_VERSION);
    row_integer(r, getpid());
    row_constant(r, a->host.is_draining(a->host.owner) ? "draining" : "serving");
    row_time(r, a->started);
    row_integer(r, time(NULL) - a->started);
    row_text(r, a->config->path);
    row_integer(r, (int64_t)a->config->generation);
    row_time(r, a->configured);
    row_integer(r, (int64_t)a->host.workers);
    row_integer(r, (int64_t)a->config->project_count);
    row_integer(r, (int64_t)a->config->user_count);
    row_constant(r, log_level_name(log_level_now()));
    row_end(r);
}

/* ---- clusters ---- */

/* NULL while the control thread has not heard of this configuration yet. */
static const struct cluster_view *view_of(const struct admin *a, size_t cluster)
{
    bool is_current = a->topology && a->topology->generation == a->config->generation;

    return is_current ? &a->topology->clusters[cluster] : NULL;
}

static int64_t count_up(const struct cluster_view *view)
{
    int64_t count = 0;

    for (size_t i = 0; view && i < view->count; i++)
        count += view->frontends[i].health == FRONTEND_UP;
    return count;
}

static void put_clusters(struct rows *r, const struct admin *a)
{
    for (size_t i = 0; i < a->config->cluster_count; i++) {
        const struct cluster *cluster = &a->config->clusters[i];
        const struct cluster_view *view = view_of(a, i);
        const struct tally *t = a->tallies->at[LIMIT_CLUSTER][i];
        row_text(r, cluster->name);
        row_constant(r, cluster_kind_name(view ? view->kind : CLUSTER_UNKNOWN));
        row_integer(r, view ? (int64_t)view->count : 0);
        row_integer(r, view && view->kind != CLUSTER_UNKNOWN ? count_up(view) : 0);
        row_integer(r, atomic_load_explicit(&t->open, memory_order_relaxed));
        row_integer(r, cluster->limits.max_connections);
        row_text(r, view && *view->reason ? slice_of(view->reason) : none);
        row_end(r);
    }
}

static void put_frontend(struct rows *r, const struct cluster *cluster, const struct frontend *f)
{
    row_text(r, cluster->name);
    row_address(r, f->query.host, f->query.port);
    row_address(r, f->http.host, f->http.port);
    if (f->number)
        row_integer(r, f->number);
    else
        row_null(r);
    row_constant(r, frontend_health_name(f->health));
    row_integer(r, f->is_leader);
    row_text(r, f->health == FRONTEND_UP ? none : slice_of(f->reason));
    row_end(r);
}

static void put_frontends(struct rows *r, const struct admin *a)
{
    for (size_t i = 0; i < a->config->cluster_count; i++) {
        const struct cluster_view *view = view_of(a, i);
        for (size_t k = 0; view && k < view->count; k++)
            put_frontend(r, &a->config->clusters[i], &view->frontends[k]);
    }
}

/* ---- limits ---- */

static void put_count(struct rows *r, const atomic_uint *number)
{
    row_integer(r, atomic_load_explicit(number, memory_order_relaxed));
}

static void put_tally(struct rows *r, const struct tally *t)
{
    row_constant(r, limit_level_name(t->level));
    row_text(r, slice_of(t->name));
    put_count(r, &t->sessions);
    put_count(r, &t->running);
    put_count(r, &t->queued);
    put_count(r, &t->open);
    put_count(r, &t->wanted);
    put_count(r, &t->max_connections);
    put_count(r, &t->max_concurrent_queries);
    put_count(r, &t->max_queued);
    put_count(r, &t->max_query_seconds);
    row_end(r);
}

static void put_limits(struct rows *r, const struct admin *a)
{
    const struct config *c = a->config;
    const size_t counts[LIMIT_LEVELS] = {[LIMIT_USER] = c->user_count,
                                         [LIMIT_PROJECT] = c->project_count,
                                         [LIMIT_SOURCE] = c->source_count,
                                         [LIMIT_CLUSTER] = c->cluster_count};

    for (unsigned level = 0; level < LIMIT_LEVELS; level++)
        for (size_t i = 0; i < counts[level]; i++)
            put_tally(r, a->tallies->at[level][i]);
}

/* ---- counters, log, tables ---- */

static void put_metrics(struct rows *r, const struct admin *a)
{
    const struct metrics *m;
    const char *thread;

    for (size_t k = 0; (m = a->host.metrics(a->host.owner, k, &thread)); k++)
        for (unsigned i = 0; i < METRICS; i++) {
            const struct metric_row *row = metric_row((enum metric)i);
            row_constant(r, row->name);
            row_text(r, slice_of(thread));
            row_constant(r, row->is_gauge ? "gauge" : "counter");
            row_integer(r, (int64_t)metric_read(m, (enum metric)i));
            row_constant(r, row->meaning);
            row_end(r);
        }
}

static void put_line(void *rows, uint64_t number, struct slice line)
{
    struct rows *r = rows;

    row_integer(r, (int64_t)number);
    row_text(r, line);
    row_end(r);
}

static void put_tables(struct rows *r)
{
    for (unsigned t = 0; t < TABLES; t++) {
        row_constant(r, table_name((enum table)t));
        row_constant(r, table_meaning((enum table)t));
        row_end(r);
    }
}

static void put_columns(struct rows *r)
{
    static const char *const types[] = {
        [CELL_INTEGER] = "INTEGER", [CELL_REAL] = "REAL", [CELL_TEXT] = "TEXT"};

    for (unsigned t = 0; t < TABLES; t++) {
        size_t count;
        const struct table_column *columns = table_columns((enum table)t, &count);
        for (size_t i = 0; i < count; i++) {
            row_constant(r, table_name((enum table)t));
            row_constant(r, columns[i].name);
            row_constant(r, types[columns[i].kind]);
            row_constant(r, columns[i].meaning);
            row_end(r);
        }
    }
}

void live_fill(const struct admin *a, struct rowset *set)
{
    struct rows *r;

    if ((r = rowset_wants(set, TABLE_gateway)))
        put_gateway(r, a);
    if ((r = rowset_wants(set, TABLE_clusters)))
        put_clusters(r, a);
    if ((r = rowset_wants(set, TABLE_frontends)))
        put_frontends(r, a);
    if ((r = rowset_wants(set, TABLE_limits)))
        put_limits(r, a);
    if ((r = rowset_wants(set, TABLE_metrics)))
        put_metrics(r, a);
    if ((r = rowset_wants(set, TABLE_log)))
        logtail_walk(put_line, r);
    if ((r = rowset_wants(set, TABLE_tables)))
        put_tables(r);
    if ((r = rowset_wants(set, TABLE_columns)))
        put_columns(r);
}
