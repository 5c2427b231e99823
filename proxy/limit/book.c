/* The tallies by name, and a configuration's by index. */
#include "proxy/limit/limit.h"

#include "base/memory.h"

static void set_limits(struct tally *t, const struct limits *l)
{
    atomic_store(&t->max_connections, l->max_connections);
    atomic_store(&t->max_concurrent_queries, l->max_concurrent_queries);
    atomic_store(&t->max_queued, l->max_queued);
    atomic_store(&t->max_query_seconds, l->max_query_seconds);
}

static struct tally *find(struct tally_book *b, enum limit_level level, struct slice name)
{
    struct tally *t = map_find(&b->names[level], name);

    if (t)
        return t;
    t = memory_new(1, sizeof(*t));
    t->level = level;
    t->name = memory_copy(name);
    map_put(&b->names[level], slice_of(t->name), t);
    return t;
}

/* Names that this configuration does not have. */
static void lift_others(struct tally_book *b, uint64_t generation)
{
    static const struct limits none;
    const struct map_entry *entry;

    for (unsigned level = 0; level < LIMIT_LEVELS; level++)
        for (size_t at = 0; (entry = map_next(&b->names[level], &at));) {
            struct tally *t = entry->value;
            if (t->generation != generation)
                set_limits(t, &none);
        }
}

void tally_book_init(struct tally_book *b)
{
    for (unsigned level = 0; level < LIMIT_LEVELS; level++)
        map_init(&b->names[level], MAP_EXACT);
}

/* The array of one level: every object has a name and limits. */
#define OPEN(level, objects, count)                                                                \
    do {                                                                                           \
        t->at[level] = memory_new(count, sizeof(*t->at[level]));                                   \
        for (size_t i = 0; i < (count); i++) {                                                     \
            t->at[level][i] = find(b, level, (objects)[i].name);                                   \
            t->at[level][i]->generation = c->generation;                                           \
            set_limits(t->at[level][i], &(objects)[i].limits);                                     \
        }                                                                                          \
    } while (0)

struct tallies *tally_book_open(struct tally_book *b, const struct config *c)
{
    struct tallies *t = memory_new(1, sizeof(*t));

    atomic_init(&t->references, 1);
    OPEN(LIMIT_USER, c->users, c->user_count);
    OPEN(LIMIT_PROJECT, c->projects, c->project_count);
    OPEN(LIMIT_SOURCE, c->sources, c->source_count);
    OPEN(LIMIT_CLUSTER, c->clusters, c->cluster_count);
    lift_others(b, c->generation);
    return t;
}

void tally_book_fini(struct tally_book *b)
{
    const struct map_entry *entry;

    for (unsigned level = 0; level < LIMIT_LEVELS; level++) {
        for (size_t at = 0; (entry = map_next(&b->names[level], &at));) {
            struct tally *t = entry->value;
            free(t->name);
            free(t);
        }
        map_fini(&b->names[level]);
    }
}

struct tallies *tallies_ref(struct tallies *t)
{
    atomic_fetch_add_explicit(&t->references, 1, memory_order_relaxed);
    return t;
}

void tallies_unref(struct tallies *t)
{
    if (!t || atomic_fetch_sub_explicit(&t->references, 1, memory_order_acq_rel) != 1)
        return;
    for (unsigned level = 0; level < LIMIT_LEVELS; level++)
        free(t->at[level]);
    free(t);
}
