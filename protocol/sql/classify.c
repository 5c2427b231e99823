/* The way of a text: characters, tokens, statements, and for each the rule that fits to its end. */
#include "protocol/sql/sql_private.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/utf8.h"

enum { DEPTH_DEFAULT = 200, STEPS_PER_TOKEN = 32, STEPS_FREE = 200000 };

static bool at_end(const struct parser *p)
{
    return at_kind(p, T_END) || at_kind(p, T_SEMICOLON);
}

/* Saves the attempt where the second word already differs. */
static bool may_match(const struct parser *p, const struct grammar *g, uint16_t rule)
{
    const struct node *first = &g->nodes[g->heads[rule]], *second = &g->nodes[first->next];

    return first->op != OP_WORD || !first->next || second->op != OP_WORD
           || ahead(p, 1)->word == second->arg;
}

bool statement_match(struct parser *p, enum sql_rule *rule)
{
    const struct grammar *g = grammar_compiled();
    const struct token *first = peek(p);
    const uint16_t *candidate = &g->entries[g->by_word[first->word]];
    struct mark m = mark_set(p);

    if (first->kind == T_LEFT_PAREN)
        candidate = &g->entries[g->by_parenthesis];
    give_up(p);
    for (; *candidate != SQL_RULES; candidate++) {
        if (!may_match(p, g, *candidate))
            continue;
        if (pattern_match(p, (enum sql_rule) * candidate) && at_end(p)) {
            *rule = (enum sql_rule) * candidate;
            return true;
        }
        if (p->stopped)
            return false;
        give_up(p);
        mark_return(p, &m);
    }
    return false;
}

/* "… near 'x': …"; literals may be secrets and are not repeated. */
static bool refuse_near(struct parser *p, const struct token_run *run)
{
    const struct token *t = run->tokens;
    struct slice near;
    const char *what;

    while (t->kind != T_END && t->end <= p->furthest)
        t++;
    near = slice_make(p->text.data + t->start, t->end - t->start);
    if (t->kind == T_END)
        return refuse_at(p->e, ERROR_SYNTAX, p->text, t->start,
                         "it ends where more is expected, or StarRocks knows no such statement");
    if (is_string(t) || t->kind == T_BINARY || t->kind == T_ATTACHMENT || near.size > 64)
        what = "near a literal: StarRocks' grammar has nothing like it here";
    else
        what = arena_print(p->arena, "near '%.*s': StarRocks' grammar has nothing like it here",
                           SHOW(near))
                   .data;
    return refuse_at(p->e, ERROR_SYNTAX, p->text, t->start, what);
}

static void facts_give(const struct facts *f, struct sql_statement *s)
{
    s->is_explain = f->is_explain;
    s->is_analyze = f->is_analyze;
    s->list_start = f->list_start;
    s->list_end = f->list_end;
    s->has_outfile = f->has_outfile;
    s->has_parameters = f->has_parameters;
    s->has_user_variable = f->has_user_variable;
    s->has_system_variable = f->has_system_variable;
    s->has_opaque_path = f->has_opaque_path;
    s->is_temporary = f->is_temporary;
    s->is_external = f->is_external;
    s->kill_id = f->kill_id;
    s->kill_is_query = f->kill_is_query;
    s->kill_is_string = f->kill_is_string;
    s->has_full = f->has_full;
    s->like = f->like;
    s->has_like = f->has_like;
    s->has_where = f->has_where;
}

static void references_give(struct parser *p, struct sql_statement *s)
{
    const struct mention *mentions = p->references.data;
    const struct sql_reference **list = arena_array(p->arena, p->references.count, sizeof(*list));

    for (uint32_t i = 0; i < p->references.count; i++) {
        list[i] = mentions[i].reference;
        if (p->columns.count) /* a column's relation is found by it */
            mentions[i].reference->index = i;
    }
    s->references = list;
    s->reference_count = p->references.count;
}

/* Hands the lists over to the statement; the parser goes on with new ones. */
static void lists_give(struct parser *p, struct sql_statement *s)
{
    references_give(p, s);
    s->calls = p->calls.data;
    s->call_count = p->calls.count;
    s->properties = p->properties.data;
    s->property_count = p->properties.count;
    s->assignments = p->assignments.data;
    s->assignment_count = p->assignments.count;
    p->references = p->calls = p->properties = p->assignments = (struct vector){0};
    p->columns.count = p->exempt.count = p->inner_hints.count = 0;
}

