/* Every length in a value is compared with what is left of the packet before anything is taken, and
 * the parameters are counted by the statement and not by the packet. */
#include "protocol/mysql/mysql.h"

#include "base/arena.h"
#include "base/reader.h"
#include "base/writer.h"

enum { ID = 4, ITERATIONS = 4, HEAD = ID + 1 + ITERATIONS, TYPE_MASK = 0xff, LONG_TYPE = 253 };

/* ---- types ---- */

enum shape {
    FIXED = 1, /* so many bytes */
    TEMPORAL,  /* a byte of length, then as many */
    TEXT,      /* a length-encoded length, then as many */
    NOTHING
};

static const struct {
    uint8_t shape;    /* 0: there is no such type */
    uint8_t sizes[3]; /* that are possible; 0 too for a TEMPORAL */
} shapes[TYPE_MASK + 1] = {
    [0] = {TEXT, {0}},
    [1] = {FIXED, {1}},
    [2] = {FIXED, {2}},
    [3] = {FIXED, {4}},
    [4] = {FIXED, {4}},
    [5] = {FIXED, {8}},
    [6] = {NOTHING, {0}},
    [7] = {TEMPORAL, {4, 7, 11}},
    [8] = {FIXED, {8}},
    [9] = {FIXED, {4}},
    [10] = {TEMPORAL, {4, 7, 11}},
    [11] = {TEMPORAL, {8, 12}},
    [12] = {TEMPORAL, {4, 7, 11}},
    [13] = {FIXED, {2}},
    [15] = {TEXT, {0}},
    [16] = {TEXT, {0}},
    [17] = {TEMPORAL, {4, 7, 11}},
    [18] = {TEMPORAL, {4, 7, 11}},
    [19] = {TEMPORAL, {8, 12}},
    [245] = {TEXT, {0}},
    [246] = {TEXT, {0}},
    [247] = {TEXT, {0}},
    [248] = {TEXT, {0}},
    [249] = {TEXT, {0}},
    [250] = {TEXT, {0}},
    [251] = {TEXT, {0}},
    [252] = {TEXT, {0}},
    [253] = {TEXT, {0}},
    [254] = {TEXT, {0}},
    [255] = {TEXT, {0}},
};

static bool is_type(uint16_t type)
{
    return !(type & ~(TYPE_MASK | PARAMETER_UNSIGNED)) && shapes[type & TYPE_MASK].shape;
}

static enum shape shape_of(uint16_t type)
{
    return (enum shape)shapes[type & TYPE_MASK].shape;
}

static struct slice take_temporal(struct reader *r, uint16_t type)
{
    uint64_t size = take_uint(r, 1);
    bool fits = size == 0;

    for (size_t i = 0; i < sizeof(shapes[0].sizes); i++)
        fits |= shapes[type & TYPE_MASK].sizes[i] == size;
    if (!fits)
        reader_break(r);
    return take_bytes(r, size);
}

/* ---- reading ---- */

bool statement_id_read(uint32_t *id, struct slice argument)
{
    struct reader r = reader_over(argument);
    uint32_t got = (uint32_t)take_uint(&r, ID);

    if (!reader_done(&r))
        return false;
    *id = got;
    return true;
}

static void take_value(struct reader *r, struct parameter *p)
{
    switch (shape_of(p->type)) {
    case FIXED:
        p->value = take_bytes(r, shapes[p->type & TYPE_MASK].sizes[0]);
        break;
    case TEMPORAL:
        p->value = take_temporal(r, p->type);
        break;
    case TEXT:
        p->value = take_lenenc_bytes(r);
        break;
    case NOTHING:
        p->is_null = true;
    }
}

static void take_types(struct reader *r, struct execute *x, const uint16_t *types)
{
    uint64_t follow = take_uint(r, 1);

    x->has_types = follow == 1;
    if (follow > 1 || (follow == 0 && !types))
        reader_break(r);
    for (size_t i = 0; i < x->count && reader_done(r); i++) {
        x->at[i].type = x->has_types ? (uint16_t)take_uint(r, 2) : types[i];
        if (!is_type(x->at[i].type))
            reader_break(r);
    }
}

