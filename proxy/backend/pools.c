/* All pools of a worker: their frontends change, their configuration changes, they end. Who gets a
 * connection stands in pool.c. */
#include "proxy/backend/backend_private.h"

#include "base/memory.h"
#include "base/must.h"
#include "protocol/tls/crypto.h"

enum { IDLE_MAX = 600000, SWEEP_INTERVAL = 30000 }; /* milliseconds */

bool pools_have(const struct pools *p, const struct compute_source *source)
{
    return source->index < p->config->source_count && &p->config->sources[source->index] == source;
}

/* Pools that a reload has retired, and statements that were planned before it, stand on an earlier
 * configuration, whose places mean nothing in the current one. */
static const struct cluster_view *view_of(const struct pools *p, const struct cluster *cluster)
{
    static const struct cluster_view unknown = {.kind = CLUSTER_UNKNOWN};
    const struct config *c = p->config;

    if (cluster->index < c->cluster_count && &c->clusters[cluster->index] == cluster)
        return &p->topology->clusters[cluster->index];
    for (size_t i = 0; i < c->cluster_count; i++)
        if (cluster_is_same(&c->clusters[i], cluster))
            return &p->topology->clusters[i];
    return &unknown;
}

bool pool_is_hopeless(const struct pools *p, const struct compute_source *source, struct error *e)
{
    const struct cluster_view *view = view_of(p, source->cluster);
    const struct routes *routes = &p->routes[source->cluster->index];
    bool is_unknown = view->kind == CLUSTER_UNKNOWN && view->is_probed;

    if (!is_unknown && routes_have_other(routes, 0))
        return false;
    if (!is_unknown && routes_drain(routes))
        refuse(
            e, ERROR_UNREACHABLE,
            "starbind: the frontends of cluster '%.*s' are shutting down and take no new statement",
            SHOW(source->cluster->name));
    else
        refuse(e, ERROR_UNREACHABLE, "starbind: no frontend of cluster '%.*s' can be reached now",
               SHOW(source->cluster->name));
    return true;
}

static void sweep(void *owner)
{
    struct pools *p = owner;
    millis now = loop_now(p->loop);

    for (size_t i = 0; i < p->config->source_count; i++) {
        struct pool *pool = p->by_source[i];
        if (!pool)
            continue;
        pool->refused_by = 0; /* the account may be known there by now */
        pool_sweep(pool, now > IDLE_MAX ? now - IDLE_MAX : 0);
    }
    alarm_set(&p->sweep, now + SWEEP_INTERVAL);
}

static void warming(void *owner)
{
    pools_warm(owner);
}

/* Nothing rests on a frontend that takes no new work; who waits for an answer of one that is down
 * hears of it, in a turn of its own. */
static void leave_unusable(struct pool *pool)
{
    list_each(&pool->idle, struct backend, link, b)
    {
        if (!route_is_usable(b->route))
            backend_close(b);
    }
    list_each(&pool->lent, struct backend, link, b)
    {
        if (backend_is_deserted(b))
            alarm_set(&b->alarm, loop_now(pool->pools->loop));
    }
}

void pools_init(struct pools *p, struct loop *l, struct config *c, struct tallies *t, void *owner)
{
    *p = (struct pools){.loop = l,
                        .config = config_ref(c),
                        .tallies = tallies_ref(t),
                        .workers = 1,
                        .owner = owner};
    p->topology = topology_new(c);
    routes_open(p);
    p->by_source = memory_new(c->source_count, sizeof(*p->by_source));
    list_init(&p->retired);
    slab_init(&p->backends, sizeof(struct backend));
    templates_init(&p->templates);
    alarm_init(&p->sweep, l, p, sweep);
    alarm_set(&p->sweep, loop_now(l) + SWEEP_INTERVAL);
    alarm_init(&p->warming, l, p, warming);
}

void pools_set_topology(struct pools *p, struct topology *t)
{
    if (t->generation != p->config->generation) {
        topology_unref(t);
        return;
    }
    topology_unref(p->topology);
    p->topology = t;
    routes_refresh(p);
    for (size_t i = 0; i < p->config->source_count; i++) {
        struct pool *pool = p->by_source[i];
        struct error e;
        if (!pool)
            continue;
        leave_unusable(pool);
        if (pool_is_hopeless(p, pool->source, &e))
            pool_refuse(pool, &e);
        pool_serve(pool);
    }
    pools_warm(p);
}

/* The ones that have lain longest. */
static void give_up_idle(struct pool *pool)
{
    for (size_t count = room_wanted(pool); count && !list_is_empty(&pool->idle); count--)
        backend_close(link_object(list_last(&pool->idle), struct backend, link));
}

void pools_room(struct pools *p, const struct tally *cluster)
{
    for (size_t i = 0; i < p->config->source_count && !p->is_closing; i++) {
        struct pool *pool = p->by_source[i];
        if (!pool || pool->cluster != cluster)
            continue;
        if (list_is_empty(&pool->waiters))
            give_up_idle(pool);
        else
            pool_serve(pool);
    }
}

