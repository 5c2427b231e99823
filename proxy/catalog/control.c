/* The control thread: sees to it that every frontend is probed and every cluster asked for its
 * frontends when that is due, and publishes what changed.
 *
 *   due -> task (a thread of its own) -> roster of the cluster -> topology, when it differs
 *
 * The thread itself never waits for a frontend. It sleeps in poll() on an event descriptor, by
 * which tasks report, and others hurry it or end it. */
#include "proxy/catalog/catalog.h"

#include <errno.h>
#include <mysql.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/metrics.h"
#include "base/must.h"
#include "proxy/catalog/catalog_private.h"

enum {
    HURRY_GAP = 200,  /* milliseconds: the least between two probes of a frontend */
    SLEEP_MAX = 1000, /* milliseconds */
    HURRIED = 64      /* clusters that share a bit are hurried together */
};

static const struct log_context who = {.worker = "control"};

struct control {
    struct config *config;         /* the thread's own reference */
    _Atomic(struct config *) next; /* left by the main thread, taken by this one */
    void (*publish)(void *owner, struct topology *t);
    void *owner;
    pthread_t thread;
    int wake; /* eventfd */
    atomic_bool is_ending;
    _Atomic uint64_t hurried; /* by cluster's index, a bit */
    struct topology *current; /* the thread's own */
    struct roster **rosters;  /* owned; by cluster's index */
    uint64_t last_id;         /* of a roster */
    struct tasks tasks;
    struct drains drains;
    struct orphans orphans;
    struct metrics metrics;
};

/* ---- telling ---- */

static const struct frontend *find(const struct cluster_view *view, const struct frontend *f)
{
    for (size_t i = 0; i < view->count; i++)
        if (frontend_is_same(&view->frontends[i], f))
            return &view->frontends[i];
    return NULL;
}

static bool is_same_frontend(const struct frontend *a, const struct frontend *b)
{
    return a && a->health == b->health && a->is_leader == b->is_leader && a->number == b->number
           && a->http.port == b->http.port && slice_equal(a->http.host, b->http.host);
}

static bool is_same(const struct cluster_view *a, const struct cluster_view *b)
{
    bool same = a->kind == b->kind && a->is_probed == b->is_probed && a->count == b->count
                && a->learnt == b->learnt && strcmp(a->reason, b->reason) == 0;

    for (size_t i = 0; same && i < b->count; i++)
        same = is_same_frontend(find(a, &b->frontends[i]), &b->frontends[i]);
    return same;
}

static void report_frontend(const struct cluster *cluster, const struct frontend *before,
                            const struct frontend *after)
{
    bool is_well = after->health == FRONTEND_UP;

    if (before && before->health == after->health && before->is_leader == after->is_leader
        && before->number == after->number)
        return;
    log_line(is_well ? LOG_INFO : LOG_WARNING, &who, "topology",
             "cluster=%.*s frontend=%.*s:%u number=%u is %s%s%s%s", SHOW(cluster->name),
             SHOW(after->query.host), after->query.port, after->number,
             frontend_health_name(after->health), after->is_leader ? ", the leader" : "",
             is_well ? "" : ": ", is_well ? "" : after->reason);
}

static void report(const struct cluster *cluster, const struct cluster_view *before,
                   const struct cluster_view *after)
{
    if (before->kind != after->kind)
        log_info(&who, "topology", "cluster=%.*s kind=%s", SHOW(cluster->name),
                 cluster_kind_name(after->kind));
    for (size_t i = 0; i < after->count; i++)
        report_frontend(cluster, find(before, &after->frontends[i]), &after->frontends[i]);
    for (size_t i = 0; i < before->count; i++)
        if (!find(after, &before->frontends[i]))
            log_info(&who, "topology", "cluster=%.*s frontend=%.*s:%u is no longer used",
                     SHOW(cluster->name), SHOW(before->frontends[i].query.host),
                     before->frontends[i].query.port);
}

static void report_changes(const struct config *config, const struct topology *before,
                           const struct topology *after)
{
    if (before->generation != after->generation)
        return;
    for (size_t i = 0; i < after->count; i++)
        if (!is_same(&before->clusters[i], &after->clusters[i]))
            report(&config->clusters[i], &before->clusters[i], &after->clusters[i]);
}

/* Publishes when something differs from what was published last; what the log says of it is then on
 * its way to the workers. */
