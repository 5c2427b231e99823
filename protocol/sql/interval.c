/* INTERVAL: the word begins an expression with a unit, or is a name like any other. */
#include "protocol/sql/sql_private.h"

static bool is_unit(enum keyword word)
{
    switch (word) {
    case K_YEAR:
    case K_QUARTER:
    case K_MONTH:
    case K_WEEK:
    case K_DAY:
    case K_HOUR:
    case K_MINUTE:
    case K_SECOND:
    case K_MILLISECOND:
    case K_MICROSECOND:
        return true;
    default:
        return false;
    }
}

/* interval NOT IN (…): a column of that name. */
static bool is_negated_operator(const struct token *t)
{
    if (t->word != K_NOT)
        return false;
    return t[1].word == K_IN || t[1].word == K_LIKE || t[1].word == K_RLIKE || t[1].word == K_REGEXP
           || t[1].word == K_BETWEEN;
}

/* INTERVAL e unit. Without a unit it was a column of that name: behind a sign or a bracket the
 * tokens mean the same either way, behind a word they are given back. *done false: a name, nothing
 * read. */
bool interval(struct parser *p, bool *done)
{
    const struct token *next = ahead(p, 1);
    bool keeps = next->kind == T_MINUS || next->kind == T_PLUS || next->kind == T_LEFT_PAREN
                 || next->kind == T_LEFT_BRACKET;

    *done = false;
    if (!operand_starts(p, 1) || is_negated_operator(next) || next[1].kind == T_ARROW)
        return true;
    if (next->kind == T_LEFT_PAREN && next[1].kind == T_RIGHT_PAREN)
        return true; /* a call */
    p->at++;
    struct mark m = mark_set(p);
    *done = true;
    if (!enter(p))
        return false;
    bool read = expression(p);
    if (p->stopped)
        return false;
    if (read && is_unit(peek(p)->word)) {
        p->at++;
        leave(p);
        return true;
    }
    if (keeps) {
        leave(p);
        return read;
    }
    mark_return(p, &m);
    return true;
}
