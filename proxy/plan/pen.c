/* Text that grows in the arena. */
#include "proxy/plan/plan_private.h"

#include "base/arena.h"

/* Where so many bytes more may be written. */
static char *room_for(struct pen *p, size_t size)
{
    if (p->room - p->size < size) {
        size_t room = p->room ? p->room * 2 : 512;
        char *wider;

        while (room - p->size < size)
            room *= 2;
        wider = arena_room(p->arena, room);
        if (p->size)
            memcpy(wider, p->data, p->size);
        p->data = wider;
        p->room = room;
    }
    return p->data + p->size;
}

void pen_put(struct pen *p, struct slice text)
{
    char *at = room_for(p, text.size);

    if (text.size)
        memcpy(at, text.data, text.size);
    p->size += text.size;
}

void pen_put_name(struct pen *p, struct slice name)
{
    p->size += sql_put_name(room_for(p, name.size + 2), name);
}

void pen_put_string(struct pen *p, struct slice value)
{
    p->size += sql_put_string(room_for(p, value.size * 2 + 2), value);
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
