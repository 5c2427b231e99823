/* Frontends that fail under live traffic, not only under probes, are left out by all workers for a
 * time that grows with each time in a row (traffic.c): at once when a dial or a login gets no
 * further, after a few statements in a row whose connections broke. */
#include "proxy/backend/backend_private.h"

#include "base/log.h"

static void tell(const struct backend *b, const char *why)
{
    const struct endpoint *at = backend_endpoint(b);
    struct log_context who = {.worker = b->server.loop->name};

    metric_add(&b->server.loop->metrics, METRIC_frontends_ejected, 1);
    log_warning(&who, "backend", "frontend=%.*s:%u is left out for a while: %s", SHOW(at->host),
                at->port, why);
}

void eject_unreached(struct backend *b)
{
    millis now = loop_now(b->server.loop);

    if (traffic_leave_out(b->route->traffic, now, pool_routes(b->pool)->ejection))
        tell(b, "connections are not served");
}

void backend_broke(struct backend *b)
{
    millis now = loop_now(b->server.loop);

    if (traffic_broke(b->route->traffic, now, pool_routes(b->pool)->ejection))
        tell(b, "connections broke under statements");
    if (b->pool->pools->hurry && !b->pool->held)
        b->pool->pools->hurry(b->pool->pools->owner, b->pool->source->cluster->index);
}

void backend_answered(struct backend *b)
{
    traffic_answered(b->route->traffic);
}
