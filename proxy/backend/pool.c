/* Who gets a connection: one pool per compute source and worker, waiters in order of arrival.
 *
 * Limits count over all workers (room.c). A connection that comes back while another worker, or
 * another source of a full cluster, waits for one is closed rather than kept. */
#include "proxy/backend/backend_private.h"

#include "base/memory.h"
#include "base/must.h"

enum { IDLE_MAX = 600000, SWEEP_INTERVAL = 30000 }; /* milliseconds */

static const struct cluster_view *view_of(const struct pools *p,
                                          const struct compute_source *source)
{
    return &p->topology->clusters[source->cluster->index];
}

/* The only way from list to list; NULL takes it out of all. The front of the idle list is the
 * connection used last. */
static void move(struct backend *b, struct list *to)
{
    if (b->listed)
        list_remove(b->listed, &b->link);
    b->listed = to;
    if (to)
        list_push_front(to, &b->link);
}

/* ---- granting ---- */

static void grant(struct borrower *waiter, struct backend *b, const struct error *e)
{
    list_remove(&waiter->pool->waiters, &waiter->link);
    waiter->pool = NULL;
    if (b) {
        b->phase = BACKEND_LENT;
        move(b, &b->pool->lent);
        backend_listen(b, waiter->owner, waiter->notify);
    }
    waiter->granted(waiter->owner, b, e);
}

static struct borrower *first_waiter(const struct pool *pool)
{
    struct link *first = list_first(&pool->waiters);

    return first ? link_object(first, struct borrower, link) : NULL;
}

static void refuse_waiters(struct pool *pool, const struct error *e)
{
    size_t count = pool->waiters.count; /* those who ask again meanwhile are not refused here */

    while (count-- && !list_is_empty(&pool->waiters))
        grant(first_waiter(pool), NULL, e);
}

/* ---- opening ---- */

static size_t missing(const struct pool *pool)
{
    return pool->waiters.count > pool->working.count ? pool->waiters.count - pool->working.count
                                                     : 0;
}

static void use_idle(struct pool *pool, struct backend *b)
{
    if (b->needs_reset) {
        move(b, &pool->working);
        backend_reset(b);
    } else {
        grant(first_waiter(pool), b, NULL);
    }
}

static void open_one(struct pool *pool, struct route *route)
{
    route->connections++;
    move(backend_open(pool, route), &pool->working);
}

/* One more connection for the waiters; false when none is idle and there is no room for another. */
static bool serve_one(struct pool *pool)
{
    static const struct wish any;
    struct choice choice = pool_choose(pool, &any);

    if (choice.open && room_take(pool)) {
        open_one(pool, choice.open);
        return true;
    }
    if (choice.idle)
        use_idle(pool, choice.idle);
    return choice.idle || (choice.open && room_want(pool, missing(pool)));
}

/* Sees to it that as many connections are on their way as there are waiters. */
static void serve(struct pool *pool)
{
    if (pool->pools->is_closing || pool->held
        || view_of(pool->pools, pool->source)->kind == CLUSTER_UNKNOWN)
        return;
    while (missing(pool))
        if (!serve_one(pool))
            return;
    room_want(pool, 0);
}

/* ---- what backends report ---- */

void pool_ready(struct backend *b)
{
    struct pool *pool = b->pool;

    pool->refusals = 0;
    if (list_is_empty(&pool->waiters)) {
        b->phase = BACKEND_IDLE;
        b->idle_since = loop_now(pool->pools->loop);
        move(b, &pool->idle);
    } else {
        grant(first_waiter(pool), b, NULL);
    }
}

