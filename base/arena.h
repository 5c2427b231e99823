/* Memory of one statement: many small allocations, one release.
 *
 * Blocks come from a pool that a loop owns and go back to it at arena_clear, so an idle session
 * holds none. Not for objects that outlive the statement. An arena belongs to one thread. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/slice.h"

enum {
    ARENA_BLOCK = 16 * 1024,        /* bytes of an ordinary block; larger requests get their own */
    ARENA_LARGE = 32 * 1024 * 1024, /* bytes of larger blocks that a pool keeps at most */
    ARENA_KEPT = 64                 /* and for so many statements */
};

struct arena_block;

/* Spare blocks, kept for reuse. A pool with no thread of its own may be zero-initialised. */
struct arena_pool {
    struct arena_block *spare;
    size_t count;              /* blocks kept */
    size_t keep;               /* most blocks to keep; the rest is freed */
    struct arena_block *large; /* what long statements used, newest first */
    size_t large_size;         /* bytes */
    size_t clears;             /* statements */
};

struct arena {
    struct arena_pool *pool; /* borrowed; NULL: blocks are freed at once */
    struct arena_block *blocks;
    char *at;
    size_t left;
    size_t used; /* bytes handed out since the last clear */
};

/* An arena over a pool (or over malloc with NULL); takes no memory until the first allocation. */
void arena_init(struct arena *a, struct arena_pool *pool);

/* Gives all blocks back; every pointer from this arena is dead afterwards. */
void arena_clear(struct arena *a);

/* Zeroed memory, aligned for any object, dead at arena_clear. Aborts when memory runs out: sizes
 * that come from outside must have been limited before. */
void *arena_alloc(struct arena *a, size_t size);

/* The same, not zeroed: for what will be written at once. */
char *arena_room(struct arena *a, size_t size);

/* An array of count zeroed members; aborts on overflow. */
void *arena_array(struct arena *a, size_t count, size_t size);

/* An array that arena_alloc or arena_array gave, with room for more, which is not zeroed. The old
 * place is dead. A large one is moved only where malloc must. */
void *arena_grow(struct arena *a, void *array, size_t size, size_t wanted);

/* A copy of bytes. arena_text adds a NUL after the last byte, not counted in the size. */
struct slice arena_copy(struct arena *a, struct slice bytes);
const char *arena_text(struct arena *a, struct slice bytes);

/* Printf into the arena; the slice's data ends in a NUL that is not counted. */
struct slice arena_print(struct arena *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Frees the spare blocks. */
void arena_pool_fini(struct arena_pool *pool);

#endif
