/* RELAY: the reply moves from the server's queue to the client's, chunk by chunk, until the
 * follower says where it ends. A client that does not read fills its queue; then the server's queue
 * fills, and then nothing is read from the server any more. */
#include "proxy/session/session_private.h"

bool relay_can_tell(struct session *s)
{
    if (s->conversion) /* whole packets have passed, and s->sequence is that of the next */
        return true;
    if (s->follow->at_boundary)
        s->sequence = s->follow->next_sequence;
    return s->follow->at_boundary;
}

/* The reply cannot be completed: an ERR in place of its next packet, or, in the middle of a packet,
 * a closed connection. Never an end that looks like one. */
static enum turn break_off(struct session *s, enum error_code code, const char *reason)
{
    struct log_context who = session_context(s);
    const char *explained = retry_explain(s);

    log_warning(&who, "relay", "source=%.*s broke off after %llu packets: %s",
                SHOW(s->plan->source->name), (unsigned long long)s->follow->packets, reason);
    metric_add(&s->all->loop->metrics, METRIC_backends_lost, 1);
    if (code != ERROR_LOCAL_INFILE && !s->is_killed && !s->is_stopped)
        backend_broke(s->backend);
    if (code == ERROR_LOST && retry_is_allowed(s))
        return session_retry(s);
    lease_drop(s, s->backend);
    if (!relay_can_tell(s))
        return session_go(s, BYE);
    if (code == ERROR_LOCAL_INFILE)
        refuse(s->error, code, "starbind: LOAD DATA LOCAL INFILE is not allowed");
    else if (code == ERROR_LOST && s->is_killed)
        refuse(s->error, ERROR_KILLED, "Query execution was interrupted");
    else
        refuse(s->error, code, "%s", explained);
    return session_go(s, REFUSE);
}

/* Walks over one piece of the server's queue, or translates one packet at its front. HELD when that
 * packet's beginning, or all of it, has not come yet. */
static enum follow_state move_piece(struct session *s)
{
    struct queue *in = &s->backend->server.in;
    size_t n, used;
    unsigned char *bytes = queue_front_bytes(in, &n);
    enum follow_state state = follow_walk(s->follow, bytes, n, &used);

    queue_move(&s->client.out, in, used);
    if (state == FOLLOW_HELD)
        return translate_held(s);
    if (state != FOLLOW_MORE || used == n)
        return state;
    if (in->size < s->follow->wants)
        return FOLLOW_HELD;
    queue_join(in, s->follow->wants); /* it lay in two pieces */
    return FOLLOW_MORE;
}

/* Moves what there is; MORE when the queue is used up or the client has enough to read. */
static enum follow_state move(struct session *s)
{
    struct queue *in = &s->backend->server.in;
    size_t before = s->client.out.size;
    enum follow_state state = FOLLOW_MORE;

    while (state == FOLLOW_MORE && in->size && !queue_is_high(&s->client.out))
        state = move_piece(s);
    s->record->bytes += s->client.out.size - before;
    return state;
}

/* The rest of the packet at hand; the client's queue may be full before. */
static enum follow_state move_packet(struct session *s)
{
    struct stream *server = &s->backend->server;
    enum follow_state state = FOLLOW_MORE;

    while (state == FOLLOW_MORE && server->in.size && follow_left(s->follow)
           && !queue_is_high(&s->client.out)) {
        size_t n, used, left = follow_left(s->follow);
        unsigned char *bytes = queue_front_bytes(&server->in, &n);
        state = follow_walk(s->follow, bytes, n < left ? n : left, &used);
        queue_move(&s->client.out, &server->in, used);
    }
    return state;
}

static enum follow_state drop(struct session *s)
{
    struct queue *in = &s->backend->server.in;
    enum follow_state state = FOLLOW_MORE;

    if (!s->is_muted)
        s->is_muted = relay_can_tell(s);
    while (state == FOLLOW_MORE && in->size) {
        size_t n, used;
        unsigned char *bytes = queue_front_bytes(in, &n);
        state = follow_walk(s->follow, bytes, n, &used);
        queue_drop(in, used);
    }
    return state;
}

/* It was stopped, for its time is over: the client gets the packet at hand to its end and then the
 * ERR that says so, and the rest of the reply nobody. */
static enum turn run_out(struct session *s)
{
    struct stream *server = &s->backend->server;
    bool is_whole = s->is_muted || s->conversion; /* to the client went whole packets */
    enum follow_state state;

    follow_hold(s->follow, 0); /* nothing of the rest is told */
    state = is_whole ? FOLLOW_MORE : move_packet(s);
    if (state == FOLLOW_END)
        return session_go(s, SETTLE);
    if (state == FOLLOW_MORE && (is_whole || s->follow->at_boundary))
        state = drop(s);
    if (state == FOLLOW_END)
        return session_stopped(s);
    if (state == FOLLOW_MORE && (server->in.size || server->is_open)) {
        stream_taken(server);
        return WAIT;
    }
    if (!s->is_muted)
        return break_off(s, ERROR_LOST, "it was stopped");
    lease_drop(s, s->backend);
    return session_stopped(s);
}

enum turn relay(struct session *s)
{
    enum phase phase = s->phase;
    enum turn turn = align_answers(s);
    enum follow_state state;

    if (turn != ONWARD || s->phase != phase)
        return turn;
    session_kill_again(s);
    struct stream *server = &s->backend->server;

    if (s->is_stopped)
        return run_out(s);
    do {
        state = s->conversion ? convert(s) : move(s);
        switch (state) {
        case FOLLOW_END:
            return session_go(s, SETTLE);
        case FOLLOW_BROKEN:
            return break_off(s, ERROR_MALFORMED, "it does not speak the MySQL protocol");
        case FOLLOW_INFILE:
            return break_off(s, ERROR_LOCAL_INFILE, "it asked for a file of the client");
        case FOLLOW_HELD:
        case FOLLOW_MORE:
            break;
        }
        stream_flush(&s->client);
    } while (state == FOLLOW_MORE && server->in.size && !queue_is_high(&s->client.out));
    if ((server->in.size == 0 || state == FOLLOW_HELD) && !server->is_open)
        return break_off(s, ERROR_LOST, stream_error(server));
    if (server->in.size == 0 && retry_is_due(s))
        return session_retry(s);
    stream_taken(server);
    session_progress(s);
    return WAIT;
}
