/* A row of text cells as a row of the binary protocol:
 *
 *   text    cell cell cell ...            each length-encoded, 0xfb for NULL
 *   binary  00 | bits of NULLs | values   each in the form of its column's type
 *
 * Strings, decimals and everything unknown look the same in both. */
#include "protocol/mysql/mysql.h"

#include <errno.h>

#include "base/arena.h"
#include "base/reader.h"
#include "base/writer.h"

enum { NULLS_FROM = 2, NULL_CELL = 0xfb, NUMBER_MOST = 64, FIXED_MOST = 16 };

static bool number_text(struct slice cell, char *text, size_t size)
{
    if (cell.size == 0 || cell.size >= size)
        return false;
    memcpy(text, cell.data, cell.size);
    text[cell.size] = '\0';
    return true;
}

static bool put_integer(struct writer *w, struct slice cell, unsigned width)
{
    char text[NUMBER_MOST], *end;

    if (!number_text(cell, text, sizeof(text)))
        return false;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno == ERANGE && text[0] != '-') {
        errno = 0;
        value = (long long)strtoull(text, &end, 10);
    }
    put_uint(w, (uint64_t)value, width);
    return errno == 0 && *end == '\0';
}

static bool put_real(struct writer *w, struct slice cell, unsigned width)
{
    char text[NUMBER_MOST], *end;
    uint64_t bits = 0;

    if (!number_text(cell, text, sizeof(text)))
        return false;
    double value = strtod(text, &end);
    float narrow = (float)value;
    if (width == sizeof(narrow))
        memcpy(&bits, &narrow, sizeof(narrow));
    else
        memcpy(&bits, &value, sizeof(value));
    put_uint(w, bits, width);
    return *end == '\0';
}

/* Up to `count` numbers with one sign between each two; how many there were. */
static size_t take_parts(struct slice *text, unsigned *parts, size_t count)
{
    size_t found = 0, i = 0;

    while (found < count && i < text->size && text->data[i] >= '0' && text->data[i] <= '9') {
        unsigned value = 0;
        size_t digits = 0;
        for (; i < text->size && text->data[i] >= '0' && text->data[i] <= '9' && digits < 7;
             digits++)
            value = value * 10 + (unsigned)(text->data[i++] - '0');
        parts[found++] = value;
        if (found < count && i < text->size && strchr("-: T", text->data[i]))
            i++;
    }
    *text = slice_after(*text, i);
    return found;
}

/* .25 are 250000 microseconds. */
static bool take_micro(struct slice text, unsigned *micro)
{
    unsigned scale = 100000;

    *micro = 0;
    if (text.size == 0)
        return true;
    if (text.data[0] != '.')
        return false;
    for (size_t i = 1; i < text.size; i++, scale /= 10) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        *micro += (unsigned)(text.data[i] - '0') * scale;
    }
    return true;
}

/* Length 0, 4, 7 or 11: what is zero at the end is left out. */
static bool put_moment(struct writer *w, struct slice cell)
{
    unsigned p[6] = {0}, micro;
    size_t found = take_parts(&cell, p, 6);

    if ((found != 3 && found != 6) || !take_micro(cell, &micro))
        return false;
    bool has_clock = p[3] || p[4] || p[5] || micro, has_day = p[0] || p[1] || p[2];
    put_uint(w, micro ? 11 : has_clock ? 7 : has_day ? 4 : 0, 1);
    if (has_clock || has_day) {
        put_uint(w, p[0], 2);
        put_uint(w, p[1], 1);
        put_uint(w, p[2], 1);
    }
    for (size_t i = 3; has_clock && i < 6; i++)
        put_uint(w, p[i], 1);
    if (micro)
        put_uint(w, micro, 4);
    return p[0] <= 9999 && p[1] <= 12 && p[2] <= 31 && p[3] < 24 && p[4] < 60 && p[5] < 60;
}

static bool put_time(struct writer *w, struct slice cell)
{
    bool is_negative = slice_starts_with(cell, SLICE("-"));
    unsigned p[3] = {0}, micro;

    if (is_negative)
        cell = slice_after(cell, 1);
    if (take_parts(&cell, p, 3) != 3 || !take_micro(cell, &micro))
        return false;
    bool is_zero = !p[0] && !p[1] && !p[2] && !micro;
    put_uint(w, is_zero ? 0 : micro ? 12 : 8, 1);
    if (!is_zero) {
        put_uint(w, is_negative, 1);
        put_uint(w, p[0] / 24, 4);
        put_uint(w, p[0] % 24, 1);
        put_uint(w, p[1], 1);
        put_uint(w, p[2], 1);
    }
    if (micro)
        put_uint(w, micro, 4);
    return p[1] < 60 && p[2] < 60;
}

static bool put_cell(struct writer *w, uint8_t type, struct slice cell)
{
    switch (type) {
    case PARAMETER_TINY:
        return put_integer(w, cell, 1);
    case PARAMETER_SHORT:
    case PARAMETER_YEAR:
        return put_integer(w, cell, 2);
    case PARAMETER_LONG:
    case PARAMETER_INT24:
        return put_integer(w, cell, 4);
    case PARAMETER_LONGLONG:
        return put_integer(w, cell, 8);
    case PARAMETER_FLOAT:
        return put_real(w, cell, 4);
    case PARAMETER_DOUBLE:
        return put_real(w, cell, 8);
    case PARAMETER_DATE:
    case PARAMETER_DATETIME:
    case PARAMETER_TIMESTAMP:
        return put_moment(w, cell);
    case PARAMETER_TIME:
        return put_time(w, cell);
    default:
        put_lenenc(w, cell.size);
        put_bytes(w, cell);
        return true;
    }
}

struct slice binary_row(struct slice text_row, const uint8_t *types, size_t count, struct arena *a)
{
    size_t nulls = (count + NULLS_FROM + 7) / 8,
           size = 1 + nulls + text_row.size + FIXED_MOST * count;
    unsigned char *made = arena_alloc(a, size);
    struct writer w = writer_over(made, size);
    struct reader r = reader_over(text_row);

    put_fill(&w, 0, 1 + nulls);
    for (size_t i = 0; i < count; i++) {
        if (r.left && (unsigned char)r.at[0] == NULL_CELL) {
            take_skip(&r, 1);
            made[1 + (i + NULLS_FROM) / 8] |= (unsigned char)(1u << (i + NULLS_FROM) % 8);
            continue;
        }
        struct slice cell = take_lenenc_bytes(&r);
        if (!reader_done(&r) || !put_cell(&w, types[i], cell))
            return (struct slice){0};
    }
    return reader_done(&r) && r.left == 0 && writer_done(&w) ? writer_bytes(&w) : (struct slice){0};
}
