/* Functions and clauses that reach beyond the database of a project: facts/statement-policy.md,
 * "Functions that leave the database boundary". Scalar functions pass unless listed; table
 * functions are refused unless listed; dict_mapping passes when its first argument is a plain
 * string, which bind.c resolves. */
#include "proxy/plan/plan_private.h"

#include "base/arena.h"
#include "base/error.h"

#define NAME(word)                                                                                 \
    {                                                                                              \
        word, sizeof(word) - 1                                                                     \
    }

static const struct slice denied_functions[] = {
    NAME("lookup_string"),
    NAME("inspect_global_dict"),
    NAME("dictionary_get"),
    NAME("get_query_dump"),
    NAME("get_query_profile"),
    NAME("inspect_mv_meta"),
    NAME("inspect_mv_refresh_info"),
    NAME("inspect_mv_plan"),
    NAME("inspect_table_partition_info"),
    NAME("inspect_related_mv"),
    NAME("inspect_hive_part_info"),
    NAME("inspect_mv_relationships"),
    NAME("inspect_all_pipes"),
    NAME("inspect_task_runs"),
    NAME("inspect_memory"),
    NAME("inspect_memory_detail"),
    NAME("list_rowsets"),
    NAME("host_name"),
    NAME("files"),
    NAME("blackhole"),
    NAME("is_role_in_session"),
    /* of a MySQL or MariaDB: files; tables in the place of an argument; locks of a connection that
       others have as well */
    NAME("load_file"),
    NAME("nextval"),
    NAME("lastval"),
    NAME("setval"),
    NAME("get_lock"),
    NAME("release_lock"),
    NAME("release_all_locks"),
    NAME("is_used_lock"),
    NAME("is_free_lock"),
};

static const struct slice tame_table_functions[] = {
    NAME("unnest"),           NAME("json_each"),     NAME("generate_series"),
    NAME("subdivide_bitmap"), NAME("unnest_bitmap"),
};

static bool is_listed(const struct slice *list, size_t count, struct slice name)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal(name, list[i]))
            return true;
    return false;
}

static bool is_denied(struct slice name)
{
    return is_listed(denied_functions, sizeof denied_functions / sizeof *denied_functions, name)
           || slice_starts_with(name, SLICE("inspect_"));
}

static bool is_tame(struct slice name)
{
    return is_listed(tame_table_functions,
                     sizeof tame_table_functions / sizeof *tame_table_functions, name);
}

/* dict_mapping('t', …) with the string found as a reference; anything else could name any table. */
static bool names_plain_table(const struct making *m, const struct sql_statement *s,
                              const struct sql_call *call)
{
    struct words w = words_over(m->text, call->end, s->end);
    uint32_t low = 0, high = s->reference_count;
    struct word open = word_next(&w), first = word_next(&w);
    uint32_t start = (uint32_t)(first.end - first.text.size);

    if (!word_is(open, "(") || first.kind != WORD_STRING)
        return false;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (s->references[middle]->start < start)
            low = middle + 1;
        else
            high = middle;
    }
    return low < s->reference_count && s->references[low]->start == start
           && s->references[low]->kind == KIND_TABLE_IN_STRING;
}

static bool safe_call(const struct making *m, const struct sql_statement *s,
                      const struct sql_call *call)
{
    struct slice name = fold(call->name, m->arena);

    if (s->rule == RULE_createPipeStatement && slice_equal(name, SLICE("files")))
        return true; /* what a pipe is for */
    if (is_denied(name))
        return refuse(m->e, ERROR_NOT_SUPPORTED,
                      "starbind: function '%.*s' is refused: it reaches beyond the project",
                      SHOW(name));
    if (slice_equal(name, SLICE("dict_mapping")) && !names_plain_table(m, s, call))
        return refuse(m->e, ERROR_NOT_SUPPORTED,
                      "starbind: function 'dict_mapping' takes the table's name as a plain string");
    if (call->is_table_function && !is_tame(name))
        return refuse(m->e, ERROR_NOT_SUPPORTED,
                      "starbind: table function '%.*s' is not among those that are open",
                      SHOW(name));
    return true;
}

static bool safe_calls(const struct making *m, const struct sql_statement *s)
{
    for (uint32_t i = 0; i < s->call_count; i++)
        if (!safe_call(m, s, &s->calls[i]))
            return false;
    return true;
}

bool safe_statement(const struct making *m, const struct sql_statement *s)
{
    if (s->has_outfile)
        return refuse(
            m->e, ERROR_NOT_SUPPORTED,
            "starbind: INTO OUTFILE is refused: it writes outside; read the rows instead");
    if (s->is_temporary && s->class != CLASS_DDL && s->rule != RULE_showTemporaryTablesStatement)
        return refuse(m->e, ERROR_NOT_SUPPORTED,
                      "starbind: TEMPORARY is served with CREATE TABLE and DROP TABLE");
    if (s->is_external)
        return refuse(m->e, ERROR_NOT_SUPPORTED, "starbind: external tables are refused");
    return safe_calls(m, s) && safe_properties(m, s) && safe_endpoints(m, s);
}
