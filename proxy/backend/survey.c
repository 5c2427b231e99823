/* The pools of one worker, their connections and how its frontends fare, as rows for the admin
 * threads. */
#include "base/rows.h"
#include "proxy/backend/backend_private.h"

static const struct slice none = {NULL, 0};

static const char *const phases[] = {
    [BACKEND_DIALS] = "dials",   [BACKEND_ENCRYPTS] = "encrypts", [BACKEND_LOGS_IN] = "logs in",
    [BACKEND_CHECKS] = "checks", [BACKEND_RUNS] = "runs",         [BACKEND_IDLE] = "idle",
    [BACKEND_LENT] = "lent",     [BACKEND_ENDS] = "ends",         [BACKEND_CLOSES] = "closes",
};

static void put_pool(struct rows *r, const struct pool *pool)
{
    const struct compute_source *source = pool->source;

    row_text(r, source->name);
    row_constant(r, pool->pools->loop->name);
    row_text(r, source->cluster->name);
    row_constant(r, source->pool_mode == POOL_SESSION ? "session" : "transaction");
    row_integer(r, (int64_t)pool->lent.count);
    row_integer(r, (int64_t)pool->idle.count);
    row_integer(r, (int64_t)pool->working.count);
    row_integer(r, (int64_t)pool->ending.count);
    row_integer(r, (int64_t)pool->waiters.count);
    row_integer(r, pool->wanted);
    row_integer(r, source->max_connections);
    row_integer(r, pool->held != NULL);
    row_end(r);
}

static int64_t seconds_since(const struct backend *b, millis when)
{
    return (int64_t)((loop_now(b->pool->pools->loop) - when) / 1000);
}

/* NULL for zero. */
static void put_number(struct rows *r, uint32_t number)
{
    if (number)
        row_integer(r, number);
    else
        row_null(r);
}

static void put_backend(struct rows *r, const struct backend *b)
{
    row_text(r, backend_source(b)->name);
    row_constant(r, b->pool->pools->loop->name);
    row_address(r, b->route ? backend_endpoint(b)->host : none,
                b->route ? backend_endpoint(b)->port : 0);
    put_number(r, b->connection_id);
    row_constant(r, phases[b->phase]);
    put_number(r, b->last_borrower);
    row_integer(r, b->is_busy);
    row_integer(r, seconds_since(b, b->opened_at));
    if (b->phase == BACKEND_IDLE)
        row_integer(r, seconds_since(b, b->idle_since));
    else
        row_null(r);
    row_integer(r, (int64_t)b->carried.count);
    row_integer(r, (int64_t)b->statements.known.count);
    row_constant(r, b->server.is_secured ? stream_about(&b->server, NULL).version : NULL);
    row_end(r);
}

static void put_list(struct rows *r, const struct list *list)
{
    list_each(list, struct backend, link, b)
    {
        put_backend(r, b);
    }
}

static void put_all(const struct pool *pool, struct rows *pools, struct rows *backends)
{
    if (pools)
        put_pool(pools, pool);
    if (!backends)
        return;
    put_list(backends, &pool->working);
    put_list(backends, &pool->idle);
    put_list(backends, &pool->lent);
    put_list(backends, &pool->errands);
    put_list(backends, &pool->ending);
}

static void put_route(struct rows *r, const struct pools *p, const struct cluster *cluster,
                      const struct route *route)
{
    millis now = loop_now(p->loop), until = atomic_load(&route->traffic->out_until);

    row_text(r, cluster->name);
    row_address(r, route->at.query.host, route->at.query.port);
    row_constant(r, p->loop->name);
    row_integer(r, (int64_t)route->connections);
    row_integer(r, (int64_t)route->lent);
    row_integer(r, (int64_t)route->busy);
    row_integer(r, until > now ? (int64_t)(until - now) : 0);
    row_integer(r, atomic_load(&route->traffic->times_out));
    row_end(r);
}

static void put_routes(struct rows *r, const struct pools *p)
{
    for (size_t i = 0; i < p->config->cluster_count; i++)
        list_each(&p->routes[i].all, struct route, link, route)
        {
            put_route(r, p, &p->config->clusters[i], route);
        }
}

void pools_survey(const struct pools *p, struct rowset *set)
{
    struct rows *pools = rowset_wants(set, TABLE_pools);
    struct rows *backends = rowset_wants(set, TABLE_backends);
    struct rows *routes = rowset_wants(set, TABLE_routes);

    if (routes)
        put_routes(routes, p);
    if (!pools && !backends)
        return;
    for (size_t i = 0; i < p->config->source_count; i++)
        if (p->by_source[i])
            put_all(p->by_source[i], pools, backends);
    list_each(&p->retired, struct pool, link, pool)
    {
        put_all(pool, pools, backends);
    }
}
