/* Prepared statements of one session: ids of the gateway's own, and what is known of each.
 *
 *   client's id ─► text, project at the time ─► planned anew at each EXECUTE
 *                                            └► server's id, on the connection where it was
 * prepared
 *
 * A permission that is withdrawn is felt by the next EXECUTE; a connection that went away, or a
 * text that has come to mean something else, is prepared again in ALIGN. */
#include "proxy/session/session_private.h"

#include "base/memory.h"
#include "base/must.h"

enum { SLOT_BITS = 11, STATEMENTS_MAX = 1 << SLOT_BITS };

/* A value that came in pieces. */
struct joined {
    char *data; /* owned; NULL: none came */
    size_t size;
};

struct prepared {
    uint32_t id; /* slot in the low bits, a count above them: a closed id stays unknown */
    struct slice text,
        selection; /* owned; the client's text, and the project it was selected under */
    uint16_t parameters;
    uint16_t *types;       /* owned; as the client named them last, NULL before */
    struct joined *joined; /* owned; by parameter, NULL for none */
    size_t joined_bytes;
    bool is_too_long;              /* more long data came than a statement may have */
    const struct backend *backend; /* where it is prepared now, by the server's id; NULL: nowhere */
    uint32_t server_id;
    char *sent; /* owned; the text that the server knows */
};

struct statements {
    struct prepared *slots[STATEMENTS_MAX];
    size_t count, bytes; /* bytes of texts and long data */
    uint32_t turns;      /* statements made so far */
};

/* ---- the set ---- */

static struct prepared *find(const struct session *s, uint32_t id)
{
    struct prepared *p = s->statements ? s->statements->slots[id & (STATEMENTS_MAX - 1)] : NULL;

    return p && p->id == id ? p : NULL;
}

static void forget_joined(struct session *s, struct prepared *p)
{
    for (size_t i = 0; p->joined && i < p->parameters; i++)
        free(p->joined[i].data);
    free(p->joined);
    s->statements->bytes -= p->joined_bytes;
    p->joined = NULL;
    p->joined_bytes = 0;
    p->is_too_long = false;
}

static void forget(struct session *s, struct prepared *p)
{
    forget_joined(s, p);
    s->statements->slots[p->id & (STATEMENTS_MAX - 1)] = NULL;
    s->statements->count--;
    s->statements->bytes -= p->text.size;
    free((char *)(uintptr_t)p->text.data);
    free((char *)(uintptr_t)p->selection.data);
    free(p->types);
    free(p->sent);
    free(p);
}

static bool has_room(struct session *s)
{
    size_t limit = s->snapshot->config->settings.max_statement_bytes;

    if (!s->statements)
        s->statements = memory_new(1, sizeof(*s->statements));
    if (s->statements->count < STATEMENTS_MAX && s->text.size <= limit
        && s->statements->bytes <= limit - s->text.size)
        return true;
    return refuse(
        s->error, ERROR_STATEMENT_LIMIT,
        "starbind: a session may hold %d prepared statements of %zu bytes in all; close some",
        STATEMENTS_MAX, limit);
}

static struct prepared *add(struct session *s)
{
    struct statements *all = s->statements;
    struct prepared *p = memory_new(1, sizeof(*p));
    uint32_t slot = 0;

    while (all->slots[slot])
        slot++;
    p->id = (++all->turns << SLOT_BITS) | slot;
    p->text = slice_make(memory_copy(s->text), s->text.size);
    struct slice selection = plan_selection_name(&s->at, &s->arena);
    p->selection = slice_make(memory_copy(selection), selection.size);
    all->slots[slot] = p;
    all->count++;
    all->bytes += p->text.size;
    return p;
}

/* ---- servers ---- */

