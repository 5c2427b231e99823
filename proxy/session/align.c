/* ALIGN: make the connection's variables and resource group equal to the session's, open the
 * transaction that BEGIN announced, and prepare the statement that EXECUTE wants there. Inside an
 * open transaction nothing is sent: a frontend would answer 5305 (facts/fe-session.md, section 7).
 * The connection's database never changes. */
#include "proxy/session/session_private.h"

enum { REPLY_MAX = 64 * 1024 };

static void send_command(struct session *s, enum mysql_command command, struct slice text)
{
    s->server_sequence = 0;
    packet_put_command(&s->backend->server.out, &s->server_sequence, command, text);
    stream_flush(&s->backend->server);
    s->awaits_reply = true;
}

static const struct slice *group_of(const struct session *s)
{
    bool has_groups = pools_kind(s->all->pools, s->plan->source) == CLUSTER_STARROCKS;

    return has_groups ? &s->plan->resource_group : NULL;
}

static void send_state(struct session *s)
{
    struct slice text = state_difference(&s->wanted, group_of(s), &s->backend->carried, &s->arena);

    s->alignment = ALIGN_STATE;
    if (text.size)
        send_command(s, COMMAND_QUERY, text);
}

static void send_begin(struct session *s)
{
    s->alignment = ALIGN_BEGIN;
    if (s->transaction == TRANSACTION_BEGUN && s->plan->writes)
        send_command(s, COMMAND_QUERY, SLICE("BEGIN"));
}

static void send_prepare(struct session *s)
{
    s->alignment = ALIGN_PREPARE;
    if (!statement_wants_prepare(s))
        return;
    send_command(s, COMMAND_STMT_PREPARE, s->plan->text);
    follow_start(&s->follow, FOLLOW_PREPARE, s->server_sequence, 0, 0, 0);
}

/* Sends what is next to be sent; false when all is done. */
static bool send_next(struct session *s)
{
    bool in_transaction =
        s->transaction == TRANSACTION_OPEN && s->backend == s->transaction_backend;

    if (s->alignment == ALIGN_NOTHING)
        known_flush(s->backend);
    if (s->alignment == ALIGN_NOTHING && in_transaction)
        s->alignment = ALIGN_BEGIN;
    if (s->alignment == ALIGN_NOTHING)
        send_state(s);
    if (s->alignment == ALIGN_STATE && !s->awaits_reply)
        send_begin(s);
    if (s->alignment == ALIGN_BEGIN && !s->awaits_reply)
        send_prepare(s);
    if (!s->awaits_reply)
        s->alignment = ALIGN_DONE;
    return s->awaits_reply;
}

/* The connection's state is unknown now: it goes, and the statement is not run. */
static enum turn give_up(struct session *s, const char *what, struct slice reason)
{
    s->awaits_reply = false;
    lease_drop(s, s->backend);
    refuse(s->error, ERROR_LOST, "starbind: the statement was not run: %s: %.*s", what,
           SHOW(reason));
    return session_go(s, REFUSE);
}

static void accepted(struct session *s)
{
    if (s->alignment == ALIGN_STATE) {
        state_adopt(&s->backend->carried, &s->wanted, group_of(s));
    } else {
        s->transaction = TRANSACTION_OPEN;
        s->transaction_backend = s->backend;
    }
}

static enum turn lose_server(struct session *s)
{
    return give_up(s, "the frontend left", slice_of(stream_error(&s->backend->server)));
}

static enum turn lose_protocol(struct session *s)
{
    return give_up(s, "the frontend does not speak the MySQL protocol", SLICE("bad packet"));
}

static enum turn refused(struct session *s, const struct err_packet *err)
{
    switch (s->alignment) {
    case ALIGN_BEGIN:
        return give_up(s, "the frontend refused BEGIN", err->message);
    case ALIGN_PREPARE: /* as the client would hear it from the frontend; nothing has changed there
                         */
        refuse(s->error, ERROR_NOT_PREPARABLE, "%.*s", SHOW(err->message));
        s->error->number = err->number;
        memcpy(s->error->sqlstate, err->sqlstate, sizeof(s->error->sqlstate));
        return session_go(s, REFUSE);
    default:
        state_clear(&s->wanted); /* else every later statement would meet the same refusal */
        return give_up(s, "the session's variables were refused and are at their defaults again",
                       err->message);
    }
}

/* The reply to SET and BEGIN, or the refusal of PREPARE: one packet. */
static enum turn take_packet(struct session *s)
{
    struct err_packet err = {.sqlstate = "HY000", .message = SLICE("an unexpected reply")};
    struct slice payload;

    switch (
        packet_take(&s->backend->server.in, &s->server_sequence, REPLY_MAX, &s->arena, &payload)) {
    case PACKET_WHOLE:
        break;
    case PACKET_NONE:
        return s->backend->server.is_open ? WAIT : lose_server(s);
    default:
        return lose_protocol(s);
    }
    s->awaits_reply = false;
    if (reply_kind(payload) != REPLY_OK) {
        err_read(&err, payload);
        return refused(s, &err);
    }
    accepted(s);
    return ONWARD;
}

/* Definitions follow; the client has them from its own PREPARE. */
static enum turn skip_definitions(struct session *s)
{
    struct queue *in = &s->backend->server.in;
    enum follow_state state = FOLLOW_MORE;

    while (state == FOLLOW_MORE && in->size) {
        size_t n, used;
        unsigned char *bytes = queue_front_bytes(in, &n);
        state = follow_walk(&s->follow, bytes, n, &used);
        queue_drop(in, used);
    }
    if (state == FOLLOW_MORE)
        return s->backend->server.is_open ? WAIT : lose_server(s);
    if (state != FOLLOW_END)
        return lose_protocol(s);
    s->awaits_reply = false;
    return statement_prepared_again(s) ? ONWARD : session_go(s, REFUSE);
}

static enum turn take_reply(struct session *s)
{
    struct queue *in = &s->backend->server.in;
    unsigned char first = 0;

    if (s->alignment != ALIGN_PREPARE)
        return take_packet(s);
    if (in->size > MYSQL_HEADER)
        queue_peek(in, MYSQL_HEADER, &first, 1);
    if (s->follow.packets == 0 && (in->size <= MYSQL_HEADER || first == 0xff))
        return take_packet(s);
    return skip_definitions(s);
}

enum turn align(struct session *s)
{
    if (s->awaits_reply) {
        enum turn turn = take_reply(s);
        if (turn == WAIT || s->phase != ALIGN)
            return turn;
    }
    return send_next(s) ? WAIT : session_go(s, FORWARD);
}
