/* The rows of a question as SQLite's virtual tables.
 *
 * A table is read from front to back. For `column = value` the rows are put in the order of that
 * column first, once per scan that is opened, so that a join of two large tables costs n log n. */
#include <sqlite3.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/must.h"
#include "proxy/admin/admin_private.h"
#include "proxy/admin/sql.h"

enum { FULL_SCAN = 1000000, LOOK_UP = 20, DECLARATION_MAX = 4096 };

struct module { /* one per table; owned by SQLite's registration */
    struct sql *sql;
    enum table table;
};

struct view {
    sqlite3_vtab base;
    const struct module *module;
};

struct cursor {
    sqlite3_vtab_cursor base;
    const struct cell **rows; /* owned: first cells of all rows */
    size_t count, at, end;
    int sorted_by; /* a column; -1: as they came */
};

/* ---- connecting ---- */

static void declare(const struct module *m, char *text, size_t size)
{
    static const char *const types[] = {
        [CELL_INTEGER] = "INTEGER", [CELL_REAL] = "REAL", [CELL_TEXT] = "TEXT"};
    size_t count, used = (size_t)snprintf(text, size, "CREATE TABLE t(");
    const struct table_column *columns = table_columns(m->table, &count);

    for (size_t i = 0; i < count && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s\"%s\" %s", i ? ", " : "",
                                 columns[i].name, types[columns[i].kind]);
    must(used + 1 < size);
    text[used] = ')';
    text[used + 1] = '\0';
}

static int view_connect(sqlite3 *db, void *module, int argc, const char *const *argv,
                        sqlite3_vtab **made, char **error)
{
    char text[DECLARATION_MAX];
    struct view *v = memory_new(1, sizeof(*v));

    (void)argc, (void)argv, (void)error;
    v->module = module;
    declare(module, text, sizeof(text));
    int result = sqlite3_declare_vtab(db, text);
    if (result != SQLITE_OK) {
        free(v);
        return result;
    }
    *made = &v->base;
    return SQLITE_OK;
}

static int view_disconnect(sqlite3_vtab *base)
{
    free((struct view *)(void *)base);
    return SQLITE_OK;
}

/* ---- choosing a way to read ---- */

static bool is_plain(sqlite3_index_info *info, int i)
{
    return info->aConstraint[i].usable && info->aConstraint[i].op == SQLITE_INDEX_CONSTRAINT_EQ
           && info->aConstraint[i].iColumn >= 0
           && strcmp(sqlite3_vtab_collation(info, i), "BINARY") == 0;
}

/* The number of a way is 0, or that of the column and 1. SQLite looks at each value once more. */
static int view_choose(sqlite3_vtab *base, sqlite3_index_info *info)
{
    (void)base;
    info->estimatedCost = FULL_SCAN;
    for (int i = 0; i < info->nConstraint; i++) {
        if (!is_plain(info, i))
            continue;
        info->aConstraintUsage[i].argvIndex = 1;
        info->idxNum = info->aConstraint[i].iColumn + 1;
        info->estimatedCost = LOOK_UP;
        info->estimatedRows = LOOK_UP;
        break;
    }
    return SQLITE_OK;
}

/* ---- reading ---- */

static const struct module *module_of(const struct cursor *c)
{
    return ((const struct view *)(const void *)c->base.pVtab)->module;
}

static void take_rows(struct cursor *c)
{
    const struct module *m = module_of(c);
    const struct question *q = m->sql->question;
    const struct rows *r;
    struct link *at = NULL;

    must(q);
    while ((r = question_rows(q, m->table, &at)))
        c->count += r->count;
    c->rows = memory_new(c->count, sizeof(*c->rows));
    c->count = 0;
    for (at = NULL; (r = question_rows(q, m->table, &at));)
        for (size_t i = 0; i < r->count; i++)
            c->rows[c->count++] = rows_cell(r, i, 0);
}

static int cursor_open(sqlite3_vtab *base, sqlite3_vtab_cursor **made)
{
    struct cursor *c = memory_new(1, sizeof(*c));

    (void)base;
    c->sorted_by = -1;
    *made = &c->base;
    return SQLITE_OK;
}

static int cursor_close(sqlite3_vtab_cursor *base)
{
    struct cursor *c = (struct cursor *)(void *)base;

    free(c->rows);
    free(c);
    return SQLITE_OK;
}

/* By kind, then by value; numbers of both kinds are one. */
static int compare(const struct cell *a, const struct cell *b)
{
    bool a_is_text = a->kind == CELL_TEXT, b_is_text = b->kind == CELL_TEXT;

    if (a->kind == CELL_NULL || b->kind == CELL_NULL)
        return (a->kind != CELL_NULL) - (b->kind != CELL_NULL);
    if (a_is_text || b_is_text)
        return a_is_text && b_is_text ? slice_compare(cell_text(a), cell_text(b))
                                      : (int)a_is_text - (int)b_is_text;
    if (a->kind == CELL_INTEGER && b->kind == CELL_INTEGER)
        return (a->integer > b->integer) - (a->integer < b->integer);
    double x = a->kind == CELL_REAL ? a->real : (double)a->integer;
    double y = b->kind == CELL_REAL ? b->real : (double)b->integer;
    return (x > y) - (x < y);
}

