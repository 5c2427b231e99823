/* Statements that their frontend cannot prepare: PREPARE is answered here, and EXECUTE puts the
 * values into the text, which is then planned and sent like any other query.
 *
 * Which statements, stands in a table; nothing is found out by failing. The planner judges the text
 * with its values, so what is judged is what is sent; sql_bind sees to it that no value is more
 * than a value. */
#include "proxy/session/session_private.h"

#include "base/must.h"
#include "base/utf8.h"
#include "proxy/virtual/reply.h"

/* By kind of cluster and class of statement: true when the frontend cannot prepare it. A StarRocks
 * prepares queries only (fe-live/prepared-statements.md); MySQL and MariaDB nearly everything. */
static const bool is_unpreparable[][SQL_CLASSES] = {
    [CLUSTER_STARROCKS] =
        {
            [CLASS_EMPTY] = true,
            [CLASS_QUERY] = false,
            [CLASS_WRITE] = true,
            [CLASS_DDL] = true,
            [CLASS_SESSION] = true,
            [CLASS_METADATA] = true,
            [CLASS_ADMIN] = true,
            [CLASS_DANGEROUS] = true,
        },
    [CLUSTER_OTHER] = {false},
};

/* Queries that a StarRocks cannot prepare either: those with a parameter in LIMIT or OFFSET, and
 * all forms of EXPLAIN but that of a SELECT. */
static bool is_odd_query(struct session *s, const struct sql_statement *statement)
{
    struct sql_parameters found = {0};
    struct error e;

    if (statement->rule != RULE_queryStatement || statement->is_analyze)
        return true;
    return statement->has_parameters && sql_parameters_find(s->text, &found, &s->arena, &e)
           && found.in_limit;
}

bool statement_is_bound_here(struct session *s)
{
    if (s->command != COMMAND_STMT_PREPARE || s->plan->decision != PLAN_FORWARD)
        return false;
    const struct sql_statement *statement = s->plan->steps[0].statement;
    enum cluster_kind kind = pools_kind(s->all->pools, s->plan->source);
    return is_unpreparable[kind][statement->class]
           || reply_is_mapped(statement) /* its rows are read as text */
           || (kind == CLUSTER_STARROCKS && is_odd_query(s, statement));
}

enum turn statement_answer(struct session *s)
{
    struct sql_parameters found = {0};

    if (!sql_parameters_find(s->text, &found, &s->arena, s->error))
        return session_go(s, REFUSE);
    if (found.count > PARAMETERS_MAX) {
        refuse(s->error, ERROR_NOT_PREPARABLE, "starbind: a statement may have %u parameters",
               PARAMETERS_MAX);
        return session_go(s, REFUSE);
    }
    struct prepared *p = prepared_add(s);
    p->is_bound_here = true;
    p->parameters = (uint16_t)found.count;
    prepared_put(&s->client.out, &s->sequence, p->id, p->parameters, session_status(s));
    return session_go(s, SETTLE);
}

/* ---- EXECUTE ---- */

static struct slice hex_literal(struct slice bytes, struct arena *a)
{
    static const char digits[] = "0123456789ABCDEF";
    char *made = arena_alloc(a, bytes.size * 2 + 3), *at = made;

    *at++ = 'x';
    *at++ = '\'';
    for (size_t i = 0; i < bytes.size; i++) {
        *at++ = digits[(unsigned char)bytes.data[i] >> 4];
        *at++ = digits[bytes.data[i] & 15];
    }
    *at++ = '\'';
    return slice_make(made, (size_t)(at - made));
}

static struct slice literal(const struct value *v, struct arena *a)
{
    switch (v->kind) {
    case VALUE_NULL:
        return SLICE("NULL");
    case VALUE_BYTES:
        if (!utf8_is_valid(v->text))
            return hex_literal(v->text, a);
        return sql_quote_string(v->text, a);
    case VALUE_TIME:
        return sql_quote_string(v->text, a);
    case VALUE_INTEGER:
    case VALUE_DECIMAL:
    case VALUE_DOUBLE:
        break;
    }
    return v->text;
}

bool statement_bind(struct session *s)
{
    const struct execute *x = s->execute;
    struct slice *literals = arena_array(&s->arena, x->count + 1, sizeof(*literals));
    size_t limit = s->snapshot->config->settings.max_statement_bytes;
    size_t size = s->prepared->text.size;

    for (size_t i = 0; i < x->count; i++) {
        struct value v;
        if (!value_read(&v, &x->at[i], &s->arena))
            return refuse(s->error, ERROR_ARGUMENTS,
                          "starbind: parameter %zu is no number that SQL can write", i + 1);
        literals[i] = literal(&v, &s->arena);
        size += literals[i].size;
    }
    if (size > limit)
        return refuse(s->error, ERROR_PACKET_SIZE,
                      "starbind: the statement with its values is longer than max_statement_bytes "
                      "(%zu)",
                      limit);
    return sql_bind(s->prepared->text, literals, x->count, &s->text, &s->arena, s->error);
}
