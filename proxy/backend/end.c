/* The end of a connection with an open transaction: the reply under way is read to its end,
 * ROLLBACK is sent and answered, the connection closes. Nobody waits for it. */
#include "proxy/backend/backend_private.h"

#include "base/log.h"

enum { PATIENCE = 10000 }; /* milliseconds for all of it */

static void send_rollback(struct backend *b)
{
    b->end = END_ROLLS_BACK;
    b->sequence = 0;
    packet_put_command(&b->server.out, &b->sequence, COMMAND_QUERY, SLICE("ROLLBACK"));
    follow_start(&b->rest, FOLLOW_QUERY, b->sequence, 0, 0, 0);
    stream_flush(&b->server);
}

void backend_end(struct backend *b, const struct follow *rest)
{
    bool is_mid_reply = rest && !rest->ended;

    b->phase = BACKEND_ENDS;
    b->end = is_mid_reply ? END_READS : END_WAITS;
    alarm_set(&b->alarm, loop_now(b->server.loop) + PATIENCE);
    if (is_mid_reply) {
        b->rest = *rest;
        follow_hold(&b->rest, 0); /* nobody is told what it says */
    }
    backend_ends(b);
}

static enum follow_state drop_reply(struct backend *b)
{
    enum follow_state state = FOLLOW_MORE;

    while (state == FOLLOW_MORE && b->server.in.size) {
        size_t n, used;
        unsigned char *bytes = queue_front_bytes(&b->server.in, &n);
        state = follow_walk(&b->rest, bytes, n, &used);
        queue_drop(&b->server.in, used);
    }
    return state;
}

/* A KILL that is on its way would hit the ROLLBACK. */
void backend_ends(struct backend *b)
{
    enum follow_state state = b->end == END_WAITS ? FOLLOW_MORE : drop_reply(b);

    if (state == FOLLOW_END && b->end == END_READS) {
        b->end = END_WAITS;
        state = FOLLOW_MORE;
    }
    if (state == FOLLOW_MORE && b->server.is_open) {
        if (b->end == END_WAITS && !backend_is_hunted(b))
            send_rollback(b);
        stream_taken(&b->server);
        return;
    }
    if (state != FOLLOW_END || b->rest.failed) {
        struct log_context who = {.worker = b->server.loop->name};
        log_warning(&who, "backend", "source=%.*s a transaction was given up without ROLLBACK",
                    SHOW(b->pool->source->name));
    }
    backend_close(b);
}