static int compare_rows(const void *a, const void *b, void *column)
{
    int at = *(const int *)column;

    return compare(*(const struct cell *const *)a + at, *(const struct cell *const *)b + at);
}

static struct cell value_of(sqlite3_value *value)
{
    struct cell c = {.kind = CELL_NULL};

    switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
        c.kind = CELL_INTEGER;
        c.integer = sqlite3_value_int64(value);
        break;
    case SQLITE_FLOAT:
        c.kind = CELL_REAL;
        c.real = sqlite3_value_double(value);
        break;
    case SQLITE_TEXT:
        c.kind = CELL_TEXT;
        c.text = (const char *)sqlite3_value_text(value);
        c.size = (uint32_t)sqlite3_value_bytes(value);
        break;
    default:
        break;
    }
    return c;
}

/* The first row whose column is not less than the value; with `behind`, is greater. */
static size_t find(const struct cursor *c, const struct cell *value, int behind)
{
    size_t low = 0, high = c->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(c->rows[middle] + c->sorted_by, value) < behind)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* A value is compared as the column would hold it: only where kinds are alike can it be looked up.
 */
static bool is_alike(const struct cursor *c, int column, const struct cell *value)
{
    size_t count;
    enum cell_kind kind = table_columns(module_of(c)->table, &count)[column].kind;

    return (kind == CELL_TEXT) == (value->kind == CELL_TEXT) && value->kind != CELL_NULL;
}

static int cursor_filter(sqlite3_vtab_cursor *base, int way, const char *text, int argc,
                         sqlite3_value **argv)
{
    struct cursor *c = (struct cursor *)(void *)base;
    int column = way - 1;

    (void)text;
    if (!c->rows)
        take_rows(c);
    c->at = 0;
    c->end = c->count;
    if (argc == 0)
        return SQLITE_OK;
    struct cell value = value_of(argv[0]);
    if (value.kind == CELL_NULL)
        c->end = 0; /* equal to nothing */
    if (!is_alike(c, column, &value))
        return SQLITE_OK;
    if (c->sorted_by != column)
        qsort_r(c->rows, c->count, sizeof(*c->rows), compare_rows, &column);
    c->sorted_by = column;
    c->at = find(c, &value, 0);
    c->end = find(c, &value, 1);
    return SQLITE_OK;
}

static int cursor_next(sqlite3_vtab_cursor *base)
{
    ((struct cursor *)(void *)base)->at++;
    return SQLITE_OK;
}

static int cursor_is_at_end(sqlite3_vtab_cursor *base)
{
    const struct cursor *c = (const struct cursor *)(const void *)base;

    return c->at >= c->end;
}

static int cursor_column(sqlite3_vtab_cursor *base, sqlite3_context *out, int column)
{
    const struct cursor *c = (const struct cursor *)(const void *)base;
    const struct cell *cell = c->rows[c->at] + column;

    switch (cell->kind) {
    case CELL_NULL:
        sqlite3_result_null(out);
        break;
    case CELL_INTEGER:
        sqlite3_result_int64(out, cell->integer);
        break;
    case CELL_REAL:
        sqlite3_result_double(out, cell->real);
        break;
    case CELL_TEXT: /* the question outlives the statement */
        sqlite3_result_text(out, cell->text, (int)cell->size, SQLITE_STATIC);
        break;
    }
    return SQLITE_OK;
}

static int cursor_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *id)
{
    *id = (sqlite3_int64)((const struct cursor *)(const void *)base)->at;
    return SQLITE_OK;
}

/* Without xCreate: each table is there under its own name and cannot be made another time. */
static const sqlite3_module methods = {
    .xConnect = view_connect,
    .xBestIndex = view_choose,
    .xDisconnect = view_disconnect,
    .xOpen = cursor_open,
    .xClose = cursor_close,
    .xFilter = cursor_filter,
    .xNext = cursor_next,
    .xEof = cursor_is_at_end,
    .xColumn = cursor_column,
    .xRowid = cursor_rowid,
};

void tables_register(struct sql *sql)
{
    for (unsigned t = 0; t < TABLES; t++) {
        struct module *m = memory_new(1, sizeof(*m));
        char text[128];
        sqlite3_stmt *first;

        m->sql = sql;
        m->table = (enum table)t;
        must(sqlite3_create_module_v2(sql->db, table_name(m->table), &methods, m, free)
             == SQLITE_OK);
        /* connects it, while nothing is forbidden yet */
        snprintf(text, sizeof(text), "SELECT 1 FROM \"%s\"", table_name(m->table));
        must(sqlite3_prepare_v2(sql->db, text, -1, &first, NULL) == SQLITE_OK);
        sqlite3_finalize(first);
    }
}
