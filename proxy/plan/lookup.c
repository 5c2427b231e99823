/* Look-ups, as most tools ask them: some columns of a table of information_schema, for one schema.
 *
 *   SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.tables
 *   WHERE TABLE_SCHEMA = 'sales' AND TABLE_NAME LIKE 'o%' ORDER BY 2
 *
 * To read a derived table is a good part of what such a query costs a server. Here none is needed:
 * the database stands in the place of the project in the one condition on the schema, and the
 * project's name in the list instead of the column.
 *
 * That condition then decides about rights, and the column itself must not be compared with
 * anything else. So a look-up is what this grammar reads, word by word, and reads alike on every
 * server in every sql_mode: no expression, no comment, no escape, and nothing else in the text. The
 * name of the table alone may be written in any way, for it is written anew.
 *
 *   look-up:    SELECT list FROM table [[AS] alias] WHERE condition { AND condition }
 *               [ORDER BY key { , key }] [LIMIT n [, n | OFFSET n]]
 *   list:       COUNT(*) [AS name] | column [AS name] { , column [AS name] }
 *   condition:  schema = 'x' | schema = DATABASE(), once
 *               | n operator n | column operator 'x' | column [NOT] LIKE 'x'
 *               | column [NOT] IN ('x', …) | column IS [NOT] NULL
 *   operator:   = <> != < <= > >=
 *   key:        column | n, [ASC | DESC]; the schema, too, which is the same in all rows
 *   column:     [alias.]name */
#include "proxy/plan/derive.h"

#include "base/arena.h"

enum { TEXT_MAX = 4096, OWNERS_MAX = 8 }; /* bytes; columns */

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
    uint32_t value_start, value_end; /* of what it is to equal */
};

