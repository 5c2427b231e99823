#include "proxy/catalog/layouts.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/memory.h"

enum { COLUMNS_STEP = 32 };

struct layouts {
    atomic_size_t references;
    struct arena arena;
    struct map tables; /* MAP_NOCASE: to struct slices * */
    size_t count;
};

struct layouts *layouts_new(void)
{
    struct layouts *l = memory_new(1, sizeof(*l));

    atomic_init(&l->references, 1);
    arena_init(&l->arena, NULL);
    map_init(&l->tables, MAP_NOCASE);
    return l;
}

static struct slices *table_of(struct layouts *l, struct slice table)
{
    struct slices *columns = map_find(&l->tables, table);

    if (columns)
        return columns;
    columns = arena_alloc(&l->arena, sizeof(*columns));
    map_put(&l->tables, arena_copy(&l->arena, table), columns);
    l->count++;
    return columns;
}

void layouts_add(struct layouts *l, struct slice table, struct slice column)
{
    struct slices *columns = table_of(l, table);

    if (columns->count % COLUMNS_STEP == 0) {
        struct slice *wider = arena_array(&l->arena, columns->count + COLUMNS_STEP, sizeof(*wider));
        if (columns->count)
            memcpy(wider, columns->at, columns->count * sizeof(*wider));
        columns->at = wider;
    }
    columns->at[columns->count++] = arena_copy(&l->arena, column);
}

void layouts_find(const struct layouts *l, struct slice table, struct slices *columns)
{
    const struct slices *found = map_find(&l->tables, table);

    *columns = found ? *found : (struct slices){0};
}

size_t layouts_count(const struct layouts *l)
{
    return l->count;
}

struct layouts *layouts_ref(struct layouts *l)
{
    if (l)
        atomic_fetch_add_explicit(&l->references, 1, memory_order_relaxed);
    return l;
}

void layouts_unref(struct layouts *l)
{
    if (!l || atomic_fetch_sub_explicit(&l->references, 1, memory_order_acq_rel) != 1)
        return;
    map_fini(&l->tables);
    arena_clear(&l->arena);
    free(l);
}
