/* Which columns of a derived table a statement can mean: those whose name stands in it as a word,
 * and can be written.
 *
 * Columns are reached without their names by `*` (that of COUNT(*) aside) and by PIVOT, which
 * groups by the others; there is no NATURAL JOIN. Where one of these stands, in a long statement
 * and beside hints, which may hold queries, all columns stay. A word counts wherever it stands, as
 * an alias, too: what is kept in vain costs little.
 *
 * MariaDB takes a derived table of one SELECT into the query around it, and calls the columns of
 * the result as they are called inside: so they are written as the list of the result spells them.
 */
#include "proxy/plan/derive.h"

/* The name in a word; size 0: it is none. In double quotes it is one for some servers. */
static struct slice name_in(struct word w)
{
    if (w.kind == WORD_STRING && w.text.data[0] == '"' && w.text.size >= 2)
        return slice_make(w.text.data + 1, w.text.size - 2);
    return word_name(w);
}

struct names { /* what is found of the columns' */
    bool is_named[COLUMNS_OF_TABLE_MAX];
    struct slice listed[COLUMNS_OF_TABLE_MAX]; /* as the list of the result spells it first */
    uint64_t sizes; /* a bit for each, mod 64: most words have none of them */
};

static void mark(struct derivation *d, struct slice name, bool is_listed, struct names *names)
{
    if (!slice_is_ascii(name))
        name = fold(name, d->m->arena);
    if (!(names->sizes >> name.size % 64 & 1))
        return;
    for (size_t i = 0; i < d->column_count; i++)
        if (d->columns[i].size == name.size && slice_equal_nocase(d->columns[i], name)) {
            names->is_named[i] = true;
            if (is_listed && !names->listed[i].size)
                names->listed[i] = name;
        }
}

/* False: a column may be meant without being named. */
static bool mark_all(struct derivation *d, const struct sql_statement *s, struct names *names)
{
    struct words w = words_over(d->m->text, s->start, s->end);
    struct word before[2] = {{.kind = WORD_END}, {.kind = WORD_END}}, word;

    while ((word = word_next(&w)).kind != WORD_END) {
        struct slice name = name_in(word);

        if (word_is(word, "*") && !(word_is(before[1], "(") && word_is(before[0], "count")))
            return false;
        if (word_is(word, "pivot")
            || (word.kind == WORD_QUOTED && name.size && memchr(name.data, '`', name.size)))
            return false;
        if (name.size)
            mark(d, name, word.end > s->list_start && word.end <= s->list_end, names);
        before[0] = before[1];
        before[1] = word;
    }
    return true;
}

void derive_keep_named(struct derivation *d, const struct sql_statement *s)
{
    struct names names = {0};
    size_t kept = 0;

    for (size_t i = 0; i < d->column_count; i++)
        names.sizes |= (uint64_t)1 << d->columns[i].size % 64;
    bool all = s->hint_count || s->end - s->start > REREAD_MAX || !mark_all(d, s, &names);
    if (!d->owner.size) /* of a table that has no rows for anybody: a SELECT needs an item */
        names.is_named[0] = true;
    for (size_t i = 0; i < d->column_count; i++) {
        bool is_kept = all || names.is_named[i] || slice_equal(d->columns[i], d->owner);

        if (is_kept && can_be_written(d->columns[i]))
            d->columns[kept++] = all || !names.listed[i].size ? d->columns[i] : names.listed[i];
    }
    d->column_count = kept;
}
