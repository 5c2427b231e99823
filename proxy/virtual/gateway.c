/* What the gateway tells of its own: projects, data sources, members, rights; and what a project
 * has none of. */
#include "proxy/virtual/virtual.h"

#include "auth/grant.h"
#include "base/arena.h"
#include "proxy/plan/plan.h"
#include "proxy/plan/visible.h"

enum { COLUMNS_MOST = 16, GRANT_COLUMNS = 3, BYTES_OF_CHARACTER = 3 };

static const struct slice null = {NULL, 0};

/* "a,b:30": names, and widths in characters where clients are to see a frontend's. */
static void open_result(struct result_writer *r, const char *headers, uint16_t status)
{
    struct column columns[COLUMNS_MOST] = {{.type = 0}};
    size_t count = 0;

    while (*headers) {
        size_t n = strcspn(headers, ",:");
        columns[count].name = slice_make(headers, n);
        headers += n;
        if (*headers == ':')
            columns[count].length = (uint32_t)strtoul(headers + 1, NULL, 10) * BYTES_OF_CHARACTER;
        headers += strcspn(headers, ",");
        headers += *headers == ',';
        count++;
    }
    result_open(r, r->out, r->sequence, columns, count, status);
}

void show_none(struct result_writer *r, enum sql_rule rule, uint16_t status)
{
    static const char *const headers[SQL_RULES] = {
#define FIXED(rule, columns) [RULE_##rule] = columns,
#include "proxy/virtual/fixed.def"
#undef FIXED
    };

    open_result(r, headers[rule], status);
    result_close(r, status);
}

void show_create_database(struct result_writer *r, struct slice name, uint16_t status,
                          struct arena *a)
{
    const struct slice cells[] = {name, arena_print(a, "CREATE DATABASE `%.*s`", SHOW(name))};

    open_result(r, "Database,Create Database", status);
    result_row(r, cells);
    result_close(r, status);
}

static struct slice identity(const struct user *user, struct arena *a)
{
    return arena_print(a, "'%.*s'@'%%'", SHOW(user->name));
}

void show_user(struct result_writer *r, const struct user *user, uint16_t status, struct arena *a)
{
    struct slice cell = identity(user, a);

    open_result(r, "User", status);
    result_row(r, &cell);
    result_close(r, status);
}

void show_run_mode(struct result_writer *r, struct slice run_mode, uint16_t status)
{
    const struct slice cells[] = {SLICE("run_mode"), SLICE("[]"),    run_mode,
                                  SLICE("String"),   SLICE("false"), SLICE("")};

    open_result(r, "Key,AliasNames,Value,Type,IsMutable,Comment", status);
    result_row(r, cells);
    result_close(r, status);
}

/* ---- SHOW GRANTS ---- */

/* In StarRocks' words; what has none there, such as share, is left out. */
static struct slice rights(unsigned privileges, struct arena *a)
{
    static const struct {
        unsigned privileges;
        const char *words;
    } words[] = {{READ, "SELECT"},
                 {WRITE | LOAD, "INSERT"},
                 {WRITE, "UPDATE, DELETE"},
                 {DDL, "ALTER, DROP"}};
    struct slice text = {"", 0};

    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (privileges & words[i].privileges)
            text = arena_print(a, "%.*s%s%s", SHOW(text), text.size ? ", " : "", words[i].words);
    return text;
}

static void grant_row(struct result_writer *r, const struct user *user, struct slice text,
                      struct slice on, struct arena *a)
{
    struct slice who = identity(user, a);
    const struct slice cells[GRANT_COLUMNS] = {
        who, SLICE("default_catalog"),
        arena_print(a, "GRANT %.*s ON %.*s TO USER %.*s", SHOW(text), SHOW(on), SHOW(who))};

    if (text.size)
        result_row(r, cells);
}

static void grant_rows(struct result_writer *r, const struct user *user, const struct visible *v,
                       struct arena *a)
{
    unsigned whole = grant_privileges(user, v->project, v->environment, SLICE(""));

    grant_row(r, user, rights(whole, a),
              arena_print(a, "ALL TABLES IN DATABASE %.*s", SHOW(v->name)), a);
    for (size_t i = 0; i < v->tables.count && !v->is_whole; i++)
        grant_row(r, user,
                  rights(grant_privileges(user, v->project, v->environment, v->tables.at[i]), a),
                  arena_print(a, "TABLE %.*s.%.*s", SHOW(v->name), SHOW(v->tables.at[i])), a);
}

void show_grants(struct result_writer *r, const struct config *c, const struct user *user,
                 uint16_t status, struct arena *a)
{
    struct slice who = identity(user, a);
    const struct slice role[GRANT_COLUMNS] = {who, null,
                                              arena_print(a, "GRANT 'public' TO %.*s", SHOW(who))};
    struct visible *all;
    size_t count = visible_find(c, user, a, &all);

    open_result(r, "UserIdentity,Catalog,Grants", status);
    result_row(r, role);
    for (size_t i = 0; i < count; i++)
        if (all[i].is_listed_by_name)
            grant_rows(r, user, &all[i], a);
    result_close(r, status);
}

/* ---- SHOW PROJECTS, SHOW DATA SOURCES, SHOW MEMBERS ---- */

