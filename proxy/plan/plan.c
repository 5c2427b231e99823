/* The planner reads as the sentence it implements: what is asked, what the gateway answers itself,
 * of which tables, may this user do that there, where, in real names. */
#include "proxy/plan/plan_private.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/mix.h"

/* What no frontend would read is tried again without the assignments that a driver may have put. */
static bool read_words(struct making *m)
{
    const struct sql_options options = {.max_depth = m->here->config->settings.max_statement_depth,
                                        .pipes_as_concat = m->here->pipes_as_concat};

    if (sql_read(m->text, &options, m->arena, &m->plan->read, m->e))
        return true;
    return m->e->code == ERROR_SYNTAX && sql_unassign(m->text, m->arena, &m->text)
           && sql_read(m->text, &options, m->arena, &m->plan->read, m->e);
}

static bool read_text(struct making *m)
{
    struct plan *p = m->plan;

    if (!read_words(m))
        return false;
    p->steps = arena_array(m->arena, p->read.count + 1, sizeof *p->steps);
    for (uint32_t i = 0; i < p->read.count; i++) {
        p->reference_count += p->read.statements[i].reference_count;
        if (p->read.statements[i].class != CLASS_EMPTY)
            p->steps[p->step_count++].statement = &p->read.statements[i];
    }
    if (p->step_count == 0 && p->read.count) { /* a lone ';' is answered with OK */
        p->steps[0] = (struct plan_step){.statement = &p->read.statements[0], .answer = ANSWER_OK};
        p->step_count = 1;
    }
    p->rule = p->step_count ? p->steps[0].statement->rule : RULE_emptyStatement;
    p->references = arena_array(m->arena, p->reference_count + 1, sizeof *p->references);
    if (p->step_count > 1 && !m->here->multi_statements)
        return refuse(m->e, ERROR_NOT_SUPPORTED,
                      "starbind: several statements in one text need CLIENT_MULTI_STATEMENTS "
                      "(allowMultiQueries); send them one by one");
    return p->step_count > 0 || refuse(m->e, ERROR_EMPTY_QUERY, "Query was empty");
}

static bool judge_step(struct making *m, struct plan_step *step, struct plan_reference *bound)
{
    const struct sql_statement *s = step->statement;
    const struct policy *policy;
    size_t first = m->change_count;

    if (!gate_find(m, s, &policy) /* is it open */
        || !safe_statement(m, s)  /* does it stay inside */
        || (s->class != CLASS_EMPTY && !answer_find(m, step)))
        return false;
    if (step->answer != ANSWER_NONE || (step->set_count && !step->has_unknown_set))
        return true;
    if (!bind_statement(m, s, policy, bound)               /* of which tables */
        || !judge_references(m, bound, s->reference_count) /* may this user */
        || !side_add(m, s, policy)                         /* in which database */
        || !where_bind(m, s, bound)                        /* which rows of it */
        || !information_finish(m, step, bound) || !render_identity(m, s))
        return false;
    render_places(m, s);
    render_labels(m, s, first);
    opening_find(m, step);                    /* or is it known here */
    if (s->rule == RULE_unsupportedStatement) /* LOCK and UNLOCK TABLES do nothing in StarRocks */
        step->answer = ANSWER_OK;
    return true;
}

static bool refuse_mixed(const struct making *m, size_t index)
{
    return refuse(m->e, ERROR_NOT_SUPPORTED,
                  "starbind: statement %zu of the packet is answered by the gateway or changes the "
                  "session, others go to a frontend; send it by itself",
                  index + 1);
}

static bool is_named(enum plan_answer answer)
{
    return answer == ANSWER_PREPARE || answer == ANSWER_EXECUTE || answer == ANSWER_DEALLOCATE;
}

/* What can be answered here is, unless the text goes to a frontend for another statement of it, or
 * for empty ones, of which a frontend answers some. */
static void open_steps(struct plan *p)
{
    if (p->step_count < p->read.count)
        return;
    for (size_t i = 0; i < p->step_count; i++)
        if (p->steps[i].answer == ANSWER_NONE && !p->steps[i].opening)
            return;
    for (size_t i = 0; i < p->step_count; i++)
        if (p->steps[i].answer == ANSWER_NONE)
            p->steps[i].answer = ANSWER_VALUES;
}

/* Every statement is answered here, or every one is sent; a SET that is sent goes alone. */
static bool decide(const struct making *m)
{
    struct plan *p = m->plan;
    bool is_answered;

    open_steps(p);
    for (size_t i = 0; i < p->step_count; i++)
        if (p->steps[i].answer == ANSWER_NONE && p->steps[i].statement->has_system_variable
            && !m->here->user->sees_all_metadata && !places_kept(m, p->steps[i].statement))
            return false;
    is_answered = p->steps[0].answer != ANSWER_NONE;

    for (size_t i = 0; i < p->step_count; i++) {
        bool sets = p->steps[i].set_count && p->steps[i].answer == ANSWER_NONE;
        bool is_alone = sets || is_named(p->steps[i].answer) || p->steps[i].answer == ANSWER_KILL;

        if (is_answered != (p->steps[i].answer != ANSWER_NONE) || (is_alone && p->step_count > 1))
            return refuse_mixed(m, i);
    }
    p->decision = is_answered ? PLAN_ANSWER : PLAN_FORWARD;
    return true;
}

