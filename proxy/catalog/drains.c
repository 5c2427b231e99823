/* Frontends that an administrator has drained: asked for by another thread, kept and observed by
 * the control thread, by address, so that they outlive reloads and discoveries. */
#include <stdlib.h>

#include "base/memory.h"
#include "proxy/catalog/catalog_private.h"

struct drain_order {
    struct drain_order *next;
    struct drained it;
    bool is_drained;
};

static void forget(struct drained *d)
{
    free(d->host);
    d->host = NULL;
}

bool drains_ask(struct drains *d, const struct endpoint *frontend, bool is_drained)
{
    if (is_drained && atomic_load(&d->count) >= DRAINS_MAX)
        return false;
    struct drain_order *order = memory_new(1, sizeof(*order));
    order->it = (struct drained){.host = memory_copy(frontend->host), .port = frontend->port};
    order->is_drained = is_drained;
    order->next = atomic_load(&d->orders);
    while (!atomic_compare_exchange_weak(&d->orders, &order->next, order))
        ;
    return true;
}

static size_t find(const struct drains *d, struct slice host, uint16_t port)
{
    size_t i = 0;

    while (i < d->count && !(d->at[i].port == port && slice_equal(slice_of(d->at[i].host), host)))
        i++;
    return i;
}

static void carry_out(struct drains *d, struct drain_order *order)
{
    size_t at = find(d, slice_of(order->it.host), order->it.port);

    if (order->is_drained && at == d->count && at < DRAINS_MAX) {
        d->at[at] = order->it;
        order->it.host = NULL;
        atomic_store(&d->count, (unsigned)at + 1);
    } else if (!order->is_drained && at < d->count) {
        forget(&d->at[at]);
        d->at[at] = d->at[d->count - 1];
        atomic_store(&d->count, d->count - 1);
    }
    forget(&order->it);
    free(order);
}

/* The newest order is in front: the oldest is carried out first. */
static void carry_out_all(struct drains *d, struct drain_order *order)
{
    struct drain_order *oldest_first = NULL;

    while (order) {
        struct drain_order *next = order->next;
        order->next = oldest_first;
        oldest_first = order;
        order = next;
    }
    while (oldest_first) {
        struct drain_order *next = oldest_first->next;
        carry_out(d, oldest_first);
        oldest_first = next;
    }
}

void drains_take(struct drains *d)
{
    carry_out_all(d, atomic_exchange(&d->orders, NULL));
}

void drains_observe(const struct drains *d, struct cluster_view *view)
{
    for (size_t i = 0; i < view->count; i++) {
        struct frontend *f = &view->frontends[i];
        if (f->health != FRONTEND_UP || find(d, f->query.host, f->query.port) == d->count)
            continue;
        f->health = FRONTEND_DRAINS;
        snprintf(f->reason, sizeof(f->reason), "drained by an administrator (DRAIN FE)");
    }
}

void drains_fini(struct drains *d)
{
    drains_take(d);
    for (size_t i = 0; i < d->count; i++)
        forget(&d->at[i]);
}
