/* Matching the tokens of a statement against a compiled pattern. */
#include "protocol/sql/sql_private.h"

#include "base/arena.h"
#include "base/must.h"

static bool match(struct parser *p, const struct grammar *g, uint16_t index);

static bool match_branches(struct parser *p, const struct grammar *g, const struct node *n)
{
    struct mark m = {0};
    bool marked = false;

    for (uint16_t b = n->arg; b; b = g->nodes[b].next) {
        const struct node *head = &g->nodes[g->nodes[b].arg];
        if (head->op == OP_WORD && !at_word(p, (enum keyword)head->arg)) {
            give_up(p);
            continue;
        }
        if (!marked)
            m = mark_set(p);
        marked = true;
        if (match(p, g, g->nodes[b].arg))
            return true;
        if (p->stopped)
            return false;
        mark_return(p, &m);
    }
    return n->op == OP_OPTION;
}

static bool match_words(struct parser *p, const struct grammar *g, const struct node *n)
{
    for (unsigned i = 0; i < n->count; i++)
        if (take_word(p, (enum keyword)g->words[n->arg + i]))
            return true;
    return give_up(p);
}

static bool match_list(struct parser *p, const struct grammar *g, const struct node *n)
{
    do {
        if (!match(p, g, n->arg))
            return false;
    } while (take_kind(p, T_COMMA));
    return true;
}

static bool match_flag(struct parser *p, unsigned flag)
{
    bool *const flags[] = {&p->facts.is_temporary, &p->facts.is_external, &p->facts.has_full,
                           &p->facts.kill_is_query};

    *flags[flag] = true;
    return true;
}

static const struct sql_reference *last_reference(const struct parser *p)
{
    const struct mention *list = p->references.data;

    return p->references.count ? list[p->references.count - 1].reference : NULL;
}

static struct sql_reference *name_read(struct parser *p, const struct node *n)
{
    enum sql_kind kind = (enum sql_kind)n->kind;
    enum sql_access access = (enum sql_access)n->access;

    if (!(n->options & ONE))
        return take_reference(p, kind, access);
    if (n->options & STRING ? !need_name_or_string(p) : !need_name(p))
        return NULL;
    struct sql_reference *r = reference_make(p, p->at - 1, p->at - 1, kind, access);
    reference_push(p, r);
    return r;
}

static bool match_name(struct parser *p, const struct node *n)
{
    struct sql_reference *before = (struct sql_reference *)(uintptr_t)last_reference(p);
    struct sql_reference *r = name_read(p, n);

    if (!r)
        return false;
    r->is_target = n->options & TARGET;
    r->is_new = n->options & NEW;
    if (n->options & OWNED && r->count == 1)
        r->in_database = p->owner;
    if (n->options & OF && before)
        before->in_database = r;
    /* A database always has one; a label, a snapshot, a job only when it is written. */
    if (n->options & OWNER && (r->kind == KIND_DATABASE || (r->count > 1 && !p->owner)))
        p->owner = r;
    return true;
}

static bool match_node(struct parser *p, const struct grammar *g, const struct node *n)
{
    switch ((enum op)n->op) {
    case OP_WORD:
        return need_word(p, (enum keyword)n->arg);
    case OP_WORDS:
        return match_words(p, g, n);
    case OP_SIGN:
        return need_kind(p, (enum token_kind)n->arg);
    case OP_OPTION:
    case OP_CHOICE:
        return match_branches(p, g, n);
    case OP_LIST:
        return match_list(p, g, n);
    case OP_FLAG:
        return match_flag(p, n->arg);
    case OP_SLOT:
        return slot_table[n->arg].read(p);
    case OP_NAME:
        return match_name(p, n);
    case OP_OPAQUE:
        return opaque(p, &g->words[n->arg], n->count, false);
    case OP_BRANCH:
        break;
    }
    must(false);
    return false;
}

static bool match(struct parser *p, const struct grammar *g, uint16_t index)
{
    for (; index; index = g->nodes[index].next)
        if (!match_node(p, g, &g->nodes[index]))
            return false;
    return true;
}

bool pattern_match(struct parser *p, enum sql_rule rule)
{
    const struct grammar *g = grammar_compiled();

    return match(p, g, g->heads[rule]);
}
