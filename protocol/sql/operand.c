/* One operand of an expression: a literal, a name, a call, a construct, or something in
 * parentheses. */
#include "protocol/sql/sql_private.h"

/* Reserved words that are functions when a parenthesis follows. */
static bool is_reserved_function(enum keyword word)
{
    switch (word) {
    case K_IF:
    case K_LEFT:
    case K_RIGHT:
    case K_REPLACE:
    case K_MOD:
    case K_CHAR:
    case K_CONVERT:
    case K_LIKE:
    case K_REGEXP:
    case K_RLIKE:
    case K_DATABASE:
    case K_SCHEMA:
    case K_GROUPING:
    case K_GROUPING_ID:
    case K_ROW_NUMBER:
    case K_DENSE_RANK:
    case K_NTILE:
    case K_LEAD:
    case K_LAG:
    case K_FIRST_VALUE:
    case K_LAST_VALUE:
        return true;
    default:
        return false;
    }
}

/* Functions that need no parentheses. */
bool is_bare_function(enum keyword word)
{
    switch (word) {
    case K_CURRENT_USER:
    case K_CURRENT_ROLE:
    case K_CURRENT_GROUP:
    case K_CURRENT_DATE:
    case K_CURRENT_TIME:
    case K_CURRENT_TIMESTAMP:
    case K_LOCALTIME:
    case K_LOCALTIMESTAMP:
        return true;
    default:
        return false;
    }
}

static bool word_starts(const struct token *t, const struct token *next)
{
    switch (t->word) {
    case K_NULL:
    case K_TRUE:
    case K_FALSE:
    case K_NOT:
    case K_CASE:
    case K_EXISTS:
    case K_ARRAY:
        return true;
    default:
        return is_bare_function(t->word)
               || (is_reserved_function(t->word) && next->kind == T_LEFT_PAREN);
    }
}

bool operand_starts(const struct parser *p, uint32_t n)
{
    const struct token *t = ahead(p, n);

    switch (t->kind) {
    case T_INTEGER:
    case T_DECIMAL:
    case T_DOUBLE:
    case T_STRING:
    case T_TEXT:
    case T_BINARY:
    case T_AT:
    case T_QUESTION:
    case T_LEFT_PAREN:
    case T_LEFT_BRACKET:
    case T_LEFT_BRACE:
    case T_NOT:
    case T_TILDE:
    case T_MINUS:
    case T_PLUS:
        return true;
    default:
        return t->is_name || (t->kind == T_WORD && word_starts(t, t + 1));
    }
}

/* @x, @@x, @@scope.x */
static bool variable(struct parser *p)
{
    p->at++;
    if (!take_kind(p, T_AT)) {
        p->facts.has_user_variable = true;
        return need_name_or_string(p);
    }
    p->facts.has_system_variable = true;
    switch (peek(p)->word) {
    case K_GLOBAL:
    case K_LOCAL:
    case K_SESSION:
    case K_VERBOSE:
        if (ahead(p, 1)->kind != T_DOT)
            break;
        exempt_dot(p, p->at + 1);
        p->at += 2;
        break;
    default:
        break;
    }
    return need_name(p);
}

/* ( name, … ) -> , or name -> , but no string behind the arrow: then it is a path into JSON. */
static bool at_lambda(const struct parser *p)
{
    const struct token *t = peek(p);

    if (t->kind != T_LEFT_PAREN)
        return t->is_name && t[1].kind == T_ARROW && !is_string(&t[2]);
    do {
        t++;
        if (!t->is_name)
            return false;
        t++;
    } while (t->kind == T_COMMA);
    return t->kind == T_RIGHT_PAREN && t[1].kind == T_ARROW && !is_string(&t[2]);
}

static bool lambda(struct parser *p)
{
    struct scope *outer = p->scope, *inner = scope_new(p, outer, false);

    if (!enter(p))
        return false;
    for (; !at_kind(p, T_ARROW); p->at++)
        if (peek(p)->is_name)
            scope_add_to(p, &inner->lambda, token_name(p, peek(p)));
    p->at++;
    p->scope = inner;
    if (at_kind(p, T_LEFT_PAREN) && ahead(p, 1)->kind == T_RIGHT_PAREN)
        p->at += 2;
    else if (!expression(p))
        return false;
    p->scope = outer;
    leave(p);
    return true;
}

