/* An admin thread's life, and what other threads send it. */
#include "proxy/admin/admin_private.h"

#include <signal.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/must.h"
#include "proxy/net/inherit.h"

struct told_message {
    struct message message;
    uint32_t question;
    struct told *told;
};

struct config_message {
    struct message message;
    struct config *config;   /* a reference */
    struct tallies *tallies; /* a reference */
    struct contexts *contexts;
    const struct rsa_key *key;
};

struct topology_message {
    struct message message;
    struct topology *topology; /* a reference */
};

/* ---- what comes in ---- */

static void deliver_told(struct message *m, void *owner)
{
    struct told_message *message = (struct told_message *)(void *)m;

    questions_told(owner, message->question, message->told);
    free(message);
}

void admin_told(struct admin *a, uint32_t question, struct told *told)
{
    struct told_message *m = memory_new(1, sizeof(*m));

    m->message.deliver = deliver_told;
    m->question = question;
    m->told = told;
    if (mailbox_send(&a->mailbox, &m->message))
        return;
    told_free(told);
    free(m);
}

static void forget_config(struct config_message *m)
{
    config_unref(m->config);
    tallies_unref(m->tallies);
    contexts_free(m->contexts);
    free(m);
}

/* Also before the thread runs. */
static void take_config(struct admin *a, struct config_message *m)
{
    struct config_message before = {
        .config = a->config, .tallies = a->tallies, .contexts = a->contexts};

    a->config = m->config;
    a->tallies = m->tallies;
    a->contexts = m->contexts;
    a->desk.key = m->key;
    a->configured = time(NULL);
    *m = before;
    forget_config(m);
}

static void deliver_config(struct message *m, void *owner)
{
    struct config_message *message = (struct config_message *)(void *)m;
    struct config_message *copy = memory_new(1, sizeof(*copy));

    *copy = *message;
    free(message);
    take_config(owner, copy);
}

void admin_reconfigure(struct admin *a, struct config *c, struct tallies *t,
                       const struct rsa_key *key)
{
    struct log_context who = {.worker = "main"};
    struct contexts *contexts = NULL;
    struct error e;

    if (!a)
        return;
    if (!contexts_make(c, &contexts, 1, &e)) { /* the workers could, a moment ago */
        log_error(&who, "admin", "%s; the admin listeners keep the configuration before", e.text);
        return;
    }
    struct config_message *m = memory_new(1, sizeof(*m));
    m->message.deliver = deliver_config;
    m->config = config_ref(c);
    m->tallies = tallies_ref(t);
    m->contexts = contexts;
    m->key = key;
    if (!a->is_running)
        take_config(a, m);
    else if (!mailbox_send(&a->mailbox, &m->message))
        forget_config(m);
}

static void deliver_topology(struct message *m, void *owner)
{
    struct topology_message *message = (struct topology_message *)(void *)m;
    struct admin *a = owner;

    topology_unref(a->topology);
    a->topology = message->topology;
    free(message);
}

void admin_set_topology(struct admin *a, struct topology *t)
{
    if (!a)
        return;
    struct topology_message *m = memory_new(1, sizeof(*m));
    m->message.deliver = deliver_topology;
    m->topology = topology_ref(t);
    if (mailbox_send(&a->mailbox, &m->message))
        return;
    topology_unref(t);
    free(m);
}

/* ---- the end ---- */

static void close_gates(struct admin *a)
{
    for (size_t i = 0; i < a->gate_count; i++) {
        if (a->gates[i].admin)
            acceptor_close(&a->gates[i].acceptor);
        a->gates[i].admin = NULL;
    }
}

static void deliver_hand_over(struct message *m, void *owner)
{
    free(m);
    close_gates(owner);
}

void admin_hand_over(struct admin *a)
{
    if (!a)
        return;
    struct message *m = memory_new(1, sizeof(*m));
    m->deliver = deliver_hand_over;
    if (!mailbox_send(&a->mailbox, m))
        free(m);
}

static void close_all(struct admin *a)
{
    close_gates(a);
    list_each(&a->guests, struct guest, link, g)
    {
        guest_close(g);
    }
    alarm_close(&a->tick, NULL);
    mailbox_close(&a->mailbox);
}

