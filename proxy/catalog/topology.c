#include "proxy/catalog/catalog.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/memory.h"
#include "config/config.h"

struct topology_private {
    atomic_size_t references;
};

struct topology *topology_new(const struct config *c)
{
    struct topology *t = memory_new(1, sizeof(*t));

    t->own = memory_new(1, sizeof(*t->own));
    atomic_init(&t->own->references, 1);
    t->count = c->cluster_count;
    t->clusters = memory_new(t->count, sizeof(*t->clusters));
    for (size_t i = 0; i < t->count; i++) {
        struct cluster_view *view = &t->clusters[i];
        view->endpoints = c->clusters[i].query_count;
        view->is_up = memory_new(view->endpoints, sizeof(*view->is_up));
        for (size_t j = 0; j < view->endpoints; j++)
            view->is_up[j] = true;
        snprintf(view->reason, sizeof(view->reason), "not probed yet");
    }
    return t;
}

struct topology *topology_ref(struct topology *t)
{
    atomic_fetch_add_explicit(&t->own->references, 1, memory_order_relaxed);
    return t;
}

void topology_unref(struct topology *t)
{
    if (!t || atomic_fetch_sub_explicit(&t->own->references, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < t->count; i++)
        free(t->clusters[i].is_up);
    free(t->clusters);
    free(t->own);
    free(t);
}

const char *cluster_kind_name(enum cluster_kind kind)
{
    static const char *const names[] = {"unknown", "StarRocks", "MySQL or MariaDB"};

    return names[kind];
}
