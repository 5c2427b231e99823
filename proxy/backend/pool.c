/* Who gets a connection: one pool per compute source and worker, waiters by turns (waiting.c).
 *
 * Limits count over all workers (room.c). A connection that comes back while another worker, or
 * another source of a full cluster, waits for one is closed rather than kept. */
#include "proxy/backend/backend_private.h"

#include "base/memory.h"
#include "base/must.h"
#include "protocol/tls/crypto.h"

enum {
    FRESH = 10000
}; /* milliseconds; one that lay idle for longer is looked at before it is lent */

enum {
    ORIGINALS_MAX = STATE_VARIABLES_MAX - 1
}; /* variables ever set; a frontend keeps the names */

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
    waiting_served(waiter);
    if (b) {
        b->phase = BACKEND_LENT;
        b->last_borrower = waiter->id;
        b->route->lent++;
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

void pool_refuse(struct pool *pool, const struct error *e)
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

static void commit(struct route *route, const struct pool *pool)
{
    route_commit(pool_routes(pool), route, loop_now(pool->pools->loop));
}

/* Sends one that is not trusted to be looked at, for a waiter that no other connection is on the
 * way for. */
static bool look_at(struct pool *pool, struct backend *b, enum mysql_command command)
{
    if (!missing(pool))
        return false;
    move(b, &pool->working);
    backend_check(b, command);
    return true;
}

/* User variables stay for good on a StarRocks, and can only be made NULL; another server tells NULL
 * from never set. */
static bool must_reset(const struct pool *pool, const struct backend *b,
                       const struct borrower *waiter)
{
    return pools_kind(pool->pools, pool->source) != CLUSTER_STARROCKS
           && b->last_borrower != waiter->id && state_has_user(&b->originals);
}

static bool use_idle(struct pool *pool, struct backend *b, struct borrower *waiter)
{
    commit(b->route, pool);
    if (must_reset(pool, b, waiter))
        return look_at(pool, b, COMMAND_RESET_CONNECTION);
    if (b->idle_since + FRESH < loop_now(pool->pools->loop))
        return look_at(pool, b, COMMAND_PING);
    grant(waiter, b, NULL);
    return true;
}

void pool_open_one(struct pool *pool, struct route *route)
{
    commit(route, pool);
    route->connections++;
    move(backend_open(pool, route), &pool->working);
}

/* Uses what lies idle, for the first one whom it suits; true when somebody got something. */
static bool serve_idle(struct pool *pool)
{
    list_each(&pool->waiters, struct borrower, link, waiter)
    {
        struct choice choice = pool_choose(pool, waiter);
        if (!choice.idle && (waiter->wish.stay || waiter->wish.avoid))
            continue;
        if (!choice.idle || !use_idle(pool, choice.idle, waiter))
            return false; /* those behind have no other choice */
        if (choice.open && room_take(pool))
            pool_open_one(pool, choice.open);
        return true;
    }
    return false;
}

/* The first one that nothing is on its way for. */
static const struct borrower *next_waiter(const struct pool *pool)
{
    size_t covered = pool->working.count;

    list_each(&pool->waiters, struct borrower, link, waiter)
    {
        if (covered-- == 0)
            return waiter;
    }
    return NULL;
}

/* Something for one waiter; false when none is idle and there is no room for another. */
static bool serve_one(struct pool *pool)
{
    if (serve_idle(pool))
        return true;
    const struct borrower *waiter = next_waiter(pool);
    if (!waiter)
        return false;
    struct choice choice = pool_choose(pool, waiter);
    if (!choice.open)
        return false;
    if (room_take(pool)) {
        pool_open_one(pool, choice.open);
        return true;
    }
    if (choice.idle || list_is_empty(&pool->idle))
        return room_want(pool, missing(pool));
    backend_close(link_object(list_last(&pool->idle), struct backend, link)); /* of no use to it */
    return true;
}

/* Serves who can be served now, and sees to it that as many connections are on their way as there
 * are waiters left. Who is granted one may give it back at once, from within: that only leaves it
 * in the idle list, for this loop. */
void pool_serve(struct pool *pool)
{
    if (pool->is_serving || pool->pools->is_closing || pool->held
        || pools_kind(pool->pools, pool->source) == CLUSTER_UNKNOWN)
        return;
    pool->is_serving = true;
    while (pool->waiters.count && serve_one(pool))
        continue;
    pool->is_serving = false;
    if (!missing(pool))
        room_want(pool, 0);
}

/* ---- what backends report ---- */

static void rest(struct backend *b)
{
    b->phase = BACKEND_IDLE;
    b->idle_since = loop_now(b->pool->pools->loop);
    known_flush(b);
    stream_rest(&b->server);
    move(b, &b->pool->idle);
    pool_serve(b->pool);
}

/* The first one whose wish a connection fits. */
static struct borrower *first_suited(const struct backend *b)
{
    list_each(&b->pool->waiters, struct borrower, link, waiter)
    {
        if (route_suits(pool_routes(b->pool), b->route, &waiter->wish))
            return waiter;
    }
    return NULL;
}

void pool_ready(struct backend *b)
{
    struct borrower *waiter = first_suited(b);

    if (waiter && !must_reset(b->pool, b, waiter))
        grant(waiter, b, NULL);
    else
        rest(b);
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
        pool->refused_by |= route_bit(b->route);
        is_over = !routes_have_other(routes, pool->refused_by);
    } else {
        eject_unreached(b);
        is_over = !routes_have_good(routes, now);
    }
    if (!is_over)
        return;
    pool->refused_by = 0;
    pool_refuse(pool, e);
}

