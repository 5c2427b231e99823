/* What the sessions of one worker are and do, as rows for the admin threads. Statements are told
 * with their literals masked. */
#include "base/rows.h"
#include "proxy/session/session_private.h"

enum { TEXT_MAX = 512 };

static const struct slice none = {NULL, 0};

static void put_user(struct rows *r, const struct session *s)
{
    row_text(r, s->user ? s->user->name : none);
}

static void put_selection(struct rows *r, const struct session *s)
{
    row_text(r, s->at.project ? s->at.project->name : none);
    row_constant(r, environment_name(s->at.environment));
}

static int64_t seconds_since(const struct session *s, millis when)
{
    return (int64_t)((loop_now(s->all->loop) - when) / 1000);
}

static void put_server(struct rows *r, const struct backend *b)
{
    row_address(r, b ? backend_endpoint(b)->host : none, b ? backend_endpoint(b)->port : 0);
    if (b && b->connection_id)
        row_integer(r, b->connection_id);
    else
        row_null(r);
}

static int64_t pins_of(const struct session *s)
{
    int64_t count = 0;

    list_each(&s->leases, struct lease, link, lease)
    {
        count += lease->pin != NULL;
    }
    return count;
}

static void put_statement(struct rows *r, const struct session *s)
{
    char room[TEXT_MAX];

    if (!s->plan) {
        row_null(r);
        row_null(r);
        return;
    }
    if (row_wants(r))
        row_text(r, slice_make(room, sql_digest_text(&s->plan->read, room, sizeof(room))));
    else
        row_null(r);
    row_constant(r, sql_rule_name(s->plan->rule));
}

static void put_state(struct rows *r, const struct session *s)
{
    struct slice state = session_state(s, r->arena);

    row_text(r, state.size ? state : SLICE("idle"));
}

static void put_session(struct rows *r, const struct session *s)
{
    const struct stream *client = &s->client;

    row_integer(r, s->id);
    row_constant(r, s->all->loop->name);
    put_user(r, s);
    row_text(r, slice_of(s->client_name));
    put_selection(r, s);
    row_constant(r, phase_name(s->phase));
    put_state(r, s);
    row_constant(r, session_command_name(s).data);
    put_statement(r, s);
    row_text(r, s->plan && s->plan->source ? s->plan->source->name : none);
    put_server(r, s->backend);
    row_integer(r, seconds_since(s, s->since));
    row_time(r, s->connected);
    row_integer(r, (int64_t)s->statement_number);
    row_integer(r, s->transaction != TRANSACTION_NONE);
    row_integer(r, (int64_t)s->leases.count);
    row_integer(r, pins_of(s));
    row_integer(r, s->statements ? (int64_t)s->statements->count : 0);
    row_integer(r, (int64_t)s->wanted.count);
    row_constant(r, client->is_secured ? stream_about(client, NULL).version : NULL);
    row_end(r);
}

static void put_queued(struct rows *r, const struct session *s)
{
    unsigned place = s->ticket     ? atomic_load_explicit(&s->ticket->place, memory_order_relaxed)
                     : s->borrower ? s->borrower->place
                                   : 0;

    row_integer(r, s->id);
    row_constant(r, s->all->loop->name);
    put_user(r, s);
    put_selection(r, s);
    row_text(r, s->plan->source->name);
    row_constant(r, s->phase == ADMIT ? "place" : "connection");
    put_state(r, s);
    if (place)
        row_integer(r, place);
    else
        row_null(r);
    row_integer(r, seconds_since(s, s->since));
    row_end(r);
}

static void put_pins(struct rows *r, const struct session *s)
{
    list_each(&s->leases, struct lease, link, lease)
    {
        if (!lease->pin)
            continue;
        row_integer(r, s->id);
        row_constant(r, s->all->loop->name);
        put_user(r, s);
        row_text(r, s->at.project ? s->at.project->name : none);
        row_text(r, backend_source(lease->backend)->name);
        put_server(r, lease->backend);
        row_constant(r, lease->pin->cause);
        row_constant(r, lease->pin->ends);
        row_integer(r, seconds_since(s, lease->pinned_at));
        row_end(r);
    }
}

static void put_owner(struct rows *r, const struct session *s)
{
    row_integer(r, s->id);
    row_constant(r, s->all->loop->name);
    put_user(r, s);
}

static void put_prepared(struct rows *r, const struct session *s)
{
    const struct statements *all = s->statements;

    for (size_t i = 0; i < all->room; i++) {
        const struct prepared *p = all->slots[i];
        if (!p)
            continue;
        put_owner(r, s);
        row_integer(r, p->id);
        row_null(r);
        row_text(r, p->selection);
        row_integer(r, p->parameters);
        row_integer(r, (int64_t)p->text.size);
        row_integer(r, p->is_bound_here);
        row_end(r);
    }
    for (const struct named *n = all->named; n; n = n->next) {
        put_owner(r, s);
        row_null(r);
        row_text(r, slice_of(n->name));
        row_text(r, n->selection);
        row_null(r);
        row_integer(r, (int64_t)n->text.size);
        row_integer(r, 1);
        row_end(r);
    }
}

static bool waits(const struct session *s)
{
    return s->phase == ADMIT || s->phase == ACQUIRE;
}

void sessions_survey(const struct sessions *all, struct rowset *set)
{
    struct rows *sessions = rowset_wants(set, TABLE_sessions);
    struct rows *queues = rowset_wants(set, TABLE_queues), *pins = rowset_wants(set, TABLE_pins);
    struct rows *prepared = rowset_wants(set, TABLE_prepared);
    struct rows *denials = rowset_wants(set, TABLE_denials);

    if (denials)
        denials_survey(&all->denials, all->loop->name, denials);
    if (!sessions && !queues && !pins && !prepared)
        return;
    pools_number(all->pools);
    if (sessions)
        rows_expect(sessions, all->all.count);
    list_each(&all->all, struct session, link, s)
    {
        if (s->is_over)
            continue;
        if (sessions)
            put_session(sessions, s);
        if (queues && waits(s))
            put_queued(queues, s);
        if (pins)
            put_pins(pins, s);
        if (prepared && s->statements)
            put_prepared(prepared, s);
    }
}
