/* A logical packet is a chain of parts, each with a header; all but the last are full:
 *
 *     [len seq | payload] ...        [ffffff 0 | 16 MiB - 1] [ffffff 1 | 16 MiB - 1] [len 2 | rest]
 *
 * Receiving looks at the headers at offsets 0, 16 MiB + 3, … and copies once the last part is
 * whole. */
#include "protocol/mysql/mysql.h"

#include "base/arena.h"
#include "base/must.h"
#include "base/queue.h"
#include "protocol/mysql/mysql_private.h"

static struct packet_header header_at(const struct queue *q, size_t at)
{
    unsigned char bytes[MYSQL_HEADER];

    queue_peek(q, at, bytes, sizeof(bytes));
    return packet_header_read(bytes);
}

/* Copies `size` payload bytes, leaving the headers between them out. */
static struct slice join(struct queue *q, size_t size, struct arena *a)
{
    char *buffer = arena_alloc(a, size ? size : 1);
    struct packet_header h;
    size_t at = 0;

    do {
        h = header_at(q, 0);
        queue_drop(q, MYSQL_HEADER);
        queue_peek(q, 0, buffer + at, h.length);
        queue_drop(q, h.length);
        at += h.length;
    } while (h.length == MYSQL_PACKET_MAX);
    must(at == size);
    return slice_make(buffer, size);
}

/* The common case, quickly: a packet of one part that lies in one piece. */
static bool take_piece(struct queue *q, uint8_t *sequence, size_t limit, struct arena *a,
                       struct slice *payload)
{
    struct slice front = queue_front(q);

    if (front.size < MYSQL_HEADER)
        return false;
    struct packet_header h = packet_header_read((const unsigned char *)front.data);
    if (h.sequence != *sequence || h.length == 0 || h.length == MYSQL_PACKET_MAX || h.length > limit
        || h.length > front.size - MYSQL_HEADER)
        return false;
    char *buffer = arena_room(a, h.length);
    memcpy(buffer, front.data + MYSQL_HEADER, h.length);
    queue_drop(q, MYSQL_HEADER + h.length);
    *payload = slice_make(buffer, h.length);
    ++*sequence;
    return true;
}

/* So that a statement of 64 MiB, which comes in thousands of reads, is not walked at each of them.
 */
static enum packet_state wait_for(struct queue *q, size_t bytes)
{
    q->wanted = bytes;
    return PACKET_NONE;
}

enum packet_state packet_take(struct queue *q, uint8_t *sequence, size_t limit, struct arena *a,
                              struct slice *payload)
{
    size_t at = 0, size = 0;
    uint8_t expected = *sequence;
    struct packet_header h;

    if (q->size < q->wanted)
        return PACKET_NONE;
    if (take_piece(q, sequence, limit, a, payload))
        return PACKET_WHOLE;
    do {
        if (q->size - at < MYSQL_HEADER)
            return wait_for(q, at + MYSQL_HEADER);
        h = header_at(q, at);
        if (h.sequence != expected++)
            return PACKET_BAD_SEQUENCE;
        if (h.length > limit - size)
            return PACKET_TOO_LARGE;
        size += h.length;
        at += MYSQL_HEADER;
        if (q->size - at < h.length)
            return wait_for(q, at + h.length);
        at += h.length;
    } while (h.length == MYSQL_PACKET_MAX);
    *payload = join(q, size, a);
    *sequence = expected;
    return PACKET_WHOLE;
}

static void part_open(struct packet_pieces *p)
{
    p->filled = 0;
    p->room = p->left < MYSQL_PACKET_MAX ? p->left : MYSQL_PACKET_MAX;
    char header[MYSQL_HEADER];

    packet_header_put(header, (uint32_t)p->room, (*p->sequence)++);
    queue_put(p->q, slice_make(header, sizeof(header)));
}

void pieces_open(struct packet_pieces *p, struct queue *q, uint8_t *sequence, size_t size)
{
    *p = (struct packet_pieces){.q = q, .sequence = sequence, .left = size};
    part_open(p);
}

void pieces_put(struct packet_pieces *p, struct slice bytes)
{
    must(bytes.size <= p->left);
    while (bytes.size) {
        size_t n = bytes.size < p->room ? bytes.size : p->room;
        queue_put(p->q, slice_head(bytes, n));
        bytes = slice_after(bytes, n);
        p->left -= n;
        p->room -= n;
        p->filled += n;
        if (p->filled == MYSQL_PACKET_MAX)
            part_open(p);
    }
}

void packet_put(struct queue *q, uint8_t *sequence, struct slice payload)
{
    struct packet_pieces p;

    pieces_open(&p, q, sequence, payload.size);
    pieces_put(&p, payload);
}

/* The same in one step, if there is room for all of it in one piece. */
static bool put_piece(struct queue *q, uint8_t *sequence, unsigned char first,
                      struct slice argument, struct slice more)
{
    size_t room, size = 1 + argument.size + more.size;
    char *to;

    if (size > CHUNK_DATA - MYSQL_HEADER)
        return false;
    to = queue_reserve(q, &room);
    if (room < MYSQL_HEADER + size) {
        queue_commit(q, 0);
        return false;
    }
    packet_header_put(to, (uint32_t)size, (*sequence)++);
    to[MYSQL_HEADER] = (char)first;
    to += MYSQL_HEADER + 1;
    if (argument.size)
        memcpy(to, argument.data, argument.size);
    if (more.size)
        memcpy(to + argument.size, more.data, more.size);
    queue_commit(q, MYSQL_HEADER + size);
    return true;
}

static void put_command(struct queue *q, uint8_t *sequence, enum mysql_command c,
                        struct slice argument, struct slice more)
{
    const unsigned char first = (unsigned char)c;
    struct packet_pieces p;

    if (put_piece(q, sequence, first, argument, more))
        return;
    pieces_open(&p, q, sequence, 1 + argument.size + more.size);
    pieces_put(&p, slice_make(&first, 1));
    pieces_put(&p, argument);
    pieces_put(&p, more);
}

void packet_put_command(struct queue *q, uint8_t *sequence, enum mysql_command c,
                        struct slice argument)
{
    put_command(q, sequence, c, argument, SLICE(""));
}

void packet_put_query(struct queue *q, uint8_t *sequence, struct slice text, struct slice more)
{
    put_command(q, sequence, COMMAND_QUERY, text, more);
}
