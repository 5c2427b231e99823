/* The commands that are served, by the first byte of a client's packet. */
#include "proxy/session/session_private.h"

#include "base/clock.h"
#include "base/reader.h"
#include "base/writer.h"

enum turn session_ok(struct session *s)
{
    struct ok_packet ok = {.status = session_status(s)};

    reply_put_ok(&s->client.out, &s->sequence, &ok);
    return session_go(s, SETTLE);
}

static enum turn quit(struct session *s, struct slice argument)
{
    (void)argument;
    return session_go(s, BYE);
}

static enum turn query(struct session *s, struct slice argument)
{
    s->command = COMMAND_QUERY;
    s->text = argument;
    return session_go(s, PLAN);
}

static enum turn init_db(struct session *s, struct slice argument)
{
    if (!session_select(s, argument, s->error))
        return session_go(s, REFUSE);
    return session_ok(s);
}

static enum turn ping(struct session *s, struct slice argument)
{
    (void)argument;
    return session_ok(s);
}

static enum turn reset_connection(struct session *s, struct slice argument)
{
    (void)argument;
    session_reset(s);
    return session_ok(s);
}

/* A text without any frame around it, as MySQL answers; mysqladmin and mysqli::stat show it. */
static enum turn statistics(struct session *s, struct slice argument)
{
    const struct metrics *m = &s->all->loop->metrics;

    (void)argument;
    packet_put(&s->client.out, &s->sequence,
               arena_print(&s->arena, "Uptime: %llu  Threads: %llu  Questions: %llu",
                           (unsigned long long)((clock_now() - s->all->started) / 1000),
                           (unsigned long long)metric_read(m, METRIC_sessions),
                           (unsigned long long)metric_read(m, METRIC_statements)));
    return session_go(s, SETTLE);
}

/* MYSQL_OPTION_MULTI_STATEMENTS_ON is 0, _OFF is 1; the answer is an EOF. */
static enum turn set_option(struct session *s, struct slice argument)
{
    struct reader r = reader_over(argument);
    uint64_t option = take_uint(&r, 2);

    if (!reader_done(&r) || option > 1) {
        refuse(s->error, ERROR_UNKNOWN_COMMAND, "Unknown option of the command 'Set option'");
        return session_go(s, REFUSE);
    }
    if (option == 0)
        s->capabilities |= CAPABILITY_MULTI_STATEMENTS;
    else
        s->capabilities &= ~CAPABILITY_MULTI_STATEMENTS;
    reply_put_eof(&s->client.out, &s->sequence, session_status(s));
    return session_go(s, SETTLE);
}

static enum turn process_kill(struct session *s, struct slice argument)
{
    struct reader r = reader_over(argument);

    s->kill = arena_alloc(&s->arena, sizeof(*s->kill));
    *s->kill = (struct kill_order){.session = (uint32_t)take_uint(&r, 4), .is_whole = true};
    if (reader_done(&r))
        return session_go(s, CANCEL);
    refuse(s->error, ERROR_UNKNOWN_COMMAND, "The command 'Kill' names no thread");
    return session_go(s, REFUSE);
}

/* A login from the start; nothing of the user before remains. The salt stays the greeting's, as a
 * frontend's does: libmariadb's mysql_change_user() answers to no other, whatever it is told. */
static enum turn change_user(struct session *s, struct slice argument)
{
    struct sessions *all = s->all;

    session_forget_user(s);
    s->verify = arena_alloc(&s->arena, sizeof(*s->verify));
    verify_start_change(s->verify, all->snapshot->config, &s->peer, s->capabilities, s->salt,
                        &s->arena);
    verify_serve_sha2(s->verify, &all->desk);
    verify_throttle(s->verify, all->throttle);
    if (s->client.is_secured)
        encrypt_tell(s, s->verify);
    session_go(s, LOGIN);
    return login_feed(s, argument);
}

static const struct {
    enum mysql_command command;
    enum turn (*serve)(struct session *s, struct slice argument);
} served[] = {
    {COMMAND_QUERY, query},
    {COMMAND_STMT_CLOSE, statement_close},
    {COMMAND_STMT_SEND_LONG_DATA, statement_long_data},
    {COMMAND_STMT_RESET, statement_reset},
    {COMMAND_STMT_FETCH, statement_fetch},
    {COMMAND_STMT_EXECUTE, statement_execute},
    {COMMAND_STMT_PREPARE, statement_prepare},
    {COMMAND_PING, ping},
    {COMMAND_INIT_DB, init_db},
    {COMMAND_RESET_CONNECTION, reset_connection},
    {COMMAND_CHANGE_USER, change_user},
    {COMMAND_FIELD_LIST, field_list},
    {COMMAND_STATISTICS, statistics},
    {COMMAND_SET_OPTION, set_option},
    {COMMAND_PROCESS_KILL, process_kill},
    {COMMAND_QUIT, quit},
};

enum turn session_command(struct session *s, struct slice payload)
{
    unsigned char command = payload.size ? (unsigned char)payload.data[0] : COMMAND_SLEEP;
    const char *name = mysql_command_name(command);

    s->error = arena_alloc(&s->arena, sizeof(*s->error));
    s->command = (enum mysql_command)command;
    s->since = loop_now(s->all->loop);
    for (size_t i = 0; payload.size && i < sizeof(served) / sizeof(*served); i++)
        if (served[i].command == command)
            return served[i].serve(s, slice_after(payload, 1));
    if (name)
        refuse(s->error, ERROR_UNKNOWN_COMMAND, "starbind: the command '%s' is not served", name);
    else
        refuse(s->error, ERROR_UNKNOWN_COMMAND, "Unknown command %u", command);
    return session_go(s, REFUSE);
}
