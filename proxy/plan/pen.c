/* Text that grows in the arena. */
#include "proxy/plan/plan_private.h"

#include "base/arena.h"

void pen_put(struct pen *p, struct slice text)
{
    if (p->room - p->size < text.size) {
        size_t room = p->room ? p->room * 2 : 512;
        char *wider;

        while (room - p->size < text.size)
            room *= 2;
        wider = arena_alloc(p->arena, room);
        if (p->size)
            memcpy(wider, p->data, p->size);
        p->data = wider;
        p->room = room;
    }
    if (text.size)
        memcpy(p->data + p->size, text.data, text.size);
    p->size += text.size;
}

struct slice pen_text(const struct pen *p)
{
    return slice_make(p->size ? p->data : "", p->size);
}

/* The text itself, as a choice of a regular expression. */
void pen_put_pattern(struct pen *p, struct slice text)
{
    if (p->size)
        pen_put(p, SLICE("|"));
    for (size_t i = 0; i < text.size; i++) {
        if (strchr(".[]{}()*+?^$|\\/-", text.data[i]))
            pen_put(p, SLICE("\\"));
        pen_put(p, slice_make(text.data + i, 1));
    }
}