/* Nobody waits for what has just failed on every frontend; pool_gone serves the others anew. */
void pool_failed(struct backend *b, enum failure what, const struct error *e)
{
    struct pool *pool = b->pool;
    struct pools *pools = pool->pools;
    struct routes *routes = pool_routes(pool);
    millis now = loop_now(pools->loop);
    bool is_over = false;

    if (what == FAILURE_STALE)
        return;
    if (pools->hurry)
        pools->hurry(pools->owner, pool->source->cluster->index);
    if (what == FAILURE_ACCOUNT) {
        is_over = ++pool->refusals >= routes->all.count;
    } else {
        if (route_failed(routes, b->route, now))
            metric_add(&pools->loop->metrics, METRIC_frontends_ejected, 1);
        is_over = !routes_have_good(routes, now);
    }
    if (!is_over)
        return;
    pool->refusals = 0;
    refuse_waiters(pool, e);
}

void pool_gone(struct backend *b)
{
    struct pool *pool = b->pool;

    move(b, NULL);
    if (b->errand[0])
        return; /* was never counted */
    b->route->connections--;
    room_give(pool);
    serve(pool);
}

/* ---- the borrower's side ---- */

static struct pool *pool_of(struct pools *p, const struct compute_source *source)
{
    struct pool **slot = &p->by_source[source->index];

    if (!*slot) {
        struct pool *pool = memory_new(1, sizeof(*pool));
        pool->pools = p;
        pool->number = ++p->pool_count;
        pool->source = source;
        pool->tally = p->tallies->at[LIMIT_SOURCE][source->index];
        pool->cluster = p->tallies->at[LIMIT_CLUSTER][source->cluster->index];
        link_init(&pool->link);
        list_init(&pool->working);
        list_init(&pool->idle);
        list_init(&pool->lent);
        list_init(&pool->errands);
        list_init(&pool->waiters);
        *slot = pool;
    }
    return *slot;
}

/* A cluster that was probed and let nobody in will not do so within this client's patience. */
static bool is_hopeless(const struct pools *p, const struct compute_source *source, struct error *e)
{
    const struct cluster_view *view = view_of(p, source);
    bool is_unknown = view->kind == CLUSTER_UNKNOWN && view->is_probed;

    if (!is_unknown && !routes_are_down(&p->routes[source->cluster->index]))
        return false;
    refuse(e, ERROR_UNREACHABLE, "starbind: no frontend of cluster '%.*s' can be reached now",
           SHOW(source->cluster->name));
    return true;
}

void pool_lend(struct pools *p, const struct compute_source *source, struct borrower *b)
{
    struct pool *pool = pool_of(p, source);
    struct error e;

    must(!b->pool && &p->config->sources[source->index] == source);
    b->pool = pool;
    link_init(&b->link);
    list_push_back(&pool->waiters, &b->link);
    if (is_hopeless(p, source, &e)) {
        if (p->hurry)
            p->hurry(p->owner, source->cluster->index);
        grant(b, NULL, &e);
        return;
    }
    serve(pool);
}

const struct tally *pool_blocked_by(const struct borrower *b)
{
    return b->pool ? b->pool->blocked_by : NULL;
}

void pool_forget(struct borrower *b)
{
    struct pool *pool = b->pool;

    if (!pool)
        return;
    list_remove(&pool->waiters, &b->link);
    b->pool = NULL;
    room_want(pool, missing(pool));
}

/* User variables outlive COM_RESET_CONNECTION on a StarRocks (facts/fe-session.md, section 10). */
static bool can_be_cleaned(const struct backend *b)
{
    return b->server.is_open && b->server.in.size == 0 && b->server.out.size == 0
           && !state_has_user_variables(&b->carried) && !known_is_worn(b);
}

void pool_return(struct backend *b, bool is_clean)
{
    struct pool *pool = b->pool;

    must(b->phase == BACKEND_LENT);
    move(b, NULL);
    backend_set_busy(b, false);
    b->notify = NULL;
    b->owner = NULL;
    if (!is_clean || !can_be_cleaned(b) || !route_is_usable(b->route) || pool->pools->is_closing
        || pool->held || (list_is_empty(&pool->waiters) && room_wanted(pool))) {
        backend_close(b);
        return;
    }
    b->phase = BACKEND_IDLE;
    b->needs_reset = true;
    b->idle_since = loop_now(pool->pools->loop);
    known_flush(b);
    move(b, &pool->idle);
    serve(pool);
}

