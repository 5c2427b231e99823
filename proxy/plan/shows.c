#include "proxy/plan/shows.h"

static const char *const columns_of[SQL_RULES] = {
#define SHOWN(rule, columns) [RULE_##rule] = columns,
#include "proxy/plan/shows.def"
#undef SHOWN
};

const char *shows_columns(enum sql_rule rule)
{
    return columns_of[rule];
}

static bool take_item(struct slice *list, struct slice *item)
{
    const char *comma = list->size ? memchr(list->data, ',', list->size) : NULL;

    if (!list->size)
        return false;
    *item = slice_head(*list, comma ? (size_t)(comma - list->data) : list->size);
    *list = slice_after(*list, item->size + (comma ? 1 : 0));
    return true;
}

static bool is_header(struct slice pattern, struct slice header)
{
    if (slice_ends_with(pattern, SLICE("*")))
        return header.size >= pattern.size - 1
               && slice_equal_nocase(slice_head(header, pattern.size - 1),
                                     slice_head(pattern, pattern.size - 1));
    return slice_equal_nocase(pattern, header);
}

char shows_sign(const char *columns, struct slice header)
{
    struct slice list = slice_of(columns), item;

    while (take_item(&list, &item))
        if (is_header(slice_after(item, 1), header))
            return item.data[0];
    return ' ';
}
