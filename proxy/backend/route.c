/* Which frontend: of those that the control thread calls up, the one with the fewest statements of
 * all workers under way, then with the fewest of our connections in use, then the next one in turn.
 *
 *   ejected        live traffic fails there: left out by all workers for a time (eject.c)
 *   slow start     just back: takes part in a growing share of the choices
 *
 * Neither leaves a cluster without a choice: an ejected frontend is better than none. One that
 * drains is not: nothing new begins there. */
#include "proxy/backend/backend_private.h"

#include "base/memory.h"
#include "base/must.h"

enum {
    FIRST_SHARE = 10, /* hundredths of the choices right after a recovery */
    WHOLE = 100,
    BITS = 64
};

/* How good a choice is; a lower one wins, whatever the load. */
enum rank {
    RANK_GOOD,
    RANK_STARTING, /* in slow start, and not its turn */
    RANK_STALE,    /* it may not have yet what the session has written */
    RANK_AVOIDED,  /* where the statement has just failed */
    RANK_EJECTED,
    RANK_NONE
};

void routes_init(struct routes *rs, uint64_t *last_id)
{
    *rs = (struct routes){.last_id = last_id};
    list_init(&rs->all);
}

static struct route *find(const struct routes *rs, const struct frontend *frontend)
{
    list_each(&rs->all, struct route, link, r)
    {
        if (frontend_is_same(&r->at, frontend))
            return r;
    }
    return NULL;
}

struct route *route_by_id(const struct routes *rs, uint64_t id)
{
    list_each(&rs->all, struct route, link, r)
    {
        if (r->id == id)
            return r;
    }
    return NULL;
}

static struct route *add(struct routes *rs, const struct frontend *frontend)
{
    struct route *r = memory_new(1, sizeof(*r));

    r->at = *frontend;
    r->host = memory_copy(frontend->query.host);
    r->at.query.host = slice_of(r->host);
    r->name = slice_of(memory_print("%s:%u", r->host, frontend->query.port));
    r->at.http = (struct endpoint){0}; /* the topology's to keep */
    r->id = ++*rs->last_id;
    r->holders = 1;
    r->traffic = frontend->traffic ? traffic_ref(frontend->traffic) : traffic_new();
    r->at.traffic = NULL; /* the topology's to keep */
    link_init(&r->link);
    list_push_back(&rs->all, &r->link);
    return r;
}

void route_hold(struct route *r)
{
    r->holders++;
}

void route_release(struct route *r)
{
    must(r->holders);
    if (--r->holders)
        return;
    must(r->connections == 0 && r->lent == 0 && r->busy == 0);
    traffic_unref(r->traffic);
    free(r->host);
    free((char *)(uintptr_t)r->name.data);
    free(r);
}

static void drop(struct routes *rs, struct route *r)
{
    list_remove(&rs->all, &r->link);
    r->is_gone = true;
    route_release(r);
}

void route_count(struct route *r, bool is_busy)
{
    unsigned step = is_busy ? 1 : (unsigned)-1;

    r->busy += is_busy ? 1 : (size_t)-1;
    atomic_fetch_add_explicit(&r->traffic->busy, step, memory_order_relaxed);
}

/* The control thread knows it under another one: it has met the frontend anew. */
static void join_traffic(struct route *r, struct traffic *traffic)
{
    if (!traffic || traffic == r->traffic)
        return;
    traffic_move(traffic, r->traffic, r->busy);
    traffic_unref(r->traffic);
    r->traffic = traffic_ref(traffic);
}

static void take_news(struct route *r, const struct frontend *f, millis now)
{
    if (f->health == FRONTEND_UP && r->at.health != FRONTEND_UP)
        r->recovered_at = now;
    join_traffic(r, f->traffic);
    r->at.health = f->health;
    r->at.is_leader = f->is_leader;
    r->at.number = f->number;
}

