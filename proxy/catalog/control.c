/* The control thread: probe every cluster, publish what changed, sleep.
 *
 * A cluster that is unknown or partly down is probed every second, a healthy one every ten. The
 * thread sleeps in poll() on an event descriptor, by which others hurry it or end it. */
#include "proxy/catalog/catalog.h"

#include <errno.h>
#include <mysql.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/must.h"
#include "proxy/catalog/probe.h"

enum { HEALTHY_INTERVAL = 10000, TROUBLED_INTERVAL = 1000 };

static const struct log_context who = {.worker = "control"};

struct control {
    struct config *config;         /* the thread's own reference */
    _Atomic(struct config *) next; /* left by the main thread, taken by this one */
    void (*publish)(void *owner, struct topology *t);
    void *owner;
    pthread_t thread;
    int wake; /* eventfd */
    atomic_bool is_ending;
    struct topology *current; /* the thread's own */
    millis *due;              /* by cluster: when to probe next */
};

static void report(const struct cluster *cluster, const struct cluster_view *before,
                   const struct cluster_view *after)
{
    if (before->kind != after->kind)
        log_info(&who, "topology", "cluster=%.*s kind=%s", SHOW(cluster->name),
                 cluster_kind_name(after->kind));
    for (size_t i = 0; i < after->count; i++) {
        const struct frontend *f = &after->frontends[i];
        if (before->frontends[i].health != f->health)
            log_warning(&who, "topology", "cluster=%.*s frontend=%.*s:%u is %s%s%s",
                        SHOW(cluster->name), SHOW(f->query.host), f->query.port,
                        frontend_health_name(f->health), f->health == FRONTEND_UP ? "" : ": ",
                        f->health == FRONTEND_UP ? "" : f->reason);
    }
}

static bool is_same(const struct cluster_view *a, const struct cluster_view *b)
{
    bool same =
        a->kind == b->kind && a->is_probed == b->is_probed && strcmp(a->reason, b->reason) == 0;

    for (size_t i = 0; same && i < a->count; i++)
        same = a->frontends[i].health == b->frontends[i].health;
    return same;
}

/* Probes one cluster into its view; what a cluster is, once known, stays known while it is away. */
static void probe_cluster(struct control *c, const struct cluster *cluster,
                          struct cluster_view *view)
{
    view->is_probed = true;
    for (size_t i = 0; i < view->count && !atomic_load(&c->is_ending); i++) {
        struct frontend *f = &view->frontends[i];
        struct probe_result result = probe_frontend(c->config, cluster, &f->query);
        f->health = result.is_up ? FRONTEND_UP : FRONTEND_DOWN;
        memcpy(f->reason, result.reason, sizeof(f->reason));
        if (result.kind != CLUSTER_UNKNOWN)
            view->kind = result.kind;
        if (!result.is_up || view->kind == CLUSTER_UNKNOWN)
            memcpy(view->reason, result.reason, sizeof(view->reason));
    }
}

static bool is_healthy(const struct cluster_view *view)
{
    for (size_t i = 0; i < view->count; i++)
        if (view->frontends[i].health != FRONTEND_UP)
            return false;
    return view->kind != CLUSTER_UNKNOWN;
}

static void probe_due(struct control *c)
{
    struct topology *next = topology_carry(c->config, c->config, c->current);
    bool changed = false;

    for (size_t i = 0; i < next->count && !atomic_load(&c->is_ending); i++) {
        const struct cluster *cluster = &c->config->clusters[i];
        if (c->due[i] > clock_now())
            continue;
        probe_cluster(c, cluster, &next->clusters[i]);
        c->due[i] =
            clock_now() + (is_healthy(&next->clusters[i]) ? HEALTHY_INTERVAL : TROUBLED_INTERVAL);
        if (!is_same(&c->current->clusters[i], &next->clusters[i])) {
            report(cluster, &c->current->clusters[i], &next->clusters[i]);
            changed = true;
        }
    }
    if (!changed || atomic_load(&c->is_ending)) {
        topology_unref(next);
        return;
    }
    topology_unref(c->current);
    c->current = next;
    c->publish(c->owner, topology_ref(next));
}

static int milliseconds_to_next(const struct control *c)
{
    millis now = clock_now(), next = now + HEALTHY_INTERVAL;

    for (size_t i = 0; i < c->current->count; i++)
        if (c->due[i] < next)
            next = c->due[i];
    return next > now ? (int)(next - now) : 0;
}

static void hurry_troubled(struct control *c)
{
    for (size_t i = 0; i < c->current->count; i++)
        if (!is_healthy(&c->current->clusters[i]))
            c->due[i] = 0;
}

/* A new configuration: known clusters keep what is known of them, and all are probed at once. */
static void take_next(struct control *c)
{
    struct config *next = atomic_exchange(&c->next, NULL);

    if (!next)
        return;
    struct topology *topology = topology_carry(next, c->config, c->current);
    topology_unref(c->current);
    config_unref(c->config);
    free(c->due);
    c->current = topology;
    c->config = next;
    c->due = memory_new(next->cluster_count, sizeof(*c->due));
    c->publish(c->owner, topology_ref(topology));
}

static void *control_run(void *argument)
{
    struct control *c = argument;
    uint64_t count;

    mysql_thread_init();
    while (!atomic_load(&c->is_ending)) {
        take_next(c);
        probe_due(c);
        struct pollfd wait = {.fd = c->wake, .events = POLLIN};
        if (poll(&wait, 1, milliseconds_to_next(c)) > 0
            && read(c->wake, &count, sizeof(count)) == (ssize_t)sizeof(count))
            hurry_troubled(c);
    }
    mysql_thread_end();
    return NULL;
}

struct control *control_start(struct config *config,
                              void (*publish)(void *owner, struct topology *t), void *owner)
{
    struct control *c = memory_new(1, sizeof(*c));
    sigset_t all, before;

    mysql_library_init(0, NULL, NULL);
    *c = (struct control){.config = config_ref(config), .publish = publish, .owner = owner};
    atomic_init(&c->is_ending, false);
    c->current = topology_new(config);
    c->due = memory_new(config->cluster_count, sizeof(*c->due));
    c->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    must(c->wake >= 0);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* signals belong to the main thread */
    must(pthread_create(&c->thread, NULL, control_run, c) == 0);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return c;
}

void control_reconfigure(struct control *c, struct config *config)
{
    config_unref(atomic_exchange(&c->next, config_ref(config)));
    control_hurry(c);
}

void control_hurry(struct control *c)
{
    uint64_t one = 1;
    ssize_t written = write(c->wake, &one, sizeof(one));

    must(written == (ssize_t)sizeof(one) || errno == EAGAIN);
}

void control_stop(struct control *c)
{
    if (!c)
        return;
    atomic_store(&c->is_ending, true);
    control_hurry(c);
    pthread_join(c->thread, NULL);
    close(c->wake);
    topology_unref(c->current);
    config_unref(c->config);
    config_unref(atomic_exchange(&c->next, NULL));
    free(c->due);
    free(c);
    mysql_library_end();
}
