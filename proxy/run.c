/* `starbind run`: load, start, serve until a signal, stop. */
#include <getopt.h>
#include <signal.h>
#include <time.h>

#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "config/config.h"
#include "proxy/catalog/catalog.h"
#include "proxy/commands.h"
#include "proxy/harden.h"
#include "proxy/journal/journal.h"
#include "proxy/limit/limit.h"
#include "proxy/logging.h"
#include "proxy/net/net.h"
#include "proxy/reload.h"
#include "proxy/worker.h"

enum { GRACE = 10000 }; /* milliseconds that running statements get after the first signal */

static const struct log_context who = {.worker = "main"};

struct process {
    struct loop loop;
    struct mailbox mailbox;
    struct usher usher;
    struct workers workers;
    struct signal_watch terminate, interrupt, hang_up;
    struct alarm sweep; /* tells what the log has not */
    struct alarm daily; /* looks at the certificates' last days */
    unsigned signals;
    size_t workers_left;
};

static void asked_to_stop(void *owner, int number)
{
    struct process *p = owner;

    log_info(&who, "stop", "%s: %s", number == SIGINT ? "SIGINT" : "SIGTERM",
             p->signals ? "cutting off what still runs"
                        : "no new clients; running statements may finish");
    workers_stop(&p->workers, p->signals++ ? 0 : GRACE);
}

static void sweep_log(void *owner)
{
    const millis gap = 10000;
    struct process *p = owner;

    log_tell_suppressed();
    alarm_set(&p->sweep, loop_now(&p->loop) + gap);
}

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

static void asked_to_reload(void *owner, int number)
{
    struct process *p = owner;
    struct error e;

    (void)number;
    reopen_logs(p);
    struct config *next = p->signals ? NULL : reload(p->workers.config);
    if (!next)
        return;
    follow_settings(&next->settings, &p->workers.config->settings);
    if (workers_reconfigure(&p->workers, next, &e)) {
        control_reconfigure(p->workers.control, next);
        check_certificates(p);
    } else {
        log_error(&who, "reload", "%s; the configuration stays as it was", e.text);
    }
    config_unref(next);
}

static void deliver_end(struct message *m, void *owner)
{
    struct process *p = owner;

    free(m);
    if (--p->workers_left == 0)
        loop_stop(&p->loop);
}

/* Runs in the worker's thread. */
static void worker_ended(void *owner)
{
    struct process *p = owner;
    struct message *m = memory_new(1, sizeof(*m));

    m->deliver = deliver_end;
    if (!mailbox_send(&p->mailbox, m))
        free(m);
}

/* Runs in the control thread. */
static void topology_published(void *owner, struct topology *t)
{
    workers_set_topology(owner, t);
}

static void announce(const struct config *c, size_t workers)
{
    static const char *const modes[] = {
        [TLS_OFF] = "off", [TLS_OPTIONAL] = "optional", [TLS_REQUIRED] = "required"};
    const struct tls_provider *tls = tls_provider_serving(c->settings.tls_provider);

    for (size_t i = 0; i < c->listener_count; i++)
        log_info(&who, "listen", "protocol=mysql address=%.*s:%u environment=%s tls=%s",
                 SHOW(c->listeners[i].host), c->listeners[i].port,
                 environment_name(c->listeners[i].environment), modes[c->listeners[i].tls.mode]);
    log_info(&who, "tls", "by %s: %s", tls->name, tls->versions);
    log_info(&who, "start", "starbind %s is ready: workers=%zu projects=%zu users=%zu",
             STARBIND_VERSION, workers, c->project_count, c->user_count);
}

/* After root is given up, so that a log that was moved away can be opened anew. */
static bool open_logs(struct process *p, const struct settings *settings, struct error *e)
{
    size_t limit = settings->audit_queue_bytes;

    return logging_apply(settings, NULL, e)
           && (!settings->audit_log.size
               || journal_open(&p->workers.audit, "audit log", settings->audit_log.data, limit, e))
           && (!settings->slow_log.size
               || journal_open(&p->workers.slow, "slow log", settings->slow_log.data, limit, e));
}

static void serve(struct process *p, struct config *config)
{
    signal_open(&p->terminate, &p->loop, SIGTERM, p, asked_to_stop);
    signal_open(&p->interrupt, &p->loop, SIGINT, p, asked_to_stop);
    signal_open(&p->hang_up, &p->loop, SIGHUP, p, asked_to_reload);
    p->workers_left = p->workers.count;
    p->workers.control = control_start(config, topology_published, &p->workers);
    workers_run(&p->workers);
    announce(config, p->workers.count);
    check_certificates(p);
    sweep_log(p);
    loop_run(&p->loop);
    control_stop(p->workers.control);
    usher_close(&p->usher);
    workers_join(&p->workers);
    journal_close(p->workers.audit);
    journal_close(p->workers.slow);
    signal_close(&p->terminate);
    signal_close(&p->interrupt);
    signal_close(&p->hang_up);
    alarm_close(&p->sweep, NULL);
    alarm_close(&p->daily, NULL);
    mailbox_close(&p->mailbox);
    loop_fini(&p->loop);
    log_info(&who, "stop", "done");
}

static int run(struct config *config)
{
    struct process p = {.workers = {.ended = worker_ended, .owner = &p}};
    struct error e;

    signal(SIGPIPE, SIG_IGN);
    process_take_files();
    loop_init(&p.loop, "main");
    mailbox_open(&p.mailbox, &p.loop, &p);
    alarm_init(&p.sweep, &p.loop, &p, sweep_log);
    alarm_init(&p.daily, &p.loop, &p, check_certificates);
    usher_open(&p.usher, &p.loop);
    p.workers.usher = &p.usher;
    if (!workers_open(&p.workers, config, &e) || !process_harden(config, &e)
        || !open_logs(&p, &config->settings, &e)) {
        fprintf(stderr, "starbind: %s\n", e.text);
        return 1;
    }
    serve(&p, config);
    return 0;
}

static struct config *load(const char *path)
{
    struct findings findings;

    findings_init(&findings);
    struct config *config = config_load(path, &findings);
    if (config && !config_can_run(config, &findings)) {
        config_unref(config);
        config = NULL;
    }
    findings_print(&findings, stderr);
    findings_fini(&findings);
    return config;
}

static int usage(void)
{
    fprintf(stderr, "usage: starbind run [-l error|warning|info|debug] -c FILE\n");
    return 2;
}

int run_command(int argc, char **argv)
{
    enum log_level level = LOG_INFO;
    const char *path = NULL;
    int option;

    while ((option = getopt(argc, argv, "c:l:")) != -1) {
        if (option == 'c')
            path = optarg;
        else if (option == 'l' && log_level_named(optarg, &level))
            logging_fix_level();
        else
            return usage();
    }
    if (!path || optind != argc)
        return usage();
    log_open(2, level);
    struct config *config = load(path);
    if (!config)
        return 1;
    int status = run(config);
    config_unref(config);
    return status;
}
