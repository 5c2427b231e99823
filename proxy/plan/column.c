/* Dotted columns follow their tables: sales.orders.id is rewritten with the FROM item sales.orders,
 * alias.id stays. Which FROM item is meant sql_read has found by the words; what it could not find
 * because words differ (${sales}.orders and sales.orders) is compared here by what they are bound
 * to.
 *
 * No name that could be a database leaves unresolved: a qualifier that equals a physical database
 * of the statement is refused as any physical name is. */
#include "proxy/plan/plan_private.h"

#include "base/arena.h"
#include "base/error.h"

struct tables { /* what the statement reads and writes, sorted by database and name when asked for
                 */
    const struct plan_reference *bound;
    size_t bound_count;
    struct arena *arena;
    const struct plan_reference **at; /* NULL: not asked for yet */
    size_t count;
    const struct plan_reference **system; /* one for each table of the system; NULL as above */
    size_t system_count;
};

static struct slice table_name(const struct plan_reference *b)
{
    return b->reference->parts[b->reference->count - 1].value;
}

static int order(struct slice database, struct slice name, const struct plan_reference *b)
{
    int by_database = slice_compare(database, b->binding->database);

    return by_database ? by_database : slice_compare(name, table_name(b));
}

static int order_tables(const void *a, const void *b)
{
    const struct plan_reference *x = *(const struct plan_reference *const *)a;
    const struct plan_reference *y = *(const struct plan_reference *const *)b;

    return order(x->binding->database, table_name(x), y);
}

static void collect(struct tables *t)
{
    t->at = arena_array(t->arena, t->bound_count + 1, sizeof *t->at);
    for (size_t i = 0; i < t->bound_count; i++)
        if (t->bound[i].binding && !t->bound[i].is_column)
            t->at[t->count++] = &t->bound[i];
    if (t->count)
        qsort(t->at, t->count, sizeof *t->at, order_tables);
}

