/* Every client counts from its first moment on, and once it is logged in as a session of its user,
 * of the project that it has selected, and of that project's compute source: over all workers, and
 * whether there is a limit or not. */
#include "proxy/session/session_private.h"

enum { LEVELS = LIMIT_CLUSTER }; /* those below: connections of a cluster are the pools' business */

enum { SAY_AGAIN = 10000 }; /* milliseconds */

bool presence_arrive(struct session *s)
{
    s->is_present =
        tally_take(&s->all->census->present, s->snapshot->config->settings.max_connections);
    return s->is_present;
}

bool presence_turn_away(struct session *s, struct error *e)
{
    struct sessions *all = s->all;
    unsigned limit = s->snapshot->config->settings.max_connections;
    millis now = loop_now(all->loop);

    if (all->crowd_said == 0 || now - all->crowd_said > SAY_AGAIN) {
        struct log_context who = session_context(s);
        log_warning(&who, "login",
                    "turned a client away, as others may have been: %u are here (max_connections)",
                    limit);
        all->crowd_said = now;
    }
    metric_add(&all->loop->metrics, METRIC_limits_met, 1);
    return refuse(e, ERROR_LIMIT,
                  "starbind: the gateway has %u connections already, as many as it may have "
                  "(max_connections); try again later",
                  limit);
}

static void find(const struct session *s, const struct selection *at, struct tally *found[LEVELS])
{
    const struct tallies *t = s->snapshot->tallies;
    const struct compute_source *source = at->project ? at->project->sides[at->environment] : NULL;

    found[LIMIT_USER] = t->at[LIMIT_USER][s->user->index];
    found[LIMIT_PROJECT] = at->project ? t->at[LIMIT_PROJECT][at->project->index] : NULL;
    found[LIMIT_SOURCE] = source ? t->at[LIMIT_SOURCE][source->index] : NULL;
}

static bool enter(struct tally *t, struct error *e)
{
    unsigned limit = atomic_load(&t->max_connections);

    return tally_take(&t->sessions, limit)
           || refuse(e, ERROR_LIMIT,
                     "starbind: %s '%s' has %u sessions already, as many as it may have "
                     "(max_connections); close one, or try again later",
                     limit_level_name(t->level), t->name, limit);
}

static void leave(struct tally *t)
{
    if (t)
        tally_give(&t->sessions);
}

bool presence_enter(struct session *s, const struct selection *at, struct error *e)
{
    struct tally *wanted[LEVELS];

    find(s, at, wanted);
    for (unsigned i = 0; i < LEVELS; i++) {
        if (wanted[i] == s->counted[i] || !wanted[i] || enter(wanted[i], e))
            continue;
        while (i--)
            if (wanted[i] != s->counted[i])
                leave(wanted[i]);
        metric_add(&s->all->loop->metrics, METRIC_limits_met, 1);
        return false;
    }
    for (unsigned i = 0; i < LEVELS; i++) {
        if (wanted[i] != s->counted[i])
            leave(s->counted[i]);
        s->counted[i] = wanted[i];
    }
    return true;
}

void presence_move(struct session *s)
{
    struct tally *wanted[LEVELS];

    find(s, &s->at, wanted);
    for (unsigned i = 0; i < LEVELS; i++) {
        if (wanted[i])
            tally_take(&wanted[i]->sessions, 0);
        leave(s->counted[i]);
        s->counted[i] = wanted[i];
    }
}

void presence_leave(struct session *s)
{
    if (s->is_present)
        tally_give(&s->all->census->present);
    s->is_present = false;
    for (unsigned i = 0; i < LEVELS; i++) {
        leave(s->counted[i]);
        s->counted[i] = NULL;
    }
}
