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

/* Beside a SHOW there may be queries in the text, whose rows can be longer than what is held. */
static void begin_result(struct session *s, uint32_t result)
{
    unsigned holds = HOLD_ERRORS | HOLD_SCHEMAS;

    reply_begin(s->reply, s->plan, result);
    if (s->maps_rows)
        holds |= HOLD_DEFINITIONS; /* the first of a result leads here */
    if (s->maps_rows && reply_looks_at_rows(s->reply))
        holds |= HOLD_ROWS;
    if (!s->conversion) /* that sees every packet itself */
        follow_hold(s->follow, holds);
}

void translate_start(struct session *s)
{
    s->maps_rows = has_rows_to_map(s);
    s->reply = arena_alloc(&s->arena, sizeof(*s->reply));
    begin_result(s, 0);
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
        begin_result(s, s->follow->results);
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

/* The usual case, quickly: definitions of a query that stand whole at the front of the queue go
 * straight to where they are sent from. False: it is not so, and none was taken. */
static bool pass_definitions(struct session *s, struct arena *arena)
{
    struct queue *in = &s->backend->server.in, *out = &s->client.out;
    struct names names = names_of(s, arena);
    struct follow *f = s->follow;
    size_t n, room, taken = 0, made = 0;
    const unsigned char *bytes = queue_front_bytes(in, &n);

    reply_catch_up(s);
    if (s->reply->columns)
        return false;
    char *to = queue_reserve(out, &room);
    do {
        struct packet_header h = packet_header_read(bytes + taken); /* the follower has seen it */
        if (h.length > n - taken - MYSQL_HEADER || room - made <= MYSQL_HEADER)
            break;
        size_t size = reply_definition_put(s->reply, &names,
                                           slice_make(bytes + taken + MYSQL_HEADER, h.length),
                                           to + made + MYSQL_HEADER, room - made - MYSQL_HEADER);
        if (!size)
            break;
        packet_header_put(to + made, (uint32_t)size, f->next_sequence);
        taken += MYSQL_HEADER + h.length;
        made += MYSQL_HEADER + size;
        follow_taken(f, (uint8_t)(f->server_sequence + 1), (uint8_t)(f->next_sequence + 1));
    } while (follow_holds(f, bytes + taken, n - taken) && f->held == HELD_DEFINITION);
    queue_commit(out, made);
    queue_drop(in, taken);
    return taken > 0;
}

/* One packet, by itself. */
static enum follow_state pass_packet(struct session *s, struct arena *arena)
{
    uint8_t from = s->follow->server_sequence, to = s->follow->next_sequence;
    struct slice payload;

    switch (packet_take(&s->backend->server.in, &from, HELD_MAX, arena, &payload)) {
    case PACKET_NONE:
        return FOLLOW_HELD;
    case PACKET_WHOLE:
        if (!translate_payload(s, s->follow->held, &payload, arena))
            return FOLLOW_BROKEN;
        if (payload.size)
            packet_put(&s->client.out, &to, payload);
        return follow_taken(s->follow, from, to);
    default: /* too long, or out of order */
        return FOLLOW_BROKEN;
    }
}

enum follow_state translate_held(struct session *s)
{
    enum follow_state state = FOLLOW_MORE;
    struct arena arena;

    arena_init(&arena, &s->all->loop->arenas);
    if (s->follow->held != HELD_DEFINITION || !pass_definitions(s, &arena))
        state = pass_packet(s, &arena);
    arena_clear(&arena);
    return state;
}
