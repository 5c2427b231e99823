#include "proxy/plan/visible.h"

#include <stdlib.h>

#include "auth/grant.h"
#include "base/arena.h"
#include "proxy/plan/plan_private.h"

static int by_name(const void *a, const void *b)
{
    const struct visible *x = a, *y = b;

    return slice_compare(x->name, y->name);
}

static size_t count_most(const struct config *c)
{
    size_t most = 0;

    for (size_t i = 0; i < c->project_count; i++)
        for (unsigned e = 0; e < ENVIRONMENTS; e++)
            if (c->projects[i].sides[e])
                most += 2 + c->projects[i].sides[e]->databases.count;
    return most;
}

/* One side: under the project's name, and its further schemas as `name.schema`. */
static void add_side(struct visible *all, size_t *count, struct visible v, const struct user *user,
                     struct arena *arena)
{
    const struct compute_source *side = v.source;
    struct slice name = v.environment == DEV ? arena_print(arena, "%.*s_dev", SHOW(v.project->name))
                                             : v.project->name;

    v.is_listed_by_name = true;
    v.is_whole = grant_tables(user, v.project, v.environment, arena, &v.tables);
    v.name = name;
    v.database = side->database;
    if (side->database.size)
        all[(*count)++] = v;
    for (size_t i = 0; i < side->databases.count; i++) {
        if (slice_equal(side->databases.at[i], side->database))
            continue;
        v.database = side->databases.at[i];
        v.name = arena_print(arena, "%.*s.%.*s", SHOW(name), SHOW(v.database));
        all[(*count)++] = v;
    }
    if (!side->any_database)
        return;
    v.is_listed_by_name = false;
    v.database = SLICE("");
    v.name = name;
    all[(*count)++] = v;
}

size_t visible_find(const struct config *c, const struct user *user, struct arena *arena,
                    struct visible **found)
{
    struct visible *all = arena_array(arena, count_most(c) + 1, sizeof(*all));
    size_t count = 0;

    for (size_t i = 0; i < c->project_count; i++) {
        const struct project *project = &c->projects[i];
        for (unsigned e = 0; e < ENVIRONMENTS; e++) {
            struct visible v = {.project = project, .environment = (enum environment)e};
            bool is_own_side = e == PROD || !project->is_shared;

            v.source = project->sides[e];
            if (v.source && is_own_side && grant_sees(user, project, v.environment))
                add_side(all, &count, v, user, arena);
        }
    }
    if (count)
        qsort(all, count, sizeof(*all), by_name);
    *found = all;
    return count;
}

bool visible_has_table(const struct visible *v, struct slice table)
{
    if (v->is_whole)
        return true;
    for (size_t i = 0; i < v->tables.count; i++)
        if (grant_pattern_matches(v->tables.at[i], table))
            return true;
    return false;
}