struct reading {
    const struct making *m;
    const struct information *row;
    struct lookup *found;
    struct slice alias, schema;
    struct words w;
    struct word at;  /* the next word */
    bool has_schema; /* the condition on it was read */
    bool is_odd;     /* something that is no blank stood between two words: it is none */
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

static void step(struct reading *r)
{
    size_t at = r->w.at;

    r->at = word_next(&r->w);
    for (size_t to = start_of(r, r->at); at < to; at++)
        r->is_odd |= !is_blank(r->w.text.data[at]);
}

static bool take(struct reading *r, const char *word)
{
    if (!word_is(r->at, word))
        return false;
    step(r);
    return true;
}

static bool take_number(struct reading *r)
{
    struct slice text = r->at.text;

    if (r->at.kind != WORD_NAME)
        return false;
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
    step(r);
    return true;
}

/* In single quotes: what stands in double ones is a name with ANSI_QUOTES. */
static bool take_string(struct reading *r, struct slice *value)
{
    if (!word_string(r->at, value) || r->at.text.data[0] != '\'')
        return false;
    step(r);
    return true;
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

/* A word that may be a number for a server is no name: `1.x` and `1e5.x`. */
static struct slice take_name(struct reading *r)
{
    struct word word = r->at;
    char first = word.kind == WORD_NAME ? word.text.data[0] : ' ';

    step(r);
    return first >= '0' && first <= '9' ? SLICE("") : word_name(word);
}

/* A column that is shown as it is, or the schema. False, behind what is none. */
static bool take_column(struct reading *r, struct column *c)
{
    *c = (struct column){.start = start_of(r, r->at), .end = (uint32_t)r->at.end};
    c->name = take_name(r);
    if (slice_equal_nocase(c->name, r->alias) && take(r, ".")) {
        c->end = (uint32_t)r->at.end;
        c->name = take_name(r);
    }
    c->sign = sign_of(r, c->name);
    return c->sign == ' ' || c->sign == '#' || c->sign == '@';
}

/* ---- SELECT list FROM table ---- */

/* A name that no column has for any server, so that none is hidden. */
static bool is_free_name(const struct reading *r, struct slice name)
{
    return name.size && slice_is_ascii(name) && !memchr(name.data, '`', name.size)
           && !sign_of(r, name);
}

/* [AS name]; *is_there tells whether it was. */
static bool take_label(struct reading *r, bool *is_there)
{
    *is_there = take(r, "as");
    return !*is_there || is_free_name(r, take_name(r));
}

static bool take_item(struct reading *r)
{
    struct lookup *l = r->found;
    struct column c;

    if (!take_column(r, &c) || !take_label(r, &c.is_named))
        return false;
    if (c.sign != '@')
        return true;
    if (l->owner_count == OWNERS_MAX)
        return false;
    l->owners[l->owner_count++] = c;
    return true;
}

static bool take_list(struct reading *r)
{
    bool is_named;

    if (take(r, "count"))
        return take(r, "(") && take(r, "*") && take(r, ")") && take_label(r, &is_named);
    do
        if (!take_item(r))
            return false;
    while (take(r, ","));
    return true;
}

static bool take_table(struct reading *r)
{
    const struct sql_reference *table = r->found->reference;

    if (start_of(r, r->at) != table->start)
        return false;
    r->w.at = table->end; /* its words are not read: they do not stay */
    step(r);
    if (!table->alias.size)
        return true;
    take(r, "as");
    return slice_equal(take_name(r), table->alias);
}

/* ---- WHERE ---- */

static bool take_schema(struct reading *r)
{
    struct lookup *l = r->found;

    l->value_start = start_of(r, r->at);
    l->value_end = (uint32_t)r->at.end;
    if (take_string(r, &r->schema))
        return true;
    if (!(take(r, "database") || take(r, "schema")) || !take(r, "("))
        return false;
    l->value_end = (uint32_t)r->at.end;
    r->schema = plan_selection_name(&r->m->here->at, r->m->arena);
    return take(r, ")");
}

static bool take_operator(struct reading *r)
{
    if (take(r, "<")) {
        if (!take(r, "="))
            take(r, ">");
        return true;
    }
    if (take(r, ">")) {
        take(r, "=");
        return true;
    }
    take(r, "!");
    return take(r, "=");
}

static bool take_strings(struct reading *r)
{
    struct slice value;

    if (!take(r, "("))
        return false;
    do
        if (!take_string(r, &value))
            return false;
    while (take(r, ","));
    return take(r, ")");
}

static bool take_comparison(struct reading *r)
{
    struct slice value;
    bool is_not;

    if (take(r, "is")) {
        take(r, "not");
        return take(r, "null");
    }
    is_not = take(r, "not");
    if (take(r, "like"))
        return take_string(r, &value);
    if (take(r, "in"))
        return take_strings(r);
    return !is_not && take_operator(r) && take_string(r, &value);
}

static bool take_condition(struct reading *r)
{
    struct column c;

    if (take_number(r))
        return take_operator(r) && take_number(r);
    if (!take_column(r, &c))
        return false;
    if (c.sign != '@')
        return take_comparison(r);
    if (r->has_schema)
        return false;
    r->has_schema = true;
    return take(r, "=") && take_schema(r);
}

static bool take_where(struct reading *r)
{
    do
        if (!take_condition(r))
            return false;
    while (take(r, "and"));
    return r->has_schema;
}

/* ---- ORDER BY, LIMIT ---- */

static bool take_order(struct reading *r)
{
    struct column c;

    if (!take(r, "order"))
        return true;
    if (!take(r, "by"))
        return false;
    do {
        if (!take_number(r) && !take_column(r, &c))
            return false;
        if (!take(r, "asc"))
            take(r, "desc");
    } while (take(r, ","));
    return true;
}

static bool take_limit(struct reading *r)
{
    if (!take(r, "limit"))
        return true;
    return take_number(r) && (!(take(r, ",") || take(r, "offset")) || take_number(r));
}

/* ---- the whole ---- */

/* In front of it and behind it there are but blanks, and a ';'. */
static bool is_all(struct slice text, const struct sql_statement *s)
{
    for (size_t i = 0; i < s->start; i++)
        if (!is_blank(text.data[i]))
            return false;
    for (size_t i = s->end; i < text.size; i++)
        if (!is_blank(text.data[i]) && text.data[i] != ';')
            return false;
    return true;
}

bool lookup_find(const struct making *m, const struct sql_statement *s,
                 const struct sql_reference *reference, const struct information *row,
                 struct narrowing *found)
{
    struct reading r = {.m = m, .row = row, .w = words_over(m->text, s->start, s->end)};

    if (m->text.size > TEXT_MAX || !is_all(m->text, s))
        return false;
    r.found = arena_alloc(m->arena, sizeof *r.found);
    r.found->reference = reference;
    r.alias = reference->alias;
    if (!r.alias.size)
        r.alias = reference->parts[reference->count - 1].value;
    step(&r);
    if (!take(&r, "select") || !take_list(&r) || !take(&r, "from") || !take_table(&r)
        || !take(&r, "where") || !take_where(&r) || !take_order(&r) || !take_limit(&r)
        || r.at.kind != WORD_END || r.is_odd)
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
    struct builder built = {.arena = d->m->arena};

    builder_put_string(&built, v->name);
    if (!c->is_named) {
        builder_put(&built, SLICE(" AS "));
        builder_put_name(&built, c->name);
    }
    return builder_text(&built);
}

bool lookup_put(struct derivation *d, const struct narrowing *n)
{
    const struct lookup *l = n->lookup;
    const struct visible *v = d->kept_count == 1 ? d->kept[0] : NULL;
    struct builder table = {.arena = d->m->arena};

    if (!l || !v || !v->database.size || !slice_equal(v->name, n->names.at[0]))
        return false;
    for (unsigned i = 0; i < l->owner_count; i++)
        change_put(d->m, l->owners[i].start, l->owners[i].end, owner_text(d, v, &l->owners[i]));
    builder_put(&table, SLICE("information_schema."));
    builder_put_name(&table, d->table);
    change_put(d->m, l->reference->start, l->reference->end, builder_text(&table));
    /* schema = 'database' AND (table IN …): the rows that are the user's */
    builder_put_string(&d->built, v->database);
    derive_put_tables(d, v);
    change_put(d->m, l->value_start, l->value_end, builder_text(&d->built));
    d->m->looked_up = l->value_start;
    return true;
}
