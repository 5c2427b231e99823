/* What a session has selected and set: project, variables, priority, resource group. */
#include "proxy/session/session_private.h"

#include "base/memory.h"

void session_move(struct session *s, const struct selection *to)
{
    char *schema = to->schema.size ? memory_copy(to->schema) : NULL;

    free(s->schema);
    s->schema = schema;
    s->at = *to;
    s->at.schema = slice_of(schema);
    record_forget_who(s);
}

bool session_select(struct session *s, struct slice database, struct error *e)
{
    struct selection to;

    return plan_select(s->snapshot->config, s->user, s->listener, database, &to, e)
           && session_enter(s, &to, e);
}

bool session_enter(struct session *s, const struct selection *at, struct error *e)
{
    if (!presence_enter(s, at, e))
        return false;
    session_move(s, at);
    return true;
}

static void replace(char **text, const struct plan_set *set)
{
    free(*text);
    *text = set->is_default || set->value.size == 0 ? NULL : memory_copy(set->value);
}

/* Variables that the gateway keeps for itself; the names that only tell it the character set are
 * accepted and change nothing, for everything is UTF-8. */
static void set_here(struct session *s, const struct plan_set *set)
{
    if (slice_equal(set->name, SLICE("autocommit")))
        s->has_autocommit =
            set->is_default
            || !(slice_equal(set->value, SLICE("0")) || slice_equal_nocase(set->value, SLICE("off"))
                 || slice_equal_nocase(set->value, SLICE("false")));
    else if (slice_equal(set->name, SLICE("starbind_priority")))
        replace(&s->priority, set);
    else if (slice_equal(set->name, SLICE("resource_group")))
        replace(&s->resource_group, set);
}

static bool is_mode(const struct plan_set *set)
{
    return !set->is_user_variable && slice_equal(set->name, SLICE("sql_mode"));
}

static bool is_odd_mode(const struct plan_set *set)
{
    return is_mode(set) && !set->is_default && !sql_mode_reads_alike(set->value);
}

bool session_reads_alike(const struct session *s, struct error *e)
{
    const struct plan_step *step = &s->plan->steps[0];
    bool is_odd = s->has_odd_mode;

    for (size_t i = 0; i < step->set_count; i++) /* a SET goes alone */
        is_odd |= is_odd_mode(&step->sets[i]);
    return !is_odd
           || refuse(e, ERROR_NOT_SUPPORTED,
                     "starbind: this backend is a MySQL or MariaDB, which with this sql_mode takes "
                     "other things for strings and names; SET it without ANSI_QUOTES, "
                     "NO_BACKSLASH_ESCAPES and words for several modes");
}

static bool set_tracked(struct session *s, const struct plan_set *set, struct error *e)
{
    if (is_mode(set)) {
        s->pipes_as_concat = !set->is_default && sql_mode_has_pipes(set->value);
        s->has_odd_mode = is_odd_mode(set);
    }
    if (state_put(&s->wanted, set->is_user_variable, set->name, set->literal))
        return true;
    return refuse(e, ERROR_LIMIT,
                  "starbind: a session may set at most %d variables, of %d bytes in all",
                  STATE_VARIABLES_MAX, STATE_BYTES_MAX);
}

bool session_set(struct session *s, const struct plan_step *step, struct error *e)
{
    for (size_t i = 0; i < step->set_count; i++) {
        const struct plan_set *set = &step->sets[i];
        if (set->class == SET_HERE)
            set_here(s, set);
        else if (set->class == SET_TRACK && !set_tracked(s, set, e))
            return false;
    }
    return true;
}

void session_forget_sets(struct session *s)
{
    state_clear(&s->wanted);
    s->pipes_as_concat = s->has_odd_mode = false;
}

void session_reset(struct session *s)
{
    leases_return(s); /* rolls an open transaction back; what comes from the pool next is clean */
    statements_clear(s);
    s->transaction = TRANSACTION_NONE;
    session_forget_sets(s);
    free(s->resource_group);
    s->resource_group = NULL;
    s->has_autocommit = true;
}

void session_forget_user(struct session *s)
{
    session_reset(s);
    presence_leave(s);
    free(s->priority);
    free(s->proof);
    free(s->narrowed);
    s->priority = s->proof = NULL;
    s->narrowed = NULL;
    s->user = NULL;
    session_move(s, &(struct selection){.environment = s->listener});
}
