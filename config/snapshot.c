/* The snapshot's life, and the look-ups of those who hold one. */
#include "config/config_private.h"

#include "base/memory.h"
#include "base/must.h"

struct config *config_new(struct slice path)
{
    static _Atomic uint64_t generations; /* of the process: a counter, not state */
    struct config *c = memory_new(1, sizeof(*c));

    c->own = memory_new(1, sizeof(*c->own));
    arena_init(&c->own->arena, NULL);
    atomic_init(&c->own->references, 1);
    map_init(&c->project_names, MAP_NOCASE);
    map_init(&c->user_names, MAP_EXACT);
    c->path = arena_copy(&c->own->arena, path);
    c->generation = atomic_fetch_add(&generations, 1) + 1;
    return c;
}

struct config *config_ref(struct config *c)
{
    size_t before = atomic_fetch_add_explicit(&c->own->references, 1, memory_order_relaxed);

    must(before > 0);
    return c;
}

static void wipe_text(struct slice text)
{
    secret_wipe((char *)(uintptr_t)text.data, text.size);
}

static void wipe_hashes(const struct hashes *hashes)
{
    for (size_t i = 0; i < hashes->count; i++)
        wipe_text(hashes->at[i]);
}

static void wipe(struct config *c)
{
    for (size_t i = 0; i < c->listener_count; i++) {
        wipe_text(c->listeners[i].tls.key_pem);
        secret_fini(&c->listeners[i].token.secret);
    }
    for (size_t i = 0; i < c->cluster_count; i++) {
        wipe_text(c->clusters[i].tls.key_pem);
        secret_fini(&c->clusters[i].monitor.password);
        secret_fini(&c->clusters[i].metadata.password);
        secret_fini(&c->clusters[i].admin.password);
    }
    for (size_t i = 0; i < c->settings.token_key_count; i++)
        secret_fini(&c->settings.token_keys[i].secret);
    for (size_t i = 0; i < c->source_count; i++)
        secret_fini(&c->sources[i].account.password);
    for (size_t i = 0; i < c->user_count; i++) {
        wipe_hashes(&c->users[i].native);
        wipe_hashes(&c->users[i].sha2);
    }
}

static void fini(struct config *c)
{
    wipe(c);
    for (size_t i = 0; i < c->project_count; i++)
        map_fini(&c->projects[i].members);
    for (size_t i = 0; i < c->unlisted_count; i++)
        map_fini(&c->unlisted[i].members);
    for (size_t i = 0; i < c->cluster_count; i++)
        map_fini(&c->clusters[i].databases);
    map_fini(&c->project_names);
    map_fini(&c->user_names);
    arena_clear(&c->own->arena);
    free(c->own);
    free(c);
}

void config_unref(struct config *c)
{
    if (c && atomic_fetch_sub_explicit(&c->own->references, 1, memory_order_acq_rel) == 1)
        fini(c);
}

const struct project_name *config_find_project(const struct config *c, struct slice name)
{
    return map_find(&c->project_names, name);
}

const struct user *config_find_user(const struct config *c, struct slice name)
{
    return map_find(&c->user_names, name);
}

static struct slice group_of(const struct compute_source *source, struct slice priority)
{
    for (size_t i = 0; i < source->group_count; i++)
        if (slice_equal(source->groups[i].priority, priority))
            return source->groups[i].name;
    return (struct slice){0};
}

struct slice source_group(const struct compute_source *source, struct slice priority)
{
    struct slice group = group_of(source, priority);

    return group.size ? group : group_of(source, SLICE("default"));
}

bool source_allows_group(const struct compute_source *source, struct slice group)
{
    for (size_t i = 0; i < source->group_count; i++)
        if (slice_equal(source->groups[i].name, group))
            return true;
    for (size_t i = 0; i < source->allowed_groups.count; i++)
        if (slice_equal(source->allowed_groups.at[i], group))
            return true;
    return false;
}
