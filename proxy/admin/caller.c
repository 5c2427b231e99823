/* A caller speaks the MySQL protocol to the console: it logs in as an administrator, then asks one
 * statement after the other.
 *
 *   greeting ─> LOGS_IN ─> READY ─┬─> ASKS (rows are asked for) ─> SENDS ─> READY
 *                                 └─> ACTS (somebody else is at it) ────────^
 *
 * Passwords are checked in this thread: it has time. */
#include <stdlib.h>

#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/writer.h"
#include "protocol/tls/tls.h"
#include "proxy/admin/act.h"
#include "proxy/admin/admin_private.h"
#include "proxy/admin/phrase.h"

enum stage { LOGS_IN, READY, ASKS, ACTS, SENDS, LEAVES };

enum {
    LOGIN_PACKET_MAX = 16 * 1024,
    STATEMENT_MAX = 64 * 1024,
    SEND_PATIENCE = 60000,
    LINGER = 2000,
    GREETING_ROOM = 256,
    CHARSET_UTF8 = 33
};

struct caller {
    struct guest guest; /* the first member */
    enum stage stage;
    uint32_t id;
    uint8_t sequence;
    struct arena arena;    /* of the login, then of the statement at hand */
    struct config *config; /* owned reference, while logging in */
    unsigned char salt[MYSQL_SALT];
    struct verify *verify; /* in the arena, while logging in */
    char user[LOGIN_USER_MAX + 1];
    /* the statement at hand */
    struct question question;
    struct act act;
    struct sqlite3_stmt *statement; /* owned */
    struct result_writer result;
    bool has_columns;
    millis budget;
    struct error error;
};

static struct log_context context(const struct caller *c)
{
    return (struct log_context){
        .worker = "console", .client = slice_of(c->guest.name), .user = slice_of(c->user)};
}

static void patience(struct caller *c, millis longest)
{
    alarm_set(&c->guest.alarm, loop_now(&c->guest.admin->loop) + longest);
}

static void put_error(struct caller *c, const struct error *e)
{
    reply_put_err(&c->guest.stream.out, &c->sequence, e);
}

/* The last words are read before the connection closes. */
static void leave(struct caller *c)
{
    c->stage = LEAVES;
    patience(c, LINGER);
}

static void settle(struct caller *c)
{
    sql_finish(c->statement);
    c->statement = NULL;
    question_clear(&c->question);
    arena_clear(&c->arena);
    c->stage = READY;
    patience(c, c->guest.admin->config->settings.idle_timeout_ms);
}

static void put_ok(struct caller *c, struct slice info)
{
    const struct ok_packet ok = {.status = STATUS_AUTOCOMMIT, .info = info};

    reply_put_ok(&c->guest.stream.out, &c->sequence, &ok);
    settle(c);
}

static void put_refusal(struct caller *c)
{
    put_error(c, &c->error);
    settle(c);
}

/* ---- the login ---- */

static void greet(struct caller *c)
{
    struct guest *g = &c->guest;
    struct admin *a = g->admin;
    const struct listener *l = &a->config->listeners[g->place];
    const uint32_t offered = (GATEWAY_CAPABILITIES & ~(uint32_t)CAPABILITY_MULTI_STATEMENTS)
                             | (a->contexts->listeners[g->place] ? (uint32_t)CAPABILITY_SSL : 0);
    unsigned char room[GREETING_ROOM];
    struct writer w = writer_over(room, sizeof(room));
    struct greeting greeting = {.protocol = 10,
                                .version = SLICE("8.0.33-starbind"),
                                .connection_id = c->id,
                                .capabilities = offered,
                                .charset = CHARSET_UTF8,
                                .status = STATUS_AUTOCOMMIT,
                                .plugin = NATIVE_PLUGIN};

    salt_make(&a->salts, c->salt);
    memcpy(greeting.salt, c->salt, sizeof(greeting.salt));
    c->config = config_ref(a->config);
    c->verify = arena_alloc(&c->arena, sizeof(*c->verify));
    verify_start(c->verify, c->config, &g->peer, offered, c->salt, &c->arena);
    if (l->tls.mode == TLS_REQUIRED)
        verify_only_encrypted(c->verify);
    verify_serve_sha2(c->verify, &a->desk);
    verify_throttle(c->verify, a->host.throttle);
    greeting_put(&w, &greeting);
    packet_put(&g->stream.out, &c->sequence, writer_bytes(&w));
    stream_flush(&g->stream);
    patience(c, c->config->settings.login_timeout_ms);
}

static void turn_away(struct caller *c, const char *why)
{
    struct log_context who = context(c);

    log_info(&who, "login", "refused: %s", why);
    put_error(c, &c->error);
    leave(c);
}

