#include "proxy/expiry.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/memory.h"
#include "config/config.h"
#include "proxy/net/contexts.h"

enum { DAY = 86400, NOTICE = 30 * DAY };

static const struct log_context who = {.worker = "main"};

struct dated {
    char whose[128];
    uint64_t expires;
};

static void note(struct expiry *e, const struct tls_context *context, const char *kind,
                 struct slice name, unsigned port)
{
    struct dated *d = &e->at[e->count];

    if (!context || !context->expires)
        return;
    d->expires = context->expires;
    snprintf(d->whose, sizeof(d->whose), port ? "%s=%.*s:%u" : "%s=%.*s", kind, SHOW(name), port);
    e->count++;
}

void expiry_note(struct expiry *e, const struct config *c, const struct contexts *contexts)
{
    expiry_fini(e);
    e->at = memory_new(c->listener_count + c->cluster_count, sizeof(*e->at));
    for (size_t i = 0; i < c->listener_count; i++)
        note(e, contexts->listeners[i], "listener", c->listeners[i].host, c->listeners[i].port);
    for (size_t i = 0; i < c->cluster_count; i++)
        note(e, contexts->clusters[i], "cluster", c->clusters[i].name, 0);
}

static void tell(const struct dated *d, uint64_t now)
{
    if (d->expires < now)
        log_error(&who, "certificate",
                  "%s: the certificate has expired; put another in its place and send SIGHUP",
                  d->whose);
    else if (d->expires - now < NOTICE)
        log_warning(&who, "certificate",
                    "%s: the certificate expires in %llu days; put another in its place and send "
                    "SIGHUP",
                    d->whose, (unsigned long long)((d->expires - now) / DAY));
}

uint64_t expiry_check(const struct expiry *e, uint64_t now)
{
    uint64_t first = 0;

    for (size_t i = 0; i < e->count; i++) {
        tell(&e->at[i], now);
        if (first == 0 || e->at[i].expires < first)
            first = e->at[i].expires;
    }
    return first;
}

void expiry_fini(struct expiry *e)
{
    free(e->at);
    *e = (struct expiry){0};
}