static bool is_write(const struct sql_statement *s)
{
    if (s->is_explain && !s->is_analyze)
        return false;
    return s->rule == RULE_insertStatement || s->rule == RULE_updateStatement
           || s->rule == RULE_deleteStatement;
}

static void describe(struct plan *p)
{
    p->is_read_only = true;
    for (size_t i = 0; i < p->step_count; i++) {
        const struct sql_statement *s = p->steps[i].statement;
        bool is_plan = s->is_explain && !s->is_analyze;

        p->writes |= is_write(s);
        p->is_ddl |= s->class == CLASS_DDL;
        p->is_read_only &= (s->class == CLASS_QUERY || s->class == CLASS_METADATA || is_plan)
                           && s->rule != RULE_dataCacheSelectStatement;
    }
}

static char *put(char *at, struct slice text)
{
    memcpy(at, text.data, text.size);
    return at + text.size;
}

/* True when every assignment goes to the server, in the words of the client. */
static bool is_sent_as_typed(const struct making *m, const struct plan_step *step)
{
    const char *from = m->text.data, *to = from + m->text.size;

    for (size_t i = 0; i < step->set_count; i++) {
        const struct plan_set *set = &step->sets[i];

        if (set->class != SET_TRACK || set->text.data < from || set->text.data >= to)
            return false;
    }
    return true;
}

static bool is_plain_set(const struct plan_step *step)
{
    return step->set_count && !step->has_unknown_set;
}

/* A SET is sent without the assignments that are the gateway's own. */
static bool render_sets(struct making *m)
{
    const struct plan_step *step = &m->plan->steps[0];
    size_t size = sizeof "SET ";
    char *text, *at;

    if (is_sent_as_typed(m, step)) {
        m->plan->text = m->text;
        return true;
    }
    for (size_t i = 0; i < step->set_count; i++)
        size += step->sets[i].text.size + 2;
    at = text = arena_alloc(m->arena, size);
    for (size_t i = 0; i < step->set_count; i++) {
        if (step->sets[i].class != SET_TRACK)
            continue;
        at = put(at, at == text ? SLICE("SET ") : SLICE(", "));
        at = put(at, step->sets[i].text);
    }
    m->plan->text = slice_make(text, (size_t)(at - text));
    return true;
}

/* As most texts begin, and none of the statements that StarRocks does not have. */
static bool begins_with_select(struct slice text)
{
    struct words w = words_over(text, 0, text.size);

    return word_is(word_next(&w), "select");
}

/* True when the text is one of those statements; then *is_good tells whether it is well formed. */
static bool make_own(struct plan *p, const struct plan_context *here, struct slice text,
                     struct arena *arena, struct error *e, bool *is_good)
{
    size_t described = describe_offset(text);

    if (!described)
        return own_statement(p, text, arena, e, is_good);
    *is_good = describe_text(p, here, slice_after(text, described), arena, e);
    return true;
}

bool plan_make(struct plan *p, const struct plan_context *here, struct slice text,
               struct arena *arena, struct error *e)
{
    struct making m = {.plan = p, .here = here, .text = text, .arena = arena, .e = e};
    size_t *firsts, first = 0;
    bool is_good;

    if (!begins_with_select(text) && make_own(p, here, text, arena, e, &is_good))
        return is_good;
    *p = (struct plan){.rule = RULE_emptyStatement};
    if (!read_text(&m)) /* what is asked */
        return false;
    firsts = arena_array(arena, p->step_count, sizeof *firsts);
    for (size_t i = 0; i < p->step_count; i++) {
        firsts[i] = first;
        if (!judge_step(&m, &p->steps[i], &p->references[first])) /* may this user do that there */
            return false;
        first += p->steps[i].statement->reference_count;
    }
    if (!decide(&m)) /* here or there */
        return false;
    if (p->decision == PLAN_ANSWER)
        return true;
    describe(p);
    return place_steps(&m, firsts)                                              /* where, as whom */
           && (is_plain_set(&p->steps[0]) ? render_sets(&m) : render_text(&m)); /* in real names */
}

uint64_t plan_digest(const struct plan *p, uint64_t digest)
{
    for (size_t i = 0; i < p->reference_count; i++)
        if (p->references[i].binding)
            digest = mix_bytes(digest, p->references[i].binding->database);
    return digest;
}
