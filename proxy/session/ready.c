/* READY: one command of the client at a time. */
#include "proxy/session/session_private.h"

/* After this the frames of the client cannot be told apart any more. */
static enum turn lose_track(struct session *s, const struct error *e)
{
    struct log_context who = session_context(s);

    log_info(&who, "packet", "%s", e->text);
    s->sequence++; /* an answer to the packet that was not taken */
    reply_put_err(&s->client.out, &s->sequence, e);
    s->is_lingering = true;
    return session_go(s, BYE);
}

/* Out of turn: the client did not ask. It reads this as the answer to its next command. */
static enum turn take_leave(struct session *s, const struct error *e)
{
    struct log_context who = session_context(s);

    log_info(&who, "leave", "%s", e->text);
    s->sequence = 0;
    reply_put_err(&s->client.out, &s->sequence, e);
    return session_go(s, BYE);
}

enum turn ready(struct session *s)
{
    size_t limit = s->snapshot->config->settings.max_statement_bytes;
    struct slice payload;
    struct error e;

    if (s->all->is_draining && s->transaction == TRANSACTION_NONE) {
        refuse(&e, ERROR_SHUTDOWN, "starbind is shutting down; connect again");
        return take_leave(s, &e);
    }
    if (!session_rebind(s, &e))
        return take_leave(s, &e);
    arena_clear(&s->arena);            /* an idle session holds no block */
    if (queue_is_high(&s->client.out)) /* a client that asks and asks, and reads no answer */
        return WAIT;
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
        return session_command(s, payload);
    case PACKET_BAD_SEQUENCE:
        refuse(&e, ERROR_PACKET_ORDER, "Got packets out of order");
        return lose_track(s, &e);
    case PACKET_TOO_LARGE:
        break;
    }
    refuse(&e, ERROR_PACKET_SIZE,
           "starbind: the statement is longer than max_statement_bytes (%zu)", limit);
    return lose_track(s, &e);
}
