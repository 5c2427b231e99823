/* CANCEL: KILL by the gateway's own ids, in whichever worker the session lives.
 *
 *   asker ── order ──> every worker ── answer ──> asker
 *
 * One worker finds the session; it stops the statement on the frontend that runs it. */
#include "proxy/session/session_private.h"

/* The statement's own reply says that it was stopped. One that still waits for a place or for a
 * connection is refused at once, and so is one that was not sent yet (align.c). */
static void stop_statement(struct session *s)
{
    switch (s->phase) {
    case FORWARD:
    case RELAY:
    case COLLECT:
        s->is_killed = true;
        s->is_killed_early = align_is_due(s);
        pool_kill(s->backend);
        break;
    case ALIGN:
        s->is_killed = true;
        session_wake(s, SERVER_SPOKE);
        break;
    case ADMIT:
        admission_leave(s);
        s->was_refused = true;
        refuse(s->error, ERROR_KILLED, "Query execution was interrupted");
        session_wake(s, SEATED);
        break;
    case ACQUIRE:
        pool_forget(s->borrower);
        s->was_refused = true;
        refuse(s->error, ERROR_KILLED, "Query execution was interrupted");
        session_wake(s, LENT);
        break;
    default:
        break; /* between statements, or at its end already */
    }
}

void session_kill_again(struct session *s)
{
    if (!s->is_killed_early || align_is_due(s))
        return;
    s->is_killed_early = false;
    pool_kill(s->backend);
}

void session_kill_rest(struct session *s)
{
    if (s->backend && s->backend->server.is_open
        && (s->is_killed_early || !backend_is_hunted(s->backend)))
        pool_kill(s->backend);
}

void session_kill(struct session *s, bool is_whole)
{
    struct log_context who = session_context(s);

    log_info(&who, "kill", "%s", is_whole ? "the connection" : "the statement");
    if (is_whole)
        session_wake(s, GONE);
    else
        stop_statement(s);
}

static bool may_kill(const struct kill_order *order, const struct session *s)
{
    return order->by_admin || (s->user && slice_equal(s->user->name, slice_of(order->user)));
}

enum kill_result sessions_kill(struct sessions *all, const struct kill_order *order)
{
    list_each(&all->all, struct session, link, s)
    {
        if (s->id != order->session || s->is_over)
            continue;
        if (!may_kill(order, s))
            return KILL_NOT_YOURS;
        session_kill(s, order->is_whole);
        return KILL_DONE;
    }
    return KILL_NOT_HERE;
}

void sessions_killed(struct sessions *all, uint32_t asker, uint32_t session,
                     enum kill_result result)
{
    list_each(&all->all, struct session, link, s)
    {
        if (s->id != asker || s->is_over || s->phase != CANCEL || s->kill->session != session)
            continue;
        if (result != KILL_NOT_HERE)
            s->killed = result;
        if (--s->answers_due == 0)
            session_wake(s, ANSWERED);
        return;
    }
}

/* Somebody else's session is as unknown as none: ids tell nothing about other users. */
static enum turn conclude(struct session *s)
{
    if (s->killed == KILL_DONE)
        return session_ok(s);
    refuse(s->error, ERROR_NO_SUCH_SESSION, "Unknown thread id: %u", s->kill->session);
    return session_go(s, REFUSE);
}

enum turn cancel(struct session *s)
{
    if (s->answers_due)
        return WAIT;
    if (s->kill->asker == s->id) {
        s->kill->asker = 0;
        return conclude(s);
    }
    s->kill->asker = s->id;
    s->kill->by_admin = s->user->is_admin;
    snprintf(s->kill->user, sizeof(s->kill->user), "%.*s", SHOW(s->user->name));
    s->killed = KILL_NOT_HERE;
    s->answers_due = s->all->ask_all(s->all->owner, s->kill);
    return WAIT;
}