static void close_on_server(struct backend *b, uint32_t id)
{
    uint8_t sequence = 0;
    char argument[4] = {(char)id, (char)(id >> 8), (char)(id >> 16), (char)(id >> 24)};

    packet_put_command(&b->server.out, &sequence, COMMAND_STMT_CLOSE,
                       slice_make(argument, sizeof(argument)));
    stream_flush(&b->server);
}

static void note_server(struct prepared *p, const struct backend *b, uint32_t id, struct slice text)
{
    free(p->sent);
    p->sent = memory_copy(text);
    p->backend = b;
    p->server_id = id;
}

void statements_leave(struct session *s, struct backend *b, bool is_clean)
{
    for (size_t i = 0; s->statements && i < STATEMENTS_MAX; i++) {
        struct prepared *p = s->statements->slots[i];
        if (!p || p->backend != b)
            continue;
        if (is_clean)
            close_on_server(b, p->server_id);
        p->backend = NULL;
    }
}

void statements_clear(struct session *s)
{
    for (size_t i = 0; s->statements && i < STATEMENTS_MAX; i++)
        if (s->statements->slots[i])
            forget(s, s->statements->slots[i]);
    free(s->statements);
    s->statements = NULL;
}

/* ---- PREPARE ---- */

enum turn statement_prepare(struct session *s, struct slice argument)
{
    s->command = COMMAND_STMT_PREPARE;
    s->text = argument;
    return session_go(s, has_room(s) ? PLAN : REFUSE);
}

bool statement_is_preparable(struct session *s)
{
    const struct plan *p = s->plan;

    bool is_text = s->command == COMMAND_QUERY || s->command == COMMAND_FIELD_LIST;

    if (is_text
        || (p->decision == PLAN_FORWARD && p->step_count == 1 && p->steps[0].set_count == 0))
        return true;
    return refuse(s->error, ERROR_NOT_PREPARABLE,
                  "This command is not supported in the prepared statement protocol yet");
}

/* The id must stand in the reply as it passes; whether the server accepts is known at its end. */
uint32_t statement_announce(struct session *s)
{
    s->prepared = add(s);
    return s->prepared->id;
}

static void settle_prepare(struct session *s)
{
    struct prepared *p = s->prepared;

    if (s->follow.failed) {
        forget(s, p);
        return;
    }
    p->parameters = s->follow.parameters;
    note_server(p, s->backend, s->follow.statement, s->plan->text);
}

/* ---- EXECUTE ---- */

static struct prepared *find_or_refuse(struct session *s, uint32_t id, const char *command)
{
    struct prepared *p = find(s, id);

    if (!p)
        refuse(s->error, ERROR_NO_SUCH_STATEMENT,
               "Unknown prepared statement handler (%u) given to %s", id, command);
    return p;
}

static bool read_arguments(struct session *s, struct prepared *p, struct slice argument)
{
    struct slice *joined = NULL;

    if (p->is_too_long)
        return refuse(s->error, ERROR_PACKET_SIZE,
                      "starbind: the statement's long data is longer than max_statement_bytes");
    if (p->joined) {
        joined = arena_array(&s->arena, p->parameters, sizeof(*joined));
        for (size_t i = 0; i < p->parameters; i++)
            joined[i] = slice_make(p->joined[i].data, p->joined[i].size);
    }
    s->execute = arena_alloc(&s->arena, sizeof(*s->execute));
    return execute_read(s->execute, argument, p->parameters, p->types, joined, &s->arena)
           || refuse(s->error, ERROR_ARGUMENTS, "Incorrect arguments to mysqld_stmt_execute");
}

enum turn statement_execute(struct session *s, struct slice argument)
{
    uint32_t id = 0;

    s->command = COMMAND_STMT_EXECUTE;
    statement_id_read(&id, argument);
    s->prepared = find_or_refuse(s, id, "mysqld_stmt_execute");
    if (!s->prepared || !read_arguments(s, s->prepared, argument))
        return session_go(s, REFUSE);
    s->text = s->prepared->text;
    return session_go(s, PLAN);
}

