/* Functions and clauses that reach beyond the database of a project: facts/statement-policy.md,
 * "Functions that leave the database boundary". Scalar functions pass unless listed; table
 * functions are refused unless listed; dict_mapping passes when its first argument is a plain
 * string, which bind.c resolves. */
#include "proxy/plan/plan_private.h"

#include "base/arena.h"
#include "base/error.h"

static const char *const denied_functions[] = {
    "lookup_string",
    "inspect_global_dict",
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

static bool is_listed(const char *const *list, struct slice name)
{
    for (; *list; list++)
        if (slice_equal(name, slice_of(*list)))
            return true;
    return false;
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
    if (is_listed(denied_functions, name) || slice_starts_with(name, SLICE("inspect_")))
        return refuse(m->e, ERROR_NOT_SUPPORTED,
                      "starbind: function '%.*s' is refused: it reaches beyond the project",
                      SHOW(name));
    if (slice_equal(name, SLICE("dict_mapping")) && !names_plain_table(m, s, call))
        return refuse(m->e, ERROR_NOT_SUPPORTED,
                      "starbind: function 'dict_mapping' takes the table's name as a plain string");
    if (call->is_table_function && !is_listed(tame_table_functions, name))
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
    if (s->is_temporary && s->class != CLASS_DDL)
        return refuse(m->e, ERROR_NOT_SUPPORTED,
                      "starbind: TEMPORARY is served with CREATE TABLE and DROP TABLE");
    if (s->is_external)
        return refuse(m->e, ERROR_NOT_SUPPORTED, "starbind: external tables are refused");
    return safe_calls(m, s) && safe_properties(m, s) && safe_endpoints(m, s);
}
