/* Byte queues of chunks with a high and a low mark.
 *
 *      drop / peek                                     put / reserve+commit
 *          |   [ chunk ] -> [ chunk ] -> [ chunk ]         |
 *
 * Chunks come from the loop's pool and go back as soon as they are empty: an idle queue holds none.
 * Moving bytes between queues relinks whole chunks and copies only the part of one. A queue refuses
 * nothing: whoever fills it looks at queue_is_high and stops the source; it resumes at
 * queue_is_low. */
#ifndef BASE_QUEUE_H
#define BASE_QUEUE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "base/slice.h"

enum {
    CHUNK_DATA = 16 * 1024 - 24,  /* bytes that a chunk can hold; 16 KiB with its header */
    CHUNK_LARGE = 64 * 1024 - 24, /* where more than that comes at a time */
    CHUNK_KEEP_LARGE = 16,        /* most of those to keep */
    QUEUE_HIGH = 256 * 1024,      /* bytes from which a queue counts as full */
    QUEUE_LOW = 64 * 1024         /* bytes at or below which it counts as drained */
};

struct chunk;

struct chunk_pool {
    struct chunk *spare;
    size_t count; /* chunks kept */
    size_t keep;  /* most chunks to keep; the rest is freed */
    size_t out;   /* chunks in queues now */
    struct chunk *spare_large;
    size_t count_large;
};

struct queue {
    struct chunk_pool *pool; /* borrowed */
    struct chunk *first, *last;
    size_t size;   /* bytes in the queue */
    size_t wanted; /* a reader's note: it need not look before so many are there; dropped or moved
                      bytes take the note away */
    bool is_bulk;  /* the last commit was of CHUNK_DATA bytes or more: it pays to ask for more */
};

void queue_init(struct queue *q, struct chunk_pool *pool);

/* Drops everything. */
void queue_clear(struct queue *q);

/* Copies bytes in. */
void queue_put(struct queue *q, struct slice bytes);

/* Room to receive into, at least one byte; *room tells how much. Bytes count only once committed,
 * and at most as many as there was room for. Commit of 0 gives an unused chunk back. */
char *queue_reserve(struct queue *q, size_t *room);
void queue_commit(struct queue *q, size_t n);

/* The contiguous bytes at the front, empty when the queue is. */
struct slice queue_front(const struct queue *q);

/* The same bytes, to be changed in place. */
unsigned char *queue_front_bytes(struct queue *q, size_t *n);

/* Sees to it that the first n bytes, at most CHUNK_DATA, lie in one piece; n must not exceed the
 * size. */
void queue_join(struct queue *q, size_t n);

/* Copies n bytes from offset `at` without taking them; at + n must not exceed the size. */
void queue_peek(const struct queue *q, size_t at, void *buffer, size_t n);

/* Takes n bytes off the front; n must not exceed the size. */
void queue_drop(struct queue *q, size_t n);

/* Moves the first n bytes of `from` to the end of `to`; both must use the same pool. */
void queue_move(struct queue *to, struct queue *from, size_t n);

/* Fills at most `count` vectors with the front of the queue, for writev; returns how many. */
unsigned queue_vectors(const struct queue *q, struct iovec *vectors, unsigned count);

static inline bool queue_is_high(const struct queue *q)
{
    return q->size >= QUEUE_HIGH;
}

static inline bool queue_is_low(const struct queue *q)
{
    return q->size <= QUEUE_LOW;
}

/* Frees the spare chunks; no chunk may be out. */
void chunk_pool_fini(struct chunk_pool *pool);

#endif