void routes_learn(struct routes *rs, const struct cluster_view *view, millis now)
{
    bool is_first = list_is_empty(&rs->all);

    list_each(&rs->all, struct route, link, r)
    {
        r->is_named = false;
    }
    for (size_t i = 0; i < view->count; i++) {
        struct route *r = find(rs, &view->frontends[i]);
        if (!r) {
            r = add(rs, &view->frontends[i]);
            r->recovered_at = is_first ? 0 : now;
        }
        take_news(r, &view->frontends[i], now);
        r->is_named = true;
    }
    list_each(&rs->all, struct route, link, r)
    {
        if (!r->is_named)
            drop(rs, r);
    }
}

void routes_fini(struct routes *rs)
{
    list_each(&rs->all, struct route, link, r)
    {
        drop(rs, r);
    }
}

void routes_move(struct routes *to, struct routes *from)
{
    list_each(&from->all, struct route, link, r)
    {
        list_remove(&from->all, &r->link);
        list_push_back(&to->all, &r->link);
    }
}

bool route_is_usable(const struct route *r)
{
    return !r->is_gone && r->at.health == FRONTEND_UP;
}

static bool is_ejected(const struct route *r, millis now)
{
    return traffic_is_out(r->traffic, now);
}

/* Hundredths of the choices that a frontend takes part in: a line from FIRST_SHARE to all. */
static unsigned share(const struct routes *rs, const struct route *r, millis now)
{
    millis out_until = atomic_load_explicit(&r->traffic->out_until, memory_order_relaxed);
    millis back = out_until > r->recovered_at ? out_until : r->recovered_at;
    millis since = now > back ? now - back : 0;

    if (!back || since >= rs->slow_start)
        return WHOLE;
    return FIRST_SHARE + (unsigned)((WHOLE - FIRST_SHARE) * since / rs->slow_start);
}

static bool is_its_turn(const struct routes *rs, const struct route *r, millis now)
{
    return r->credit + share(rs, r, now) >= WHOLE;
}

uint64_t route_bit(const struct route *r)
{
    return (uint64_t)1 << r->id % BITS;
}

/* What holds for its connections as well. */
static enum rank standing(const struct route *r, const struct wish *wish)
{
    if (!route_is_usable(r))
        return RANK_NONE;
    if (r->id == wish->avoid || wish->shun & route_bit(r))
        return RANK_AVOIDED;
    if (wish->stay && r->id != wish->stay && !r->at.is_leader)
        return RANK_STALE;
    return RANK_GOOD;
}

static enum rank rank(const struct routes *rs, const struct route *r, const struct wish *wish,
                      millis now)
{
    enum rank its = standing(r, wish);

    if (its < RANK_EJECTED && is_ejected(r, now))
        return RANK_EJECTED;
    if (its != RANK_GOOD || is_its_turn(rs, r, now))
        return its;
    return RANK_STARTING;
}

bool route_suits(const struct routes *rs, const struct route *r, const struct wish *wish)
{
    enum rank its = standing(r, wish);

    list_each(&rs->all, struct route, link, other)
    {
        if (standing(other, wish) < its)
            return false;
    }
    return true;
}

static bool is_less_loaded(const struct route *a, const struct route *b)
{
    unsigned of_a = atomic_load_explicit(&a->traffic->busy, memory_order_relaxed);
    unsigned of_b = atomic_load_explicit(&b->traffic->busy, memory_order_relaxed);

    return of_a != of_b ? of_a < of_b : a->lent < b->lent;
}

struct route *route_choose(const struct routes *rs, const struct wish *wish, millis now)
{
    struct route *best = NULL;
    enum rank best_rank = RANK_NONE;

    list_each(&rs->all, struct route, link, r)
    {
        enum rank its = rank(rs, r, wish, now);
        if (its < best_rank || (its == best_rank && best && is_less_loaded(r, best))) {
            best = r;
            best_rank = its;
        }
    }
    return best;
}

/* The last of its equals next time. Those in slow start come a step nearer to their turn. */
void route_commit(struct routes *rs, struct route *chosen, millis now)
{
    list_each(&rs->all, struct route, link, r)
    {
        unsigned part = share(rs, r, now);
        r->credit = r == chosen || part == WHOLE ? 0 : r->credit + part;
        if (r->credit > WHOLE)
            r->credit = WHOLE;
    }
    if (chosen->is_gone)
        return;
    list_remove(&rs->all, &chosen->link);
    list_push_back(&rs->all, &chosen->link);
}

