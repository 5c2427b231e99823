/* What a connection carries from one borrower to the next, and what its frontend is known to take.
 */
#include "proxy/backend/backend_private.h"

/* The way back must be known: the login's value of a system variable; NULL for a user variable,
 * whose name the frontend keeps. */
static void note_original(struct backend *b, const struct state_entry *entry)
{
    struct slice value;

    if (state_find(&b->originals, entry->is_user, entry->name, &value))
        return;
    if (!entry->is_user || !state_put(&b->originals, true, entry->name, SLICE("NULL")))
        b->is_spoilt = true;
}

void backend_carry(struct backend *b, const struct state_wish *w)
{
    struct state_entry entry;
    size_t at = 0;

    state_adopt(&b->carried, w);
    while (state_next(&b->carried, &at, &entry))
        note_original(b, &entry);
}

void backend_set(struct backend *b, const struct state_entry *entry)
{
    if (!state_put(&b->carried, entry->is_user, entry->name, entry->value))
        b->is_spoilt = true;
    note_original(b, entry);
}

void backend_spoil(struct backend *b)
{
    b->is_spoilt = true;
}

enum { ACCEPTED_MAX = 4096 }; /* bytes of an assignment that is worth remembering */

/* Full: forgotten, and learnt anew. */
void backend_accept(struct backend *b, struct slice assignment)
{
    if (assignment.size > ACCEPTED_MAX)
        return;
    uint64_t generation = b->pool->pools->config->generation;

    if (b->generation != generation)
        state_clear(&b->accepted);
    b->generation = generation;
    if (!state_put(&b->accepted, false, assignment, SLICE(""))) {
        state_clear(&b->accepted);
        state_put(&b->accepted, false, assignment, SLICE(""));
    }
}

bool backend_accepts(const struct backend *b, struct slice assignment)
{
    struct slice none;

    return b->generation == b->pool->pools->config->generation
           && state_find(&b->accepted, false, assignment, &none);
}

bool backend_may_pipeline(const struct backend *b)
{
    return !b->server.tls;
}
