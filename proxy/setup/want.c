/* First what each binding's members may do, then, user by user, what they may bring together. */
#include "proxy/setup/want.h"

#include "auth/grant.h"
#include "base/arena.h"
#include "base/must.h"
#include "proxy/setup/slices.h"
#include "proxy/setup/want_sides.h"

struct slice source_place(const struct compute_source *source, struct arena *arena)
{
    if (memchr(source->name.data, '.', source->name.size) /* a side of a data source */
        && slice_starts_with(source->name, SLICE("data_sources.")))
        return source->name;
    return source_is_binding(source)
               ? arena_print(arena, "compute_sources.%.*s", SHOW(source->name))
               : source->name;
}

bool source_is_binding(const struct compute_source *source)
{
    return source != source->cluster->metadata_source && source != source->cluster->admin_source;
}

struct want_account *want_find(const struct want *w, struct slice username)
{
    return map_find(&w->account_names, username);
}

static struct want_account *need_account(struct want *w, const struct account *account,
                                         struct slice purpose)
{
    struct want_account *a = want_find(w, account->username);

    if (!a) {
        a = &w->accounts[w->account_count++];
        *a = (struct want_account){
            .username = account->username, .password = &account->password, .purpose = purpose};
        map_init(&a->by_database, MAP_EXACT);
        map_put(&w->account_names, a->username, a);
    }
    a->uses++;
    a->is_torn |= !slice_equal(secret_bytes(a->password), secret_bytes(&account->password));
    return a;
}

static void need_right(struct want *w, struct want_account *a, struct slice database, rights set)
{
    char *known = map_find(&a->by_database, database); /* an index plus one */

    if (!set)
        return;
    if (known) {
        a->rights[(uintptr_t)known - 1].set |= set;
        return;
    }
    if (w->rights == WANT_RIGHTS_MAX) {
        w->is_too_large = true;
        return;
    }
    w->rights++;
    if (a->count == a->room) {
        size_t room = a->room ? a->room * 2 : 4;
        a->rights = arena_grow(w->arena, a->rights, a->room * sizeof(*a->rights),
                               room * sizeof(*a->rights));
        a->room = room;
    }
    a->rights[a->count++] = (struct want_right){database, set};
    map_put(&a->by_database, database, (void *)(uintptr_t)a->count);
}

/* The same rights on all databases that the source may name. */
static void need_on_source(struct want *w, struct want_account *a,
                           const struct compute_source *source, rights set)
{
    if (source->database.size)
        need_right(w, a, source->database, set);
    for (size_t i = 0; i < source->databases.count; i++)
        need_right(w, a, source->databases.at[i], set);
}

static void need_database(struct want *w, struct slice name)
{
    if (name.size && map_put(&w->database_names, name, (void *)(uintptr_t)name.data))
        slices_add(&w->databases, name, w->arena);
}

static void need_group(struct want *w, struct slice name, struct slice user)
{
    struct want_group *g = map_find(&w->group_names, name);

    if (!g) {
        g = &w->groups[w->group_count++];
        *g = (struct want_group){.name = name};
        map_put(&w->group_names, name, g);
    }
    for (size_t i = 0; i < g->users.count; i++)
        if (slice_equal(g->users.at[i], user))
            return;
    if (user.size)
        slices_add(&g->users, user, w->arena);
}

static void need_source(struct want *w, const struct compute_source *source)
{
    struct slice place = source_place(source, w->arena);
    struct slice usual = source_group(source, SLICE("default"));

    need_account(w, &source->account, place);
    if (!source_is_binding(source))
        return;
    need_database(w, source->database);
    for (size_t i = 0; i < source->databases.count; i++)
        need_database(w, source->databases.at[i]);
    if (source->any_database)
        slices_add(&w->open, place, w->arena);
    for (size_t i = 0; i < source->group_count; i++)
        need_group(w, source->groups[i].name,
                   slice_equal(source->groups[i].name, usual) ? source->account.username
                                                              : (struct slice){0});
    for (size_t i = 0; i < source->allowed_groups.count; i++)
        need_group(w, source->allowed_groups.at[i], (struct slice){0});
}

