/* The way of a query, read downwards.
 *
 * A session is in one phase at a time. An event (bytes, a lent connection, a spent patience) is
 * noted and wakes the phase if the table says so; the phase's handler looks at its queues, does
 * what it can and names the next phase. Nothing else moves a session. docs/path-of-a-query.md has
 * the tour. */
#include "proxy/session/session_private.h"

#include <netinet/in.h>

#include "base/must.h"

enum { TRAFFIC_MAX = 8192 }; /* names of projects that are counted, gone ones included */

#define TO(...) EDGES(__VA_ARGS__, BYE, BYE, BYE, BYE, BYE, BYE)
#define EDGES(a, b, c, d, e, f, ...)                                                               \
    (1u << (a) | 1u << (b) | 1u << (c) | 1u << (d) | 1u << (e) | 1u << (f))

static millis login_patience(const struct session *s)
{
    return s->snapshot->config->settings.login_timeout_ms;
}

/* Between statements; a client that stopped in the middle of a packet gets a minute. */
static millis idle_patience(const struct session *s)
{
    const struct settings *settings = &s->snapshot->config->settings;
    const millis half_packet = 60000;
    millis idle = s->transaction == TRANSACTION_NONE ? settings->idle_timeout_ms
                                                     : settings->idle_in_transaction_ms;

    return s->client.in.size && idle > half_packet ? half_packet : idle;
}

static millis queue_patience(const struct session *s)
{
    return s->plan->source->max_wait;
}

/* What is left of it after the time in the queue. */
static millis acquire_patience(const struct session *s)
{
    const struct compute_source *source = s->plan->source;
    millis waited = loop_now(s->all->loop) - s->since;
    millis left = source->max_wait > waited ? source->max_wait - waited : 0;

    return left < source->connect_timeout ? left : source->connect_timeout;
}

static millis align_patience(const struct session *s)
{
    const struct compute_source *source = s->plan->source;

    return source->max_wait < source->connect_timeout ? source->max_wait : source->connect_timeout;
}

/* A silent frontend, or a statement that has used up its time: whichever comes first. */
static millis run_patience(const struct session *s)
{
    millis now = loop_now(s->all->loop), silence = s->plan->source->socket_timeout;
    millis left = s->deadline > now ? s->deadline - now : 0;

    return s->deadline && left < silence ? left : silence;
}

/* A client that was told all has a moment left to hear it. */
static millis bye_patience(const struct session *s)
{
    const millis linger = 2000;

    return s->client.has_shut ? linger : login_patience(s);
}

/* clang-format off */
static const struct {
    const char *name;
    enum turn (*run)(struct session *);
    unsigned wakes;                             /* what may run this phase again while it waits */
    unsigned next;                              /* which phases it may hand over to; BYE always */
    millis (*patience)(const struct session *); /* longest time in it without progress; NULL: none */
} phases[PHASES] = {
    [GREET]   = {"greet",   greet,   CLIENT_DRAINED,                TO(LOGIN),                  login_patience},
    [LOGIN]   = {"login",   login,   CLIENT_SPOKE | WORKED,         TO(READY),                  login_patience},
    [READY]   = {"ready",   ready,   CLIENT_SPOKE | CLIENT_DRAINED | LEAVE, TO(LOGIN, PLAN, CANCEL, SETTLE, REFUSE), idle_patience},
    [PLAN]    = {"plan",    plan,    0,                             TO(ADMIT, ANSWER, CANCEL, GATHER, REFUSE), NULL},
    [ADMIT]   = {"admit",   admit,   SEATED,                        TO(PLAN, ACQUIRE, REFUSE),  queue_patience},
    [ANSWER]  = {"answer",  answer,  CLIENT_DRAINED,                TO(SETTLE, REFUSE),         NULL},
    [CANCEL]  = {"cancel",  cancel,  ANSWERED,                      TO(SETTLE, REFUSE),         login_patience},
    [GATHER]  = {"gather",  gather,  ANSWERED,                      TO(ANSWER, REFUSE),         login_patience},
    [ACQUIRE] = {"acquire", acquire, LENT,                          TO(ALIGN, ANSWER, REFUSE),  acquire_patience},
    [ALIGN]   = {"align",   align,   SERVER_SPOKE,                  TO(FORWARD, ACQUIRE, REFUSE), align_patience},
    [FORWARD] = {"forward", forward, SERVER_SPOKE | SERVER_DRAINED, TO(RELAY, COLLECT, REFUSE), run_patience},
    [RELAY]   = {"relay",   relay,   SERVER_SPOKE | CLIENT_DRAINED, TO(SETTLE, ACQUIRE, REFUSE), run_patience},
    [COLLECT] = {"collect", collect, SERVER_SPOKE,                  TO(SETTLE, ACQUIRE, REFUSE), run_patience},
    [SETTLE]  = {"settle",  settle,  SERVER_SPOKE,                  TO(READY),                  NULL},
    [REFUSE]  = {"refuse",  report,  CLIENT_DRAINED,                TO(SETTLE),                 NULL},
    [BYE]     = {"bye",     bye,     CLIENT_DRAINED | CLIENT_SPOKE, TO(BYE),                    bye_patience},
};
/* clang-format on */

