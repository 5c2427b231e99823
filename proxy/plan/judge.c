/* May this user do that there. A refusal teaches: who lacks what on which side, which roles there
 * are, and what to write instead. */
#include "proxy/plan/plan_private.h"

#include "base/arena.h"
#include "base/error.h"

static const char *first_privilege(unsigned privileges)
{
    for (unsigned bit = READ; bit <= SHARE; bit <<= 1)
        if (privileges & bit)
            return privilege_name((enum privilege)bit);
    return "any privilege";
}

static bool refuse_lack(const struct making *m, const struct binding *b, struct slice table,
                        unsigned lacking)
{
    const struct user *user = m->here->user;
    struct slice roles = grant_role_names(user, b->project, m->arena);
    unsigned somewhere = grant_privileges_somewhere(user, b->project, b->environment);
    bool is_limited = lacking ? (somewhere & lacking) == lacking : somewhere != 0;
    const char *quote = lacking ? "'" : "";
    struct slice where = {"", 0};

    if (is_limited)
        where = table.size ? arena_print(m->arena, "table '%.*s' of ", SHOW(table))
                           : SLICE("all tables of ");
    return refuse(m->e, ERROR_DENIED,
                  "starbind: user '%.*s' lacks %s%s%s on %.*s%.*s '%.*s' (%s); roles there: %.*s",
                  SHOW(user->name), quote, first_privilege(lacking), quote, SHOW(where),
                  SHOW(word_of_kind(b->project)), SHOW(b->project->name),
                  environment_name(b->environment), SHOW(roles));
}

/* By explicit name in the other environment: what "cross_environment" leaves. */
static bool judge_crossing(const struct making *m, const struct binding *b, unsigned privileges)
{
    enum environment session = m->here->at.environment;
    unsigned wanted = privileges ? privileges : READ;
    unsigned lacking = wanted & ~grant_across(m->here->config, b->project);

    if (!b->is_explicit || b->environment == session || b->project->is_shared || !lacking)
        return true;
    return refuse(m->e, ERROR_DENIED,
                  "starbind: user '%.*s' may not '%s' on %.*s '%.*s' (%s) from a %s session "
                  "(cross_environment); write ${%.*s} for the session's own side",
                  SHOW(m->here->user->name), first_privilege(lacking),
                  SHOW(word_of_kind(b->project)), SHOW(b->project->name),
                  environment_name(b->environment), environment_name(session),
                  SHOW(b->project->name));
}

static bool judge(const struct making *m, const struct binding *b, struct slice table,
                  unsigned asked)
{
    const struct user *user = m->here->user;
    unsigned have = asked & ASK_SOMEWHERE
                        ? grant_privileges_somewhere(user, b->project, b->environment)
                        : grant_privileges(user, b->project, b->environment, table);
    unsigned privileges = asked & ~(unsigned)(ASK_EITHER | ASK_SOMEWHERE);

    if (asked & ASK_EITHER && have & privileges)
        privileges &= have;
    if (privileges ? (have & privileges) != privileges : have == 0)
        return refuse_lack(m, b, table, privileges & ~have);
    return judge_crossing(m, b, privileges);
}

bool judge_side(const struct making *m, const struct binding *b, unsigned privileges)
{
    return judge(m, b, SLICE(""), privileges);
}

/* SHOW COLUMNS FROM t FROM db: the table is asked, in that database. */
static bool is_asked_with_table(const struct plan_reference *bound, size_t count,
                                const struct sql_reference *database)
{
    for (size_t i = 0; i < count; i++)
        if (bound[i].reference->in_database == database)
            return true;
    return false;
}

/* The table that a reference asks for; empty: the whole side, since a job may be of any table. */
static struct slice table_of(const struct sql_reference *r)
{
    switch (r->kind) {
    case KIND_TABLE:
    case KIND_VIEW:
    case KIND_MV:
    case KIND_TABLE_IN_STRING:
        return r->parts[r->count - 1].value;
    default:
        return SLICE("");
    }
}

bool judge_references(const struct making *m, const struct plan_reference *bound, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct sql_reference *r = bound[i].reference;

        if (!bound[i].binding || bound[i].is_column) /* a column's table is asked itself */
            continue;
        if (r->kind == KIND_DATABASE && is_asked_with_table(bound, count, r))
            continue;
        if (!judge(m, bound[i].binding, table_of(r), bound[i].privileges))
            return false;
    }
    return true;
}
