/* A place on up to four levels at once.
 *
 * Whoever gives a place back writes `running` before it reads `queued`; whoever is going to wait
 * writes `queued` before the usher reads `running`. All in one order that every thread agrees on,
 * so that one of the two always sees the other and no place stays free while somebody waits for it.
 */
#include "proxy/limit/limit.h"

static bool is_full(struct tally *t)
{
    unsigned limit = atomic_load_explicit(&t->max_concurrent_queries, memory_order_relaxed);

    return atomic_load_explicit(&t->is_paused, memory_order_relaxed)
           || (limit && atomic_load(&t->running) >= limit);
}

static bool take(struct tally *t)
{
    return tally_take(&t->running,
                      atomic_load_explicit(&t->max_concurrent_queries, memory_order_relaxed));
}

static void give_first(const struct claim *c, unsigned levels)
{
    for (unsigned i = 0; i < levels; i++)
        if (c->at[i])
            tally_give(&c->at[i]->running);
}

const struct tally *claim_full(const struct claim *c)
{
    for (unsigned i = 0; i < LIMIT_LEVELS; i++)
        if (c->at[i] && is_full(c->at[i]))
            return c->at[i];
    return NULL;
}

bool claim_take(const struct claim *c, enum limit_level *full)
{
    for (unsigned i = 0; i < LIMIT_LEVELS; i++) /* so that seldom a place is taken in vain */
        if (c->at[i] && is_full(c->at[i])) {
            *full = (enum limit_level)i;
            return false;
        }
    for (unsigned i = 0; i < LIMIT_LEVELS; i++)
        if (c->at[i] && !take(c->at[i])) {
            give_first(c, i);
            *full = (enum limit_level)i;
            return false;
        }
    return true;
}

void claim_force(const struct claim *c)
{
    for (unsigned i = 0; i < LIMIT_LEVELS; i++)
        if (c->at[i])
            tally_take(&c->at[i]->running, 0);
}

bool claim_give(const struct claim *c)
{
    give_first(c, LIMIT_LEVELS);
    return claim_has_waiters(c);
}

bool claim_has_waiters(const struct claim *c)
{
    for (unsigned i = 0; i < LIMIT_LEVELS; i++)
        if (c->at[i] && atomic_load(&c->at[i]->queued))
            return true;
    return false;
}

static void unqueue_first(const struct claim *c, unsigned levels)
{
    for (unsigned i = 0; i < levels; i++)
        if (c->at[i])
            tally_give(&c->at[i]->queued);
}

bool claim_queue(const struct claim *c, enum limit_level *full)
{
    for (unsigned i = 0; i < LIMIT_LEVELS; i++)
        if (c->at[i]
            && !tally_take(&c->at[i]->queued,
                           atomic_load_explicit(&c->at[i]->max_queued, memory_order_relaxed))) {
            unqueue_first(c, i);
            *full = (enum limit_level)i;
            return false;
        }
    return true;
}

void claim_unqueue(const struct claim *c)
{
    unqueue_first(c, LIMIT_LEVELS);
}

const struct tally *claim_time_limit(const struct claim *c, unsigned *seconds)
{
    const struct tally *least = NULL;

    for (unsigned i = 0; i < LIMIT_LEVELS; i++) {
        unsigned limit =
            c->at[i] ? atomic_load_explicit(&c->at[i]->max_query_seconds, memory_order_relaxed) : 0;
        if (limit == 0 || (least && limit >= *seconds))
            continue;
        least = c->at[i];
        *seconds = limit;
    }
    return least;
}
