/* Names and strings, written and read back. */
#include "protocol/sql/sql_private.h"

#include "base/arena.h"
#include "base/must.h"
#include "base/utf8.h"

static char unescaped(char c)
{
    switch (c) {
    case 'n':
        return '\n';
    case 't':
        return '\t';
    case 'r':
        return '\r';
    case 'b':
        return '\b';
    case '0':
        return '\0';
    case 'Z':
        return 0x1a;
    default:
        return c;
    }
}

struct slice string_value(struct slice literal, struct arena *arena)
{
    char quote = literal.data[0];
    struct slice inner = slice_make(literal.data + 1, literal.size - 2);
    size_t size = 0;

    if (inner.size == 0
        || (!memchr(inner.data, '\\', inner.size) && !memchr(inner.data, quote, inner.size)))
        return inner;
    char *made = arena_alloc(arena, inner.size);
    for (size_t i = 0; i < inner.size; i++) {
        char c = inner.data[i];
        if (c == '\\' && i + 1 < inner.size) {
            c = inner.data[++i];
            if (c == '_' || c == '%')
                made[size++] = '\\';
            c = unescaped(c);
        } else if (c == quote) {
            i++; /* a doubled quote */
        }
        made[size++] = c;
    }
    return slice_make(made, size);
}

/* What a byte means to a name in backquotes. */
enum { REFUSED = 1, FOREIGN = 2 };
#define ROW(x) x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x
static const uint8_t meanings[256] = {
    ROW(REFUSED), ROW(REFUSED), ['`'] = REFUSED, [0x7f] = REFUSED, ROW(FOREIGN), ROW(FOREIGN),
    ROW(FOREIGN), ROW(FOREIGN), ROW(FOREIGN),    ROW(FOREIGN),     ROW(FOREIGN), ROW(FOREIGN),
};

bool sql_name_can_be_quoted(struct slice name)
{
    unsigned seen = 0;

    for (size_t i = 0; i < name.size; i++)
        seen |= meanings[(unsigned char)name.data[i]];
    return name.size && !(seen & REFUSED) && (!seen || utf8_is_valid(name));
}

size_t sql_put_name(char *room, struct slice name)
{
    must(sql_name_can_be_quoted(name));
    room[0] = '`';
    memcpy(room + 1, name.data, name.size);
    room[name.size + 1] = '`';
    return name.size + 2;
}

struct slice sql_quote_name(struct slice name, struct arena *arena)
{
    char *made = arena_room(arena, name.size + 2);

    return slice_make(made, sql_put_name(made, name));
}

size_t sql_put_string(char *room, struct slice value)
{
    size_t size = 0;

    room[size++] = '\'';
    for (size_t i = 0; i < value.size; i++) {
        if (value.data[i] == '\\' || value.data[i] == '\'')
            room[size++] = value.data[i];
        room[size++] = value.data[i];
    }
    room[size++] = '\'';
    return size;
}

struct slice sql_quote_string(struct slice value, struct arena *arena)
{
    char *made = arena_room(arena, value.size * 2 + 2);

    return slice_make(made, sql_put_string(made, value));
}
