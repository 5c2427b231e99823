/* A qualifier is a project, its dev side, a macro, or code.schema; anything else is unknown.
 *
 *   sales        sales_dev     ${sales}     orders.sch     default_catalog.sales     `orders.sch`
 *
 * The same refusal meets what does not exist, what is not the user's, and physical names. */
#include "proxy/plan/plan_private.h"

#include "base/error.h"

bool is_system_schema(struct slice name)
{
    return slice_equal_nocase(name, SLICE("information_schema"))
           || slice_equal_nocase(name, SLICE("sys"))
           || slice_equal_nocase(name, SLICE("_statistics_"));
}

bool is_default_catalog(const struct sql_part *part)
{
    return !part->is_macro && slice_equal_nocase(part->value, SLICE("default_catalog"));
}

struct slice word_of_kind(const struct project *project)
{
    return project->is_data_source ? SLICE("data source") : SLICE("project");
}

static bool unknown(struct error *e, const struct sql_part *parts, uint32_t count)
{
    if (count == 2)
        return refuse(e, ERROR_NO_SUCH_PROJECT, "Unknown database '%.*s.%.*s'",
                      SHOW(parts[0].value), SHOW(parts[1].value));
    return refuse(e, ERROR_NO_SUCH_PROJECT, "Unknown database '%.*s'", SHOW(parts[0].value));
}

/* Of the one quoted identifier `orders.sch` the two parts; false for any other name. */
static bool split(const struct config *config, const struct sql_part *part, struct sql_part two[2])
{
    const char *dot = part->is_quoted && part->value.size
                          ? memchr(part->value.data, '.', part->value.size)
                          : NULL;
    size_t head = dot ? (size_t)(dot - part->value.data) : 0;

    if (!dot || config_find_project(config, part->value))
        return false;
    two[0] = two[1] = *part;
    two[0].value = slice_head(part->value, head);
    two[1].value = slice_after(part->value, head + 1);
    return two[1].value.size > 0;
}

static bool find_code(const struct config *config, const struct user *user,
                      const struct sql_part *part, struct qualifier *q)
{
    const struct project_name *name = config_find_project(config, part->value);

    if (!name || !grant_is_member(user, name->project))
        return false;
    /* a macro holds the bare code: it is there to leave the environment open */
    if (part->is_macro && !slice_equal_nocase(part->value, name->project->name))
        return false;
    q->project = name->project;
    q->environment = name->environment;
    q->is_macro = part->is_macro;
    return true;
}

bool qualifier_find(const struct config *config, const struct user *user,
                    const struct sql_part *parts, uint32_t count, struct qualifier *q,
                    struct error *e)
{
    uint32_t at = count > 1 && is_default_catalog(&parts[0]) ? 1 : 0, left = count - at;
    struct sql_part two[2];

    *q = (struct qualifier){.at = at};
    if (left == 1 && !parts[at].is_macro && is_system_schema(parts[at].value)) {
        q->schema = parts[at].value;
        return true;
    }
    if (left == 1 && split(config, &parts[at], two)) {
        q->schema = two[1].value;
        return find_code(config, user, &two[0], q) || unknown(e, &parts[at], 1);
    }
    if (left > 2 || !find_code(config, user, &parts[at], q))
        return unknown(e, &parts[at], 1);
    if (left == 2) {
        if (at || parts[1].is_macro || !parts[1].value.size)
            return unknown(e, &parts[at], 2);
        q->schema = parts[1].value;
        q->at = 1;
        q->has_code = true;
    }
    return true;
}

static bool side_has_schema(const struct project *project, const struct compute_source *side,
                            struct slice schema)
{
    if (is_system_schema(schema))
        return false;
    if (slice_equal(schema, side->database))
        return true;
    if (!project->is_data_source)
        return false;
    for (size_t i = 0; i < side->databases.count; i++)
        if (slice_equal(schema, side->databases.at[i]))
            return true;
    return side->any_database;
}

bool side_bind(const struct project *project, enum environment environment, struct slice schema,
               struct binding *b, struct error *e)
{
    const struct compute_source *side;

    if (project->is_shared)
        environment = PROD;
    side = project->sides[environment];
    if (!side)
        return refuse(e, ERROR_NO_SUCH_PROJECT,
                      "Unknown database '%.*s%s': %.*s '%.*s' has no %s side", SHOW(project->name),
                      environment == DEV ? "_dev" : "", SHOW(word_of_kind(project)),
                      SHOW(project->name), environment_name(environment));
    if (schema.size && !side_has_schema(project, side, schema))
        return refuse(e, ERROR_NO_SUCH_PROJECT, "Unknown database '%.*s.%.*s'",
                      SHOW(project->names[environment]), SHOW(schema));
    if (!schema.size && !side->database.size)
        return refuse(e, ERROR_NO_PROJECT,
                      "No database selected: %.*s '%.*s' has several schemas; write %.*s.SCHEMA",
                      SHOW(word_of_kind(project)), SHOW(project->name), SHOW(project->name));
    *b = (struct binding){.project = project,
                          .environment = environment,
                          .source = side,
                          .database = schema.size ? schema : side->database};
    return true;
}

bool session_bind(const struct plan_context *here, struct binding *b, struct error *e)
{
    if (here->at.project)
        return side_bind(here->at.project, here->at.environment, here->at.schema, b, e);
    if (here->at.schema.size)
        return refuse(e, ERROR_NOT_SUPPORTED, "starbind: %.*s is not served yet",
                      SHOW(here->at.schema));
    return refuse(e, ERROR_NO_PROJECT,
                  "No database selected; USE a project first, or write PROJECT.TABLE");
}
