/* Every name of a statement becomes a binding: project, environment, database (the table of
 * DESIGN.md section 4). Tables first, then the columns that follow them. */
#include "proxy/plan/plan_private.h"

#include "base/arena.h"
#include "base/error.h"

static bool is_known(const struct making *m, const struct sql_part *part, uint32_t count)
{
    const struct sql_part *known = m->qualified ? &m->qualified->parts[0] : NULL;

    return known && count == 1 && slice_equal(part->value, known->value)
           && part->is_macro == known->is_macro && part->is_quoted == known->is_quoted;
}

const struct binding *binding_keep(const struct making *m, const struct binding *b)
{
    struct binding *kept = arena_alloc(m->arena, sizeof *kept);

    *kept = *b;
    return kept;
}

static const struct binding *bind_own(struct making *m)
{
    struct binding b;

    if (!m->own && session_bind(m->here, &b, m->e))
        m->own = binding_keep(m, &b);
    return m->own;
}

/* Binds the first `count` parts of a name; none stands for the session's own database. NULL: it is
 * refused. */
static const struct binding *bind_qualifiers(struct making *m, const struct sql_reference *r,
                                             uint32_t count)
{
    const struct plan_context *here = m->here;
    const struct binding *kept;
    enum environment environment;
    struct qualifier q;
    struct binding b;

    if (count == 0)
        return bind_own(m);
    if (is_known(m, &r->parts[0], count))
        return m->binding;
    if (!qualifier_find(here->config, here->user, r->parts, count, &q, m->e))
        return NULL;
    if (!q.project) {
        refuse(m->e, ERROR_NOT_SUPPORTED, "starbind: schema '%.*s' is refused here",
               SHOW(q.schema));
        return NULL;
    }
    environment = q.is_macro ? here->at.environment : q.environment;
    if (!side_bind(q.project, environment, q.schema, &b, m->e))
        return NULL;
    b.is_explicit = !q.is_macro;
    kept = binding_keep(m, &b);
    if (count == 1) {
        m->qualified = r;
        m->binding = kept;
    }
    return kept;
}

/* The table whose database a bare name of this statement shares, by the grammar and not by the
 * session: RENAME x, SWAP WITH x. NULL when there is none. */
static struct plan_reference *first_table(const struct policy *policy, struct plan_reference *bound,
                                          uint32_t index)
{
    if (!(policy->flags & POLICY_ONE_DATABASE))
        return NULL;
    for (uint32_t i = 0; i < index; i++)
        if (bound[i].binding && bound[i].reference->kind != KIND_DATABASE)
            return &bound[i];
    return NULL;
}

static bool check_name(const struct making *m, const struct sql_reference *r)
{
    const struct sql_part *last = &r->parts[r->count - 1];

    bool is_star = !last->is_quoted && slice_equal(last->value, SLICE("*"));

    if (r->count > 3 || last->is_macro || last->is_string || is_star
        || !sql_name_can_be_quoted(last->value))
        return refuse(m->e, ERROR_SYNTAX, "Invalid table name format '%.*s'",
                      (int)(r->end - r->start), m->text.data + r->start);
    return true;
}

/* SHOW COLUMNS FROM t FROM db: the second name decides, and must not contradict the first. What a
 * job's statement names belongs to the job's database: LOAD LABEL db.label (… INTO TABLE t). */
static bool bind_in_database(struct making *m, const struct sql_statement *s,
                             struct plan_reference *bound, uint32_t index)
{
    const struct sql_reference *r = bound[index].reference, *of = r->in_database;
    const struct binding *b, *own;

    b = bind_qualifiers(m, of, of->kind == KIND_DATABASE ? of->count : of->count - 1);
    if (!b)
        return false;
    if (r->count > 1) {
        own = bind_qualifiers(m, r, r->count - 1);
        if (!own)
            return false;
        if (own->source != b->source || !slice_equal(own->database, b->database))
            return refuse(m->e, ERROR_SYNTAX, "The two database names of this %s differ",
                          sql_class_name(s->class));
        bound[index].binding = b;
        return render_names(m, r, own);
    }
    bound[index].binding = b;
    return true;
}

