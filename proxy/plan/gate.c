/* Is a kind of statement open: the first question of the planner. The answers are the rows of
 * auth/policies.def. */
#include "proxy/plan/plan_private.h"

#include "base/arena.h"
#include "base/error.h"

static bool is_switched_on(const struct making *m, enum sql_rule rule)
{
    const struct slices *allowed = &m->here->config->allowed_statements;

    for (size_t i = 0; i < allowed->count; i++)
        if (slice_equal(allowed->at[i], slice_of(sql_rule_name(rule))))
            return true;
    return false;
}

static bool is_open(const struct making *m, enum sql_rule rule, enum policy_gate gate)
{
    switch (gate) {
    case GATE_HERE:
    case GATE_OPEN:
        return true;
    case GATE_ADMIN:
        return m->here->user->is_admin;
    case GATE_SWITCH:
        return m->here->user->is_admin && is_switched_on(m, rule);
    case GATE_SWITCH_FOR_MEMBERS:
        return is_switched_on(m, rule);
    case GATE_CLOSED:
    case POLICY_GATES:
        break;
    }
    return false;
}

bool gate_find(const struct making *m, const struct sql_statement *s, const struct policy **policy)
{
    *policy = policy_find(s->rule);
    if (is_open(m, s->rule, (*policy)->gate))
        return true;
    return refuse(m->e, ERROR_NOT_SUPPORTED, "starbind: this kind of statement (%s) is refused: %s",
                  sql_rule_name(s->rule), policy_hint(s->rule));
}

/* ---- statements that speak of the selected database when they name none ---- */

static bool is_one_of(struct word word, const char *list)
{
    for (size_t n; *list; list += n + (list[n] == ' ')) {
        n = strcspn(list, " ");
        if (word.kind == WORD_NAME && slice_equal_nocase(word.text, slice_make(list, n)))
            return true;
    }
    return false;
}

/* Forms that reach beyond one database: SHOW LOAD ALL, SHOW LOAD WARNINGS ON 'url', SHOW GLOBAL
 * FUNCTIONS. */
static bool is_beyond(const struct sql_statement *s, struct word before, struct word after)
{
    switch (s->rule) {
    case RULE_showLoadStatement:
        return word_is(after, "all");
    case RULE_showLoadWarningsStatement:
        return word_is(after, "on");
    case RULE_showFunctionsStatement:
        return word_is(before, "global");
    default:
        return false;
    }
}

static bool names_database(const struct sql_statement *s)
{
    for (uint32_t i = 0; i < s->reference_count; i++)
        switch (s->references[i]->kind) {
        case KIND_DATABASE:
        case KIND_ROUTINE_LOAD: /* SHOW ROUTINE LOAD FOR job: the name is qualified */
        case KIND_STREAM_LOAD:
            return true;
        default:
            break;
        }
    return false;
}

static bool refuse_side(const struct making *m, const struct sql_statement *s, const char *why)
{
    return refuse(m->e, ERROR_NOT_SUPPORTED, "starbind: %s: %s", sql_rule_name(s->rule), why);
}

bool side_add(struct making *m, const struct sql_statement *s, const struct policy *policy)
{
    struct words w = words_over(m->text, s->start, s->end), ahead;
    struct word before = {.kind = WORD_END}, word;
    unsigned asked = policy->target | (policy->flags & POLICY_EITHER ? ASK_EITHER : 0)
                     | (policy->flags & POLICY_FILTERED ? ASK_SOMEWHERE : 0);
    struct binding b;

    if (!policy->side)
        return true;
    while ((word = word_next(&w)).kind != WORD_END && !is_one_of(word, policy->side))
        before = word;
    if (word.kind == WORD_END)
        return refuse_side(m, s, "name the database: FROM PROJECT");
    ahead = w;
    if (is_beyond(s, before, word_next(&ahead)))
        return refuse_side(m, s, "this form reaches beyond one project");
    if (names_database(s) || word_is(before, "builtin"))
        return true;
    if (!m->here->at.project && m->here->at.schema.size
        && (s->rule == RULE_showTableStatement || s->rule == RULE_showTableStatusStatement)) {
        m->information_count++;
        change_put(m, (uint32_t)word.end, (uint32_t)word.end,
                   arena_print(m->arena, " FROM %.*s", SHOW(m->here->at.schema)));
        return true;
    }
    if (!session_bind(m->here, &b, m->e) || !judge_side(m, &b, asked))
        return false;
    if (!can_be_written(b.database))
        return refuse_side(m, s, "this database cannot be written in SQL");
    change_put(m, (uint32_t)word.end, (uint32_t)word.end,
               arena_print(m->arena, " FROM %.*s", SHOW(sql_quote_name(b.database, m->arena))));
    return true;
}
