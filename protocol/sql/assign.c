/* The items of SET: what is assigned, where, and the value as text. */
#include "protocol/sql/sql_private.h"

#include "base/arena.h"

static struct slice source(const struct parser *p, uint32_t first, uint32_t last)
{
    uint32_t start = p->tokens[first].start;

    return slice_make(p->text.data + start, p->tokens[last].end - start);
}

/* One string, number or word that is no call is a literal; so is a number with a sign. */
static void value_fill(const struct parser *p, struct sql_assignment *a, uint32_t first)
{
    const struct token *t = &p->tokens[first];
    uint32_t last = p->at - 1;
    bool is_number = t->kind >= T_INTEGER && t->kind <= T_DOUBLE;

    a->value = source(p, first, last);
    if (last == first) {
        a->is_literal = is_number || is_string(t) || t->kind == T_QUOTED
                        || (t->kind == T_WORD && !is_bare_function(t->word));
        if (a->is_literal)
            a->literal = token_name(p, t);
    } else if (last == first + 1 && t->kind == T_MINUS) {
        t++;
        a->is_literal = t->kind >= T_INTEGER && t->kind <= T_DOUBLE;
        if (a->is_literal)
            a->literal = arena_print(p->arena, "-%.*s", SHOW(source(p, last, last)));
    }
}

static bool name_or_default(struct parser *p)
{
    return take_word(p, K_DEFAULT) || need_name_or_string(p);
}

/* NAMES x [COLLATE y], CHARACTER SET x, CHARSET x, CHAR SET x */
static bool charset_item(struct parser *p, struct sql_assignment *a, uint32_t words,
                         enum sql_set_form form)
{
    p->at += words;
    uint32_t first = p->at;
    a->form = form;
    if (!name_or_default(p))
        return false;
    value_fill(p, a, first);
    return form != SET_NAMES || !take_word(p, K_COLLATE) || name_or_default(p);
}

/* = 'x' or = PASSWORD ( 'x' ) */
static bool password_value(struct parser *p, struct sql_assignment *a)
{
    uint32_t first = p->at + 1;

    if (!need_kind(p, T_EQUAL))
        return false;
    if (take_word(p, K_PASSWORD)) {
        if (!need_kind(p, T_LEFT_PAREN) || !need_string(p) || !need_kind(p, T_RIGHT_PAREN))
            return false;
    } else if (!need_string(p)) {
        return false;
    }
    value_fill(p, a, first);
    return true;
}

static bool at_password(const struct parser *p)
{
    if (!at_word(p, K_PASSWORD))
        return false;
    if (ahead(p, 1)->word == K_FOR)
        return true;
    const struct token *value = ahead(p, 2);
    if (ahead(p, 1)->kind != T_EQUAL)
        return false;
    return (is_string(value)
            && (value[1].kind == T_COMMA || value[1].kind == T_SEMICOLON || value[1].kind == T_END))
           || (value->word == K_PASSWORD && value[1].kind == T_LEFT_PAREN);
}

static bool password(struct parser *p, struct sql_assignment *a)
{
    a->form = SET_PASSWORD;
    p->at++;
    if (take_word(p, K_FOR) && !user(p))
        return false;
    return password_value(p, a);
}

/* A comma, and behind it a characteristic or the next item of the SET. */
static bool transaction_goes_on(struct parser *p)
{
    enum keyword word = ahead(p, 1)->word, after = ahead(p, 2)->word;
    bool goes_on = at_kind(p, T_COMMA)
                   && ((word == K_READ && (after == K_ONLY || after == K_WRITE))
                       || (word == K_ISOLATION && after == K_LEVEL));

    p->at += goes_on;
    return goes_on;
}

static bool transaction(struct parser *p, struct sql_assignment *a)
{
    uint32_t first = ++p->at;

    a->form = SET_TRANSACTION;
    do {
        if (take_word(p, K_READ)) {
            if (!take_word(p, K_ONLY) && !need_word(p, K_WRITE))
                return false;
            continue;
        }
        if (!need_word(p, K_ISOLATION) || !need_word(p, K_LEVEL))
            return false;
        if (take_word(p, K_READ)) {
            if (!take_word(p, K_UNCOMMITTED) && !need_word(p, K_COMMITTED))
                return false;
        } else if (take_word(p, K_REPEATABLE)) {
            if (!need_word(p, K_READ))
                return false;
        } else if (!need_word(p, K_SERIALIZABLE)) {
            return false;
        }
    } while (transaction_goes_on(p));
    a->value = source(p, first, p->at - 1);
    return true;
}

