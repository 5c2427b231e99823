/* DATABASE() and SCHEMA() tell what the session has selected: the frontend would tell the database
 * of the account. The call becomes a literal; label.c keeps the name of the column. */
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

static bool is_database_call(const struct sql_call *call)
{
    return !call->is_table_function && !call->is_qualified
           && (slice_equal_nocase(call->name, SLICE("database"))
               || slice_equal_nocase(call->name, SLICE("schema")));
}

bool render_identity(struct making *m, const struct sql_statement *s)
{
    struct slice value = {NULL, 0};

    for (uint32_t i = 0; i < s->call_count; i++) {
        const struct sql_call *call = &s->calls[i];
        struct words w = words_over(m->text, call->end, s->end);
        size_t end;

        if (!is_database_call(call))
            continue;
        end = end_of_call(&w);
        if (!end)
            return refuse(m->e, ERROR_SYNTAX, "starbind: %.*s() takes no arguments",
                          SHOW(call->name));
        if (!value.size) {
            struct slice name = plan_selection_name(&m->here->at, m->arena);

            value = name.size ? sql_quote_string(name, m->arena) : SLICE("NULL");
        }
        change_put(m, call->start, (uint32_t)end, value);
    }
    return true;
}
