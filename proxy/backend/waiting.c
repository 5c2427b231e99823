/* The order of those who wait for a connection of a pool: users take turns, and each user's own
 * come in the order of their arrival. Who asks for forty at once does not hold up who asks for one.
 *
 *   a1 a2 a3 a4, then b1 and b2:   turn 0: a1 b1   turn 1: a2 b2   turn 2: a3   turn 3: a4
 *
 * A newcomer's turn is the one at hand, or the one after its user's last. The list is in the order
 * of turns; the newcomer's place in it is looked for from both ends, since a flood of one user
 * belongs to the one and everybody else near the other. */
#include "proxy/backend/backend_private.h"

/* Users share a counter when there are more of them, or by chance: they are one user then. */
static uint64_t *last_turn(struct pool *pool, const void *user)
{
    uint64_t spread = (uint64_t)(uintptr_t)user * 0x9e3779b97f4a7c15; /* 2^64 by the golden ratio */

    return &pool->turns[spread >> 58];
}

static uint64_t turn_of(const struct link *l)
{
    return link_object(l, const struct borrower, link)->turn;
}

/* The link that one with this turn comes behind. */
static struct link *before(struct list *waiters, uint64_t turn)
{
    struct link *front = waiters->head.next, *back = waiters->head.previous;

    while (back != &waiters->head && turn_of(back) > turn) {
        if (turn_of(front) > turn)
            return front->previous;
        front = front->next;
        back = back->previous;
    }
    return back;
}

void waiting_join(struct pool *pool, struct borrower *b)
{
    uint64_t *last = last_turn(pool, b->user);
    struct link *previous;

    b->turn = *last < pool->turn ? pool->turn : *last + 1;
    *last = b->turn;
    b->pool = pool;
    link_init(&b->link);
    previous = before(&pool->waiters, b->turn);
    list_put_between(&pool->waiters, &b->link, previous, previous->next);
}

void waiting_leave(struct borrower *b)
{
    list_remove(&b->pool->waiters, &b->link);
    b->pool = NULL;
}

void waiting_served(struct borrower *b)
{
    if (b->turn > b->pool->turn)
        b->pool->turn = b->turn;
    waiting_leave(b);
}

void pools_number(struct pools *p)
{
    for (size_t i = 0; i < p->config->source_count; i++) {
        unsigned place = 0;
        if (!p->by_source[i])
            continue;
        list_each(&p->by_source[i]->waiters, struct borrower, link, waiter)
        {
            waiter->place = ++place;
        }
    }
}

size_t pool_waiters(const struct borrower *b)
{
    return b->pool ? b->pool->waiters.count : 0;
}
