/* What may be a name. */
#include "config/config_private.h"
#include "base/utf8.h"
#include "protocol/sql/sql.h"

enum { NAME_MAX_CHARACTERS = 64 };

bool name_is_system(struct slice name)
{
    static const char *const names[] = {
        "information_schema", "_statistics_", "sys", "mysql", "performance_schema", NULL};

    for (size_t i = 0; names[i]; i++)
        if (slice_equal_nocase(name, slice_of(names[i])))
            return true;
    return false;
}

/* The character at the start; letters of other scripts are U+0080 to U+FFFF. */
static bool is_letter(struct slice text)
{
    uint32_t code = utf8_code(text);

    return code == '_'
           || (code < 0x80 && ascii_lower((char)code) >= 'a' && ascii_lower((char)code) <= 'z')
           || (code >= 0x80 && code <= 0xffff);
}

static bool is_digit(struct slice text)
{
    return text.data[0] >= '0' && text.data[0] <= '9';
}

static const char *qualifier_problem(struct slice name)
{
    if (name.size == 0)
        return "a name must not be empty";
    if (utf8_count(name) > NAME_MAX_CHARACTERS)
        return "a name has at most 64 characters";
    if (is_digit(name))
        return "a name must not start with a digit";
    for (size_t i = 0; i < name.size; i += utf8_length(slice_after(name, i)))
        if (!is_letter(slice_after(name, i)) && !is_digit(slice_after(name, i)))
            return "a name in SQL has letters, digits and '_' only";
    if (name_is_system(name))
        return "the name of a system schema is reserved";
    if (slice_equal_nocase(name, SLICE("default_catalog"))
        || slice_equal_nocase(name, SLICE("starbind")))
        return "the name is reserved";
    return NULL;
}

void name_check_qualifier(struct load *l, struct slice name)
{
    const char *problem = qualifier_problem(name);

    if (problem)
        load_wrong(l, "%s: %s", shown(l, name), problem);
    else if (sql_word_is_reserved(name))
        load_warn(l, "%s is a reserved word of StarRocks: SQL must write it in backquotes",
                  shown(l, name));
}

void name_check_plain(struct load *l, struct slice name, const char *what)
{
    if (name.size == 0 || utf8_count(name) > NAME_MAX_CHARACTERS)
        load_wrong(l, "the name of %s has 1 to %d characters", what, NAME_MAX_CHARACTERS);
    else if (name.data[0] == '@')
        load_wrong(l, "the name of %s must not start with '@', which marks groups", what);
    for (size_t i = 0; i < name.size; i++)
        if ((unsigned char)name.data[i] < 0x20 || name.data[i] == 0x7f) {
            load_wrong(l, "the name of %s must not have control characters", what);
            return;
        }
}
