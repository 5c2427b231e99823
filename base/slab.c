#include "base/slab.h"

#include "base/memory.h"
#include "base/must.h"

#if defined(__SANITIZE_ADDRESS__)
#define SLAB_OBJECTS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SLAB_OBJECTS 1
#endif
#endif
#ifndef SLAB_OBJECTS
#define SLAB_OBJECTS 32
#endif

struct slab_free {
    struct slab_free *next;
};

struct slab_page {
    struct slab_page *next;
    _Alignas(max_align_t) char data[];
};

void slab_init(struct slab *s, size_t size)
{
    const size_t unit = _Alignof(max_align_t);

    *s = (struct slab){.object = (size + unit - 1) / unit * unit};
}

static void add_page(struct slab *s)
{
    struct slab_page *page = malloc(sizeof(*page) + s->object * SLAB_OBJECTS);

    must(page);
    page->next = s->pages;
    s->pages = page;
    for (size_t i = 0; i < SLAB_OBJECTS; i++) {
        struct slab_free *spare = (struct slab_free *)(void *)(page->data + i * s->object);
        spare->next = s->spare;
        s->spare = spare;
    }
}

void *slab_take(struct slab *s)
{
    s->used++;
    if (SLAB_OBJECTS == 1)
        return memory_new(1, s->object);
    if (!s->spare)
        add_page(s);
    struct slab_free *taken = s->spare;
    s->spare = taken->next;
    return memset(taken, 0, s->object);
}

void slab_put(struct slab *s, void *object)
{
    if (!object)
        return;
    must(s->used);
    s->used--;
    if (SLAB_OBJECTS == 1) {
        free(object);
        return;
    }
    struct slab_free *spare = object;
    spare->next = s->spare;
    s->spare = spare;
}

void slab_fini(struct slab *s)
{
    must(s->used == 0);
    while (s->pages) {
        struct slab_page *page = s->pages;
        s->pages = page->next;
        free(page);
    }
    slab_init(s, s->object);
}
