/* What all workers see of one frontend. Nobody waits for anybody: of two workers that find a
 * frontend failing at the same time one leaves it out, and the other finds that done. */
#include "proxy/catalog/catalog.h"

#include <stdlib.h>

#include "base/memory.h"

enum {
    BACKOFF_STEPS = 6, /* the longest time out is 64 times the shortest */
    BROKEN_MAX = 3 /* statements in a row; a single connection may also be ended by an operator */
};

struct traffic *traffic_new(void)
{
    struct traffic *t = memory_new(1, sizeof(*t));

    atomic_init(&t->references, 1);
    return t;
}

struct traffic *traffic_ref(struct traffic *t)
{
    if (t)
        atomic_fetch_add_explicit(&t->references, 1, memory_order_relaxed);
    return t;
}

void traffic_unref(struct traffic *t)
{
    if (t && atomic_fetch_sub_explicit(&t->references, 1, memory_order_acq_rel) == 1)
        free(t);
}

void traffic_move(struct traffic *to, struct traffic *from, size_t busy)
{
    atomic_fetch_add(&to->busy, (unsigned)busy);
    atomic_fetch_sub(&from->busy, (unsigned)busy);
}

bool traffic_is_out(const struct traffic *t, millis now)
{
    return atomic_load_explicit(&t->out_until, memory_order_relaxed) > now;
}

bool traffic_leave_out(struct traffic *t, millis now, millis shortest)
{
    millis until = atomic_load(&t->out_until), longest = shortest << BACKOFF_STEPS;
    unsigned before = atomic_load(&t->times_out);

    if (until > now)
        return false;
    if (now - until > longest) /* it had been well for long */
        before = 0;
    if (!atomic_compare_exchange_strong(&t->out_until, &until, now + (shortest << before)))
        return false;
    atomic_store(&t->times_out, before < BACKOFF_STEPS ? before + 1 : before);
    return true;
}

bool traffic_broke(struct traffic *t, millis now, millis shortest)
{
    if (atomic_fetch_add(&t->broken, 1) + 1 < BROKEN_MAX)
        return false;
    atomic_store(&t->broken, 0);
    return traffic_leave_out(t, now, shortest);
}

void traffic_answered(struct traffic *t)
{
    if (atomic_load_explicit(&t->broken, memory_order_relaxed))
        atomic_store_explicit(&t->broken, 0, memory_order_relaxed);
}
