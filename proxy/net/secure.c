/* TLS between a stream's queues and its socket.
 *
 *   socket -> absorb =opened=> in -> owner          owner -> out =sealed=> emit -> socket
 *
 * The owner's queues and marks are as without TLS. Sealed bytes are opened only while `in` has
 * room, and the socket is read only then, so that at most one read of the socket and one record
 * wait sealed; `out` is sealed only while less than SEALED_HIGH waits for the socket. */
#include "proxy/net/net_private.h"

#include "base/must.h"
#include "protocol/tls/tls.h"

static void shake(struct stream *s)
{
    enum tls_state state = s->tls->provider->handshake(s->tls);

    if (state == TLS_MORE)
        return;
    if (state != TLS_DONE) {
        stream_flush(s); /* an alert says why */
        stream_end(s, state == TLS_CLOSED ? UV_EOF : ERROR_TLS);
        return;
    }
    s->is_secured = true;
    stream_flush(s); /* the last words of the handshake before the first of the owner */
    if (s->is_open)
        s->notify(s->owner, STREAM_SECURED);
}

/* Opens bytes into `in` until that is full or nothing is left. True when there were any; *state
 * tells how it ended. */
static bool fill(struct stream *s, enum tls_state *state)
{
    bool any = false;

    *state = TLS_DONE;
    while (s->in.size < s->in_high && !s->is_held && *state == TLS_DONE) {
        size_t room, got = 0;
        char *to = queue_reserve(&s->in, &room);
        *state = s->tls->provider->read(s->tls, to, room, &got);
        queue_commit(&s->in, got);
        any |= got > 0;
    }
    return any;
}

static void open_records(struct stream *s)
{
    enum tls_state state;

    while (s->is_open && fill(s, &state)) {
        s->notify(s->owner, STREAM_ARRIVED);
        if (state != TLS_DONE)
            break;
    }
    if (!s->is_open || s->is_closing || state == TLS_DONE || state == TLS_MORE)
        return;
    stream_flush(s);
    stream_end(s, state == TLS_CLOSED ? UV_EOF : ERROR_TLS);
}

void secure_open(struct stream *s)
{
    if (s->is_opening || !s->is_open || s->is_closing)
        return;
    s->is_opening = true;
    if (!s->is_secured)
        shake(s);
    if (s->is_open && !s->is_closing && s->is_secured)
        open_records(s);
    s->is_opening = false;
    stream_flush(s); /* tickets, alerts, answers of the handshake */
}

void secure_seal(struct stream *s)
{
    while (s->is_secured && s->out.size && s->tls->emit.size < SEALED_HIGH) {
        struct slice front = queue_front(&s->out);
        if (s->tls->provider->write(s->tls, front) != TLS_DONE) {
            stream_end(s, ERROR_TLS);
            return;
        }
        queue_drop(&s->out, front.size);
    }
}

void stream_secure(struct stream *s, struct tls_context *context, struct slice host)
{
    must(!s->tls && s->is_open);
    s->tls = context->provider->open(context, &s->loop->chunks, host);
    queue_move(&s->tls->absorb, &s->in, s->in.size);
    queue_move(&s->tls->emit, &s->out,
               s->out.size); /* libuv may be writing them: they stay first */
    stream_taken(s);
}

struct tls_about stream_about(const struct stream *s, struct tls_names *names)
{
    must(s->is_secured);
    return s->tls->provider->about(s->tls, names);
}

void stream_rest(struct stream *s)
{
    if (s->is_secured && s->is_open && s->in.size == 0 && !stream_owes(s))
        s->tls->provider->rest(s->tls);
}
