/* COLLECT: a reply that is the gateway's own, held until it is whole; it is small or it is refused.
 * Nothing has gone to the client meanwhile, so whatever happens can be told. */
#include "proxy/session/session_private.h"

static enum turn lose(struct session *s, const char *reason)
{
    struct log_context who = session_context(s);

    log_warning(&who, "collect", "source=%.*s: %s", SHOW(s->plan->source->name), reason);
    metric_add(&s->all->loop->metrics, METRIC_backends_lost, 1);
    backend_broke(s->backend);
    bool lost_transaction = s->backend == s->transaction_backend;
    lease_give_up(s, s->backend);
    refuse(s->error, ERROR_LOST, "starbind: the frontend's answer could not be used%s",
           lost_transaction ? "; the transaction is rolled back" : "");
    return session_go(s, REFUSE);
}

enum turn collect(struct session *s)
{
    enum phase phase = s->phase;
    enum turn turn = align_answers(s);

    if (turn != ONWARD || s->phase != phase)
        return turn;
    session_kill_again(s);
    struct stream *server = &s->backend->server;
    enum follow_state state = FOLLOW_MORE;

    while (state == FOLLOW_MORE && server->in.size && !queue_is_high(&s->collected)) {
        size_t n, used;
        unsigned char *bytes = queue_front_bytes(&server->in, &n);
        state = follow_walk(s->follow, bytes, n, &used);
        queue_move(&s->collected, &server->in, used);
    }
    if (state == FOLLOW_END && s->is_stopped)
        return session_stopped(s);
    if (state == FOLLOW_END)
        return session_go(s, fields_reply(s) ? SETTLE : REFUSE);
    if (state != FOLLOW_MORE)
        return lose(s, "it does not speak the MySQL protocol");
    if (queue_is_high(&s->collected))
        return lose(s, "the answer is too long");
    if ((!server->is_open && retry_is_allowed(s)) || retry_is_due(s))
        return session_retry(s);
    if (!server->is_open)
        return lose(s, stream_error(server));
    stream_taken(server);
    return WAIT;
}
