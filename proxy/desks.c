/* What the process does for its admin threads: hands their questions to the workers. */
#include "proxy/desks.h"

#include "base/log.h"
#include "base/memory.h"
#include "proxy/admin/admin.h"
#include "proxy/net/inherit.h"
#include "proxy/worker_private.h"

static const struct log_context who = {.worker = "main"};

/* ---- questions ---- */

struct survey_message {
    struct message message;
    struct admin *asker;
    uint32_t question;
    struct survey survey;
};

/* In the worker's thread. */
static void deliver_survey(struct message *m, void *owner)
{
    struct survey_message *message = (struct survey_message *)(void *)m;
    const struct survey *survey = &message->survey;
    struct worker *w = owner;
    struct told *told = memory_new(1, sizeof(*told));

    link_init(&told->link);
    told->rows = rowset_new(survey);
    sessions_survey(&w->sessions, told->rows);
    pools_survey(&w->pools, told->rows);
    if (survey->wanted[TABLE_digests])
        told->digests = stats_copy(&w->sessions.digests);
    if (survey->wanted[TABLE_traffic])
        told->traffic = stats_copy(&w->sessions.traffic);
    admin_told(message->asker, message->question, told);
    free(message);
}

static size_t survey_workers(void *owner, struct admin *asker, uint32_t question,
                             const struct survey *survey)
{
    const struct desks *d = owner;
    size_t asked = 0;

    for (size_t i = 0; i < d->workers->count; i++) {
        struct survey_message *m = memory_new(1, sizeof(*m));
        m->message.deliver = deliver_survey;
        m->asker = asker;
        m->question = question;
        m->survey = *survey;
        if (mailbox_send(&d->workers->at[i]->mailbox, &m->message))
            asked++;
        else
            free(m);
    }
    return asked;
}

static const struct metrics *metrics_of(void *owner, size_t index, const char **thread)
{
    const struct desks *d = owner;

    if (index < d->workers->count) {
        *thread = d->workers->at[index]->loop.name;
        return &d->workers->at[index]->loop.metrics;
    }
    *thread = index == d->workers->count ? "main" : "control";
    if (index == d->workers->count)
        return d->main;
    return index == d->workers->count + 1 ? control_metrics(d->workers->control) : NULL;
}

static bool is_draining(void *owner)
{
    const struct desks *d = owner;

    return atomic_load(&d->is_draining);
}

/* ---- their life ---- */

static bool open_desk(struct desks *d, struct admin **made, enum listener_protocol protocol,
                      struct inherited *inherited, struct error *e)
{
    const struct admin_host host = {.owner = d,
                                    .throttle = d->workers->throttle,
                                    .survey = survey_workers,
                                    .metrics = metrics_of,
                                    .is_draining = is_draining,
                                    .workers = d->workers->count};
    struct workers *w = d->workers;

    if (!admin_open(made, protocol, w->config, &host, inherited, e))
        return false;
    /* a process that takes over gets these sockets too */
    w->socket_count += admin_sockets(*made, w->sockets + w->socket_count);
    return true;
}

bool desks_open(struct desks *d, struct workers *workers, const struct metrics *main,
                struct inherited *inherited, struct error *e)
{
    d->workers = workers;
    d->main = main;
    if (!open_desk(d, &d->console, LISTEN_ADMIN, inherited, e)
        || !open_desk(d, &d->http, LISTEN_HTTP, inherited, e))
        return false;
    size_t unwanted = inherited_close(inherited);
    if (unwanted)
        log_warning(&who, "listen", "%zu inherited sockets are no listener's and were closed",
                    unwanted);
    return true;
}

void desks_reconfigure(struct desks *d)
{
    struct workers *w = d->workers;

    admin_reconfigure(d->console, w->config, w->tallies, w->key);
    admin_reconfigure(d->http, w->config, w->tallies, w->key);
}

void desks_run(struct desks *d)
{
    desks_reconfigure(d);
    admin_run(d->console);
    admin_run(d->http);
}

void desks_set_topology(struct desks *d, struct topology *t)
{
    admin_set_topology(d->console, t);
    admin_set_topology(d->http, t);
}

void desks_hand_over(struct desks *d)
{
    admin_hand_over(d->console);
    admin_hand_over(d->http);
}

void desks_drain(struct desks *d)
{
    atomic_store(&d->is_draining, true);
}

void desks_stop(struct desks *d)
{
    admin_stop(d->console);
    admin_stop(d->http);
}
