/* Spent patience of a statement: it waited in vain, its frontend is silent, or its time is over. */
#include "proxy/session/session_private.h"

enum {
    STOP_GRACE = 5000
}; /* milliseconds that a frontend has to end a statement that was killed */

static enum turn acquire_in_vain(struct session *s)
{
    const struct compute_source *source = s->plan->source;
    const struct tally *limit = pool_blocked_by(s->borrower);
    unsigned long long waited = loop_now(s->all->loop) - s->since;

    pool_forget(s->borrower);
    if (limit && limit->level == LIMIT_CLUSTER)
        refuse(
            s->error, ERROR_LIMIT,
            "starbind: no connection of cluster '%s' became free within %llu ms; all its compute "
            "sources together may open %u at once (max_connections)",
            limit->name, waited, atomic_load(&limit->max_connections));
    else
        refuse(
            s->error, ERROR_LIMIT,
            "starbind: no connection of compute source '%.*s' became free within %llu ms; it may "
            "open %u at once",
            SHOW(source->name), waited, source->max_connections);
    return session_go(s, REFUSE);
}

static void refuse_late(struct session *s)
{
    unsigned seconds;
    const struct tally *limit = claim_time_limit(&s->claim, &seconds);

    metric_add(&s->all->loop->metrics, METRIC_statements_stopped, 1);
    if (limit)
        refuse(s->error, ERROR_TIME_LIMIT,
               "starbind: the statement ran longer than the %u seconds that %s '%s' allows "
               "(max_query_seconds) and was stopped",
               seconds, limit_level_name(limit->level), limit->name);
    else /* lifted meanwhile */
        refuse(s->error, ERROR_TIME_LIMIT,
               "starbind: the statement ran longer than max_query_seconds allowed and was stopped");
}

enum turn session_stopped(struct session *s)
{
    refuse_late(s);
    return session_go(s, REFUSE);
}

/* The connection is in the middle of an exchange that leads nowhere: it goes. True when an ERR can
 * stand at this place of the reply. */
static bool leave_server(struct session *s)
{
    bool can_tell = s->phase != RELAY || s->is_muted || relay_can_tell(s);

    lease_give_up(s, s->backend);
    return can_tell;
}

/* First the frontend is told to stop, so that the connection remains of use; then, when it does
 * not, both are left. */
static enum turn stop(struct session *s)
{
    if (s->is_stopped || s->phase == FORWARD) {
        bool can_tell = leave_server(s);
        refuse_late(s);
        return session_go(s, can_tell ? REFUSE : BYE);
    }
    s->is_stopped = true;
    s->is_killed_early = align_is_due(s);
    s->deadline = loop_now(s->all->loop) + 3 * s->plan->source->dial_timeout; /* KILL dials too */
    pool_kill(s->backend);
    session_progress(s);
    return ONWARD;
}

enum turn session_lose_patience(struct session *s)
{
    const struct compute_source *source = s->plan->source;

    if (s->phase == ADMIT) {
        admission_refuse(s);
        return session_go(s, REFUSE);
    }
    if (s->phase == ACQUIRE)
        return acquire_in_vain(s);
    if (s->deadline && s->deadline <= loop_now(s->all->loop))
        return stop(s);
    backend_broke(s->backend);
    if (s->phase == ALIGN && retry_is_allowed(s))
        return session_retry(s);
    pool_kill(s->backend);
    bool can_tell = leave_server(s);
    refuse(s->error, ERROR_LOST, "starbind: compute source '%.*s' was silent for %llu ms",
           SHOW(source->name),
           (unsigned long long)(s->phase == ALIGN ? source->max_wait : source->socket_timeout));
    return session_go(s, can_tell ? REFUSE : BYE);
}
