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
    t->generation = c->generation;
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

bool cluster_is_same(const struct cluster *a, const struct cluster *b)
{
    if (!slice_equal(a->name, b->name) || a->query_count != b->query_count)
        return false;
    for (size_t i = 0; i < a->query_count; i++)
        if (!slice_equal(a->query[i].host, b->query[i].host)
            || a->query[i].port != b->query[i].port)
            return false;
    return true;
}

static void view_carry(struct cluster_view *to, const struct cluster_view *from)
{
    to->kind = from->kind;
    to->is_probed = from->is_probed;
    memcpy(to->is_up, from->is_up, from->endpoints * sizeof(*from->is_up));
    memcpy(to->reason, from->reason, sizeof(to->reason));
}

struct topology *topology_carry(const struct config *c, const struct config *before,
                                const struct topology *known)
{
    struct topology *t = topology_new(c);
    struct map names;

    map_init(&names, MAP_EXACT);
    for (size_t i = 0; i < before->cluster_count; i++)
        map_put(&names, before->clusters[i].name, &before->clusters[i]);
    for (size_t i = 0; i < c->cluster_count; i++) {
        const struct cluster *same = map_find(&names, c->clusters[i].name);
        if (same && cluster_is_same(same, &c->clusters[i]))
            view_carry(&t->clusters[i], &known->clusters[same->index]);
    }
    map_fini(&names);
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
