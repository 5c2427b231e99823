/* PREPARE name FROM text, EXECUTE name USING @a, DEALLOCATE PREPARE name: kept by the gateway, for
 * a connection that is shared must not keep them. The errors are a frontend's own
 * (facts/fe-live/prepared-statements.md). */
#include "proxy/plan/plan_private.h"

#include "base/arena.h"
#include "base/error.h"

/* A frontend takes all backquotes of a name away. */
static struct slice name_of(struct word word, struct arena *arena)
{
    char *made = arena_alloc(arena, word.text.size + 1);
    size_t size = 0;

    for (size_t i = 0; i < word.text.size; i++)
        if (word.kind != WORD_QUOTED || word.text.data[i] != '`')
            made[size++] = word.text.data[i];
    return slice_make(made, size);
}

/* What stands between the quotes is taken as it is, nothing undone; without quotes it goes to the
 * end of the statement. */
static struct slice text_behind(const struct making *m, struct words *w)
{
    struct word first = word_next(w);

    if (first.kind == WORD_STRING)
        return slice_make(first.text.data + 1, first.text.size - 2);
    size_t start = (size_t)(first.text.data - m->text.data);
    return slice_make(first.text.data, w->end - start);
}

static bool refuse_kind(struct error *e)
{
    return refuse(e, ERROR_NOT_PREPARABLE,
                  "Getting analyzing error. Detail message: This command is not supported in the "
                  "prepared statement protocol yet.");
}

static bool is_query(const struct plan *p)
{
    const struct sql_statement *s = p->steps[0].statement;

    return p->step_count == 1 && s->rule == RULE_queryStatement && !s->is_explain;
}

/* Seen before anything is read: a PREPARE of a PREPARE of … would be read again and again. */
static bool begins_query(struct slice text)
{
    struct words w = words_over(text, 0, text.size);
    struct word first = word_next(&w);

    return word_is(first, "select") || word_is(first, "with") || word_is(first, "(");
}

bool named_prepare(struct making *m, struct plan_step *step)
{
    const struct sql_statement *s = step->statement;
    struct words w = words_over(m->text, s->start, s->end);
    struct sql_parameters found;
    struct plan inner;

    word_next(&w); /* PREPARE */
    step->name = name_of(word_next(&w), m->arena);
    word_next(&w); /* FROM */
    step->text = text_behind(m, &w);
    if (!begins_query(step->text))
        return refuse_kind(m->e);
    if (!plan_make(&inner, m->here, step->text, m->arena, m->e)
        || !sql_parameters_find(step->text, &found, m->arena, m->e))
        return false;
    if (!is_query(&inner))
        return refuse_kind(m->e);
    if (found.in_limit)
        return refuse(m->e, ERROR_NAMED_STATEMENT,
                      "Getting syntax error. Detail message: using parameter(?) as limit or offset "
                      "not supported.");
    step->answer = ANSWER_PREPARE;
    return true;
}

bool named_execute(struct making *m, struct plan_step *step)
{
    const struct sql_statement *s = step->statement;
    struct words w = words_over(m->text, s->start, s->end), count;

    word_next(&w); /* EXECUTE */
    step->name = name_of(word_next(&w), m->arena);
    count = w;
    for (struct word word = word_next(&count); word.kind != WORD_END; word = word_next(&count))
        step->value_count += word_is(word, "@");
    step->values = arena_array(m->arena, step->value_count + 1, sizeof *step->values);
    step->value_count = 0;
    for (struct word word = word_next(&w); word.kind != WORD_END; word = word_next(&w)) {
        if (!word_is(word, "@"))
            continue;
        struct word name = word_next(&w);
        step->values[step->value_count++] =
            slice_make(word.text.data, (size_t)(m->text.data + name.end - word.text.data));
    }
    step->answer = ANSWER_EXECUTE;
    return true;
}

bool named_deallocate(struct making *m, struct plan_step *step)
{
    const struct sql_statement *s = step->statement;
    struct words w = words_over(m->text, s->start, s->end);

    word_next(&w); /* DEALLOCATE, DROP */
    word_next(&w); /* PREPARE */
    step->name = name_of(word_next(&w), m->arena);
    step->answer = ANSWER_DEALLOCATE;
    return true;
}
