/* One connection to one frontend: dial, log in, rest, be looked at, be lent, close.
 *
 *   backend_open -> DIALS -> LOGS_IN -> (pool) IDLE <-> LENT -> ENDS
 *                                         CHECKS
 *
 * While it is lent its events go to the borrower; else they come here. */
#include "proxy/backend/backend_private.h"

#include "auth/auth.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/must.h"
#include "base/secret.h"
#include "base/writer.h"
#include "proxy/catalog/ledger.h"

enum { UNCONFIRMED_MAX = 60000 }; /* milliseconds: as keepalive has it for idle ones */
enum { LOGIN_PACKET_MAX = 64 * 1024, LOGIN_ROOM = 2048 };

static struct log_context context(const struct backend *b)
{
    return (struct log_context){.worker = b->server.loop->name};
}

const struct endpoint *backend_endpoint(const struct backend *b)
{
    return &b->route->at.query;
}

struct slice backend_address(const struct backend *b)
{
    return b->route->name;
}

const struct compute_source *backend_source(const struct backend *b)
{
    return b->pool->source;
}

bool backend_is_retired(const struct backend *b)
{
    return b->pool->held != NULL;
}

/* ---- the end ---- */

static void release(struct backend *b)
{
    struct pool *pool = b->pool;
    struct pools *pools = pool->pools;

    if (b->open_handles || b->is_dialling)
        return;
    state_clear(&b->carried);
    route_release(b->route);
    state_clear(&b->originals);
    state_clear(&b->accepted);
    slab_put(&pools->backends, b);
    pool_released(pool);
    if (--pools->open)
        return;
    if (pools->is_closing && pools->closed)
        pools->closed(pools->owner);
}

static void handle_closed(void *owner)
{
    struct backend *b = owner;

    b->open_handles--;
    release(b);
}

static void forget_login(struct backend *b)
{
    free(b->greeting);
    b->greeting = NULL;
    if (b->login)
        secret_wipe(b->login, sizeof(*b->login));
    free(b->login);
    b->login = NULL;
}

void backend_close(struct backend *b)
{
    must(b->phase != BACKEND_CLOSES);
    backend_set_busy(b, false);
    b->phase = BACKEND_CLOSES;
    forget_login(b);
    known_forget(b);
    metric_add(&b->server.loop->metrics, METRIC_backends, -1);
    alarm_close(&b->alarm, handle_closed);
    stream_close(&b->server, handle_closed);
    pool_gone(b);
    hunt_end(b);
    ledger_strike(b->line);
    b->line = NULL;
}

/* Its words at the login that mean: not here, not now. MySQL has numbers for that, a frontend says
 * so in a text (facts/fe-protocol.md, section 13). */
static bool is_full(const struct answer *login)
{
    static const unsigned too_many = 1040, too_many_of_user = 1203;

    return login->error_number == too_many || login->error_number == too_many_of_user
           || strstr(login->server_said, "connection limit");
}

static enum failure judge(struct backend *b, struct error *e)
{
    const struct compute_source *source = b->pool->source;
    bool was_told = b->phase == BACKEND_LOGS_IN && b->login->error_number;

    if (was_told && is_full(b->login)) {
        refuse(e, ERROR_LIMIT,
               "starbind: cluster '%.*s' takes no more connections of compute source '%.*s' now",
               SHOW(source->cluster->name), SHOW(source->name));
        return FAILURE_FRONTEND;
    }
    if (was_told) {
        refuse(e, ERROR_UNREACHABLE,
               "starbind: cluster '%.*s' refused the login of compute source '%.*s'; the gateway's "
               "log has the reason",
               SHOW(source->cluster->name), SHOW(source->name));
        return FAILURE_ACCOUNT;
    }
    refuse(e, ERROR_UNREACHABLE, "starbind: no frontend of cluster '%.*s' can be reached now",
           SHOW(source->cluster->name));
    return FAILURE_FRONTEND;
}

/* The log has the frontend and its words; the client hears which source cannot be reached. */
static void fail(struct backend *b, const char *reason)
{
    const struct endpoint *at = backend_endpoint(b);
    struct log_context who = context(b);
    struct error e;

    log_warning(&who, "backend", "source=%.*s frontend=%.*s:%u %s: %s", SHOW(b->pool->source->name),
                SHOW(at->host), at->port,
                b->phase == BACKEND_DIALS      ? "cannot be reached"
                : b->phase == BACKEND_ENCRYPTS ? "TLS failed"
                                               : "login failed",
                reason);
    metric_add(&b->server.loop->metrics, METRIC_backends_failed, 1);
    enum failure what = judge(b, &e);
    if (!b->errand[0])
        pool_failed(b, what, &e);
    backend_close(b);
}

