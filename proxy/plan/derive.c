/* The text that stands for a table of information_schema.
 *
 * Few databases, or one that the statement names: a frontend folds an equality with the schema into
 * constants, and drops what an outer condition excludes, so each becomes a SELECT of its own:
 *
 *   (SELECT TABLE_CATALOG, 'sales' AS TABLE_SCHEMA, … FROM information_schema.tables
 *    WHERE TABLE_SCHEMA = 'dw_sales' UNION ALL SELECT …)
 *
 * Many: one SELECT with CASE and IN, which costs less to plan than as many branches. A database
 * that has two names is in both. */
#include "proxy/plan/derive.h"

#include "auth/grant.h"
#include "base/arena.h"
#include "base/error.h"

enum { BRANCHES_MAX = 8 };

/* ---- which databases ---- */

/* From this session it cannot be read by its name (cross_environment). */
static bool is_out_of_reach(const struct making *m, const struct visible *v)
{
    return !v->project->is_shared && v->environment != m->here->at.environment
           && !(grant_across(m->here->config, v->project) & READ);
}

static bool is_kept(const struct derivation *d, const struct visible *v)
{
    if (v->source->cluster != d->cluster || is_out_of_reach(d->m, v))
        return false;
    if (v->database.size && !can_be_written(v->database))
        return false;
    if (!v->is_whole && !d->about.size && !slice_equal_nocase(d->owner, SLICE("SCHEMA_NAME")))
        return false; /* nothing tells which of the rows are the user's */
    return true;
}

static void cover(struct making *m, const struct compute_source *source)
{
    m->covers_many |=
        m->covered && !slice_equal(m->covered->account.username, source->account.username);
    m->covered = source;
}

static void keep_databases(struct derivation *d, const struct narrowing *n)
{
    struct making *m = d->m;
    struct visible *system;

    d->kept = arena_array(m->arena, n->visible_count + 1, sizeof *d->kept);
    for (size_t i = 0; i < n->visible_count; i++)
        if (is_kept(d, &n->visible[i])) {
            d->kept[d->kept_count++] = &n->visible[i];
            cover(m, n->visible[i].source);
        }
    if (n->is_found && !narrow_keeps(n, SLICE("information_schema")))
        return;
    system = arena_alloc(m->arena, sizeof *system);
    *system = (struct visible){.name = SLICE("information_schema"),
                               .database = SLICE("information_schema"),
                               .tables = information_open(m->arena)};
    d->kept[d->kept_count++] = system;
}

/* ---- the text ---- */

/* A pattern of a role as one of LIKE. */
static struct slice like_of(struct derivation *d, struct slice pattern)
{
    char *text = arena_alloc(d->m->arena, pattern.size * 2);
    size_t n = 0;

    for (size_t i = 0; i < pattern.size; i++) {
        char c = pattern.data[i];
        if (c == '_' || c == '%' || c == '\\')
            text[n++] = '\\';
        text[n++] = c == '*' ? '%' : c;
    }
    return slice_make(text, n);
}

static bool is_pattern(struct slice table)
{
    return memchr(table.data, '*', table.size) != NULL;
}

void derive_put_tables(struct derivation *d, const struct visible *v)
{
    const char *before = "IN (";
    size_t plain = 0;

    if (v->is_whole || !d->about.size)
        return;
    derive_put(d, SLICE(" AND ("));
    for (size_t i = 0; i < v->tables.count; i++) {
        if (is_pattern(v->tables.at[i]))
            continue;
        if (plain++ == 0) {
            derive_put_name(d, d->about);
            derive_put(d, SLICE(" "));
        }
        derive_put(d, slice_of(before));
        derive_put_string(d, v->tables.at[i]);
        before = ", ";
    }
    if (plain)
        derive_put(d, SLICE(")"));
    for (size_t i = 0, any = plain; i < v->tables.count; i++) {
        if (!is_pattern(v->tables.at[i]))
            continue;
        derive_put(d, any++ ? SLICE(" OR ") : SLICE(""));
        derive_put_name(d, d->about);
        derive_put(d, SLICE(" LIKE "));
        derive_put_string(d, like_of(d, v->tables.at[i]));
    }
    derive_put(d, SLICE(")"));
}

