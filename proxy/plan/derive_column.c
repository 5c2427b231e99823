/* The columns of a derived table: which there are, and in what words their values come. */
#include "proxy/plan/derive.h"

#include "base/arena.h"
#include "base/error.h"

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

/* The project name of the database in a column. */
static void put_mapped(struct derivation *d, struct slice column, const struct visible *const *of,
                       size_t count)
{
    if (count == 1 && !of[0]->database.size) {
        derive_put(d, SLICE("CONCAT("));
        derive_put_string(d, arena_print(d->m->arena, "%.*s.", SHOW(of[0]->name)));
        derive_put(d, SLICE(", "));
        derive_put_name(d, column);
        derive_put(d, SLICE(")"));
        return;
    }
    derive_put(d, SLICE("CASE "));
    derive_put_name(d, column);
    for (size_t i = 0; i < count; i++) {
        derive_put(d, SLICE(" WHEN "));
        derive_put_string(d, of[i]->database);
        derive_put(d, SLICE(" THEN "));
        derive_put_string(d, of[i]->name);
    }
    derive_put(d, SLICE(" END"));
}

void derive_put_column(struct derivation *d, size_t index, const struct visible *const *of,
                       size_t count)
{
    struct slice name = d->columns[index];

    switch (count ? d->signs[index] : ' ') { /* of no database there are no rows, but types */
    case '@':
        if (count == 1 && of[0]->database.size)
            derive_put_string(d, of[0]->name);
        else
            put_mapped(d, name, of, count);
        break;
    case '=':
        put_mapped(d, name, of, count);
        break;
    case '%':
    case '~':
    case '+':
        derive_put_words(d, index, of, count);
        break;
    case '-':
        derive_put(d, SLICE("''"));
        break;
    default:
        derive_put_name(d, name);
        return;
    }
    derive_put(d, SLICE(" AS "));
    derive_put_name(d, name);
}