/* ---- login ---- */

static void send_payload(struct backend *b, struct slice payload)
{
    packet_put(&b->server.out, &b->sequence, payload);
    stream_flush(&b->server);
}

static void run_errand(struct backend *b)
{
    b->phase = BACKEND_RUNS;
    b->sequence = 0;
    packet_put_command(&b->server.out, &b->sequence, COMMAND_QUERY, slice_of(b->errand));
    alarm_set(&b->alarm, loop_now(b->server.loop) + b->pool->source->dial_timeout);
    stream_flush(&b->server);
}

static void logged_in(struct backend *b)
{
    struct log_context who = context(b);

    forget_login(b);
    alarm_clear(&b->alarm);
    metric_add(&b->server.loop->metrics, METRIC_backends_opened, 1);
    log_debug(&who, "backend", "source=%.*s frontend=%.*s:%u id=%u logged in",
              SHOW(b->pool->source->name), SHOW(backend_endpoint(b)->host),
              backend_endpoint(b)->port, b->connection_id);
    if (b->errand[0]) {
        run_errand(b);
        return;
    }
    b->line = ledger_note(b->pool->pools->ledger, b->pool->source->name, backend_endpoint(b),
                          b->connection_id, stream_port(&b->server));
    pool_ready(b);
}

static struct answer_as login_of(const struct backend *b, struct slice attributes)
{
    const struct compute_source *source = b->pool->source;

    return (struct answer_as){.user = source->account.username,
                              .password = secret_bytes(&source->account.password),
                              .database = source->database,
                              .attributes = attributes,
                              .public_key = b->pool->public_key};
}

static enum answer_state answer_greeting(struct backend *b, struct slice payload, struct writer *w,
                                         struct error *e)
{
    char attributes[64];
    struct writer block = writer_over(attributes, sizeof(attributes));
    struct greeting greeting;

    attribute_put(&block, SLICE("program_name"), SLICE("starbind"));
    struct answer_as as = login_of(b, writer_bytes(&block));
    if (greeting_read(&greeting, payload))
        b->connection_id = greeting.connection_id;
    b->login = memory_new(1, sizeof(*b->login));
    enum answer_state state = answer_start(b->login, &as, payload, encrypt_wire(b), w, e);
    b->login->as.attributes = (struct slice){0}; /* written; the block dies here */
    b->phase = BACKEND_LOGS_IN;
    return state;
}

static void login_step(struct backend *b, struct slice payload)
{
    char room[LOGIN_ROOM];
    struct writer w = writer_over(room, sizeof(room));
    struct error e;
    enum answer_state state;

    if (b->phase == BACKEND_DIALS || b->phase == BACKEND_ENCRYPTS)
        state = answer_greeting(b, payload, &w, &e);
    else
        state = answer_feed(b->login, payload, &w, &e);
    switch (state) {
    case LOGIN_MORE:
        send_payload(b, writer_bytes(&w));
        break;
    case LOGIN_WAIT:
        break;
    case LOGIN_OK:
        logged_in(b);
        break;
    case LOGIN_REFUSED:
        fail(b, b->login->server_said[0] ? b->login->server_said : e.text);
        break;
    }
    secret_wipe(room, sizeof(room));
}

static void greeted(struct backend *b, struct slice payload)
{
    const struct answer_as as = login_of(b, (struct slice){0});
    const char *problem = encrypt_start(b, &as, payload);

    if (problem)
        fail(b, problem);
    else if (b->phase == BACKEND_DIALS)
        login_step(b, payload);
}

static void encrypted(struct backend *b)
{
    login_step(b, slice_make(b->greeting, b->greeting_size));
    free(b->greeting);
    b->greeting = NULL;
}

/* ---- a look before it is lent again ---- */

void backend_check(struct backend *b, enum mysql_command command)
{
    b->phase = BACKEND_CHECKS;
    b->sequence = 0;
    if (command == COMMAND_RESET_CONNECTION) {
        state_clear(&b->carried);
        state_clear(&b->originals);
        known_forget(b);
    }
    packet_put_command(&b->server.out, &b->sequence, command, SLICE(""));
    alarm_set(&b->alarm, loop_now(b->server.loop) + b->pool->source->dial_timeout);
    stream_flush(&b->server);
}

static void checked(struct backend *b, struct slice payload)
{
    if (reply_kind(payload) != REPLY_OK) {
        pool_failed(b, FAILURE_STALE, NULL);
        backend_close(b);
        return;
    }
    alarm_clear(&b->alarm);
    pool_ready(b);
}

