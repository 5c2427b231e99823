/* Objects of GRANT and REVOKE, BACKUP and RESTORE. */
#include "protocol/sql/sql_private.h"

/* SELECT, CREATE MATERIALIZED VIEW, …: words up to a comma or ON */
bool privileges(struct parser *p)
{
    do {
        if (!at_kind(p, T_WORD) || at_word(p, K_ON))
            return give_up(p);
        while (at_kind(p, T_WORD) && !at_word(p, K_ON))
            p->at++;
    } while (take_kind(p, T_COMMA));
    return at_word(p, K_ON) || give_up(p);
}

static const struct object {
    uint16_t first, second; /* keywords; NO_KEYWORD: one word */
    uint8_t kind;
} objects[] = {
    {K_CATALOG, NO_KEYWORD, KIND_CATALOG},     {K_DATABASE, NO_KEYWORD, KIND_DATABASE},
    {K_MATERIALIZED, K_VIEW, KIND_MV},         {K_RESOURCE, K_GROUP, KIND_RESOURCE_GROUP},
    {K_RESOURCE, NO_KEYWORD, KIND_RESOURCE},   {K_STORAGE, K_VOLUME, KIND_STORAGE_VOLUME},
    {K_TABLE, NO_KEYWORD, KIND_TABLE},         {K_VIEW, NO_KEYWORD, KIND_VIEW},
    {K_WAREHOUSE, NO_KEYWORD, KIND_WAREHOUSE}, {K_PIPE, NO_KEYWORD, KIND_PIPE},
    {K_FUNCTION, NO_KEYWORD, KIND_FUNCTION},   {K_GLOBAL, K_FUNCTION, KIND_FUNCTION},
    {K_USER, NO_KEYWORD, KIND_USER},           {K_SYSTEM, NO_KEYWORD, KIND_SYSTEM},
};

static const struct object *object_here(const struct parser *p, uint32_t *words)
{
    for (size_t i = 0; i < sizeof(objects) / sizeof(*objects); i++) {
        const struct object *o = &objects[i];
        if (!at_word(p, (enum keyword)o->first))
            continue;
        if (o->second != NO_KEYWORD && ahead(p, 1)->word != o->second)
            continue;
        *words = o->second == NO_KEYWORD ? 1 : 2;
        return o;
    }
    return NULL;
}

/* The word is a name itself when nothing follows that could be one. */
static bool is_name_itself(const struct parser *p, uint32_t words)
{
    const struct token *t = ahead(p, words);

    return peek(p)->is_name
           && (t->kind == T_DOT || t->kind == T_DOT_NAME || t->kind == T_COMMA || t->word == K_TO
               || t->word == K_FROM);
}

static bool object_part(struct parser *p)
{
    return take_kind(p, T_STAR) || need_name_or_string(p);
}

static bool signature(struct parser *p)
{
    static const uint16_t none[] = {NO_KEYWORD};

    p->at++;
    return opaque(p, none, 0, false) && need_kind(p, T_RIGHT_PAREN);
}

static bool object_name(struct parser *p, enum sql_kind kind)
{
    uint32_t first = p->at;

    if (kind == KIND_USER)
        return user(p);
    if (!object_part(p))
        return false;
    if (!take_kind(p, T_DOT_NAME) && take_kind(p, T_DOT) && !object_part(p))
        return false;
    reference_push(p, reference_make(p, first, p->at - 1, kind, ACCESS_GRANT));
    return kind != KIND_FUNCTION || !at_kind(p, T_LEFT_PAREN) || signature(p);
}

static bool object_names(struct parser *p, enum sql_kind kind)
{
    do {
        if (!object_name(p, kind))
            return false;
    } while (take_kind(p, T_COMMA));
    return true;
}

/* ALL TABLES [IN ALL DATABASES | IN DATABASE x] */
static bool all_objects(struct parser *p)
{
    while (at_kind(p, T_WORD) && !at_word(p, K_IN) && !at_word(p, K_TO) && !at_word(p, K_FROM))
        p->at++;
    if (!take_word(p, K_IN))
        return true;
    if (take_word(p, K_ALL))
        return need_word(p, K_DATABASES);
    uint32_t first = p->at + 1;
    if (!need_word(p, K_DATABASE) || !need_name_or_string(p))
        return false;
    reference_push(p, reference_make(p, first, first, KIND_DATABASE, ACCESS_GRANT));
    return true;
}

bool grant_object(struct parser *p)
{
    uint32_t words;
    const struct object *o = object_here(p, &words);

    if (at_word(p, K_ALL))
        return all_objects(p);
    if (o && o->kind == KIND_SYSTEM && (ahead(p, 1)->word == K_TO || ahead(p, 1)->word == K_FROM)) {
        p->at++;
        return true;
    }
    if (!o || is_name_itself(p, words))
        return object_names(p, KIND_TABLE);
    p->at += words;
    return object_names(p, (enum sql_kind)o->kind);
}

static bool backup_name(struct parser *p, enum sql_kind kind, enum sql_access access)
{
    struct sql_reference *r = take_reference(p, kind, access);

    if (!r)
        return false;
    if (r->count == 1)
        r->in_database = p->owner;
    if (partitions_follow(p) && !partitions(p))
        return false;
    if (!take_word(p, K_AS))
        return true;
    struct sql_reference *alias = reference_make(p, p->at, p->at, kind, access);
    alias->is_new = true;
    if (!need_name(p))
        return false;
    reference_push(p, alias);
    return true;
}

static enum sql_kind backup_kind(struct parser *p)
{
    switch (peek(p)->word) {
    case K_TABLE:
    case K_TABLES:
        p->at++;
        return KIND_TABLE;
    case K_VIEW:
    case K_VIEWS:
        p->at++;
        return KIND_VIEW;
    case K_FUNCTION:
    case K_FUNCTIONS:
        p->at++;
        return KIND_FUNCTION;
    case K_MATERIALIZED:
        if (ahead(p, 1)->word == K_VIEW || ahead(p, 1)->word == K_VIEWS) {
            p->at += 2;
            return KIND_MV;
        }
        return SQL_KINDS;
    default:
        return SQL_KINDS;
    }
}

/* [ALL] TABLE(S), VIEW(S), … name [partitions] [AS name], or a bare name */
bool backup_object(struct parser *p, bool restore)
{
    enum sql_access access = restore ? ACCESS_WRITE : ACCESS_READ;

    if (take_word(p, K_ALL))
        return backup_kind(p) != SQL_KINDS || give_up(p);
    struct mark m = mark_set(p);
    enum sql_kind kind = backup_kind(p);
    if (kind == SQL_KINDS || !peek(p)->is_name) {
        mark_return(p, &m);
        kind = KIND_TABLE;
    }
    return backup_name(p, kind, access);
}

/* name [AS name] of EXTERNAL CATALOG (…) in RESTORE */
bool restored_catalog(struct parser *p)
{
    struct sql_reference *r = take_reference(p, KIND_CATALOG, ACCESS_WRITE);

    if (!r || !take_word(p, K_AS))
        return r;
    r = take_reference(p, KIND_CATALOG, ACCESS_WRITE);
    if (!r)
        return false;
    r->is_new = true;
    return true;
}