static void tell(struct control *c)
{
    struct topology *next = topology_empty(c->config), *before = c->current;
    bool has_changed = before->generation != next->generation;

    for (size_t i = 0; i < next->count; i++) {
        roster_write(c->rosters[i], next, i);
        drains_observe(&c->drains, &next->clusters[i]);
        has_changed = has_changed || !is_same(&before->clusters[i], &next->clusters[i]);
    }
    if (!has_changed) {
        topology_unref(next);
        return;
    }
    c->current = next;
    c->publish(c->owner, topology_ref(next));
    report_changes(c->config, before, next);
    topology_unref(before);
}

/* ---- what tasks bring ---- */

static struct roster *roster_of(const struct control *c, uint64_t id)
{
    for (size_t i = 0; i < c->config->cluster_count; i++)
        if (c->rosters[i]->id == id)
            return c->rosters[i];
    return NULL;
}

static void take_probe(struct control *c, struct roster *r, const struct task *task)
{
    const struct settings *settings = &c->config->settings;
    struct member *m = roster_find(r, &task->query);
    millis now = clock_now();

    metric_add(&c->metrics, METRIC_probes, 1);
    if (!task->probe.is_up)
        metric_add(&c->metrics, METRIC_probes_failed, 1);
    if (!m)
        return;
    enum frontend_health before = m->health;
    roster_probed(r, m, &task->probe);
    m->is_probing = false;
    m->probed_at = now;
    m->due = now + settings->probe_interval_ms;
    if (task->probe.is_silent && m->health != FRONTEND_DOWN)
        m->due = now; /* once more, to be sure */
    if (m->health != before)
        r->discovery_due = now; /* the leader may be another one */
}

static bool has_leader(const struct roster *r)
{
    list_each(&r->members, struct member, link, m)
    {
        if (m->is_leader && m->health == FRONTEND_UP)
            return true;
    }
    return false;
}

static void take_discovery(struct control *c, struct roster *r, const struct task *task)
{
    const struct settings *settings = &c->config->settings;
    bool is_wanted = r->cluster->monitor.username.size;

    r->is_discovering = false;
    metric_add(&c->metrics, METRIC_discoveries, 1);
    if (task->is_good && is_wanted) {
        roster_discovered(r, &task->discovery);
    } else if (!task->is_good) {
        metric_add(&c->metrics, METRIC_discoveries_failed, 1);
        log_warning(&who, "discovery", "cluster=%.*s asked=%.*s:%u %s", SHOW(r->cluster->name),
                    SHOW(task->query.host), task->query.port, task->discovery.reason);
    }
    bool is_settled = task->is_good && has_leader(r);
    r->discovery_due =
        clock_now() + (is_settled ? settings->discovery_interval_ms : settings->probe_interval_ms);
}

static void take_tasks(struct control *c)
{
    for (struct task *task = tasks_take(&c->tasks), *next; task; task = next) {
        struct roster *r = roster_of(c, task->roster);
        next = task->next;
        if (r && task->is_discovery)
            take_discovery(c, r, task);
        else if (r)
            take_probe(c, r, task);
        task_free(task);
    }
}

/* ---- what is due ---- */

static bool wants_probe(const struct roster *r, const struct member *m)
{
    return !m->is_probing && !member_is_covered(r, m);
}

static bool wants_discovery(const struct roster *r)
{
    return r->cluster->monitor.username.size && r->kind == CLUSTER_STARROCKS && !r->is_discovering
           && roster_spokesman(r);
}

static void start_due(struct control *c, struct roster *r)
{
    millis now = clock_now();

    list_each(&r->members, struct member, link, m)
    {
        if (m->due <= now && wants_probe(r, m))
            m->is_probing = task_start(&c->tasks, c->config, r, m, false);
    }
    if (r->discovery_due <= now && wants_discovery(r))
        r->is_discovering = task_start(&c->tasks, c->config, r, roster_spokesman(r), true);
}

static millis due_next(const struct roster *r, millis soonest)
{
    list_each(&r->members, struct member, link, m)
    {
        if (m->due < soonest && wants_probe(r, m))
            soonest = m->due;
    }
    return r->discovery_due < soonest && wants_discovery(r) ? r->discovery_due : soonest;
}

/* While as many tasks run as may, the next one that is done wakes the thread. */
static int milliseconds_to_next(const struct control *c)
{
    millis now = clock_now(), next = now + SLEEP_MAX;

    for (size_t i = 0; c->tasks.running < TASKS_MAX && i < c->config->cluster_count; i++)
        next = due_next(c->rosters[i], next);
    return next > now ? (int)(next - now) : 0;
}

static void hurry(struct roster *r)
{
    list_each(&r->members, struct member, link, m)
    {
        if (m->due > m->probed_at + HURRY_GAP)
            m->due = m->probed_at + HURRY_GAP;
    }
}

