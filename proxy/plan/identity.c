/* DATABASE() and SCHEMA() tell what the session has selected, CONNECTION_ID() its number: the
 * frontend would tell those of the account's connection. The call becomes a literal; label.c keeps
 * the name of the column. */
#include "proxy/plan/plan_private.h"

#include "base/arena.h"
#include "base/error.h"

/* The offset behind `()`, or 0 when something else follows the name. */
static size_t end_of_call(struct words *w)
{
    struct word last;

    if (!word_is(word_next(w), "("))
        return 0;
    last = word_next(w);
    return word_is(last, ")") ? last.end : 0;
}

/* Numbers of connections are the gateway's, as in its greeting and in KILL. */
static struct slice connection_id(struct making *m)
{
    return arena_print(m->arena, "%u", m->here->connection_id);
}

static struct slice database(struct making *m)
{
    struct slice name = plan_selection_name(&m->here->at, m->arena);

    return name.size ? sql_quote_string(name, m->arena) : SLICE("NULL");
}

/* Whom the account's connection belongs to is nobody's business. */
static struct slice current_user(struct making *m)
{
    return sql_quote_string(arena_print(m->arena, "'%.*s'@'%%'", SHOW(m->here->user->name)),
                            m->arena);
}

static struct slice user(struct making *m)
{
    struct slice from = m->here->address;

    return sql_quote_string(arena_print(m->arena, "'%.*s'@'%.*s'", SHOW(m->here->user->name),
                                        (int)(from.size ? from.size : 1),
                                        from.size ? from.data : "%"),
                            m->arena);
}

static struct slice catalog(struct making *m)
{
    (void)m;
    return SLICE("'default_catalog'");
}

/* The roles on the selected project. */
static struct slice current_role(struct making *m)
{
    const struct project *project = m->here->at.project;
    struct slice roles = project ? grant_role_names(m->here->user, project, m->arena) : SLICE("");

    return sql_quote_string(roles.size ? roles : SLICE("NONE"), m->arena);
}

static struct slice current_group(struct making *m)
{
    const struct slices *groups = &m->here->user->groups;
    struct slice text = {"", 0};

    for (size_t i = 0; i < groups->count; i++)
        text = arena_print(m->arena, "%.*s%s%.*s", SHOW(text), i ? ", " : "",
                           SHOW(slice_after(groups->at[i], 1))); /* without the '@' */
    return sql_quote_string(text.size ? text : SLICE("NONE"), m->arena);
}

/* A connection's last query may have been another client's. */
static struct slice last_query_id(struct making *m)
{
    (void)m;
    return SLICE("NULL");
}

static const struct {
    struct slice name;
    struct slice (*tell)(struct making *m);
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

static size_t find_told(const struct sql_call *call)
{
    size_t i = 0;

    while (i < TOLD && !slice_equal_nocase(call->name, told[i].name))
        i++;
    return call->is_table_function || call->is_qualified ? TOLD : i;
}

bool render_identity(struct making *m, const struct sql_statement *s)
{
    for (uint32_t i = 0; i < s->call_count; i++) {
        const struct sql_call *call = &s->calls[i];
        size_t which = find_told(call);

        if (which == TOLD)
            continue;
        struct words w = words_over(m->text, call->end, s->end);
        size_t end = end_of_call(&w);
        if (!end)
            return refuse(m->e, ERROR_SYNTAX, "starbind: %.*s() takes no arguments",
                          SHOW(call->name));
        change_put(m, call->start, (uint32_t)end, told[which].tell(m));
    }
    return true;
}
