#include "proxy/virtual/virtual.h"

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

static void row_put(struct result_writer *r, const struct filter *f, const struct visible *v)
{
    if (v->is_listed_by_name && is_listed(f, v->name))
        result_row(r, &v->name);
}

void show_databases(struct result_writer *r, const struct config *c, const struct user *user,
                    const struct plan_step *step, struct slice text, uint16_t status,
                    struct arena *a)
{
    const struct column column = {.name = database_header};
    static const struct slice system = {"information_schema", 18};
    const struct filter f = {step, text, a};
    struct visible *all;
    size_t count = visible_find(c, user, a, &all), at = 0;

    result_open(r, r->out, r->sequence, &column, 1, status);
    for (; at < count && slice_compare(all[at].name, system) < 0; at++)
        row_put(r, &f, &all[at]);
    if (is_listed(&f, system))
        result_row(r, &system);
    for (; at < count; at++)
        row_put(r, &f, &all[at]);
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
