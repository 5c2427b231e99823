/* DATABASE() and SCHEMA() tell what the session has selected, CONNECTION_ID() its number: the
 * frontend would tell those of the account's connection. The call becomes a literal; label.c keeps
 * the name of the column. */
#include "proxy/plan/plan_private.h"

#include "base/arena.h"
#include "base/error.h"

bool identity_is_bare(struct slice name)
{
    return slice_equal_nocase(name, SLICE("current_user"))
           || slice_equal_nocase(name, SLICE("current_role"))
           || slice_equal_nocase(name, SLICE("current_group"));
}

/* The offset behind `()`, or 0 when something else follows the name. */
static size_t end_of_call(const struct making *m, const struct sql_call *call, size_t end)
{
    struct words w = words_over(m->text, call->end, end);
    struct word last;

    if (!word_is(word_next(&w), "("))
        return identity_is_bare(call->name) ? call->end : 0;
    last = word_next(&w);
    return word_is(last, ")") ? last.end : 0;
}

/* Numbers of connections are the gateway's, as in its greeting and in KILL. */
static struct slice connection_id(const struct plan_context *here, struct arena *arena)
{
    return arena_print(arena, "%u", here->connection_id);
}

static struct slice database(const struct plan_context *here, struct arena *arena)
{
    struct slice name = plan_selection_name(&here->at, arena);

    return name.size ? name : (struct slice){NULL, 0};
}

/* Whom the account's connection belongs to is nobody's business. */
static struct slice current_user(const struct plan_context *here, struct arena *arena)
{
    return arena_print(arena, "'%.*s'@'%%'", SHOW(here->user->name));
}

static struct slice user(const struct plan_context *here, struct arena *arena)
{
    struct slice from = here->address;

    return arena_print(arena, "'%.*s'@'%.*s'", SHOW(here->user->name),
                       (int)(from.size ? from.size : 1), from.size ? from.data : "%");
}

static struct slice catalog(const struct plan_context *here, struct arena *arena)
{
    (void)here;
    (void)arena;
    return SLICE("default_catalog");
}

/* The roles on the selected project. */
static struct slice current_role(const struct plan_context *here, struct arena *arena)
{
    const struct project *project = here->at.project;
    struct slice roles = project ? grant_role_names(here->user, project, arena) : SLICE("");

    return roles.size ? roles : SLICE("NONE");
}

static struct slice current_group(const struct plan_context *here, struct arena *arena)
{
    const struct slices *groups = &here->user->groups;
    struct slice text = {"", 0};

    for (size_t i = 0; i < groups->count; i++)
        text = arena_print(arena, "%.*s%s%.*s", SHOW(text), i ? ", " : "",
                           SHOW(slice_after(groups->at[i], 1))); /* without the '@' */
    return text.size ? text : SLICE("NONE");
}

/* A connection's last query may have been another client's. */
static struct slice last_query_id(const struct plan_context *here, struct arena *arena)
{
    (void)here;
    (void)arena;
    return (struct slice){NULL, 0};
}

static const struct {
    struct slice name;
    struct slice (*tell)(const struct plan_context *here, struct arena *arena);
} told[] = {
    {{"database", 8}, database},
    {{"schema", 6}, database},
    {{"connection_id", 13}, connection_id},
    {{"user", 4}, user},
    {{"session_user", 12}, user},
    {{"system_user", 11}, user},
    {{"current_user", 12}, current_user},
    {{"catalog", 7}, catalog},
    {{"current_role", 12}, current_role},
    {{"current_group", 13}, current_group},
    {{"last_query_id", 13}, last_query_id},
};

enum { TOLD = sizeof told / sizeof *told };

static size_t find_told(struct slice name)
{
    size_t i = 0;

    while (i < TOLD && !slice_equal_nocase(name, told[i].name))
        i++;
    return i;
}

bool identity_value(const struct plan_context *here, struct slice name, struct arena *arena,
                    struct slice *value, enum plan_type *type)
{
    size_t which = find_told(name);

    if (which == TOLD)
        return false;
    *value = told[which].tell(here, arena);
    *type = told[which].tell == connection_id ? PLAN_BIGINT : PLAN_TEXT;
    return true;
}

static struct slice literal(struct slice value, enum plan_type type, struct arena *arena)
{
    if (!value.data)
        return SLICE("NULL");
    return type == PLAN_TEXT ? sql_quote_string(value, arena) : value;
}

bool render_identity(struct making *m, const struct sql_statement *s)
{
    for (uint32_t i = 0; i < s->call_count; i++) {
        const struct sql_call *call = &s->calls[i];
        struct slice value;
        enum plan_type type;

        if (call->is_table_function || call->is_qualified
            || !identity_value(m->here, call->name, m->arena, &value, &type))
            continue;
        size_t end = end_of_call(m, call, s->end);
        if (!end)
            return refuse(m->e, ERROR_SYNTAX, "starbind: %.*s() takes no arguments",
                          SHOW(call->name));
        m->plan->is_personal = true; /* even where it is written already: DATABASE() of a look-up */
        if (call->start != m->looked_up)
            change_put(m, call->start, (uint32_t)end, literal(value, type, m->arena));
    }
    return true;
}
