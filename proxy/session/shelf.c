#include "proxy/session/shelf.h"

#include "proxy/session/session_private.h"

#include "base/map.h"
#include "base/memory.h"
#include "base/mix.h"
#include "base/must.h"

enum { TOLD_MAX = 1024 };

/* What a plan is made from. All texts lie in the arena of a kept one. */
struct key {
    enum mysql_command command;
    const struct user *user; /* of the configuration that the shelf is for, as the project is */
    enum environment listener;
    bool multi_statements, pipes_as_concat, has_autocommit;
    struct selection at;    /* of a query */
    struct slice selection; /* of an EXECUTE: the name at its PREPARE */
    struct slice text, priority, resource_group;
};

struct kept {
    struct arena arena; /* all of it, this too */
    struct key key;
    struct plan plan;
    struct slice told;     /* what the logs say of it; empty: nobody has asked yet */
    struct learnt *learnt; /* a reference: by whose columns it was made; NULL: by none */
    unsigned uses;         /* sessions that have it for their plan */
    bool is_gone;          /* not on the shelf any more */
};

/* ---- marks ---- */

/* What is equal has equal marks; what differs mostly has others. Whoever found out how to make two
 * texts of one mark would but take his own plans off the shelf. */
static uint64_t mark_of(struct session *s)
{
    struct shelf *shelf = &s->all->shelf;
    uint64_t mark;

    if (!shelf->secret)
        shelf->secret = map_hash(SLICE("shelf"), MAP_EXACT) | 1;
    if (s->command == COMMAND_QUERY) {
        mark = mix(mix_bytes(shelf->secret, s->text), (uintptr_t)s->at.project ^ s->at.environment);
    } else {
        if (!s->prepared->mark)
            s->prepared->mark =
                mix_bytes(mix_bytes(shelf->secret, s->prepared->selection), s->prepared->text) | 1;
        mark = s->prepared->mark;
    }
    return mix(mark, (uintptr_t)s->user) | 1;
}

/* Did it come before? Of two that share a place the later one is remembered. */
static bool is_seen(struct session *s, uint64_t mark)
{
    uint32_t *place = &s->all->shelf.seen[(mark >> 32) % SHELF_SEEN];
    bool is_same = *place == (uint32_t)mark, is_tried;

    if (s->command == COMMAND_QUERY) {
        *place = (uint32_t)mark;
        return is_same;
    }
    is_tried = s->prepared->is_tried;
    s->prepared->is_tried = true;
    return is_tried;
}

/* ---- keys ---- */

static struct key key_of(const struct session *s)
{
    struct key key = {.command = s->command,
                      .user = s->user,
                      .listener = s->listener,
                      .multi_statements = s->capabilities & CAPABILITY_MULTI_STATEMENTS,
                      .pipes_as_concat = s->pipes_as_concat,
                      .has_autocommit = s->has_autocommit,
                      .text = s->text,
                      .priority = slice_of(s->priority),
                      .resource_group = slice_of(s->resource_group)};

    if (s->command == COMMAND_QUERY)
        key.at = s->at;
    else
        key.selection = s->prepared->selection;
    return key;
}

static bool is_selection(const struct selection *a, const struct selection *b)
{
    return a->project == b->project && a->environment == b->environment
           && slice_equal(a->schema, b->schema);
}

static bool is_equal(const struct key *a, const struct key *b)
{
    return a->command == b->command && a->user == b->user && a->listener == b->listener
           && a->multi_statements == b->multi_statements && a->pipes_as_concat == b->pipes_as_concat
           && a->has_autocommit == b->has_autocommit && slice_equal(a->text, b->text)
           && is_selection(&a->at, &b->at) && slice_equal(a->selection, b->selection)
           && slice_equal(a->priority, b->priority)
           && slice_equal(a->resource_group, b->resource_group);
}

/* A session of an earlier configuration plans by itself, as does one with rights of its own. */
static bool is_served(const struct session *s)
{
    bool is_execute = s->command == COMMAND_STMT_EXECUTE && !s->prepared->is_bound_here;

    return (is_execute || (s->command == COMMAND_QUERY && !s->executed.data)) && !s->narrowed
           && s->snapshot == s->all->snapshot;
}

/* ---- the shelf ---- */

static struct shelved *set_of(struct session *s, uint64_t mark)
{
    return s->all->shelf.at[(mark >> 1) % SHELF_SETS];
}

static void kept_free(struct kept *k)
{
    struct arena arena = k->arena; /* it holds k */

    learnt_unref(k->learnt);
    arena_clear(&arena);
}

static void take_down(struct kept *k)
{
    k->is_gone = true;
    if (!k->uses)
        kept_free(k);
}

/* The cluster whose columns a plan was made by, as it is now; NULL: none. */
static struct learnt *learnt_for(const struct session *s, const struct plan *p)
{
    const struct cluster *cluster = p->steps[0].information;

    return cluster ? pools_learnt(s->all->pools, cluster) : NULL;
}

