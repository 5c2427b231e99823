#include "base/rows.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/must.h"

enum { ROOM_FIRST = 16 };

#define KIND_INTEGER CELL_INTEGER
#define KIND_REAL    CELL_REAL
#define KIND_TEXT    CELL_TEXT

static const struct table_column columns[] = {
#define TABLE(name, meaning)               /* none */
#define COLUMN(table, name, type, meaning) {TABLE_##table, #name, KIND_##type, meaning},
#include "base/tables.def"
#undef TABLE
#undef COLUMN
};

static const struct {
    const char *name, *meaning;
} tables[TABLES] = {
#define TABLE(name, meaning)               {#name, meaning},
#define COLUMN(table, name, type, meaning) /* none */
#include "base/tables.def"
#undef TABLE
#undef COLUMN
};

const char *table_name(enum table t)
{
    return tables[t].name;
}

const char *table_meaning(enum table t)
{
    return tables[t].meaning;
}

const struct table_column *table_columns(enum table t, size_t *count)
{
    const size_t all = sizeof(columns) / sizeof(*columns);
    size_t first = 0, end;

    while (columns[first].table != t)
        first++;
    for (end = first; end < all && columns[end].table == t; end++)
        ;
    *count = end - first;
    must(*count <= ROWS_COLUMNS_MAX);
    return &columns[first];
}

enum table table_find(struct slice name)
{
    unsigned t = 0;

    while (t < TABLES && !slice_equal_nocase(name, slice_of(tables[t].name)))
        t++;
    return (enum table)t;
}

size_t table_column_at(enum table t, const char *name)
{
    size_t count, i = 0;
    const struct table_column *of = table_columns(t, &count);

    while (i < count && strcmp(of[i].name, name) != 0)
        i++;
    must(i < count);
    return i;
}

/* ---- a set ---- */

struct rowset *rowset_new(const struct survey *survey)
{
    struct rowset *set = memory_new(1, sizeof(*set));

    link_init(&set->link);
    arena_init(&set->arena, NULL);
    for (unsigned t = 0; t < TABLES; t++) {
        struct rows *r = &set->of[t];
        r->table = (enum table)t;
        if (!survey->wanted[t])
            continue;
        table_columns((enum table)t, &r->columns);
        r->wanted = survey->wanted[t];
        r->arena = &set->arena;
    }
    return set;
}

void rowset_free(struct rowset *set)
{
    arena_clear(&set->arena);
    free(set);
}

struct rows *rowset_wants(struct rowset *set, enum table t)
{
    return set->of[t].arena ? &set->of[t] : NULL;
}

/* ---- a row ---- */

bool row_wants(const struct rows *r)
{
    return r->wanted >> r->at & 1;
}

static void make_room(struct rows *r, size_t room)
{
    size_t row = r->columns * sizeof(*r->cells);

    r->cells = r->cells ? arena_grow(r->arena, r->cells, r->room * row, room * row)
                        : arena_alloc(r->arena, room * row);
    r->room = room;
}

void rows_expect(struct rows *r, size_t count)
{
    if (r->count + count > r->room)
        make_room(r, r->count + count);
}

/* A new row begins with its first cell. */
static struct cell *next(struct rows *r)
{
    must(r->at < r->columns);
    if (r->at == 0 && r->count == r->room)
        make_room(r, r->room ? 2 * r->room : ROOM_FIRST);
    struct cell *c = &r->cells[r->count * r->columns + r->at++];
    c->kind = CELL_NULL;
    return c;
}

void row_null(struct rows *r)
{
    next(r);
}

void row_integer(struct rows *r, int64_t value)
{
    bool is_wanted = row_wants(r);
    struct cell *c = next(r);

    if (!is_wanted)
        return;
    c->kind = CELL_INTEGER;
    c->integer = value;
}

void row_real(struct rows *r, double value)
{
    bool is_wanted = row_wants(r);
    struct cell *c = next(r);

    if (!is_wanted)
        return;
    c->kind = CELL_REAL;
    c->real = value;
}

static void put_text(struct rows *r, struct slice text, bool is_copied)
{
    bool is_wanted = row_wants(r) && text.data;
    struct cell *c = next(r);

    if (!is_wanted)
        return;
    if (is_copied && text.size)
        text = arena_copy(r->arena, text);
    c->kind = CELL_TEXT;
    c->size = (uint32_t)text.size;
    c->text = text.size ? text.data : "";
}

void row_text(struct rows *r, struct slice text)
{
    put_text(r, text, true);
}

void row_constant(struct rows *r, const char *text)
{
    put_text(r, slice_of(text), false);
}

void row_address(struct rows *r, struct slice host, unsigned port)
{
    if (!port || !row_wants(r))
        row_null(r);
    else
        put_text(r, arena_print(r->arena, "%.*s:%u", SHOW(host), port), false);
}

void row_time(struct rows *r, time_t when)
{
    char text[32];
    struct tm parts;

    if (!when || !row_wants(r)) {
        row_null(r);
        return;
    }
    gmtime_r(&when, &parts);
    row_text(r, slice_make(text, strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &parts)));
}

void row_end(struct rows *r)
{
    must(r->at == r->columns);
    r->at = 0;
    r->count++;
}
