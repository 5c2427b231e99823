/* SETTLE: what the statement has changed is noted, and everything of it is forgotten. */
#include "proxy/session/session_private.h"

/* The frontend has accepted a SET: the session has it, and so does this connection. */
static void note_sets(struct session *s)
{
    struct error e;

    for (size_t i = 0; i < s->plan->step_count; i++) {
        const struct plan_step *step = &s->plan->steps[i];
        if (!step->set_count || !session_set(s, step, &e))
            continue;
        for (size_t j = 0; j < step->set_count; j++) {
            const struct plan_set *set = &step->sets[j];
            if (set->class == SET_TRACK)
                state_set(&s->backend->carried, set->is_user_variable, set->name, set->text);
        }
    }
}

static void settle_forwarded(struct session *s)
{
    statement_settle(s);
    if (!s->follow.failed)
        note_sets(s);
    if (s->ends_transaction) {
        s->transaction = TRANSACTION_NONE;
        s->transaction_backend = NULL;
        if (s->follow.failed) /* open or ended? nobody knows */
            lease_drop(s, s->backend);
    }
}

/* Bytes behind the end of a reply belong to no statement. */
static void drop_chatterer(struct session *s)
{
    struct log_context who = session_context(s);

    if (s->backend->server.in.size == 0)
        return;
    log_warning(&who, "relay", "source=%.*s sent more than its reply", SHOW(s->plan->source->name));
    lease_drop(s, s->backend);
}

enum turn settle(struct session *s)
{
    if (s->backend && s->plan && s->alignment == ALIGN_DONE)
        settle_forwarded(s);
    if (s->backend)
        drop_chatterer(s);
    if (s->backend)
        backend_set_busy(s->backend, false);
    queue_clear(&s->collected);
    gathered_clear(s);
    s->since = loop_now(s->all->loop);
    arena_clear(&s->arena);
    s->text = (struct slice){0};
    s->plan = NULL;
    s->error = NULL;
    s->prepared = NULL;
    s->execute = NULL;
    s->backend = NULL;
    s->alignment = ALIGN_NOTHING;
    s->awaits_reply = false;
    s->ends_transaction = false;
    s->was_refused = false;
    return session_go(s, READY);
}
