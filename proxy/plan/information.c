/* information_schema: which of its tables are open, and how a statement reads them.
 *
 * A table whose rows belong to databases becomes a derived table with the same columns, limited to
 * what the user may see, in project names (derive.c; lookup.c for the plainest statements). It is
 * written when all names of the statement are bound, since by then the cluster is known: that of
 * the project tables beside it, else of the schema names that the statement compares with, else the
 * session's, else the first. */
#include "proxy/plan/plan_private.h"

#include <pthread.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/must.h"

enum {                               /* of one text */
       TABLES_MAX = 64,              /* for each its statement is read again */
       DERIVED_MAX = 4 * 1024 * 1024 /* bytes that stand for them */
};

static const struct information tables[] = {
#define INFORMATION(name, gate, columns) {{#name, sizeof(#name) - 1}, INFORMATION_##gate, columns},
#include "proxy/plan/information.def"
#undef INFORMATION
};

enum { TABLES = sizeof tables / sizeof *tables, COLUMNS_MAX = 1024 };

const struct information *information_find(struct slice table)
{
    for (size_t i = 0; i < TABLES; i++)
        if (slice_equal_nocase(table, tables[i].name))
            return &tables[i];
    return NULL;
}

/* Written once, under columns_once. */
static struct information_column columns[COLUMNS_MAX];
static size_t firsts[TABLES + 1]; /* of each table in them */
static pthread_once_t columns_once = PTHREAD_ONCE_INIT;

static struct information_column column_of(const char *word, size_t size)
{
    bool has_sign = strchr("@=#%+~-", word[0]) != NULL;

    return (struct information_column){slice_make(word + has_sign, size - has_sign),
                                       has_sign ? word[0] : ' '};
}

static void read_columns(void)
{
    size_t count = 0;

    for (size_t i = 0; i < TABLES; i++) {
        firsts[i] = count;
        for (const char *at = tables[i].columns; *at;) {
            size_t size = strcspn(at, " ");

            must(count < COLUMNS_MAX);
            columns[count++] = column_of(at, size);
            at += size + (at[size] == ' ');
        }
    }
    firsts[TABLES] = count;
}

const struct information_column *information_columns(const struct information *row, size_t *count)
{
    size_t index = (size_t)(row - tables);

    pthread_once(&columns_once, read_columns);
    *count = firsts[index + 1] - firsts[index];
    return &columns[firsts[index]];
}

struct slice information_column_with(const struct information *row, char sign)
{
    size_t count;
    const struct information_column *list = information_columns(row, &count);

    for (size_t i = 0; i < count; i++)
        if (list[i].sign == sign)
            return list[i].name;
    return SLICE("");
}

struct slices information_open(struct arena *arena)
{
    struct slices open = {.at = arena_array(arena, TABLES, sizeof *open.at)};

    for (size_t i = 0; i < TABLES; i++)
        if (tables[i].gate != INFORMATION_ADMIN)
            open.at[open.count++] = tables[i].name;
    return open;
}

static bool sees_all(const struct user *user)
{
    return user->is_admin || user->sees_all_metadata;
}

bool information_is_listed(const struct user *user, struct slice table)
{
    const struct information *row = information_find(table);

    return sees_all(user) || (row && row->gate != INFORMATION_ADMIN);
}

/* ---- which names are of the system ---- */

static bool is_of_system(const struct making *m, const struct sql_reference *r, uint32_t count,
                         struct slice *schema)
{
    const struct sql_part *part = count ? &r->parts[count - 1] : NULL;

    if (count == 0) {
        *schema = m->here->at.schema;
        return !m->here->at.project && schema->size;
    }
    if (count > 2 || (count == 2 && !is_default_catalog(&r->parts[0])) || part->is_macro
        || part->is_string || !is_system_schema(part->value))
        return false;
    *schema = part->value;
    return true;
}

bool information_names(const struct making *m, const struct sql_reference *r, struct slice *schema)
{
    const struct sql_reference *of = r->in_database;
    struct slice other;

    switch (r->kind) {
    case KIND_DATABASE:
        return is_of_system(m, r, r->count, schema);
    case KIND_TABLE:
    case KIND_VIEW:
        break;
    default:
        return false;
    }
    if (!of || of->kind != KIND_DATABASE)
        return is_of_system(m, r, r->count - 1, schema);
    if (!is_of_system(m, of, of->count, schema))
        return false;
    return r->count == 1 || is_of_system(m, r, r->count - 1, &other);
}