static void welcome(struct caller *c)
{
    const struct user *user = c->verify->user;
    struct log_context who;

    snprintf(c->user, sizeof(c->user), "%.*s", SHOW(user->name));
    if (!user->is_admin || c->verify->project.size) {
        refuse(&c->error, ERROR_LOGIN, "starbind: the console is for users with \"admin\": true");
        turn_away(c, "no administrator");
        return;
    }
    who = context(c);
    log_info(&who, "login", "via=%.*s tls=%s", SHOW(c->verify->method),
             c->guest.stream.is_secured ? stream_about(&c->guest.stream, NULL).version : "none");
    config_unref(c->config);
    c->config = NULL;
    c->verify = NULL;
    c->guest.is_known = true;
    put_ok(c, (struct slice){0});
}

/* What has come behind the wish already is read as TLS, never as clear bytes. */
static void encrypt(struct caller *c)
{
    struct guest *g = &c->guest;
    struct tls_context *tls = g->admin->contexts->listeners[g->place];

    if (!tls) {
        refuse(&c->error, ERROR_HANDSHAKE, "starbind: this listener has no TLS");
        turn_away(c, "asked for TLS on a listener without it");
        return;
    }
    stream_secure(&g->stream, tls, (struct slice){0});
}

static void tell_encrypted(struct caller *c)
{
    struct tls_names *names = arena_alloc(&c->arena, sizeof(*names));

    stream_about(&c->guest.stream, names);
    verify_encrypted(c->verify, names);
}

static void feed(struct caller *c, struct slice payload)
{
    unsigned char room[VERIFY_REPLY_MAX];
    struct writer w = writer_over(room, sizeof(room));

    verify_clock(c->verify, loop_now(&c->guest.admin->loop), clock_wall());
    enum verify_state state = verify_feed(c->verify, payload, &w, &c->error);
    if (state == VERIFY_WORK) {
        verify_job_run(c->verify->job);
        state = verify_done(c->verify, c->verify->job, &c->error);
    }
    if (w.size && (state == VERIFY_MORE || state == VERIFY_OK))
        packet_put(&c->guest.stream.out, &c->sequence, writer_bytes(&w));
    if (state == VERIFY_OK)
        welcome(c);
    else if (state == VERIFY_TLS)
        encrypt(c);
    else if (state == VERIFY_REFUSED)
        turn_away(c, c->verify->why);
}

/* ---- rows ---- */

/* Rows, as long as the client takes them. */
static void send_rows(struct caller *c)
{
    struct admin *a = c->guest.admin;
    const struct sql_asker asker = {.user = slice_of(c->user), .connection = c->id};
    enum sql_step step = SQL_ROW;

    c->stage = SENDS;
    patience(c, SEND_PATIENCE);
    sql_set_asker(a->sql, &asker);
    while (!queue_is_high(&c->guest.stream.out)) {
        step = sql_step(a->sql, c->statement, &c->question, &c->budget, &c->error);
        if (step != SQL_FAILED && !c->has_columns) {
            c->result =
                (struct result_writer){.out = &c->guest.stream.out, .sequence = c->sequence};
            result_of(&c->result, c->statement, &c->arena);
            c->has_columns = true;
        }
        if (step != SQL_ROW)
            break;
        result_row_of(&c->result, c->statement);
    }
    sql_set_asker(a->sql, NULL);
    if (step == SQL_ROW)
        return;
    if (step == SQL_DONE)
        result_close(&c->result, STATUS_AUTOCOMMIT);
    if (c->has_columns)
        c->sequence = c->result.sequence;
    if (step == SQL_FAILED)
        put_error(c, &c->error);
    settle(c);
}

static void put_lines(struct caller *c)
{
    const struct column column = {.name = c->act.told};

    result_open(&c->result, &c->guest.stream.out, c->sequence, &column, 1, STATUS_AUTOCOMMIT);
    for (size_t i = 0; i < c->act.line_count; i++)
        result_row(&c->result, &c->act.lines[i]);
    result_close(&c->result, STATUS_AUTOCOMMIT);
    settle(c);
}

static void go_on(struct caller *c);

static void conclude(struct caller *c, enum act_result result)
{
    if (result == ACT_DONE)
        put_ok(c, c->act.told);
    else if (result == ACT_LINES)
        put_lines(c);
    else
        put_refusal(c);
}

static void answered(void *owner, bool is_whole)
{
    struct caller *c = owner;

    if (c->stage == ACTS) {
        conclude(c, act_finish(&c->act, is_whole, &c->error));
    } else if (!is_whole) {
        refuse(&c->error, ERROR_TIME_LIMIT,
               "starbind: a worker has not answered within two seconds");
        put_refusal(c);
    } else {
        send_rows(c);
    }
    go_on(c);
}

/* ---- commands ---- */

static void select_rows(struct caller *c, struct slice text)
{
    struct admin *a = c->guest.admin;

    if (!sql_prepare(a->sql, phrase_as_sql(text, &c->arena), &c->statement, &c->question.survey,
                     &c->error)) {
        put_refusal(c);
        return;
    }
    if (!c->statement) {
        refuse(&c->error, ERROR_EMPTY_QUERY, "Query was empty");
        put_refusal(c);
        return;
    }
    c->stage = ASKS;
    c->has_columns = false;
    c->budget = SQL_BUDGET;
    question_ask(&c->question);
}

