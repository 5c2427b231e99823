/* The connections in a session's hands. */
#include "proxy/session/session_private.h"

#include "base/memory.h"
#include "base/must.h"
#include "base/slab.h"

static struct lease *lease_of(const struct session *s, const struct backend *b)
{
    list_each(&s->leases, struct lease, link, lease)
    {
        if (lease->backend == b)
            return lease;
    }
    return NULL;
}

struct backend *lease_find(const struct session *s, const struct compute_source *source)
{
    list_each(&s->leases, struct lease, link, lease)
    {
        if (backend_source(lease->backend) == source)
            return lease->backend;
    }
    return NULL;
}

bool lease_is_replaceable(const struct session *s, const struct backend *b)
{
    const struct pin *pin = pin_find(s, lease_of(s, b));

    return !pin || pin->is_kept_only;
}

void lease_add(struct session *s, struct backend *b)
{
    struct lease *lease = slab_take(&s->all->leases);

    lease->backend = b;
    link_init(&lease->link);
    list_push_back(&s->leases, &lease->link);
}

/* Takes it out of the session's hands. */
static struct backend *let_go(struct session *s, struct lease *lease)
{
    struct backend *b = lease->backend;

    if (b == s->backend)
        s->backend = NULL;
    list_remove(&s->leases, &lease->link);
    if (lease->temporary.count || lease->has_baselines)
        backend_spoil(b); /* they go with the connection, and with nothing else */
    state_clear(&lease->temporary);
    free((char *)(uintptr_t)lease->statement.data);
    slab_put(&s->all->leases, lease);
    return b;
}

/* With a transaction open on it, or BEGIN under way. */
static bool roll_back(struct session *s, struct lease *lease)
{
    struct backend *b = lease->backend;
    bool is_busy = b == s->backend;
    const struct follow *rest = is_busy ? align_in_transaction(s) : NULL;

    if (b == s->transaction_backend) {
        s->transaction_backend = NULL;
        s->transaction = TRANSACTION_NONE;
        if (!rest && is_busy && s->was_sent)
            rest = s->follow;
    } else if (!rest) {
        return false;
    }
    pool_roll_back(let_go(s, lease), rest);
    return true;
}

void lease_drop(struct session *s, struct backend *b)
{
    struct lease *lease = lease_of(s, b);

    must(lease);
    if (b == s->transaction_backend) {
        s->transaction_backend = NULL;
        s->transaction = TRANSACTION_NONE;
    }
    pool_discard(let_go(s, lease));
}

void lease_give_up(struct session *s, struct backend *b)
{
    struct lease *lease = lease_of(s, b);

    must(lease);
    if (!roll_back(s, lease))
        lease_drop(s, b);
}

static void keep(struct session *s, struct lease *lease, const struct pin *pin)
{
    if (!lease->pin) {
        lease->pinned_at = loop_now(s->all->loop);
        lease->statement = slice_head(s->text, text_short_size(s->text));
        lease->statement.data = memory_copy(lease->statement);
    }
    lease->pin = pin;
}

/* The tables that the text makes or drops, by their real names. */
static void note_tables(struct session *s, struct lease *lease, bool is_made)
{
    const struct plan *p = s->plan;

    for (size_t i = 0; i < p->reference_count; i++) {
        const struct plan_reference *r = &p->references[i];
        if (!r->binding || !r->reference->is_target)
            continue;
        struct slice table = r->reference->parts[r->reference->count - 1].value;
        struct slice name =
            arena_print(&s->arena, "%.*s.%.*s", SHOW(r->binding->database), SHOW(table));
        if (!is_made)
            state_drop(&lease->temporary, false, name);
        else if (!state_put(&lease->temporary, false, name, SLICE("")))
            backend_spoil(lease->backend);
    }
}

/* Of several statements in a text the first ones may have run when a later one failed. */
void lease_note(struct session *s)
{
    struct lease *lease = lease_of(s, s->backend);
    const struct plan *p = s->plan;

    if (s->command == COMMAND_STMT_PREPARE || (s->follow->failed && p->step_count == 1))
        return;
    for (size_t i = 0; i < p->step_count; i++) {
        const struct sql_statement *statement = p->steps[i].statement;
        if (statement->rule == RULE_createBaselinePlanStatement)
            lease->has_baselines = true;
        else if (statement->rule == RULE_dropTableStatement && !s->follow->failed)
            note_tables(s, lease, false);
        else if (statement->is_temporary && statement->rule != RULE_dropTableStatement)
            note_tables(s, lease, true);
    }
}

void leases_settle(struct session *s)
{
    list_each(&s->leases, struct lease, link, lease)
    {
        const struct pin *pin = pin_find(s, lease);
        if (pin)
            keep(s, lease, pin);
        else
            pool_return(let_go(s, lease));
    }
}

/* The connection of the statement at hand is in the middle of an exchange. */
void leases_return(struct session *s)
{
    if (s->granted) {
        pool_return(s->granted);
        s->granted = NULL;
    }
    list_each(&s->leases, struct lease, link, lease)
    {
        if (roll_back(s, lease))
            continue;
        if (lease->backend == s->backend)
            pool_discard(let_go(s, lease));
        else
            pool_return(let_go(s, lease));
    }
}

void leases_renew(struct session *s)
{
    list_each(&s->leases, struct lease, link, lease)
    {
        if (backend_is_retired(lease->backend) && lease->backend != s->transaction_backend)
            pool_return(let_go(s, lease));
    }
}