bool routes_have_good(const struct routes *rs, millis now)
{
    list_each(&rs->all, struct route, link, r)
    {
        if (r->at.health == FRONTEND_UP && !is_ejected(r, now))
            return true;
    }
    return false;
}

bool routes_have_other(const struct routes *rs, uint64_t shunned)
{
    list_each(&rs->all, struct route, link, r)
    {
        if (route_is_usable(r) && !(shunned & route_bit(r)))
            return true;
    }
    return false;
}

bool routes_drain(const struct routes *rs)
{
    list_each(&rs->all, struct route, link, r)
    {
        if (r->at.health == FRONTEND_DRAINS)
            return true;
    }
    return false;
}

/* ---- for a pool ---- */

struct routes *pool_routes(const struct pool *pool)
{
    struct pools *p = pool->pools;

    return pool->held ? p->nowhere : &p->routes[pool->source->cluster->index];
}

/* Those of an ejected frontend are as good as it is. */
static bool may_use(const struct pool *pool, const struct route *r, const struct wish *wish)
{
    const struct routes *rs = pool_routes(pool);
    millis now = loop_now(pool->pools->loop);

    return route_suits(rs, r, wish) && !(is_ejected(r, now) && routes_have_good(rs, now));
}

/* The idle connection to a frontend (NULL: to any that suits the wish) that needs least to be made
 * what the borrower wants: its own of before, else one that carries just that, else the one used
 * last. */
static struct backend *best_idle(const struct pool *pool, const struct route *route,
                                 const struct borrower *waiter)
{
    const struct route *good = route, *bad = NULL; /* most have the route of the one before */
    struct backend *best = NULL;

    list_each(&pool->idle, struct backend, link, b)
    {
        if (!route && b->route != good && b->route != bad)
            *(may_use(pool, b->route, &waiter->wish) ? &good : &bad) = b->route;
        if (b->route != good)
            continue;
        if (b->last_borrower == waiter->id)
            return b;
        if (!best || (b->carried.mark == waiter->mark && best->carried.mark != waiter->mark))
            best = b;
    }
    return best;
}

/* An idle connection of another frontend is used rather than none, and when that one has more
 * connections, a new one is opened besides: so they come to be spread evenly, and no further. */
struct choice pool_choose(const struct pool *pool, const struct borrower *waiter)
{
    struct wish wish = waiter->wish;

    wish.shun |= pool->refused_by;
    struct route *route = route_choose(pool_routes(pool), &wish, loop_now(pool->pools->loop));
    struct backend *other = best_idle(pool, NULL, waiter);
    if (!route)
        return (struct choice){0};
    if (other && other->last_borrower == waiter->id && !is_less_loaded(route, other->route))
        return (struct choice){.idle = other};
    struct backend *idle = other && other->route == route ? other : best_idle(pool, route, waiter);
    if (idle)
        return (struct choice){.idle = idle};
    if (other && other->route->connections <= route->connections)
        route = NULL;
    return (struct choice){.idle = other, .open = route};
}

/* ---- for a borrower ---- */

uint64_t backend_frontend(const struct backend *b)
{
    return b->route->id;
}

bool backend_has_others(const struct backend *b)
{
    list_each(&pool_routes(b->pool)->all, struct route, link, r)
    {
        if (r != b->route && route_is_usable(r))
            return true;
    }
    return false;
}

bool backend_should_leave(const struct backend *b)
{
    static const struct wish any;

    return b->route->at.health == FRONTEND_DRAINS
           || (!route_is_usable(b->route) && !route_suits(pool_routes(b->pool), b->route, &any));
}

bool backend_is_deserted(const struct backend *b)
{
    return b->route->at.health == FRONTEND_DOWN && backend_should_leave(b);
}

bool pools_know(const struct pools *p, const struct compute_source *source, uint64_t frontend)
{
    return route_by_id(&p->routes[source->cluster->index], frontend) != NULL;
}
