/* SQL that is put into a builder. */
#include "proxy/plan/plan_private.h"

void builder_put_name(struct builder *b, struct slice name)
{
    b->size += sql_put_name(builder_room(b, name.size + 2), name);
}

void builder_put_string(struct builder *b, struct slice value)
{
    b->size += sql_put_string(builder_room(b, value.size * 2 + 2), value);
}

static bool is_of_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* A character that means itself in brackets needs no backslash, which in a string depends on the
 * server's sql_mode. */
static void put_escaped(struct builder *b, char c)
{
    if (strchr("^\\", c))
        builder_put(b, SLICE("\\"));
    else if (strchr(".[{()*+?$|", c)) {
        char bracketed[] = {'[', c, ']'};
        builder_put(b, slice_make(bracketed, sizeof bracketed));
        return;
    }
    builder_put(b, slice_make(&c, 1));
}

static void put_choice(struct builder *b, struct slice text, struct slice begin, struct slice end)
{
    if (b->size)
        builder_put(b, SLICE("|"));
    builder_put(b, begin);
    for (size_t i = 0; i < text.size; i++)
        put_escaped(b, text.data[i]);
    builder_put(b, end);
}

/* To RE2 letters that are not ASCII's are no word's, and have no boundary. */
void builder_put_word(struct builder *b, struct slice text)
{
    const struct slice none = SLICE(""), boundary = SLICE("\\b");

    if (text.size)
        put_choice(b, text, is_of_word(text.data[0]) ? boundary : none,
                   is_of_word(text.data[text.size - 1]) ? boundary : none);
}

void builder_put_begin(struct builder *b, struct slice text)
{
    if (text.size)
        put_choice(b, text, is_of_word(text.data[0]) ? SLICE("(`|\\b)") : SLICE("`?"), SLICE(""));
}
