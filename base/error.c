#include "base/error.h"

#include <stdarg.h>

#include "base/must.h"

static const struct error_row rows[ERRORS] = {
#define ERROR(name, number, sqlstate, meaning) {#name, number, sqlstate, meaning},
#include "base/errors.def"
#undef ERROR
};

const struct error_row *error_row(enum error_code code)
{
    must(code < ERRORS);
    return &rows[code];
}

/* A cut must not leave half a UTF-8 character at the end. */
static void trim_partial_character(char *text, size_t size)
{
    size_t tail = 0;

    while (tail < size && tail < 3 && ((unsigned char)text[size - 1 - tail] & 0xc0) == 0x80)
        tail++;
    if (tail < size && ((unsigned char)text[size - 1 - tail] & 0xc0) == 0xc0)
        text[size - 1 - tail] = '\0';
}

bool refuse(struct error *e, enum error_code code, const char *format, ...)
{
    const struct error_row *row = error_row(code);
    va_list values;

    e->code = code;
    e->number = row->number;
    memcpy(e->sqlstate, row->sqlstate, sizeof(e->sqlstate));
    va_start(values, format);
    int size = vsnprintf(e->text, sizeof(e->text), format, values);
    va_end(values);
    must(size >= 0);
    if ((size_t)size >= sizeof(e->text))
        trim_partial_character(e->text, sizeof(e->text) - 1);
    return false;
}