/* The rest of ( … ) behind its first expression. */
static bool parenthesis_rest(struct parser *p, struct lone *lone, uint32_t first)
{
    while (take_kind(p, T_COMMA)) {
        lone->is = false;
        if (!expression(p))
            return false;
    }
    if (!need_kind(p, T_RIGHT_PAREN))
        return false;
    lone->first = first;
    lone->last = p->at - 1;
    return true;
}

bool parenthesis(struct parser *p, struct lone *lone, bool *was_query)
{
    uint32_t first = p->at;

    *lone = (struct lone){0};
    *was_query = false;
    if (!need_kind(p, T_LEFT_PAREN) || !enter(p))
        return false;
    if (starts_query(peek(p))) {
        *was_query = true;
        if (!query(p) || !need_kind(p, T_RIGHT_PAREN))
            return false;
    } else if (at_kind(p, T_LEFT_PAREN) && !at_lambda(p)) {
        if (!parenthesis(p, lone, was_query))
            return false;
        *was_query = *was_query && (query_goes_on(p) || at_kind(p, T_RIGHT_PAREN));
        if (*was_query && (!query_rest(p) || !need_kind(p, T_RIGHT_PAREN)))
            return false;
        if (!*was_query && (!expression_after(p, lone) || !parenthesis_rest(p, lone, first)))
            return false;
    } else if (!expression_lone(p, lone) || !parenthesis_rest(p, lone, first)) {
        return false;
    }
    leave(p);
    return true;
}

static bool list_until(struct parser *p, enum token_kind close)
{
    p->at++;
    if (!enter(p))
        return false;
    if (!at_kind(p, close) && !expression_list(p))
        return false;
    leave(p);
    return need_kind(p, close);
}

/* { k: v, … } */
static bool map_entries(struct parser *p)
{
    p->at++;
    if (!enter(p))
        return false;
    while (!at_kind(p, T_RIGHT_BRACE)) {
        if (!expression(p) || !need_kind(p, T_COLON) || !expression(p))
            return false;
        if (!take_kind(p, T_COMMA))
            break;
    }
    leave(p);
    return need_kind(p, T_RIGHT_BRACE);
}

/* {fn f(…)} */
static bool braces(struct parser *p)
{
    struct lone lone;

    p->at++;
    return need_word(p, K_FN) && enter(p) && operand(p, &lone) && (leave(p), true)
           && need_kind(p, T_RIGHT_BRACE);
}

static bool case_when(struct parser *p)
{
    p->at++;
    if (!enter(p))
        return false;
    if (!at_word(p, K_WHEN) && !expression(p))
        return false;
    do {
        if (!need_word(p, K_WHEN) || !expression(p) || !need_word(p, K_THEN) || !expression(p))
            return false;
    } while (at_word(p, K_WHEN));
    if (take_word(p, K_ELSE) && !expression(p))
        return false;
    leave(p);
    return need_word(p, K_END);
}

/* CAST ( e AS type ), CONVERT ( e , type ), or a plain call of these names. */
static bool cast(struct parser *p)
{
    bool convert = at_word(p, K_CONVERT);

    if (ahead(p, 2)->kind == T_RIGHT_PAREN || !call_push(p, p->at, p->at, false)) {
        p->at++;
        return !p->stopped && call_rest(p);
    }
    p->at += 2;
    if (!enter(p) || !expression(p))
        return false;
    struct mark m = mark_set(p);
    bool typed = convert ? take_kind(p, T_COMMA) : take_word(p, K_AS);
    if (typed && type(p) && take_kind(p, T_RIGHT_PAREN)) {
        leave(p);
        return true;
    }
    if (p->stopped)
        return false;
    mark_return(p, &m);
    return call_after_argument(p);
}

static bool exists(struct parser *p)
{
    struct lone lone;
    bool was_query;

    p->at++;
    return parenthesis(p, &lone, &was_query) && (was_query || give_up(p));
}

