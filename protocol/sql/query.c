/* Queries: WITH, set operations, SELECT and its clauses. Scopes follow the frontend's analyzer: see
 * scope.c. While a FROM list is read, p->scope is that of the query (what a derived table sees) and
 * p->from that of the SELECT (where relations go). */
#include "protocol/sql/sql_private.h"

bool starts_query(const struct token *t)
{
    return t->word == K_SELECT || t->word == K_WITH;
}

/* EXCEPT and MINUS are names unless a query follows. */
static bool query_follows(const struct parser *p)
{
    const struct token *t = ahead(p, 1);

    if (t->word == K_ALL || t->word == K_DISTINCT)
        return true;
    while (t->kind == T_LEFT_PAREN)
        t++;
    return starts_query(t);
}

bool is_set_operator(const struct parser *p)
{
    switch (peek(p)->word) {
    case K_UNION:
    case K_INTERSECT:
        return true;
    case K_EXCEPT:
    case K_MINUS:
        return query_follows(p);
    default:
        return false;
    }
}

/* QUALIFY here begins its clause: an operand follows. A second QUALIFY makes this one an alias. */
bool is_qualify_clause(const struct parser *p, uint32_t n)
{
    const struct token *t = ahead(p, n);

    if (t->word != K_QUALIFY)
        return false;
    if (t[1].word == K_QUALIFY && operand_starts(p, n + 2))
        return false;
    return operand_starts(p, n + 1) || t[1].kind == T_STAR;
}

/* An alias without AS stands here. */
bool alias_follows(const struct parser *p, bool strings)
{
    const struct token *t = peek(p);

    if (is_string(t))
        return strings;
    if (!t->is_name || is_set_operator(p) || is_qualify_clause(p, 0))
        return false;
    switch (t->word) {
    case K_PROPERTIES:
        return t[1].kind != T_LEFT_PAREN || !is_string(&t[2]);
    case K_PIVOT:
        return t[1].kind != T_LEFT_PAREN;
    case K_BEFORE:
        return !is_string(&t[1]);
    default:
        return true;
    }
}

static bool sort_item(struct parser *p)
{
    if (!expression(p))
        return false;
    if (!take_word(p, K_ASC))
        take_word(p, K_DESC);
    if (take_word(p, K_NULLS))
        return take_word(p, K_FIRST) || need_word(p, K_LAST);
    return true;
}

bool sort_list(struct parser *p)
{
    do {
        if (!sort_item(p))
            return false;
    } while (take_kind(p, T_COMMA));
    return true;
}

static bool limit_value(struct parser *p)
{
    if (take_kind(p, T_AT)) {
        p->facts.has_user_variable = true;
        return need_name_or_string(p);
    }
    if (take_kind(p, T_QUESTION)) {
        p->facts.has_parameters = true;
        return true;
    }
    return need_kind(p, T_INTEGER);
}

bool limit(struct parser *p)
{
    if (!take_word(p, K_LIMIT))
        return true;
    if (!limit_value(p))
        return false;
    return !(take_word(p, K_OFFSET) || take_kind(p, T_COMMA)) || limit_value(p);
}

static bool exclude_names(struct parser *p)
{
    if ((at_word(p, K_EXCEPT) || at_word(p, K_EXCLUDE)) && ahead(p, 1)->kind == T_LEFT_PAREN
        && !starts_query(ahead(p, 2)) && ahead(p, 2)->kind != T_LEFT_PAREN) {
        p->at++;
        return name_list(p);
    }
    return true;
}

/* name { . name } . * stands here; *last is the token of the last name. */
static bool at_qualified_star(const struct parser *p, uint32_t *last)
{
    const struct token *t = peek(p);

    if (!t->is_name)
        return false;
    for (;;) {
        if (t[1].kind == T_DOT_NAME)
            t++;
        else if (t[1].kind == T_DOT && t[2].is_name)
            t += 2;
        else
            break;
    }
    *last = (uint32_t)(t - p->tokens);
    return t[1].kind == T_DOT && t[2].kind == T_STAR;
}

