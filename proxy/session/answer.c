/* ANSWER: statements that need no frontend, in order; every reply but the last says that more
 * follow. */
#include "proxy/session/session_private.h"

#include "proxy/virtual/virtual.h"

/* Found as the session is when it is the statement's turn. */
static bool find_rows(struct session *s, const struct plan_step *step, struct plan_rows *rows)
{
    struct plan_context here = plan_context_of(s, &s->at);

    return plan_rows(step, &here, s->text, &s->arena, rows, s->error);
}

/* One cell; as a frontend refuses it to whom it does not tell. */
static bool find_run_mode(struct session *s, struct plan_rows *rows)
{
    struct plan_context here = plan_context_of(s, &s->at);
    const struct cluster *cluster = plan_cluster(&here);
    const struct learnt *known = cluster ? pools_learnt(s->all->pools, cluster) : NULL;

    if (!known || !learnt_list(known, LEARNT_RUN_MODE)->count)
        return refuse(
            s->error, ERROR_DENIED,
            "starbind: run_mode is not known: the cluster's monitor account needs OPERATE");
    rows->cells = arena_array(&s->arena, 1, sizeof(*rows->cells));
    rows->cells[0] = learnt_list(known, LEARNT_RUN_MODE)->at[0];
    rows->count = 1;
    return true;
}

static bool do_step(struct session *s, const struct plan_step *step, struct plan_rows *rows)
{
    switch (step->answer) {
    case ANSWER_VALUES:
        return find_rows(s, step, rows);
    case ANSWER_RUN_MODE:
        return find_run_mode(s, rows);
    case ANSWER_USE:
        return session_enter(s, &step->select, s->error);
    case ANSWER_SET:
        return session_set(s, step, s->error);
    case ANSWER_PREPARE:
        return named_keep(s, step);
    case ANSWER_DEALLOCATE:
        return named_drop(s, step);
    case ANSWER_BEGIN:
        if (s->transaction == TRANSACTION_NONE)
            s->transaction = TRANSACTION_BEGUN;
        return true;
    case ANSWER_COMMIT:
    case ANSWER_ROLLBACK:
        s->transaction = TRANSACTION_NONE;
        return true;
    default:
        return true;
    }
}

static void list_processes(struct session *s, struct result_writer *result,
                           const struct plan_step *step, uint16_t status)
{
    size_t count;
    const struct process_row *rows = gathered_rows(s, step, &count);

    show_processes(result, rows, count, status, &s->arena);
}

static void list_pins(struct session *s, struct result_writer *result, const struct plan_step *step,
                      uint16_t status)
{
    size_t count;
    const struct process_row *rows = gathered_rows(s, step, &count);

    show_pins(result, rows, count, status, &s->arena);
}

/* Of a data source that names no schemas. */
static const struct slices *open_databases(const void *pools, const struct compute_source *source)
{
    const struct learnt *known = pools_learnt(pools, source->cluster);

    return known ? learnt_list(known, LEARNT_DATABASES) : NULL;
}

static bool put_result(struct session *s, struct result_writer *r, const struct plan_step *step,
                       const struct plan_rows *rows, uint16_t status)
{
    const struct config *c = s->snapshot->config;
    const struct sql_statement *statement = step->statement;
    struct arena *a = &s->arena;

    switch (step->answer) {
    case ANSWER_DATABASES:
        show_databases(r, c, s->user, step, s->text, open_databases, s->all->pools, status, a);
        return true;
    case ANSWER_CATALOGS:
        show_catalogs(r, statement, status);
        return true;
    case ANSWER_FIXED:
        show_none(r, statement->rule, status);
        return true;
    case ANSWER_CREATE_DATABASE:
        show_create_database(r, plan_selection_name(&step->select, a), status, a);
        return true;
    case ANSWER_GRANTS:
        show_grants(r, c, s->user, status, a);
        return true;
    case ANSWER_USER:
        show_user(r, s->user, status, a);
        return true;
    case ANSWER_PROJECTS:
        show_projects(r, c, s->user, statement, status, a);
        return true;
    case ANSWER_SOURCES:
        show_data_sources(r, c, s->user, statement, status, a);
        return true;
    case ANSWER_MEMBERS:
        show_members(r, c, s->user, step, status, a);
        return true;
    case ANSWER_EXPLAIN:
        show_explained(r, s->plan->explained, s->user, status, a);
        return true;
    case ANSWER_PROCESSES:
        list_processes(s, r, step, status);
        return true;
    case ANSWER_PINS:
        list_pins(s, r, step, status);
        return true;
    case ANSWER_RUN_MODE:
        show_run_mode(r, rows->cells[0], status);
        return true;
    case ANSWER_VALUES:
        show_values(r, step->opening, rows, status, a);
        return true;
    default:
        return false;
    }
}

static void reply(struct session *s, const struct plan_step *step, const struct plan_rows *rows,
                  uint16_t status)
{
    struct ok_packet ok = {.status = status};
    struct result_writer result = {.out = &s->client.out, .sequence = s->sequence};

    if (put_result(s, &result, step, rows, status))
        s->sequence = result.sequence;
    else
        reply_put_ok(&s->client.out, &s->sequence, &ok);
}

enum turn answer(struct session *s)
{
    const struct plan *p = s->plan;

    if (s->command == COMMAND_STMT_PREPARE)
        return statement_answer(s);
    for (size_t i = 0; i < p->step_count; i++) {
        struct plan_rows rows = {0};

        if (!do_step(s, &p->steps[i], &rows))
            return session_go(s, REFUSE);
        unsigned more = i + 1 < p->step_count ? STATUS_MORE_RESULTS : 0;
        reply(s, &p->steps[i], &rows, (uint16_t)(session_status(s) | more));
    }
    return session_go(s, SETTLE);
}
