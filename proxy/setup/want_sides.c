/* Goes from projects to their members: asking each user about each project would take a minute
 * where there are thousands of both. */
#include "proxy/setup/want_sides.h"

#include "auth/grant.h"
#include "base/arena.h"

struct indices {
    size_t *at;
    size_t count, room;
};

struct walk {
    const struct config *config;
    const struct cluster *cluster;
    struct arena *arena;
    struct want_sides *sides;
    struct map by_member; /* what may stand in "members": a user or a group, to struct indices */
    const struct project **last; /* by user: the project that it was last looked at for */
};

static void add_index(struct walk *w, struct slice member, size_t user)
{
    struct indices *list = map_find(&w->by_member, member);

    if (!list) {
        list = arena_alloc(w->arena, sizeof(*list));
        map_put(&w->by_member, member, list);
    }
    if (list->count == list->room) {
        size_t room = list->room ? list->room * 2 : 1;
        list->at = arena_grow(w->arena, list->at, list->room * sizeof(*list->at),
                              room * sizeof(*list->at));
        list->room = room;
    }
    list->at[list->count++] = user;
}

static void add_side(struct walk *w, size_t user, const struct want_side *side)
{
    struct want_sides *of = &w->sides[user];

    if (of->count == of->room) {
        size_t room = of->room ? of->room * 2 : 4;
        of->at = arena_grow(w->arena, of->at, of->room * sizeof(*side), room * sizeof(*side));
        of->room = room;
    }
    of->at[of->count++] = *side;
}

static void look_at(struct walk *w, size_t user, const struct project *p)
{
    if (w->last[user] == p)
        return; /* by another of its groups */
    w->last[user] = p;
    for (enum environment e = 0; e < ENVIRONMENTS; e++) {
        if (!p->sides[e] || p->sides[e]->cluster != w->cluster || (e == DEV && p->is_shared))
            continue;
        unsigned privileges = grant_privileges_somewhere(&w->config->users[user], p, e);
        if (privileges)
            add_side(w, user, &(struct want_side){p, p->sides[e], e, privileges});
    }
}

struct want_sides *want_sides_make(const struct config *c, const struct cluster *cluster,
                                   struct arena *arena)
{
    struct walk w = {.config = c, .cluster = cluster, .arena = arena};
    const struct map_entry *member;

    w.sides = arena_array(arena, c->user_count, sizeof(*w.sides));
    w.last = arena_array(arena, c->user_count, sizeof(*w.last));
    map_init(&w.by_member, MAP_EXACT);
    for (size_t i = 0; i < c->user_count; i++) {
        add_index(&w, c->users[i].name, i);
        for (size_t g = 0; g < c->users[i].groups.count; g++)
            add_index(&w, c->users[i].groups.at[g], i);
    }
    for (size_t i = 0; i < c->project_count; i++)
        for (size_t at = 0; (member = map_next(&c->projects[i].members, &at));) {
            const struct indices *users = map_find(&w.by_member, member->key);
            for (size_t u = 0; users && u < users->count; u++)
                look_at(&w, users->at[u], &c->projects[i]);
        }
    map_fini(&w.by_member);
    return w.sides;
}
