#include "proxy/virtual/virtual.h"

#include <stdlib.h>

#include "base/arena.h"
#include "proxy/plan/plan.h"
#include "proxy/plan/visible.h"

enum { BYTES_OF_CHARACTER = 3 };

static const struct slice database_header = {"Database", 8};

/* LIKE or WHERE of SHOW DATABASES. */
struct filter {
    const struct plan_step *step;
    struct slice text; /* of the client */
    struct arena *arena;
};

static bool is_listed(const struct filter *f, struct slice name)
{
    const struct sql_statement *s = f->step->statement;

    if (f->step->where)
        return plan_where_keeps(f->step, f->text, &database_header, &name, 1, f->arena);
    return !s->has_like || sql_like(s->like, name);
}

/* Names to be listed, which grow in the arena. */
struct listing {
    struct slice *at;
    size_t count, room;
    struct arena *arena;
};

static void note(struct listing *l, struct slice name)
{
    if (l->count == l->room) {
        size_t room = l->room ? 2 * l->room : 64;
        struct slice *wider = arena_array(l->arena, room, sizeof(*wider));

        if (l->count)
            memcpy(wider, l->at, l->count * sizeof(*wider));
        l->at = wider;
        l->room = room;
    }
    l->at[l->count++] = name;
}

static bool is_named(const struct compute_source *source, struct slice database)
{
    bool is_found = slice_equal(source->database, database) || is_system_schema(database);

    for (size_t i = 0; i < source->databases.count && !is_found; i++)
        is_found = slice_equal(source->databases.at[i], database);
    return is_found;
}

/* What the source's own account sees, under the code. */
static void note_open(struct listing *l, const struct visible *v, const struct slices *known)
{
    for (size_t i = 0; known && i + 1 < known->count; i += 2)
        if (slice_equal(known->at[i], v->source->account.username)
            && !is_named(v->source, known->at[i + 1]))
            note(l, arena_print(l->arena, "%.*s.%.*s", SHOW(v->name), SHOW(known->at[i + 1])));
}

static int by_name(const void *a, const void *b)
{
    return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

void show_databases(struct result_writer *r, const struct config *c, const struct user *user,
                    const struct plan_step *step, struct slice text,
                    const struct slices *(*known)(const void *owner,
                                                  const struct compute_source *source),
                    const void *owner, uint16_t status, struct arena *a)
{
    const struct column column = {.name = database_header};
    const struct filter f = {step, text, a};
    struct listing l = {.arena = a};
    struct visible *all;
    size_t count = visible_find(c, user, a, &all);

    note(&l, SLICE("information_schema"));
    for (size_t i = 0; i < count; i++)
        if (all[i].is_listed_by_name)
            note(&l, all[i].name);
        else
            note_open(&l, &all[i], known(owner, all[i].source));
    qsort(l.at, l.count, sizeof(*l.at), by_name);
    result_open(r, r->out, r->sequence, &column, 1, status);
    for (size_t i = 0; i < l.count; i++)
        if (is_listed(&f, l.at[i]))
            result_row(r, &l.at[i]);
    result_close(r, status);
}

void show_catalogs(struct result_writer *r, const struct sql_statement *statement, uint16_t status)
{
    static const struct column columns[] = {
        {.name = {"Catalog", 7}}, {.name = {"Type", 4}}, {.name = {"Comment", 7}}};
    const struct slice row[] = {SLICE("default_catalog"), SLICE("Internal"),
                                SLICE("The projects of this gateway.")};

    result_open(r, r->out, r->sequence, columns, 3, status);
    if (!statement->has_like || sql_like(statement->like, row[0]))
        result_row(r, row);
    result_close(r, status);
}

/* The types of plan.h as a frontend announces them; widths are those of result.c but where it
 * differs. */
static struct column column_of(const struct plan_column *c)
{
    static const struct {
        uint8_t type;
        uint32_t length;
    } types[] = {
        [PLAN_TEXT] = {0, 0},
        [PLAN_BOOLEAN] = {COLUMN_TINY, 1},
        [PLAN_TINYINT] = {COLUMN_TINY, 0},
        [PLAN_SMALLINT] = {COLUMN_SHORT, 0},
        [PLAN_INT] = {COLUMN_LONG, 0},
        [PLAN_BIGINT] = {COLUMN_LONGLONG, 0},
    };

    return (struct column){.name = c->label,
                           .type = types[c->type].type,
                           .length =
                               c->width ? c->width * BYTES_OF_CHARACTER : types[c->type].length};
}

void show_values(struct result_writer *r, const struct plan_opening *o,
                 const struct plan_rows *rows, uint16_t status, struct arena *a)
{
    struct column *columns = arena_array(a, o->column_count, sizeof(*columns));

    for (size_t i = 0; i < o->column_count; i++)
        columns[i] = column_of(&o->columns[i]);
    result_open(r, r->out, r->sequence, columns, o->column_count, status);
    for (size_t i = 0; i < rows->count; i++)
        result_row(r, rows->cells + i * o->column_count);
    result_close(r, status);
}
