/* Pieces of statements that several patterns share. */
#include "protocol/sql/sql_private.h"

static void property_push(struct parser *p, const struct token *key)
{
    struct sql_property *property = vector_push(&p->properties, sizeof(*property), p->arena);
    uint32_t quote = is_string(key);

    property->key =
        slice_make(p->text.data + key->start + quote, key->end - key->start - 2 * quote);
    property->start = key->start;
    property->end = key->end;
}

/* ( 'k' = 'v', … ); keys may be names, values any literal: the frontend is stricter. */
bool properties(struct parser *p)
{
    if (!need_kind(p, T_LEFT_PAREN))
        return false;
    if (take_kind(p, T_RIGHT_PAREN))
        return true;
    do {
        const struct token *key = peek(p);
        if (!need_name_or_string(p) || !need_kind(p, T_EQUAL))
            return false;
        property_push(p, key);
        take_kind(p, T_MINUS);
        switch (peek(p)->kind) {
        case T_STRING:
        case T_TEXT:
        case T_INTEGER:
        case T_DECIMAL:
        case T_DOUBLE:
        case T_WORD:
            p->at++;
            break;
        default:
            return give_up(p);
        }
    } while (take_kind(p, T_COMMA));
    return need_kind(p, T_RIGHT_PAREN);
}

/* key = literal, … in a partition list */
static bool partition(struct parser *p)
{
    if (!need_name_or_string(p))
        return false;
    return !take_kind(p, T_EQUAL) || expression(p);
}

/* [TEMPORARY] PARTITION(S) ( a, … ) or a, … : without parentheses the list runs on over commas. */
bool partitions(struct parser *p)
{
    take_word(p, K_TEMPORARY);
    if (!take_word(p, K_PARTITION) && !need_word(p, K_PARTITIONS))
        return false;
    bool paren = take_kind(p, T_LEFT_PAREN);
    do {
        if (paren ? !partition(p) : !need_name_or_string(p))
            return false;
    } while (take_kind(p, T_COMMA));
    return !paren || need_kind(p, T_RIGHT_PAREN);
}

/* A name in a region that is not understood: dotted ones are columns, called ones functions. */
static bool opaque_name(struct parser *p)
{
    uint32_t first, last;

    if (!dotted_name(p, &first, &last))
        return false;
    if (!at_kind(p, T_LEFT_PAREN)) {
        if (last > first) {
            column_push(p, first, last, false);
            p->facts.has_opaque_path = true;
        }
        return true;
    }
    if (last > first)
        reference_push(p, reference_make(p, first, last, KIND_FUNCTION, ACCESS_CALL));
    return call_push(p, first, last, false) && string_tables(p, last, p->at + 1);
}

static bool opaque_query(struct parser *p)
{
    p->at++;
    if (!enter(p) || !query(p))
        return false;
    leave(p);
    return need_kind(p, T_RIGHT_PAREN);
}

static bool is_stop(const struct token *t, const uint16_t *stops, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (t->word == stops[i])
            return true;
    return false;
}

/* A string that begins an item of a list and is given a value. The region has a token in front. */
static bool is_property(const struct token *t)
{
    return is_string(t) && t[1].kind == T_EQUAL
           && (t[-1].kind == T_LEFT_PAREN || t[-1].kind == T_COMMA);
}

/* CURRENT_USER, DATABASE(): calls, though their words are no names. */
static bool is_identity(const struct token *t)
{
    return is_bare_function(t->word)
           || ((t->word == K_DATABASE || t->word == K_SCHEMA) && t[1].kind == T_LEFT_PAREN);
}

/* @@x, and @x, which one '@' stands in front of. */
static void opaque_variable(struct parser *p)
{
    if (ahead(p, 1)->kind == T_AT) {
        p->facts.has_system_variable = true;
        p->at++;
    } else {
        p->facts.has_user_variable = true;
    }
}

/* Balanced tokens up to a stop word, or a comma where `comma` says so, outside all brackets.
 * Brackets are only counted: VALUES [ … ) is a range. A query in parentheses is read as one. */
