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

struct search {
    const struct user *user;
    const struct narrowing *n; /* NULL: all names are asked for */
    struct arena *arena;
    struct visible *at;
    size_t count, room;
};

static bool is_asked_for(const struct search *s, struct slice name)
{
    return !s->n || narrow_keeps(s->n, name);
}

static void add(struct search *s, const struct visible *v)
{
    if (s->count == s->room) {
        size_t room = s->room ? s->room * 2 : 8;

        s->at = arena_grow(s->arena, s->at, s->room * sizeof(*s->at), room * sizeof(*s->at));
        s->room = room;
    }
    s->at[s->count++] = *v;
}

/* One side: under the project's name, and its further schemas as `name.schema`. */
static void add_side(struct search *s, struct visible v)
{
    const struct compute_source *side = v.source;
    struct slice name = v.project->names[v.environment];

    v.is_listed_by_name = true;
    v.is_whole = grant_tables(s->user, v.project, v.environment, s->arena, &v.tables);
    v.name = name;
    v.database = side->database;
    if (side->database.size && is_asked_for(s, name))
        add(s, &v);
    for (size_t i = 0; i < side->databases.count; i++) {
        if (slice_equal(side->databases.at[i], side->database))
            continue;
        v.database = side->databases.at[i];
        v.name = arena_print(s->arena, "%.*s.%.*s", SHOW(name), SHOW(v.database));
        if (is_asked_for(s, v.name))
            add(s, &v);
    }
    if (!side->any_database)
        return;
    v.is_listed_by_name = false;
    v.database = SLICE("");
    v.name = name;
    add(s, &v);
}

/* Can a side hold what is asked for? Before anybody's rights are looked at. */
static bool is_near(const struct search *s, const struct project *project,
                    enum environment environment)
{
    const struct compute_source *side = project->sides[environment];

    if (!side || (environment != PROD && project->is_shared))
        return false;
    return side->databases.count || side->any_database
           || is_asked_for(s, project->names[environment]);
}

static void look_at(struct search *s, const struct project *project, enum environment environment)
{
    if (is_near(s, project, environment) && grant_sees(s->user, project, environment))
        add_side(s, (struct visible){.project = project,
                                     .environment = environment,
                                     .source = project->sides[environment]});
}

static void look_at_all(struct search *s, const struct config *c)
{
    for (size_t i = 0; i < c->project_count; i++)
        for (unsigned e = 0; e < ENVIRONMENTS; e++)
            look_at(s, &c->projects[i], (enum environment)e);
}

static bool has_side(const struct search *s, size_t count, const struct project_name *side)
{
    for (size_t i = 0; i < count; i++)
        if (s->at[i].project == side->project && s->at[i].environment == side->environment)
            return true;
    return false;
}

/* The sides that the names begin with, and those that any name may begin with: of thousands of
 * projects a statement asks for one. */
static void look_at_named(struct search *s, const struct config *c)
{
    for (size_t i = 0; i < s->n->names.count; i++) {
        struct slice name = s->n->names.at[i];
        const char *dot = name.size ? memchr(name.data, '.', name.size) : NULL;
        const struct project_name *side =
            config_find_project(c, dot ? slice_head(name, (size_t)(dot - name.data)) : name);

        if (side && !has_side(s, s->count, side))
            look_at(s, side->project, side->environment);
    }
    const size_t named = s->count;
    for (const struct project_name *side = c->open_sides; side; side = side->next)
        if (!has_side(s, named, side))
            look_at(s, side->project, side->environment);
}

size_t visible_narrowed(const struct config *c, const struct user *user, const struct narrowing *n,
                        struct arena *arena, struct visible **found)
{
    struct search s = {.user = user, .n = n, .arena = arena};

    if (n && !n->is_pattern)
        look_at_named(&s, c);
    else
        look_at_all(&s, c);
    if (s.count > 1)
        qsort(s.at, s.count, sizeof(*s.at), by_name);
    *found = s.at;
    return s.count;
}

size_t visible_find(const struct config *c, const struct user *user, struct arena *arena,
                    struct visible **found)
{
    return visible_narrowed(c, user, NULL, arena, found);
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