bool select_item(struct parser *p)
{
    uint32_t last;

    if (take_kind(p, T_STAR))
        return exclude_names(p);
    if (at_qualified_star(p, &last)) {
        column_push(p, p->at, last, true);
        p->at = last + 3;
        return exclude_names(p);
    }
    if (!expression(p))
        return false;
    if (take_word(p, K_AS))
        return need_name_or_string(p);
    if (alias_follows(p, true))
        p->at++;
    return true;
}

static bool grouping_set(struct parser *p)
{
    if (!need_kind(p, T_LEFT_PAREN) || !enter(p))
        return false;
    do { /* an item may be missing */
        if (!at_kind(p, T_COMMA) && !at_kind(p, T_RIGHT_PAREN) && !expression(p))
            return false;
    } while (take_kind(p, T_COMMA));
    leave(p);
    return need_kind(p, T_RIGHT_PAREN);
}

static bool group_by(struct parser *p)
{
    bool paren = ahead(p, 1)->kind == T_LEFT_PAREN;

    if ((at_word(p, K_ROLLUP) || at_word(p, K_CUBE)) && paren) {
        p->at++;
        return grouping_set(p);
    }
    if (at_word(p, K_GROUPING) && ahead(p, 1)->word == K_SETS) {
        p->at += 2;
        if (!need_kind(p, T_LEFT_PAREN))
            return false;
        do {
            if (!grouping_set(p))
                return false;
        } while (take_kind(p, T_COMMA));
        return need_kind(p, T_RIGHT_PAREN);
    }
    return expression_list(p);
}

/* QUALIFY item cmp int: an expression takes the comparison, too. */
static bool qualify(struct parser *p)
{
    if (!is_qualify_clause(p, 0))
        return true;
    p->at++;
    if (!select_item(p))
        return false;
    if (peek(p)->kind >= T_EQUAL && peek(p)->kind <= T_NULL_EQUAL) {
        p->at++;
        return need_kind(p, T_INTEGER);
    }
    return true;
}

static bool pivot_list(struct parser *p)
{
    do {
        if (!expression(p))
            return false;
        if (take_word(p, K_AS)) {
            if (!need_name_or_string(p))
                return false;
        } else if (alias_follows(p, true)) {
            p->at++;
        }
    } while (take_kind(p, T_COMMA));
    return true;
}

static bool pivot(struct parser *p)
{
    if (!at_word(p, K_PIVOT) || ahead(p, 1)->kind != T_LEFT_PAREN)
        return true;
    p->at += 2;
    if (!enter(p) || !pivot_list(p) || !need_word(p, K_FOR))
        return false;
    if (at_kind(p, T_LEFT_PAREN) ? !name_list(p) : !need_name(p))
        return false;
    if (!need_word(p, K_IN) || !need_kind(p, T_LEFT_PAREN) || !pivot_list(p))
        return false;
    leave(p);
    return need_kind(p, T_RIGHT_PAREN) && need_kind(p, T_RIGHT_PAREN);
}

bool from_clause(struct parser *p, struct scope *outer)
{
    struct scope *inner = p->scope;

    if (!take_word(p, K_FROM) || take_word(p, K_DUAL))
        return true;
    struct scope *from = p->from;
    p->from = inner;
    p->scope = outer;
    if (!relations(p))
        return false;
    p->from = from;
    p->scope = inner;
    return pivot(p);
}

static bool select_list(struct parser *p)
{
    bool is_first = !p->facts.list_end;
    uint32_t start = peek(p)->start;

    do {
        if (!select_item(p))
            return false;
    } while (take_kind(p, T_COMMA));
    if (is_first) {
        p->facts.list_start = start;
        p->facts.list_end = p->tokens[p->at - 1].end;
    }
    return true;
}

/* SELECT …; p->scope is that of the query before and of the SELECT after. */
static bool select_clauses(struct parser *p)
{
    struct scope *outer = p->scope;

    p->scope = scope_new(p, outer, false);
    p->at++;
    if (!take_word(p, K_ALL))
        take_word(p, K_DISTINCT);
    if (!select_list(p) || !from_clause(p, outer))
        return false;
    if (take_word(p, K_WHERE) && !expression(p))
        return false;
    if (take_word(p, K_GROUP) && (!need_word(p, K_BY) || !group_by(p)))
        return false;
    if (take_word(p, K_HAVING) && !expression(p))
        return false;
    return qualify(p);
}

