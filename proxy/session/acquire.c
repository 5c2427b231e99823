/* ACQUIRE: a connection of the compute source that the plan names: the one that is pinned to this
 * session, else one from the pool. */
#include "proxy/session/session_private.h"

static void server_happened(void *owner, unsigned events)
{
    struct session *s = owner;

    /* Also of connections that rest in the session's hands: a broken one is found when it is
     * needed. */
    session_wake(s, events & STREAM_DRAINED ? SERVER_SPOKE | SERVER_DRAINED : SERVER_SPOKE);
}

static void granted(void *owner, struct backend *b, const struct error *e)
{
    struct session *s = owner;

    s->granted = b;
    s->was_refused = !b;
    if (!b)
        *s->error = *e;
    session_wake(s, LENT);
}

/* A backend that is no StarRocks must read the text as we did. */
static bool reads_alike(struct session *s)
{
    return pools_kind(s->all->pools, s->plan->source) == CLUSTER_STARROCKS || s->ends_transaction
           || (session_reads_alike(s, s->error) && sql_reads_alike(&s->plan->read, s->error));
}

/* A reload came between PLAN and here: what was planned is of a configuration that is no more. */
static enum turn give_way(struct session *s)
{
    refuse(
        s->error, ERROR_UNREACHABLE,
        "starbind: the configuration of this project has just changed; send the statement again");
    return session_go(s, REFUSE);
}

static enum turn use(struct session *s, struct backend *b)
{
    s->backend = b;
    backend_set_busy(b, true);
    record_lent(s);
    if (pools_kind(s->all->pools, s->plan->source) == CLUSTER_UNKNOWN)
        return give_way(s);
    if (s->plan->is_guess && !plan_again(s))
        return session_go(s, REFUSE);
    if (!reads_alike(s) || !statement_adapt(s))
        return session_go(s, REFUSE);
    return session_go(s, statement_is_bound_here(s) ? ANSWER : ALIGN);
}

/* It closed, or it said something that nobody had asked for: an answer to the next statement must
 * never be taken from that. */
static bool is_spoilt(const struct backend *b)
{
    return !b->server.is_open || b->server.in.size;
}

struct slice acquire_state(const struct session *s, struct arena *a)
{
    const struct tally *limit = pool_blocked_by(s->borrower);
    struct slice state = SLICE("waits for a connection");
    size_t count = pool_waiters(s->borrower);

    if (count)
        state = arena_print(a, "%.*s: number %u of %zu in this worker", SHOW(state),
                            s->borrower->place, count);
    if (limit)
        state = arena_print(a, "%.*s; %s '%s' may open %u at once", SHOW(state),
                            limit_level_name(limit->level), limit->name,
                            limit->level == LIMIT_CLUSTER ? atomic_load(&limit->max_connections)
                                                          : s->plan->source->max_connections);
    return state;
}

static void ask(struct session *s)
{
    struct state_wish wish = session_wish(s);

    if (!s->borrower)
        s->borrower = arena_alloc(&s->arena, sizeof(*s->borrower));
    s->borrower->id = s->id;
    s->borrower->user = s->snapshot->tallies->at[LIMIT_USER][s->user->index];
    s->borrower->mark = state_wish_mark(&wish);
    s->borrower->granted = granted;
    s->borrower->notify = server_happened;
    s->borrower->owner = s;
    s->borrower->wish = session_wishes(s);
    pool_lend(s->all->pools, s->plan->source, s->borrower);
}

enum turn acquire(struct session *s)
{
    struct backend *held = lease_find(s, s->plan->source);

    if (held && is_spoilt(held)) {
        bool lost_transaction = held == s->transaction_backend;
        lease_give_up(s, held);
        held = NULL;
        if (lost_transaction) {
            refuse(s->error, ERROR_LOST,
                   "starbind: the transaction is lost: its frontend closed the connection");
            return session_go(s, REFUSE);
        }
    }
    if (held && lease_is_replaceable(s, held)
        && (known_is_worn(held) || backend_should_leave(held))) {
        lease_drop(s, held);
        held = NULL;
    }
    if (held)
        return use(s, held);
    if (s->was_refused)
        return session_go(s, REFUSE);
    if (s->granted) {
        struct backend *b = s->granted;
        s->granted = NULL;
        lease_add(s, b);
        return use(s, b);
    }
    if (s->borrower && s->borrower->pool)
        return WAIT;
    if (!pools_have(s->all->pools, s->plan->source))
        return give_way(s);
    ask(s);
    return WAIT;
}
