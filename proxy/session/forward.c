/* FORWARD: the statement, in real names, goes to the frontend. */
#include "proxy/session/session_private.h"

/* The client sees its own transaction and autocommit, whatever the server believes. */
#define OWN_FLAGS                                                                                  \
    (STATUS_IN_TRANS | STATUS_AUTOCOMMIT | STATUS_SESSION_CHANGED | STATUS_CURSOR_EXISTS)

static enum follow_what put(struct session *s, struct queue *out)
{
    switch (s->command) {
    case COMMAND_STMT_PREPARE:
        packet_put_command(out, &s->server_sequence, COMMAND_STMT_PREPARE, s->plan->text);
        return FOLLOW_PREPARE;
    case COMMAND_STMT_EXECUTE:
        if (s->prepared->is_bound_here)
            break;
        packet_put_command(out, &s->server_sequence, COMMAND_STMT_EXECUTE, statement_arguments(s));
        return FOLLOW_EXECUTE;
    default:
        break;
    }
    packet_put_query(out, &s->server_sequence, s->plan->text, session_comment(s));
    return FOLLOW_QUERY;
}

enum turn forward(struct session *s)
{
    struct stream *server = &s->backend->server;

    s->server_sequence = 0;
    enum follow_what what = put(s, &server->out);
    s->was_sent = true;
    stream_flush(server); /* the rest is done while the frontend works */
    writes_note(s);
    s->follow = arena_alloc(&s->arena, sizeof(*s->follow));
    follow_start(s->follow, what, s->server_sequence, s->sequence, OWN_FLAGS, session_status(s));
    if (what == FOLLOW_PREPARE)
        follow_rename(s->follow, statement_announce(s));
    if (s->command == COMMAND_STMT_EXECUTE && what == FOLLOW_QUERY)
        conversion_open(s);
    if (s->command != COMMAND_FIELD_LIST)
        translate_start(s);
    deadline_start(s);
    return session_go(s, s->command == COMMAND_FIELD_LIST ? COLLECT : RELAY);
}