/* ---- events ---- */

static void take_packets(struct backend *b)
{
    struct arena arena;
    struct slice payload;

    arena_init(&arena, &b->server.loop->arenas);
    while (b->phase == BACKEND_DIALS || b->phase == BACKEND_LOGS_IN || b->phase == BACKEND_CHECKS) {
        enum packet_state state =
            packet_take(&b->server.in, &b->sequence, LOGIN_PACKET_MAX, &arena, &payload);
        if (state == PACKET_NONE)
            break;
        if (state != PACKET_WHOLE)
            fail(b, "it does not speak the MySQL protocol");
        else if (b->phase == BACKEND_CHECKS)
            checked(b, payload);
        else if (b->phase == BACKEND_DIALS)
            greeted(b, payload);
        else
            login_step(b, payload);
    }
    arena_clear(&arena);
}

/* An idle frontend says nothing; one that does, or that leaves, is of no further use. */
static void happened(void *owner, unsigned events)
{
    struct backend *b = owner;

    if (b->phase == BACKEND_CLOSES)
        return;
    if (b->phase == BACKEND_LENT) {
        b->notify(b->owner, events);
        return;
    }
    if (b->phase == BACKEND_ENDS) {
        backend_ends(b);
        return;
    }
    if (events & STREAM_SECURED)
        encrypted(b);
    if (events & STREAM_ARRIVED && b->phase != BACKEND_IDLE)
        take_packets(b);
    if (b->phase == BACKEND_RUNS) {
        if (b->server.in.size || events & STREAM_ENDED) /* answered, or gone: either way done */
            backend_close(b);
        return;
    }
    if (b->phase == BACKEND_IDLE && (b->server.in.size || events & STREAM_ENDED)) {
        backend_close(b);
    } else if (events & STREAM_ENDED && b->phase == BACKEND_CHECKS) {
        pool_failed(b, FAILURE_STALE, NULL);
        backend_close(b);
    } else if (events & STREAM_ENDED && b->phase < BACKEND_IDLE) {
        fail(b, stream_error(&b->server));
    }
}

static void late(void *owner)
{
    struct backend *b = owner;

    if (b->phase == BACKEND_LENT) {
        b->notify(b->owner, 0); /* backend_is_deserted */
    } else if (b->phase == BACKEND_CHECKS) {
        pool_failed(b, FAILURE_STALE, NULL);
        backend_close(b);
    } else if (b->phase < BACKEND_CHECKS) {
        fail(b, "no answer in time");
    } else if (b->phase == BACKEND_RUNS || b->phase == BACKEND_ENDS) {
        backend_close(b);
    }
}

static void dialled(void *owner, int error)
{
    struct backend *b = owner;

    b->is_dialling = false;
    if (b->phase == BACKEND_CLOSES)
        release(b);
    else if (error)
        fail(b, dial_error(error));
    else
        stream_expect(&b->server, UNCONFIRMED_MAX);
}

struct backend *backend_open(struct pool *pool, struct route *route)
{
    struct pools *pools = pool->pools;
    struct backend *b = slab_take(&pools->backends);

    b->pool = pool;
    b->route = route;
    route_hold(route);
    b->phase = BACKEND_DIALS;
    b->is_dialling = true;
    b->open_handles = 2;
    b->opened_at = loop_now(pools->loop);
    link_init(&b->link);
    known_init(&b->statements);
    pools->open++;
    pool->open++;
    metric_add(&pools->loop->metrics, METRIC_backends, 1);
    stream_init(&b->server, pools->loop, b, happened);
    alarm_init(&b->alarm, pools->loop, b, late);
    alarm_set(&b->alarm, loop_now(pools->loop) + pool->source->dial_timeout);
    dial_start(&b->dial, &b->server, route->at.query.host, route->at.query.port, b, dialled);
    return b;
}

struct backend *backend_send(struct pool *pool, struct route *route, const char *statement)
{
    struct backend *b = backend_open(pool, route);

    snprintf(b->errand, sizeof(b->errand), "%s", statement);
    return b;
}

void backend_set_busy(struct backend *b, bool is_busy)
{
    if (b->is_busy == is_busy)
        return;
    b->is_busy = is_busy;
    route_count(b->route, is_busy);
}

void backend_listen(struct backend *b, void *owner, void (*notify)(void *owner, unsigned events))
{
    must(b->phase == BACKEND_LENT);
    b->owner = owner;
    b->notify = notify;
}
