/* The frontends of all clusters of a worker, taken from topology to topology and from configuration
 * to configuration. */
#include "proxy/backend/backend_private.h"

#include "base/memory.h"

void routes_refresh(struct pools *p)
{
    for (size_t i = 0; i < p->config->cluster_count; i++) {
        p->routes[i].ejection = p->config->settings.ejection_ms;
        p->routes[i].slow_start = p->config->settings.slow_start_ms;
        routes_learn(&p->routes[i], &p->topology->clusters[i], loop_now(p->loop));
    }
}

static struct routes *routes_new(struct pools *p, const struct config *c)
{
    struct routes *made = memory_new(c->cluster_count, sizeof(*made));

    for (size_t i = 0; i < c->cluster_count; i++)
        routes_init(&made[i], &p->route_ids);
    return made;
}

void routes_open(struct pools *p)
{
    p->routes = routes_new(p, p->config);
    p->nowhere = memory_new(1, sizeof(*p->nowhere));
    routes_init(p->nowhere, &p->route_ids);
    routes_refresh(p);
}

static void drop_all(struct pools *p)
{
    for (size_t i = 0; i < p->config->cluster_count; i++)
        routes_fini(&p->routes[i]);
    free(p->routes);
}

void routes_close(struct pools *p)
{
    drop_all(p);
    free(p->nowhere);
}

void routes_carry(struct pools *p, const struct config *c)
{
    struct routes *after = routes_new(p, c);
    struct map names;

    map_init(&names, MAP_EXACT);
    for (size_t i = 0; i < p->config->cluster_count; i++)
        map_put(&names, p->config->clusters[i].name, &p->config->clusters[i]);
    for (size_t i = 0; i < c->cluster_count; i++) {
        const struct cluster *same = map_find(&names, c->clusters[i].name);
        if (same && cluster_is_same(same, &c->clusters[i]))
            routes_move(&after[i], &p->routes[same->index]);
    }
    map_fini(&names);
    drop_all(p);
    p->routes = after;
}
