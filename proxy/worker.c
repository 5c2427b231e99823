/* A worker's life: bound, running, draining, gone. Whatever another thread wants of it comes as a
 * message into its mailbox and runs in its own thread. */
#include "proxy/worker_private.h"

#include <signal.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/must.h"
#include "proxy/catalog/catalog.h"
#include "proxy/net/inherit.h"
#include "proxy/net/precedence.h"

/* ---- messages ---- */

struct topology_message {
    struct message message;
    struct topology *topology;
};

struct room_message {
    struct message message;
    const struct tally *cluster;
};

struct config_message {
    struct message message;
    struct config *config; /* a reference */
    struct contexts *contexts;
    struct tallies *tallies; /* a reference */
    const struct rsa_key *key;
};

struct stop_message {
    struct message message;
    millis grace;
};

void worker_post(struct worker *w, struct message *m)
{
    if (!mailbox_send(&w->mailbox, m))
        free(m);
}

static void deliver_topology(struct message *m, void *owner)
{
    struct topology_message *message = (struct topology_message *)(void *)m;
    struct worker *w = owner;

    pools_set_topology(&w->pools, message->topology);
    free(message);
}

void workers_set_topology(struct workers *all, struct topology *t)
{
    for (size_t i = 0; i < all->count; i++) {
        struct topology_message *m = memory_new(1, sizeof(*m));
        m->message.deliver = deliver_topology;
        m->topology = topology_ref(t);
        if (!mailbox_send(&all->at[i]->mailbox, &m->message)) {
            topology_unref(t);
            free(m);
        }
    }
    topology_unref(t);
}

static void deliver_room(struct message *m, void *owner)
{
    struct room_message *message = (struct room_message *)(void *)m;
    struct worker *w = owner;

    pools_room(&w->pools, message->cluster);
    free(message);
}

static void announce_room(void *owner, const struct tally *cluster)
{
    struct worker *from = owner;

    for (size_t i = 0; i < from->all->count; i++) {
        struct room_message *m = memory_new(1, sizeof(*m));
        m->message.deliver = deliver_room;
        m->cluster = cluster;
        worker_post(from->all->at[i], &m->message);
    }
}

static void forget_config(struct config_message *m)
{
    config_unref(m->config);
    contexts_free(m->contexts);
    tallies_unref(m->tallies);
    free(m);
}

static void deliver_config(struct message *m, void *owner)
{
    struct config_message *message = (struct config_message *)(void *)m;
    struct worker *w = owner;

    w->sessions.desk.key = message->key;
    struct contexts *before = w->contexts;
    w->contexts = message->contexts;
    message->contexts = before; /* goes with the message */
    sessions_reconfigure(&w->sessions, message->config, w->contexts, message->tallies);
    forget_config(message);
}

static void hurry_control(void *owner, size_t cluster)
{
    struct worker *w = owner;

    if (w->all->control)
        control_hurry(w->all->control, cluster);
}

/* ---- stopping ---- */

static void everything_closed(void *owner)
{
    struct worker *w = owner;

    loop_off_turn(&w->loop);
    alarm_close(&w->grace, NULL);
    alarm_close(&w->pens, NULL);
    mailbox_close(&w->mailbox);
}

static void sessions_drained(void *owner)
{
    struct worker *w = owner;

    if (w->is_closing)
        return;
    w->is_closing = true;
    pools_close(&w->pools, everything_closed);
}

static void grace_over(void *owner)
{
    struct worker *w = owner;

    sessions_abort(&w->sessions);
}

static void close_doors(struct worker *w)
{
    for (size_t i = 0; i < w->door_count; i++)
        acceptor_close(&w->doors[i].acceptor);
    w->door_count = 0;
}

static void deliver_stop(struct message *m, void *owner)
{
    struct stop_message *message = (struct stop_message *)(void *)m;
    struct worker *w = owner;

    alarm_set(&w->grace, loop_now(&w->loop) + message->grace);
    free(message);
    if (w->is_stopping)
        return;
    w->is_stopping = true;
    close_doors(w);
    sessions_drain(&w->sessions, sessions_drained);
}

void workers_stop(struct workers *all, millis grace)
{
    for (size_t i = 0; i < all->count; i++) {
        struct stop_message *m = memory_new(1, sizeof(*m));
        m->message.deliver = deliver_stop;
        m->grace = grace;
        worker_post(all->at[i], &m->message);
    }
}

static void deliver_hand_over(struct message *m, void *owner)
{
    struct worker *w = owner;

    free(m);
    close_doors(w);
    if (!w->is_stopping)
        sessions_finish(&w->sessions, sessions_drained);
}

