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

static const struct {
    struct slice name;
    struct slice (*tell)(struct making *m);
} told[] = {
    {{"database", 8}, database},
    {{"schema", 6}, database},
    {{"connection_id", 13}, connection_id},
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
