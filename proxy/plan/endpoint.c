/* Where a job may reach. LOAD, ROUTINE LOAD and PIPE make the cluster open connections and files
 * for a long time, with its own rights if they bring none; so every address in their text has to
 * match one of "allow_endpoints". An address is what stands in DATA INFILE (…), the value of a
 * property whose key speaks of one, and every string that looks like one. */
#include "proxy/plan/plan_private.h"

#include "base/error.h"

static bool has_job(enum sql_rule rule)
{
    return rule == RULE_loadStatement || rule == RULE_createRoutineLoadStatement
           || rule == RULE_alterRoutineLoadStatement || rule == RULE_createPipeStatement
           || rule == RULE_alterPipeStatement;
}

static bool contains(struct slice text, const char *part)
{
    size_t n = strlen(part);

    for (size_t i = 0; i + n <= text.size; i++)
        if (slice_equal_nocase(slice_make(text.data + i, n), slice_of(part)))
            return true;
    return false;
}

static bool is_address_key(struct slice key)
{
    static const char *const parts[] = {"endpoint", "url",       "uri",     "path",
                                        "server",   "broker",    "address", "host",
                                        "location", "defaultfs", "proxy"};

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (contains(key, parts[i]))
            return true;
    return false;
}

/* scheme://…, //host, host:1234 */
static bool is_address(struct slice value)
{
    if (contains(value, "//"))
        return true;
    for (size_t i = 1; i + 1 < value.size; i++)
        if (value.data[i] == ':' && value.data[i + 1] >= '0' && value.data[i + 1] <= '9'
            && value.data[i - 1] != ' ')
            return true;
    return false;
}

static bool is_listed(const struct making *m, struct slice address)
{
    const struct slices *allowed = &m->here->config->allowed_endpoints;

    for (size_t i = 0; i < allowed->count; i++)
        if (grant_pattern_matches(allowed->at[i], address))
            return true;
    return false;
}

static struct slice inside(struct word string)
{
    return slice_make(string.text.data + 1, string.text.size >= 2 ? string.text.size - 2 : 0);
}

/* Properties that would choose where a job runs. */
static bool is_placing_key(struct slice key)
{
    return slice_equal_nocase(key, SLICE("warehouse"))
           || slice_equal_nocase(key, SLICE("resource_group"));
}

/* One address, or several with commas between. */
static bool check_addresses(const struct making *m, struct slice value)
{
    bool is_open = !value.size || !memchr(value.data, '\\', value.size);

    for (size_t start = 0, i = 0; is_open && i <= value.size; i++) {
        if (i < value.size && value.data[i] != ',')
            continue;
        struct slice one = slice_make(value.data + start, i - start);

        while (one.size && one.data[0] == ' ')
            one = slice_after(one, 1);
        is_open = one.size == 0 || is_listed(m, one);
        start = i + 1;
    }
    return is_open
           || refuse(m->e, ERROR_NOT_SUPPORTED,
                     "starbind: this statement names an address that \"allow_endpoints\" does not "
                     "list; ask the administrator of the gateway");
}

bool safe_endpoints(const struct making *m, const struct sql_statement *s)
{
    struct words w = words_over(m->text, s->start, s->end);
    struct word key = {.kind = WORD_END}, before, word;
    bool in_files = false;

    if (!has_job(s->rule))
        return true;
    before = word_next(&w);
    word = word_next(&w);
    for (; word.kind != WORD_END; key = before, before = word, word = word_next(&w)) {
        if (word_is(word, "("))
            in_files = word_is(before, "infile");
        else if (word_is(word, ")"))
            in_files = false;
        if (word.kind != WORD_STRING)
            continue;
        bool is_value = word_is(before, "=") && key.kind == WORD_STRING;

        if (is_value && is_placing_key(inside(key)))
            return refuse(m->e, ERROR_NOT_SUPPORTED, "starbind: property '%.*s' is not open",
                          SHOW(inside(key)));

        if ((in_files || (is_value && is_address_key(inside(key))) || is_address(inside(word)))
            && !check_addresses(m, inside(word)))
            return false;
    }
    return true;
}
