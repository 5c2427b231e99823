/* PREPARE and EXECUTE. The text is planned at each EXECUTE as it was at PREPARE, so nothing that
 * has been withdrawn since is kept by a statement; what the plan gives is looked up among the
 * worker's templates, and the connection at hand says whether it knows it. */
#include "proxy/session/session_private.h"

#include "base/memory.h"
#include "base/must.h"

/* ---- PREPARE ---- */

enum turn statement_prepare(struct session *s, struct slice argument)
{
    s->command = COMMAND_STMT_PREPARE;
    s->text = argument;
    return session_go(s, prepared_has_room(s) ? PLAN : REFUSE);
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
    s->prepared = prepared_add(s);
    return s->prepared->id;
}

static void use_template(struct session *s, struct prepared *p)
{
    struct slice meaning = statement_meaning(&s->wanted, &s->arena);

    if (p->template && template_is(p->template, s->backend, s->plan->text, meaning))
        return;
    template_leave(p->template);
    p->template = template_use(&s->all->pools->templates, s->backend, s->plan->text, meaning);
}

static void note_server(struct session *s, struct prepared *p)
{
    known_note(s->backend, p->template, s->follow->statement,
               s->snapshot->config->settings.max_prepared_per_backend);
    p->number = s->follow->statement;
}

static void settle_prepare(struct session *s)
{
    struct prepared *p = s->prepared;

    if (s->follow->failed) {
        prepared_forget(s, p);
        return;
    }
    p->parameters = s->follow->parameters;
    use_template(s, p);
    note_server(s, p);
}

/* ---- EXECUTE ---- */

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

/* As the packet named them, and as MySQL does: whatever becomes of the execution. */
static void remember_types(struct prepared *p, const struct execute *x)
{
    if (!x->has_types || !p->parameters)
        return;
    if (!p->types)
        p->types = memory_new(p->parameters, sizeof(*p->types));
    for (size_t i = 0; i < p->parameters; i++)
        p->types[i] = x->at[i].type;
}

enum turn statement_execute(struct session *s, struct slice argument)
{
    uint32_t id = 0;

    s->command = COMMAND_STMT_EXECUTE;
    statement_id_read(&id, argument);
    s->prepared = prepared_find_or_refuse(s, id, "mysqld_stmt_execute");
    if (!s->prepared || !read_arguments(s, s->prepared, argument))
        return session_go(s, REFUSE);
    remember_types(s->prepared, s->execute);
    s->text = s->prepared->text;
    if (s->prepared->is_bound_here && !statement_bind(s))
        return session_go(s, REFUSE);
    return session_go(s, PLAN);
}

bool statement_selects(struct session *s, struct selection *at)
{
    struct slice name = s->command == COMMAND_STMT_EXECUTE ? s->prepared->selection : s->executed;

    if (!name.data)
        return true;
    return plan_select(s->snapshot->config, s->user, s->listener, name, at, s->error);
}

bool statement_wants_prepare(struct session *s)
{
    struct prepared *p = s->prepared;

    if (s->command != COMMAND_STMT_EXECUTE || p->is_bound_here)
        return false;
    use_template(s, p);
    return !known_find(s->backend, p->template, &p->number);
}

bool statement_prepared_again(struct session *s)
{
    struct prepared *p = s->prepared;

    note_server(s, p);
    return s->follow->parameters == p->parameters
           || refuse(
               s->error, ERROR_ARGUMENTS,
               "starbind: the statement has another number of parameters now; prepare it again");
}

bool statement_adapt(struct session *s)
{
    if (s->command != COMMAND_STMT_EXECUTE || s->prepared->is_bound_here
        || pools_kind(s->all->pools, s->plan->source) != CLUSTER_STARROCKS
        || execute_adapt(s->execute, &s->arena))
        return true;
    return refuse(s->error, ERROR_ARGUMENTS,
                  "starbind: a value is not UTF-8, and StarRocks takes no other in a query");
}

struct slice statement_arguments(struct session *s)
{
    size_t size = execute_size(s->execute);
    struct writer w = writer_over(arena_alloc(&s->arena, size), size);

    must(execute_put(&w, s->prepared->number, s->execute));
    return writer_bytes(&w);
}

/* Long data serves one EXECUTE. */
static void settle_execute(struct session *s)
{
    if (!s->prepared->is_bound_here)
        known_executed(s->backend);
    prepared_forget_joined(s, s->prepared);
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
        prepared_forget(s, s->prepared);
    else
        prepared_forget_joined(s, s->prepared);
    s->prepared = NULL;
}