static void deliver_stop(struct message *m, void *owner)
{
    struct admin *a = owner;

    free(m);
    a->is_stopping = true;
    close_all(a);
}

static void release(struct admin *a)
{
    sql_close(a->sql);
    loop_fini(&a->loop);
    must(a->open == 0);
    sha2_cache_fini(&a->desk.cache);
    contexts_free(a->contexts);
    topology_unref(a->topology);
    tallies_unref(a->tallies);
    config_unref(a->config);
    free(a->gates);
    free(a);
}

void admin_stop(struct admin *a)
{
    if (!a)
        return;
    struct message *m = memory_new(1, sizeof(*m));
    m->deliver = deliver_stop;
    must(mailbox_send(&a->mailbox, m));
    sql_interrupt(a->sql); /* nobody waits for a long question now */
    pthread_join(a->thread, NULL);
    release(a);
}

/* ---- the start ---- */

static void arrived(struct acceptor *acceptor)
{
    struct gate *gate = acceptor->owner;

    if (gate->admin->protocol == LISTEN_HTTP)
        visitor_accept(gate);
    else
        caller_accept(gate);
}

static void tick(void *owner)
{
    questions_check(owner);
}

static struct admin *admin_new(enum listener_protocol protocol, const struct admin_host *host,
                               size_t gates)
{
    struct admin *a = memory_new(1, sizeof(*a));

    a->protocol = protocol;
    a->host = *host;
    a->gates = memory_new(gates, sizeof(*a->gates));
    a->gate_count = gates;
    a->started = time(NULL);
    list_init(&a->guests);
    list_init(&a->questions);
    loop_init(&a->loop, protocol == LISTEN_HTTP ? "http" : "console");
    mailbox_open(&a->mailbox, &a->loop, a);
    alarm_init(&a->tick, &a->loop, a, tick);
    a->sql = sql_open();
    return a;
}

static bool open_gate(struct admin *a, struct gate *gate, struct listener *listener,
                      struct inherited *inherited, struct error *e)
{
    int fd = inherited_take(inherited, listener->host, &listener->port);

    if (fd < 0 && listen_is_free(listener->host, listener->port, e))
        fd = listen_bind(listener->host, &listener->port, e);
    if (fd < 0 || !acceptor_open(&gate->acceptor, &a->loop, fd, gate, arrived, e))
        return false;
    gate->admin = a;
    gate->socket = fd;
    return true;
}

static bool open_gates(struct admin *a, struct config *c, struct inherited *inherited,
                       struct error *e)
{
    for (size_t i = 0; i < c->listener_count; i++) {
        a->gates[i].place = i;
        if (c->listeners[i].protocol == a->protocol
            && !open_gate(a, &a->gates[i], &c->listeners[i], inherited, e))
            return false;
    }
    return true;
}

size_t admin_sockets(const struct admin *a, int *sockets)
{
    size_t count = 0;

    for (size_t i = 0; a && i < a->gate_count; i++)
        if (a->gates[i].admin)
            sockets[count++] = a->gates[i].socket;
    return count;
}

bool admin_open(struct admin **made, enum listener_protocol protocol, struct config *c,
                const struct admin_host *host, struct inherited *inherited, struct error *e)
{
    size_t count = 0;

    *made = NULL;
    for (size_t i = 0; i < c->listener_count; i++)
        count += c->listeners[i].protocol == protocol;
    if (!count)
        return true;
    *made = admin_new(protocol, host, c->listener_count);
    return open_gates(*made, c, inherited, e);
}

static void *run(void *argument)
{
    struct admin *a = argument;

    loop_run(&a->loop);
    return NULL;
}

void admin_run(struct admin *a)
{
    sigset_t every, before;

    if (!a)
        return;
    must(a->config);
    a->is_running = true;
    sigfillset(&every);
    pthread_sigmask(SIG_SETMASK, &every, &before); /* signals belong to the main thread */
    must(pthread_create(&a->thread, NULL, run, a) == 0);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}
