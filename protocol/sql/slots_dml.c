/* INSERT, UPDATE, DELETE, CACHE SELECT. */
#include "protocol/sql/sql_private.h"

#include "base/arena.h"

static struct sql_reference *target(struct parser *p)
{
    struct sql_reference *r = take_reference(p, KIND_TABLE, ACCESS_WRITE);

    if (r)
        r->is_target = true;
    return r;
}

/* FILES ( … ), BLACKHOLE ( ) or a table with branch and partitions */
static bool insert_target(struct parser *p)
{
    if (at_word(p, K_FILES))
        return call_push(p, p->at, p->at, true) && (p->at++, properties(p));
    if (at_word(p, K_BLACKHOLE) && ahead(p, 1)->kind == T_LEFT_PAREN) {
        if (!call_push(p, p->at, p->at, true))
            return false;
        p->at += 2;
        return need_kind(p, T_RIGHT_PAREN);
    }
    if (!target(p))
        return false;
    if (at_word(p, K_FOR) || (at_word(p, K_VERSION) && ahead(p, 1)->word == K_AS)) {
        take_word(p, K_FOR);
        if (!need_word(p, K_VERSION) || !need_word(p, K_AS) || !need_word(p, K_OF) || !need_name(p))
            return false;
    }
    return !partitions_follow(p) || partitions(p);
}

/* Column lists, BY NAME, WITH LABEL, in any order and number */
static bool insert_options(struct parser *p)
{
    for (;;) {
        if (at_kind(p, T_LEFT_PAREN) && ahead(p, 1)->is_name) {
            if (!name_list(p))
                return false;
        } else if (at_word(p, K_BY) && ahead(p, 1)->word == K_NAME) {
            p->at += 2;
        } else if (at_word(p, K_WITH) && ahead(p, 1)->word == K_LABEL && ahead(p, 2)->word != K_AS
                   && ahead(p, 2)->kind != T_LEFT_PAREN) {
            p->at += 2;
            if (!need_name(p))
                return false;
        } else {
            return !take_word(p, K_PROPERTIES) || properties(p);
        }
    }
}

static bool insert_rows(struct parser *p)
{
    p->at++;
    do {
        if (!need_kind(p, T_LEFT_PAREN) || !enter(p))
            return false;
        do {
            if (!expression_or_default(p))
                return false;
        } while (take_kind(p, T_COMMA));
        leave(p);
        if (!need_kind(p, T_RIGHT_PAREN))
            return false;
    } while (take_kind(p, T_COMMA));
    return true;
}

bool insert(struct parser *p)
{
    if (!explain(p) || !need_word(p, K_INSERT))
        return false;
    if (!take_word(p, K_INTO) && !need_word(p, K_OVERWRITE))
        return false;
    if (!insert_target(p) || !insert_options(p))
        return false;
    return at_word(p, K_VALUES) ? insert_rows(p) : query_statement(p);
}

/* Scopes of UPDATE and DELETE: CTEs outside, the target and further relations inside. */
static void open_scopes(struct parser *p)
{
    p->scope = scope_new(p, p->scope, false);
}

static void add_target(struct parser *p, const struct sql_reference *r)
{
    p->from = scope_new(p, p->scope, false);
    scope_add(p, &p->from->relations, r->parts[r->count - 1].value, r);
}

static bool assignments(struct parser *p)
{
    do {
        if (!need_name(p) || !need_kind(p, T_EQUAL) || !expression_or_default(p))
            return false;
    } while (take_kind(p, T_COMMA));
    return true;
}

static bool where(struct parser *p)
{
    return !take_word(p, K_WHERE) || expression(p);
}

bool update(struct parser *p)
{
    struct scope *outer = p->scope, *from = p->from;
    const struct sql_reference *r;

    open_scopes(p);
    struct scope *with = p->scope;
    if (!explain(p) || !with_clause(p) || !need_word(p, K_UPDATE) || !(r = target(p)))
        return false;
    add_target(p, r);
    p->scope = p->from;
    if (!need_word(p, K_SET) || !assignments(p) || !from_clause(p, with) || !where(p))
        return false;
    p->scope = outer;
    p->from = from;
    return true;
}

static bool using(struct parser *p, struct scope *with)
{
    struct scope *inner = p->scope;

    if (!take_word(p, K_USING))
        return true;
    p->scope = with;
    if (!relations(p))
        return false;
    p->scope = inner;
    return true;
}

bool delete_from(struct parser *p)
{
    struct scope *outer = p->scope, *from = p->from;
    const struct sql_reference *r;

    open_scopes(p);
    struct scope *with = p->scope;
    if (!explain(p) || !with_clause(p) || !need_word(p, K_DELETE) || !need_word(p, K_FROM)
        || !(r = target(p)))
        return false;
    add_target(p, r);
    p->scope = p->from;
    if ((partitions_follow(p) && !partitions(p)) || !using(p, with) || !where(p))
        return false;
    p->scope = outer;
    p->from = from;
    return true;
}

/* CACHE SELECT items FROM table: one table, never a CTE, no alias */
bool cache_select(struct parser *p)
{
    struct scope *outer = p->scope;
    const struct sql_reference *r;

    p->scope = scope_new(p, outer, false);
    if (!need_word(p, K_CACHE) || !need_word(p, K_SELECT))
        return false;
    do {
        if (!select_item(p))
            return false;
    } while (take_kind(p, T_COMMA));
    if (!need_word(p, K_FROM) || !(r = take_reference(p, KIND_TABLE, ACCESS_READ)))
        return false;
    scope_add(p, &p->scope->relations, r->parts[r->count - 1].value, r);
    if (!where(p) || (take_word(p, K_PROPERTIES) && !properties(p)))
        return false;
    p->scope = outer;
    return true;
}
