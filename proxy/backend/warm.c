/* Connections that are open before they are wanted, and those that have been open for too long.
 *
 * `pool.min_idle` counts over all workers: each keeps its share ready, of all pools. What does not
 * divide goes to another worker for each pool. Nothing is opened in advance while somebody misses
 * a connection, over a limit, or to a frontend that is not well. */
#include "proxy/backend/backend_private.h"

enum { WARM_INTERVAL = 1000 }; /* milliseconds */

size_t warm_share(const struct pool *pool)
{
    const struct pools *p = pool->pools;
    size_t count = pool->source->min_idle;

    return count / p->workers
           + ((p->worker + pool->source->index) % p->workers < count % p->workers);
}

/* A frontend that is up, lets the account in and is not left out for failures. */
static struct route *well(const struct pool *pool)
{
    const struct wish wish = {.shun = pool->refused_by};
    millis now = loop_now(pool->pools->loop);
    struct route *route = route_choose(pool_routes(pool), &wish, now);

    return route && routes_have_good(pool_routes(pool), now) && !(wish.shun & route_bit(route))
               ? route
               : NULL;
}

bool backend_is_old(const struct backend *b)
{
    const struct pools *p = b->pool->pools;

    return b->opened_at + p->config->settings.connection_lifetime_ms <= loop_now(p->loop);
}

/* The oldest makes way for its successor when its time has come: one at a time. */
static void retire_oldest(struct pool *pool)
{
    struct backend *oldest = NULL;

    list_each(&pool->idle, struct backend, link, b)
    {
        if (!oldest || b->opened_at < oldest->opened_at)
            oldest = b;
    }
    if (oldest && backend_is_old(oldest))
        backend_close(oldest);
}

static void warm(struct pool *pool)
{
    size_t share = warm_share(pool);
    struct route *route;

    if (pool->idle.count >= share)
        retire_oldest(pool);
    while (pool->idle.count + pool->working.count < share && !pool->waiters.count
           && !room_wanted(pool) && (route = well(pool)) && room_take(pool))
        pool_open_one(pool, route);
}

void pools_warm(struct pools *p)
{
    bool is_wanted = false;

    for (size_t i = 0; i < p->config->source_count && !p->is_closing; i++) {
        const struct compute_source *source = &p->config->sources[i];
        if (!source->min_idle)
            continue;
        is_wanted = true;
        if (pools_kind(p, source) != CLUSTER_UNKNOWN)
            warm(pool_of(p, source));
    }
    if (is_wanted && !p->is_closing)
        alarm_set(&p->warming, loop_now(p->loop) + WARM_INTERVAL);
}

void pool_sweep(struct pool *pool, millis since)
{
    size_t spare = pool->idle.count, share = warm_share(pool);

    spare = spare > share ? spare - share : 0;
    while (spare--) {
        struct backend *last = link_object(list_last(&pool->idle), struct backend, link);
        if (last->idle_since > since)
            break;
        backend_close(last);
    }
}