static void query(struct caller *c, struct slice text)
{
    question_init(&c->question, c->guest.admin, c, answered);
    c->act = (struct act){.admin = c->guest.admin,
                          .user = slice_of(c->user),
                          .question = &c->question,
                          .arena = &c->arena};
    enum act_result result = act_run(&c->act, text, &c->error);
    if (result == ACT_WAITS)
        c->stage = ACTS;
    else if (result != ACT_NONE)
        conclude(c, result);
    else if (phrase_is_idle(text))
        put_ok(c, (struct slice){0});
    else
        select_rows(c, text);
}

static void command(struct caller *c, struct slice payload)
{
    unsigned char byte = payload.size ? (unsigned char)payload.data[0] : 0xff;
    struct slice argument = payload.size ? slice_after(payload, 1) : payload;

    switch (byte) {
    case COMMAND_QUERY:
        query(c, argument);
        break;
    case COMMAND_PING:
    case COMMAND_INIT_DB:
    case COMMAND_RESET_CONNECTION:
        put_ok(c, (struct slice){0});
        break;
    case COMMAND_SET_OPTION:
    case COMMAND_FIELD_LIST: /* the stock client asks for names to complete: there are none */
        reply_put_eof(&c->guest.stream.out, &c->sequence, STATUS_AUTOCOMMIT);
        settle(c);
        break;
    case COMMAND_QUIT:
        leave(c);
        break;
    default:
        refuse(&c->error, ERROR_UNKNOWN_COMMAND, "starbind: the console takes statements as text");
        put_refusal(c);
        break;
    }
}

/* ---- the connection ---- */

/* A reload may have taken the right away. */
static bool is_administrator(const struct caller *c)
{
    const struct user *user = config_find_user(c->guest.admin->config, slice_of(c->user));

    return user && user->is_admin;
}

/* One packet of the client; false when there is none that can be served now. */
static bool take(struct caller *c)
{
    struct stream *s = &c->guest.stream;
    size_t limit = c->stage == LOGS_IN ? LOGIN_PACKET_MAX : STATEMENT_MAX;
    struct slice payload;

    if (c->stage == LOGS_IN && s->is_secured && !c->verify->encrypted)
        tell_encrypted(c);
    if (c->stage == READY)
        c->sequence = 0;
    switch (packet_take(&s->in, &c->sequence, limit, &c->arena, &payload)) {
    case PACKET_NONE:
        return false;
    case PACKET_WHOLE:
        if (c->stage == LOGS_IN) {
            feed(c, payload);
        } else if (is_administrator(c)) {
            command(c, payload);
        } else {
            refuse(&c->error, ERROR_LOGIN, "starbind: you are no administrator any more");
            turn_away(c, "no administrator any more");
        }
        return true;
    case PACKET_BAD_SEQUENCE:
        refuse(&c->error, ERROR_PACKET_ORDER, "Got packets out of order");
        break;
    case PACKET_TOO_LARGE:
        refuse(&c->error, ERROR_PACKET_SIZE, "starbind: a packet has %zu bytes at most here",
               limit);
        break;
    }
    c->sequence++;
    put_error(c, &c->error);
    leave(c);
    return false;
}

/* One step: rows for a client that takes them, or its next packet; false when there is none. */
static bool move(struct caller *c)
{
    struct stream *s = &c->guest.stream;

    stream_flush(s);
    if (!s->is_open || queue_is_high(&s->out))
        return false;
    if (c->stage == SENDS)
        send_rows(c);
    else if (c->stage != LOGS_IN && c->stage != READY)
        return false;
    else
        return take(c);
    return true;
}

static void go_on(struct caller *c)
{
    struct stream *s = &c->guest.stream;

    while (move(c))
        ;
    stream_flush(s);
    if (c->stage == LEAVES) {
        queue_clear(&s->in);
        if (!stream_owes(s) && !s->has_shut)
            stream_shut(s);
    }
    stream_taken(s);
}

static void spoke(struct guest *g)
{
    go_on((struct caller *)(void *)g);
}

static void late(struct guest *g)
{
    guest_close(g);
}

static void gone(struct guest *g)
{
    struct caller *c = (struct caller *)(void *)g;

    sql_finish(c->statement);
    c->statement = NULL;
    question_clear(&c->question);
    config_unref(c->config);
    c->config = NULL;
    arena_clear(&c->arena);
}

static void freed(struct guest *g)
{
    free((struct caller *)(void *)g);
}

void caller_accept(struct gate *gate)
{
    struct caller *c = memory_new(1, sizeof(*c));

    c->guest.spoke = spoke;
    c->guest.late = late;
    c->guest.gone = gone;
    c->guest.freed = freed;
    c->id = ++gate->admin->last_caller;
    arena_init(&c->arena, &gate->admin->loop.arenas);
    question_init(&c->question, gate->admin, c, answered);
    if (!guest_accept(&c->guest, gate))
        return;
    c->guest.stream.in_high = STATEMENT_MAX + 1024;
    greet(c);
}