static void post_all(struct workers *all, void (*deliver)(struct message *m, void *owner))
{
    for (size_t i = 0; i < all->count; i++) {
        struct message *m = memory_new(1, sizeof(*m));
        m->deliver = deliver;
        worker_post(all->at[i], m);
    }
}

void workers_hand_over(struct workers *all)
{
    post_all(all, deliver_hand_over);
}

/* ---- are they alive ---- */

static void deliver_beat(struct message *m, void *owner)
{
    struct worker *w = owner;

    free(m);
    atomic_fetch_add(&w->all->beats, 1);
}

bool workers_beat(struct workers *all)
{
    if (atomic_load(&all->beats) < all->count)
        return false;
    atomic_store(&all->beats, 0);
    post_all(all, deliver_beat);
    return true;
}

/* ---- a new configuration ---- */

/* Made when the first user has a hash that it is needed for, and kept from then on: it takes a
 * tenth of a second. */
static const struct rsa_key *key_of(struct workers *all, const struct config *c)
{
    if (!all->key && sha2_is_used(c))
        all->key = crypto_default()->rsa_new();
    return all->key;
}

bool workers_reconfigure(struct workers *all, struct config *config, struct error *e)
{
    const struct rsa_key *key = key_of(all, config);
    struct contexts **contexts = memory_new(all->count, sizeof(struct contexts *));

    if (!contexts_make(config, contexts, all->count, e)) {
        free(contexts);
        return false;
    }
    expiry_note(&all->expiry, config, contexts[0]);
    tallies_unref(all->tallies);
    all->tallies = tally_book_open(&all->book, config);
    config_unref(all->config);
    all->config = config_ref(config);
    for (size_t i = 0; i < all->count; i++) {
        struct config_message *m = memory_new(1, sizeof(*m));
        m->message.deliver = deliver_config;
        m->config = config_ref(config);
        m->tallies = tallies_ref(all->tallies);
        m->contexts = contexts[i];
        m->key = key;
        if (!mailbox_send(&all->at[i]->mailbox, &m->message))
            forget_config(m);
    }
    usher_call(all->usher);
    free(contexts);
    return true;
}

/* ---- starting ---- */

static void client_arrived(struct acceptor *a)
{
    struct doorway *door = a->owner;

    sessions_accept(&door->worker->sessions, a, door->place);
}

/* Lines of the logs go to their thread some milliseconds' worth at a time: waking it, and a write
 * of its own, for each turn of a busy loop costs as much as a statement. */
static void turn_over(void *owner)
{
    enum { LATEST = 5 };
    struct worker *w = owner;
    millis now = loop_now(&w->loop);

    if (!pen_has_lines(&w->sessions.audit) && !pen_has_lines(&w->sessions.slow))
        return;
    if (now - w->handed_over < LATEST) {
        alarm_set(&w->pens, w->handed_over + LATEST);
        return;
    }
    w->handed_over = now;
    pen_flush(&w->sessions.audit);
    pen_flush(&w->sessions.slow);
}

static struct worker *worker_new(struct workers *all, size_t number, size_t count,
                                 struct contexts *contexts)
{
    struct worker *w = memory_new(1, sizeof(*w));
    char name[16];

    w->all = all;
    w->contexts = contexts;
    snprintf(name, sizeof(name), "w%u", (unsigned)number);
    loop_init(&w->loop, name);
    mailbox_open(&w->mailbox, &w->loop, w);
    alarm_init(&w->grace, &w->loop, w, grace_over);
    alarm_init(&w->pens, &w->loop, w, turn_over);
    pools_init(&w->pools, &w->loop, all->config, all->tallies, w);
    w->pools.worker = number;
    w->pools.workers = count;
    w->pools.contexts = contexts;
    w->pools.announce = announce_room;
    w->pools.hurry = hurry_control;
    sessions_init(&w->sessions, &w->loop, all->config, all->tallies, &w->pools, &all->census, w);
    w->sessions.usher = all->usher;
    w->sessions.home = &w->mailbox;
    w->sessions.ask_all = worker_ask_to_kill;
    w->sessions.list_all = worker_ask_to_list;
    w->sessions.desk.key = key_of(all, all->config);
    w->sessions.throttle = all->throttle;
    w->sessions.contexts = contexts;
    return w;
}

static bool add_door(struct worker *w, size_t listener, int fd, struct error *e)
{
    struct doorway *door = &w->doors[w->door_count];

    door->place = listener;
    door->worker = w;
    if (!acceptor_open(&door->acceptor, &w->loop, fd, door, client_arrived, e))
        return false;
    w->door_count++;
    w->all->sockets[w->all->socket_count++] = fd;
    return true;
}

