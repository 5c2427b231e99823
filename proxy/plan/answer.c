/* What the gateway answers by itself: nothing of these statements reaches a frontend. */
#include "proxy/plan/opening.h"

#include "base/error.h"

/* SET CATALOG x and USE 'catalog x': there is one catalog. */
static bool answer_catalog(const struct making *m, struct plan_step *step)
{
    const struct sql_statement *s = step->statement;
    struct slice name = {"", 0};

    for (uint32_t i = 0; i < s->reference_count; i++)
        if (s->references[i]->kind == KIND_CATALOG)
            name = s->references[i]->parts[0].value;
    if (slice_starts_with(name, SLICE("catalog ")))
        name = slice_after(name, sizeof "catalog " - 1);
    if (!slice_equal_nocase(name, SLICE("default_catalog")))
        return refuse(m->e, ERROR_NO_SUCH_PROJECT, "Unknown catalog '%.*s'", SHOW(name));
    step->answer = ANSWER_OK;
    return true;
}

static bool answer_use(const struct making *m, struct plan_step *step)
{
    const struct sql_statement *s = step->statement;

    for (uint32_t i = 0; i < s->reference_count; i++)
        if (s->references[i]->kind == KIND_DATABASE) {
            step->answer = ANSWER_USE;
            return select_reference(m, s->references[i], m->here->listener, &step->select);
        }
    return refuse(m->e, ERROR_NOT_SUPPORTED, "starbind: this form of USE is not served");
}

static bool answer_list(const struct making *m, struct plan_step *step, enum plan_answer answer)
{
    const struct sql_statement *s = step->statement;

    for (uint32_t i = 0; i < s->reference_count; i++)
        if (s->references[i]->kind != KIND_CATALOG
            || !is_default_catalog(&s->references[i]->parts[0]))
            return refuse(m->e, ERROR_NO_SUCH_PROJECT, "Unknown catalog '%.*s'",
                          SHOW(s->references[i]->parts[0].value));
    if (where_find(m, s, &step->where) && !where_is_read(m, step, &SLICE("Database"), 1))
        return refuse(
            m->e, ERROR_NOT_SUPPORTED,
            "starbind: WHERE compares `Database` with strings here: =, <>, LIKE, IN, AND, "
            "OR, NOT");
    step->answer = answer;
    return true;
}

/* CREATE DATABASE of what the user has anyway: connectors send it before they load. With IF NOT
 * EXISTS it is OK, else it is there already, as a frontend would say. Nothing may stand behind the
 * name. */
static bool answer_create(const struct making *m, struct plan_step *step)
{
    const struct sql_statement *s = step->statement;
    const struct sql_reference *r = s->reference_count ? s->references[0] : NULL;
    struct words w = words_over(m->text, s->start, s->end);
    struct selection there;

    if (!r || s->reference_count != 1 || r->kind != KIND_DATABASE || r->end != s->end
        || !select_reference(m, r, PROD, &there) || !there.project)
        return refuse(m->e, ERROR_NOT_SUPPORTED, "starbind: databases are not made here: %s",
                      policy_hint(s->rule));
    word_next(&w); /* CREATE */
    word_next(&w); /* DATABASE, SCHEMA */
    if (!word_is(word_next(&w), "if") || r->start <= w.at)
        return refuse(m->e, ERROR_DATABASE_EXISTS, "Can't create database '%.*s'; database exists",
                      (int)(r->end - r->start), m->text.data + r->start);
    step->answer = ANSWER_OK;
    return true;
}

/* By the gateway's own numbers: a frontend's are its own business. */
static bool answer_kill(const struct making *m, struct plan_step *step)
{
    const struct sql_statement *s = step->statement;
    uint64_t number = 0;

    for (size_t i = 0; i < s->kill_id.size && number <= UINT32_MAX; i++) {
        char c = s->kill_id.data[i];
        number = c >= '0' && c <= '9' ? number * 10 + (uint64_t)(c - '0') : UINT64_MAX;
    }
    if (s->kill_is_string || s->kill_id.size == 0 || number > UINT32_MAX)
        return refuse(m->e, ERROR_NOT_SUPPORTED,
                      "starbind: KILL takes the number of a connection of the gateway");
    step->answer = ANSWER_KILL;
    step->victim = (uint32_t)number;
    return true;
}

