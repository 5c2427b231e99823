#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>

#include "base/memory.h"
#include "base/must.h"

/* What no one was given is zero, in spare blocks as in new ones: memory is cleared once a
 * statement, in one piece, and not once an object.
 *
 * Long arrays have blocks of their own; small objects of a long statement get larger blocks the
 * longer it is. These are kept for some statements: malloc gives large pieces back to the kernel,
 * and then each of their pages costs a fault again, which is up to half of the time of a long
 * statement. */
enum { GROWN_MOST = 256 * 1024 };

struct arena_block {
    struct arena_block *next;
    size_t size; /* bytes of data */
    size_t used; /* of them, given away; of the block that is being filled see arena.at */
    size_t kept; /* of a spare one that is large: the pool's `clears` when it came back */
    _Alignas(max_align_t) char data[];
};

void arena_init(struct arena *a, struct arena_pool *pool)
{
    *a = (struct arena){.pool = pool};
}

/* The first spare one that is large enough, and not by far too large. Not cleared: `used` bytes of
 * it are another statement's. */
static struct arena_block *large_take(struct arena_pool *pool, size_t room)
{
    for (struct arena_block **place = &pool->large; *place; place = &(*place)->next) {
        struct arena_block *block = *place;

        if (block->size >= room && block->size / 2 <= room) {
            *place = block->next;
            pool->large_size -= block->size;
            return block;
        }
    }
    return NULL;
}

static void large_put(struct arena_pool *pool, struct arena_block *block)
{
    block->kept = pool->clears;
    block->next = pool->large;
    pool->large = block;
    pool->large_size += block->size;
}

/* Frees those that came back so many statements ago; the newest are first. */
static void large_age(struct arena_pool *pool, size_t clears)
{
    struct arena_block **place = &pool->large, *block;

    while (*place && pool->clears - (*place)->kept < clears)
        place = &(*place)->next;
    while ((block = *place)) {
        *place = block->next;
        pool->large_size -= block->size;
        free(block);
    }
}

enum content { ZEROES, ANYTHING };

static struct arena_block *block_make(struct arena_pool *pool, size_t room, enum content content)
{
    struct arena_block *block = pool && room > ARENA_BLOCK ? large_take(pool, room) : NULL;

    if (!block) {
        must(room <= SIZE_MAX / 2);
        block = calloc(1, sizeof(*block) + room);
        must(block);
        block->size = room;
    } else if (content == ZEROES) {
        memset(block->data, 0, block->used);
        block->used = 0;
    }
    return block;
}

/* A block to be filled with small objects. */
static struct arena_block *block_new(struct arena *a)
{
    size_t grown = a->used / 8 < GROWN_MOST ? a->used / 8 : GROWN_MOST;
    struct arena_pool *pool = a->pool;
    struct arena_block *block;

    if (!pool || !pool->spare)
        return block_make(pool, grown > ARENA_BLOCK ? grown : ARENA_BLOCK, ZEROES);
    block = pool->spare;
    pool->spare = block->next;
    pool->count--;
    return block;
}

static void block_free(struct arena_pool *pool, struct arena_block *block)
{
    if (pool && block->size == ARENA_BLOCK && pool->count < pool->keep) {
        memset(block->data, 0, block->used);
        block->next = pool->spare;
        pool->spare = block;
        pool->count++;
    } else if (pool && block->size > ARENA_BLOCK && block->size <= ARENA_LARGE - pool->large_size) {
        large_put(pool, block);
    } else {
        free(block);
    }
}

/* Notes how much of the block that is being filled was given away. */
static void block_leave(struct arena *a)
{
    if (a->blocks)
        a->blocks->used = a->blocks->size - a->left;
}

