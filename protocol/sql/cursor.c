/* Looking at tokens, stepping over them, going back, and saying where something is. */
#include "protocol/sql/sql_private.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/must.h"

void *vector_push(struct vector *v, size_t size, struct arena *arena)
{
    if (v->count == v->capacity) {
        uint32_t capacity = v->capacity ? v->capacity * 2 : 8;
        must(capacity > v->capacity);
        v->data = arena_grow(arena, v->data, v->capacity * size, capacity * size);
        v->capacity = capacity;
    }
    return (char *)v->data + size * v->count++;
}

bool refuse_at(struct error *e, enum error_code code, struct slice text, uint32_t at,
               const char *why)
{
    uint32_t line = 1, start = 0;

    for (uint32_t i = 0; i < at && i < text.size; i++)
        if (text.data[i] == '\n') {
            line++;
            start = i + 1;
        }
    uint32_t column = 1;
    for (uint32_t i = start; i < at && i < text.size; i++)
        column += ((unsigned char)text.data[i] & 0xc0U) != 0x80U;
    return refuse(e, code, "starbind cannot read this statement at line %u, column %u: %s", line,
                  column, why);
}

struct mark mark_set(const struct parser *p)
{
    return (struct mark){.at = p->at,
                         .depth = p->depth,
                         .references = p->references.count,
                         .columns = p->columns.count,
                         .calls = p->calls.count,
                         .properties = p->properties.count,
                         .exempt = p->exempt.count,
                         .assignments = p->assignments.count,
                         .scope = p->scope,
                         .from = p->from,
                         .owner = p->owner,
                         .facts = p->facts};
}

void mark_return(struct parser *p, const struct mark *m)
{
    p->at = m->at;
    p->depth = m->depth;
    p->references.count = m->references;
    p->columns.count = m->columns;
    p->calls.count = m->calls;
    p->properties.count = m->properties;
    p->exempt.count = m->exempt;
    p->assignments.count = m->assignments;
    p->scope = m->scope;
    p->from = m->from;
    p->owner = m->owner;
    p->facts = m->facts;
}

bool give_up(struct parser *p)
{
    if (peek(p)->start > p->furthest)
        p->furthest = peek(p)->start;
    return false;
}

bool stop(struct parser *p, const char *sentence)
{
    if (!p->stopped)
        refuse_at(p->e, ERROR_NOT_SUPPORTED, p->text, peek(p)->start, sentence);
    p->stopped = true;
    return false;
}

bool enter(struct parser *p)
{
    if (p->stopped)
        return false;
    if (++p->depth > p->max_depth) {
        p->depth--;
        return stop(p, "it is nested deeper than max_statement_depth allows");
    }
    return true;
}

void leave(struct parser *p)
{
    p->depth--;
}

bool need_kind(struct parser *p, enum token_kind kind)
{
    return take_kind(p, kind) || give_up(p);
}

bool need_word(struct parser *p, enum keyword word)
{
    return take_word(p, word) || give_up(p);
}

bool need_name(struct parser *p)
{
    if (!peek(p)->is_name)
        return give_up(p);
    p->at++;
    return true;
}

bool need_string(struct parser *p)
{
    if (!is_string(peek(p)))
        return give_up(p);
    p->at++;
    return true;
}

bool need_name_or_string(struct parser *p)
{
    return is_string(peek(p)) ? need_string(p) : need_name(p);
}

bool name_list(struct parser *p)
{
    if (!need_kind(p, T_LEFT_PAREN))
        return false;
    do {
        if (!need_name(p))
            return false;
    } while (take_kind(p, T_COMMA));
    return need_kind(p, T_RIGHT_PAREN);
}
