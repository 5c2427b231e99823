/* READY: one command of the client at a time. */
#include "proxy/session/session_private.h"

static enum turn reply_ok(struct session *s)
{
    struct ok_packet ok = {.status = session_status(s)};

    reply_put_ok(&s->client.out, &s->sequence, &ok);
    return session_go(s, SETTLE);
}

/* ---- the commands that are served ---- */

static enum turn quit(struct session *s, struct slice argument)
{
    (void)argument;
    return session_go(s, BYE);
}

static enum turn query(struct session *s, struct slice argument)
{
    s->text = argument;
    return session_go(s, PLAN);
}

static enum turn init_db(struct session *s, struct slice argument)
{
    if (!session_select(s, argument, &s->error))
        return session_go(s, REFUSE);
    return reply_ok(s);
}

static enum turn ping(struct session *s, struct slice argument)
{
    (void)argument;
    return reply_ok(s);
}

static enum turn reset_connection(struct session *s, struct slice argument)
{
    (void)argument;
    session_reset(s);
    return reply_ok(s);
}

/* The protocol knows no reply to these: an ERR would put the client out of step. */
static enum turn stay_silent(struct session *s, struct slice argument)
{
    (void)argument;
    return session_go(s, SETTLE);
}

static const struct {
    enum mysql_command command;
    enum turn (*serve)(struct session *s, struct slice argument);
} served[] = {
    {COMMAND_QUERY, query},
    {COMMAND_PING, ping},
    {COMMAND_QUIT, quit},
    {COMMAND_INIT_DB, init_db},
    {COMMAND_RESET_CONNECTION, reset_connection},
    {COMMAND_STMT_CLOSE, stay_silent},
    {COMMAND_STMT_SEND_LONG_DATA, stay_silent},
};

static enum turn dispatch(struct session *s, struct slice payload)
{
    unsigned char command = payload.size ? (unsigned char)payload.data[0] : COMMAND_SLEEP;
    const char *name = mysql_command_name(command);

    for (size_t i = 0; payload.size && i < sizeof(served) / sizeof(*served); i++)
        if (served[i].command == command)
            return served[i].serve(s, slice_after(payload, 1));
    if (name)
        refuse(&s->error, ERROR_UNKNOWN_COMMAND, "starbind: the command '%s' is not served", name);
    else
        refuse(&s->error, ERROR_UNKNOWN_COMMAND, "Unknown command %u", command);
    return session_go(s, REFUSE);
}

/* After this the frames of the client cannot be told apart any more. */
static enum turn lose_track(struct session *s)
{
    struct log_context who = session_context(s);

    log_info(&who, "packet", "%s", s->error.text);
    s->sequence++; /* an answer to the packet that was not taken */
    reply_put_err(&s->client.out, &s->sequence, &s->error);
    s->is_lingering = true;
    return session_go(s, BYE);
}

/* Out of turn: the client did not ask. It reads this as the answer to its next command. */
static enum turn take_leave(struct session *s)
{
    struct log_context who = session_context(s);

    log_info(&who, "leave", "%s", s->error.text);
    s->sequence = 0;
    reply_put_err(&s->client.out, &s->sequence, &s->error);
    return session_go(s, BYE);
}

enum turn ready(struct session *s)
{
    size_t limit = s->snapshot->config->settings.max_statement_bytes;
    struct slice payload;

    if (s->all->is_draining) {
        refuse(&s->error, ERROR_SHUTDOWN, "starbind is shutting down; connect again");
        return take_leave(s);
    }
    if (!session_rebind(s, &s->error))
        return take_leave(s);
    s->sequence = 0;
    switch (packet_take(&s->client.in, &s->sequence, limit + 1, &s->arena, &payload)) {
    case PACKET_NONE:
        s->client.in_high = limit + CLIENT_AHEAD;
        stream_taken(&s->client);
        session_progress(s);
        return WAIT;
    case PACKET_WHOLE:
        s->client.in_high = CLIENT_AHEAD;
        stream_taken(&s->client);
        return dispatch(s, payload);
    case PACKET_BAD_SEQUENCE:
        refuse(&s->error, ERROR_PACKET_ORDER, "Got packets out of order");
        return lose_track(s);
    case PACKET_TOO_LARGE:
        break;
    }
    refuse(&s->error, ERROR_PACKET_SIZE,
           "starbind: the statement is longer than max_statement_bytes (%zu)", limit);
    return lose_track(s);
}