/* ---- the first round: is it open ---- */

static bool refuse_schema(const struct making *m, struct slice schema)
{
    return refuse(m->e, ERROR_NOT_SUPPORTED, "starbind: schema '%.*s' is refused", SHOW(schema));
}

static bool is_statistic(struct slice table)
{
    return slice_equal(table, SLICE("column_statistics"))
           || slice_equal(table, SLICE("table_statistic_v1"));
}

static bool judge_table(const struct making *m, struct slice schema, struct slice table,
                        const struct information **row)
{
    if (!slice_equal_nocase(schema, SLICE("information_schema"))) {
        bool is_open = m->here->user->is_admin
                       || (m->here->user->sees_all_metadata && is_statistic(table)
                           && slice_equal_nocase(schema, SLICE("_statistics_")));
        return is_open || refuse_schema(m, schema);
    }
    *row = information_find(table);
    if (sees_all(m->here->user))
        return true;
    if (!*row)
        return refuse(m->e, ERROR_NO_SUCH_TABLE, "Unknown table 'information_schema.%.*s'",
                      SHOW(table));
    if ((*row)->gate != INFORMATION_ADMIN)
        return true;
    return refuse(m->e, ERROR_DENIED,
                  "starbind: information_schema.%.*s is about the whole cluster and open to "
                  "administrators and metadata accounts",
                  SHOW(table));
}

/* What may be asked about the schema as a whole. */
static bool judge_schema(const struct making *m, const struct sql_statement *s, struct slice schema)
{
    bool is_information = slice_equal_nocase(schema, SLICE("information_schema"));

    switch (s->rule) {
    case RULE_showTableStatement:
    case RULE_showTableStatusStatement:
    case RULE_showColumnStatement:
    case RULE_showIndexStatement:
        return is_information || m->here->user->is_admin || refuse_schema(m, schema);
    default:
        return refuse_schema(m, schema);
    }
}

static bool is_read(const struct sql_reference *r)
{
    return (r->access == ACCESS_READ || r->access == ACCESS_SHOW) && !r->is_target;
}

/* A bare name, when information_schema itself is selected. */
static void qualify_bare(struct making *m, const struct sql_reference *r, struct slice schema)
{
    const struct sql_part *part = &r->parts[0];

    if (r->count == 1 && r->kind != KIND_DATABASE && !r->in_database)
        change_put(m, part->start, part->end,
                   arena_print(m->arena, "%.*s.%.*s", SHOW(sql_quote_name(schema, m->arena)),
                               SHOW(sql_quote_name(part->value, m->arena))));
}

bool information_bind(struct making *m, const struct sql_statement *s, const struct policy *policy,
                      struct plan_reference *bound, struct slice schema)
{
    const struct sql_reference *r = bound->reference;
    const struct sql_part *last = &r->parts[r->count - 1];
    const struct information *row = NULL;

    if (policy->flags & POLICY_SHARES)
        return refuse(m->e, ERROR_NOT_SUPPORTED,
                      "starbind: a stored body may not read %.*s: it would outlive what its owner "
                      "may see",
                      SHOW(schema));
    if (!is_read(r) || last->is_macro || last->is_string || !sql_name_can_be_quoted(last->value))
        return refuse_schema(m, schema);
    bound->is_of_system = true;
    m->information_count++;
    if (r->kind == KIND_DATABASE)
        return judge_schema(m, s, schema);
    if (!judge_table(m, schema, last->value, &row))
        return false;
    bound->derived = row && row->gate != INFORMATION_OPEN && row->gate != INFORMATION_ADMIN
                             && r->access == ACCESS_READ && !m->here->user->sees_all_metadata
                         ? row
                         : NULL;
    if (!bound->derived)
        qualify_bare(m, r, schema);
    return true;
}

/* ---- the second round: the cluster, and the texts ---- */

static bool refuse_clusters(const struct making *m, const struct cluster *a,
                            const struct cluster *b)
{
    return refuse(m->e, ERROR_NOT_SUPPORTED,
                  "starbind: the statement spans clusters: the schemas that it names are on "
                  "'%.*s' and on '%.*s'",
                  SHOW(a->name), SHOW(b->name));
}

