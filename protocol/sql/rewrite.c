/* Pieces of a text replaced, every other byte kept. */
#include "protocol/sql/sql_private.h"

#include "base/arena.h"
#include "base/must.h"

static char *append(char *at, const char *data, size_t size)
{
    if (size)
        memcpy(at, data, size);
    return at + size;
}

struct slice sql_replace(struct slice text, const struct sql_replacement *replacements,
                         size_t count, struct arena *arena)
{
    size_t size = text.size, done = 0;

    for (size_t i = 0; i < count; i++) {
        const struct sql_replacement *r = &replacements[i];
        must(r->start >= done && r->end >= r->start && r->end <= text.size);
        size = size - (r->end - r->start) + r->text.size;
        done = r->end;
    }
    char *made = arena_room(arena, size), *at = made;
    done = 0;
    for (size_t i = 0; i < count; i++) {
        const struct sql_replacement *r = &replacements[i];
        at = append(at, text.data + done, r->start - done);
        at = append(at, r->text.data, r->text.size);
        done = r->end;
    }
    at = append(at, done < text.size ? text.data + done : NULL, text.size - done);
    must((size_t)(at - made) == size);
    return slice_make(made, size);
}