void pool_kill(const struct backend *b)
{
    struct pool *pool = b->pool;
    char statement[sizeof(b->errand)];

    if (pool->pools->is_closing)
        return;
    snprintf(statement, sizeof(statement), "KILL QUERY %u", b->connection_id);
    move(backend_send(pool, b->route, statement), &pool->errands);
}

/* ---- all pools of a worker ---- */

static void close_idle(struct pool *pool, millis since)
{
    list_each(&pool->idle, struct backend, link, b)
    {
        if (b->idle_since <= since)
            backend_close(b);
    }
}

static void sweep(void *owner)
{
    struct pools *p = owner;
    millis now = loop_now(p->loop);

    for (size_t i = 0; i < p->config->source_count; i++)
        if (p->by_source[i] && now > IDLE_MAX)
            close_idle(p->by_source[i], now - IDLE_MAX);
    alarm_set(&p->sweep, now + SWEEP_INTERVAL);
}

/* Nothing rests on a frontend that takes no new work. */
static void leave_unusable(struct pool *pool)
{
    list_each(&pool->idle, struct backend, link, b)
    {
        if (!route_is_usable(b->route))
            backend_close(b);
    }
}

void pools_init(struct pools *p, struct loop *l, struct config *c, struct tallies *t, void *owner)
{
    *p = (struct pools){
        .loop = l, .config = config_ref(c), .tallies = tallies_ref(t), .owner = owner};
    p->topology = topology_new(c);
    routes_open(p);
    p->by_source = memory_new(c->source_count, sizeof(*p->by_source));
    list_init(&p->retired);
    slab_init(&p->backends, sizeof(struct backend));
    templates_init(&p->templates);
    alarm_init(&p->sweep, l, p, sweep);
    alarm_set(&p->sweep, loop_now(l) + SWEEP_INTERVAL);
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
        if (is_hopeless(p, pool->source, &e))
            refuse_waiters(pool, &e);
        serve(pool);
    }
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
            serve(pool);
    }
}

enum cluster_kind pools_kind(const struct pools *p, const struct compute_source *source)
{
    return view_of(p, source)->kind;
}

/* ---- a new configuration ---- */

static void pool_free(struct pool *pool)
{
    config_unref(pool->held);
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
    refuse_waiters(pool, &e);
    pool->open++; /* so that closing the last one does not free the pool under us */
    close_idle(pool, UINT64_MAX);
    close_all(&pool->working);
    pool_released(pool);
}

static bool keeps_connections(const struct compute_source *a, const struct compute_source *b)
{
    return cluster_is_same(a->cluster, b->cluster) && slice_equal(a->database, b->database)
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
        room_move(pool, t->at[LIMIT_CLUSTER][same->cluster->index],
                  pool->working.count + pool->idle.count + pool->lent.count);
        after[same->index] = pool;
        before[i] = NULL;
    }
    map_fini(&names);
}

void pools_reconfigure(struct pools *p, struct config *c, struct tallies *t)
{
    struct pool **before = p->by_source, **after = memory_new(c->source_count, sizeof(*after));
    struct config *old = p->config;
    struct topology *topology = topology_carry(c, old, p->topology);

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
            serve(after[i]); /* limits may have risen */
}

/* ---- the end ---- */

void pools_close(struct pools *p, void (*closed)(void *owner))
{
    p->is_closing = true;
    p->closed = closed;
    alarm_close(&p->sweep, NULL);
    for (size_t i = 0; i < p->config->source_count; i++) {
        if (!p->by_source[i])
            continue;
        close_idle(p->by_source[i], UINT64_MAX);
        close_all(&p->by_source[i]->working);
        close_all(&p->by_source[i]->errands);
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
