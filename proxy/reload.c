#include "proxy/reload.h"

#include "base/log.h"

static const struct log_context who = {.worker = "main"};

static void report(const struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *f = &findings->at[i];
        log_line(f->is_error ? LOG_ERROR : LOG_WARNING, &who, "reload", "%.*s:%u: %.*s: %.*s",
                 SHOW(f->file), f->line, SHOW(f->path), SHOW(f->text));
    }
}

static bool listens_alike(const struct config *a, const struct config *b)
{
    if (a->listener_count != b->listener_count)
        return false;
    for (size_t i = 0; i < a->listener_count; i++) {
        const struct listener *x = &a->listeners[i], *y = &b->listeners[i];
        bool same_port = x->port == y->port || y->port == 0; /* 0: any free one, as at the start */
        if (x->protocol != y->protocol || !slice_equal(x->host, y->host) || !same_port
            || x->environment != y->environment)
            return false;
    }
    return true;
}

/* Settings whose row says RESTART, and the listeners, are fixed for the life of the process. */
static bool needs_no_restart(const struct config *current, const struct config *next)
{
    const char *what = NULL;

    if (!listens_alike(current, next))
        what = "listeners";
    else if (current->settings.workers != next->settings.workers)
        what = "settings.workers";
    else if (!slice_equal(current->settings.tls_provider, next->settings.tls_provider))
        what = "settings.tls_provider";
    if (what)
        log_error(&who, "reload",
                  "%s has changed, which needs a restart, or an upgrade in place (SIGUSR2)", what);
    return !what;
}

/* What is opened once: the rest of the new configuration holds all the same. */
static void tell_of_paths(const struct settings *current, const struct settings *next)
{
    const struct {
        const char *name;
        struct slice current, next;
    } paths[] = {
        {"audit_log", current->audit_log, next->audit_log},
        {"slow_log", current->slow_log, next->slow_log},
        {"state_folder", current->state_folder, next->state_folder},
    };

    for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
        if (!slice_equal(paths[i].current, paths[i].next))
            log_warning(&who, "reload",
                        "settings.%s has changed, which holds after a restart, or an upgrade in "
                        "place (SIGUSR2)",
                        paths[i].name);
}

struct config *reload(const struct config *current)
{
    struct findings findings;

    findings_init(&findings);
    struct config *next = config_load(current->path.data, &findings);
    bool good = next && config_can_run(next, &findings);
    report(&findings);
    findings_fini(&findings);
    if (good && needs_no_restart(current, next)) {
        tell_of_paths(&current->settings, &next->settings);
        return next;
    }
    log_error(&who, "reload", "the configuration stays as it was");
    config_unref(next);
    return NULL;
}