void arena_clear(struct arena *a)
{
    if (a->blocks && a->pool) {
        a->pool->clears++;
        large_age(a->pool, ARENA_KEPT);
    }
    block_leave(a);
    while (a->blocks) {
        struct arena_block *block = a->blocks;
        a->blocks = block->next;
        block_free(a->pool, block);
    }
    a->at = NULL;
    a->left = 0;
    a->used = 0;
}

/* A large object has a block of its own, so that it can grow. */
static void *alloc_alone(struct arena *a, size_t size, enum content content)
{
    struct arena_block *block = block_make(a->pool, size, content);
    struct arena_block **place = a->blocks ? &a->blocks->next : &a->blocks; /* filled further on */

    if (block->used < size)
        block->used = size;
    block->next = *place;
    *place = block;
    return block->data;
}

/* For small objects that the block at hand has no room for. */
static void block_enter(struct arena *a)
{
    struct arena_block *block = block_new(a);

    block_leave(a);
    block->next = a->blocks;
    a->blocks = block;
    a->at = block->data;
    a->left = block->size;
}

static inline void *alloc(struct arena *a, size_t size, enum content content)
{
    const size_t unit = _Alignof(max_align_t);

    must(size <= SIZE_MAX / 2);
    size = size ? (size + unit - 1) / unit * unit : unit;
    a->used += size;
    if (size > ARENA_BLOCK)
        return alloc_alone(a, size, content);
    if (size > a->left)
        block_enter(a);
    void *made = a->at;
    a->at += size;
    a->left -= size;
    return made;
}

void *arena_alloc(struct arena *a, size_t size)
{
    return alloc(a, size, ZEROES);
}

char *arena_room(struct arena *a, size_t size)
{
    return alloc(a, size, ANYTHING);
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
    must(size == 0 || count <= SIZE_MAX / 2 / size);
    return arena_alloc(a, count * size);
}

/* The array has a block of its own. */
static void *block_grow(struct arena *a, struct arena_block *block, size_t size, size_t wanted)
{
    struct arena_block **place = &a->blocks;

    while (*place != block)
        place = &(*place)->next;
    must(wanted <= SIZE_MAX / 2);
    a->used += wanted - size;
    if (wanted > block->size) {
        block = realloc(block, sizeof(*block) + wanted);
        must(block);
        block->size = wanted;
        *place = block;
    }
    block->used = block->used < wanted ? wanted : block->used;
    return block->data;
}

void *arena_grow(struct arena *a, void *array, size_t size, size_t wanted)
{
    void *made;

    must(wanted >= size);
    if (size > ARENA_BLOCK)
        return block_grow(
            a, (struct arena_block *)((char *)array - offsetof(struct arena_block, data)), size,
            wanted);
    made = alloc(a, wanted, ANYTHING);
    if (size)
        memcpy(made, array, size);
    return made;
}

const char *arena_text(struct arena *a, struct slice bytes)
{
    char *made = arena_alloc(a, bytes.size + 1);

    if (bytes.size)
        memcpy(made, bytes.data, bytes.size);
    return made;
}

struct slice arena_copy(struct arena *a, struct slice bytes)
{
    return (struct slice){arena_text(a, bytes), bytes.size};
}

struct slice arena_print(struct arena *a, const char *format, ...)
{
    char most[256]; /* texts are no longer than this, and printed once only */
    va_list values, again;

    va_start(values, format);
    va_copy(again, values);
    int size = vsnprintf(most, sizeof(most), format, values);
    va_end(values);
    must(size >= 0);
    char *made = arena_room(a, (size_t)size + 1);
    if ((size_t)size < sizeof(most))
        memcpy(made, most, (size_t)size + 1);
    else
        vsnprintf(made, (size_t)size + 1, format, again);
    va_end(again);
    return (struct slice){made, (size_t)size};
}

void arena_pool_fini(struct arena_pool *pool)
{
    while (pool->spare) {
        struct arena_block *block = pool->spare;
        pool->spare = block->next;
        free(block);
    }
    pool->count = 0;
    large_age(pool, 0);
}
