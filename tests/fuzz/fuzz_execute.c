/* COM_STMT_EXECUTE for a statement of up to 63 parameters, the first three of which may have long
 * data. What is read is put again for a server and must be read as the same there.
 * The same bytes are taken for a row of text as well.
 *
 * Byte 0: number of parameters, bits 6 and 7: types are remembered, long data came. Byte 1: that
 * type. */
#include <stdint.h>

#include "base/arena.h"
#include "base/must.h"
#include "base/writer.h"
#include "protocol/mysql/mysql.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST = 63, COLUMNS = 5 };

static const uint8_t columns[COLUMNS] = {PARAMETER_LONG, PARAMETER_DOUBLE, PARAMETER_DATETIME,
                                         PARAMETER_TIME, PARAMETER_VAR_STRING};

static void same(const struct parameter *a, const struct parameter *b)
{
    must(a->is_null == b->is_null && !b->is_long);
    must(b->type == (a->is_long ? COLUMN_VARCHAR : a->type));
    must(a->is_null || slice_equal(a->value, b->value));
}

/* What a frontend takes can be put, and is taken as it is the second time. */
static void adapted(struct execute x, struct arena *a)
{
    struct value v;

    for (size_t i = 0; i < x.count; i++)
        (void)value_read(&v, &x.at[i], a);
    if (!execute_adapt(&x, a))
        return;
    size_t size = execute_size(&x);
    struct writer w = writer_over(arena_alloc(a, size), size);
    struct execute back;
    must(execute_put(&w, 1, &x) && w.size == size);
    must(execute_read(&back, writer_bytes(&w), x.count, NULL, NULL, a));
    must(execute_adapt(&back, a));
    for (size_t i = 0; i < x.count; i++)
        must(back.at[i].is_null || slice_equal(back.at[i].value, x.at[i].value));
}

static void again(const struct execute *x, struct arena *a)
{
    size_t size = execute_size(x);
    char *room = arena_alloc(a, size);
    struct writer w = writer_over(room, size);
    struct execute back;

    must(execute_put(&w, x->statement + 1, x) && w.size == size);
    must(execute_read(&back, writer_bytes(&w), x->count, NULL, NULL, a));
    must(back.statement == x->statement + 1 && back.flags == 0);
    for (size_t i = 0; i < x->count; i++)
        same(&x->at[i], &back.at[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice long_data[MOST] = {{"", 0}, {NULL, 0}, {"a piece", 7}};
    struct field_list fields;
    struct long_data piece;
    uint16_t types[MOST];
    struct arena arena;
    struct execute x;
    struct fetch f;

    if (size < 2)
        return 0;
    size_t count = data[0] & MOST;
    struct slice argument = slice_make(data + 2, size - 2);
    for (size_t i = 0; i < MOST; i++)
        types[i] = data[1];
    arena_init(&arena, NULL);
    if (execute_read(&x, argument, count, data[0] & 0x40 ? types : NULL,
                     data[0] & 0x80 ? long_data : NULL, &arena)) {
        again(&x, &arena);
        adapted(x, &arena);
    }
    for (size_t i = 1; i <= COLUMNS; i++)
        (void)binary_row(argument, columns, i, &arena);
    (void)long_data_read(&piece, argument);
    (void)fetch_read(&f, argument);
    (void)field_list_read(&fields, argument);
    arena_clear(&arena);
    return 0;
}
