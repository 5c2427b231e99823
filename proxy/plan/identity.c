/* DATABASE() and SCHEMA() tell what the session has selected: the frontend would tell the database
 * of the account. The call becomes a literal; a select item keeps the name of its column. */
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

/* True when the word before this place is SELECT. */
static bool follows_select(struct slice text, size_t start)
{
    static const char select[] = "select";
    size_t n = sizeof select - 1;

    while (start && strchr(" \t\r\n", text.data[start - 1]))
        start--;
    if (start < n || !slice_equal_nocase(slice_make(text.data + start - n, n), SLICE("select")))
        return false;
    return start == n || strchr(" \t\r\n(;/", text.data[start - n - 1]);
}

static bool ends_item(struct words w)
{
    static const char *const ends[] = {",", ")", ";", "from", "limit", "union"};
    struct word word = word_next(&w);

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (word_is(word, ends[i]))
            return true;
    return word.kind == WORD_END;
}

static bool is_database_call(const struct sql_call *call)
{
    return !call->is_table_function && !call->is_qualified
           && (slice_equal_nocase(call->name, SLICE("database"))
               || slice_equal_nocase(call->name, SLICE("schema")));
}

bool render_identity(struct making *m, const struct sql_statement *s)
{
    struct slice name = plan_selection_name(&m->here->at, m->arena);
    struct slice value = name.size ? sql_quote_string(name, m->arena) : SLICE("NULL");

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
        struct slice typed = slice_make(m->text.data + call->start, end - call->start);
        bool is_item =
            follows_select(m->text, call->start) && ends_item(w) && sql_name_can_be_quoted(typed);

        change_put(m, call->start, (uint32_t)end,
                   is_item ? arena_print(m->arena, "%.*s AS %.*s", SHOW(value),
                                         SHOW(sql_quote_name(typed, m->arena)))
                           : value);
    }
    return true;
}