void session_progress(struct session *s)
{
    millis (*patience)(const struct session *) = phases[s->phase].patience;

    s->has_moved = false;
    if (patience)
        alarm_set(&s->alarm, loop_now(s->all->loop) + patience(s));
    else
        alarm_clear(&s->alarm);
}

enum turn session_go(struct session *s, enum phase next)
{
    must(phases[s->phase].next & 1u << next);
    if (s->phase == LOGIN && next == READY) {
        must(s->user);
        stranger_leave(s);
    }
    s->phase = next;
    s->events &= ~(unsigned)LATE;
    must_note(phases[next].name);
    s->has_moved = true;
    return ONWARD;
}

static enum turn say_late(struct session *s, enum error_code code, const char *text)
{
    struct error e;

    refuse(&e, code, "%s", text);
    reply_put_err(&s->client.out, &s->sequence, &e);
    return session_go(s, BYE);
}

/* The only answer to spent patience and lost clients. */
static enum turn interrupt(struct session *s)
{
    unsigned what = s->events & (LATE | GONE);

    s->events &= ~what;
    if (s->phase == BYE)
        return OVER;
    if (what & GONE) {
        if (s->phase == LOGIN)
            encrypt_report(s);
        return session_go(s, BYE);
    }
    switch (s->phase) {
    case GREET:
    case LOGIN:
        metric_add(&s->all->loop->metrics, METRIC_logins_refused, 1);
        return say_late(s, ERROR_TIMEOUT, "starbind: the login was not completed in time");
    case READY:
        return say_late(s, ERROR_TIMEOUT, "starbind: the connection was idle for too long");
    case CANCEL:
    case GATHER:
        refuse(s->error, ERROR_BUG, "starbind: a worker did not answer");
        return session_go(s, REFUSE);
    default:
        return session_lose_patience(s);
    }
}

static void end(struct session *s);

/* Until the next event. */
static void rest(struct session *s)
{
    if (s->has_moved)
        session_progress(s);
    stream_flush(&s->client);
    if (s->phase == READY && !s->is_over)
        stream_rest(&s->client);
}

void session_wake(struct session *s, unsigned events)
{
    enum turn turn;

    s->events |= events;
    if (s->is_running || s->is_over || !(s->events & (phases[s->phase].wakes | LATE | GONE)))
        return;
    s->is_running = true; /* from here on a wake only leaves its note in s->events */
    do {
        must_note(phases[s->phase].name);
        turn = s->events & (LATE | GONE) ? interrupt(s) : ONWARD;
        s->events &= ~phases[s->phase].wakes;
        if (turn == ONWARD)
            turn = phases[s->phase].run(s);
    } while (turn == ONWARD
             || (turn == WAIT && s->events & (phases[s->phase].wakes | LATE | GONE)));
    must_note(NULL);
    s->is_running = false;
    if (turn == OVER)
        end(s);
    else
        rest(s);
}

struct log_context session_context(const struct session *s)
{
    return (struct log_context){.worker = s->all->loop->name,
                                .session = s->id,
                                .client = slice_of(s->client_name),
                                .user = s->user ? s->user->name : (struct slice){0},
                                .project = s->at.project ? s->at.project->name : (struct slice){0}};
}

uint16_t session_status(const struct session *s)
{
    unsigned status = s->has_autocommit ? STATUS_AUTOCOMMIT : 0;

    if (s->transaction != TRANSACTION_NONE && !s->ends_transaction)
        status |= STATUS_IN_TRANS;
    return (uint16_t)status;
}

/* ---- birth and death ---- */

void session_closed(void *session)
{
    struct session *s = session;
    struct sessions *all = s->all;

    if (--s->open_handles)
        return;
    list_remove(&all->all, &s->link);
    slab_put(&all->slab, s);
    metric_add(&all->loop->metrics, METRIC_sessions, -1);
    if (--all->open == 0 && all->drained)
        all->drained(all->owner);
}

static void end(struct session *s)
{
    s->is_over = true;
    record_statement(s);
    record_forget_who(s);
    shelf_leave(s);
    stranger_leave(s);
    check_give_up(s);
    admission_leave(s);
    presence_leave(s);
    pool_forget(s->borrower);
    session_kill_rest(s);
    leases_return(s);
    queue_clear(&s->collected);
    gathered_clear(s);
    statements_clear(s);
    state_clear(&s->wanted);
    snapshot_release(s);
    free(s->proof);
    free(s->narrowed);
    free(s->schema);
    free(s->priority);
    free(s->resource_group);
    arena_clear(&s->arena);
    alarm_close(&s->alarm, session_closed);
    stream_close(&s->client, session_closed);
}

