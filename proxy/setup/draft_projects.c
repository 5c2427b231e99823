/* Databases to projects. A project is called as its database, so that statements that name it go on
 * working; where that is no name for a project, as much of it as there can be. `x_dev` beside `x`
 * is the dev side of `x`. */
#include "base/arena.h"
#include "proxy/setup/draft_private.h"

enum { NAME_MAX_BYTES = 52 }; /* "sb_" and "_dev" around it make an account of at most 64 */

static const struct slice suffix = {"_dev", 4};

/* The database whose dev side this one is, or empty. */
static struct slice base_of(const struct survey *s, struct slice database)
{
    struct slice base;

    if (database.size <= suffix.size || !slice_ends_with(database, suffix))
        return (struct slice){0};
    base = slice_head(database, database.size - suffix.size);
    return slices_have(&s->databases, base) ? base : (struct slice){0};
}

static bool is_word(char c)
{
    c = ascii_lower(c);
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

static bool is_reserved(struct slice name)
{
    return slice_equal_nocase(name, SLICE("default_catalog"))
           || slice_equal_nocase(name, SLICE("starbind"));
}

/* Letters, digits and '_' of ASCII; the rest becomes '_'. */
static struct slice qualifier_of(struct slice database, struct arena *arena)
{
    char *made = arena_alloc(arena, NAME_MAX_BYTES + 2);
    size_t size = 0;

    if (database.data[0] >= '0' && database.data[0] <= '9')
        made[size++] = '_';
    for (size_t i = 0; i < database.size && size < NAME_MAX_BYTES; i++)
        made[size++] = is_word(database.data[i]) ? database.data[i] : '_';
    if (is_reserved(slice_make(made, size)))
        made[size++] = '_';
    return slice_make(made, size);
}

static struct slice dev_name(struct drafting *d, struct slice name)
{
    return arena_print(d->arena, "%.*s_dev", SHOW(name));
}

/* A name that neither it nor its dev side shares with others. */
static struct slice free_name(struct drafting *d, struct slice database)
{
    struct slice base = qualifier_of(database, d->arena), name = base;

    for (unsigned n = 2; map_find(&d->names, name) || map_find(&d->names, dev_name(d, name)); n++)
        name = arena_print(d->arena, "%.*s_%u", SHOW(base), n);
    map_put(&d->names, name, d);
    map_put(&d->names, dev_name(d, name), d);
    return name;
}

void draft_projects(struct drafting *d)
{
    const struct slices *databases = &d->survey->databases;

    d->projects = arena_array(d->arena, databases->count, sizeof(*d->projects));
    for (size_t i = 0; i < databases->count; i++) {
        struct slice database = databases->at[i], dev = dev_name(d, database);
        if (base_of(d->survey, database).size)
            continue;
        struct drafted *p = &d->projects[d->count++];
        p->name = free_name(d, database);
        p->databases[PROD] = database;
        if (slices_have(databases, dev))
            p->databases[DEV] = dev;
        if (!slice_equal(p->name, database))
            draft_note(d, "database '%.*s' is project '%.*s': rename it, if you like",
                       SHOW(database), SHOW(p->name));
    }
}
