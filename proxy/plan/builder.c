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
