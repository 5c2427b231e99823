/* Statements that StarRocks does not have: what the gateway tells of itself.
 *
 *   SHOW PINS                        SHOW PROJECTS [LIKE 'x']
 *   SHOW DATA SOURCES [LIKE 'x']     SHOW MEMBERS [FROM project] [LIKE 'x']
 *
 * Each is alone in its text, which is looked at before it is read as SQL: behind SHOW no such word
 * begins anything that a frontend would take. */
#include "proxy/plan/plan_private.h"

#include "base/arena.h"
#include "base/error.h"

static const struct {
    const char *first, *second; /* words behind SHOW; second NULL: one word */
    enum plan_answer answer;
    bool has_like, has_from;
} own[] = {
    {"pins", NULL, ANSWER_PINS, false, false},
    {"projects", NULL, ANSWER_PROJECTS, true, false},
    {"data", "sources", ANSWER_SOURCES, true, false},
    {"members", NULL, ANSWER_MEMBERS, true, true},
};

enum { OWN = sizeof own / sizeof *own };

static size_t find(struct words *w)
{
    struct words at = *w;
    struct word first, second;
    size_t i = 0;

    if (!word_is(word_next(&at), "show"))
        return OWN;
    first = word_next(&at);
    *w = at;
    second = word_next(&at);
    while (i < OWN
           && (!word_is(first, own[i].first) || (own[i].second && !word_is(second, own[i].second))))
        i++;
    if (i < OWN && own[i].second)
        *w = at;
    return i;
}

static struct slice unquoted(struct word word)
{
    bool has_quotes = word.kind == WORD_STRING || word.kind == WORD_QUOTED;

    return has_quotes && word.text.size >= 2 ? slice_make(word.text.data + 1, word.text.size - 2)
                                             : word.text;
}

void answer_alone(struct plan *p, enum plan_answer answer, struct arena *arena)
{
    *p = (struct plan){.rule = RULE_emptyStatement, .step_count = 1, .decision = PLAN_ANSWER};
    p->steps = arena_array(arena, 1, sizeof *p->steps);
    p->steps[0].answer = answer;
    p->steps[0].statement = arena_array(arena, 1, sizeof(struct sql_statement));
}

bool own_statement(struct plan *p, struct slice text, struct arena *arena, struct error *e,
                   bool *is_good)
{
    struct words w = words_over(text, 0, text.size), ahead;
    size_t which = find(&w);
    struct sql_statement *s;
    struct word word;

    if (which == OWN)
        return false;
    answer_alone(p, own[which].answer, arena);
    s = arena_array(arena, 1, sizeof *s);
    p->steps[0].statement = s;
    ahead = w;
    if (own[which].has_from && word_is(word_next(&ahead), "from")) {
        p->steps[0].asked = unquoted(word_next(&ahead));
        w = ahead;
    }
    ahead = w;
    if (own[which].has_like && word_is(word_next(&ahead), "like")) {
        word = word_next(&ahead);
        s->has_like = word.kind == WORD_STRING;
        s->like = unquoted(word);
        w = s->has_like ? ahead : w;
    }
    do
        word = word_next(&w);
    while (word_is(word, ";"));
    *is_good = word.kind == WORD_END
               || refuse(e, ERROR_SYNTAX, "starbind: SHOW %s%s%s takes no '%.*s'", own[which].first,
                         own[which].second ? " " : "", own[which].second ? own[which].second : "",
                         SHOW(word.text));
    return true;
}
