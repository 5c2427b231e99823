/* `starbind run`: load, start, serve until a signal, stop. */
#include <getopt.h>
#include <signal.h>

#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "config/config.h"
#include "proxy/catalog/catalog.h"
#include "proxy/catalog/ledger.h"
#include "proxy/commands.h"
#include "proxy/harden.h"
#include "proxy/journal/journal.h"
#include "proxy/life.h"
#include "proxy/logging.h"

static const struct log_context who = {.worker = "main"};

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
    struct process *p = owner;

    desks_set_topology(&p->desks, t);
    workers_set_topology(&p->workers, t);
}

static void announce(const struct config *c, size_t workers)
{
    static const char *const modes[] = {
        [TLS_OFF] = "off", [TLS_OPTIONAL] = "optional", [TLS_REQUIRED] = "required"};
    const struct tls_provider *tls = tls_provider_serving(c->settings.tls_provider);

    for (size_t i = 0; i < c->listener_count; i++)
        log_info(&who, "listen", "protocol=%s address=%.*s:%u environment=%s tls=%s",
                 listener_protocol_name(c->listeners[i].protocol), SHOW(c->listeners[i].host),
                 c->listeners[i].port, environment_name(c->listeners[i].environment),
                 modes[c->listeners[i].tls.mode]);
    log_info(&who, "tls", "by %s: %s", tls->name, tls->versions);
    log_info(&who, "start", "starbind %s is ready: workers=%zu projects=%zu users=%zu",
             STARBIND_VERSION, workers, c->project_count, c->user_count);
}

/* After root is given up, so that a log that was moved away can be opened anew, and the files are
 * its own. */
static bool open_files(struct process *p, const struct settings *settings, struct error *e)
{
    size_t limit = settings->audit_queue_bytes;

    return logging_apply(settings, NULL, e)
           && (!settings->audit_log.size
               || journal_open(&p->workers.audit, "audit log", settings->audit_log.data, limit, e))
           && (!settings->state_folder.size
               || ledger_open(&p->workers.ledger, settings->state_folder.data, e))
           && (!settings->slow_log.size
               || journal_open(&p->workers.slow, "slow log", settings->slow_log.data, limit, e));
}

static void serve(struct process *p, struct config *config)
{
    p->workers_left = p->workers.count;
    p->workers.control = control_start(config, p->workers.ledger, topology_published, p);
    workers_run(&p->workers);
    desks_run(&p->desks);
    announce(config, p->workers.count);
    life_serve(p);
    loop_run(&p->loop);
    control_stop(p->workers.control);
    usher_close(&p->usher);
    desks_stop(&p->desks);
    workers_join(&p->workers);
    journal_close(p->workers.audit);
    journal_close(p->workers.slow);
    ledger_close(p->workers.ledger);
    life_end(p);
    mailbox_close(&p->mailbox);
    loop_fini(&p->loop);
    log_info(&who, "stop", "done");
}

static int run(struct config *config, struct legacy *legacy)
{
    struct process p = {.legacy = *legacy, .workers = {.ended = worker_ended, .owner = &p}};
    struct error e;

    signal(SIGPIPE, SIG_IGN);
    process_take_files();
    loop_init(&p.loop, "main");
    mailbox_open(&p.mailbox, &p.loop, &p);
    life_begin(&p);
    usher_open(&p.usher, &p.loop);
    p.workers.usher = &p.usher;
    p.desks.mailbox = &p.mailbox;
    p.workers.census.last_id = legacy->last_session;
    if (!workers_open(&p.workers, config, &p.legacy.sockets, &e)
        || !desks_open(&p.desks, &p.workers, &p.loop.metrics, &p.legacy.sockets, &e)
        || !process_harden(config, &e) || !open_files(&p, &config->settings, &e)) {
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
    struct legacy legacy;
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
    legacy_take(&legacy);
    upgrade_prepare(argc, argv);
    log_open(2, level);
    struct config *config = load(path);
    if (!config) {
        inherited_close(&legacy.sockets);
        return 1;
    }
    int status = run(config, &legacy);
    config_unref(config);
    return status;
}
