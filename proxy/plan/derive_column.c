/* The columns of a derived table: which there are, and in what words their values come. */
#include "proxy/plan/derive.h"

#include "base/arena.h"
#include "base/error.h"

enum { REPLACED_MAX = 32 };

/* ---- columns ---- */

static bool holds(struct slice name, const char *word)
{
    size_t size = strlen(word);

    for (size_t i = 0; i + size <= name.size; i++)
        if (slice_equal_nocase(slice_make(name.data + i, size), slice_make(word, size)))
            return true;
    return false;
}

/* A column that the list does not have: a newer frontend's, or MariaDB's. By its name it may hold
 * what is not to be shown. */
static char sign_of_stranger(struct slice name)
{
    static const char *const doubtful[] = {"schema",  "database", "db_name", "defin",     "creator",
                                           "user",    "sql",      "query",   "statement", "host",
                                           "grantee", "path",     "url",     "propert"};

    for (size_t i = 0; i < sizeof doubtful / sizeof *doubtful; i++)
        if (holds(name, doubtful[i]))
            return '-';
    return ' ';
}

/* The cluster's columns mostly come in our order: looked for from behind the last one on. */
static char sign_of(const struct derivation *d, struct slice name, size_t *from)
{
    size_t count;
    const struct information_column *list = information_columns(d->row, &count);

    for (size_t i = 0; i < count; i++) {
        size_t at = *from + i < count ? *from + i : *from + i - count;

        if (!slice_equal_nocase(list[at].name, name))
            continue;
        *from = at + 1 < count ? at + 1 : 0;
        return list[at].sign;
    }
    return d->row->gate == INFORMATION_ROWS ? sign_of_stranger(name) : ' ';
}

void derive_signs(struct derivation *d)
{
    size_t from = 0;

    d->signs = arena_alloc(d->m->arena, d->column_count);
    for (size_t i = 0; i < d->column_count; i++)
        d->signs[i] = sign_of(d, d->columns[i], &from);
}

static void expect_columns(struct derivation *d, size_t count)
{
    d->column_count = count < COLUMNS_OF_TABLE_MAX ? count : COLUMNS_OF_TABLE_MAX;
    d->columns = arena_array(d->m->arena, d->column_count, sizeof *d->columns);
}

/* As the cluster spells it; empty when it has no such column. */
static struct slice find_column(const struct derivation *d, char sign)
{
    struct slice wanted = information_column_with(d->row, sign);

    for (size_t i = 0; wanted.size && i < d->column_count; i++)
        if (slice_equal_nocase(d->columns[i], wanted))
            return d->columns[i];
    return SLICE("");
}

/* As the cluster has them, if it was asked already; else as a frontend of the release that
 * information.def was written from. */
bool derive_columns(struct derivation *d)
{
    const struct plan_context *here = d->m->here;
    struct slices known;

    if (here->columns && here->columns(here->learnt, d->cluster, d->table, &known)) {
        if (!known.count)
            return refuse(d->m->e, ERROR_NO_SUCH_TABLE, "Unknown table 'information_schema.%.*s'",
                          SHOW(d->table));
        expect_columns(d, known.count);
        memcpy(d->columns, known.at, d->column_count * sizeof *d->columns);
    } else {
        d->m->plan->is_guess = here->columns != NULL;
        size_t count;
        const struct information_column *list = information_columns(d->row, &count);
        expect_columns(d, count);
        for (size_t i = 0; i < d->column_count; i++)
            d->columns[i] = list[i].name;
    }
    d->owner = find_column(d, '@');
    d->about = find_column(d, '#');
    if (d->row->gate == INFORMATION_ROWS && !d->owner.size)
        return refuse(d->m->e, ERROR_NOT_SUPPORTED,
                      "starbind: information_schema.%.*s of this cluster does not tell whose its "
                      "rows are",
                      SHOW(d->table));
    return true;
}

/* ---- their text ---- */

static void put(struct derivation *d, struct slice text)
{
    builder_put(&d->built, text);
}

static void put_string(struct derivation *d, struct slice value)
{
    builder_put_string(&d->built, value);
}

static void put_name(struct derivation *d, struct slice name)
{
    builder_put_name(&d->built, name);
}

/* The project name of the database in a column. */
static void put_mapped(struct derivation *d, struct slice column, const struct visible *const *of,
                       size_t count)
{
    if (count == 1 && !of[0]->database.size) {
        put(d, SLICE("CONCAT("));
        put_string(d, arena_print(d->m->arena, "%.*s.", SHOW(of[0]->name)));
        put(d, SLICE(", "));
        put_name(d, column);
        put(d, SLICE(")"));
        return;
    }
    put(d, SLICE("CASE "));
    put_name(d, column);
    for (size_t i = 0; i < count; i++) {
        put(d, SLICE(" WHEN "));
        put_string(d, of[i]->database);
        put(d, SLICE(" THEN "));
        put_string(d, of[i]->name);
    }
    put(d, SLICE(" END"));
}

