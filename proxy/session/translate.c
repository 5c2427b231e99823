/* Packets of a reply that hold names: errors, column definitions that tell a schema, and all of a
 * SHOW or EXPLAIN. The follower stops before each, and it is passed on in project names. All other
 * packets pass as they come; a packet is looked at alone, so that nothing is collected. */
#include "proxy/session/session_private.h"

#include "proxy/virtual/reply.h"

enum {
    HELD_MAX = 128 * 1024, /* bytes of such a packet; it must fit the queue, QUEUE_HIGH */
    ERROR_HEAD = 9         /* before the message: 0xff, number, '#', SQLSTATE */
};

static struct names names_of(const struct session *s, struct arena *arena)
{
    const struct learnt *known = pools_learnt(s->all->pools, s->plan->source->cluster);

    return (struct names){
        .config = s->snapshot->config,
        .user = s->user,
        .plan = s->plan,
        .arena = arena,
        .databases = known ? learnt_list(known, LEARNT_DATABASES) : NULL,
        .hosts = known ? learnt_list(known, LEARNT_HOSTS) : NULL,
    };
}

/* Rows of the binary protocol are those of queries, which are not looked at; a SHOW is executed as
 * text there, too. */
static bool has_rows_to_map(const struct session *s)
{
    bool is_text = s->command == COMMAND_QUERY || s->conversion;

    for (size_t i = 0; is_text && !s->user->sees_all_metadata && i < s->plan->step_count; i++)
        if (reply_is_mapped(s->plan->steps[i].statement))
            return true;
    return false;
}

void translate_start(struct session *s)
{
    unsigned holds = HOLD_ERRORS | HOLD_SCHEMAS;

    s->maps_rows = has_rows_to_map(s);
    if (s->maps_rows)
        holds |= HOLD_DEFINITIONS | HOLD_ROWS;
    s->reply = arena_alloc(&s->arena, sizeof(*s->reply));
    reply_begin(s->reply, s->plan, 0);
    if (!s->conversion) /* that sees every packet itself */
        follow_hold(s->follow, holds);
}

struct slice translate_message(struct session *s, struct slice message)
{
    struct names n = names_of(s, &s->arena);

    return names_in_message(&n, message, s->text);
}

static bool translate_error(struct session *s, const struct names *n, struct slice *payload)
{
    struct err_packet err;

    if (!err_read(&err, *payload))
        return false;
    err.message = names_in_message(n, err.message, s->text);
    s->follow->error_number = err.number;
    size_t size = ERROR_HEAD + err.message.size;
    struct writer w = writer_over(arena_alloc(n->arena, size), size);
    if (!err_put(&w, &err))
        return false;
    *payload = writer_bytes(&w);
    return true;
}

static void reply_catch_up(struct session *s)
{
    if (s->reply->result != s->follow->results)
        reply_begin(s->reply, s->plan, s->follow->results);
}

bool translate_payload(struct session *s, enum follow_held what, struct slice *payload,
                       struct arena *arena)
{
    struct names n = names_of(s, arena);

    switch (what) {
    case HELD_ERROR:
        return translate_error(s, &n, payload);
    case HELD_DEFINITION:
        reply_catch_up(s);
        return reply_definition(s->reply, &n, *payload, payload);
    case HELD_ROW:
        break;
    }
    return !s->maps_rows || reply_row(s->reply, &n, *payload, payload);
}

/* The usual case, quickly: a query's definition that stands whole at the front of the queue goes
 * straight to where it is sent from. */
static bool pass_definition(struct session *s, struct arena *arena)
{
    struct queue *in = &s->backend->server.in, *out = &s->client.out;
    struct names names = names_of(s, arena);
    size_t n, room, size = 0;
    const unsigned char *bytes = queue_front_bytes(in, &n);
    struct packet_header h = packet_header_read(bytes); /* the follower has seen it */

    reply_catch_up(s);
    if (s->reply->columns || h.length > n - MYSQL_HEADER)
        return false;
    char *to = queue_reserve(out, &room);
    if (room > MYSQL_HEADER)
        size = reply_definition_put(s->reply, &names,
                                    slice_make((const char *)bytes + MYSQL_HEADER, h.length),
                                    to + MYSQL_HEADER, room - MYSQL_HEADER);
    if (size)
        packet_header_put(to, (uint32_t)size, s->follow->next_sequence);
    queue_commit(out, size ? MYSQL_HEADER + size : 0);
    if (size)
        queue_drop(in, MYSQL_HEADER + h.length);
    return size > 0;
}

enum follow_state translate_held(struct session *s)
{
    uint8_t from = s->follow->server_sequence, to = s->follow->next_sequence;
    enum follow_state state = FOLLOW_BROKEN;
    struct slice payload;
    struct arena arena;

    arena_init(&arena, &s->all->loop->arenas);
    if (s->follow->held == HELD_DEFINITION && pass_definition(s, &arena)) {
        arena_clear(&arena);
        return follow_taken(s->follow, (uint8_t)(from + 1), (uint8_t)(to + 1));
    }
    switch (packet_take(&s->backend->server.in, &from, HELD_MAX, &arena, &payload)) {
    case PACKET_NONE:
        state = FOLLOW_HELD;
        break;
    case PACKET_WHOLE:
        if (!translate_payload(s, s->follow->held, &payload, &arena))
            break;
        if (payload.size)
            packet_put(&s->client.out, &to, payload);
        state = follow_taken(s->follow, from, to);
        break;
    default: /* too long, or out of order */
        break;
    }
    arena_clear(&arena);
    return state;
}