/* Long data wins over a NULL bit, as in MySQL. */
static void take_parameters(struct reader *r, struct execute *x, const uint16_t *types,
                            const struct slice *long_data)
{
    struct slice nulls = take_bytes(r, (x->count + 7) / 8);

    take_types(r, x, types);
    for (size_t i = 0; i < x->count && reader_done(r); i++) {
        struct parameter *p = &x->at[i];
        p->is_long = long_data && long_data[i].data;
        if (p->is_long)
            p->value = long_data[i];
        else if (nulls.data[i / 8] >> i % 8 & 1)
            p->is_null = true;
        else
            take_value(r, p);
    }
}

bool execute_read(struct execute *x, struct slice argument, size_t count, const uint16_t *types,
                  const struct slice *long_data, struct arena *a)
{
    struct reader r = reader_over(argument);
    struct execute got = {.count = count};

    got.statement = (uint32_t)take_uint(&r, ID);
    got.flags = (uint8_t)take_uint(&r, 1);
    take_skip(&r, ITERATIONS); /* always 1 */
    /* no more memory than the packet could fill: a bit of each parameter must be there */
    if (!reader_done(&r) || count > PARAMETERS_MAX || r.left < (count + 7) / 8)
        return false;
    if (count) {
        got.at = arena_array(a, count, sizeof(*got.at));
        take_parameters(&r, &got, types, long_data);
    }
    if (!reader_done(&r))
        return false;
    *x = got;
    return true;
}

bool long_data_read(struct long_data *d, struct slice argument)
{
    struct reader r = reader_over(argument);
    struct long_data got = {.statement = (uint32_t)take_uint(&r, ID)};

    got.parameter = (uint16_t)take_uint(&r, 2);
    got.piece = take_rest(&r);
    if (!reader_done(&r))
        return false;
    *d = got;
    return true;
}

bool fetch_read(struct fetch *f, struct slice argument)
{
    struct reader r = reader_over(argument);
    struct fetch got = {.statement = (uint32_t)take_uint(&r, ID)};

    got.rows = (uint32_t)take_uint(&r, 4);
    if (!reader_done(&r))
        return false;
    *f = got;
    return true;
}

bool field_list_read(struct field_list *l, struct slice argument)
{
    struct reader r = reader_over(argument);
    struct field_list got = {.table = take_cstring(&r)};

    got.pattern = take_rest(&r);
    if (!reader_done(&r))
        return false;
    *l = got;
    return true;
}

/* ---- writing ---- */

static uint16_t type_to_server(const struct parameter *p)
{
    return p->is_long ? LONG_TYPE : p->type;
}

static void put_value(struct writer *w, const struct parameter *p)
{
    if (p->is_null)
        return;
    if (shape_of(type_to_server(p)) == TEXT)
        put_lenenc(w, p->value.size);
    if (shape_of(type_to_server(p)) == TEMPORAL)
        put_uint(w, p->value.size, 1);
    put_bytes(w, p->value);
}

static size_t value_size(const struct parameter *p)
{
    unsigned char length[9];
    struct writer w = writer_over(length, sizeof(length));

    if (p->is_null)
        return 0;
    if (shape_of(type_to_server(p)) == TEXT)
        put_lenenc(&w, p->value.size);
    if (shape_of(type_to_server(p)) == TEMPORAL)
        put_uint(&w, p->value.size, 1);
    return w.size + p->value.size;
}

size_t execute_size(const struct execute *x)
{
    size_t size = HEAD;

    if (x->count)
        size += (x->count + 7) / 8 + 1 + 2 * x->count;
    for (size_t i = 0; i < x->count; i++)
        size += value_size(&x->at[i]);
    return size;
}

bool execute_put(struct writer *w, uint32_t statement, const struct execute *x)
{
    put_uint(w, statement, ID);
    put_uint(w, 0, 1); /* no cursor */
    put_uint(w, 1, ITERATIONS);
    for (size_t i = 0; i < x->count; i += 8) {
        unsigned nulls = 0;
        for (size_t bit = 0; bit < 8 && i + bit < x->count; bit++)
            nulls |= (unsigned)x->at[i + bit].is_null << bit;
        put_uint(w, nulls, 1);
    }
    if (x->count)
        put_uint(w, 1, 1);
    for (size_t i = 0; i < x->count; i++)
        put_uint(w, type_to_server(&x->at[i]), 2);
    for (size_t i = 0; i < x->count; i++)
        put_value(w, &x->at[i]);
    return writer_done(w);
}
