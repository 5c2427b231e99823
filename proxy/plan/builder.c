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

/* The text itself, as a choice of a regular expression. */
void builder_put_pattern(struct builder *b, struct slice text)
{
    if (b->size)
        builder_put(b, SLICE("|"));
    for (size_t i = 0; i < text.size; i++) {
        if (strchr(".[]{}()*+?^$|\\/-", text.data[i]))
            builder_put(b, SLICE("\\"));
        builder_put(b, slice_make(text.data + i, 1));
    }
}
