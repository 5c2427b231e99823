/* Selecting a project: the database at connect, USE, COM_INIT_DB. DESIGN.md section 4.
 *
 * A bare project selects prod, or dev on a dev listener; NAME_dev selects dev; ${NAME} keeps the
 * session's environment. Where a statement only names a database, a bare project is prod. */
#include "proxy/plan/plan_private.h"

#include "base/arena.h"
#include "base/error.h"

static bool select_schema(struct selection *s, struct slice schema, struct error *e)
{
    if (schema.size > SCHEMA_MAX || (schema.size && !sql_name_can_be_quoted(schema)))
        return refuse(e, ERROR_NO_SUCH_PROJECT, "Unknown database");
    s->schema = schema;
    return true;
}

static bool select_system(struct selection *s, struct slice schema, struct error *e)
{
    if (slice_equal_nocase(schema, SLICE("information_schema")))
        return select_schema(s, SLICE("information_schema"), e);
    return refuse(e, ERROR_NO_SUCH_PROJECT, "Unknown database '%.*s'", SHOW(schema));
}

/* A data source with several schemas, and none of its own, may be selected without one. */
static bool side_is_there(const struct selection *s, struct slice schema, struct error *e)
{
    enum environment environment = s->project->is_shared ? PROD : s->environment;
    const struct compute_source *side = s->project->sides[environment];
    struct binding b;

    if (side && !side->database.size && !schema.size)
        return true;
    return side_bind(s->project, environment, schema, &b, e);
}

/* `bare`: the side of a project's name alone. */
static bool select_parts(const struct plan_context *here, enum environment bare,
                         const struct sql_part *parts, uint32_t count, struct selection *selected,
                         struct error *e)
{
    struct selection s = {.environment = bare};
    struct qualifier q;

    if (!qualifier_find(here->config, here->user, parts, count, &q, e)
        || (!q.project && !select_system(&s, q.schema, e)))
        return false;
    s.project = q.project;
    if (q.project) {
        if (q.is_macro)
            s.environment = here->at.environment;
        else if (q.environment == DEV && !q.project->is_shared)
            s.environment = DEV;
        if (!grant_sees(here->user, s.project, s.environment))
            return refuse(e, ERROR_DENIED,
                          "starbind: user '%.*s' lacks any privilege on %.*s '%.*s' (%s)",
                          SHOW(here->user->name), SHOW(word_of_kind(s.project)),
                          SHOW(s.project->name), environment_name(s.environment));
        if (!side_is_there(&s, q.schema, e) || !select_schema(&s, q.schema, e))
            return false;
    }
    *selected = s;
    return true;
}

bool select_reference(const struct making *m, const struct sql_reference *r, enum environment bare,
                      struct selection *selected)
{
    if (r->count > 2)
        return refuse(m->e, ERROR_SYNTAX, "Invalid database name format '%.*s'",
                      (int)(r->end - r->start), m->text.data + r->start);
    return select_parts(m->here, bare, r->parts, r->count, selected, m->e);
}

bool plan_select(const struct config *config, const struct user *user, enum environment listener,
                 struct slice database, struct selection *selected, struct error *e)
{
    struct plan_context here = {
        .config = config, .user = user, .listener = listener, .at.environment = listener};
    const char *dot = database.size ? memchr(database.data, '.', database.size) : NULL;
    size_t head = dot ? (size_t)(dot - database.data) : 0;
    struct sql_part parts[2] = {{.value = database}};
    uint32_t count = 1;

    if (database.size == 0 || slice_equal_nocase(database, SLICE("default_catalog."))) {
        *selected = (struct selection){.environment = listener};
        return true;
    }
    if (dot) {
        parts[0].value = slice_head(database, head);
        parts[1].value = slice_after(database, head + 1);
        count = 2;
    }
    return select_parts(&here, listener, parts, count, selected, e);
}

struct slice plan_selection_name(const struct selection *selected, struct arena *arena)
{
    const struct project *project = selected->project;

    if (!project)
        return selected->schema;
    if (!selected->schema.size)
        return project->names[selected->environment];
    return arena_print(arena, "%.*s.%.*s", SHOW(project->names[selected->environment]),
                       SHOW(selected->schema));
}
