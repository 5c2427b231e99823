/* FROM lists: tables, functions, derived tables, joins. What stands in parentheses is known only
 * behind them: the reader of the inside says whether it was a query or relations. */
#include "protocol/sql/sql_private.h"

static bool relation(struct parser *p);

/* A hint in brackets; the column of a skew hint is one of the FROM list's. */
static bool relation_hint(struct parser *p)
{
    struct scope *outer = p->scope;

    if (!at_kind(p, T_LEFT_BRACKET))
        return true;
    p->scope = p->from;
    if (!bracket_hint(p))
        return false;
    p->scope = outer;
    return true;
}

static bool alias_columns(struct parser *p)
{
    return !at_kind(p, T_LEFT_PAREN) || name_list(p);
}

/* [[AS] alias [(columns)]] of anything but a plain table; the relation joins the FROM list. */
static bool derived_alias(struct parser *p, struct slice name)
{
    bool any = take_word(p, K_AS);

    if (any || alias_follows(p, false)) {
        name = token_name(p, peek(p));
        if (!need_name(p) || !alias_columns(p))
            return false;
    }
    if (name.size)
        scope_add(p, &p->from->relations, name, NULL);
    return true;
}

/* [FOR] SYSTEM_TIME | TIMESTAMP | VERSION and what follows it. */
static bool period(struct parser *p)
{
    bool with_for = at_word(p, K_FOR);
    enum keyword kind = ahead(p, with_for)->word, next = ahead(p, with_for + 1U)->word;

    if (kind != K_SYSTEM_TIME && kind != K_TIMESTAMP && kind != K_VERSION)
        return !with_for || give_up(p);
    if (next == K_AS && ahead(p, with_for + 2U)->word != K_OF && !with_for)
        return true; /* an alias AS … : the word is none of ours */
    if (next != K_AS && next != K_BETWEEN && next != K_FROM && next != K_ALL)
        return !with_for || give_up(p);
    p->at += with_for + 2U;
    switch (next) {
    case K_AS:
        return need_word(p, K_OF) && expression(p);
    case K_BETWEEN:
        return expression(p); /* its AND is an operator */
    case K_FROM:
        return expression(p) && need_word(p, K_TO) && expression(p);
    default:
        return true;
    }
}

static bool integers(struct parser *p)
{
    bool paren = take_kind(p, T_LEFT_PAREN);

    do {
        if (!need_kind(p, T_INTEGER))
            return false;
    } while (take_kind(p, T_COMMA));
    return !paren || need_kind(p, T_RIGHT_PAREN);
}

static bool tablets(struct parser *p)
{
    enum token_kind next = (enum token_kind)ahead(p, 1)->kind;

    if ((at_word(p, K_TABLET) || at_word(p, K_TABLETS))
        && (next == T_LEFT_PAREN || next == T_INTEGER)) {
        p->at++;
        if (!integers(p))
            return false;
        next = (enum token_kind)ahead(p, 1)->kind;
    }
    if (at_word(p, K_REPLICA) && next == T_LEFT_PAREN) {
        p->at++;
        return integers(p);
    }
    return true;
}

bool partitions_follow(const struct parser *p)
{
    enum keyword word = peek(p)->word;

    if (word == K_TEMPORARY)
        word = ahead(p, 1)->word;
    return word == K_PARTITION
           || (word == K_PARTITIONS
               && (ahead(p, 1)->kind == T_LEFT_PAREN || ahead(p, 1)->is_name
                   || is_string(ahead(p, 1)) || at_word(p, K_TEMPORARY)));
}

static bool sample(struct parser *p)
{
    if (!take_word(p, K_SAMPLE))
        return true;
    return !at_kind(p, T_LEFT_PAREN) || properties(p);
}

/* A table or a CTE with its clauses; the name has been read. */
static bool table(struct parser *p, uint32_t first, uint32_t last)
{
    struct slice name = token_name(p, &p->tokens[last]);
    bool is_cte = first == last && scope_has_cte(p, name);
    struct sql_reference *r =
        reference_make(p, first, last, is_cte ? KIND_CTE : KIND_TABLE, ACCESS_READ);

    if (r->count > 3)
        return stop(p, "a name has more parts than StarRocks allows here");
    reference_push(p, r);
    if (!period(p) || (partitions_follow(p) && !partitions(p)) || !tablets(p) || !sample(p))
        return false;
    if (take_word(p, K_AS) || alias_follows(p, false)) {
        r->alias = name = token_name(p, peek(p));
        if (!need_name(p))
            return false;
    }
    scope_add(p, &p->from->relations, name, is_cte ? NULL : r);
    if (!relation_hint(p))
        return false;
    if (at_word(p, K_BEFORE) && is_string(ahead(p, 1)))
        p->at += 2;
    return true;
}

/* ( arguments ) of a table function: they see the relations to the left, and no CTE in subqueries.
 */
static bool function_arguments(struct parser *p)
{
    struct scope *outer = p->scope;

    p->scope = scope_new(p, p->from, true);
    p->scope->limit = p->from->relations.count;
    if (!need_kind(p, T_LEFT_PAREN) || !enter(p) || !arguments(p))
        return false;
    leave(p);
    p->scope = outer;
    return need_kind(p, T_RIGHT_PAREN);
}

