#include "proxy/virtual/virtual.h"

#include "auth/grant.h"
#include "base/arena.h"

/* Greedy with one point of return per '%': linear in practice, quadratic at worst, never
 * exponential. */
bool show_like(struct slice pattern, struct slice name)
{
    size_t p = 0, n = 0, star = SIZE_MAX, from = 0;

    while (n < name.size) {
        bool escaped = p + 1 < pattern.size && pattern.data[p] == '\\';
        if (p < pattern.size && !escaped && pattern.data[p] == '%') {
            star = p++;
            from = n;
        } else if (p < pattern.size
                   && ((!escaped && pattern.data[p] == '_')
                       || ascii_lower(pattern.data[p + escaped]) == ascii_lower(name.data[n]))) {
            p += escaped ? 2 : 1;
            n++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            n = ++from;
        } else {
            return false;
        }
    }
    while (p < pattern.size && pattern.data[p] == '%')
        p++;
    return p == pattern.size;
}

struct names {
    struct slice *at;
    size_t count;
};

static int by_name(const void *a, const void *b)
{
    return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

/* How one side is listed: under the project's name, and its further schemas as `name.schema`. */
static void add_side(struct names *names, const struct project *project,
                     enum environment environment, struct arena *a)
{
    const struct compute_source *side = project->sides[environment];
    struct slice name =
        environment == DEV ? arena_print(a, "%.*s_dev", SHOW(project->name)) : project->name;

    if (side->database.size)
        names->at[names->count++] = name;
    for (size_t i = 0; i < side->databases.count; i++)
        if (!slice_equal(side->databases.at[i], side->database))
            names->at[names->count++] =
                arena_print(a, "%.*s.%.*s", SHOW(name), SHOW(side->databases.at[i]));
}

static size_t count_most(const struct config *c)
{
    size_t most = 1;

    for (size_t i = 0; i < c->project_count; i++)
        for (unsigned e = 0; e < ENVIRONMENTS; e++)
            if (c->projects[i].sides[e])
                most += 1 + c->projects[i].sides[e]->databases.count;
    return most;
}

static struct names names_seen(const struct config *c, const struct user *user, struct arena *a)
{
    struct names names = {.at = arena_array(a, count_most(c), sizeof(*names.at))};

    for (size_t i = 0; i < c->project_count; i++) {
        const struct project *project = &c->projects[i];
        for (unsigned e = 0; e < ENVIRONMENTS; e++) {
            bool is_own_side = e == PROD || !project->is_shared;
            if (project->sides[e] && is_own_side && grant_sees(user, project, (enum environment)e))
                add_side(&names, project, (enum environment)e, a);
        }
    }
    names.at[names.count++] = SLICE("information_schema");
    qsort(names.at, names.count, sizeof(*names.at), by_name);
    return names;
}

static bool is_listed(const struct sql_statement *statement, struct slice name)
{
    return !statement->has_like || show_like(statement->like, name);
}

void show_databases(struct result_writer *r, const struct config *c, const struct user *user,
                    const struct sql_statement *statement, uint16_t status, struct arena *a)
{
    static const struct column column = {.name = {"Database", 8}};
    struct names names = names_seen(c, user, a);

    result_open(r, r->out, r->sequence, &column, 1, status);
    for (size_t i = 0; i < names.count; i++)
        if (is_listed(statement, names.at[i]))
            result_row(r, &names.at[i]);
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