/* Every worker gets one: a socket of its own, or, where sockets were inherited, one of those. There
 * may be more of them, which are served too, or fewer, which are shared: for whoever has given up
 * root's rights since, a second one on the same port may be out of reach. */
static bool open_listener(struct workers *all, struct config *config, size_t place,
                          struct inherited *inherited, struct error *e)
{
    struct listener *l = &config->listeners[place];
    const int *own = &all->sockets[all->socket_count];
    size_t opened = 0, count;

    for (int fd; (fd = inherited_take(inherited, l->host, &l->port)) >= 0; opened++)
        if (!add_door(all->at[opened % all->count], place, fd, e))
            return false;
    if (!opened && !listen_is_free(l->host, l->port, e))
        return false;
    for (count = opened; count < all->count; count++) {
        int fd = opened ? listen_share(own[count % opened], e) : listen_bind(l->host, &l->port, e);
        if (fd < 0 || !add_door(all->at[count], place, fd, e))
            return false;
    }
    return true;
}

static bool open_doors(struct workers *all, struct config *config, struct inherited *inherited,
                       struct error *e)
{
    size_t most = config->listener_count + inherited->count;

    for (size_t i = 0; i < all->count; i++)
        all->at[i]->doors = memory_new(most, sizeof(*all->at[i]->doors));
    all->sockets =
        memory_new(config->listener_count * all->count + inherited->count, sizeof(*all->sockets));
    for (size_t i = 0; i < config->listener_count; i++)
        if (config->listeners[i].protocol == LISTEN_MYSQL
            && !open_listener(all, config, i, inherited, e))
            return false;
    return true;
}

static void *worker_run(void *argument)
{
    struct worker *w = argument;

    precedence_take();
    loop_run(&w->loop);
    w->all->ended(w->all->owner);
    return NULL;
}

static void start_thread(struct worker *w)
{
    sigset_t every, before;

    sigfillset(&every);
    pthread_sigmask(SIG_SETMASK, &every, &before); /* signals belong to the main thread */
    must(pthread_create(&w->thread, NULL, worker_run, w) == 0);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

bool workers_open(struct workers *all, struct config *config, struct inherited *inherited,
                  struct error *e)
{
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    size_t count =
        config->settings.workers ? config->settings.workers : (size_t)(cpus > 0 ? cpus : 1);

    struct contexts **contexts = memory_new(count, sizeof(struct contexts *));

    if (!contexts_make(config, contexts, count, e)) {
        free(contexts);
        return false;
    }
    expiry_note(&all->expiry, config, contexts[0]);
    all->config = config_ref(config);
    tally_book_init(&all->book);
    all->tallies = tally_book_open(&all->book, config);
    all->throttle = throttle_new();
    all->at = memory_new(count, sizeof(struct worker *));
    for (all->count = 0; all->count < count; all->count++)
        all->at[all->count] = worker_new(all, all->count, count, contexts[all->count]);
    free(contexts);
    atomic_store(&all->beats, (unsigned)count);
    return open_doors(all, config, inherited, e);
}

static void take_pens(struct worker *w, uint32_t run)
{
    snprintf(w->sessions.run, sizeof(w->sessions.run), "%08x", run);
    w->pools.ledger = w->all->ledger;
    pen_init(&w->sessions.audit, w->all->audit);
    pen_init(&w->sessions.slow, w->all->slow);
    if (w->all->audit || w->all->slow)
        loop_on_turn(&w->loop, turn_over, w);
}

void workers_run(struct workers *all)
{
    uint32_t run = 0;

    crypto_default()->random(&run, sizeof(run));
    for (size_t i = 0; i < all->count; i++)
        take_pens(all->at[i], run);
    for (size_t i = 0; i < all->count; i++)
        start_thread(all->at[i]);
}

void workers_join(struct workers *all)
{
    for (size_t i = 0; i < all->count; i++)
        pthread_join(all->at[i]->thread, NULL);
    for (size_t i = 0; i < all->count; i++) {
        struct worker *w = all->at[i];
        pen_fini(&w->sessions.audit);
        pen_fini(&w->sessions.slow);
        sessions_fini(&w->sessions);
        pools_fini(&w->pools);
        contexts_free(w->contexts);
        loop_fini(&w->loop);
        free(w->doors);
        free(w);
    }
    free(all->at);
    free(all->sockets);
    tallies_unref(all->tallies);
    tally_book_fini(&all->book);
    crypto_default()->rsa_free(all->key);
    throttle_free(all->throttle);
    expiry_fini(&all->expiry);
    config_unref(all->config);
}
