/* Look-ups, as most tools ask them: some columns of a table of information_schema, for one schema.
 *
 *   SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.tables
 *   WHERE TABLE_SCHEMA = 'sales' AND TABLE_NAME LIKE 'o%' ORDER BY 2
 *
 * A server may take longer to read a derived table than to look one row up. Here none is needed:
 * the database stands in the place of the project in the one condition on the schema, and the
 * project's name in the list instead of the column.
 *
 * That condition then decides about rights. So nothing may stand in the statement but what is
 * listed here and reads alike everywhere: columns, words and marks of conditions that only AND
 * joins, plain strings and numbers, ORDER BY, LIMIT; blanks between them, and no comment. */
#include "proxy/plan/derive.h"

#include "base/arena.h"

enum { OWNERS_MAX = 8 };

struct column {
    struct slice name; /* as typed */
    char sign;         /* of information.def; 0: it is none */
    uint32_t start, end;
    bool is_named; /* AS follows */
};

struct lookup {
    const struct sql_reference *reference;
    struct column owners[OWNERS_MAX]; /* the schema, in the list */
    unsigned owner_count;
    uint32_t start, end; /* of what it is to equal */
};

struct reading {
    const struct making *m;
    const struct information *row;
    struct lookup *found;
    struct slice alias, schema;
    struct words w;
    unsigned depth, conditions; /* of brackets; on the schema */
    bool is_ordered;            /* ORDER was read: no condition follows */
    bool is_odd;                /* something that is no blank stood between two words */
};

/* ---- words ---- */

