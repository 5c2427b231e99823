/* SETTLE: what the statement has changed is noted, and everything of it is forgotten. */
#include "proxy/session/session_private.h"

/* A value that only this server knows gets a name that is used once: no other connection can be
 * taken for one that has it. */
static void name_unknown(struct session *s, struct plan_step *step)
{
    for (size_t i = 0; i < step->set_count; i++)
        if (step->sets[i].is_unknown)
            step->sets[i].literal = arena_print(&s->arena, "?%u.%u", s->id, ++s->unknowns);
}

/* The frontend has accepted a SET: the session has it, and so does this connection. */
static void note_sets(struct session *s, struct plan_step *step)
{
    struct error e;

    name_unknown(s, step);
    if (!session_set(s, step, &e))
        backend_spoil(s->backend); /* it has more than the session remembers */
    for (size_t i = 0; i < step->set_count; i++) {
        const struct plan_set *set = &step->sets[i];
        const struct state_entry entry = {set->is_user_variable, set->name, set->literal};
        if (set->class != SET_TRACK)
            continue;
        backend_set(s->backend, &entry);
        if (!set->is_unknown)
            backend_accept(s->backend, state_assignment(&entry, &s->arena));
    }
}

/* A SET of several that fails may have changed the first ones (facts/fe-live/session.md). */
static void settle_set(struct session *s, struct plan_step *step)
{
    if (!s->follow->failed)
        note_sets(s, step);
    else if (step->set_count > 1)
        backend_spoil(s->backend);
}

static void settle_forwarded(struct session *s)
{
    struct plan_step *first = &s->plan->steps[0];

    statement_settle(s);
    backend_answered(s->backend);
    lease_note(s);
    if (first->set_count)
        settle_set(s, first);
    if (!s->ends_transaction)
        return;
    if (s->follow->failed) { /* open or ended? nobody knows */
        lease_give_up(s, s->backend);
        return;
    }
    s->transaction = TRANSACTION_NONE;
    s->transaction_backend = NULL;
}

/* Bytes behind the end of a reply belong to no statement. */
static void drop_chatterer(struct session *s)
{
    if (s->backend->server.in.size == 0)
        return;
    struct log_context who = session_context(s);
    log_warning(&who, "relay", "source=%.*s sent more than its reply", SHOW(s->plan->source->name));
    if (s->backend != s->transaction_backend) /* else the next statement hears that it is lost */
        lease_drop(s, s->backend);
}

enum turn settle(struct session *s)
{
    if (s->backend && backend_is_hunted(s->backend)) /* what runs there next would be hit */
        return WAIT;
    if (s->backend && s->was_sent)
        settle_forwarded(s);
    if (s->backend)
        drop_chatterer(s);
    if (s->backend && s->was_sent)
        writes_note(s);
    if (s->backend)
        backend_set_busy(s->backend, false);
    s->backend = NULL;
    leases_settle(s);
    admission_leave(s);
    if (!s->client.in.size) /* else the answers to what it has sent ahead go out together */
        stream_flush(&s->client);
    record_statement(s); /* which the client does not wait for */
    queue_clear(&s->collected);
    gathered_clear(s);
    s->since = loop_now(s->all->loop);
    arena_clear(&s->arena);
    s->text = s->executed = (struct slice){0};
    s->plan = NULL;
    shelf_leave(s);
    s->kill = NULL;
    s->listing = NULL;
    s->follow = NULL;
    s->error = NULL;
    s->prepared = NULL;
    s->execute = NULL;
    s->conversion = NULL;
    s->alignment = NULL;
    s->borrower = NULL;
    s->was_sent = false;
    s->ends_transaction = false;
    s->was_refused = false;
    s->deadline = 0;
    s->is_stopped = s->is_muted = false;
    s->is_killed = s->is_killed_early = false;
    s->is_retried = false;
    s->avoid = 0;
    return session_go(s, READY);
}