/* A table of that database; with a name: that table. NULL when the statement has none. */
static const struct plan_reference *find(struct tables *t, struct slice database,
                                         const struct slice *name)
{
    size_t low = 0, high;

    if (!t->at)
        collect(t);
    high = t->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct plan_reference *b = t->at[middle];
        int way = name ? order(database, *name, b) : slice_compare(database, b->binding->database);

        if (way == 0)
            return b;
        if (way < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

/* What the FROM item of a column is bound to. One that an abandoned reading of the text left behind
 * is none of the statement's references. */
static const struct plan_reference *relation_of(const struct plan_reference *bound,
                                                const struct sql_reference *relation)
{
    const struct plan_reference *found = relation ? &bound[relation->index] : NULL;

    if (!found || found->reference != relation)
        return NULL;
    return found->binding || found->is_of_system ? found : NULL;
}

static const struct plan_reference *seen_of_system(const struct tables *t, struct slice name)
{
    for (size_t i = 0; i < t->system_count; i++)
        if (slice_equal_nocase(table_name(t->system[i]), name))
            return t->system[i];
    return NULL;
}

/* A table of the system by its name alone, in whatever letter case. There are some dozens of them
 * at most, for others were refused, however often a statement names them. */
static const struct plan_reference *system_table(struct tables *t, struct slice name)
{
    if (!t->system) {
        t->system = arena_array(t->arena, t->bound_count + 1, sizeof(*t->system));
        for (size_t i = 0; i < t->bound_count; i++)
            if (t->bound[i].is_of_system && !seen_of_system(t, table_name(&t->bound[i])))
                t->system[t->system_count++] = &t->bound[i];
    }
    return seen_of_system(t, name);
}

static bool unresolved(const struct making *m, const struct sql_reference *r)
{
    return refuse(m->e, ERROR_SYNTAX,
                  "Column '%.*s' cannot be resolved: no table of that name is in reach",
                  (int)(r->end - r->start), m->text.data + r->start);
}

static bool replace(struct making *m, struct plan_reference *column, uint32_t count,
                    const struct binding *b)
{
    if (column->reference->has_parentheses)
        return refuse(m->e, ERROR_NOT_SUPPORTED,
                      "starbind: write '%.*s' without the parentheses inside the name",
                      (int)(column->reference->end - column->reference->start),
                      m->text.data + column->reference->start);
    column->binding = b;
    return render_database(m, column->reference, count, b->database);
}

/* What the first parts of a column mean to this user as a database; false when nothing. */
static bool resolve(const struct making *m, const struct sql_reference *r, uint32_t count,
                    struct binding *b)
{
    const struct plan_context *here = m->here;
    struct qualifier q;
    struct error quiet;

    if (!qualifier_find(here->config, here->user, r->parts, count, &q, &quiet) || !q.project)
        return false;
    return side_bind(q.project, q.is_macro ? here->at.environment : q.environment, q.schema, b,
                     &quiet);
}

/* A column whose qualifier is no FROM item by its words. */
static bool bind_loose(struct making *m, struct tables *t, struct plan_reference *column,
                       uint32_t count)
{
    const struct sql_reference *r = column->reference;
    struct slice physical = r->parts[count - 1].value;
    bool is_macro = r->parts[count - 1].is_macro,
         is_certain = r->scope == SCOPE_DB || r->scope == SCOPE_CATALOG;
    struct binding b;

    if (resolve(m, r, count, &b)) {
        bool is_near =
            r->count > count + 1 ? find(t, b.database, &r->parts[count].value) != NULL : false;

        if (!is_near && (is_macro || is_certain || r->scope != SCOPE_FIELD))
            is_near = find(t, b.database, NULL) != NULL; /* the part behind it may be an alias */
        if (is_near)
            return replace(m, column, count, binding_keep(m, &b));
        if (is_macro || is_certain || r->scope != SCOPE_FIELD)
            return unresolved(m, r);
    } else if (is_macro || is_certain) {
        return refuse(m->e, ERROR_NO_SUCH_PROJECT, "Unknown database '%.*s'", SHOW(physical));
    }
    if (find(t, physical, NULL))
        return refuse(m->e, ERROR_NO_SUCH_PROJECT, "Unknown database '%.*s'", SHOW(physical));
    return true;
}

static bool bind_column(struct making *m, struct tables *t, struct plan_reference *bound,
                        uint32_t index)
{
    struct plan_reference *column = &bound[index];
    const struct sql_reference *r = column->reference;
    bool has_catalog = r->scope == SCOPE_CATALOG || r->scope == SCOPE_CATALOG_MAYBE
                       || (r->count > 3 && is_default_catalog(&r->parts[0]));
    uint32_t count = has_catalog ? 2 : 1;
    const struct plan_reference *relation = relation_of(bound, r->relation);

    for (uint32_t i = count; i < r->count; i++)
        if (r->parts[i].is_macro)
            return unresolved(m, r);
    if (r->count <= count) /* one part cannot name a database and a column */
        return r->parts[0].is_macro ? unresolved(m, r) : true;
    if (!relation && r->count > count + 1 && is_system_schema(r->parts[count - 1].value))
        relation = system_table(t, r->parts[count].value);
    if (relation && relation->is_of_system)
        return information_column(m, r, count, relation);
    switch (r->scope) {
    case SCOPE_DB:
    case SCOPE_CATALOG:
        if (relation)
            return replace(m, column, count, relation->binding);
        return bind_loose(m, t, column, count);
    case SCOPE_DB_MAYBE:
    case SCOPE_CATALOG_MAYBE:
        return bind_loose(m, t, column, count);
    case SCOPE_FIELD:
        return r->count > count + 1 || r->parts[0].is_macro ? bind_loose(m, t, column, count)
                                                            : true;
    default:
        return r->parts[0].is_macro ? unresolved(m, r) : true;
    }
}

bool bind_columns(struct making *m, const struct sql_statement *s, struct plan_reference *bound)
{
    struct tables t = {.bound = bound, .bound_count = s->reference_count, .arena = m->arena};

    for (uint32_t i = 0; i < s->reference_count; i++)
        if (bound[i].is_column && !bind_column(m, &t, bound, i))
            return false;
    return true;
}