static void put_condition(struct derivation *d, const struct visible *v)
{
    derive_put_name(d, d->owner);
    if (v->database.size) {
        derive_put(d, SLICE(" = "));
        derive_put_string(d, v->database);
    } else {
        derive_put(d, SLICE(" NOT IN ('information_schema', 'sys', '_statistics_', 'mysql', "
                            "'performance_schema', "));
        derive_put_string(d, v->source->database);
        derive_put(d, SLICE(")"));
    }
    derive_put_tables(d, v);
}

/* All of a group that are whole with one IN, the others one by one. */
static void put_conditions(struct derivation *d, const struct visible *const *of, size_t count)
{
    const char *before = " IN (";

    for (size_t i = 0; i < count; i++) {
        if (!of[i]->is_whole)
            continue;
        if (before[0] == ' ')
            derive_put_name(d, d->owner);
        derive_put(d, slice_of(before));
        derive_put_string(d, of[i]->database);
        before = ", ";
    }
    if (before[0] == ',')
        derive_put(d, SLICE(")"));
    for (size_t i = 0; i < count; i++) {
        if (of[i]->is_whole)
            continue;
        derive_put(d, before[0] == ',' ? SLICE(" OR (") : SLICE("("));
        put_condition(d, of[i]);
        derive_put(d, SLICE(")"));
        before = ", ";
    }
}

static void put_select(struct derivation *d, const struct visible *const *of, size_t count)
{
    derive_put(d, d->built.size ? SLICE(" UNION ALL SELECT ") : SLICE("(SELECT "));
    for (size_t i = 0; i < d->column_count; i++) {
        derive_put(d, i ? SLICE(", ") : SLICE(""));
        derive_put_column(d, i, of, count);
    }
    derive_put(d, SLICE(" FROM information_schema."));
    derive_put_name(d, d->table);
    derive_put(d, SLICE(" WHERE "));
    if (d->row->gate == INFORMATION_PLACES)
        place_put_condition(&d->built, SLICE("VARIABLE_NAME"));
    else if (count == 0)
        derive_put(d, SLICE("1 = 0"));
    else if (count == 1)
        put_condition(d, of[0]);
    else
        put_conditions(d, of, count);
}

/* One SELECT for each when they are few; else one for as many as have databases of their own, and
 * again for those that are left. */
static void put_selects(struct derivation *d)
{
    const struct visible **rest = d->kept, **group;
    size_t left = d->kept_count;

    if (left <= BRANCHES_MAX) {
        for (size_t i = 0; i < left; i++)
            put_select(d, &rest[i], 1);
        return;
    }
    group = arena_array(d->m->arena, left, sizeof *group);
    while (left) {
        size_t count = 0, next = 0;
        struct map seen;

        map_init(&seen, MAP_EXACT);
        for (size_t i = 0; i < left; i++)
            if (!rest[i]->database.size) {
                put_select(d, &rest[i], 1);
            } else if (map_find(&seen, rest[i]->database)) {
                rest[next++] = rest[i];
            } else {
                map_put(&seen, rest[i]->database, &seen);
                group[count++] = rest[i];
            }
        map_fini(&seen);
        if (count)
            put_select(d, group, count);
        left = next;
    }
}

bool derive(struct making *m, const struct sql_statement *s, const struct plan_reference *bound,
            const struct narrowing *n, const struct cluster *cluster)
{
    const struct sql_reference *r = bound->reference;
    struct derivation *d = arena_alloc(m->arena, sizeof *d);

    d->m = m;
    d->row = bound->derived;
    d->cluster = cluster;
    d->table = r->parts[r->count - 1].value;
    d->built.arena = m->arena;
    if (!derive_columns(d))
        return false;
    if (d->row->gate == INFORMATION_ROWS)
        keep_databases(d, n);
    if (lookup_put(d, n))
        return true;
    derive_keep_named(d, s);
    derive_signs(d);
    put_selects(d);
    if (!d->kept_count)
        put_select(d, NULL, 0);
    derive_put(d, SLICE(")"));
    if (!r->alias.data) {
        derive_put(d, SLICE(" AS "));
        derive_put_name(d, d->table);
    }
    m->derived_bytes += d->built.size;
    change_put(m, r->start, r->end, builder_text(&d->built));
    return true;
}
