/* What is sent has the tokens of what was asked, but for names, labels and what SHOW was to ask of.
 */
#ifndef TESTS_FUZZ_SAME_TOKENS_H
#define TESTS_FUZZ_SAME_TOKENS_H

#include "base/error.h"
#include "base/must.h"
#include "protocol/sql/sql_private.h"
#include "proxy/plan/plan.h"

struct walk { /* the tokens of a text, in the reading */
    struct slice text;
    const struct token *at;
};

static struct walk walk_over(struct slice text, struct arena *arena)
{
    struct vector hints = {0};
    struct token_run run;
    struct error e;

    must(tokens_read(text, 0, (uint32_t)text.size, arena, &hints, &run, &e));
    return (struct walk){text, run.tokens};
}

static struct slice walk_text(const struct walk *w, const struct token *t)
{
    return slice_make(w->text.data + t->start, t->end - t->start);
}

static bool walk_equal(const struct walk *a, const struct walk *b)
{
    return a->at->kind == b->at->kind && slice_equal(walk_text(a, a->at), walk_text(b, b->at));
}

/* Over one reference of the text that was asked; a string stands for a string. */
static void asked_skip(struct walk *asked, uint32_t end)
{
    while (asked->at->kind != T_END && asked->at->start < end)
        asked->at++;
}

/* Over one name of the text that is sent: database, dot, …, all of it names. */
static void sent_skip(struct walk *sent)
{
    must(sent->at->is_name || is_string(sent->at));
    if (is_string(sent->at++))
        return;
    for (;;)
        if (sent->at->kind == T_DOT_NAME)
            sent->at++;
        else if (sent->at->kind == T_DOT && sent->at[1].is_name)
            sent->at += 2;
        else
            return;
}

/* `AS label`, `FROM database`: put in where the client had nothing of the kind. */
static bool added_skip(const struct walk *asked, struct walk *sent)
{
    if ((sent->at->word != K_AS && sent->at->word != K_FROM) || sent->at[1].kind != T_QUOTED
        || walk_equal(asked, sent))
        return false;
    sent->at += 2;
    return true;
}

/* DATABASE() became a string or NULL. */
static bool selected_skip(struct walk *asked, struct walk *sent)
{
    if (asked->at->kind == T_END || asked->at[1].kind != T_LEFT_PAREN
        || asked->at[2].kind != T_RIGHT_PAREN || !(is_string(sent->at) || sent->at->word == K_NULL))
        return false;
    asked->at += 3;
    sent->at++;
    return true;
}

static bool is_bound(const struct plan_reference *bound)
{
    return bound->binding != NULL;
}

static void must_have_same_tokens(const struct plan *p, struct slice text, struct arena *arena)
{
    struct walk asked = walk_over(text, arena), sent = walk_over(p->text, arena);
    size_t next = 0;

    while (asked.at->kind != T_END || sent.at->kind != T_END) {
        while (next < p->reference_count
               && (!is_bound(&p->references[next])
                   || p->references[next].reference->start < asked.at->start))
            next++;
        const struct sql_reference *r =
            next < p->reference_count ? p->references[next].reference : NULL;

        if (added_skip(&asked, &sent))
            continue;
        if (r && asked.at->kind != T_END && r->start <= asked.at->start) {
            asked_skip(&asked, r->end);
            sent_skip(&sent);
        } else if (walk_equal(&asked, &sent)) {
            asked.at++;
            sent.at++;
        } else {
            must(selected_skip(&asked, &sent));
        }
    }
}

#endif
