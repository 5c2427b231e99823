/* ALIGN: make the connection's variables and resource group equal to the session's, and open the
 * transaction that BEGIN announced. Inside an open transaction nothing is sent: a frontend would
 * answer 5305 (facts/fe-session.md, section 7). The connection's database never changes. */
#include "proxy/session/session_private.h"

enum { REPLY_MAX = 64 * 1024 };

static void send_query(struct session *s, struct slice text)
{
    s->server_sequence = 0;
    packet_put_command(&s->backend->server.out, &s->server_sequence, COMMAND_QUERY, text);
    stream_flush(&s->backend->server);
}

static const struct slice *group_of(const struct session *s)
{
    bool has_groups = pools_kind(s->all->pools, s->plan->source) == CLUSTER_STARROCKS;

    return has_groups ? &s->plan->resource_group : NULL;
}

/* Sends what is next to be sent; false when all is done. */
static bool send_next(struct session *s)
{
    if (s->alignment == ALIGN_NOTHING) {
        struct slice text =
            state_difference(&s->wanted, group_of(s), &s->backend->carried, &s->arena);
        s->alignment = ALIGN_STATE;
        if (text.size) {
            send_query(s, text);
            return true;
        }
    }
    if (s->alignment == ALIGN_STATE && s->transaction == TRANSACTION_BEGUN && s->plan->writes) {
        s->alignment = ALIGN_BEGIN;
        send_query(s, SLICE("BEGIN"));
        return true;
    }
    s->alignment = ALIGN_DONE;
    return false;
}

/* The connection's state is unknown now: it goes, and the statement is not run. */
static enum turn give_up(struct session *s, const char *what, struct slice reason)
{
    lease_drop(s, s->backend);
    refuse(s->error, ERROR_LOST, "starbind: the statement was not run: %s: %.*s", what,
           SHOW(reason));
    return session_go(s, REFUSE);
}

static enum turn accepted(struct session *s)
{
    if (s->alignment == ALIGN_STATE) {
        state_adopt(&s->backend->carried, &s->wanted, group_of(s));
    } else {
        s->transaction = TRANSACTION_OPEN;
        s->transaction_backend = s->backend;
    }
    return ONWARD;
}

static enum turn take_reply(struct session *s)
{
    struct err_packet err;
    struct slice payload;

    switch (
        packet_take(&s->backend->server.in, &s->server_sequence, REPLY_MAX, &s->arena, &payload)) {
    case PACKET_WHOLE:
        break;
    case PACKET_NONE:
        return s->backend->server.is_open
                   ? WAIT
                   : give_up(s, "the frontend left", slice_of(stream_error(&s->backend->server)));
    default:
        return give_up(s, "the frontend does not speak the MySQL protocol", SLICE("bad packet"));
    }
    if (reply_kind(payload) == REPLY_OK)
        return accepted(s);
    if (!err_read(&err, payload))
        err.message = SLICE("an unexpected reply");
    if (s->alignment == ALIGN_BEGIN)
        return give_up(s, "the frontend refused BEGIN", err.message);
    state_clear(&s->wanted); /* else every later statement would meet the same refusal */
    return give_up(s, "the session's variables were refused and are at their defaults again",
                   err.message);
}

enum turn align(struct session *s)
{
    enum turn turn;

    if (s->transaction == TRANSACTION_OPEN && s->backend == s->transaction_backend
        && s->alignment == ALIGN_NOTHING)
        s->alignment = ALIGN_DONE;
    if (s->alignment == ALIGN_DONE)
        return session_go(s, FORWARD);
    if (s->alignment != ALIGN_NOTHING) {
        turn = take_reply(s);
        if (turn == WAIT || s->phase != ALIGN)
            return turn;
    }
    return send_next(s) ? WAIT : session_go(s, FORWARD);
}
