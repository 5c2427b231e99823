/* ADMIT: a statement for a frontend needs a place under the limits of its user, its project, its
 * compute source and its cluster, all four or none. Without one it waits for the usher, who lets
 * the users of a project in by turns. The place is given back in SETTLE.
 *
 * A statement of an open transaction does not wait: it holds a connection, and perhaps more, that
 * others wait for. */
#include "proxy/session/session_private.h"

#include "base/memory.h"

/* A source of an older configuration (an open transaction has kept it) has no tally here. */
static bool is_current(const struct config *c, const struct compute_source *source)
{
    return source->index < c->source_count && source == &c->sources[source->index];
}

static struct claim claim_of(const struct session *s)
{
    const struct tallies *t = s->snapshot->tallies;
    const struct plan *p = s->plan;
    struct claim claim = {.at = {[LIMIT_USER] = t->at[LIMIT_USER][s->user->index]}};

    if (p->project)
        claim.at[LIMIT_PROJECT] = t->at[LIMIT_PROJECT][p->project->index];
    if (is_current(s->snapshot->config, p->source)) {
        claim.at[LIMIT_SOURCE] = t->at[LIMIT_SOURCE][p->source->index];
        claim.at[LIMIT_CLUSTER] = t->at[LIMIT_CLUSTER][p->source->cluster->index];
    }
    return claim;
}

static bool is_same(const struct claim *a, const struct claim *b)
{
    for (unsigned i = 0; i < LIMIT_LEVELS; i++)
        if (a->at[i] != b->at[i])
            return false;
    return true;
}

static void seated(void *owner)
{
    struct session *s = owner;

    s->ticket = NULL;
    s->is_admitted = true;
    session_wake(s, SEATED);
}

static enum turn wait_in_line(struct session *s)
{
    enum limit_level full;

    if (!claim_queue(&s->claim, &full)) {
        const struct tally *t = s->claim.at[full];
        usher_call(s->all->usher);
        metric_add(&s->all->loop->metrics, METRIC_limits_met, 1);
        refuse(s->error, ERROR_LIMIT,
               "starbind: %u statements of %s '%s' wait already, as many as may (max_queued); try "
               "again later",
               atomic_load(&t->max_queued), limit_level_name(full), t->name);
        return session_go(s, REFUSE);
    }
    metric_add(&s->all->loop->metrics, METRIC_statements_queued, 1);
    s->ticket = memory_new(1, sizeof(*s->ticket));
    s->ticket->claim = s->claim;
    s->ticket->home = s->all->home;
    s->ticket->seated = seated;
    s->ticket->owner = s;
    usher_join(s->all->usher, s->ticket);
    return WAIT;
}

/* It was let in under a new configuration, which may mean something else by the text. */
static enum turn plan_anew(struct session *s)
{
    if (session_rebind(s, s->error))
        return session_go(s, PLAN);
    reply_put_err(&s->client.out, &s->sequence, s->error);
    return session_go(s, BYE);
}

enum turn admit(struct session *s)
{
    enum limit_level full;

    if (s->was_refused)
        return session_go(s, REFUSE);
    if (s->ticket)
        return WAIT;
    if (s->is_admitted && s->snapshot != s->all->snapshot)
        return plan_anew(s);
    struct claim claim = claim_of(s);
    if (s->is_admitted && is_same(&claim, &s->claim))
        return session_go(s, ACQUIRE);
    admission_leave(s);
    s->claim = claim;
    if (s->transaction == TRANSACTION_OPEN)
        claim_force(&s->claim);
    else if (claim_has_waiters(&s->claim) || !claim_take(&s->claim, &full))
        return wait_in_line(s);
    s->is_admitted = true;
    return session_go(s, ACQUIRE);
}

void admission_leave(struct session *s)
{
    if (s->ticket)
        usher_leave(s->ticket);
    s->ticket = NULL;
    if (s->is_admitted && claim_give(&s->claim))
        usher_call(s->all->usher);
    s->is_admitted = false;
}

void admission_refuse(struct session *s)
{
    const struct tally *full = claim_full(&s->claim);
    unsigned long long waited = loop_now(s->all->loop) - s->since;

    admission_leave(s);
    metric_add(&s->all->loop->metrics, METRIC_limits_met, 1);
    if (full && atomic_load(&full->is_paused))
        refuse(s->error, ERROR_LIMIT,
               "starbind: an administrator has paused %s '%s', and this statement was not let in "
               "within %llu ms; try again later",
               limit_level_name(full->level), full->name, waited);
    else if (full)
        refuse(s->error, ERROR_LIMIT,
               "starbind: %s '%s' runs as many statements as it may at once (%u, "
               "max_concurrent_queries), and this one was not let in within %llu ms; try again "
               "later",
               limit_level_name(full->level), full->name,
               atomic_load(&full->max_concurrent_queries), waited);
    else
        refuse(
            s->error, ERROR_LIMIT,
            "starbind: the statement was not let in within %llu ms, for others had waited longer "
            "(max_concurrent_queries); try again later",
            waited);
}

struct slice admission_state(const struct session *s, struct arena *a)
{
    const struct tally *full = claim_full(&s->claim);
    const struct tally *line = s->claim.at[LIMIT_PROJECT];
    unsigned place = atomic_load_explicit(&s->ticket->place, memory_order_relaxed);
    unsigned of = atomic_load_explicit(&s->ticket->of, memory_order_relaxed);
    struct slice state = SLICE("waits for its turn");

    if (place)
        state = arena_print(a, "%.*s: number %u of %u in project '%s'", SHOW(state), place, of,
                            line ? line->name : "");
    if (full && atomic_load(&full->is_paused))
        state = arena_print(a, "%.*s; an administrator has paused %s '%s'", SHOW(state),
                            limit_level_name(full->level), full->name);
    else if (full)
        state = arena_print(a, "%.*s; %s '%s' may run %u at once", SHOW(state),
                            limit_level_name(full->level), full->name,
                            atomic_load(&full->max_concurrent_queries));
    return state;
}

void deadline_start(struct session *s)
{
    unsigned seconds;
    bool has_one = s->command != COMMAND_STMT_PREPARE && !s->ends_transaction
                   && claim_time_limit(&s->claim, &seconds);

    s->deadline = has_one ? loop_now(s->all->loop) + 1000 * (millis)seconds : 0;
}
