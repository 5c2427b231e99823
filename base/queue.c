#include "base/queue.h"

#include "base/memory.h"
#include "base/must.h"

struct chunk {
    struct chunk *next;
    uint32_t start, end; /* the used part of data */
    uint32_t room;       /* CHUNK_DATA or CHUNK_LARGE */
    uint32_t unused;
    char data[];
};

_Static_assert(sizeof(struct chunk) + CHUNK_DATA == 16 * 1024, "a chunk is 16 KiB");

static struct chunk *chunk_take(struct chunk_pool *pool, uint32_t room)
{
    struct chunk **spare = room == CHUNK_DATA ? &pool->spare : &pool->spare_large, *c = *spare;

    if (c) {
        *spare = c->next;
        *(room == CHUNK_DATA ? &pool->count : &pool->count_large) -= 1;
    } else {
        c = malloc(sizeof(*c) + room);
        must(c);
        c->room = room;
    }
    pool->out++;
    c->next = NULL;
    c->start = c->end = 0;
    return c;
}

static void keep(struct chunk *c, struct chunk **spare, size_t *count, size_t most)
{
    if (*count >= most) {
        free(c);
        return;
    }
    c->next = *spare;
    *spare = c;
    ++*count;
}

static void chunk_put(struct chunk_pool *pool, struct chunk *c)
{
    pool->out--;
    if (c->room == CHUNK_DATA)
        keep(c, &pool->spare, &pool->count, pool->keep);
    else
        keep(c, &pool->spare_large, &pool->count_large, CHUNK_KEEP_LARGE);
}

static void append(struct queue *q, struct chunk *c)
{
    if (q->last)
        q->last->next = c;
    else
        q->first = c;
    q->last = c;
}

static struct chunk *take_first(struct queue *q)
{
    struct chunk *c = q->first;

    q->first = c->next;
    if (!q->first)
        q->last = NULL;
    c->next = NULL;
    return c;
}

void queue_init(struct queue *q, struct chunk_pool *pool)
{
    *q = (struct queue){.pool = pool};
}

void queue_clear(struct queue *q)
{
    while (q->first)
        chunk_put(q->pool, take_first(q));
    q->size = q->wanted = 0;
    q->is_bulk = false;
}

char *queue_reserve(struct queue *q, size_t *room)
{
    if (!q->last || q->last->end == q->last->room)
        append(q, chunk_take(q->pool, q->is_bulk ? CHUNK_LARGE : CHUNK_DATA));
    *room = q->last->room - q->last->end;
    return q->last->data + q->last->end;
}

void queue_commit(struct queue *q, size_t n)
{
    struct chunk *c = q->last;
    bool is_bulk = q->is_bulk;

    must(c && n <= c->room - c->end);
    c->end += (uint32_t)n;
    q->size += n;
    if (n)
        is_bulk = n >= CHUNK_DATA || c->end == c->room;
    if (q->size == 0)
        queue_clear(q);
    q->is_bulk = is_bulk;
}

void queue_put(struct queue *q, struct slice bytes)
{
    while (bytes.size) {
        size_t room;
        char *at = queue_reserve(q, &room);
        size_t n = bytes.size < room ? bytes.size : room;
        memcpy(at, bytes.data, n);
        queue_commit(q, n);
        bytes = slice_after(bytes, n);
    }
}

struct slice queue_front(const struct queue *q)
{
    if (!q->first)
        return (struct slice){0};
    return (struct slice){q->first->data + q->first->start, q->first->end - q->first->start};
}

unsigned char *queue_front_bytes(struct queue *q, size_t *n)
{
    *n = q->first ? q->first->end - q->first->start : 0;
    return q->first ? (unsigned char *)q->first->data + q->first->start : NULL;
}

void queue_peek(const struct queue *q, size_t at, void *buffer, size_t n)
{
    char *to = buffer;

    must(at <= q->size && n <= q->size - at);
    for (const struct chunk *c = q->first; n; c = c->next) {
        size_t held = c->end - c->start;
        if (at >= held) {
            at -= held;
            continue;
        }
        size_t part = held - at < n ? held - at : n;
        memcpy(to, c->data + c->start + at, part);
        to += part;
        n -= part;
        at = 0;
    }
}

void queue_drop(struct queue *q, size_t n)
{
    must(n <= q->size);
    q->size -= n;
    q->wanted = 0;
    while (n) {
        struct chunk *c = q->first;
        size_t held = c->end - c->start;
        if (n < held) {
            c->start += (uint32_t)n;
            return;
        }
        n -= held;
        chunk_put(q->pool, take_first(q));
    }
}

void queue_join(struct queue *q, size_t n)
{
    struct chunk *c;

    must(n <= q->size && n <= CHUNK_DATA);
    if (n == 0 || q->first->end - q->first->start >= n)
        return;
    c = chunk_take(q->pool, CHUNK_DATA);
    queue_peek(q, 0, c->data, n);
    c->end = (uint32_t)n;
    queue_drop(q, n);
    c->next = q->first;
    q->first = c;
    if (!q->last)
        q->last = c;
    q->size += n;
}

/* What is not taken away is packed: a chunk that is nearly empty holds 64 KiB. */
static bool has_room(const struct queue *to, size_t n)
{
    return to->last && n <= to->last->room - to->last->end;
}

void queue_move(struct queue *to, struct queue *from, size_t n)
{
    must(to->pool == from->pool && n <= from->size);
    from->wanted = 0;
    while (n) {
        struct chunk *c = from->first;
        size_t held = c->end - c->start;
        if (n < held || has_room(to, held)) {
            size_t part = n < held ? n : held;
            queue_put(to, (struct slice){c->data + c->start, part});
            queue_drop(from, part);
            n -= part;
            continue;
        }
        append(to, take_first(from));
        to->size += held;
        from->size -= held;
        n -= held;
    }
}

unsigned queue_vectors(const struct queue *q, struct iovec *vectors, unsigned count)
{
    unsigned used = 0;

    for (struct chunk *c = q->first; c && used < count; c = c->next)
        if (c->end > c->start)
            vectors[used++] = (struct iovec){c->data + c->start, c->end - c->start};
    return used;
}

void chunk_pool_fini(struct chunk_pool *pool)
{
    must(pool->out == 0);
    while (pool->spare) {
        struct chunk *c = pool->spare;
        pool->spare = c->next;
        free(c);
    }
    while (pool->spare_large) {
        struct chunk *c = pool->spare_large;
        pool->spare_large = c->next;
        free(c);
    }
    pool->count = pool->count_large = 0;
}
