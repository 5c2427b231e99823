/* The prepared statements that a session holds, and the commands about them that no frontend hears
 * of. Long data is assembled here: a frontend takes none (facts/fe-live/prepared-statements.md). */
#include "proxy/session/session_private.h"

#include "base/memory.h"
#include "base/must.h"

enum { SLOT_BITS = 14, SLOTS = 1 << SLOT_BITS, SLOTS_FIRST = 16 };

struct prepared *prepared_find(const struct session *s, uint32_t id)
{
    const struct statements *all = s->statements;
    uint32_t slot = id & (SLOTS - 1);
    struct prepared *p = all && slot < all->room ? all->slots[slot] : NULL;

    return p && p->id == id ? p : NULL;
}

struct prepared *prepared_find_or_refuse(struct session *s, uint32_t id, const char *command)
{
    struct prepared *p = prepared_find(s, id);

    if (!p)
        refuse(s->error, ERROR_NO_SUCH_STATEMENT,
               "Unknown prepared statement handler (%u) given to %s", id, command);
    return p;
}

void prepared_forget_joined(struct session *s, struct prepared *p)
{
    for (size_t i = 0; p->joined && i < p->parameters; i++)
        free(p->joined[i].data);
    free(p->joined);
    s->statements->bytes -= p->joined_bytes;
    p->joined = NULL;
    p->joined_bytes = 0;
    p->is_too_long = false;
}

void prepared_forget(struct session *s, struct prepared *p)
{
    struct statements *all = s->statements;
    size_t slot = p->id & (SLOTS - 1);

    prepared_forget_joined(s, p);
    template_leave(p->template);
    all->slots[slot] = NULL;
    all->count--;
    all->bytes -= p->text.size;
    if (slot < all->lowest)
        all->lowest = slot;
    free((char *)(uintptr_t)p->text.data);
    free((char *)(uintptr_t)p->selection.data);
    free(p->types);
    free(p);
}

bool prepared_has_room(struct session *s)
{
    const struct settings *settings = &s->snapshot->config->settings;
    size_t limit = settings->max_statement_bytes;
    size_t bytes = s->statements ? s->statements->bytes : 0;
    size_t count = s->statements ? s->statements->count : 0;

    if (count < settings->max_prepared_per_client && s->text.size <= limit
        && bytes <= limit - s->text.size)
        return true;
    return refuse(s->error, ERROR_STATEMENT_LIMIT,
                  "starbind: a session may hold %u prepared statements of %zu bytes in all; close "
                  "some (max_prepared_per_client)",
                  settings->max_prepared_per_client, limit);
}

static size_t take_slot(struct statements *all)
{
    size_t slot = all->lowest;

    while (slot < all->room && all->slots[slot])
        slot++;
    if (slot == all->room) {
        size_t room = all->room ? all->room * 2 : SLOTS_FIRST;
        must(slot < SLOTS);
        all->slots = memory_resize(all->slots, room, sizeof(struct prepared *));
        memset(all->slots + all->room, 0, (room - all->room) * sizeof(struct prepared *));
        all->room = room;
    }
    all->lowest = slot + 1;
    return slot;
}

struct statements *statements_of(struct session *s)
{
    if (!s->statements)
        s->statements = memory_new(1, sizeof(*s->statements));
    return s->statements;
}

struct prepared *prepared_add(struct session *s)
{
    struct prepared *p = memory_new(1, sizeof(*p));
    struct slice selection = plan_selection_name(&s->at, &s->arena);

    struct statements *all = statements_of(s);
    size_t slot = take_slot(all);
    p->id = (++all->turns << SLOT_BITS) | (uint32_t)slot;
    p->text = slice_make(memory_copy(s->text), s->text.size);
    p->selection = slice_make(memory_copy(selection), selection.size);
    all->slots[slot] = p;
    all->count++;
    all->bytes += p->text.size;
    return p;
}

void statements_clear(struct session *s)
{
    struct statements *all = s->statements;

    named_clear(s);
    for (size_t i = 0; all && i < all->room; i++)
        if (all->slots[i])
            prepared_forget(s, all->slots[i]);
    if (all)
        free(all->slots);
    free(all);
    s->statements = NULL;
}

/* ---- the small commands ---- */

/* Servers whose connections are at rest hear of it at once, others before their next statement. */
enum turn statement_close(struct session *s, struct slice argument)
{
    uint32_t id = 0;
    struct prepared *p = statement_id_read(&id, argument) ? prepared_find(s, id) : NULL;

    if (p)
        prepared_forget(s, p);
    list_each(&s->leases, struct lease, link, lease)
    {
        known_flush(lease->backend);
    }
    return session_go(s, SETTLE); /* no reply */
}

enum turn statement_reset(struct session *s, struct slice argument)
{
    uint32_t id = 0;

    statement_id_read(&id, argument);
    struct prepared *p = prepared_find_or_refuse(s, id, "mysqld_stmt_reset");
    if (!p)
        return session_go(s, REFUSE);
    prepared_forget_joined(s, p);
    return session_ok(s);
}

enum turn statement_fetch(struct session *s, struct slice argument)
{
    uint32_t id = 0;

    statement_id_read(&id, argument);
    if (prepared_find_or_refuse(s, id, "mysqld_stmt_fetch"))
        refuse(s->error, ERROR_NO_CURSOR, "The statement (%u) has no open cursor.", id);
    return session_go(s, REFUSE);
}

static void join(struct session *s, struct prepared *p, const struct long_data *d)
{
    size_t limit = s->snapshot->config->settings.max_statement_bytes;

    if (s->statements->bytes > limit || d->piece.size > limit - s->statements->bytes) {
        p->is_too_long = true;
        return;
    }
    if (!p->joined)
        p->joined = memory_new(p->parameters, sizeof(*p->joined));
    struct joined *to = &p->joined[d->parameter];
    to->data = memory_resize(to->data, to->size + d->piece.size, 1);
    if (d->piece.size)
        memcpy(to->data + to->size, d->piece.data, d->piece.size);
    to->size += d->piece.size;
    p->joined_bytes += d->piece.size;
    s->statements->bytes += d->piece.size;
}

enum turn statement_long_data(struct session *s, struct slice argument)
{
    struct long_data d;
    struct prepared *p = NULL;

    if (long_data_read(&d, argument))
        p = prepared_find(s, d.statement);
    if (p && d.parameter < p->parameters && !p->is_too_long)
        join(s, p, &d);
    return session_go(s, SETTLE); /* no reply: an error is told by EXECUTE */
}
