/* Property keys, engines and clauses of DDL: what they name lies outside the grammar of names, so
 * they pass by list only. */
#include "proxy/plan/plan_private.h"

#include "base/error.h"

static const char *const table_keys[] = {
    "replication_num",
    "default.replication_num",
    "compression",
    "bloom_filter_columns",
    "dynamic_partition.*",
    "enable_persistent_index",
    "persistent_index_type",
    "storage_medium",
    "storage_cooldown_time",
    "storage_cooldown_ttl",
    "partition_live_number",
    "partition_ttl",
    "partition_ttl_number",
    "replicated_storage",
    "write_quorum",
    "fast_schema_evolution",
    "bucket_size",
    "mutable_bucket_num",
    "in_memory",
    "storage_format",
    "storage_type",
    "short_key",
    "default.storage_medium",
    "datacache.*",
    "file_bundling",
    "light_schema_change",
    "compaction_strategy",
    "use_temp_partition_name",
    /* of indexes */
    "index_type",
    "metric_type",
    "gram_num",
    "bloom_filter_fpp",
    /* of materialized views */
    "partition_refresh_number",
    "auto_refresh_partitions_limit",
    "mv_rewrite_staleness_second",
    "query_rewrite_consistency",
    "enable_query_rewrite",
    "transparent_mv_rewrite_mode",
    "force_external_table_query_rewrite",
    "partition_refresh_strategy",
    "mv_randomize_start",
    /* of INSERT */
    "strict_mode",
    "max_filter_ratio",
    "strict_range",
    "timeout",
    /* of ANALYZE and ALTER LOAD */
    "statistic_*",
    "histogram_*",
    "priority",
    NULL,
};

static bool is_open(struct slice key)
{
    char lower[64];

    if (key.size > sizeof lower)
        return false;
    for (size_t i = 0; i < key.size; i++)
        lower[i] = ascii_lower(key.data[i]);
    for (const char *const *k = table_keys; *k; k++)
        if (grant_pattern_matches(slice_of(*k), slice_make(lower, key.size)))
            return true;
    return false;
}

static bool check_keys(const struct making *m, const struct sql_statement *s)
{
    for (uint32_t i = 0; i < s->property_count; i++)
        if (!is_open(s->properties[i].key))
            return refuse(m->e, ERROR_NOT_SUPPORTED, "starbind: property '%.*s' is not open",
                          SHOW(s->properties[i].key));
    return true;
}

/* ENGINE = olap is what a table has anyway; every other engine reaches outside. */
static bool check_engine(const struct making *m, const struct sql_statement *s)
{
    struct words w = words_over(m->text, s->start, s->end);
    struct word word;
    bool has_list = false;
    int depth = 0;

    while ((word = word_next(&w)).kind != WORD_END) {
        if (s->rule == RULE_createTableAsSelectStatement && word_is(word, "as"))
            break; /* the query follows, where engine may be a column */
        depth += word_is(word, "(");
        depth -= word_is(word, ")");
        has_list |= depth > 0;
        if (!word_is(word, "engine"))
            continue;
        struct words ahead = w;

        word = word_next(&ahead);
        if (word_is(word, "="))
            word = word_next(&ahead);
        else if (!has_list || depth > 0) /* it is a name; behind the columns MySQL wants no `=` */
            continue;
        if (!word_is(word, "olap"))
            return refuse(m->e, ERROR_NOT_SUPPORTED,
                          "starbind: engine %.*s is refused; OLAP is open", SHOW(word.text));
    }
    return true;
}

static bool is_one_of(struct word word, const char *const *list)
{
    for (; *list; list++)
        if (word_is(word, *list))
            return true;
    return false;
}

/* ALTER TABLE name clause, clause …: those that concern the table's own columns, partitions, name.
 */
static bool check_clauses(const struct making *m, const struct sql_statement *s)
{
    static const char *const first[] = {"add",     "drop",  "modify",      "rename",
                                        "swap",    "set",   "comment",     "order",
                                        "replace", "alter", "distributed", NULL};
    static const char *const never[] = {"execute", "split",  "base", "cumulative",
                                        "compact", "create", NULL};
    static const char *const foreign[] = {"branch", "tag", "persistent", "tablet", NULL};
    struct words w =
        words_over(m->text, s->reference_count ? s->references[0]->end : s->start, s->end);
    struct word word = word_next(&w);
    bool is_clause = true;
    unsigned depth = 0;

    if (!is_one_of(word, first))
        return refuse(m->e, ERROR_NOT_SUPPORTED,
                      "starbind: this clause of ALTER TABLE is not open");
    for (; word.kind != WORD_END; word = word_next(&w)) {
        struct words ahead = w;

        if (is_clause && depth == 0
            && (is_one_of(word, never) || is_one_of(word_next(&ahead), foreign)))
            return refuse(m->e, ERROR_NOT_SUPPORTED,
                          "starbind: this clause of ALTER TABLE is not open");
        if (word_is(word, "("))
            depth++;
        else if (word_is(word, ")") && depth)
            depth--;
        is_clause = word_is(word, ",");
    }
    return true;
}

/* ALTER VIEW name [(columns)] AS query; SET SECURITY and dialects are not open. */
static bool check_view(const struct making *m, const struct sql_statement *s)
{
    struct words w =
        words_over(m->text, s->reference_count ? s->references[0]->end : s->start, s->end);
    struct word word = word_next(&w);

    if (word_is(word, "(") || word_is(word, "as"))
        return true;
    return refuse(m->e, ERROR_NOT_SUPPORTED,
                  "starbind: only ALTER VIEW … AS query is open; DROP and CREATE the view instead");
}

bool safe_properties(const struct making *m, const struct sql_statement *s)
{
    bool has_properties =
        s->class == CLASS_DDL || s->rule == RULE_insertStatement
        || s->rule == RULE_refreshMaterializedViewStatement || s->rule == RULE_analyzeStatement
        || s->rule == RULE_analyzeHistogramStatement || s->rule == RULE_alterLoadStatement;

    if (has_properties && !check_keys(m, s))
        return false;
    switch (s->rule) {
    case RULE_createTableStatement:
    case RULE_createTableLikeStatement:
    case RULE_createTableAsSelectStatement:
        return check_engine(m, s);
    case RULE_alterTableStatement:
        return check_clauses(m, s);
    case RULE_alterViewStatement:
        return check_view(m, s);
    default:
        return true;
    }
}