/* ARRAY<type>[ … ], MAP<type, type>{ … }, MAP{ … } */
static bool constructor(struct parser *p, enum token_kind open, bool *done)
{
    struct mark m = mark_set(p);

    *done = true;
    if (open == T_LEFT_BRACE && ahead(p, 1)->kind == T_LEFT_BRACE)
        p->at++;
    else if (ahead(p, 1)->kind != T_LESS || !type(p) || !at_kind(p, open)) {
        mark_return(p, &m);
        *done = false;
        return !p->stopped;
    }
    return open == T_LEFT_BRACE ? map_entries(p) : list_until(p, T_RIGHT_BRACKET);
}

/* EXTRACT ( unit FROM e ): this FROM is no clause. */
static bool extract(struct parser *p)
{
    p->at += 4;
    return enter(p) && expression(p) && (leave(p), true) && need_kind(p, T_RIGHT_PAREN);
}

static bool bare_function(struct parser *p)
{
    if (!call_push(p, p->at, p->at, false))
        return false;
    p->at++;
    return !at_kind(p, T_LEFT_PAREN) || call_rest(p);
}

static bool call(struct parser *p, uint32_t first, uint32_t last)
{
    if (!call_push(p, first, last, false))
        return false;
    if (last > first) {
        struct sql_reference *r = reference_make(p, first, last, KIND_FUNCTION, ACCESS_CALL);
        if (r->count > 3)
            return stop(p, "a name has more parts than StarRocks allows here");
        reference_push(p, r);
    }
    return string_tables(p, last, p->at + 1) && call_rest(p);
}

static bool name(struct parser *p, struct lone *lone)
{
    uint32_t first, last;

    if (at_lambda(p))
        return lambda(p);
    if (!dotted_name(p, &first, &last))
        return false;
    if (at_kind(p, T_LEFT_PAREN))
        return call(p, first, last);
    *lone = (struct lone){true, first, last, 0};
    if (last > first) {
        column_push(p, first, last, false);
        lone->column = p->columns.count;
    }
    return true;
}

/* Words with a form of their own; *done false: look at it as a name. */
static bool special(struct parser *p, bool *done)
{
    const struct token *t = peek(p);
    bool paren = t[1].kind == T_LEFT_PAREN;

    *done = true;
    switch (t->word) {
    case K_NULL:
    case K_TRUE:
    case K_FALSE:
        p->at++;
        return true;
    case K_CASE:
        return case_when(p);
    case K_EXISTS:
        return exists(p);
    case K_CAST:
    case K_CONVERT:
        if (paren)
            return cast(p);
        break;
    case K_EXTRACT:
        if (paren && t[2].is_name && t[3].word == K_FROM)
            return extract(p);
        break;
    case K_ARRAY:
        return constructor(p, T_LEFT_BRACKET, done);
    case K_MAP:
        return constructor(p, T_LEFT_BRACE, done);
    case K_DATE:
    case K_DATETIME:
        if (is_string(&t[1])) {
            p->at += 2;
            return true;
        }
        break;
    case K_INTERVAL:
        return interval(p, done);
    default:
        break;
    }
    *done = false;
    return true;
}

static bool word(struct parser *p, struct lone *lone)
{
    const struct token *t = peek(p);
    bool done = false;

    if (t->word != NO_KEYWORD) {
        if (!special(p, &done))
            return false;
        if (done)
            return true;
        if (is_bare_function(t->word))
            return bare_function(p);
        if (is_reserved_function(t->word) && t[1].kind == T_LEFT_PAREN) {
            p->at++;
            return call(p, p->at - 1, p->at - 1);
        }
    }
    return name(p, lone);
}

bool operand(struct parser *p, struct lone *lone)
{
    bool was_query;

    *lone = (struct lone){0};
    switch (peek(p)->kind) {
    case T_INTEGER:
    case T_DECIMAL:
    case T_DOUBLE:
    case T_STRING:
    case T_TEXT:
    case T_BINARY:
        p->at++;
        return true;
    case T_QUESTION:
        p->facts.has_parameters = true;
        p->at++;
        return true;
    case T_AT:
        return variable(p);
    case T_LEFT_PAREN:
        return at_lambda(p) ? lambda(p) : parenthesis(p, lone, &was_query);
    case T_LEFT_BRACKET:
        return list_until(p, T_RIGHT_BRACKET);
    case T_LEFT_BRACE:
        return braces(p);
    default:
        return word(p, lone);
    }
}