/* SHOW CREATE DATABASE of what the user may select. */
static bool answer_create_text(const struct making *m, struct plan_step *step)
{
    const struct sql_statement *s = step->statement;

    if (!s->reference_count || !select_reference(m, s->references[0], PROD, &step->select))
        return false;
    step->answer = ANSWER_CREATE_DATABASE;
    return true;
}

/* There is none of it in any project; but the project has to be one. */
static bool answer_none(const struct making *m, struct plan_step *step)
{
    const struct sql_statement *s = step->statement;

    for (uint32_t i = 0; i < s->reference_count; i++)
        if (s->references[i]->kind == KIND_DATABASE
            && !select_reference(m, s->references[i], PROD, &step->select))
            return false;
    step->answer = ANSWER_FIXED;
    return true;
}

/* SHOW GRANTS [FOR 'me'@'%' | FOR CURRENT_USER]: rights of others are their business. */
static bool answer_grants(const struct making *m, struct plan_step *step)
{
    const struct sql_statement *s = step->statement;
    struct words w = words_over(m->text, s->start, s->end);
    struct word word;

    word_next(&w); /* SHOW */
    word_next(&w); /* GRANTS */
    if (word_next(&w).kind != WORD_END) {
        word = word_next(&w);
        struct slice name = word.text;
        if (word.kind != WORD_NAME && name.size >= 2)
            name = slice_make(name.data + 1, name.size - 2);
        if (!slice_equal(name, m->here->user->name) && !word_is(word, "current_user"))
            return refuse(m->e, ERROR_DENIED,
                          "starbind: user '%.*s' may see the rights of '%.*s' only: SHOW GRANTS",
                          SHOW(m->here->user->name), SHOW(m->here->user->name));
    }
    step->answer = ANSWER_GRANTS;
    return true;
}

bool answer_find(struct making *m, struct plan_step *step)
{
    switch (step->statement->rule) {
    case RULE_useDatabaseStatement:
        return answer_use(m, step);
    case RULE_useCatalogStatement:
    case RULE_setCatalogStatement:
        return answer_catalog(m, step);
    case RULE_showDatabasesStatement:
        return answer_list(m, step, ANSWER_DATABASES);
    case RULE_showCatalogsStatement:
        return answer_list(m, step, ANSWER_CATALOGS);
    case RULE_showProcesslistStatement:
        step->answer = ANSWER_PROCESSES;
        return true;
    case RULE_showCreateDbStatement:
        return answer_create_text(m, step);
    case RULE_showGrantsStatement:
        return answer_grants(m, step);
    case RULE_showUserStatement:
        step->answer = ANSWER_USER;
        return true;
    case RULE_showPluginsStatement:
    case RULE_showEventsStatement:
    case RULE_showTriggersStatement:
    case RULE_showProcedureStatement:
    case RULE_showOpenTableStatement:
    case RULE_showStatusStatement:
    case RULE_showWarningStatement:
        return answer_none(m, step);
    case RULE_beginStatement:
        step->answer = ANSWER_BEGIN;
        return true;
    case RULE_commitStatement:
        step->answer = ANSWER_COMMIT;
        return true;
    case RULE_rollbackStatement:
        step->answer = ANSWER_ROLLBACK;
        return true;
    case RULE_createDbStatement:
        return answer_create(m, step);
    case RULE_killStatement:
        return answer_kill(m, step);
    case RULE_prepareStatement:
        return named_prepare(m, step);
    case RULE_executeStatement:
        return named_execute(m, step);
    case RULE_deallocateStatement:
        return named_deallocate(m, step);
    case RULE_setStatement:
        return assign_read(m, step);
    default:
        step->answer = ANSWER_NONE;
        return true;
    }
}
