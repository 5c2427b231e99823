/* What stands behind the name of a function, and types. */
#include "protocol/sql/sql_private.h"

static bool ignore_nulls(struct parser *p)
{
    return !take_word(p, K_IGNORE) || need_word(p, K_NULLS);
}

/* An argument; units such as MILLISECOND are reserved words, names go before an arrow. */
static bool argument(struct parser *p)
{
    if (take_word(p, K_MILLISECOND) || take_word(p, K_MICROSECOND))
        return true;
    if (peek(p)->is_name && ahead(p, 1)->kind == T_FAT_ARROW)
        p->at += 2;
    return expression(p) && ignore_nulls(p);
}

/* Further arguments behind the first, and what may close the list. */
static bool arguments_rest(struct parser *p)
{
    while (take_kind(p, T_COMMA))
        if (!argument(p))
            return false;
    if (take_word(p, K_ORDER) && (!need_word(p, K_BY) || !sort_list(p)))
        return false;
    return !take_word(p, K_SEPARATOR) || expression(p);
}

bool arguments(struct parser *p)
{
    if (at_kind(p, T_RIGHT_PAREN))
        return true;
    if (at_kind(p, T_STAR) && ahead(p, 1)->kind == T_RIGHT_PAREN)
        return p->at++, true;
    if ((take_word(p, K_ALL) || take_word(p, K_DISTINCT)) && at_kind(p, T_LEFT_BRACKET)
        && ahead(p, 2)->kind == T_RIGHT_BRACKET && operand_starts(p, 3) && !bracket_hint(p))
        return false;
    return argument(p) && arguments_rest(p);
}

/* ( literal, … ) behind the column of a skew hint; a column that is a call has a list of its own.
 */
static bool skew_values(struct parser *p)
{
    do {
        if (!need_kind(p, T_LEFT_PAREN) || !enter(p) || !expression_list(p))
            return false;
        leave(p);
        if (!need_kind(p, T_RIGHT_PAREN))
            return false;
    } while (at_kind(p, T_LEFT_PAREN));
    return true;
}

/* skew|t.c(1, 2): the list makes no call of the name */
static bool skew(struct parser *p)
{
    uint32_t first, last;

    if (!peek(p)->is_name)
        return expression(p) && skew_values(p);
    if (!dotted_name(p, &first, &last))
        return false;
    if (last > first)
        column_push(p, first, last, false);
    while (at_kind(p, T_LEFT_BRACKET)) {
        p->at++;
        if (!enter(p) || !expression(p) || !need_kind(p, T_RIGHT_BRACKET))
            return false;
        leave(p);
    }
    return skew_values(p);
}

/* [broadcast], [a, b], [skew|t.c(1, 2)] */
bool bracket_hint(struct parser *p)
{
    if (!need_kind(p, T_LEFT_BRACKET) || !need_name(p))
        return false;
    while (take_kind(p, T_COMMA))
        if (!need_name(p))
            return false;
    if (take_kind(p, T_PIPE) && !skew(p))
        return false;
    return need_kind(p, T_RIGHT_BRACKET);
}

static bool frame_bound(struct parser *p)
{
    enum keyword second = ahead(p, 1)->word;

    if (at_word(p, K_UNBOUNDED) && (second == K_PRECEDING || second == K_FOLLOWING)) {
        p->at += 2;
        return true;
    }
    if (at_word(p, K_CURRENT) && second == K_ROW) {
        p->at += 2;
        return true;
    }
    return expression(p) && (take_word(p, K_PRECEDING) || need_word(p, K_FOLLOWING));
}

static bool frame(struct parser *p)
{
    p->at++;
    if (!take_word(p, K_BETWEEN))
        return frame_bound(p);
    return frame_bound(p) && need_word(p, K_AND) && frame_bound(p);
}

/* OVER ( … ) */
static bool over(struct parser *p)
{
    if (!need_kind(p, T_LEFT_PAREN) || !enter(p))
        return false;
    if (at_kind(p, T_LEFT_BRACKET) && !bracket_hint(p))
        return false;
    if (take_word(p, K_PARTITION) && (!need_word(p, K_BY) || !expression_list(p)))
        return false;
    if (take_word(p, K_ORDER) && (!need_word(p, K_BY) || !sort_list(p)))
        return false;
    if ((at_word(p, K_ROWS) || at_word(p, K_RANGE)) && !frame(p))
        return false;
    leave(p);
    return need_kind(p, T_RIGHT_PAREN);
}

static bool filter(struct parser *p)
{
    p->at += 2;
    if (!enter(p) || !need_word(p, K_WHERE) || !expression(p))
        return false;
    leave(p);
    return need_kind(p, T_RIGHT_PAREN);
}

static bool call_tail(struct parser *p)
{
    leave(p);
    if (!need_kind(p, T_RIGHT_PAREN) || !ignore_nulls(p))
        return false;
    if (at_word(p, K_FILTER) && ahead(p, 1)->kind == T_LEFT_PAREN && !filter(p))
        return false;
    return !take_word(p, K_OVER) || over(p);
}

bool call_rest(struct parser *p)
{
    return need_kind(p, T_LEFT_PAREN) && enter(p) && arguments(p) && call_tail(p);
}

bool call_after_argument(struct parser *p)
{
    return ignore_nulls(p) && arguments_rest(p) && call_tail(p);
}

static bool struct_fields(struct parser *p)
{
    uint32_t first, last;

    do {
        if (!dotted_name(p, &first, &last))
            return false;
        if (last > first)
            column_push(p, first, last, false);
        take_kind(p, T_COLON);
        if (!type(p))
            return false;
        if (take_word(p, K_COMMENT) && !need_string(p))
            return false;
    } while (take_kind(p, T_COMMA));
    return true;
}

static bool type_arguments(struct parser *p, enum keyword word)
{
    if (!need_kind(p, T_LESS) || !enter(p))
        return false;
    if (word == K_STRUCT ? !struct_fields(p) : !type(p))
        return false;
    if (word == K_MAP && (!need_kind(p, T_COMMA) || !type(p)))
        return false;
    leave(p);
    return need_kind(p, T_GREATER);
}

static bool type_size(struct parser *p)
{
    p->at++;
    if (!need_kind(p, T_INTEGER))
        return false;
    if (take_kind(p, T_COMMA) && !need_kind(p, T_INTEGER))
        return false;
    return need_kind(p, T_RIGHT_PAREN);
}

bool type(struct parser *p)
{
    enum keyword word = peek(p)->word;

    if (!at_kind(p, T_WORD))
        return give_up(p);
    p->at++;
    switch (word) {
    case K_ARRAY:
    case K_MAP:
    case K_STRUCT:
        return type_arguments(p, word);
    case K_SIGNED:
    case K_UNSIGNED:
        return take_word(p, K_INT) || take_word(p, K_INTEGER) || true;
    default:
        return !at_kind(p, T_LEFT_PAREN) || type_size(p);
    }
}