static uint32_t start_of(const struct reading *r, struct word w)
{
    return (uint32_t)(w.kind == WORD_END ? r->w.end : w.end - w.text.size);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static struct word next(struct reading *r)
{
    size_t at = r->w.at;
    struct word word = word_next(&r->w);

    for (size_t to = start_of(r, word); at < to; at++)
        r->is_odd |= !is_blank(r->w.text.data[at]);
    return word;
}

static bool take(struct reading *r, const char *word)
{
    struct words before = r->w;

    if (word_is(next(r), word))
        return true;
    r->w = before;
    return false;
}

static bool is_number(struct word w)
{
    for (size_t i = 0; i < w.text.size; i++)
        if (w.text.data[i] < '0' || w.text.data[i] > '9')
            return false;
    return w.kind == WORD_NAME;
}

static bool is_keyword(struct word w)
{
    static const struct slice words[] = {{"and", 3},  {"like", 4},  {"in", 2},    {"not", 3},
                                         {"is", 2},   {"null", 4},  {"by", 2},    {"asc", 3},
                                         {"desc", 4}, {"limit", 5}, {"offset", 6}};

    for (size_t i = 0; w.kind == WORD_NAME && i < sizeof words / sizeof *words; i++)
        if (slice_equal_nocase(w.text, words[i]))
            return true;
    return false;
}

/* ---- columns ---- */

static char sign_of(const struct reading *r, struct slice name)
{
    size_t count;
    const struct information_column *list = information_columns(r->row, &count);

    for (size_t i = 0; i < count; i++)
        if (slice_equal_nocase(list[i].name, name))
            return list[i].sign;
    return 0;
}

/* [alias.]column, from its first word on; one that is shown as it is, or the schema. */
static bool read_column(struct reading *r, struct word word, struct column *c)
{
    c->start = start_of(r, word);
    if (slice_equal_nocase(word_name(word), r->alias) && take(r, "."))
        word = next(r);
    c->name = word_name(word);
    c->sign = sign_of(r, c->name);
    c->end = (uint32_t)word.end;
    return c->sign == ' ' || c->sign == '#' || c->sign == '@';
}

/* ---- SELECT list FROM table ---- */

static bool keep_owner(struct lookup *l, const struct column *c)
{
    if (l->owner_count == OWNERS_MAX)
        return false;
    l->owners[l->owner_count++] = *c;
    return true;
}

/* COUNT(*) | column, each [AS name]; a name that no column has, so that none is hidden. */
static bool read_item(struct reading *r)
{
    struct word word = next(r);
    struct column c = {0};

    if (word_is(word, "count") ? !(take(r, "(") && take(r, "*") && take(r, ")"))
                               : !read_column(r, word, &c))
        return false;
    if (take(r, "as")) {
        struct slice name = word_name(next(r));
        if (!name.size || sign_of(r, name))
            return false;
        c.is_named = true;
    }
    return c.sign != '@' || keep_owner(r->found, &c);
}

static bool read_list(struct reading *r)
{
    if (!word_is(next(r), "select"))
        return false;
    do
        if (!read_item(r))
            return false;
    while (take(r, ","));
    return word_is(next(r), "from");
}

/* table [[AS] alias] WHERE */
static bool read_table(struct reading *r)
{
    const struct sql_reference *table = r->found->reference;

    if (start_of(r, next(r)) != table->start)
        return false;
    r->w.at = table->end;
    if (table->alias.size) {
        take(r, "as");
        if (!slice_equal(word_name(next(r)), table->alias))
            return false;
    }
    return word_is(next(r), "where");
}

/* ---- what follows WHERE ---- */

/* 'sales' or DATABASE() */
static bool read_schema(struct reading *r)
{
    struct word word = next(r);

    r->found->start = start_of(r, word);
    if (!word_string(word, &r->schema)) {
        bool is_call = word_is(word, "database") || word_is(word, "schema");
        if (!is_call || !take(r, "(") || !take(r, ")"))
            return false;
        r->schema = plan_selection_name(&r->m->here->at, r->m->arena);
    }
    r->found->end = (uint32_t)r->w.at;
    return true;
}

static bool ends_condition(struct reading r)
{
    struct word word = next(&r);

    return word.kind == WORD_END || word_is(word, "and") || word_is(word, "order")
           || word_is(word, "limit");
}

/* The condition on the schema stands by itself between two AND. */
static bool read_condition(struct reading *r, struct word before)
{
    return r->depth == 0 && word_is(before, "and") && r->conditions++ == 0 && take(r, "=")
           && read_schema(r) && ends_condition(*r);
}

static bool read_name(struct reading *r, struct word word, struct word before)
{
    struct column c;

    if (word_is(word, "order"))
        return r->is_ordered = true;
    if (is_keyword(word) || is_number(word))
        return true;
    if (!read_column(r, word, &c))
        return false;
    return c.sign != '@' || r->is_ordered || read_condition(r, before);
}

static bool read_mark(struct reading *r, struct word word)
{
    char mark = word.text.data[0];

    r->depth += mark == '(' ? 1U : mark == ')' ? -1U : 0;
    return memchr("=<>!(),", mark, 7);
}

static bool read_rest(struct reading *r)
{
    struct word before = {.kind = WORD_NAME, .text = SLICE("and")};

    for (struct word word = next(r); word.kind != WORD_END; before = word, word = next(r)) {
        struct slice value;

        if (word.kind == WORD_STRING ? !word_string(word, &value)
            : word.kind == WORD_MARK ? !read_mark(r, word)
                                     : !read_name(r, word, before))
            return false;
    }
    return r->conditions == 1;
}

bool lookup_find(const struct making *m, const struct sql_statement *s,
                 const struct sql_reference *reference, const struct information *row,
                 struct narrowing *found)
{
    struct reading r = {.m = m, .row = row, .w = words_over(m->text, s->start, s->end)};

    r.found = arena_alloc(m->arena, sizeof *r.found);
    r.found->reference = reference;
    r.alias =
        reference->alias.size ? reference->alias : reference->parts[reference->count - 1].value;
    if (!read_list(&r) || !read_table(&r) || !read_rest(&r) || r.is_odd)
        return false;
    found->names = (struct slices){.at = arena_array(m->arena, 1, sizeof r.schema), .count = 1};
    found->names.at[0] = r.schema;
    found->lookup = r.found;
    return true;
}

/* ---- the changes ---- */

/* The project's name, under the column's. */
static struct slice owner_text(const struct derivation *d, const struct visible *v,
                               const struct column *c)
{
    struct pen pen = {.arena = d->m->arena};

    pen_put_string(&pen, v->name);
    if (!c->is_named) {
        pen_put(&pen, SLICE(" AS "));
        pen_put_name(&pen, c->name);
    }
    return pen_text(&pen);
}

bool lookup_put(struct derivation *d, const struct narrowing *n)
{
    const struct lookup *l = n->lookup;
    const struct visible *v = d->kept_count == 1 ? d->kept[0] : NULL;
    struct pen table = {.arena = d->m->arena};

    if (!l || !v || !v->database.size || !slice_equal(v->name, n->names.at[0]))
        return false;
    for (unsigned i = 0; i < l->owner_count; i++)
        change_put(d->m, l->owners[i].start, l->owners[i].end, owner_text(d, v, &l->owners[i]));
    pen_put(&table, SLICE("information_schema."));
    pen_put_name(&table, d->table);
    change_put(d->m, l->reference->start, l->reference->end, pen_text(&table));
    pen_put_string(&d->pen, v->database);
    derive_put_tables(d, v);
    change_put(d->m, l->start, l->end, pen_text(&d->pen));
    d->m->compared = l->start;
    return true;
}
