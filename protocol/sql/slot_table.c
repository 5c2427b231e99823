/* The readers that patterns call by name, and the small ones among them. */
#include "protocol/sql/sql_private.h"

#include "base/arena.h"

static bool one_token(struct parser *p, bool fits)
{
    if (!fits)
        return give_up(p);
    p->at++;
    return true;
}

static bool slot_int(struct parser *p)
{
    return need_kind(p, T_INTEGER);
}

static bool slot_number(struct parser *p)
{
    return one_token(p, peek(p)->kind >= T_INTEGER && peek(p)->kind <= T_DOUBLE);
}

static bool slot_like(struct parser *p)
{
    p->facts.has_like = true;
    p->facts.like = token_name(p, peek(p));
    return need_string(p);
}

static bool slot_where(struct parser *p)
{
    p->facts.has_where = true;
    return expression(p);
}

static bool slot_column(struct parser *p)
{
    uint32_t first, last;

    if (ahead(p, 1)->kind == T_LEFT_PAREN || !dotted_name(p, &first, &last))
        return give_up(p);
    if (last > first)
        column_push(p, first, last, false);
    return true;
}

static bool slot_kill(struct parser *p)
{
    p->facts.kill_is_string = is_string(peek(p));
    p->facts.kill_id = token_name(p, peek(p));
    return p->facts.kill_is_string ? need_string(p) : need_kind(p, T_INTEGER);
}

/* USE 'catalog x' */
static bool slot_use_catalog(struct parser *p)
{
    struct slice value = token_name(p, peek(p)), word = SLICE("catalog ");

    if (!need_string(p))
        return false;
    if (value.size <= word.size || !slice_equal_nocase(slice_head(value, word.size), word))
        return give_up(p);
    struct sql_reference *r = reference_make(p, p->at - 1, p->at - 1, KIND_CATALOG, ACCESS_USE);
    struct sql_part *part = arena_alloc(p->arena, sizeof(*part));
    *part = r->parts[0];
    part->value = slice_after(value, word.size);
    while (part->value.size && part->value.data[0] == ' ')
        part->value = slice_after(part->value, 1);
    r->parts = part;
    reference_push(p, r);
    return true;
}

/* SUBMIT TASK [name]: the words of its clauses are no names */
static bool slot_task(struct parser *p)
{
    enum keyword next = ahead(p, 1)->word;

    if ((at_word(p, K_PROPERTIES) && ahead(p, 1)->kind == T_LEFT_PAREN)
        || (at_word(p, K_SCHEDULE) && (next == K_START || next == K_EVERY)) || at_word(p, K_AS))
        return true;
    struct sql_reference *r = take_reference(p, KIND_TASK, ACCESS_DDL);
    if (r)
        r->is_target = true;
    return r;
}

static bool slot_backup(struct parser *p)
{
    return backup_object(p, false);
}

static bool slot_restore(struct parser *p)
{
    return backup_object(p, true);
}

/* [AS] alias of LOCK TABLES; its words may be names */
static bool slot_lock_alias(struct parser *p)
{
    enum keyword next = ahead(p, 1)->word;

    if (take_word(p, K_AS))
        return need_name(p);
    if (peek(p)->is_name && (next == K_READ || next == K_LOW_PRIORITY || next == K_WRITE))
        p->at++;
    return true;
}

/* TRANSLATE takes everything, semicolons too: nothing is known of it. */
static bool slot_rest(struct parser *p)
{
    for (; !at_kind(p, T_END); p->at++)
        if (at_kind(p, T_DOT) || at_kind(p, T_DOT_NAME))
            exempt_dot(p, p->at);
    return true;
}

static bool slot_query(struct parser *p)
{
    if (!starts_query(peek(p)) && !at_kind(p, T_LEFT_PAREN))
        return give_up(p);
    return query(p);
}

const struct slot slot_table[] = {
    {"query-statement",
     query_statement,
     {K_SELECT, K_WITH, K_EXPLAIN, K_DESC, K_DESCRIBE, K_TRACE}},
    {"insert", insert, {K_INSERT, K_EXPLAIN, K_DESC, K_DESCRIBE}},
    {"update", update, {K_UPDATE, K_WITH, K_EXPLAIN, K_DESC, K_DESCRIBE}},
    {"delete", delete_from, {K_DELETE, K_WITH, K_EXPLAIN, K_DESC, K_DESCRIBE}},
    {"cache-select", cache_select, {K_CACHE}},
    {"explain", explain, {K_EXPLAIN, K_DESC, K_DESCRIBE, K_TRACE}},
    {"query", slot_query, {0}},
    {"id", need_name, {0}},
    {"id-string", need_name_or_string, {0}},
    {"string", need_string, {0}},
    {"int", slot_int, {0}},
    {"number", slot_number, {0}},
    {"value", expression_or_default, {0}},
    {"expr", expression, {0}},
    {"like", slot_like, {0}},
    {"where", slot_where, {0}},
    {"sort", sort_list, {0}},
    {"limit", limit, {0}},
    {"properties", properties, {0}},
    {"partitions", partitions, {0}},
    {"column", slot_column, {0}},
    {"arguments", arguments, {0}},
    {"kill", slot_kill, {0}},
    {"use-catalog", slot_use_catalog, {0}},
    {"task", slot_task, {0}},
    {"alter-clause", alter_clause, {0}},
    {"user", user, {0}},
    {"privileges", privileges, {0}},
    {"grant-object", grant_object, {0}},
    {"backup-object", slot_backup, {0}},
    {"restore-object", slot_restore, {0}},
    {"restored-catalog", restored_catalog, {0}},
    {"datacache-target", datacache_target, {0}},
    {"lock-alias", slot_lock_alias, {0}},
    {"prepared", prepared, {0}},
    {"set-item", set_item, {0}},
    {"rest", slot_rest, {0}},
    {NULL, NULL, {0}},
};
