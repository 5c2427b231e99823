#include "proxy/catalog/learnt.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/fnv.h"
#include "base/memory.h"

enum { COLUMNS_STEP = 32, TEXTS_STEP = 256 };

struct learnt {
    atomic_size_t references;
    struct arena arena;
    struct map tables; /* MAP_NOCASE: to struct slices * */
    size_t count;
    struct slices lists[LEARNT_LISTS];
    bool is_starrocks;
    uint64_t mark; /* of all that was added */
};

struct learnt *learnt_new(void)
{
    struct learnt *l = memory_new(1, sizeof(*l));

    atomic_init(&l->references, 1);
    arena_init(&l->arena, NULL);
    map_init(&l->tables, MAP_NOCASE);
    l->mark = FNV_START;
    return l;
}

static void mark(struct learnt *l, struct slice a, struct slice b)
{
    l->mark = fnv_bytes(fnv_bytes(l->mark, a) * FNV_PRIME, b) * FNV_PRIME;
}

static struct slices *table_of(struct learnt *l, struct slice table)
{
    struct slices *columns = map_find(&l->tables, table);

    if (columns)
        return columns;
    columns = arena_alloc(&l->arena, sizeof(*columns));
    map_put(&l->tables, arena_copy(&l->arena, table), columns);
    l->count++;
    return columns;
}

static void append(struct learnt *l, struct slices *to, size_t step, struct slice text)
{
    if (to->count % step == 0) {
        struct slice *wider = arena_array(&l->arena, to->count + step, sizeof(*wider));
        if (to->count)
            memcpy(wider, to->at, to->count * sizeof(*wider));
        to->at = wider;
    }
    to->at[to->count++] = text.size ? arena_copy(&l->arena, text) : SLICE("");
}

void learnt_add_column(struct learnt *l, struct slice table, struct slice column)
{
    struct slices *columns = table_of(l, table);

    mark(l, table, column);
    append(l, columns, COLUMNS_STEP, column);
}

void learnt_columns(const struct learnt *l, struct slice table, struct slices *columns)
{
    const struct slices *found = map_find(&l->tables, table);

    *columns = found ? *found : (struct slices){0};
}

size_t learnt_count(const struct learnt *l)
{
    return l->count;
}

void learnt_note(struct learnt *l, enum learnt_list list, struct slice text)
{
    mark(l, slice_make(&"vdhr"[list], 1), text);
    append(l, &l->lists[list], TEXTS_STEP, text);
}

const struct slices *learnt_list(const struct learnt *l, enum learnt_list list)
{
    return &l->lists[list];
}

void learnt_set_starrocks(struct learnt *l)
{
    l->is_starrocks = true;
}

bool learnt_is_starrocks(const struct learnt *l)
{
    return l->is_starrocks;
}

bool learnt_is_same(const struct learnt *a, const struct learnt *b)
{
    return a->mark == b->mark && a->is_starrocks == b->is_starrocks && a->count == b->count;
}

struct learnt *learnt_ref(struct learnt *l)
{
    if (l)
        atomic_fetch_add_explicit(&l->references, 1, memory_order_relaxed);
    return l;
}

void learnt_unref(struct learnt *l)
{
    if (!l || atomic_fetch_sub_explicit(&l->references, 1, memory_order_acq_rel) != 1)
        return;
    map_fini(&l->tables);
    arena_clear(&l->arena);
    free(l);
}
