/* Rows of the tables in tables.def: filled by whoever knows, column by column, in whichever thread;
 * handed on and read by the admin threads.
 *
 * A survey says which tables are asked for, and which of their columns; the others stay NULL and
 * cost nothing. A rowset belongs to one thread at a time. */
#ifndef BASE_ROWS_H
#define BASE_ROWS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/arena.h"
#include "base/list.h"

enum table {
#define TABLE(name, meaning)               TABLE_##name,
#define COLUMN(table, name, type, meaning) /* none */
#include "base/tables.def"
#undef TABLE
#undef COLUMN
    TABLES
};

enum cell_kind { CELL_NULL, CELL_INTEGER, CELL_REAL, CELL_TEXT };

struct table_column {
    enum table table;
    const char *name;
    enum cell_kind kind;
    const char *meaning;
};

const char *table_name(enum table t);
const char *table_meaning(enum table t);

/* The columns of a table; they lie behind one another. */
const struct table_column *table_columns(enum table t, size_t *count);

/* TABLES: there is none of this name. Letter case does not count. */
enum table table_find(struct slice name);

/* The place of a column; must be there. */
size_t table_column_at(enum table t, const char *name);

struct cell {
    enum cell_kind kind;
    uint32_t size; /* bytes of a text */
    union {
        int64_t integer;
        double real;
        const char *text; /* in the rowset's arena, or constant */
    };
};

struct rows {
    enum table table;
    uint64_t wanted;     /* columns, as bits */
    struct arena *arena; /* borrowed; NULL: nobody wants these rows */
    struct cell *cells;  /* row by row */
    size_t columns, count, room;
    size_t at; /* the cell to be filled next */
};

enum { ROWS_COLUMNS_MAX = 64 };

/* What is asked for: columns of each table, as bits; 0: nothing of it. */
struct survey {
    uint64_t wanted[TABLES];
};

struct rowset {
    struct link link;
    struct arena arena;
    struct rows of[TABLES];
};

struct rowset *rowset_new(const struct survey *survey);
void rowset_free(struct rowset *set);

/* NULL when nothing of this table is asked for. */
struct rows *rowset_wants(struct rowset *set, enum table t);

/* So many rows may come, at least: room for them is made at once. */
void rows_expect(struct rows *r, size_t count);

/* True when the cell that comes next is wanted. */
bool row_wants(const struct rows *r);

/* The next cell of the row at hand. Texts are copied; an empty one whose data is NULL is NULL. */
void row_null(struct rows *r);
void row_integer(struct rows *r, int64_t value);
void row_real(struct rows *r, double value);
void row_text(struct rows *r, struct slice text);
void row_constant(struct rows *r, const char *text); /* not copied; NULL is NULL */

/* "host:port"; a port of 0 is NULL. */
void row_address(struct rows *r, struct slice host, unsigned port);

/* A moment, as 2026-11-22 10:00:00; 0 is NULL. */
void row_time(struct rows *r, time_t when);

/* The row is complete: every cell was given. */
void row_end(struct rows *r);

/* A cell of a row that is complete. */
static inline const struct cell *rows_cell(const struct rows *r, size_t row, size_t column)
{
    return &r->cells[row * r->columns + column];
}

static inline struct slice cell_text(const struct cell *c)
{
    return slice_make(c->text, c->size);
}

#endif
