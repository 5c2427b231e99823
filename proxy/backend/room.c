/* Room for connections: the limits of a compute source and of its cluster count over all workers.
 *
 * A pool whose waiters miss connections adds them to the `wanted` of the limit that stopped it, and
 * says so to all workers: pools without waiters then give up what lies idle. Whoever closes a
 * connection while some are wanted says so too. A count is written before the other side's is read,
 * in both directions, so that one of the two always sees the other. */
#include "proxy/backend/backend_private.h"

enum { KEPT_MAX = 16 };

bool room_take(struct pool *pool)
{
    pool->blocked_by = NULL;
    if (!tally_take(&pool->tally->open, pool->source->max_connections))
        pool->blocked_by = pool->tally;
    else if (!tally_take(&pool->cluster->open, atomic_load(&pool->cluster->max_connections))) {
        tally_give(&pool->tally->open);
        pool->blocked_by = pool->cluster;
    }
    return !pool->blocked_by;
}

static void announce(const struct pool *pool)
{
    if (pool->pools->announce)
        pool->pools->announce(pool->pools->owner, pool->cluster);
}

size_t room_wanted(const struct pool *pool)
{
    return (size_t)atomic_load(&pool->tally->wanted) + atomic_load(&pool->cluster->wanted);
}

void room_give(struct pool *pool)
{
    tally_give(&pool->cluster->open);
    tally_give(&pool->tally->open);
    if (room_wanted(pool))
        announce(pool);
}

bool room_want(struct pool *pool, size_t missing)
{
    struct tally *of = missing ? pool->blocked_by : NULL;
    unsigned count = of ? (unsigned)missing : 0;
    bool rose = of && (of != pool->wanted_of || count > pool->wanted);

    if (of)
        atomic_fetch_add(&of->wanted, count);
    if (pool->wanted_of)
        atomic_fetch_sub(&pool->wanted_of->wanted, pool->wanted);
    pool->wanted_of = of;
    pool->wanted = count;
    if (rose)
        announce(pool);
    return rose;
}

/* Open connections of this pool, the one that has just come back among them. */
static size_t mine(const struct pool *pool)
{
    return pool->working.count + pool->idle.count + pool->lent.count + pool->ending.count + 1;
}

/* Shares follow demand: what is lent and waited for here, against what is open and missed
 * elsewhere. A pool that has at least half a connection more than its share gives one up, but not
 * at once: that costs a login, and demand changes by the millisecond. */
bool room_is_owed(struct pool *pool)
{
    size_t missed = room_wanted(pool), own = pool->wanted;
    size_t open = atomic_load(&pool->tally->open);
    size_t here = pool->lent.count + pool->waiters.count;

    missed = missed > own ? missed - own : 0;
    if (!missed)
        return false;
    if (list_is_empty(&pool->waiters))
        return true;
    size_t there = missed + (open > mine(pool) ? open - mine(pool) : 0);
    bool has_more = 2 * mine(pool) * (here + there) >= 2 * open * here + here + there;
    if (!has_more || ++pool->kept < KEPT_MAX)
        return false;
    pool->kept = 0;
    return true;
}

void room_move(struct pool *pool, struct tally *cluster, size_t count)
{
    if (pool->cluster == cluster)
        return;
    room_want(pool, 0);
    atomic_fetch_add(&cluster->open, (unsigned)count);
    atomic_fetch_sub(&pool->cluster->open, (unsigned)count);
    pool->cluster = cluster;
}
