/* Which schema names a statement compares with: then the frontend need not look at all databases,
 * and the statement's cluster is known.
 *
 *   … FROM information_schema.tables t WHERE t.table_schema = 'sales' AND …
 *
 * A condition counts when it is one of those that AND joins in the WHERE of the very SELECT whose
 * FROM holds the table, and compares the column with plain strings. The condition itself stays in
 * the text, so that rows may be left out only which it drops anyway; NULL never fulfils one, so
 * outer joins do no harm. Where anything else stands in that WHERE, nothing is concluded, nor from
 * a long statement. */
#include "proxy/plan/plan_private.h"

#include "base/arena.h"

struct place_of_column { /* how the column may be written */
    struct slice alias, column;
    bool is_alone; /* the only item of its FROM: no alias is needed */
};

static bool word_ends_where(const struct word *w)
{
    static const struct slice ends[] = {
        {"group", 5},  {"having", 6},    {"order", 5}, {"limit", 5},  {"union", 5},
        {"except", 6}, {"intersect", 9}, {"minus", 5}, {"window", 6}, {"qualify", 7},
    };

    if (w->kind == WORD_END || word_is(*w, ";") || word_is(*w, ")"))
        return true;
    for (size_t i = 0; w->kind == WORD_NAME && i < sizeof ends / sizeof *ends; i++)
        if (slice_equal_nocase(w->text, ends[i]))
            return true;
    return false;
}

/* The next word that stands in no bracket; a bracket itself counts as "(". */
static struct word step(struct words *w)
{
    struct word word = word_next(w);

    if (word_is(word, "("))
        words_leave(w);
    return word;
}

/* Moves behind WHERE; false when the SELECT has none. */
static bool find_where(struct words *w, bool *is_alone)
{
    for (struct word word = step(w); !word_ends_where(&word); word = step(w)) {
        if (word_is(word, "where"))
            return true;
        if (word_is(word, ",") || word_is(word, "join"))
            *is_alone = false;
    }
    return false;
}

/* True when FROM stands right before the table. */
static bool is_first(const struct making *m, const struct sql_statement *s,
                     const struct sql_reference *r)
{
    size_t from = r->start > 256 ? r->start - 256 : 0; /* FROM and what blanks there may be */
    struct slice before;

    if (from < s->start)
        from = s->start;
    before = slice_make(m->text.data + from, r->start - from);
    while (before.size && strchr(" \t\r\n", before.data[before.size - 1]))
        before.size--;
    return before.size >= 4
           && slice_equal_nocase(slice_after(before, before.size - 4), SLICE("from"))
           && (before.size == 4 || strchr(" \t\r\n)'`\"*", before.data[before.size - 5]));
}

/* Conditions that only AND joins; anything else in the WHERE ends the attempt. */
static bool is_plain(struct words w)
{
    struct word before = {.kind = WORD_MARK, .text = SLICE("and")}, word;

    for (word = step(&w); !word_ends_where(&word); word = step(&w)) {
        bool is_first_word = word_is(before, "and");

        if (word_is(word, "or") || word_is(word, "xor") || word_is(word, "between")
            || word_is(word, "case") || word_is(word, "|") || word_is(word, "&")
            || word_is(word, ":") || (is_first_word && word_is(word, "not")))
            return false;
        before = word;
    }
    return true;
}

static bool is_name(struct word w, struct slice name)
{
    return slice_equal_nocase(word_name(w), name);
}

/* [alias.]column; *w stands behind it. */
static bool take_column(struct words *w, struct word first, const struct place_of_column *at)
{
    struct words ahead = *w;

    if (is_name(first, at->alias)) {
        struct word dot = word_next(&ahead), column = word_next(&ahead);

        if (!word_is(dot, ".") || !is_name(column, at->column))
            return false;
        *w = ahead;
        return true;
    }
    return at->is_alone && is_name(first, at->column);
}

static void keep(struct narrowing *n, bool is_pattern, struct slice value, struct arena *arena)
{
    struct slice *wider = arena_array(arena, n->names.count + 1, sizeof *wider);

    if (n->names.count)
        memcpy(wider, n->names.at, n->names.count * sizeof *wider);
    wider[n->names.count++] = value;
    n->names.at = wider;
    n->is_pattern = is_pattern;
}

/* ( 'a', 'b' ) */
static bool take_list(struct words *w, struct narrowing *n, struct arena *arena)
{
    struct slice value;

    if (!word_is(word_next(w), "("))
        return false;
    for (;;) {
        struct word word = word_next(w), after;

        if (!word_string(word, &value) || n->names.count == NARROW_MAX)
            return false;
        keep(n, false, value, arena);
        after = word_next(w);
        if (word_is(after, ")"))
            return true;
        if (!word_is(after, ","))
            return false;
    }
}

static bool take_database_call(const struct making *m, struct words *w, struct slice *value)
{
    *value = plan_selection_name(&m->here->at, m->arena);
    return word_is(word_next(w), "(") && word_is(word_next(w), ")");
}

/* What follows the column: = 'x', = DATABASE(), LIKE 'x', IN (…). */
static bool take_comparison(const struct making *m, struct words *w, struct narrowing *n)
{
    struct word operator= word_next(w), word;
    bool is_like = word_is(operator, "like");
    struct slice value;

    if (word_is(operator, "in"))
        return take_list(w, n, m->arena);
    if (!word_is(operator, "=") && !is_like)
        return false;
    word = word_next(w);
    if (!word_string(word, &value)
        && (is_like || !(word_is(word, "database") || word_is(word, "schema"))
            || !take_database_call(m, w, &value)))
        return false;
    keep(n, is_like, value, m->arena);
    return true;
}

static bool ends_condition(struct words w)
{
    struct word word = word_next(&w);

    return word_is(word, "and") || word_ends_where(&word);
}

bool narrow_find(const struct making *m, const struct sql_statement *s,
                 const struct sql_reference *r, struct slice column, struct narrowing *found)
{
    struct place_of_column at = {.column = column, .is_alone = is_first(m, s, r)};
    struct words w = words_over(m->text, r->end, s->end);
    struct word before = {.kind = WORD_NAME, .text = SLICE("and")}, word;

    at.alias = r->alias.size ? r->alias : r->parts[r->count - 1].value;
    if (s->end - s->start > REREAD_MAX || !find_where(&w, &at.is_alone) || !is_plain(w))
        return false;
    for (word = step(&w); !word_ends_where(&word); before = word, word = step(&w)) {
        struct words ahead = w;
        struct narrowing n = {0};

        if (!word_is(before, "and") || !take_column(&ahead, word, &at))
            continue;
        if (!take_comparison(m, &ahead, &n) || !ends_condition(ahead))
            continue;
        *found = n;
        return true;
    }
    return false;
}

/* Letter case is left to the condition itself. */
bool narrow_keeps(const struct narrowing *n, struct slice name)
{
    for (size_t i = 0; i < n->names.count; i++)
        if (n->is_pattern ? sql_like(n->names.at[i], name)
                          : slice_equal_nocase(n->names.at[i], name))
            return true;
    return false;
}