static struct slice join(const struct slices *list, struct arena *a)
{
    struct slice text = {"", 0};

    for (size_t i = 0; i < list->count; i++)
        text = arena_print(a, "%.*s%s%.*s", SHOW(text), text.size ? ", " : "", SHOW(list->at[i]));
    return text;
}

static struct slice not_null(struct slice text)
{
    return text.data ? text : SLICE("");
}

static int by_name(const void *a, const void *b)
{
    const struct project *x = *(const struct project *const *)a;
    const struct project *y = *(const struct project *const *)b;

    return slice_compare(x->name, y->name);
}

/* Those that the user is a member of, by name. */
static size_t find_projects(const struct config *c, const struct user *user, struct arena *a,
                            const struct project ***found)
{
    const struct project **all = arena_array(a, c->project_count + 1, sizeof(*all));
    size_t count = 0;

    for (size_t i = 0; i < c->project_count; i++)
        if (grant_is_member(user, &c->projects[i]))
            all[count++] = &c->projects[i];
    if (count)
        qsort(all, count, sizeof(*all), by_name);
    *found = all;
    return count;
}

/* The sides that the user has a grant on. */
static struct slice environments(const struct project *p, const struct user *user, struct arena *a)
{
    struct slice text = {"", 0};

    if (p->is_shared)
        return SLICE("shared");
    for (unsigned e = 0; e < ENVIRONMENTS; e++)
        if (p->sides[e] && grant_sees(user, p, (enum environment)e))
            text = arena_print(a, "%.*s%s%s", SHOW(text), text.size ? ", " : "",
                               environment_name((enum environment)e));
    return text;
}

static bool is_listed(const struct sql_statement *s, struct slice name)
{
    return !s->has_like || sql_like(s->like, name);
}

void show_projects(struct result_writer *r, const struct config *c, const struct user *user,
                   const struct sql_statement *s, uint16_t status, struct arena *a)
{
    const struct project **all;
    size_t count = find_projects(c, user, a, &all);

    open_result(r, "Project,Environments,Roles,Description,Tags", status);
    for (size_t i = 0; i < count; i++) {
        const struct project *p = all[i];
        if (p->is_data_source || !is_listed(s, p->name))
            continue;
        const struct slice cells[] = {p->name, environments(p, user, a),
                                      grant_role_names(user, p, a), not_null(p->description),
                                      join(&p->tags, a)};
        result_row(r, cells);
    }
    result_close(r, status);
}

static void source_row(struct result_writer *r, const struct project *p, const struct user *user,
                       struct slice code, struct arena *a)
{
    const struct slice cells[] = {p->title,
                                  code,
                                  environments(p, user, a),
                                  grant_role_names(user, p, a),
                                  not_null(p->description),
                                  join(&p->tags, a),
                                  join(&p->scenarios, a)};

    result_row(r, cells);
}

void show_data_sources(struct result_writer *r, const struct config *c, const struct user *user,
                       const struct sql_statement *s, uint16_t status, struct arena *a)
{
    const struct project **all;
    size_t count = find_projects(c, user, a, &all);

    open_result(r, "Name,Code,Environments,Roles,Description,Tags,Scenarios", status);
    for (size_t i = 0; i < count; i++)
        if (all[i]->is_data_source && is_listed(s, all[i]->title))
            source_row(r, all[i], user, all[i]->name, a);
    for (size_t i = 0; i < c->unlisted_count; i++)
        if (grant_is_member(user, &c->unlisted[i]) && is_listed(s, c->unlisted[i].title))
            source_row(r, &c->unlisted[i], user, null, a);
    result_close(r, status);
}

static int by_key(const void *a, const void *b)
{
    const struct map_entry *x = *(const struct map_entry *const *)a;
    const struct map_entry *y = *(const struct map_entry *const *)b;

    return slice_compare(x->key, y->key);
}

static void member_rows(struct result_writer *r, const struct project *p,
                        const struct sql_statement *s, struct arena *a)
{
    const struct map_entry **sorted = arena_array(a, p->members.count + 1, sizeof(*sorted)), *entry;
    size_t count = 0, at = 0;

    while ((entry = map_next(&p->members, &at)))
        sorted[count++] = entry;
    if (count)
        qsort(sorted, count, sizeof(*sorted), by_key);
    for (size_t i = 0; i < count; i++) {
        const struct membership *m = sorted[i]->value;
        struct slice roles = {"", 0};
        for (size_t k = 0; k < m->role_count; k++)
            roles =
                arena_print(a, "%.*s%s%.*s", SHOW(roles), k ? ", " : "", SHOW(m->roles[k]->name));
        const struct slice cells[] = {p->name, sorted[i]->key, roles};
        if (is_listed(s, sorted[i]->key))
            result_row(r, cells);
    }
}

void show_members(struct result_writer *r, const struct config *c, const struct user *user,
                  const struct plan_step *step, uint16_t status, struct arena *a)
{
    const struct project **all;
    size_t count = find_projects(c, user, a, &all);

    open_result(r, "Project,Member,Roles", status);
    for (size_t i = 0; i < count; i++)
        if (!step->asked.size || slice_equal_nocase(step->asked, all[i]->name))
            member_rows(r, all[i], step->statement, a);
    result_close(r, status);
}
