/* Parameters as text. Numbers are written so that reading them gives the same value again. */
#include "protocol/mysql/mysql.h"

#include <math.h>

#include "base/arena.h"
#include "base/reader.h"

enum { DIGITS_LEAST = 15, DIGITS_MOST = 17 };

static uint64_t little_endian(struct slice bytes)
{
    struct reader r = reader_over(bytes);

    return take_uint(&r, (unsigned)bytes.size);
}

static struct slice integer_text(struct slice bytes, bool is_unsigned, struct arena *a)
{
    unsigned unused = 64 - 8 * (unsigned)bytes.size;
    uint64_t value = little_endian(bytes);

    if (is_unsigned)
        return arena_print(a, "%llu", (unsigned long long)value);
    return arena_print(a, "%lld", (long long)((int64_t)(value << unused) >> unused));
}

static bool double_text(struct value *v, double value, struct arena *a)
{
    struct slice text = {0};

    if (!isfinite(value))
        return false;
    for (int digits = DIGITS_LEAST; digits <= DIGITS_MOST; digits++) {
        text = arena_print(a, "%.*G", digits, value);
        if (strtod(text.data, NULL) == value)
            break;
    }
    *v = (struct value){VALUE_DOUBLE, text};
    if (!memchr(text.data, 'E', text.size))
        v->text = arena_print(a, "%sE0", text.data);
    return true;
}

static bool float_read(struct value *v, struct slice bytes, struct arena *a)
{
    uint32_t bits = (uint32_t)little_endian(bytes);
    float value;

    memcpy(&value, &bits, sizeof(value));
    return double_text(v, (double)value, a);
}

static bool double_read(struct value *v, struct slice bytes, struct arena *a)
{
    uint64_t bits = little_endian(bytes);
    double value;

    memcpy(&value, &bits, sizeof(value));
    return double_text(v, value, a);
}

/* An optional sign, digits, and one point among them or none. */
static bool is_decimal(struct slice text)
{
    size_t digits = 0, points = 0;

    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] >= '0' && text.data[i] <= '9')
            digits++;
        else if (text.data[i] == '.')
            points++;
        else if (i > 0 || text.data[i] != '-')
            return false;
    }
    return digits > 0 && points <= 1 && text.data[text.size - 1] != '.';
}

static struct slice date_text(struct slice bytes, bool is_date, struct arena *a)
{
    struct reader r = reader_over(bytes);
    unsigned year = 0, part[5] = {0}, micro = 0;

    if (bytes.size)
        year = (unsigned)take_uint(&r, 2);
    for (size_t i = 0; i < 5 && r.left; i++)
        part[i] = (unsigned)take_uint(&r, 1);
    if (r.left)
        micro = (unsigned)take_uint(&r, 4);
    struct slice date = arena_print(a, "%04u-%02u-%02u", year, part[0], part[1]);
    if (is_date)
        return date;
    if (micro)
        return arena_print(a, "%s %02u:%02u:%02u.%06u", date.data, part[2], part[3], part[4],
                           micro);
    return arena_print(a, "%s %02u:%02u:%02u", date.data, part[2], part[3], part[4]);
}

static struct slice time_text(struct slice bytes, struct arena *a)
{
    struct reader r = reader_over(bytes);

    if (bytes.size == 0)
        return SLICE("00:00:00");
    const char *sign = take_uint(&r, 1) ? "-" : "";
    uint64_t hours = take_uint(&r, 4) * 24;
    hours += take_uint(&r, 1);
    unsigned minutes = (unsigned)take_uint(&r, 1), seconds = (unsigned)take_uint(&r, 1);
    if (r.left)
        return arena_print(a, "%s%02llu:%02u:%02u.%06u", sign, (unsigned long long)hours, minutes,
                           seconds, (unsigned)take_uint(&r, 4));
    return arena_print(a, "%s%02llu:%02u:%02u", sign, (unsigned long long)hours, minutes, seconds);
}

bool value_read(struct value *v, const struct parameter *p, struct arena *a)
{
    bool is_unsigned = p->type & PARAMETER_UNSIGNED;

    *v = (struct value){VALUE_BYTES, p->value};
    if (p->is_null)
        v->kind = VALUE_NULL;
    if (p->is_null || p->is_long)
        return true;
    switch (p->type & 0xff) {
    case PARAMETER_TINY:
    case PARAMETER_SHORT:
    case PARAMETER_LONG:
    case PARAMETER_LONGLONG:
    case PARAMETER_INT24:
    case PARAMETER_YEAR:
        *v = (struct value){VALUE_INTEGER, integer_text(p->value, is_unsigned, a)};
        return true;
    case PARAMETER_FLOAT:
        return float_read(v, p->value, a);
    case PARAMETER_DOUBLE:
        return double_read(v, p->value, a);
    case PARAMETER_DECIMAL:
    case PARAMETER_NEWDECIMAL:
        if (is_decimal(p->value))
            v->kind = VALUE_DECIMAL;
        return true;
    case PARAMETER_DATE:
        *v = (struct value){VALUE_TIME, date_text(p->value, true, a)};
        return true;
    case PARAMETER_DATETIME:
    case PARAMETER_TIMESTAMP:
    case PARAMETER_DATETIME2:
    case PARAMETER_TIMESTAMP2:
        *v = (struct value){VALUE_TIME, date_text(p->value, false, a)};
        return true;
    case PARAMETER_TIME:
    case PARAMETER_TIME2:
        *v = (struct value){VALUE_TIME, time_text(p->value, a)};
        return true;
    default:
        return true;
    }
}
