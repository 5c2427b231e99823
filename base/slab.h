/* Equal objects, reused: sessions and backends. One thread; memory goes back to the system at
 * slab_fini only. Under AddressSanitizer every object is its own allocation, so that stale pointers
 * are seen. */
#ifndef BASE_SLAB_H
#define BASE_SLAB_H

#include <stddef.h>

struct slab_free;
struct slab_page;

struct slab {
    size_t object; /* bytes of one object */
    struct slab_free *spare;
    struct slab_page *pages;
    size_t used; /* objects out now */
};

/* A slab of objects of `size` bytes; takes no memory before the first take. */
void slab_init(struct slab *s, size_t size);

/* A zeroed object; aborts when memory runs out. */
void *slab_take(struct slab *s);

/* Gives an object back; NULL is allowed. */
void slab_put(struct slab *s, void *object);

/* Frees all pages; no object may be out. */
void slab_fini(struct slab *s);

#endif