static bool function(struct parser *p, uint32_t first, uint32_t last)
{
    if (!call_push(p, first, last, true))
        return false;
    if (last > first) {
        struct sql_reference *r = reference_make(p, first, last, KIND_FUNCTION, ACCESS_CALL);
        reference_push(p, r);
    }
    return string_tables(p, last, p->at + 1) && function_arguments(p);
}

/* TABLE ( f ( … ) ) */
static bool normalized_function(struct parser *p, struct slice *name)
{
    uint32_t first, last;

    p->at++;
    if (!need_kind(p, T_LEFT_PAREN) || !enter(p) || !dotted_name(p, &first, &last)
        || !function(p, first, last))
        return false;
    *name = token_name(p, &p->tokens[last]);
    leave(p);
    return need_kind(p, T_RIGHT_PAREN);
}

static bool files(struct parser *p)
{
    return call_push(p, p->at, p->at, true) && need_word(p, K_FILES) && properties(p);
}

/* ( VALUES ( … ), … ): the parenthesis has been read. */
static bool values(struct parser *p)
{
    p->at++;
    do {
        if (!need_kind(p, T_LEFT_PAREN) || !enter(p) || !expression_list(p))
            return false;
        leave(p);
        if (!need_kind(p, T_RIGHT_PAREN))
            return false;
    } while (take_kind(p, T_COMMA));
    return need_kind(p, T_RIGHT_PAREN) && derived_alias(p, SLICE(""));
}

static bool join_tail(struct parser *p);

/* What goes on behind ( ( … ): a query, or relations of which the first has been read. */
static bool nested(struct parser *p, bool *was_query)
{
    bool inner;

    if (!enter(p))
        return false;
    p->at++;
    *was_query = false;
    if (starts_query(peek(p))) {
        *was_query = true;
        if (!query(p))
            return false;
    } else if (at_word(p, K_VALUES)) {
        leave(p);
        return values(p);
    } else if (at_kind(p, T_LEFT_PAREN)) {
        if (!nested(p, &inner))
            return false;
        if (inner && (query_goes_on(p) || at_kind(p, T_RIGHT_PAREN))) {
            *was_query = true;
            if (!query_rest(p))
                return false;
        } else if ((inner && !derived_alias(p, SLICE(""))) || !join_tail(p)) {
            return false;
        }
    } else if (!relations(p)) {
        return false;
    }
    leave(p);
    return need_kind(p, T_RIGHT_PAREN);
}

static bool parenthesized(struct parser *p)
{
    bool was_query;

    return nested(p, &was_query) && (!was_query || derived_alias(p, SLICE("")));
}

static bool named_relation(struct parser *p)
{
    uint32_t first, last;

    if (!dotted_name(p, &first, &last))
        return false;
    if (!at_kind(p, T_LEFT_PAREN))
        return table(p, first, last);
    struct slice name = token_name(p, &p->tokens[last]);
    return function(p, first, last) && derived_alias(p, name);
}

static bool relation(struct parser *p)
{
    struct slice name;

    switch (peek(p)->word) {
    case K_TABLE:
        return normalized_function(p, &name) && derived_alias(p, name);
    case K_FILES:
        return files(p) && derived_alias(p, SLICE("files"));
    case K_ASSERT_ROWS:
        if (ahead(p, 1)->kind == T_LEFT_PAREN && starts_query(ahead(p, 2)))
            p->at++;
        break;
    default:
        break;
    }
    return at_kind(p, T_LEFT_PAREN) ? parenthesized(p) : named_relation(p);
}

static bool join_condition(struct parser *p)
{
    struct scope *outer = p->scope;

    if (take_word(p, K_USING))
        return name_list(p);
    if (!take_word(p, K_ON))
        return true;
    p->scope = scope_new(p, p->from, true);
    if (!expression(p))
        return false;
    p->scope = outer;
    return true;
}

/* JOIN and the words before it; *is_join false: none stands here. */
static bool join_words(struct parser *p, bool *is_join)
{
    *is_join = true;
    switch (peek(p)->word) {
    case K_JOIN:
        p->at++;
        return true;
    case K_CROSS:
        p->at++;
        take_word(p, K_JOIN);
        return true;
    case K_INNER:
        p->at++;
        return need_word(p, K_JOIN);
    case K_NULL:
        p->at++;
        return need_word(p, K_AWARE) && need_word(p, K_LEFT) && need_word(p, K_ANTI)
               && need_word(p, K_JOIN);
    case K_LEFT:
    case K_RIGHT:
    case K_FULL:
        p->at++;
        if (!take_word(p, K_OUTER) && !take_word(p, K_SEMI))
            take_word(p, K_ANTI);
        return need_word(p, K_JOIN);
    default:
        *is_join = false;
        return true;
    }
}

static bool joins(struct parser *p)
{
    bool is_join;

    for (;;) {
        if (!join_words(p, &is_join))
            return false;
        if (!is_join)
            return true;
        if (!relation_hint(p))
            return false;
        take_word(p, K_LATERAL);
        if (!relation(p) || !join_condition(p))
            return false;
    }
}

/* Joins and further relations behind the first one. */
static bool join_tail(struct parser *p)
{
    if (!joins(p))
        return false;
    while (take_kind(p, T_COMMA)) {
        take_word(p, K_LATERAL);
        if (!relation(p) || !joins(p))
            return false;
    }
    return true;
}

bool relations(struct parser *p)
{
    return relation(p) && join_tail(p);
}
