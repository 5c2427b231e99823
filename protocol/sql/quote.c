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

bool sql_name_can_be_quoted(struct slice name)
{
    unsigned char seen = 0;

    for (size_t i = 0; i < name.size; i++) {
        unsigned char c = (unsigned char)name.data[i];
        if (c < 0x20 || c == 0x7f || c == '`')
            return false;
        seen |= c;
    }
    return name.size && (seen < 0x80 || utf8_is_valid(name));
}

struct slice sql_quote_name(struct slice name, struct arena *arena)
{
    must(sql_name_can_be_quoted(name));
    char *made = arena_alloc(arena, name.size + 2);
    made[0] = '`';
    memcpy(made + 1, name.data, name.size);
    made[name.size + 1] = '`';
    return slice_make(made, name.size + 2);
}

struct slice sql_quote_string(struct slice value, struct arena *arena)
{
    char *made = arena_alloc(arena, value.size * 2 + 2);
    size_t size = 0;

    made[size++] = '\'';
    for (size_t i = 0; i < value.size; i++) {
        if (value.data[i] == '\\' || value.data[i] == '\'')
            made[size++] = value.data[i];
        made[size++] = value.data[i];
    }
    made[size++] = '\'';
    return slice_make(made, size);
}