static void client_happened(void *owner, unsigned events)
{
    struct session *s = owner;
    unsigned noted = 0;

    if (events & STREAM_SECURED)
        encrypt_count(s);
    if (events & (STREAM_ARRIVED | STREAM_SECURED))
        noted |= CLIENT_SPOKE;
    if (events & STREAM_DRAINED)
        noted |= CLIENT_DRAINED;
    if (events & STREAM_ENDED)
        noted |= GONE;
    session_wake(s, noted);
}

static void patience_spent(void *owner)
{
    session_wake(owner, LATE);
}

static void name_client(struct session *s, const struct sockaddr_storage *address)
{
    unsigned port = 0;

    peer_set(&s->peer, (const struct sockaddr *)address);
    if (address->ss_family == AF_INET)
        port = ntohs(((const struct sockaddr_in *)address)->sin_port);
    else if (address->ss_family == AF_INET6)
        port = ntohs(((const struct sockaddr_in6 *)address)->sin6_port);
    session_name_client(s, (uint16_t)port);
}

void sessions_accept(struct sessions *all, struct acceptor *a, size_t door)
{
    enum environment listener = all->snapshot->config->listeners[door].environment;
    struct session *s = slab_take(&all->slab);

    s->all = all;
    s->door = door;
    s->listener = s->at.environment = listener;
    s->has_autocommit = true;
    s->open_handles = 2;
    s->phase = GREET;
    s->connected = time(NULL);
    s->since = loop_now(all->loop);
    s->id = atomic_fetch_add(&all->census->last_id, 1) + 1;
    snapshot_use(s, all->snapshot);
    all->open++;
    link_init(&s->link);
    link_init(&s->stranger);
    list_push_back(&all->all, &s->link);
    if (presence_arrive(s))
        stranger_enter(s);
    list_init(&s->leases);
    list_init(&s->gathered);
    arena_init(&s->arena, &all->loop->arenas);
    queue_init(&s->collected, &all->loop->chunks);
    metric_add(&all->loop->metrics, METRIC_sessions_accepted, 1);
    metric_add(&all->loop->metrics, METRIC_sessions, 1);
    stream_init(&s->client, all->loop, s, client_happened);
    alarm_init(&s->alarm, all->loop, s, patience_spent);
    s->client.in_high = CLIENT_AHEAD;
    if (!acceptor_take(a, &s->client)) {
        end(s);
        return;
    }
    name_client(s, &a->address);
    session_progress(s);
    session_wake(s, CLIENT_DRAINED);
}

void sessions_init(struct sessions *all, struct loop *l, struct config *c, struct tallies *t,
                   struct pools *pools, struct census *census, void *owner)
{
    *all = (struct sessions){.loop = l, .pools = pools, .census = census, .owner = owner};
    all->started = clock_now();
    all->snapshot = snapshot_new(c, t);
    all->digests.most = c->settings.digests;
    all->traffic.most = TRAFFIC_MAX;
    work_line_init(&all->checks, l, c->settings.max_password_checks);
    slab_init(&all->slab, sizeof(struct session));
    slab_init(&all->leases, sizeof(struct lease));
    list_init(&all->all);
    list_init(&all->strangers);
}

void sessions_finish(struct sessions *all, void (*drained)(void *owner))
{
    all->drained = drained;
    if (all->open == 0)
        drained(all->owner);
}

void sessions_drain(struct sessions *all, void (*drained)(void *owner))
{
    all->is_draining = true;
    all->drained = drained;
    if (all->open == 0) {
        drained(all->owner);
        return;
    }
    list_each(&all->all, struct session, link, s)
    {
        session_wake(s, LEAVE);
    }
}

void sessions_abort(struct sessions *all)
{
    list_each(&all->all, struct session, link, s)
    {
        if (!s->is_over)
            end(s);
    }
}

void sessions_fini(struct sessions *all)
{
    must(all->open == 0 && all->snapshot->uses == 1);
    work_line_fini(&all->checks);
    shelf_clear(&all->shelf);
    snapshot_drop(all->snapshot);
    sha2_cache_fini(&all->desk.cache);
    stats_fini(&all->digests);
    stats_fini(&all->traffic);
    denials_fini(&all->denials);
    slab_fini(&all->slab);
    slab_fini(&all->leases);
}

unsigned phase_next(enum phase from)
{
    return phases[from].next;
}

const char *phase_name(enum phase p)
{
    return phases[p].name;
}

void session_print_phases(FILE *out)
{
    fprintf(out, "digraph phases {\n");
    for (unsigned from = 0; from < PHASES; from++)
        for (unsigned to = 0; to < PHASES; to++)
            if (phases[from].next & 1u << to && from != to)
                fprintf(out, "    %s -> %s;\n", phases[from].name, phases[to].name);
    fprintf(out, "}\n");
}