static bool bind_table(struct making *m, const struct sql_statement *s, const struct policy *policy,
                       struct plan_reference *bound, uint32_t index)
{
    const struct sql_reference *r = bound[index].reference;
    struct plan_reference *first;

    if (!check_name(m, r))
        return false;
    if (r->in_database)
        return bind_in_database(m, s, bound, index);
    first = first_table(policy, bound, index);
    if (first && r->count == 1) {
        bound[index].binding = first->binding;
        return true;
    }
    bound[index].binding = bind_qualifiers(m, r, r->count - 1);
    return bound[index].binding && render_names(m, r, bound[index].binding);
}

static bool bind_database(struct making *m, struct plan_reference *bound)
{
    const struct sql_reference *r = bound->reference;

    if (r->count > 2 || r->parts[r->count - 1].is_string)
        return refuse(m->e, ERROR_SYNTAX, "Invalid database name format '%.*s'",
                      (int)(r->end - r->start), m->text.data + r->start);
    if (r->is_new)
        return refuse(m->e, ERROR_NOT_SUPPORTED,
                      "starbind: a database under a new name is refused: %s",
                      policy_hint(RULE_createDbStatement));
    bound->binding = bind_qualifiers(m, r, r->count);
    return bound->binding && render_database(m, r, r->count, bound->binding->database);
}

static bool is_global(const struct making *m, const struct sql_statement *s)
{
    struct words w = words_over(m->text, s->start, s->end);
    struct word word = word_next(&w);

    while (word.kind == WORD_NAME && !word_is(word, "global") && !word_is(word, "function"))
        word = word_next(&w);
    return word_is(word, "global");
}

/* database.function: built-in ones answer under any database, others belong to it. A bare name that
 * is made or dropped would fall into the connection's own database. */
static bool bind_function(struct making *m, const struct sql_statement *s,
                          struct plan_reference *bound)
{
    const struct sql_reference *r = bound->reference;

    if (r->count == 1 && (r->access != ACCESS_DDL || is_global(m, s)))
        return true;
    bound->binding = bind_qualifiers(m, r, r->count - 1);
    if (!bound->binding)
        return false;
    return r->count == 1 ? render_names(m, r, bound->binding)
                         : render_database(m, r, r->count - 1, bound->binding->database);
}

/* dict_mapping('t', …): one part is a table of the selected project; more are refused. */
static bool bind_string(struct making *m, struct plan_reference *bound)
{
    const struct sql_reference *r = bound->reference;

    if (r->count > 1)
        return refuse(m->e, ERROR_NOT_SUPPORTED,
                      "starbind: a table inside a string is one of the selected project; write its "
                      "name alone");
    bound->binding = bind_own(m);
    return bound->binding && render_string(m, r, bound->binding);
}

/* Objects of the whole cluster: only statements that are an administrator's may name them. */
static bool bind_object(const struct making *m, const struct sql_statement *s,
                        const struct policy *policy, const struct sql_reference *r)
{
    bool is_cluster = policy->gate == GATE_ADMIN || policy->gate == GATE_SWITCH;

    if (s->rule == RULE_showResourceGroupStatement) /* rows of other groups are left out */
        return true;
    if (is_cluster || (r->kind == KIND_BROKER && policy->gate == GATE_SWITCH_FOR_MEMBERS))
        return true;
    return refuse(m->e, ERROR_NOT_SUPPORTED, "starbind: a %s is not served in %s",
                  sql_kind_name(r->kind), sql_rule_name(s->rule));
}

static bool bind_catalog(const struct making *m, const struct sql_statement *s,
                         const struct policy *policy, const struct sql_reference *r)
{
    if (is_default_catalog(&r->parts[0]))
        return true;
    if (policy->gate == GATE_ADMIN || policy->gate == GATE_SWITCH)
        return bind_object(m, s, policy, r);
    return refuse(m->e, ERROR_NO_SUCH_PROJECT, "Unknown catalog '%.*s'", SHOW(r->parts[0].value));
}

