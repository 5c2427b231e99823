/* ALIGN: make the connection what the statement wants of it. In this order, what is needed of it:
 *
 *   originals   SELECT @@a, @@b      what the login had, of what is to be changed for the first
 * time state       SET a = 1, @c = NULL the difference to the session's variables and resource
 * group begin       BEGIN                the transaction that was announced prepare     PREPARE the
 * statement that EXECUTE wants there
 *
 * Inside an open transaction nothing is sent: a frontend would answer 5305 (facts/fe-session.md,
 * section 7). The connection's database never changes. What is sent, and when, stands here; what
 * the replies mean stands in aligned.c. */
#include "proxy/session/session_private.h"

static bool has_groups(const struct session *s)
{
    return pools_kind(s->all->pools, s->plan->source) == CLUSTER_STARROCKS;
}

struct state_wish session_wish(struct session *s)
{
    struct slice group = s->plan->resource_group;
    struct state_wish wish = {.variables = &s->wanted};

    if (group.size && has_groups(s))
        wish.resource_group = sql_quote_string(group, &s->arena);
    return wish;
}

static void add(struct session *s, enum step what, struct slice text)
{
    struct alignment *a = s->alignment;

    a->steps[a->count].what = what;
    a->steps[a->count++].text = text;
}

/* ---- what is needed ---- */

/* head, the parts with `between` in between. */
static struct slice join(struct arena *a, const char *head, const char *between,
                         const struct slice *parts, size_t count)
{
    size_t room = strlen(head), size = 0;

    for (size_t i = 0; i < count; i++)
        room += parts[i].size + strlen(between);
    char *text = arena_alloc(a, room + 1);
    for (size_t i = 0; i < count; i++)
        size += (size_t)snprintf(text + size, room + 1 - size, "%s%.*s", i ? between : head,
                                 SHOW(parts[i]));
    return slice_make(text, size);
}

/* Of the variables that the statement itself is about to SET, too. */
static void add_coming(struct session *s)
{
    struct alignment *a = s->alignment;
    const struct plan_step *step = &s->plan->steps[0];
    struct slice value;

    for (size_t i = 0; i < step->set_count; i++) {
        const struct plan_set *set = &step->sets[i];
        if (set->class == SET_TRACK && !set->is_user_variable
            && !state_find(&s->backend->originals, false, set->name, &value))
            a->names[a->name_count++] = set->name;
    }
}

static void need_originals(struct session *s)
{
    struct alignment *a = s->alignment;
    size_t coming = s->plan->steps[0].set_count;
    struct slice *wished = NULL;
    size_t count =
        state_unknown(&a->wish, &s->backend->carried, &s->backend->originals, &s->arena, &wished);

    if (count + coming == 0)
        return;
    a->names = arena_array(&s->arena, count + coming, sizeof(*a->names));
    if (count)
        memcpy(a->names, wished, count * sizeof(*a->names));
    a->name_count = count;
    add_coming(s);
    if (a->name_count)
        add(s, STEP_ORIGINALS, join(&s->arena, "SELECT @@", ", @@", a->names, a->name_count));
}

static void need_state(struct session *s)
{
    struct alignment *a = s->alignment;

    a->assignment_count = state_difference(&a->wish, &s->backend->carried, &s->backend->originals,
                                           &s->arena, &a->assignments);
    if (a->assignment_count)
        add(s, STEP_STATE, join(&s->arena, "SET ", ", ", a->assignments, a->assignment_count));
}

static void make_steps(struct session *s)
{
    struct alignment *a = s->alignment;
    bool in_transaction =
        s->transaction == TRANSACTION_OPEN && s->backend == s->transaction_backend;

    if (!in_transaction) {
        a->wish = session_wish(s);
        need_originals(s);
        need_state(s);
        if (s->transaction == TRANSACTION_BEGUN && s->plan->writes)
            add(s, STEP_BEGIN, SLICE("BEGIN"));
    }
    if (statement_wants_prepare(s))
        add(s, STEP_PREPARE, s->plan->text);
}

