/* Text that grows in an arena, doubling: what it will come to need not be known before. */
#ifndef BASE_BUILDER_H
#define BASE_BUILDER_H

#include <stddef.h>

#include "base/slice.h"

struct arena;

/* Starts as {.arena = …}. The text lives as long as the arena; builder_put may move it. */
struct builder {
    struct arena *arena;
    char *data;
    size_t size, room; /* bytes: written, and there is room for */
};

void builder_put(struct builder *b, struct slice text);

/* Where `size` more bytes may be written; who does adds them to b->size. */
char *builder_room(struct builder *b, size_t size);

/* What has been written; never NULL. */
struct slice builder_text(const struct builder *b);

#endif
