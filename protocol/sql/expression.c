/* Expressions, read with two states: an operand is wanted, or one has been read. That tells exactly
 * where an expression ends and which dots belong to which name; precedence never matters for that.
 *
 * `was query` and `lone name` go upwards: whether a parenthesis held a query is known only behind
 * it, and (db.t).c is one name. Nothing is read twice but for bounded pieces. */
#include "protocol/sql/sql_private.h"

static bool prefix_is_not(const struct parser *p, uint32_t n)
{
    switch (ahead(p, n)->word) {
    case K_IN:
    case K_LIKE:
    case K_RLIKE:
    case K_REGEXP:
    case K_BETWEEN:
    case K_MATCH:
    case K_MATCH_ANY:
    case K_MATCH_ALL:
        return true;
    default:
        return false;
    }
}

/* BINARY before an operand; alone or called it is a name. */
static bool at_binary_prefix(const struct parser *p)
{
    const struct token *next = ahead(p, 1);

    if (!at_word(p, K_BINARY))
        return false;
    if (next->kind == T_LEFT_PAREN)
        return starts_query(next + 1);
    return operand_starts(p, 1) && next->kind != T_MINUS && next->kind != T_PLUS;
}

static bool skip_prefixes(struct parser *p)
{
    bool any = false;

    for (;; any = true) {
        switch (peek(p)->kind) {
        case T_MINUS:
        case T_PLUS:
        case T_TILDE:
        case T_NOT:
            p->at++;
            continue;
        default:
            break;
        }
        if (at_word(p, K_NOT) || at_binary_prefix(p))
            p->at++;
        else
            return any;
    }
}

/* The dot of a field: behind a lone name in parentheses it goes on with that name. */
static bool field(struct parser *p, struct lone *lone)
{
    uint32_t dot = p->at;

    if (at_kind(p, T_DOT_NAME))
        p->at++;
    else if (p->tokens[dot + 1].is_name)
        p->at += 2;
    else
        return give_up(p);
    if (!lone->is) {
        exempt_dot(p, dot);
        return true;
    }
    lone->last = p->at - 1;
    if (lone->column) {
        struct column *columns = p->columns.data;
        columns[lone->column - 1].first = lone->first;
        columns[lone->column - 1].last = lone->last;
    } else {
        column_push(p, lone->first, lone->last, false);
        lone->column = p->columns.count;
    }
    return true;
}

static bool subscript(struct parser *p)
{
    p->at++;
    if (!enter(p))
        return false;
    if (!at_kind(p, T_COLON) && !expression(p))
        return false;
    if (take_kind(p, T_COLON) && !at_kind(p, T_RIGHT_BRACKET) && !expression(p))
        return false;
    leave(p);
    return need_kind(p, T_RIGHT_BRACKET);
}

static bool is_null_check(struct parser *p)
{
    p->at++;
    take_word(p, K_NOT);
    return need_word(p, K_NULL);
}

/* What stands behind an operand without joining it to another one. */
static bool postfix(struct parser *p, struct lone *lone)
{
    for (;;) {
        if (at_kind(p, T_DOT) || at_kind(p, T_DOT_NAME)) {
            if (!field(p, lone))
                return false;
            continue;
        }
        if (at_kind(p, T_LEFT_BRACKET)) {
            if (!subscript(p))
                return false;
        } else if (at_kind(p, T_ARROW)) {
            p->at++;
            if (!need_string(p))
                return false;
        } else if (at_word(p, K_IS)) {
            if (!is_null_check(p))
                return false;
        } else if (at_word(p, K_COLLATE)) {
            p->at++;
            if (!need_name_or_string(p))
                return false;
        } else {
            return true;
        }
        lone->is = false;
    }
}

/* Steps over an operator that joins two operands. */
static bool take_operator(struct parser *p)
{
    const struct token *t = peek(p);

    if (t->kind >= T_MINUS)
        return p->at++, true;
    switch (t->word) {
    case K_AND:
    case K_OR:
    case K_DIV:
    case K_MOD:
    case K_BITSHIFTLEFT:
    case K_BITSHIFTRIGHT:
    case K_BITSHIFTRIGHTLOGICAL:
    case K_IN:
    case K_LIKE:
    case K_RLIKE:
    case K_REGEXP:
    case K_BETWEEN:
        return p->at++, true;
    case K_MATCH:
    case K_MATCH_ANY:
    case K_MATCH_ALL:
        if (!operand_starts(p, 1))
            return false;
        return p->at++, true;
    case K_NOT:
        if (!prefix_is_not(p, 1))
            return false;
        p->at += 2;
        return true;
    default:
        return false;
    }
}

bool expression_after(struct parser *p, struct lone *lone)
{
    for (;;) {
        if (!postfix(p, lone))
            return false;
        if (!take_operator(p))
            return true;
        lone->is = false;
        skip_prefixes(p);
        struct lone next = {0};
        if (!operand(p, &next))
            return false;
        /* The next operand may itself be (db.t) before a dot. */
        if (next.is && !postfix(p, &next))
            return false;
    }
}

bool expression_lone(struct parser *p, struct lone *lone)
{
    *lone = (struct lone){0};
    bool prefixed = skip_prefixes(p);
    if (!operand(p, lone))
        return false;
    if (!prefixed)
        return expression_after(p, lone);
    if (lone->is && !postfix(p, lone))
        return false;
    lone->is = false;
    return expression_after(p, lone);
}

/* The common member of a list: a literal, or a name of one part that is no keyword, before what can
 * only be the end of an expression. */
static bool is_one_token(const struct token *t)
{
    bool is_literal = t->kind >= T_INTEGER && t->kind <= T_TEXT,
         is_name = (t->kind == T_WORD && t->word == NO_KEYWORD) || t->kind == T_QUOTED;

    return (is_literal || is_name)
           && (t[1].kind == T_COMMA || t[1].kind == T_RIGHT_PAREN || t[1].word == K_FROM);
}

bool expression(struct parser *p)
{
    struct lone lone;

    if (is_one_token(peek(p)))
        return p->at++, true;
    return expression_lone(p, &lone);
}

bool expression_list(struct parser *p)
{
    do {
        if (!expression(p))
            return false;
    } while (take_kind(p, T_COMMA));
    return true;
}

bool expression_or_default(struct parser *p)
{
    if (take_word(p, K_DEFAULT))
        return true;
    if (peek(p)->is_name && ahead(p, 1)->kind == T_EQUAL && ahead(p, 2)->word == K_DEFAULT) {
        p->at += 3;
        return true;
    }
    return expression(p);
}
