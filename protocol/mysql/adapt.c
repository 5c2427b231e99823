/* What a StarRocks frontend takes as a parameter (fe-live/prepared-statements.md,
 * COM_STMT_EXECUTE), and what is sent in place of the rest. */
#include "protocol/mysql/mysql.h"

#include "base/arena.h"
#include "base/reader.h"
#include "base/utf8.h"

static struct slice bytes_of(uint64_t value, size_t size, struct arena *a)
{
    char *made = arena_alloc(a, size);

    for (size_t i = 0; i < size; i++)
        made[i] = (char)(value >> 8 * i);
    return slice_make(made, size);
}

/* In the least width that holds it and is not less than the client's. */
static void adapt_integer(struct parameter *p, struct arena *a)
{
    static const uint16_t types[] = {[1] = PARAMETER_TINY,
                                     [2] = PARAMETER_SHORT,
                                     [4] = PARAMETER_LONG,
                                     [8] = PARAMETER_LONGLONG};
    struct reader r = reader_over(p->value);
    size_t width = p->value.size;
    unsigned unused = 64 - 8 * (unsigned)width;
    uint64_t value = take_uint(&r, (unsigned)width), most = (uint64_t)INT64_MAX >> unused;

    if (p->type & PARAMETER_UNSIGNED && value > INT64_MAX) {
        p->type = PARAMETER_DECIMAL;
        p->value = arena_print(a, "%llu", (unsigned long long)value);
        return;
    }
    if (p->type & PARAMETER_UNSIGNED)
        width *= value > most ? 2 : 1;
    else
        value = (uint64_t)((int64_t)(value << unused) >> unused);
    if (width == 2 && value > INT16_MAX) /* negative, or unsigned and large */
        width = 4;
    p->type = types[width];
    p->value = bytes_of(value, width, a);
}

/* A day with a clock is cut to the day where the type says DATE. */
static bool adapt_time(struct parameter *p, struct arena *a)
{
    enum { DAY = 4, CLOCK = 7 };
    bool is_date = p->type == PARAMETER_DATE;
    bool is_time = p->type == PARAMETER_TIME || p->type == PARAMETER_TIME2;
    struct value v;

    if (is_date && p->value.size > DAY)
        p->value = slice_head(p->value, DAY);
    if (!is_time && p->value.size <= CLOCK) {
        p->type = is_date ? PARAMETER_DATE : PARAMETER_DATETIME;
        return true;
    }
    if (!value_read(&v, p, a))
        return false;
    p->type = PARAMETER_VAR_STRING;
    p->value = v.text;
    return true;
}

static bool adapt(struct parameter *p, struct arena *a)
{
    if (p->is_null) {
        p->type = PARAMETER_VAR_STRING;
        return true;
    }
    switch (p->is_long ? PARAMETER_VAR_STRING : p->type & 0xff) {
    case PARAMETER_TINY:
    case PARAMETER_SHORT:
    case PARAMETER_LONG:
    case PARAMETER_LONGLONG:
    case PARAMETER_INT24:
    case PARAMETER_YEAR:
        adapt_integer(p, a);
        return true;
    case PARAMETER_FLOAT:
    case PARAMETER_DOUBLE:
        p->type &= 0xff;
        return true;
    case PARAMETER_DECIMAL:
    case PARAMETER_NEWDECIMAL:
        p->type = PARAMETER_DECIMAL;
        return true;
    case PARAMETER_DATE:
    case PARAMETER_DATETIME:
    case PARAMETER_TIMESTAMP:
    case PARAMETER_DATETIME2:
    case PARAMETER_TIMESTAMP2:
    case PARAMETER_TIME:
    case PARAMETER_TIME2:
        p->type &= 0xff;
        return adapt_time(p, a);
    default:
        p->type = PARAMETER_VAR_STRING;
        return utf8_is_valid(p->value);
    }
}

bool execute_adapt(struct execute *x, struct arena *a)
{
    for (size_t i = 0; i < x->count; i++)
        if (!adapt(&x->at[i], a))
            return false;
    return true;
}
