#include "proxy/session/shelf.h"

#include "proxy/session/session_private.h"

#include "base/map.h"
#include "base/memory.h"
#include "base/must.h"

enum { TOLD_MAX = 1024 };

/* What a plan is made from. All texts lie in the arena of a kept one. */
struct key {
    uint64_t hash;
    const struct user *user; /* of the configuration that the shelf is for */
    enum environment listener;
    bool multi_statements, pipes_as_concat, has_autocommit;
    struct slice text, selection, priority, resource_group;
};

struct kept {
    struct arena arena; /* all of it, this too */
    struct key key;
    struct plan plan;
    struct slice told; /* what the logs say of it; empty: nobody has asked yet */
    unsigned uses;     /* sessions that have it for their plan */
    bool is_gone;      /* not on the shelf any more */
};

static uint64_t hash_of(struct prepared *p)
{
    if (!p->hash)
        p->hash = map_hash(p->text, MAP_EXACT) ^ map_hash(p->selection, MAP_EXACT) << 1;
    return p->hash;
}

static struct key key_of(const struct session *s)
{
    return (struct key){.hash = hash_of(s->prepared),
                        .user = s->user,
                        .listener = s->listener,
                        .multi_statements = s->capabilities & CAPABILITY_MULTI_STATEMENTS,
                        .pipes_as_concat = s->pipes_as_concat,
                        .has_autocommit = s->has_autocommit,
                        .text = s->prepared->text,
                        .selection = s->prepared->selection,
                        .priority = slice_of(s->priority),
                        .resource_group = slice_of(s->resource_group)};
}

static bool is_equal(const struct key *a, const struct key *b)
{
    return a->hash == b->hash && a->user == b->user && a->listener == b->listener
           && a->multi_statements == b->multi_statements && a->pipes_as_concat == b->pipes_as_concat
           && a->has_autocommit == b->has_autocommit && slice_equal(a->text, b->text)
           && slice_equal(a->selection, b->selection) && slice_equal(a->priority, b->priority)
           && slice_equal(a->resource_group, b->resource_group);
}

/* A session of an earlier configuration plans by itself, as does one with rights of its own. */
static bool is_served(const struct session *s)
{
    return s->command == COMMAND_STMT_EXECUTE && !s->prepared->is_bound_here && !s->narrowed
           && s->snapshot == s->all->snapshot;
}

static struct kept **set_of(struct session *s, uint64_t hash)
{
    return s->all->shelf.at[hash % SHELF_SETS];
}

static void kept_free(struct kept *k)
{
    struct arena arena = k->arena; /* it holds k */

    arena_clear(&arena);
}

static void take_down(struct kept *k)
{
    k->is_gone = true;
    if (!k->uses)
        kept_free(k);
}

bool shelf_find(struct session *s)
{
    struct kept **set;
    struct key key;

    shelf_leave(s); /* it may have waited for a place, and is planned anew */
    if (!is_served(s))
        return false;
    key = key_of(s);
    set = set_of(s, key.hash);
    for (unsigned i = 0; i < SHELF_WAYS && set[i]; i++) {
        if (!is_equal(&set[i]->key, &key))
            continue;
        s->kept = set[i];
        s->kept->uses++;
        s->plan = arena_alloc(&s->arena, sizeof(*s->plan)); /* the session's to change */
        *s->plan = s->kept->plan;
        metric_add(&s->all->loop->metrics, METRIC_plans_reused, 1);
        return true;
    }
    return false;
}

/* Nothing but the key decides what becomes of it. */
static bool is_impersonal(const struct plan *p)
{
    const struct plan_step *step = &p->steps[0];

    return p->decision == PLAN_FORWARD && p->step_count == 1 && !step->set_count
           && !step->information && !p->is_personal && !step->statement->has_user_variable
           && !step->statement->has_system_variable;
}

static struct kept *kept_new(const struct session *s, const struct plan_context *here)
{
    struct key key = key_of(s);
    struct arena arena;
    struct kept *k;
    struct error e;
    bool ok;

    arena_init(&arena, &s->all->loop->arenas);
    k = arena_alloc(&arena, sizeof(*k));
    key.text = arena_copy(&arena, key.text);
    key.selection = arena_copy(&arena, key.selection);
    key.priority = arena_copy(&arena, key.priority);
    key.resource_group = arena_copy(&arena, key.resource_group);
    struct plan_context context = *here; /* with nothing of the session's own */
    context.priority = key.priority;
    context.resource_group = key.resource_group;
    ok = plan_select(here->config, here->user, here->listener, key.selection, &context.at, &e)
         && plan_make(&k->plan, &context, key.text, &arena, &e);
    k->key = key;
    k->arena = arena;
    k->plan.digest = s->plan->digest;
    k->plan.masked = arena_copy(&k->arena, s->plan->masked);
    k->plan.masked_is_plain = s->plan->masked_is_plain;
    if (ok && is_impersonal(&k->plan))
        return k;
    kept_free(k);
    return NULL;
}

static void put_up(struct kept **set, struct kept *k)
{
    if (set[SHELF_WAYS - 1])
        take_down(set[SHELF_WAYS - 1]);
    memmove(set + 1, set, (SHELF_WAYS - 1) * sizeof(*set));
    set[0] = k;
}

void shelf_offer(struct session *s, const struct plan_context *here)
{
    struct kept *k;

    if (!is_served(s) || !is_impersonal(s->plan) || s->arena.used > ARENA_BLOCK / 2)
        return;
    if (!s->prepared->is_tried) { /* what is executed once is not worth it */
        s->prepared->is_tried = true;
        return;
    }
    record_know(s->plan, &here->config->settings, &s->arena);
    k = s->plan->masked.size <= ARENA_BLOCK / 2 ? kept_new(s, here) : NULL;
    if (k)
        put_up(set_of(s, k->key.hash), k);
}

/* A pinned connection may have moved the statement to another source. */
static bool is_as_kept(const struct session *s)
{
    return s->kept && s->plan->source == s->kept->plan.source
           && s->plan->read.tokens == s->kept->plan.read.tokens;
}

struct slice shelf_told(const struct session *s)
{
    return is_as_kept(s) ? s->kept->told : (struct slice){0};
}

void shelf_tell(struct session *s, struct slice told)
{
    if (is_as_kept(s) && told.size <= TOLD_MAX)
        s->kept->told = arena_copy(&s->kept->arena, told);
}

void shelf_leave(struct session *s)
{
    struct kept *k = s->kept;

    s->kept = NULL;
    if (!k)
        return;
    must(k->uses);
    if (--k->uses == 0 && k->is_gone)
        kept_free(k);
}

void shelf_clear(struct shelf *shelf)
{
    for (unsigned i = 0; i < SHELF_SETS; i++)
        for (unsigned k = 0; k < SHELF_WAYS; k++) {
            if (shelf->at[i][k])
                take_down(shelf->at[i][k]);
            shelf->at[i][k] = NULL;
        }
}