/* ---- what members may do ---- */

/* Whether one session may name both: of one environment, or across. */
static bool can_meet(const struct config *c, const struct want_side *a, const struct want_side *b)
{
    if (a->environment == b->environment || a->project->is_shared || b->project->is_shared)
        return true;
    return (grant_across(c, a->project) | grant_across(c, b->project)) & READ;
}

static void need_of_user(struct want *w, const struct config *c, const struct want_sides *of)
{
    for (size_t i = 0; i < of->count; i++) {
        const struct want_side *side = &of->at[i];
        struct want_account *a = want_find(w, side->source->account.username);
        must(a);
        need_on_source(w, a, side->source, rights_needed(side->privileges));
        for (size_t k = 0; k < of->count && !w->is_too_large; k++)
            if (k != i && of->at[k].source != side->source && of->at[k].privileges & READ
                && can_meet(c, side, &of->at[k]))
                need_on_source(w, a, of->at[k].source, rights_needed(READ));
    }
}

static bool shows_all_metadata(const struct config *c)
{
    for (size_t i = 0; i < c->user_count; i++)
        if (c->users[i].sees_all_metadata)
            return true;
    return false;
}

/* It sees what it may select from; functions are listed by the bindings' own accounts. */
static void need_metadata(struct want *w, const struct config *c)
{
    const struct compute_source *source = w->cluster->metadata_source;

    if (!source)
        return;
    struct want_account *a = want_find(w, source->account.username);
    for (size_t i = 0; i < w->databases.count; i++)
        need_right(w, a, w->databases.at[i],
                   rights_needed(READ) & ~rights_of_kind(OBJECT_FUNCTION));
    a->statistics = shows_all_metadata(c);
}

static void need_cluster_accounts(struct want *w)
{
    const struct cluster *cluster = w->cluster;
    struct slice name = cluster->name;

    if (cluster->monitor.username.size)
        need_account(w, &cluster->monitor,
                     arena_print(w->arena, "clusters.%.*s.monitor", SHOW(name)))
            ->operates = true;
    if (cluster->metadata.username.size)
        need_account(w, &cluster->metadata,
                     arena_print(w->arena, "clusters.%.*s.metadata", SHOW(name)));
    if (cluster->admin.username.size)
        need_account(w, &cluster->admin, arena_print(w->arena, "clusters.%.*s.admin", SHOW(name)))
            ->is_admin = true;
}

void want_make(struct want *w, const struct config *c, const struct cluster *cluster,
               struct arena *arena)
{
    struct want_sides *sides = want_sides_make(c, cluster, arena);
    size_t groups = 0;

    for (size_t i = 0; i < c->source_count; i++)
        groups += c->sources[i].group_count + c->sources[i].allowed_groups.count;
    *w = (struct want){.cluster = cluster, .arena = arena};
    w->accounts = arena_array(arena, c->source_count + 3, sizeof(*w->accounts));
    w->groups = arena_array(arena, groups, sizeof(*w->groups));
    map_init(&w->account_names, MAP_EXACT);
    map_init(&w->group_names, MAP_EXACT);
    map_init(&w->database_names, MAP_EXACT);
    for (size_t i = 0; i < c->source_count; i++)
        if (c->sources[i].cluster == cluster && source_is_binding(&c->sources[i]))
            need_source(w, &c->sources[i]);
    need_cluster_accounts(w);
    for (size_t i = 0; i < c->user_count; i++)
        need_of_user(w, c, &sides[i]);
    need_metadata(w, c);
}

void want_fini(struct want *w)
{
    for (size_t i = 0; i < w->account_count; i++)
        map_fini(&w->accounts[i].by_database);
    map_fini(&w->account_names);
    map_fini(&w->group_names);
    map_fini(&w->database_names);
}
