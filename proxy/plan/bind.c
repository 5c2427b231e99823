/* Every name of a statement becomes a binding: project, environment, database (the table of
 * DESIGN.md section 4). Tables first, then the columns that follow them. */
#include "proxy/plan/plan_private.h"

#include "base/error.h"

static bool refuse_system(const struct making *m, struct slice schema)
{
    if (slice_equal_nocase(schema, SLICE("information_schema")))
        return refuse(
            m->e, ERROR_NOT_SUPPORTED,
            "starbind: information_schema is not served yet; SHOW TABLES, SHOW COLUMNS and "
            "DESC are");
    return refuse(m->e, ERROR_NOT_SUPPORTED, "starbind: schema '%.*s' is refused", SHOW(schema));
}

/* Binds the first `count` parts of a name; none stands for the session's own database. */
static bool bind_qualifiers(const struct making *m, const struct sql_reference *r, uint32_t count,
                            struct binding *b)
{
    const struct plan_context *here = m->here;
    enum environment environment;
    struct qualifier q;

    if (count == 0)
        return session_bind(here, b, m->e);
    if (!qualifier_find(here->config, here->user, r->parts, count, &q, m->e))
        return false;
    if (!q.project)
        return refuse_system(m, q.schema);
    environment = q.is_macro ? here->at.environment : q.environment;
    if (!side_bind(q.project, environment, q.schema, b, m->e))
        return false;
    b->is_explicit = !q.is_macro;
    return true;
}

void binding_note(struct plan_reference *bound, const struct binding *b)
{
    bound->project = b->project;
    bound->environment = b->environment;
    bound->source = b->source;
    bound->database = b->database;
    bound->is_explicit = b->is_explicit;
}

struct binding binding_of(const struct plan_reference *bound)
{
    return (struct binding){bound->project, bound->environment, bound->source, bound->database,
                            bound->is_explicit};
}

/* The table whose database a bare name of this statement shares, by the grammar and not by the
 * session: RENAME x, SWAP WITH x. NULL when there is none. */
static struct plan_reference *first_table(const struct policy *policy, struct plan_reference *bound,
                                          uint32_t index)
{
    if (!(policy->flags & POLICY_ONE_DATABASE))
        return NULL;
    for (uint32_t i = 0; i < index; i++)
        if (bound[i].project && bound[i].reference->kind != KIND_DATABASE)
            return &bound[i];
    return NULL;
}

static bool check_name(const struct making *m, const struct sql_reference *r)
{
    const struct sql_part *last = &r->parts[r->count - 1];

    if (r->count > 3 || last->is_macro || last->is_string || !sql_name_can_be_quoted(last->value))
        return refuse(m->e, ERROR_SYNTAX, "Invalid table name format '%.*s'",
                      (int)(r->end - r->start), m->text.data + r->start);
    return true;
}

/* SHOW COLUMNS FROM t FROM db: the second name decides, and must not contradict the first. */
static bool bind_in_database(struct making *m, const struct sql_statement *s,
                             struct plan_reference *bound, uint32_t index)
{
    const struct sql_reference *r = bound[index].reference, *of = r->in_database;
    struct binding b, own;

    if (!bind_qualifiers(m, of, of->count, &b))
        return false;
    if (r->count > 1) {
        if (!bind_qualifiers(m, r, r->count - 1, &own))
            return false;
        if (own.source != b.source || !slice_equal(own.database, b.database))
            return refuse(m->e, ERROR_SYNTAX, "The two database names of this %s differ",
                          sql_class_name(s->class));
        binding_note(&bound[index], &b);
        return render_names(m, r, &own);
    }
    binding_note(&bound[index], &b);
    return true;
}

static bool bind_table(struct making *m, const struct sql_statement *s, const struct policy *policy,
                       struct plan_reference *bound, uint32_t index)
{
    const struct sql_reference *r = bound[index].reference;
    struct plan_reference *first;
    struct binding b;

    if (!check_name(m, r))
        return false;
    if (r->in_database)
        return bind_in_database(m, s, bound, index);
    first = first_table(policy, bound, index);
    if (first && r->count == 1) {
        b = binding_of(first);
        binding_note(&bound[index], &b);
        return true;
    }
    if (!bind_qualifiers(m, r, r->count - 1, &b))
        return false;
    binding_note(&bound[index], &b);
    return render_names(m, r, &b);
}

