/* PLAN: what the text means; no waiting, no sending. The judging itself is proxy/plan. */
#include "proxy/session/session_private.h"

static bool holds(const struct plan *p, enum plan_answer what)
{
    for (size_t i = 0; i < p->step_count; i++)
        if (p->steps[i].answer == what)
            return true;
    return false;
}

/* COMMIT and ROLLBACK are answered here unless their BEGIN has gone out: then they follow it. */
static enum turn end_transaction(struct session *s)
{
    struct plan *p = s->plan;

    if (p->step_count > 1) {
        refuse(
            s->error, ERROR_NOT_SUPPORTED,
            "starbind: send COMMIT and ROLLBACK of a transaction that has written by themselves");
        return session_go(s, REFUSE);
    }
    p->decision = PLAN_FORWARD;
    p->text = p->steps[0].answer == ANSWER_COMMIT ? SLICE("COMMIT") : SLICE("ROLLBACK");
    p->source = backend_source(s->transaction_backend);
    s->ends_transaction = true;
    return session_go(s, ADMIT);
}

/* While a connection is pinned, every statement for its cluster runs on it, with its account
 * (DESIGN.md, sections 4 and 6). */
static bool stay_pinned(struct session *s)
{
    struct plan *p = s->plan;

    if (p->decision != PLAN_FORWARD)
        return true;
    if (s->transaction == TRANSACTION_OPEN && p->writes
        && p->source != backend_source(s->transaction_backend))
        return refuse(
            s->error, ERROR_TRANSACTION,
            "Cannot execute cross-database transactions. All DML target tables must belong "
            "to the same db");
    const struct backend *pinned = pin_binding(s, p->source->cluster);
    if (pinned)
        p->source = backend_source(pinned);
    return true;
}

static bool find_variable(const void *variables, bool is_user, struct slice name,
                          struct slice *value)
{
    return state_find(variables, is_user, name, value);
}

static bool find_columns(const void *learnt, const struct cluster *cluster, struct slice table,
                         struct slices *columns)
{
    const struct learnt *known = pools_learnt(learnt, cluster);

    if (known)
        learnt_columns(known, table, columns);
    return known != NULL;
}

/* Names and values by turns. */
static bool find_presets(const void *learnt, const struct cluster *cluster, struct slices *pairs,
                         bool *is_starrocks)
{
    const struct learnt *known = pools_learnt(learnt, cluster);

    *pairs = (struct slices){0};
    if (known)
        *pairs = *learnt_list(known, LEARNT_VARIABLES);
    *is_starrocks = known && learnt_is_starrocks(known);
    return pairs->count > 0;
}

struct plan_context plan_context_of(const struct session *s, const struct selection *at)
{
    return (struct plan_context){
        .config = s->snapshot->config,
        .user = s->user,
        .at = *at,
        .listener = s->listener,
        .priority = slice_of(s->priority),
        .resource_group = slice_of(s->resource_group),
        .connection_id = s->id,
        .address = slice_of(s->peer.text),
        .multi_statements = s->capabilities & CAPABILITY_MULTI_STATEMENTS,
        .pipes_as_concat = s->pipes_as_concat,
        .has_autocommit = s->has_autocommit,
        .variable = find_variable,
        .variables = &s->wanted,
        .columns = find_columns,
        .presets = s->command == COMMAND_QUERY ? find_presets : NULL,
        .learnt = s->all->pools,
    };
}

static bool make(struct session *s, const struct selection *at)
{
    struct plan_context here = plan_context_of(s, at);

    s->plan = arena_alloc(&s->arena, sizeof(*s->plan));
    return plan_make(s->plan, &here, s->text, &s->arena, s->error) && statement_is_preparable(s);
}

bool plan_again(struct session *s)
{
    const struct compute_source *source = s->plan->source;
    struct selection at = s->at;

    if (!statement_selects(s, &at) || !make(s, &at) || !stay_pinned(s))
        return false;
    return (s->plan->decision == PLAN_FORWARD && s->plan->source == source)
           || refuse(s->error, ERROR_UNREACHABLE,
                     "starbind: the cluster has just been found; send the statement again");
}

static bool find(struct session *s)
{
    struct selection at = s->at;
    uint64_t mark;

    if (shelf_find(s, &mark))
        return true;
    if (!statement_selects(s, &at) || !make(s, &at))
        return false;
    if (holds(s->plan, ANSWER_EXECUTE)) /* by name: it is planned as what it runs */
        return named_bind(s) && statement_selects(s, &at) && make(s, &at);
    shelf_offer(s, mark);
    return true;
}

enum turn plan(struct session *s)
{

    metric_add(&s->all->loop->metrics, METRIC_statements, 1);
    record_begin(s);
    if (record_refuses(s, s->error) || !find(s) || !stay_pinned(s))
        return session_go(s, REFUSE);
    if (s->transaction == TRANSACTION_OPEN
        && (holds(s->plan, ANSWER_COMMIT) || holds(s->plan, ANSWER_ROLLBACK)))
        return end_transaction(s);
    if (holds(s->plan, ANSWER_KILL)) {
        const struct plan_step *step = &s->plan->steps[0];
        s->kill = arena_alloc(&s->arena, sizeof(*s->kill));
        *s->kill = (struct kill_order){.session = step->victim,
                                       .is_whole = !step->statement->kill_is_query};
        return session_go(s, CANCEL);
    }
    if (holds(s->plan, ANSWER_PROCESSES) || holds(s->plan, ANSWER_PINS))
        return session_go(s, GATHER);
    bool is_answered = s->plan->decision == PLAN_ANSWER || statement_is_bound_here(s);
    return session_go(s, is_answered ? ANSWER : ADMIT);
}
