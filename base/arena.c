#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>

#include "base/memory.h"
#include "base/must.h"

/* What no one was given is zero, in spare blocks as in new ones: memory is cleared once a
 * statement, in one piece, and not once an object. */
struct arena_block {
    struct arena_block *next;
    size_t size; /* bytes of data */
    size_t used; /* of them, given away; of the block that is being filled see arena.at */
    _Alignas(max_align_t) char data[];
};

void arena_init(struct arena *a, struct arena_pool *pool)
{
    *a = (struct arena){.pool = pool};
}

static struct arena_block *block_new(struct arena *a, size_t size)
{
    struct arena_pool *pool = a->pool;
    struct arena_block *block;

    if (size <= ARENA_BLOCK && pool && pool->spare) {
        block = pool->spare;
        pool->spare = block->next;
        pool->count--;
    } else {
        size_t room = size < ARENA_BLOCK ? ARENA_BLOCK : size;
        must(room <= SIZE_MAX - sizeof(*block));
        block = calloc(1, sizeof(*block) + room);
        must(block);
        block->size = room;
    }
    return block;
}

static void block_free(struct arena_pool *pool, struct arena_block *block)
{
    if (pool && block->size == ARENA_BLOCK && pool->count < pool->keep) {
        memset(block->data, 0, block->used);
        block->next = pool->spare;
        pool->spare = block;
        pool->count++;
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

void *arena_alloc(struct arena *a, size_t size)
{
    const size_t unit = _Alignof(max_align_t);

    must(size <= SIZE_MAX / 2);
    size = (size + unit - 1) / unit * unit;
    if (size == 0)
        size = unit;
    a->used += size;
    if (size > a->left) {
        struct arena_block *block = block_new(a, size);
        if (a->blocks && size > ARENA_BLOCK) { /* keep filling the current block */
            block->next = a->blocks->next;
            a->blocks->next = block;
            return block->data;
        }
        block_leave(a);
        block->next = a->blocks;
        a->blocks = block;
        a->at = block->data;
        a->left = block->size;
    }
    void *made = a->at;
    a->at += size;
    a->left -= size;
    return made;
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
    must(size == 0 || count <= SIZE_MAX / 2 / size);
    return arena_alloc(a, count * size);
}

/* The array has a block of its own. */
static void *block_grow(struct arena *a, struct arena_block *block, size_t wanted)
{
    struct arena_block **place = &a->blocks;

    while (*place != block)
        place = &(*place)->next;
    must(wanted <= SIZE_MAX / 2);
    block = realloc(block, sizeof(*block) + wanted);
    must(block);
    a->used += wanted - block->size;
    block->size = wanted;
    if (place == &a->blocks) { /* nothing else has been given since */
        a->at = block->data + wanted;
        a->left = 0;
    }
    *place = block;
    return block->data;
}

void *arena_grow(struct arena *a, void *array, size_t size, size_t wanted)
{
    void *made;

    must(wanted >= size);
    if (size > ARENA_BLOCK)
        return block_grow(
            a, (struct arena_block *)((char *)array - offsetof(struct arena_block, data)), wanted);
    made = arena_alloc(a, wanted);
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
    va_list values, again;

    va_start(values, format);
    va_copy(again, values);
    int size = vsnprintf(NULL, 0, format, values);
    va_end(values);
    must(size >= 0);
    char *made = arena_alloc(a, (size_t)size + 1);
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
}
