/* A list doubles its room when it is full; its count alone tells how much it has. */
#include "proxy/setup/slices.h"

#include "base/arena.h"

void slices_add(struct slices *list, struct slice item, struct arena *arena)
{
    size_t room = list->count ? 1 : 0; /* powers of two */

    while (room && room < list->count)
        room *= 2;
    if (list->count == room)
        list->at =
            arena_grow(arena, list->at, room * sizeof(item), (room ? room * 2 : 1) * sizeof(item));
    list->at[list->count++] = item;
}

bool slices_have(const struct slices *list, struct slice item)
{
    for (size_t i = 0; i < list->count; i++)
        if (slice_equal(list->at[i], item))
            return true;
    return false;
}
