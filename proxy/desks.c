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

/* ---- actions ---- */

static void tell(struct admin *asker, uint32_t question, const struct outcome *outcome)
{
    struct told *told = memory_new(1, sizeof(*told));

    link_init(&told->link);
    told->outcome = *outcome;
    admin_told(asker, question, told);
}

struct reload_message {
    struct message message;
    struct desks *desks;
    struct admin *asker;
    uint32_t question;
};

/* In the main thread. */
static void deliver_reload(struct message *m, void *owner)
{
    struct reload_message *message = (struct reload_message *)(void *)m;
    struct outcome outcome = {.has_one = true};

    (void)owner;
    outcome.is_done = message->desks->reload(message->desks->reload_owner);
    snprintf(outcome.text, sizeof(outcome.text), "%s",
             outcome.is_done ? "the configuration is in force"
                             : "the configuration stays as it was; SELECT line FROM log says why");
    tell(message->asker, message->question, &outcome);
    free(message);
}

static void reload_all(void *owner, struct admin *asker, uint32_t question)
{
    struct desks *d = owner;
    struct reload_message *m = memory_new(1, sizeof(*m));

    m->message.deliver = deliver_reload;
    m->desks = d;
    m->asker = asker;
    m->question = question;
    if (!mailbox_send(d->mailbox, &m->message))
        free(m);
}

struct stop_message {
    struct message message;
    struct admin *asker;
    uint32_t question;
    struct kill_order order;
};

/* In the worker's thread. */
static void deliver_kill(struct message *m, void *owner)
{
    struct stop_message *message = (struct stop_message *)(void *)m;
    struct worker *w = owner;
    struct outcome outcome = {.is_done = true};

    outcome.has_one = sessions_kill(&w->sessions, &message->order) == KILL_DONE;
    snprintf(outcome.text, sizeof(outcome.text), "%s %u was stopped",
             message->order.is_whole ? "session" : "the statement of session",
             message->order.session);
    tell(message->asker, message->question, &outcome);
    free(message);
}

static size_t kill_one(void *owner, struct admin *asker, uint32_t question, uint32_t session,
                       bool is_whole, struct slice user)
{
    const struct desks *d = owner;
    size_t asked = 0;

    for (size_t i = 0; i < d->workers->count; i++) {
        struct stop_message *m = memory_new(1, sizeof(*m));
        m->message.deliver = deliver_kill;
        m->asker = asker;
        m->question = question;
        m->order = (struct kill_order){.session = session, .is_whole = is_whole, .by_admin = true};
        snprintf(m->order.user, sizeof(m->order.user), "%.*s", SHOW(user));
        if (mailbox_send(&d->workers->at[i]->mailbox, &m->message))
            asked++;
        else
            free(m);
    }
    return asked;
}

static bool drain_frontend(void *owner, const struct endpoint *frontend, bool is_drained)
{
    const struct desks *d = owner;

    return control_drain(d->workers->control, frontend, is_drained);
}

static void call_usher(void *owner)
{
    const struct desks *d = owner;

    usher_call(d->workers->usher);
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
                                    .reload = reload_all,
                                    .kill = kill_one,
                                    .drain = drain_frontend,
                                    .call = call_usher,
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