bool statement_selects(struct session *s, struct selection *at)
{
    if (s->command != COMMAND_STMT_EXECUTE)
        return true;
    return plan_select(s->snapshot->config, s->user, s->listener, s->prepared->selection, at,
                       s->error);
}

bool statement_wants_prepare(const struct session *s)
{
    const struct prepared *p = s->prepared;

    return s->command == COMMAND_STMT_EXECUTE
           && (p->backend != s->backend || !slice_equal(slice_of(p->sent), s->plan->text));
}

void statement_leave_server(struct session *s)
{
    struct prepared *p = s->prepared;

    if (p->backend == s->backend)
        close_on_server(s->backend, p->server_id);
    p->backend = NULL; /* on another connection it closes when that one goes back */
}

bool statement_prepared_again(struct session *s)
{
    struct prepared *p = s->prepared;

    note_server(p, s->backend, s->follow.statement, s->plan->text);
    return s->follow.parameters == p->parameters
           || refuse(
               s->error, ERROR_ARGUMENTS,
               "starbind: the statement has another number of parameters now; prepare it again");
}

struct slice statement_arguments(struct session *s)
{
    size_t size = execute_size(s->execute);
    struct writer w = writer_over(arena_alloc(&s->arena, size), size);

    must(execute_put(&w, s->prepared->server_id, s->execute));
    return writer_bytes(&w);
}

/* Types are remembered as the packet named them; long data serves one EXECUTE. */
static void settle_execute(struct session *s)
{
    struct prepared *p = s->prepared;

    if (s->execute->has_types && p->parameters) {
        p->types = memory_resize(p->types, p->parameters, sizeof(*p->types));
        for (size_t i = 0; i < p->parameters; i++)
            p->types[i] = s->execute->at[i].type;
    }
    forget_joined(s, p);
}

void statement_settle(struct session *s)
{
    if (s->command == COMMAND_STMT_PREPARE)
        settle_prepare(s);
    else if (s->command == COMMAND_STMT_EXECUTE)
        settle_execute(s);
}

void statement_abandon(struct session *s)
{
    if (!s->prepared)
        return;
    if (s->command == COMMAND_STMT_PREPARE)
        forget(s, s->prepared);
    else
        forget_joined(s, s->prepared);
    s->prepared = NULL;
}

/* ---- the small commands ---- */

enum turn statement_close(struct session *s, struct slice argument)
{
    uint32_t id = 0;
    struct prepared *p = statement_id_read(&id, argument) ? find(s, id) : NULL;

    if (p) {
        struct backend *b = lease_holding(s, p->backend);
        if (b && b->server.is_open)
            close_on_server(b, p->server_id);
        forget(s, p);
    }
    return session_go(s, SETTLE); /* no reply */
}

enum turn statement_reset(struct session *s, struct slice argument)
{
    uint32_t id = 0;

    statement_id_read(&id, argument);
    struct prepared *p = find_or_refuse(s, id, "mysqld_stmt_reset");
    if (!p)
        return session_go(s, REFUSE);
    forget_joined(s, p);
    return session_ok(s);
}

enum turn statement_fetch(struct session *s, struct slice argument)
{
    uint32_t id = 0;

    statement_id_read(&id, argument);
    if (find_or_refuse(s, id, "mysqld_stmt_fetch"))
        refuse(s->error, ERROR_NO_CURSOR, "The statement (%u) has no open cursor.", id);
    return session_go(s, REFUSE);
}

static void join(struct session *s, struct prepared *p, const struct long_data *d)
{
    size_t limit = s->snapshot->config->settings.max_statement_bytes;

    if (d->piece.size > limit - s->statements->bytes) {
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
        p = find(s, d.statement);
    if (p && d.parameter < p->parameters && !p->is_too_long)
        join(s, p, &d);
    return session_go(s, SETTLE); /* no reply: an error is told by EXECUTE */
}
