/* Which columns of a derived table a statement can mean: those whose name stands in it as a word.
 *
 * Columns are reached without their names by `*` (that of COUNT(*) aside) and by PIVOT, which
 * groups by the others; there is no NATURAL JOIN. Where one of these stands, in a long statement
 * and beside hints, which may hold queries, all columns stay. A word counts wherever it stands, as
 * an alias, too: what is kept in vain costs little. */
#include "proxy/plan/derive.h"

enum { STATEMENT_MAX = 65536 };

/* The name in a word; size 0: it is none. In double quotes it is one for some servers. */
static struct slice name_in(struct word w)
{
    if (w.kind == WORD_NAME)
        return w.text;
    if (w.kind == WORD_END || w.kind == WORD_MARK || w.text.data[0] == '\'' || w.text.size < 2)
        return SLICE("");
    return slice_make(w.text.data + 1, w.text.size - 2);
}

static void mark(struct derivation *d, struct slice name, bool *is_named)
{
    for (size_t i = 0; i < d->column_count; i++)
        if (d->columns[i].size == name.size && slice_equal_nocase(d->columns[i], name))
            is_named[i] = true;
}

/* False: a column may be meant without being named. */
static bool mark_all(struct derivation *d, const struct sql_statement *s, bool *is_named)
{
    struct words w = words_over(d->m->text, s->start, s->end);
    struct word before[2] = {{.kind = WORD_END}, {.kind = WORD_END}}, word;

    while ((word = word_next(&w)).kind != WORD_END) {
        struct slice name = name_in(word);
        bool is_count = word_is(before[1], "(") && word_is(before[0], "count");

        if ((word_is(word, "*") && !is_count) || word_is(word, "pivot")
            || (word.kind == WORD_QUOTED && name.size && memchr(name.data, '`', name.size)))
            return false;
        mark(d, fold(name, d->m->arena), is_named);
        before[0] = before[1];
        before[1] = word;
    }
    return true;
}

void derive_keep_named(struct derivation *d, const struct sql_statement *s)
{
    bool is_named[COLUMNS_OF_TABLE_MAX] = {false};
    size_t kept = 0;

    if (s->hint_count || s->end - s->start > STATEMENT_MAX || !mark_all(d, s, is_named))
        return;
    if (!d->owner.size) /* of a table that has no rows for anybody: a SELECT needs an item */
        is_named[0] = true;
    for (size_t i = 0; i < d->column_count; i++) {
        if (!is_named[i] && d->signs[i] != '@')
            continue;
        d->columns[kept] = d->columns[i];
        d->signs[kept++] = d->signs[i];
    }
    d->column_count = kept;
}
