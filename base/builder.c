#include "base/builder.h"

#include <string.h>

#include "base/arena.h"

enum { ROOM_FIRST = 512 };

char *builder_room(struct builder *b, size_t size)
{
    if (b->room - b->size < size) {
        size_t room = b->room ? b->room * 2 : ROOM_FIRST;
        char *wider;

        while (room - b->size < size)
            room *= 2;
        wider = arena_room(b->arena, room);
        if (b->size)
            memcpy(wider, b->data, b->size);
        b->data = wider;
        b->room = room;
    }
    return b->data + b->size;
}

void builder_put(struct builder *b, struct slice text)
{
    char *at = builder_room(b, text.size);

    if (text.size)
        memcpy(at, text.data, text.size);
    b->size += text.size;
}

struct slice builder_text(const struct builder *b)
{
    return slice_make(b->size ? b->data : "", b->size);
}
