/* EXPLAIN GATEWAY statement: what the gateway would do with it. In StarRocks EXPLAIN is followed by
 * the word of a statement or of a kind of plan, never by a name, so no text that a frontend would
 * take begins so. The statement behind it is judged as if it had come alone.
 */
#include "proxy/plan/plan_private.h"

#include "base/arena.h"
#include "base/error.h"

size_t describe_offset(struct slice text)
{
    struct words w = words_over(text, 0, text.size);
    struct word gateway;

    if (!word_is(word_next(&w), "explain"))
        return 0;
    gateway = word_next(&w);
    return word_is(gateway, "gateway") ? gateway.end : 0;
}

static bool is_blank(struct slice text)
{
    struct words w = words_over(text, 0, text.size);
    struct word word = word_next(&w);

    while (word_is(word, ";"))
        word = word_next(&w);
    return word.kind == WORD_END;
}

bool describe_text(struct plan *p, const struct plan_context *here, struct slice text,
                   struct arena *arena, struct error *e)
{
    struct plan_explained *x = arena_array(arena, 1, sizeof *x);
    struct error why;

    if (is_blank(text) || describe_offset(text))
        return refuse(e, ERROR_SYNTAX, "starbind: EXPLAIN GATEWAY takes one statement");
    while (text.size && memchr(" \t\r\n", text.data[0], 4))
        text = slice_after(text, 1);
    x->at = here->at;
    x->is_allowed = plan_make(&x->plan, here, text, arena, &why);
    if (!x->is_allowed) {
        x->number = why.number;
        x->message = arena_print(arena, "%s", why.text);
    }
    answer_alone(p, ANSWER_EXPLAIN, arena);
    p->rule = x->plan.rule;
    p->explained = x;
    return true;
}
