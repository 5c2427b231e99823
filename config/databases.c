/* Which physical databases of a cluster are whose, looked up for the names in a frontend's replies.
 * Made when the model is whole. */
#include "config/config_private.h"

static void name_sides(struct load *l, struct project *p)
{
    p->names[PROD] = p->name;
    p->names[DEV] = p->is_shared ? p->name : arena_print(l->arena, "%.*s_dev", SHOW(p->name));
}

static struct database *enter(struct load *l, const struct cluster *cluster, struct slice name)
{
    struct map *databases = &l->config->clusters[cluster->index].databases;
    struct database *d = map_find(databases, name);

    if (d || !name.size)
        return d;
    d = arena_alloc(l->arena, sizeof(*d));
    map_put(databases, name, d);
    return d;
}

/* In front of those that were entered before it. */
static void own(struct load *l, struct database *d, const struct project *p,
                enum environment environment)
{
    struct database_side *side;

    if (!d)
        return;
    side = arena_alloc(l->arena, sizeof(*side));
    *side = (struct database_side){p, environment, d->sides};
    d->sides = side;
}

static void own_side(struct load *l, const struct project *p, enum environment environment)
{
    const struct compute_source *source = p->sides[environment];

    if (!source)
        return;
    own(l, enter(l, source->cluster, source->database), p, environment);
    for (size_t i = 0; i < source->databases.count; i++)
        own(l, enter(l, source->cluster, source->databases.at[i]), p, environment);
}

void databases_index(struct load *l)
{
    struct config *c = l->config;

    for (size_t i = 0; i < c->cluster_count; i++)
        map_init(&c->clusters[i].databases, MAP_EXACT);
    for (size_t i = 0; i < c->source_count; i++) {
        const struct compute_source *source = &c->sources[i];
        enter(l, source->cluster, source->database);
        for (size_t k = 0; k < source->databases.count; k++)
            enter(l, source->cluster, source->databases.at[k]);
    }
    for (size_t i = c->project_count; i-- > 0;) {
        name_sides(l, &c->projects[i]);
        for (unsigned e = ENVIRONMENTS; e-- > 0;)
            own_side(l, &c->projects[i], (enum environment)e);
    }
}

const struct database *cluster_database(const struct cluster *cluster, struct slice name)
{
    return map_find(&cluster->databases, name);
}