/* ---- what cannot be had ---- */

static bool reads_user_variables(const struct plan *p)
{
    for (size_t i = 0; i < p->step_count; i++)
        if (p->steps[i].statement->has_user_variable)
            return true;
    return false;
}

/* A value that only one connection knew has gone with it, or the statement runs elsewhere: then a
 * user variable is missed by those who read it, another variable by all. */
static bool has_all(struct session *s)
{
    struct state_entry lost;
    bool is_lost = true;

    if (!state_lacks(&s->wanted, &s->backend->carried, &lost))
        return true;
    list_each(&s->leases, struct lease, link, lease)
    {
        is_lost &= !state_shares_unknown(&s->wanted, &lease->backend->carried);
    }
    if (!is_lost && lost.is_user && !reads_user_variables(s->plan))
        return true;
    refuse(s->error, ERROR_LOST, "starbind: the value of %s%.*s, which only %s; SET it again",
           lost.is_user ? "@" : "", SHOW(lost.name),
           is_lost ? "its connection knew, is lost with it"
                   : "another cluster knows, is needed here");
    if (is_lost)
        state_drop(&s->wanted, lost.is_user, lost.name);
    return false;
}

/* ---- what may be sent now ---- */

/* The frontend has taken each of these assignments before: it will again. */
static bool is_sure(const struct session *s)
{
    const struct alignment *a = s->alignment;

    for (size_t i = 0; i < a->assignment_count; i++)
        if (!backend_accepts(s->backend, a->assignments[i]))
            return false;
    return true;
}

/* Whether a step, or behind the last one the statement, may go out while replies are due. Asking
 * for the originals does no harm whatever comes of it; the state must not fail under a statement.
 */
static bool may_go(const struct session *s, unsigned next)
{
    const struct alignment *a = s->alignment;

    if (a->answered == next)
        return true;
    if (!backend_may_pipeline(s->backend) || (next < a->count && a->steps[next].what != STEP_STATE))
        return false;
    for (unsigned i = a->answered; i < next; i++)
        if (a->steps[i].what != STEP_ORIGINALS && (a->steps[i].what != STEP_STATE || !is_sure(s)))
            return false;
    return true;
}

static void send_step(struct session *s, unsigned i)
{
    struct alignment *a = s->alignment;
    uint8_t sequence = 0;
    enum mysql_command command =
        a->steps[i].what == STEP_PREPARE ? COMMAND_STMT_PREPARE : COMMAND_QUERY;

    packet_put_command(&s->backend->server.out, &sequence, command, a->steps[i].text);
    a->steps[i].sequence = sequence;
    a->sent++;
    if (a->sent - a->answered == 1)
        align_follow(s);
}

/* Somebody has killed the statement before it was sent. A connection that others can have as well
 * goes, whatever is under way there; another is kept, and its replies are waited for. */
static enum turn stop(struct session *s)
{
    if (lease_is_replaceable(s, s->backend))
        lease_give_up(s, s->backend);
    else if (align_is_due(s))
        return WAIT;
    refuse(s->error, ERROR_KILLED, "Query execution was interrupted");
    return session_go(s, REFUSE);
}

enum turn align(struct session *s)
{
    struct alignment *a = s->alignment;

    if (!a) {
        a = s->alignment = arena_alloc(&s->arena, sizeof(*a));
        if (!has_all(s))
            return session_go(s, REFUSE);
        known_flush(s->backend);
        make_steps(s);
    }
    enum turn turn = align_answers(s);
    if (s->phase != ALIGN)
        return turn;
    if (s->is_killed)
        return stop(s);
    while (a->sent < a->count && may_go(s, a->sent))
        send_step(s, a->sent);
    if (a->sent == a->count && may_go(s, a->count))
        return session_go(s, FORWARD); /* which writes all of it at once */
    stream_flush(&s->backend->server);
    return WAIT;
}