/* SELECT … or ( query ); *select is the scope of a plain SELECT. */
static bool query_term(struct parser *p, struct scope **select)
{
    struct scope *outer = p->scope;

    *select = NULL;
    if (at_word(p, K_SELECT)) {
        if (!select_clauses(p))
            return false;
        *select = p->scope;
        p->scope = outer;
        return true;
    }
    if (!need_kind(p, T_LEFT_PAREN) || !enter(p) || !query(p))
        return false;
    leave(p);
    return need_kind(p, T_RIGHT_PAREN);
}

/* Set operations, ORDER BY and LIMIT behind a first term. */
static bool query_tail(struct parser *p, struct scope *select)
{
    struct scope *outer = p->scope, *ignored;

    while (is_set_operator(p)) {
        p->at++;
        if (!take_word(p, K_ALL))
            take_word(p, K_DISTINCT);
        if (!query_term(p, &ignored))
            return false;
        select = NULL;
    }
    if (take_word(p, K_ORDER)) {
        p->scope = select ? select : scope_new(p, outer, true);
        if (!need_word(p, K_BY) || !sort_list(p))
            return false;
        p->scope = outer;
    }
    return limit(p);
}

bool query_goes_on(const struct parser *p)
{
    return is_set_operator(p) || at_word(p, K_ORDER) || at_word(p, K_LIMIT);
}

bool query_rest(struct parser *p)
{
    return query_tail(p, NULL);
}

bool with_clause(struct parser *p)
{
    uint32_t list_start = p->facts.list_start, list_end = p->facts.list_end;

    if (!take_word(p, K_WITH))
        return true;
    do {
        const struct token *name = peek(p);
        if (!need_name(p) || (at_kind(p, T_LEFT_PAREN) && !name_list(p)))
            return false;
        if (!need_word(p, K_AS) || !need_kind(p, T_LEFT_PAREN) || !enter(p) || !query(p))
            return false;
        leave(p);
        if (!need_kind(p, T_RIGHT_PAREN))
            return false;
        scope_add_to(p, &p->scope->ctes, token_name(p, name));
    } while (take_kind(p, T_COMMA));
    p->facts.list_start = list_start;
    p->facts.list_end = list_end;
    return true;
}

bool query(struct parser *p)
{
    struct scope *outer = p->scope, *select;

    p->scope = scope_new(p, outer, false);
    if (!with_clause(p) || !query_term(p, &select) || !query_tail(p, select))
        return false;
    p->scope = outer;
    return true;
}

static bool trace(struct parser *p)
{
    p->facts.is_explain = true;
    switch (peek(p)->word) {
    case K_ALL:
    case K_LOGS:
    case K_TIMES:
    case K_VALUES:
    case K_REASON:
        p->at++;
        break;
    default:
        return give_up(p);
    }
    if (peek(p)->is_name && !(at_word(p, K_REFRESH) && ahead(p, 1)->word == K_MATERIALIZED))
        p->at++;
    return true;
}

bool explain(struct parser *p)
{
    if (take_word(p, K_TRACE))
        return trace(p);
    if (!take_word(p, K_EXPLAIN) && !take_word(p, K_DESC) && !take_word(p, K_DESCRIBE))
        return true;
    p->facts.is_explain = true;
    switch (peek(p)->word) {
    case K_ANALYZE:
        p->facts.is_analyze = true;
        p->at++;
        break;
    case K_LOGICAL:
    case K_VERBOSE:
    case K_COSTS:
    case K_SCHEDULER:
        p->at++;
        break;
    default:
        break;
    }
    return true;
}

static bool outfile(struct parser *p)
{
    if (!take_word(p, K_INTO))
        return true;
    p->facts.has_outfile = true;
    if (!need_word(p, K_OUTFILE) || !need_string(p))
        return false;
    if (take_word(p, K_FORMAT) && (!need_word(p, K_AS) || !need_name_or_string(p)))
        return false;
    return !take_word(p, K_PROPERTIES) || properties(p);
}

bool query_statement(struct parser *p)
{
    if (!explain(p))
        return false;
    if (!starts_query(peek(p)) && !at_kind(p, T_LEFT_PAREN))
        return give_up(p);
    return query(p) && outfile(p);
}
