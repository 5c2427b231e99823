#include "proxy/catalog/catalog.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/memory.h"

enum { FRONTENDS_STEP = 16 };

struct topology_private {
    atomic_size_t references;
    struct arena arena; /* every string, and the frontends */
};

struct topology *topology_empty(const struct config *c)
{
    struct topology *t = memory_new(1, sizeof(*t));

    t->own = memory_new(1, sizeof(*t->own));
    atomic_init(&t->own->references, 1);
    arena_init(&t->own->arena, NULL);
    t->generation = c->generation;
    t->count = c->cluster_count;
    t->clusters = memory_new(t->count, sizeof(*t->clusters));
    for (size_t i = 0; i < t->count; i++)
        snprintf(t->clusters[i].reason, sizeof(t->clusters[i].reason), "not probed yet");
    return t;
}

void topology_put(struct topology *t, size_t cluster, const struct frontend *frontend)
{
    struct cluster_view *view = &t->clusters[cluster];
    struct arena *arena = &t->own->arena;
    struct frontend *made;

    if (view->count % FRONTENDS_STEP == 0) {
        made = arena_array(arena, view->count + FRONTENDS_STEP, sizeof(*made));
        if (view->count)
            memcpy(made, view->frontends, view->count * sizeof(*made));
        view->frontends = made;
    }
    made = &view->frontends[view->count++];
    *made = *frontend;
    made->query.host = slice_of(arena_text(arena, frontend->query.host));
    made->http.host = slice_of(arena_text(arena, frontend->http.host));
    traffic_ref(made->traffic);
}

struct topology *topology_new(const struct config *c)
{
    struct topology *t = topology_empty(c);

    for (size_t i = 0; i < t->count; i++)
        for (size_t j = 0; j < c->clusters[i].query_count; j++)
            topology_put(t, i, &(struct frontend){.query = c->clusters[i].query[j]});
    return t;
}

bool frontend_is_same(const struct frontend *a, const struct frontend *b)
{
    return a->query.port == b->query.port && slice_equal(a->query.host, b->query.host);
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

static void drop_traffic(const struct cluster_view *view)
{
    for (size_t i = 0; i < view->count; i++)
        traffic_unref(view->frontends[i].traffic);
}

static void view_carry(struct topology *t, size_t cluster, const struct cluster_view *from)
{
    struct cluster_view *to = &t->clusters[cluster];

    to->kind = from->kind;
    to->is_probed = from->is_probed;
    to->learnt = learnt_ref(from->learnt);
    memcpy(to->reason, from->reason, sizeof(to->reason));
    drop_traffic(to);
    to->count = 0;
    for (size_t i = 0; i < from->count; i++)
        topology_put(t, cluster, &from->frontends[i]);
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
            view_carry(t, i, &known->clusters[same->index]);
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
    for (size_t i = 0; i < t->count; i++) {
        learnt_unref(t->clusters[i].learnt);
        drop_traffic(&t->clusters[i]);
    }
    arena_clear(&t->own->arena);
    free(t->clusters);
    free(t->own);
    free(t);
}

const char *cluster_kind_name(enum cluster_kind kind)
{
    static const char *const names[] = {"unknown", "StarRocks", "MySQL or MariaDB"};

    return names[kind];
}

const char *frontend_health_name(enum frontend_health health)
{
    static const char *const names[] = {"up", "draining", "down"};

    return names[health];
}