static bool bind_database(struct making *m, struct plan_reference *bound)
{
    const struct sql_reference *r = bound->reference;
    struct binding b;

    if (r->count > 2 || r->parts[r->count - 1].is_string)
        return refuse(m->e, ERROR_SYNTAX, "Invalid database name format '%.*s'",
                      (int)(r->end - r->start), m->text.data + r->start);
    if (!bind_qualifiers(m, r, r->count, &b))
        return false;
    binding_note(bound, &b);
    return render_database(m, r, r->count, b.database);
}

/* database.function: built-in ones answer under any database, others belong to it. */
static bool bind_function(struct making *m, struct plan_reference *bound)
{
    const struct sql_reference *r = bound->reference;
    struct binding b;

    if (r->count == 1)
        return true;
    if (!bind_qualifiers(m, r, r->count - 1, &b))
        return false;
    binding_note(bound, &b);
    return render_database(m, r, r->count - 1, b.database);
}

static bool bind_one(struct making *m, const struct sql_statement *s, const struct policy *policy,
                     struct plan_reference *bound, uint32_t index)
{
    const struct sql_reference *r = bound[index].reference;

    if (r->is_in_hint)
        return refuse(m->e, ERROR_NOT_SUPPORTED, "starbind: names inside hints are not served");
    switch (r->kind) {
    case KIND_TABLE:
    case KIND_VIEW:
    case KIND_MV:
        return bind_table(m, s, policy, bound, index);
    case KIND_DATABASE:
        return bind_database(m, &bound[index]);
    case KIND_FUNCTION:
        return bind_function(m, &bound[index]);
    case KIND_CTE:
    case KIND_COLUMN: /* in the second round */
        return true;
    case KIND_CATALOG:
        if (is_default_catalog(&r->parts[0]))
            return true;
        return refuse(m->e, ERROR_NO_SUCH_PROJECT, "Unknown catalog '%.*s'",
                      SHOW(r->parts[0].value));
    default:
        return refuse(m->e, ERROR_NOT_SUPPORTED, "starbind: a %s is not served in this statement",
                      sql_kind_name(r->kind));
    }
}

/* What a name asks. A name that is used in a way the policy does not foresee is refused. */
static bool ask(const struct making *m, const struct sql_statement *s, const struct policy *policy,
                struct plan_reference *bound)
{
    const struct sql_reference *r = bound->reference;

    switch (r->access) {
    case ACCESS_WRITE:
    case ACCESS_DDL:
        bound->privileges = policy->target;
        break;
    case ACCESS_READ:
        bound->privileges = r->is_target ? policy->target : policy->source;
        break;
    case ACCESS_SHOW:
    case ACCESS_USE:
    case ACCESS_CALL:
        bound->privileges = policy->source;
        break;
    default:
        return refuse(m->e, ERROR_NOT_SUPPORTED, "starbind: %s of %s is not served",
                      sql_access_name(r->access), sql_rule_name(s->rule));
    }
    if (!bound->privileges && (r->access == ACCESS_WRITE || r->access == ACCESS_DDL))
        return refuse(m->e, ERROR_NOT_SUPPORTED, "starbind: %s cannot write",
                      sql_rule_name(s->rule));
    return true;
}

/* A stored body outlives a later revoke: what it reads of other projects asks SHARE as well. */
static void ask_share(const struct sql_statement *s, struct plan_reference *bound)
{
    const struct project *home = NULL;

    for (uint32_t i = 0; i < s->reference_count && !home; i++)
        if (bound[i].reference->access == ACCESS_DDL)
            home = bound[i].project;
    for (uint32_t i = 0; i < s->reference_count; i++)
        if (bound[i].project && bound[i].project != home)
            bound[i].privileges |= SHARE;
}

static bool has_name(const struct sql_statement *s)
{
    for (uint32_t i = 0; i < s->reference_count; i++)
        if (s->references[i]->kind == KIND_TABLE || s->references[i]->kind == KIND_VIEW
            || s->references[i]->kind == KIND_MV)
            return true;
    return false;
}

bool bind_statement(struct making *m, const struct sql_statement *s, const struct policy *policy,
                    struct plan_reference *bound)
{
    if (policy->flags & POLICY_NAMED && !has_name(s))
        return refuse(m->e, ERROR_NOT_SUPPORTED, "starbind: %s without a name is refused",
                      sql_rule_name(s->rule));
    for (uint32_t i = 0; i < s->reference_count; i++) {
        bound[i].reference = s->references[i];
        if (!bind_one(m, s, policy, bound, i))
            return false;
        if (bound[i].project && !ask(m, s, policy, &bound[i]))
            return false;
    }
    if (!bind_columns(m, s, bound))
        return false;
    if (policy->flags & POLICY_SHARES)
        ask_share(s, bound);
    return true;
}