static bool bind_one(struct making *m, const struct sql_statement *s, const struct policy *policy,
                     struct plan_reference *bound, uint32_t index)
{
    const struct sql_reference *r = bound[index].reference;
    struct slice schema;

    if (r->is_in_hint)
        return refuse(m->e, ERROR_NOT_SUPPORTED, "starbind: names inside hints are not served");
    if (information_names(m, r, &schema))
        return information_bind(m, s, policy, &bound[index], schema);
    switch (r->kind) {
    case KIND_TABLE:
    case KIND_VIEW:
    case KIND_MV:
    case KIND_TASK:
    case KIND_PIPE:
    case KIND_ROUTINE_LOAD:
    case KIND_STREAM_LOAD:
    case KIND_LOAD_LABEL:
    case KIND_SNAPSHOT:
        return bind_table(m, s, policy, bound, index);
    case KIND_DATABASE:
        return bind_database(m, &bound[index]);
    case KIND_FUNCTION:
        return bind_function(m, s, &bound[index]);
    case KIND_TABLE_IN_STRING:
        return bind_string(m, &bound[index]);
    case KIND_COLUMN: /* in the second round */
        m->has_columns = bound[index].is_column = true;
        return true;
    case KIND_CTE:
        return true;
    case KIND_CATALOG:
        return bind_catalog(m, s, policy, r);
    case KIND_PROCEDURE:
        return refuse(m->e, ERROR_NO_SUCH_PROJECT, "Unknown catalog '%.*s'",
                      SHOW(r->parts[0].value));
    default:
        return bind_object(m, s, policy, r);
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
    case ACCESS_ANALYZE:
    case ACCESS_ADMIN:
    case ACCESS_GRANT:
        bound->privileges = policy->target;
        break;
    case ACCESS_READ:
        bound->privileges = r->is_target ? policy->target : policy->source;
        break;
    case ACCESS_SHOW:
    case ACCESS_USE:
    case ACCESS_CALL:
    case ACCESS_LOCK:
        bound->privileges = policy->source;
        break;
    default:
        return refuse(m->e, ERROR_NOT_SUPPORTED, "starbind: %s of %s is not served",
                      sql_access_name(r->access), sql_rule_name(s->rule));
    }
    if (bound->privileges && policy->flags & POLICY_EITHER)
        bound->privileges |= ASK_EITHER;
    if (policy->flags & POLICY_FILTERED)
        bound->privileges |= ASK_SOMEWHERE;
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
        if (bound[i].reference->access == ACCESS_DDL || bound[i].reference->is_target)
            home = bound[i].binding ? bound[i].binding->project : NULL;
    for (uint32_t i = 0; i < s->reference_count; i++)
        if (bound[i].binding && bound[i].binding->project != home)
            bound[i].privileges |= SHARE;
}

static bool has_name(const struct sql_statement *s)
{
    for (uint32_t i = 0; i < s->reference_count; i++)
        switch (s->references[i]->kind) {
        case KIND_CTE:
        case KIND_COLUMN:
        case KIND_FUNCTION:
        case KIND_DATABASE:
            break;
        default:
            return true;
        }
    return false;
}

static bool is_target(const struct sql_reference *r)
{
    return r->is_target || r->access == ACCESS_WRITE || r->access == ACCESS_DDL;
}

bool bind_statement(struct making *m, const struct sql_statement *s, const struct policy *policy,
                    struct plan_reference *bound)
{
    if (policy->flags & POLICY_NAMED && !has_name(s))
        return refuse(m->e, ERROR_NOT_SUPPORTED, "starbind: %s without a name is refused",
                      sql_rule_name(s->rule));
    m->has_columns = false;
    for (uint32_t i = 0; i < s->reference_count; i++) {
        bound[i].reference = s->references[i];
        bound[i].is_target = is_target(s->references[i]);
        if (!bind_one(m, s, policy, bound, i))
            return false;
        if (bound[i].binding && !ask(m, s, policy, &bound[i]))
            return false;
    }
    if (m->has_columns && !bind_columns(m, s, bound))
        return false;
    if (policy->flags & POLICY_SHARES)
        ask_share(s, bound);
    return true;
}
