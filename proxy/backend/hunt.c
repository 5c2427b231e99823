/* KILL QUERY of what runs on a connection, over another one to the same frontend.
 *
 * Its target is a connection, not a statement: one that comes late hits what runs there next. So
 * the connection knows its hunters, and runs nothing more before the last of them is done. */
#include "proxy/backend/backend_private.h"

void pool_kill(struct backend *b)
{
    struct pool *pool = b->pool;
    char statement[sizeof(b->errand)];

    if (pool->pools->is_closing)
        return;
    snprintf(statement, sizeof(statement), "KILL QUERY %u", b->connection_id);
    struct backend *hunter = backend_send(pool, b->route, statement);
    hunter->victim = b;
    b->hunters++;
    hunter->listed = &pool->errands;
    list_push_front(&pool->errands, &hunter->link);
}

bool backend_is_hunted(const struct backend *b)
{
    return b->hunters > 0;
}

/* What it ran may still run: it stays noted until a hunter has done its work. */
static void shake_off(struct backend *victim)
{
    list_each(&victim->pool->errands, struct backend, link, hunter)
    {
        if (hunter->victim != victim)
            continue;
        hunter->victim = NULL;
        hunter->line = victim->line ? victim->line : hunter->line;
        victim->line = NULL;
    }
    victim->hunters = 0;
}

void hunt_end(struct backend *b)
{
    struct backend *victim = b->victim;

    if (b->hunters)
        shake_off(b);
    b->victim = NULL;
    if (!victim || --victim->hunters)
        return;
    if (victim->phase == BACKEND_LENT)
        victim->notify(victim->owner, 0);
    else if (victim->phase == BACKEND_ENDS)
        backend_ends(victim);
}