void pool_gone(struct backend *b)
{
    struct pool *pool = b->pool;

    move(b, NULL);
    if (b->errand[0])
        return; /* was never counted */
    b->route->connections--;
    room_give(pool);
    pool_serve(pool);
}

/* ---- the borrower's side ---- */

struct pool *pool_of(struct pools *p, const struct compute_source *source)
{
    struct pool **slot = &p->by_source[source->index];

    if (!*slot) {
        struct pool *pool = memory_new(1, sizeof(*pool));
        pool->pools = p;
        pool->number = ++p->pool_count;
        pool->source = source;
        pool->tally = p->tallies->at[LIMIT_SOURCE][source->index];
        pool->cluster = p->tallies->at[LIMIT_CLUSTER][source->cluster->index];
        pool_take_context(pool);
        if (source->cluster->public_key_pem.size)
            pool->public_key = crypto_default()->public_key_new(source->cluster->public_key_pem);
        link_init(&pool->link);
        list_init(&pool->working);
        list_init(&pool->idle);
        list_init(&pool->lent);
        list_init(&pool->errands);
        list_init(&pool->ending);
        list_init(&pool->waiters);
        *slot = pool;
    }
    return *slot;
}

void pool_lend(struct pools *p, const struct compute_source *source, struct borrower *b)
{
    must(!b->pool && pools_have(p, source));
    struct pool *pool = pool_of(p, source);
    struct error e;

    waiting_join(pool, b);
    if (pool_is_hopeless(p, source, &e)) {
        if (p->hurry)
            p->hurry(p->owner, source->cluster->index);
        grant(b, NULL, &e);
        return;
    }
    pool_serve(pool);
}

const struct tally *pool_blocked_by(const struct borrower *b)
{
    return b->pool ? b->pool->blocked_by : NULL;
}

void pool_forget(struct borrower *b)
{
    struct pool *pool = b ? b->pool : NULL;

    if (!pool)
        return;
    waiting_leave(b);
    room_want(pool, missing(pool));
}

static bool can_be_kept(const struct backend *b)
{
    const struct pool *pool = b->pool;

    return b->server.is_open && b->server.in.size == 0 && !stream_owes(&b->server) && !b->is_spoilt
           && !b->hunters && !known_is_worn(b) && route_is_usable(b->route)
           && !pool->pools->is_closing && !pool->held && b->originals.count < ORIGINALS_MAX
           && !backend_is_old(b);
}

static void take_back(struct backend *b)
{
    must(b->phase == BACKEND_LENT);
    b->route->lent--;
    move(b, NULL);
    backend_set_busy(b, false);
    b->notify = NULL;
    b->owner = NULL;
}

void pool_return(struct backend *b)
{
    struct pool *pool = b->pool;

    take_back(b);
    if (!can_be_kept(b) || room_is_owed(pool))
        backend_close(b);
    else
        rest(b);
}

void pool_discard(struct backend *b)
{
    take_back(b);
    backend_close(b);
}

void pool_roll_back(struct backend *b, const struct follow *rest)
{
    take_back(b);
    if (!b->server.is_open || b->pool->pools->is_closing) {
        backend_close(b);
        return;
    }
    move(b, &b->pool->ending);
    backend_end(b, rest);
}
