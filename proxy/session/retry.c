/* A statement whose frontend has gone away is sent once more, to another one: any statement while
 * it was not sent yet, a plain read while nothing of its reply has come. Everything else hears what
 * happened and what is not known. */
#include "proxy/session/session_private.h"

static bool is_in_transaction(const struct session *s)
{
    return s->backend == s->transaction_backend;
}

bool retry_is_allowed(const struct session *s)
{
    if (s->is_retried || s->is_stopped || s->is_killed || !s->backend
        || !lease_is_replaceable(s, s->backend))
        return false;
    if (!s->was_sent)
        return true;
    return s->plan->is_read_only && backend_has_others(s->backend) && s->follow->packets == 0
           && s->follow->at_boundary
           && (s->command != COMMAND_FIELD_LIST || s->collected.size == 0);
}

bool retry_is_due(const struct session *s)
{
    return s->backend->server.is_open && backend_is_deserted(s->backend) && retry_is_allowed(s)
           && !align_in_transaction(s);
}

enum turn session_retry(struct session *s)
{
    struct log_context who = session_context(s);

    log_info(&who, "retry", "source=%.*s its frontend went away; the statement goes to another",
             SHOW(s->plan->source->name));
    metric_add(&s->all->loop->metrics, METRIC_statements_retried, 1);
    s->is_retried = true;
    s->avoid = backend_frontend(s->backend);
    if (s->backend->server.is_open && s->was_sent)
        pool_kill(s->backend); /* a frontend that only hangs would run it for nobody */
    lease_drop(s, s->backend);
    if (s->command == COMMAND_STMT_PREPARE)
        statement_abandon(s);
    s->alignment = NULL; /* what it sent is not known to have been taken */
    s->was_sent = false;
    s->conversion = NULL;
    queue_clear(&s->collected);
    return session_go(s, ACQUIRE);
}

/* What can be said to a client whose statement's reply broke off. */
const char *retry_explain(const struct session *s)
{
    if (s->ends_transaction)
        return "starbind: the frontend's connection broke; whether the transaction was committed "
               "is "
               "not known";
    if (is_in_transaction(s))
        return "starbind: the frontend's connection broke, and with it the transaction; what it "
               "has "
               "written is not committed";
    if (s->plan->is_read_only && (s->follow->packets || !s->follow->at_boundary))
        return "starbind: the frontend's connection broke in the middle of the result; send the "
               "statement again";
    if (s->plan->is_read_only)
        return "starbind: the frontend's connection broke while the statement ran, twice; send the "
               "statement again";
    return "starbind: the frontend's connection broke while the statement ran; whether it has done "
           "its work is not known";
}

/* ---- what a session has written, it reads from a frontend that has it ---- */

void writes_note(struct session *s)
{
    millis window = s->snapshot->config->settings.read_own_writes_ms;
    millis now = loop_now(s->all->loop);
    struct written *to = &s->written[0];

    if (s->plan->is_read_only || s->plan->steps[0].set_count || !window)
        return;
    uint64_t frontend = backend_frontend(s->backend);
    for (size_t i = 0; i < WRITTEN_MAX; i++) { /* its own place, else the oldest */
        if (s->written[i].frontend == frontend) {
            to = &s->written[i];
            break;
        }
        if (s->written[i].until < to->until)
            to = &s->written[i];
    }
    *to = (struct written){.frontend = frontend, .until = now + window};
}

struct wish session_wishes(const struct session *s)
{
    struct wish wish = {.avoid = s->avoid};
    millis latest = loop_now(s->all->loop);

    if (!s->plan->is_read_only)
        return wish;
    for (size_t i = 0; i < WRITTEN_MAX; i++) {
        const struct written *w = &s->written[i];
        if (w->until <= latest || !pools_know(s->all->pools, s->plan->source, w->frontend))
            continue;
        latest = w->until;
        wish.stay = w->frontend;
    }
    return wish;
}