/* The hints of a statement are those before its semicolon, and those in texts inside it. */
static void hints_give(struct parser *p, const struct sql_hint *hints, uint32_t count,
                       struct sql_statement *s)
{
    struct sql_hint *all;

    s->hints = hints;
    s->hint_count = count;
    if (!p->inner_hints.count)
        return;
    all = arena_array(p->arena, count + p->inner_hints.count, sizeof(*all));
    if (count)
        memcpy(all, hints, count * sizeof(*all));
    memcpy(all + count, p->inner_hints.data, p->inner_hints.count * sizeof(*all));
    s->hints = all;
    s->hint_count = count + p->inner_hints.count;
}

static bool statement_read(struct parser *p, const struct token_run *run, struct vector *hints,
                           uint32_t *hint, struct sql_statement *s)
{
    uint32_t first = p->at, from = *hint;
    struct mark nothing = {0};

    p->facts = (struct facts){0};
    p->owner = NULL;
    p->scope = p->from = NULL;
    s->start = peek(p)->start;
    if (!statement_match(p, &s->rule))
        return p->stopped ? false : refuse_near(p, run);
    const struct sql_hint *all = hints->data;
    while (*hint < hints->count && all[*hint].start < peek(p)->start)
        ++*hint;
    uint32_t last = p->at - 1;
    all = all ? all + from : NULL;
    if (!hints_read(p, all, *hint - from))
        return false;
    p->at = last + 1;
    if (!columns_resolve(p, 0) || !references_finish(p, first, last, &nothing))
        return false;
    s->class = sql_rule_class(s->rule);
    s->end = p->tokens[last].end;
    facts_give(&p->facts, s);
    hints_give(p, all, *hint - from, s);
    lists_give(p, s);
    return true;
}

static bool statements_read(struct parser *p, const struct token_run *run, struct vector *hints,
                            struct sql_text *read)
{
    struct vector statements = {0};
    uint32_t hint = 0;

    while (!at_kind(p, T_END)) {
        struct sql_statement *s = vector_push(&statements, sizeof(*s), p->arena);
        *s = (struct sql_statement){0};
        if (at_kind(p, T_SEMICOLON)) {
            s->rule = RULE_emptyStatement;
            s->class = CLASS_EMPTY;
            s->start = peek(p)->start;
            s->end = peek(p)->end;
        } else if (!statement_read(p, run, hints, &hint, s)) {
            return false;
        }
        take_kind(p, T_SEMICOLON);
    }
    read->statements = statements.data;
    read->count = statements.count;
    return true;
}

static bool is_readable(struct slice text, struct error *e)
{
    size_t at = 0;

    if (text.size >= UINT32_MAX)
        return refuse(e, ERROR_NOT_SUPPORTED, "A statement of 4 GiB or more cannot be read");
    if (utf8_is_valid(text))
        return true;
    for (size_t size; (size = utf8_length(slice_after(text, at)));)
        at += size;
    return refuse_at(e, ERROR_CHARACTER, text, (uint32_t)at,
                     "the text is not valid UTF-8; send it in the character set utf8mb4");
}

bool sql_read(struct slice text, const struct sql_options *options, struct arena *arena,
              struct sql_text *read, struct error *e)
{
    struct vector hints = {0};
    struct token_run run;

    if (!is_readable(text, e))
        return false;
    if (!tokens_read(text, 0, (uint32_t)text.size, arena, &hints, &run, e))
        return false;
    if (run.count == 1)
        return refuse_at(e, ERROR_SYNTAX, text, 0, "it holds no statement");
    struct parser p = {.text = text,
                       .arena = arena,
                       .e = e,
                       .tokens = run.tokens,
                       .dots = run.dots,
                       .every_column = options->every_column,
                       .max_depth = options->max_depth ? options->max_depth : DEPTH_DEFAULT,
                       .step_limit = (uint64_t)run.count * STEPS_PER_TOKEN + STEPS_FREE};
    struct sql_text made = {.text = text, .tokens = run.tokens, .token_count = run.count};
    *read = made;
    if (!statements_read(&p, &run, &hints, &made))
        return false;
    *read = made;
    return true;
}