/* The clusters of the schema names that this table is compared with. */
static bool see_cluster(const struct making *m, const struct narrowing *n,
                        const struct cluster **cluster)
{
    for (size_t i = 0; i < n->visible_count; i++) {
        const struct visible *v = &n->visible[i];

        if (n->is_pattern || !narrow_keeps(n, v->name))
            continue;
        if (*cluster && *cluster != v->source->cluster)
            return refuse_clusters(m, *cluster, v->source->cluster);
        *cluster = v->source->cluster;
    }
    return true;
}

const struct visible *visible_all(struct making *m, size_t *count)
{
    if (!m->has_visible)
        m->visible_count = visible_find(m->here->config, m->here->user, m->arena, &m->visible);
    m->has_visible = true;
    *count = m->visible_count;
    return m->visible;
}

/* The databases that the condition of a statement leaves; all, when it has none. */
static void narrow(struct making *m, const struct sql_statement *s, const struct sql_reference *r,
                   const struct information *row, struct narrowing *n)
{
    struct visible *found;

    n->is_found = lookup_find(m, s, r, row, n); /* derived, too, unless one schema is left */
    if (!n->is_found)
        n->is_found = narrow_find(m, s, r, information_column_with(row, '@'), n);
    if (!n->is_found) {
        n->visible = visible_all(m, &n->visible_count);
        return;
    }
    n->visible_count = visible_narrowed(m->here->config, m->here->user, n, m->arena, &found);
    n->visible = found;
}

static const struct cluster *cluster_of_tables(const struct sql_statement *s,
                                               const struct plan_reference *bound)
{
    for (uint32_t i = 0; i < s->reference_count; i++)
        if (bound[i].binding)
            return bound[i].binding->source->cluster;
    return NULL;
}

static bool find_cluster(struct making *m, const struct sql_statement *s,
                         const struct plan_reference *bound, struct narrowing *narrowed,
                         const struct cluster **cluster)
{
    *cluster = cluster_of_tables(s, bound);
    for (uint32_t i = 0; i < s->reference_count; i++) {
        const struct information *row = bound[i].derived;
        struct narrowing *n = &narrowed[i];

        if (!row || row->gate != INFORMATION_ROWS)
            continue;
        narrow(m, s, bound[i].reference, row, n);
        if (n->is_found && !see_cluster(m, n, cluster))
            return false;
    }
    if (!*cluster)
        *cluster = plan_cluster(m->here);
    return *cluster
           || refuse(m->e, ERROR_NO_PROJECT, "starbind: there is no cluster to ask for metadata");
}

static bool refuse_length(const struct making *m)
{
    return refuse(m->e, ERROR_LIMIT,
                  "starbind: what stands for these tables of information_schema is longer than %d "
                  "MB; name fewer of them, or compare each with one schema",
                  DERIVED_MAX >> 20);
}

bool information_finish(struct making *m, struct plan_step *step, struct plan_reference *bound)
{
    const struct sql_statement *s = step->statement;
    struct narrowing *narrowed;

    if (!m->information_count)
        return true;
    m->tables_count += m->information_count;
    if (m->tables_count > TABLES_MAX)
        return refuse(m->e, ERROR_NOT_SUPPORTED,
                      "starbind: a text may name at most %d tables of information_schema; send "
                      "its statements one by one",
                      TABLES_MAX);
    m->information_count = 0;
    m->covered = NULL;
    m->covers_many = false;
    narrowed = arena_array(m->arena, s->reference_count, sizeof *narrowed);
    if (!find_cluster(m, s, bound, narrowed, &step->information))
        return false;
    for (uint32_t i = 0; i < s->reference_count; i++) {
        if (bound[i].derived && !derive(m, s, &bound[i], &narrowed[i], step->information))
            return false;
        if (m->derived_bytes > DERIVED_MAX)
            return refuse_length(m);
    }
    step->covered = m->covers_many ? NULL : m->covered;
    return true;
}

/* information_schema.tables.column: the derived table goes by the table's name alone. */
bool information_column(struct making *m, const struct sql_reference *column, uint32_t qualifiers,
                        const struct plan_reference *relation)
{
    const struct sql_reference *r = relation->reference;

    if (column->has_parentheses)
        return refuse(m->e, ERROR_NOT_SUPPORTED,
                      "starbind: write '%.*s' without the parentheses inside the name",
                      (int)(column->end - column->start), m->text.data + column->start);
    if (relation->derived)
        change_put(m, column->parts[0].start, column->parts[qualifiers].end,
                   sql_quote_name(r->parts[r->count - 1].value, m->arena));
    return true;
}