static void take_hurried(struct control *c)
{
    uint64_t hurried = atomic_exchange(&c->hurried, 0);

    for (size_t i = 0; hurried && i < c->config->cluster_count; i++)
        if (hurried & (uint64_t)1 << i % HURRIED)
            hurry(c->rosters[i]);
}

/* ---- the configuration ---- */

static void forget_rosters(struct roster **rosters, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (rosters[i])
            roster_fini(rosters[i]);
        free(rosters[i]);
    }
    free(rosters);
}

/* The roster of the same cluster, taken out of `before`; NULL for none. */
static struct roster *take_same(struct roster **before, size_t count, const struct cluster *cluster)
{
    for (size_t i = 0; i < count; i++) {
        struct roster *r = before[i];
        if (!r || !cluster_is_same(r->cluster, cluster))
            continue;
        before[i] = NULL;
        return r;
    }
    return NULL;
}

static struct roster *make(struct control *c, const struct cluster *cluster)
{
    struct roster *r = memory_new(1, sizeof(*r));

    roster_init(r, ++c->last_id, cluster);
    return r;
}

static void set_config(struct control *c, struct config *config)
{
    struct roster **before = c->rosters;
    size_t count = c->config ? c->config->cluster_count : 0;

    c->rosters = memory_new(config->cluster_count, sizeof(struct roster *));
    for (size_t i = 0; i < config->cluster_count; i++) {
        const struct cluster *cluster = &config->clusters[i];
        struct roster *same = take_same(before, count, cluster);
        if (same)
            roster_renew(same, cluster);
        c->rosters[i] = same ? same : make(c, cluster);
    }
    forget_rosters(before, count);
    config_unref(c->config);
    c->config = config;
}

/* ---- the thread ---- */

static void rest(struct control *c)
{
    struct pollfd wait = {.fd = c->wake, .events = POLLIN};
    uint64_t count;

    if (poll(&wait, 1, milliseconds_to_next(c)) > 0)
        (void)!read(c->wake, &count, sizeof(count));
}

static void *control_run(void *argument)
{
    struct control *c = argument;

    while (!atomic_load(&c->is_ending)) {
        struct config *next = atomic_exchange(&c->next, NULL);
        if (next)
            set_config(c, next);
        take_hurried(c);
        take_tasks(c);
        drains_take(&c->drains);
        for (size_t i = 0; i < c->config->cluster_count; i++)
            start_due(c, c->rosters[i]);
        tell(c);
        orphans_look(&c->orphans, c->config, clock_now());
        rest(c);
    }
    for (take_tasks(c); c->tasks.running; take_tasks(c))
        rest(c);
    orphans_end(&c->orphans);
    return NULL;
}

struct control *control_start(struct config *config, struct ledger *ledger,
                              void (*publish)(void *owner, struct topology *t), void *owner)
{
    struct control *c = memory_new(1, sizeof(*c));
    sigset_t all, before;

    mysql_library_init(0, NULL, NULL);
    *c = (struct control){.publish = publish, .owner = owner};
    atomic_init(&c->is_ending, false);
    set_config(c, config_ref(config));
    c->current = topology_new(config);
    c->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    must(c->wake >= 0);
    c->tasks.wake = c->wake;
    c->orphans = (struct orphans){.ledger = ledger, .wake = c->wake};
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* signals belong to the main thread */
    must(pthread_create(&c->thread, NULL, control_run, c) == 0);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return c;
}

static void wake(struct control *c)
{
    uint64_t one = 1;
    ssize_t written = write(c->wake, &one, sizeof(one));

    must(written == (ssize_t)sizeof(one) || errno == EAGAIN);
}

void control_reconfigure(struct control *c, struct config *config)
{
    config_unref(atomic_exchange(&c->next, config_ref(config)));
    wake(c);
}

void control_hurry(struct control *c, size_t cluster)
{
    atomic_fetch_or(&c->hurried, (uint64_t)1 << cluster % HURRIED);
    wake(c);
}

bool control_drain(struct control *c, const struct endpoint *frontend, bool is_drained)
{
    bool is_taken = drains_ask(&c->drains, frontend, is_drained);

    wake(c);
    return is_taken;
}

const struct metrics *control_metrics(const struct control *c)
{
    return &c->metrics;
}

void control_stop(struct control *c)
{
    if (!c)
        return;
    atomic_store(&c->is_ending, true);
    wake(c);
    pthread_join(c->thread, NULL);
    close(c->wake);
    topology_unref(c->current);
    forget_rosters(c->rosters, c->config->cluster_count);
    config_unref(c->config);
    config_unref(atomic_exchange(&c->next, NULL));
    drains_fini(&c->drains);
    free(c);
    mysql_library_end();
}
