/* The reply to a statement that was executed as text, for a client that executed it as a prepared
 * statement: everything passes as it is but the rows, which become binary ones.
 *
 *   server's queue ─follow─> s->collected ─packet by packet─> client's queue
 *
 * The follower has judged the order of the packets, so only their first bytes are looked at. */
#include "proxy/session/session_private.h"

#include "base/reader.h"

enum { EOF_MOST = 9, EOF_BYTE = 0xfe, ERR_BYTE = 0xff };

enum place { AT_FIRST, AT_DEFINITIONS, AT_DEFINED, AT_ROWS };

struct conversion {
    enum place at;
    uint8_t sequence; /* of the next packet in s->collected */
    size_t columns, defined;
    uint8_t *types; /* by column, in the session's arena */
};

void conversion_open(struct session *s)
{
    s->conversion = arena_alloc(&s->arena, sizeof(*s->conversion));
    s->conversion->sequence = s->sequence;
}

static bool take_count(struct session *s, struct slice payload)
{
    struct conversion *c = s->conversion;
    struct reader r = reader_over(payload);
    unsigned char first = payload.size ? (unsigned char)payload.data[0] : 0;

    if (first == 0 || first == ERR_BYTE)
        return true;
    c->columns = take_lenenc(&r);
    c->defined = 0;
    c->types = arena_array(&s->arena, c->columns, sizeof(*c->types));
    c->at = AT_DEFINITIONS;
    return true;
}

static bool take_definition(struct conversion *c, struct slice payload)
{
    struct column column;

    if (!column_read(&column, payload))
        return false;
    c->types[c->defined++] = column.type;
    if (c->defined == c->columns)
        c->at = AT_DEFINED;
    return true;
}

static bool is_end(struct slice payload)
{
    unsigned char first = payload.size ? (unsigned char)payload.data[0] : 0;

    return first == ERR_BYTE || (first == EOF_BYTE && payload.size < EOF_MOST);
}

static bool is_error(struct slice payload)
{
    return payload.size && (unsigned char)payload.data[0] == ERR_BYTE;
}

/* Gives the payload that the client gets, empty for none; false when it cannot be made. */
static bool convert_packet(struct session *s, struct slice *payload, struct arena *scratch)
{
    struct conversion *c = s->conversion;

    if (is_error(*payload))
        return translate_payload(s, HELD_ERROR, payload, scratch);
    switch (c->at) {
    case AT_FIRST:
        return take_count(s, *payload);
    case AT_DEFINITIONS:
        return take_definition(c, *payload)
               && translate_payload(s, HELD_DEFINITION, payload, scratch);
    case AT_DEFINED:
        c->at = AT_ROWS;
        return true;
    case AT_ROWS:
        break;
    }
    if (is_end(*payload)) {
        c->at = AT_FIRST;
        return true;
    }
    if (!translate_payload(s, HELD_ROW, payload, scratch))
        return false;
    if (!payload->size)
        return true;
    *payload = binary_row(*payload, c->types, c->columns, scratch);
    return payload->size > 0;
}

/* Whole packets go on; false when one cannot. */
static bool pass_on(struct session *s)
{
    size_t limit = s->snapshot->config->settings.max_statement_bytes;
    enum packet_state state = PACKET_WHOLE;
    struct arena scratch;
    bool is_good = true;

    arena_init(&scratch, &s->all->loop->arenas);
    while (is_good && state == PACKET_WHOLE) {
        struct slice payload;
        state = packet_take(&s->collected, &s->conversion->sequence, limit, &scratch, &payload);
        if (state == PACKET_WHOLE) {
            is_good = convert_packet(s, &payload, &scratch);
            if (is_good && payload.size)
                packet_put(&s->client.out, &s->sequence, payload);
        }
        arena_clear(&scratch);
    }
    return is_good && state == PACKET_NONE;
}

enum follow_state convert(struct session *s)
{
    struct stream *server = &s->backend->server;
    enum follow_state state = FOLLOW_MORE;

    while (state == FOLLOW_MORE && server->in.size && !queue_is_high(&s->client.out)) {
        size_t n, used;
        unsigned char *bytes = queue_front_bytes(&server->in, &n);
        state = follow_walk(s->follow, bytes, n, &used);
        queue_move(&s->collected, &server->in, used);
        if (!pass_on(s))
            return FOLLOW_BROKEN;
    }
    return state;
}