bool opaque(struct parser *p, const uint16_t *stops, uint32_t count, bool comma)
{
    uint32_t depth = 0;

    for (;;) {
        const struct token *t = peek(p);
        switch (t->kind) {
        case T_END:
        case T_SEMICOLON:
            return depth == 0 || give_up(p);
        case T_LEFT_PAREN:
            if (starts_query(t + 1)) {
                if (!opaque_query(p))
                    return false;
                continue;
            }
            depth++;
            break;
        case T_LEFT_BRACKET:
        case T_LEFT_BRACE:
            depth++;
            break;
        case T_RIGHT_PAREN:
        case T_RIGHT_BRACKET:
        case T_RIGHT_BRACE:
            if (depth == 0)
                return true;
            depth--;
            if (t[1].kind == T_DOT || t[1].kind == T_DOT_NAME) {
                exempt_dot(p, p->at + 1);
                p->at++;
            }
            break;
        case T_COMMA:
            if (depth == 0 && comma)
                return true;
            break;
        case T_DOT_DOT:
            return give_up(p);
        case T_AT:
            opaque_variable(p);
            break;
        default:
            if (t->word == K_SELECT)
                return give_up(p); /* the rest of a query that was not read as one */
            if (depth == 0 && is_stop(t, stops, count))
                return true;
            if (t->is_name) {
                if (!opaque_name(p))
                    return false;
                continue;
            }
            if (t->word == K_LIKE && t[-1].kind == T_LEFT_PAREN && t[1].kind != T_LEFT_PAREN)
                return give_up(p); /* CREATE TABLE x (LIKE y) is another server's */
            if (is_identity(t) && !call_push(p, p->at, p->at, false))
                return false;
            if (is_property(t))
                property_push(p, t);
            break;
        }
        p->at++;
    }
}

/* RENAME x and SWAP WITH x name tables beside the altered one; the rest is not looked into. */
bool alter_clause(struct parser *p)
{
    static const uint16_t none[] = {NO_KEYWORD};
    enum keyword next = ahead(p, 1)->word;
    struct sql_reference *r;

    if (at_word(p, K_RENAME) && ahead(p, 1)->is_name
        && (next != K_ROLLUP || !ahead(p, 2)->is_name)) {
        p->at++;
        r = reference_make(p, p->at, p->at, KIND_TABLE, ACCESS_DDL);
        r->is_new = true;
        p->at++;
        reference_push(p, r);
        return true;
    }
    if (at_word(p, K_SWAP) && next == K_WITH) {
        p->at += 2;
        r = reference_make(p, p->at, p->at, KIND_TABLE, ACCESS_DDL);
        if (!need_name(p))
            return false;
        reference_push(p, r);
        return true;
    }
    if (at_word(p, K_RENAME) && (next == K_TO || next == K_AS))
        return give_up(p); /* another server's, and a table's name */
    return opaque(p, none, 0, true);
}

/* name or 'name', with @host, @'host' or @['host'] */
bool user(struct parser *p)
{
    uint32_t first = p->at, last = p->at;

    if (!need_name_or_string(p))
        return false;
    if (take_kind(p, T_AT)) {
        bool bracket = take_kind(p, T_LEFT_BRACKET);
        if (!need_name_or_string(p) || (bracket && !need_kind(p, T_RIGHT_BRACKET)))
            return false;
        last = p->at - 1;
    }
    reference_push(p, reference_make(p, first, last, KIND_USER, ACCESS_AUTHZ));
    return true;
}

/* a.b.c, each a name, a string or a star */
bool datacache_target(struct parser *p)
{
    uint32_t first = p->at;

    for (unsigned part = 0; part < 3; part++) {
        if (part && !need_kind(p, T_DOT))
            return false;
        if (!take_kind(p, T_STAR) && !need_name_or_string(p))
            return false;
    }
    reference_push(p, reference_make(p, first, p->at - 1, KIND_TABLE, ACCESS_DDL));
    return true;
}

static bool prepared_text(struct parser *p)
{
    enum sql_rule rule;

    if (!statement_match(p, &rule))
        return false;
    take_kind(p, T_SEMICOLON);
    return at_kind(p, T_END) || give_up(p);
}

/* The text of PREPARE is parsed as it stands between the quotes, nothing undone. */
bool prepared(struct parser *p)
{
    const struct token *t = peek(p);
    enum sql_rule rule;

    if (t->kind != T_STRING)
        return enter(p) && statement_match(p, &rule) && (leave(p), true);
    p->at++;
    if (read_inside(p, t->start + 1, t->end - 1, prepared_text))
        return true;
    if (!p->stopped) {
        p->at--;
        stop(p, "the text of PREPARE is not understood");
    }
    return false;
}
