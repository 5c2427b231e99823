/* FORWARD: the statement, in real names, goes to the frontend. */
#include "proxy/session/session_private.h"

/* The client sees its own transaction and autocommit, whatever the server believes. */
#define OWN_FLAGS                                                                                  \
    (STATUS_IN_TRANS | STATUS_AUTOCOMMIT | STATUS_SESSION_CHANGED | STATUS_CURSOR_EXISTS)

enum turn forward(struct session *s)
{
    struct stream *server = &s->backend->server;

    s->server_sequence = 0;
    packet_put_command(&server->out, &s->server_sequence, COMMAND_QUERY, s->plan->text);
    follow_start(&s->follow, FOLLOW_QUERY, s->server_sequence, s->sequence, OWN_FLAGS,
                 session_status(s));
    stream_flush(server);
    return session_go(s, RELAY);
}
