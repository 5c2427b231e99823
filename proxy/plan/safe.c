/* Functions, hints and clauses that reach beyond the database of a project:
 * facts/statement-policy.md, "Functions that leave the database boundary". Scalar functions pass
 * unless listed; table functions are refused unless listed; a hint passes when StarRocks would take
 * it for a comment, or when every variable in it is one that a session may set. */
#include "proxy/plan/plan_private.h"

#include "base/arena.h"
#include "base/error.h"

static const char *const denied_functions[] = {
    "lookup_string",
    "inspect_global_dict",
    "dict_mapping",
    "dictionary_get",
    "get_query_dump",
    "get_query_profile",
    "inspect_mv_meta",
    "inspect_mv_refresh_info",
    "inspect_mv_plan",
    "inspect_table_partition_info",
    "inspect_related_mv",
    "inspect_hive_part_info",
    "inspect_mv_relationships",
    "inspect_all_pipes",
    "inspect_task_runs",
    "inspect_memory",
    "inspect_memory_detail",
    "list_rowsets",
    "host_name",
    "files",
    "blackhole",
    "last_query_id",
    "current_group",
    "is_role_in_session",
    NULL,
};

static const char *const tame_table_functions[] = {
    "unnest", "json_each", "generate_series", "subdivide_bitmap", "unnest_bitmap", NULL,
};

/* Letters that Java folds to ASCII ones, folded; all else in lower case. */
static struct slice fold(struct slice name, struct arena *arena)
{
    static const struct {
        const char *bytes;
        char letter;
    } alike[] = {{"\xc5\xbf", 's'}, {"\xc4\xb1", 'i'}, {"\xc4\xb0", 'i'}, {"\xe2\x84\xaa", 'k'}};
    char *out = arena_alloc(arena, name.size + 1);
    size_t n = 0;

    for (size_t i = 0; i < name.size;) {
        size_t step = 1;
        char c = ascii_lower(name.data[i]);

        for (size_t k = 0; k < sizeof alike / sizeof *alike; k++)
            if (slice_starts_with(slice_after(name, i), slice_of(alike[k].bytes))) {
                step = strlen(alike[k].bytes);
                c = alike[k].letter;
            }
        out[n++] = c;
        i += step;
    }
    return slice_make(out, n);
}

static bool is_listed(const char *const *list, struct slice name)
{
    for (; *list; list++)
        if (slice_equal(name, slice_of(*list)))
            return true;
    return false;
}

static bool safe_calls(const struct making *m, const struct sql_statement *s)
{
    for (uint32_t i = 0; i < s->call_count; i++) {
        const struct sql_call *call = &s->calls[i];
        struct slice name = fold(call->name, m->arena);

        if (is_listed(denied_functions, name) || slice_starts_with(name, SLICE("inspect_")))
            return refuse(m->e, ERROR_NOT_SUPPORTED,
                          "starbind: function '%.*s' is refused: it reaches beyond the project",
                          SHOW(name));
        if (call->is_table_function && !is_listed(tame_table_functions, name))
            return refuse(m->e, ERROR_NOT_SUPPORTED,
                          "starbind: table function '%.*s' is not among those that are open",
                          SHOW(name));
    }
    return true;
}

bool safe_statement(const struct making *m, const struct sql_statement *s)
{
    if (s->has_outfile)
        return refuse(
            m->e, ERROR_NOT_SUPPORTED,
            "starbind: INTO OUTFILE is refused: it writes outside; read the rows instead");
    if (s->is_temporary)
        return refuse(m->e, ERROR_NOT_SUPPORTED, "starbind: temporary tables are not served yet");
    if (s->is_external)
        return refuse(m->e, ERROR_NOT_SUPPORTED, "starbind: external tables are refused");
    return safe_calls(m, s) && safe_properties(m, s);
}

static bool refuse_hint(const struct making *m, const char *why, struct slice what)
{
    return refuse(m->e, ERROR_NOT_SUPPORTED, "starbind: hint refused: %s%.*s", why, SHOW(what));
}

static bool hint_variable(const struct making *m, struct slice name, struct slice value,
                          const struct compute_source *chooser)
{
    if (slice_equal(name, SLICE("resource_group"))) {
        if (value.size == 0 || slice_equal_nocase(value, SLICE("default"))
            || (chooser && source_allows_group(chooser, value)))
            return true;
        return refuse(m->e, ERROR_DENIED,
                      "starbind: resource group '%.*s' is not open to this project", SHOW(value));
    }
    if (variable_class(name) != VARIABLE_TRACK)
        return refuse_hint(m, "SET_VAR may not set ", name);
    return true;
}

/* A plain value: a word, a number with its sign, or a string without escapes. */
static bool hint_value(struct words *w, struct word first, struct slice *value)
{
    if (word_is(first, "-") || word_is(first, "+"))
        first = word_next(w);
    *value = first.text;
    if (first.kind == WORD_STRING && first.text.size >= 2) {
        *value = slice_make(first.text.data + 1, first.text.size - 2);
        return !memchr(first.text.data, '\\', first.text.size);
    }
    if (first.kind != WORD_NAME)
        return false;
    while (w->at + 1 < w->end && w->text.data[w->at] == '.') { /* 0.5 */
        struct word dot = word_next(w), digits = word_next(w);

        if (digits.kind != WORD_NAME)
            return false;
        value->size = (size_t)(digits.text.data + digits.text.size - value->data);
        (void)dot;
    }
    return true;
}

/* SET_VAR(name = value, …) and nothing else. */
static bool safe_set_var(const struct making *m, struct slice hint,
                         const struct compute_source *chooser)
{
    struct words w = words_over(hint, 0, hint.size);
    struct word next = word_next(&w);

    if (!word_is(next, "set_var") || !word_is(word_next(&w), "("))
        return refuse_hint(m, "SET_VAR must stand alone in its hint", SLICE(""));
    do {
        struct word name = word_next(&w);
        struct slice value;

        if (name.kind != WORD_NAME || !word_is(word_next(&w), "=")
            || !hint_value(&w, word_next(&w), &value))
            return refuse_hint(m, "SET_VAR takes name = value pairs", SLICE(""));
        if (!hint_variable(m, fold(name.text, m->arena), value, chooser))
            return false;
        next = word_next(&w);
    } while (word_is(next, ","));
    if (!word_is(next, ")") || word_next(&w).kind != WORD_END)
        return refuse_hint(m, "SET_VAR takes name = value pairs", SLICE(""));
    return true;
}

static bool holds(struct slice text, const char *word)
{
    return memmem(text.data, text.size, word, strlen(word)) != NULL;
}

bool safe_hints(const struct making *m, const struct sql_statement *s,
                const struct compute_source *chooser)
{
    for (uint32_t i = 0; i < s->hint_count; i++) {
        struct slice text = s->hints[i].text, folded = fold(text, m->arena);

        if (holds(folded, "set_user_variable"))
            return refuse_hint(m, "SET_USER_VARIABLE is not served", SLICE(""));
        if (holds(folded, "set_var") && !safe_set_var(m, text, chooser))
            return false;
    }
    return true;
}