static bool is_among(const struct visible *const *of, size_t count, struct slice database)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal(of[i]->database, database))
            return true;
    return false;
}

/* What no reply may hold: databases of the cluster that were not replaced; in text of any kind its
 * accounts, too. As one regular expression; empty when there is none. */
static struct slice hidden(struct derivation *d, const struct visible *const *of, size_t count,
                           bool has_accounts)
{
    const struct config *c = d->m->here->config;
    struct builder built = {.arena = d->m->arena};

    for (size_t i = 0; i < c->source_count; i++) {
        const struct compute_source *source = &c->sources[i];

        if (source->cluster != d->cluster)
            continue;
        if (source->database.size && !is_among(of, count, source->database))
            builder_put_pattern(&built, source->database);
        for (size_t k = 0; k < source->databases.count; k++)
            if (!is_among(of, count, source->databases.at[k]))
                builder_put_pattern(&built, source->databases.at[k]);
        if (has_accounts)
            builder_put_pattern(&built, source->account.username);
    }
    return builder_text(&built);
}

/* Longest first: the name of one may begin another's. */
static int by_length(const void *a, const void *b)
{
    const struct visible *x = *(const struct visible *const *)a;
    const struct visible *y = *(const struct visible *const *)b;

    return x->database.size == y->database.size  ? slice_compare(x->database, y->database)
           : x->database.size > y->database.size ? -1
                                                 : 1;
}

/* Those to be replaced in a text: first the ones that the rows are of, then, unless the text can
 * name no others, further ones. */
static size_t choose(struct derivation *d, char sign, const struct visible *const *of, size_t count,
                     const struct visible **chosen)
{
    const struct visible *all;
    size_t n = 0, all_count = 0;

    for (size_t i = 0; i < count && n < REPLACED_MAX; i++)
        if (of[i]->database.size && of[i]->project && !is_among(chosen, n, of[i]->database))
            chosen[n++] = of[i];
    all = sign == '+' ? NULL : visible_all(d->m, &all_count);
    for (size_t i = 0; i < all_count && n < REPLACED_MAX; i++) {
        const struct visible *v = &all[i];
        if (v->database.size && v->source->cluster == d->cluster && can_be_written(v->database)
            && !is_among(chosen, n, v->database))
            chosen[n++] = v;
    }
    if (n)
        qsort(chosen, n, sizeof *chosen, by_length);
    return n;
}

/* `name`. */
static struct slice qualifier_of(struct derivation *d, struct slice name)
{
    char *text = arena_room(d->m->arena, name.size + 3);
    size_t size = sql_put_name(text, name);

    text[size] = '.';
    return slice_make(text, size + 1);
}

/* A qualifier in SQL, the bare name elsewhere. */
static void put_spelled(struct derivation *d, char sign, struct slice name)
{
    put_string(d, sign == '~' ? name : qualifier_of(d, name));
}

/* REPLACE(REPLACE(column, '`dw_sales`.', '`sales`.'), …), and what is left is masked. */
static void put_replaced(struct derivation *d, size_t index, const struct visible *const *of,
                         size_t count)
{
    const struct visible *chosen[REPLACED_MAX];
    char sign = d->signs[index];
    size_t n = choose(d, sign, of, count, chosen);
    struct slice masked = sign == '+' ? SLICE("") : hidden(d, chosen, n, sign == '~');

    if (masked.size)
        put(d, SLICE("REGEXP_REPLACE("));
    for (size_t i = 0; i < n; i++)
        put(d, SLICE("REPLACE("));
    put_name(d, d->columns[index]);
    for (size_t i = 0; i < n; i++) {
        put(d, SLICE(", "));
        put_spelled(d, sign, chosen[i]->database);
        put(d, SLICE(", "));
        put_spelled(d, sign, chosen[i]->name);
        put(d, SLICE(")"));
    }
    if (!masked.size)
        return;
    put(d, SLICE(", "));
    put_string(
        d, arena_print(d->m->arena, sign == '%' ? "`(%.*s)`\\." : "\\b(%.*s)\\b", SHOW(masked)));
    put(d, sign == '%' ? SLICE(", '`?`.')") : SLICE(", '?')"));
}

void derive_put_column(struct derivation *d, size_t index, const struct visible *const *of,
                       size_t count)
{
    struct slice name = d->columns[index];

    switch (count ? d->signs[index] : ' ') { /* of no database there are no rows, but types */
    case '@':
        if (count == 1 && of[0]->database.size)
            put_string(d, of[0]->name);
        else
            put_mapped(d, name, of, count);
        break;
    case '=':
        put_mapped(d, name, of, count);
        break;
    case '%':
    case '~':
    case '+':
        put_replaced(d, index, of, count);
        break;
    case '-':
        put(d, SLICE("''"));
        break;
    default:
        put_name(d, name);
        return;
    }
    put(d, SLICE(" AS "));
    put_name(d, name);
}