struct learnt *pools_learnt(const struct pools *p, const struct cluster *cluster)
{
    return view_of(p, cluster)->learnt;
}

enum cluster_kind pools_kind(const struct pools *p, const struct compute_source *source)
{
    return view_of(p, source->cluster)->kind;
}

/* ---- a new configuration ---- */

static void pool_free(struct pool *pool)
{
    config_unref(pool->held);
    tls_context_unref(pool->tls);
    crypto_default()->public_key_free(pool->public_key);
    free(pool);
}

void pool_released(struct pool *pool)
{
    if (--pool->open || !pool->held)
        return;
    list_remove(&pool->pools->retired, &pool->link);
    pool_free(pool);
}

static void close_all(struct list *list)
{
    list_each(list, struct backend, link, b)
    {
        backend_close(b);
    }
}

static void retire(struct pool *pool, struct config *held)
{
    struct error e;

    refuse(
        &e, ERROR_UNREACHABLE,
        "starbind: the configuration of this project has just changed; send the statement again");
    pool->held = config_ref(held);
    list_push_back(&pool->pools->retired, &pool->link);
    room_want(pool, 0);
    pool_refuse(pool, &e);
    pool->open++; /* so that closing the last one does not free the pool under us */
    close_all(&pool->idle);
    close_all(&pool->working);
    pool_released(pool);
}

void pool_take_context(struct pool *pool)
{
    const struct contexts *all = pool->pools->contexts;
    struct tls_context *next = all ? all->clusters[pool->source->cluster->index] : NULL;

    tls_context_ref(next);
    tls_context_unref(pool->tls);
    pool->tls = next;
}

static bool keeps_connections(const struct compute_source *a, const struct compute_source *b)
{
    return cluster_is_same(a->cluster, b->cluster) && slice_equal(a->database, b->database)
           && tls_is_same(&a->cluster->tls, &b->cluster->tls)
           && slice_equal(a->cluster->public_key_pem, b->cluster->public_key_pem)
           && slice_equal(a->account.username, b->account.username)
           && slice_equal(secret_bytes(&a->account.password), secret_bytes(&b->account.password));
}

/* Pools go to the same source's place in `after`; what is left in `before` has none. */
static void carry_pools(struct pools *p, const struct config *c, const struct tallies *t,
                        struct pool **before, struct pool **after)
{
    struct map names;

    map_init(&names, MAP_EXACT);
    for (size_t i = 0; i < c->source_count; i++)
        map_put(&names, c->sources[i].name, &c->sources[i]);
    for (size_t i = 0; i < p->config->source_count; i++) {
        struct pool *pool = before[i];
        const struct compute_source *same = pool ? map_find(&names, pool->source->name) : NULL;
        if (!same || !keeps_connections(pool->source, same))
            continue;
        pool->source = same;
        pool_take_context(pool);
        room_move(pool, t->at[LIMIT_CLUSTER][same->cluster->index],
                  pool->working.count + pool->idle.count + pool->lent.count + pool->ending.count);
        after[same->index] = pool;
        before[i] = NULL;
    }
    map_fini(&names);
}

void pools_reconfigure(struct pools *p, struct config *c, const struct contexts *contexts,
                       struct tallies *t)
{
    struct pool **before = p->by_source, **after = memory_new(c->source_count, sizeof(*after));
    struct config *old = p->config;
    struct topology *topology = topology_carry(c, old, p->topology);

    p->contexts = contexts;
    routes_carry(p, c);
    carry_pools(p, c, t, before, after);
    topology_unref(p->topology);
    p->topology = topology;
    p->config = config_ref(c);
    p->by_source = after;
    tallies_unref(p->tallies);
    p->tallies = tallies_ref(t);
    routes_refresh(p);
    for (size_t i = 0; i < old->source_count; i++)
        if (before[i])
            retire(before[i], old);
    free(before);
    config_unref(old);
    for (size_t i = 0; i < c->source_count; i++)
        if (after[i])
            pool_serve(after[i]); /* limits may have risen */
    pools_warm(p);
}

/* ---- the end ---- */

void pools_close(struct pools *p, void (*closed)(void *owner))
{
    p->is_closing = true;
    p->closed = closed;
    alarm_close(&p->sweep, NULL);
    alarm_close(&p->warming, NULL);
    for (size_t i = 0; i < p->config->source_count; i++) {
        if (!p->by_source[i])
            continue;
        close_all(&p->by_source[i]->idle);
        close_all(&p->by_source[i]->working);
    }
    if (p->open == 0)
        closed(p->owner);
}

void pools_fini(struct pools *p)
{
    must(p->open == 0 && list_is_empty(&p->retired));
    for (size_t i = 0; i < p->config->source_count; i++)
        if (p->by_source[i])
            pool_free(p->by_source[i]);
    free(p->by_source);
    routes_close(p);
    topology_unref(p->topology);
    tallies_unref(p->tallies);
    config_unref(p->config);
    slab_fini(&p->backends);
    templates_fini(&p->templates);
}
