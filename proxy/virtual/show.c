#include "proxy/virtual/virtual.h"

#include "proxy/plan/visible.h"

static bool is_listed(const struct sql_statement *statement, struct slice name)
{
    return !statement->has_like || sql_like(statement->like, name);
}

static void row_put(struct result_writer *r, const struct sql_statement *statement,
                    const struct visible *v)
{
    if (v->is_listed_by_name && is_listed(statement, v->name))
        result_row(r, &v->name);
}

void show_databases(struct result_writer *r, const struct config *c, const struct user *user,
                    const struct sql_statement *statement, uint16_t status, struct arena *a)
{
    static const struct column column = {.name = {"Database", 8}};
    static const struct slice system = {"information_schema", 18};
    struct visible *all;
    size_t count = visible_find(c, user, a, &all), at = 0;

    result_open(r, r->out, r->sequence, &column, 1, status);
    for (; at < count && slice_compare(all[at].name, system) < 0; at++)
        row_put(r, statement, &all[at]);
    if (is_listed(statement, system))
        result_row(r, &system);
    for (; at < count; at++)
        row_put(r, statement, &all[at]);
    result_close(r, status);
}

void show_catalogs(struct result_writer *r, const struct sql_statement *statement, uint16_t status)
{
    static const struct column columns[] = {
        {.name = {"Catalog", 7}}, {.name = {"Type", 4}}, {.name = {"Comment", 7}}};
    const struct slice row[] = {SLICE("default_catalog"), SLICE("Internal"),
                                SLICE("The projects of this gateway.")};

    result_open(r, r->out, r->sequence, columns, 3, status);
    if (is_listed(statement, row[0]))
        result_row(r, row);
    result_close(r, status);
}
