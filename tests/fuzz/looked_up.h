/* A statement that reads a table of information_schema itself, and no derived one, must be limited
 * to a database of the user's: by a condition between two AND that nothing else in it can widen.
 * Behind ORDER nothing is compared, and nothing in double quotes, which may be names. */
#ifndef TESTS_FUZZ_LOOKED_UP_H
#define TESTS_FUZZ_LOOKED_UP_H

#include "base/must.h"
#include "protocol/sql/sql_private.h"
#include "proxy/plan/plan_private.h"

static struct slice told(struct slice text, const struct token *t)
{
    struct slice name = slice_make(text.data + t->start, t->end - t->start);

    return t->kind == T_QUOTED || is_string(t) ? slice_make(name.data + 1, name.size - 2) : name;
}

static bool is_told(struct slice text, const struct token *t, const char *word)
{
    return t->kind != T_END && !is_string(t) && slice_equal_nocase(told(text, t), slice_of(word));
}

static bool widens(struct slice text, const struct token *t)
{
    static const char *const words[] = {
        "or",     "xor",       "||",     "|",     "^",      "between", "case", "union",
        "except", "intersect", "minus",  "with",  "?",      "@",       "/",    "-",
        "join",   "select",    "having", "group", "exists", "if"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (is_told(text, t, words[i]))
            return true;
    return false;
}

/* AND [alias.]schema = 'dw_sales' AND */
static bool limits(struct slice text, const struct token *first, const struct token *t,
                   struct slice owner, bool (*is_open)(struct slice database))
{
    const struct token *before = t - 3;

    if (t - first < 8 || !is_string(t) || !is_told(text, t - 1, "=") || t[-2].kind == T_STRING
        || !slice_equal_nocase(told(text, t - 2), owner) || !is_open(told(text, t)))
        return false;
    if (is_told(text, before, "."))
        before -= 2;
    return (is_told(text, before, "where") || is_told(text, before, "and"))
           && (t[1].kind == T_END || is_told(text, t + 1, ";") || is_told(text, t + 1, "and")
               || is_told(text, t + 1, "order") || is_told(text, t + 1, "limit"));
}

/* The depth of brackets that a byte of the text stands in. */
static unsigned depth_at(struct slice text, const struct token *t, uint32_t at)
{
    unsigned depth = 0;

    for (; t->kind != T_END && t->start < at; t++)
        depth += is_told(text, t, "(") ? 1U : is_told(text, t, ")") ? -1U : 0;
    return depth;
}

static void must_be_limited(struct slice text, const struct sql_statement *s,
                            const struct sql_reference *r, bool (*is_open)(struct slice database),
                            struct arena *arena)
{
    const struct information *row = information_find(r->parts[r->count - 1].value);
    struct vector hints = {0};
    struct token_run run;
    struct error e;
    unsigned depth = 0, limited = 0;
    bool is_ordered = false;

    must(tokens_read(text, s->start, s->end, arena, &hints, &run, &e));
    if (!row || row->gate != INFORMATION_ROWS || depth_at(text, run.tokens, r->start))
        return;
    for (const struct token *t = run.tokens; t->kind != T_END; t++) {
        depth += is_told(text, t, "(") ? 1U : is_told(text, t, ")") ? -1U : 0;
        is_ordered |= is_told(text, t, "order");
        must(t == run.tokens || !widens(text, t));
        must(text.data[t->start] != '"' && !(is_ordered && (depth || is_string(t))));
        if (depth == 0)
            limited += limits(text, run.tokens, t, information_column_with(row, '@'), is_open);
    }
    must(limited == 1);
}

#endif
