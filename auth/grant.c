/* Membership, groups and roles become privileges: every look-up walks the few roles of one project.
 */
#include "auth/grant.h"

#include "base/arena.h"
#include "base/map.h"

bool grant_pattern_matches(struct slice pattern, struct slice name)
{
    size_t p = 0, n = 0, star = pattern.size, resume = 0;

    while (n < name.size) {
        if (p < pattern.size && pattern.data[p] == '*') {
            star = p++; /* first let the star stand for nothing, then for one byte more each time */
            resume = n;
        } else if (p < pattern.size && pattern.data[p] == name.data[n]) {
            p++;
            n++;
        } else if (star < pattern.size) {
            p = star + 1;
            n = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.size && pattern.data[p] == '*')
        p++;
    return p == pattern.size;
}

static bool grant_covers(const struct grant *grant, struct slice table)
{
    if (grant->tables.count == 0)
        return true;
    for (size_t i = 0; table.size && i < grant->tables.count; i++)
        if (grant_pattern_matches(grant->tables.at[i], table))
            return true;
    return false;
}

/* The user's own membership first, then one per group; NULL at the end. *at starts with 0. */
static const struct membership *next_membership(const struct user *user,
                                                const struct project *project, size_t *at)
{
    if (user->only.size && !slice_equal(user->only, project->name))
        return NULL;
    while (*at <= user->groups.count) {
        size_t i = (*at)++;
        struct slice key = i == 0 ? user->name : user->groups.at[i - 1];
        const struct membership *found = map_find(&project->members, key);

        if (found)
            return found;
    }
    return NULL;
}

/* What one role gives; with a table: on it, or on the whole side; without: on the whole side, or
 * with `any` on whatever it is limited to. */
static unsigned role_privileges(const struct role *role, enum environment environment,
                                struct slice table, bool any)
{
    unsigned privileges = 0;

    for (size_t i = 0; i < role->grant_count[environment]; i++) {
        const struct grant *grant = &role->grants[environment][i];

        if (any || grant_covers(grant, table))
            privileges |= grant->privileges;
    }
    return privileges;
}

static unsigned privileges_of(const struct user *user, const struct project *project,
                              enum environment environment, struct slice table, bool any)
{
    const struct membership *membership;
    unsigned privileges = 0;
    size_t at = 0;

    if (project->is_shared)
        environment = PROD;
    while ((membership = next_membership(user, project, &at)))
        for (size_t i = 0; i < membership->role_count; i++)
            privileges |= role_privileges(membership->roles[i], environment, table, any);
    return privileges;
}

unsigned grant_privileges(const struct user *user, const struct project *project,
                          enum environment environment, struct slice table)
{
    return privileges_of(user, project, environment, table, false);
}

unsigned grant_privileges_somewhere(const struct user *user, const struct project *project,
                                    enum environment environment)
{
    return privileges_of(user, project, environment, (struct slice){NULL, 0}, true);
}

bool grant_sees(const struct user *user, const struct project *project,
                enum environment environment)
{
    return grant_privileges_somewhere(user, project, environment) != 0;
}

static void add_tables(struct slices *to, const struct slices *from, struct arena *arena)
{
    struct slice *at = arena_array(arena, to->count + from->count, sizeof(*at));

    if (to->count)
        memcpy(at, to->at, to->count * sizeof(*at));
    memcpy(at + to->count, from->at, from->count * sizeof(*at));
    *to = (struct slices){at, to->count + from->count};
}

/* False when one of the role's grants is for all tables. */
static bool is_limited(const struct role *role, enum environment environment, struct arena *arena,
                       struct slices *tables)
{
    for (size_t i = 0; i < role->grant_count[environment]; i++) {
        const struct grant *grant = &role->grants[environment][i];

        if (grant->privileges && !grant->tables.count)
            return false;
        if (grant->privileges)
            add_tables(tables, &grant->tables, arena);
    }
    return true;
}

bool grant_tables(const struct user *user, const struct project *project,
                  enum environment environment, struct arena *arena, struct slices *tables)
{
    const struct membership *membership;
    size_t at = 0;

    *tables = (struct slices){0};
    if (project->is_shared)
        environment = PROD;
    while ((membership = next_membership(user, project, &at)))
        for (size_t i = 0; i < membership->role_count; i++)
            if (!is_limited(membership->roles[i], environment, arena, tables))
                return true;
    return false;
}

bool grant_is_member(const struct user *user, const struct project *project)
{
    size_t at = 0;

    return next_membership(user, project, &at) != NULL;
}

struct slice grant_role_names(const struct user *user, const struct project *project,
                              struct arena *arena)
{
    const struct membership *membership;
    struct slice names = {"", 0};
    size_t at = 0;

    while ((membership = next_membership(user, project, &at)))
        for (size_t i = 0; i < membership->role_count; i++)
            names = arena_print(arena, "%.*s%s%.*s", SHOW(names), names.size ? ", " : "",
                                SHOW(membership->roles[i]->name));
    return names;
}

unsigned grant_across(const struct config *config, const struct project *project)
{
    enum cross_environment cross = project->cross_environment;

    if (cross == CROSS_INHERIT)
        cross = config->settings.cross_environment;
    switch (cross) {
    case CROSS_READ:
        return READ | SHARE;
    case CROSS_WRITE:
        return READ | WRITE | DDL | LOAD | SHARE;
    case CROSS_NONE:
    case CROSS_INHERIT: /* the settings' own value always says something; refuse if it does not */
        break;
    }
    return 0;
}