/* The first place of its set is for what was asked for last. */
static void put_first(struct shelved *set, unsigned from, struct shelved it)
{
    memmove(set + 1, set, from * sizeof(*set));
    set[0] = it;
}

/* It will never hold again. */
static void take_out(struct shelved *set, unsigned at)
{
    take_down(set[at].plan);
    memmove(set + at, set + at + 1, (SHELF_WAYS - 1 - at) * sizeof(*set));
    set[SHELF_WAYS - 1] = (struct shelved){0};
}

/* A copy of the plan is the session's to change. */
static void use(struct session *s, struct kept *k)
{
    s->kept = k;
    k->uses++;
    s->plan = arena_alloc(&s->arena, sizeof(*s->plan));
    *s->plan = k->plan;
    metric_add(&s->all->loop->metrics, METRIC_plans_reused, 1);
}

bool shelf_find(struct session *s, uint64_t *mark)
{
    struct shelved *set;
    struct key key;

    shelf_leave(s); /* it may have waited for a place, and is planned anew */
    *mark = is_served(s) ? mark_of(s) : 0;
    if (!*mark)
        return false;
    set = set_of(s, *mark);
    for (unsigned i = 0; i < SHELF_WAYS && set[i].plan; i++) {
        struct shelved it = set[i];

        if (it.mark != *mark)
            continue;
        key = key_of(s);
        if (!is_equal(&it.plan->key, &key))
            continue;
        if (it.plan->learnt != learnt_for(s, &it.plan->plan)) {
            take_out(set, i);
            return false;
        }
        put_first(set, i, it);
        use(s, it.plan);
        return true;
    }
    return false;
}

static bool names_table(const struct plan *p)
{
    for (size_t i = 0; i < p->reference_count; i++)
        if (p->references[i].binding || p->references[i].derived)
            return true;
    return false;
}

/* Nothing but the key, and the columns of information_schema, decides what becomes of it. A query
 * without a table may be one that is answered here as soon as its cluster has told its variables.
 */
static bool is_impersonal(const struct session *s, const struct plan *p)
{
    const struct plan_step *step = &p->steps[0];

    return p->decision == PLAN_FORWARD && p->step_count == 1 && !step->set_count && !p->is_guess
           && !p->is_personal && !step->statement->has_user_variable
           && !step->statement->has_system_variable
           && (s->command == COMMAND_STMT_EXECUTE || names_table(p));
}

/* The session as far as the key tells of it. */
static bool context_of(const struct session *s, const struct key *key, struct plan_context *here)
{
    struct error e;

    *here = plan_context_of(s, &key->at);
    here->priority = key->priority;
    here->resource_group = key->resource_group;
    here->connection_id = 0;
    here->address = (struct slice){0};
    here->variable = NULL;
    here->variables = NULL;
    here->presets = NULL;
    return key->command == COMMAND_QUERY
           || plan_select(here->config, here->user, here->listener, key->selection, &here->at, &e);
}

static struct kept *kept_new(const struct session *s)
{
    struct key key = key_of(s);
    struct plan_context here;
    struct arena arena;
    struct kept *k;
    struct error e;

    arena_init(&arena, &s->all->loop->arenas);
    k = arena_alloc(&arena, sizeof(*k));
    key.text = arena_copy(&arena, key.text);
    key.at.schema = arena_copy(&arena, key.at.schema);
    key.selection = arena_copy(&arena, key.selection);
    key.priority = arena_copy(&arena, key.priority);
    key.resource_group = arena_copy(&arena, key.resource_group);
    bool is_good = context_of(s, &key, &here) && plan_make(&k->plan, &here, key.text, &arena, &e)
                   && is_impersonal(s, &k->plan);
    k->key = key;
    k->arena = arena;
    k->learnt = is_good ? learnt_ref(learnt_for(s, &k->plan)) : NULL;
    k->plan.digest = s->plan->digest;
    k->plan.masked = arena_copy(&k->arena, s->plan->masked);
    k->plan.masked_is_plain = s->plan->masked_is_plain;
    if (is_good)
        return k;
    kept_free(k);
    return NULL;
}

void shelf_offer(struct session *s, uint64_t mark)
{
    struct shelved *set = set_of(s, mark);
    struct kept *k;

    if (!mark || !is_impersonal(s, s->plan) || s->arena.used > ARENA_BLOCK || !is_seen(s, mark))
        return;
    record_know(s);
    k = s->arena.used + s->plan->masked.size <= ARENA_BLOCK ? kept_new(s) : NULL;
    if (!k)
        return;
    if (set[SHELF_WAYS - 1].plan)
        take_down(set[SHELF_WAYS - 1].plan);
    put_first(set, SHELF_WAYS - 1, (struct shelved){mark, k});
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
        for (unsigned way = 0; way < SHELF_WAYS; way++) {
            if (shelf->at[i][way].plan)
                take_down(shelf->at[i][way].plan);
            shelf->at[i][way] = (struct shelved){0};
        }
}
