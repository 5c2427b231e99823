#include "proxy/life.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "config/config.h"
#include "proxy/catalog/catalog.h"
#include "proxy/journal/journal.h"
#include "proxy/logging.h"
#include "proxy/notify.h"
#include "proxy/reload.h"

static const struct log_context who = {.worker = "main"};

/* ---- the log ---- */

static void follow_settings(const struct settings *settings, const struct settings *before)
{
    struct error e;

    if (!logging_apply(settings, before, &e))
        log_error(&who, "reload", "%s; the log goes on as it was", e.text);
}

static void reopen_logs(struct process *p)
{
    const struct settings *settings = &p->workers.config->settings;

    follow_settings(settings, settings);
    if (p->workers.audit)
        journal_reopen(p->workers.audit);
    if (p->workers.slow)
        journal_reopen(p->workers.slow);
}

/* A process that was taken over from gets no SIGHUP when logs have moved: it looks by itself. */
static void sweep_log(void *owner)
{
    const millis gap = 10000;
    struct process *p = owner;

    log_tell_suppressed();
    if (p->upgrade.is_done)
        reopen_logs(p);
    alarm_set(&p->sweep, loop_now(&p->loop) + gap);
}

/* ---- certificates ---- */

static void check_certificates(void *owner)
{
    const millis day = 86400000;
    struct process *p = owner;
    struct metrics *m = &p->loop.metrics;
    uint64_t first = expiry_check(&p->workers.expiry, (uint64_t)time(NULL));

    metric_add(m, METRIC_certificate_expires,
               (int64_t)(first - metric_read(m, METRIC_certificate_expires)));
    alarm_set(&p->daily, loop_now(&p->loop) + day);
}

/* ---- the watchdog ---- */

static void beat(void *owner)
{
    struct process *p = owner;

    if (workers_beat(&p->workers))
        notify("WATCHDOG=1");
    else
        log_error(&who, "watchdog", "a worker's loop does not turn; systemd is not told");
    alarm_set(&p->watchdog, loop_now(&p->loop) + p->watch / 2);
}

/* ---- SIGTERM, SIGINT ---- */

static void stop(struct process *p)
{
    desks_drain(&p->desks);
    workers_stop(&p->workers, p->stops++ ? 0 : p->workers.config->settings.drain_timeout_ms);
}

static void asked_to_stop(void *owner, int number)
{
    struct process *p = owner;

    log_info(&who, "stop", "%s: %s", number == SIGINT ? "SIGINT" : "SIGTERM",
             p->stops ? "cutting off what still runs"
                      : "no new clients; running statements may finish");
    if (!p->upgrade.is_done)
        notify("STOPPING=1\nSTATUS=Waiting for running statements");
    stop(p);
}

/* ---- SIGHUP ---- */

/* Told when every worker has it in its mailbox, and not while it may still be refused. */
static bool take_over(struct process *p, struct config *next)
{
    struct config *before = config_ref(p->workers.config);
    struct error e;
    bool is_taken = workers_reconfigure(&p->workers, next, &e);

    if (is_taken) {
        control_reconfigure(p->workers.control, next);
        desks_reconfigure(&p->desks);
        log_info(&who, "reload", "done: generation=%llu projects=%zu users=%zu",
                 (unsigned long long)next->generation, next->project_count, next->user_count);
        follow_settings(&next->settings, &before->settings);
        check_certificates(p);
    } else {
        log_error(&who, "reload", "%s; the configuration stays as it was", e.text);
    }
    config_unref(before);
    return is_taken;
}

/* Also for the console. */
static bool read_anew(void *owner)
{
    struct process *p = owner;

    notify_reloading();
    reopen_logs(p);
    struct config *next = p->stops ? NULL : reload(p->workers.config);
    bool is_taken = next && take_over(p, next);
    notify("READY=1\nSTATUS=%s",
           is_taken ? "Serving" : "Serving; the last reload was refused, see the log");
    config_unref(next);
    return is_taken;
}

static void asked_to_reload(void *owner, int number)
{
    (void)number;
    read_anew(owner);
}

/* ---- SIGUSR2 ---- */

static void asked_to_upgrade(void *owner, int number)
{
    struct process *p = owner;

    (void)number;
    if (p->stops)
        log_warning(&who, "upgrade", "this process is about to end; start another one");
    else
        upgrade_start(&p->upgrade, p->workers.sockets, p->workers.socket_count,
                      atomic_load(&p->workers.census.last_id));
}

static void handover_is_over(void *owner)
{
    struct process *p = owner;

    log_info(&who, "upgrade", "handover_ms is over: the clients that are left are sent away");
    stop(p);
}

static void was_taken_over_from(void *owner, int pid)
{
    struct process *p = owner;

    notify("MAINPID=%d", pid);
    alarm_clear(&p->watchdog);
    alarm_set(&p->handover, loop_now(&p->loop) + p->workers.config->settings.handover_ms);
    desks_hand_over(&p->desks);
    workers_hand_over(&p->workers);
}

/* ---- begin and end ---- */

static const struct {
    int number;
    void (*raised)(void *owner, int number);
} answers[LIFE_SIGNALS] = {
    [ON_TERM] = {SIGTERM, asked_to_stop},
    [ON_INT] = {SIGINT, asked_to_stop},
    [ON_HUP] = {SIGHUP, asked_to_reload},
    [ON_USR2] = {SIGUSR2, asked_to_upgrade},
};

void life_begin(struct process *p)
{
    p->desks.reload = read_anew;
    p->desks.reload_owner = p;
    for (unsigned i = 0; i < LIFE_SIGNALS; i++)
        signal_open(&p->signals[i], &p->loop, answers[i].number, p, answers[i].raised);
    alarm_init(&p->sweep, &p->loop, p, sweep_log);
    alarm_init(&p->daily, &p->loop, p, check_certificates);
    alarm_init(&p->watchdog, &p->loop, p, beat);
    alarm_init(&p->handover, &p->loop, p, handover_is_over);
    upgrade_init(&p->upgrade, &p->loop, p, was_taken_over_from);
    p->watch = notify_watchdog();
}

void life_serve(struct process *p)
{
    check_certificates(p);
    sweep_log(p);
    if (p->watch)
        beat(p);
    legacy_ready(&p->legacy);
    notify("READY=1\nSTATUS=Serving\nMAINPID=%d", (int)getpid());
}

void life_end(struct process *p)
{
    for (unsigned i = 0; i < LIFE_SIGNALS; i++) {
        signal_close(&p->signals[i]);
        signal(answers[i].number, SIG_IGN); /* one that comes too late changes nothing */
    }
    alarm_close(&p->sweep, NULL);
    alarm_close(&p->daily, NULL);
    alarm_close(&p->watchdog, NULL);
    alarm_close(&p->handover, NULL);
    upgrade_close(&p->upgrade);
}
