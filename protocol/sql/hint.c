/* Hints that hold expressions: SET_USER_VARIABLE(@a = e, …). The frontend parses what stands in
 * them, subqueries included; other hints are comments or settings, which are the caller's matter.
 */
#include "protocol/sql/sql_private.h"

#include "base/error.h"

bool read_inside(struct parser *p, uint32_t from, uint32_t to, bool (*read)(struct parser *))
{
    const struct token *tokens = p->tokens;
    struct vector dots = p->dots;
    struct scope *scope = p->scope, *outer_from = p->from;
    uint32_t at = p->at;
    struct vector hints = {0};
    struct token_run run;
    struct mark since = mark_set(p);

    if (!tokens_read(p->text, from, to, p->arena, &hints, &run, p->e)) {
        p->stopped = true;
        return false;
    }
    p->tokens = run.tokens;
    p->dots = run.dots;
    p->at = 0;
    p->scope = p->from = NULL;
    bool ok = read(p) && columns_resolve(p, since.columns)
              && references_finish(p, 0, run.count - 1, &since)
              && hints_read(p, hints.data, hints.count);
    p->columns.count = since.columns;
    for (uint32_t i = 0; i < hints.count; i++) {
        struct sql_hint *place = vector_push(&p->inner_hints, sizeof(*place), p->arena);
        *place = ((const struct sql_hint *)hints.data)[i];
    }
    p->tokens = tokens;
    p->dots = dots;
    p->at = at;
    p->scope = scope;
    p->from = outer_from;
    return ok;
}

/* The frontend's parser goes on where an '@' is missing. */
static bool user_variables(struct parser *p)
{
    if (!need_kind(p, T_WORD) || !need_kind(p, T_LEFT_PAREN))
        return false;
    do {
        take_kind(p, T_AT);
        if (!need_name_or_string(p) || !need_kind(p, T_EQUAL) || !expression(p))
            return false;
    } while (take_kind(p, T_COMMA));
    return need_kind(p, T_RIGHT_PAREN) && need_kind(p, T_END);
}

static bool has_word(struct slice text, struct slice word)
{
    for (size_t i = 0; i + word.size <= text.size; i++)
        if (slice_equal_nocase(slice_make(text.data + i, word.size), word))
            return true;
    return false;
}

static struct slice without_blanks(struct slice text)
{
    while (text.size && (unsigned char)text.data[0] <= ' ')
        text = slice_after(text, 1);
    return text;
}

static bool hint_read(struct parser *p, const struct sql_hint *hint)
{
    const struct slice word = SLICE("SET_USER_VARIABLE");
    struct slice text = without_blanks(hint->text);
    bool was_in_hint = p->in_hint;

    if (!has_word(text, word))
        return true;
    p->in_hint = true;
    bool read = slice_equal_nocase(slice_head(text, word.size), word)
                && read_inside(p, hint->start + 3, hint->end - 2, user_variables);
    p->in_hint = was_in_hint;
    if (read)
        return true;
    if (!p->stopped)
        refuse_at(p->e, ERROR_NOT_SUPPORTED, p->text, hint->start,
                  "a SET_USER_VARIABLE hint is not understood");
    p->stopped = true;
    return false;
}

bool hints_read(struct parser *p, const struct sql_hint *hints, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (!hint_read(p, &hints[i]))
            return false;
    return true;
}