static enum sql_set_scope take_scope(struct parser *p)
{
    enum sql_set_scope scope;

    switch (peek(p)->word) {
    case K_GLOBAL:
        scope = SET_GLOBAL;
        break;
    case K_LOCAL:
        scope = SET_LOCAL;
        break;
    case K_SESSION:
        scope = SET_SESSION;
        break;
    case K_VERBOSE:
        scope = SET_VERBOSE;
        break;
    default:
        return SET_NONE;
    }
    if (ahead(p, 1)->kind == T_EQUAL)
        return SET_NONE; /* a variable of that name */
    p->at++;
    return scope;
}

/* Variables whose value names an object of the cluster */
static void value_reference(struct parser *p, const struct sql_assignment *a, uint32_t first)
{
    enum sql_kind kind = SQL_KINDS;

    if (slice_equal_nocase(a->name, SLICE("catalog")))
        kind = KIND_CATALOG;
    else if (slice_equal_nocase(a->name, SLICE("resource_group")))
        kind = KIND_RESOURCE_GROUP;
    else if (slice_equal_nocase(a->name, SLICE("warehouse")))
        kind = KIND_WAREHOUSE;
    if (kind == SQL_KINDS || first != p->at - 1)
        return;
    if (is_string(&p->tokens[first]) || p->tokens[first].is_name)
        reference_push(p, reference_make(p, first, first, kind, ACCESS_USE));
}

/* name = value; the name is next */
static bool variable_item(struct parser *p, struct sql_assignment *a)
{
    a->form = SET_ASSIGN;
    a->name = token_name(p, peek(p));
    if (a->scope == SET_USER_VARIABLE ? !need_name_or_string(p) : !need_name(p))
        return false;
    if (!need_kind(p, T_EQUAL))
        return false;
    uint32_t first = p->at;
    if (!take_word(p, K_ON) && !take_word(p, K_ALL) && !take_word(p, K_DEFAULT) && !expression(p))
        return false;
    value_fill(p, a, first);
    if (a->scope != SET_USER_VARIABLE)
        value_reference(p, a, first);
    return true;
}

static bool at_item(struct parser *p, struct sql_assignment *a)
{
    p->at++;
    a->scope = SET_USER_VARIABLE;
    if (!take_kind(p, T_AT))
        return variable_item(p, a);
    a->scope = SET_NONE;
    if (ahead(p, 1)->kind == T_DOT) {
        a->scope = take_scope(p);
        exempt_dot(p, p->at);
        if (a->scope == SET_NONE || !need_kind(p, T_DOT))
            return give_up(p);
    }
    return variable_item(p, a);
}

static bool item(struct parser *p, struct sql_assignment *a)
{
    bool equal = ahead(p, 1)->kind == T_EQUAL;

    if (at_kind(p, T_AT))
        return at_item(p, a);
    if (at_password(p))
        return password(p, a);
    if (at_word(p, K_NAMES) && !equal)
        return charset_item(p, a, 1, SET_NAMES);
    if (at_word(p, K_CHARSET) && !equal)
        return charset_item(p, a, 1, SET_CHARSET);
    if ((at_word(p, K_CHAR) || at_word(p, K_CHARACTER)) && ahead(p, 1)->word == K_SET)
        return charset_item(p, a, 2, SET_CHARSET);
    a->scope = take_scope(p);
    if (at_word(p, K_TRANSACTION) && ahead(p, 1)->kind != T_EQUAL)
        return transaction(p, a);
    return variable_item(p, a);
}

bool set_item(struct parser *p)
{
    struct sql_assignment a = {.start = peek(p)->start};

    if (!item(p, &a))
        return false;
    a.end = p->tokens[p->at - 1].end;
    struct sql_assignment *place = vector_push(&p->assignments, sizeof(*place), p->arena);
    *place = a;
    return true;
}
