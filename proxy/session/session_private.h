/* One client session, as its phases see it. */
#ifndef PROXY_SESSION_SESSION_PRIVATE_H
#define PROXY_SESSION_SESSION_PRIVATE_H

#include "auth/auth.h"
#include "base/arena.h"
#include "base/error.h"
#include "base/log.h"
#include "base/writer.h"
#include "protocol/mysql/mysql.h"
#include "proxy/plan/plan.h"
#include "proxy/session/leases.h"
#include "proxy/session/prepared.h"
#include "proxy/session/record.h"
#include "proxy/session/session.h"
#include "proxy/session/turn.h"

enum phase {
    GREET,
    LOGIN,
    READY,
    PLAN,
    ADMIT,
    ANSWER,
    CANCEL,
    GATHER,
    ACQUIRE,
    ALIGN,
    FORWARD,
    RELAY,
    COLLECT,
    SETTLE,
    REFUSE,
    BYE,
    PHASES
};

enum event {
    CLIENT_SPOKE = 1,
    CLIENT_DRAINED = 2,
    SERVER_SPOKE = 4, /* or left: the handler looks */
    SERVER_DRAINED = 8,
    LENT = 16,      /* a connection, or the refusal of one */
    LATE = 32,      /* the phase's patience is spent */
    GONE = 64,      /* the client left */
    ANSWERED = 256, /* every worker has said what it was asked */
    LEAVE = 128,    /* the gateway is shutting down, or has a new configuration */
    SEATED = 1024,  /* a place under the limits, or the refusal of one */
    WORKED = 512    /* what another thread did for the session is done */
};

enum transaction {
    TRANSACTION_NONE,
    TRANSACTION_BEGUN, /* BEGIN was answered here; the first write sends it */
    TRANSACTION_OPEN   /* BEGIN was sent; s->transaction_backend holds it */
};

enum { CLIENT_AHEAD = 64 * 1024 }; /* bytes read from a client while a statement runs */

/* What ALIGN sends, in this order. */
enum step { STEP_ORIGINALS, STEP_STATE, STEP_BEGIN, STEP_PREPARE, STEPS };

struct alignment {
    struct {
        enum step what;
        struct slice text;
        uint8_t sequence; /* that the reply begins with */
    } steps[STEPS];
    unsigned count, sent, answered;
    struct follow follow; /* of the reply that is due first */
    struct state_wish wish;
    struct slice *names; /* STEP_ORIGINALS: of the variables asked for */
    size_t name_count;
    struct slice *assignments; /* STEP_STATE: what SET says */
    size_t assignment_count;
};

enum { WRITTEN_MAX = 3 };

/* A frontend that this session has written by, and until when it reads there. */
struct written {
    uint64_t frontend;
    millis until;
};

struct reply;

struct session {
    struct sessions *all;
    struct link link;
    struct link stranger; /* while it has not logged in */
    struct snapshot *snapshot;
    size_t door; /* the listener that the client came by, by its place */
    struct stream client;
    struct alarm alarm;
    enum environment listener; /* of that listener */
    unsigned open_handles;

    enum phase phase;
    unsigned events;
    bool is_running, is_over;
    bool has_moved; /* into another phase, whose patience begins when it waits there */

    /* who and where */
    bool is_introduced;   /* LOGIN: no PROXY protocol header can come any more */
    bool is_present;      /* counts as one of the gateway's clients; else it is turned away */
    bool is_health_check; /* a proxy's own: not worth a line in the log */
    uint32_t id;
    uint64_t statement_number; /* statements so far */
    struct peer peer;
    char client_name[64]; /* address:port, for the log */
    time_t connected;
    millis since; /* when its command began; after that, when it ended */
    uint32_t capabilities;
    unsigned char salt[MYSQL_SALT]; /* of the greeting, or of the last COM_CHANGE_USER */
    const struct user *user;        /* NULL before the login; of the snapshot, as `at` is */
    struct user *narrowed;          /* owned: `user` with less rights, by a token; else NULL */
    char *proof;                    /* owned: the stored hash that the password was judged by */
    struct selection at;
    char *schema;         /* owned: the schema of `at` */
    char *who;            /* owned: how the lines of the logs tell all this; NULL: not yet */
    char *priority;       /* owned; NULL: the user's */
    char *resource_group; /* owned; NULL: the configured one */
    bool has_autocommit;
    bool pipes_as_concat;
    bool has_odd_mode;   /* a sql_mode with which MySQL and MariaDB read texts differently */
    struct state wanted; /* what the client has SET */
    unsigned unknowns;   /* values so far that only a server knew */
    enum transaction transaction;
    struct backend *transaction_backend;
    struct tally *counted[LIMIT_CLUSTER]; /* user, project, compute source: it is one of theirs */
    struct verify *verify;                /* in the arena, while logging in */
    struct check *check;                  /* its password is looked at in another thread */

    /* the statement at hand; all of it dies in SETTLE */
    struct arena arena;
    uint8_t sequence;        /* of our next packet to the client */
    uint8_t server_sequence; /* of our next packet to the server */
    bool ends_transaction;
    bool is_admitted;
    bool was_refused;           /* LENT: error says why none came */
    bool was_sent;              /* FORWARD: the server has the statement */
    bool maps_rows;             /* RELAY: rows, too, are translated */
    bool is_retried;            /* it goes to another frontend now, not to `avoid` */
    bool is_killed;             /* somebody wants it stopped: ALIGN obeys, nothing is retried */
    bool is_killed_early;       /* the KILL may have hit what ALIGN had sent: one more is due */
    bool is_stopped;            /* a KILL was sent, for it took too long */
    bool is_muted;              /* RELAY, stopped: the client hears nothing more of the reply */
    bool is_lingering;          /* BYE: everything was said, the client may still be talking */
    enum mysql_command command; /* the last one */
    struct slice text;
    struct slice executed; /* EXECUTE by name: the project at the PREPARE; data NULL: none */
    struct plan *plan;
    struct kept *kept;         /* used: the plan on the shelf that `plan` is a copy of, or NULL */
    struct prepared *prepared; /* STMT_PREPARE, STMT_EXECUTE: which one */
    struct execute *execute;   /* STMT_EXECUTE: its arguments */
    struct record *record;     /* in the arena, from PLAN on; NULL once it is written */
    struct conversion *conversion; /* RELAY: rows of text become binary ones; NULL: they pass */
    struct error *error;           /* what REFUSE reports; in the arena, from the command on */
    struct claim claim;            /* what it counts on, when it is admitted or has a ticket */
    struct ticket *ticket;         /* ADMIT: it waits; the usher's until SEATED */
    millis deadline; /* FORWARD on: when it is stopped, or given up if it was; 0: never */
    struct alignment *alignment; /* in the arena: what ALIGN sends and waits for */
    struct follow *follow;       /* in the arena, from FORWARD on */
    struct reply *reply;         /* RELAY: how its packets become the client's; in the arena */
    struct slice table;          /* FIELD_LIST: as the client named it */
    struct queue collected;      /* COLLECT: the reply so far */
    uint64_t avoid;              /* a frontend that it does not go to; 0: none */
    struct borrower *borrower;   /* in the arena, from ACQUIRE on */

    /* CANCEL, GATHER: answers of workers that are still to come */
    size_t answers_due;
    struct kill_order *kill;    /* CANCEL: whom to stop, in the arena; and what came of it */
    struct list_order *listing; /* GATHER: what was asked, in the arena; and what came */
    enum kill_result killed;
    uint32_t listings;    /* questions of this kind so far */
    struct list gathered; /* struct process_list */

    /* connections */
    struct written written[WRITTEN_MAX];
    struct backend *backend; /* of the statement at hand */
    struct backend *granted; /* LENT: what came */
    struct list leases;
    struct statements *statements; /* owned; NULL before the first PREPARE */
};

/* ---- session.c ---- */

/* Changes the phase; asserts that the table knows the edge. */
enum turn session_go(struct session *s, enum phase next);

void session_wake(struct session *s, unsigned events);

/* One of s->open_handles is closed; after the last one the session is no more. */
void session_closed(void *session);

/* The phases that may follow one, as bits; for tests. */
unsigned phase_next(enum phase from);
const char *phase_name(enum phase p);

/* Starts the phase's patience anew: something moved. */
void session_progress(struct session *s);

struct log_context session_context(const struct session *s);

/* Status word towards the client. */
uint16_t session_status(const struct session *s);

/* ---- plan.c ---- */

/* The session as the planner sees it, as if `at` were selected; borrows from both. */
struct plan_context plan_context_of(const struct session *s, const struct selection *at);

/* Once more, for the same source, now that the cluster has told more of itself. */
bool plan_again(struct session *s);

/* ---- command.c ---- */

/* Serves one command of a logged-in client. */
enum turn session_command(struct session *s, struct slice payload);

/* An OK packet, and the statement is over. */
enum turn session_ok(struct session *s);

/* ---- login.c ---- */

/* A payload of the client for the login exchange at hand. */
enum turn login_feed(struct session *s, struct slice payload);

/* Says why and ends: no second chance on this connection. `why` is for the log. */
enum turn login_turn_away(struct session *s, const struct error *e, const char *why);

/* ---- stranger.c: clients that have not logged in ---- */

/* Counts a new client among the strangers; with too many of them the oldest ends. */
void stranger_enter(struct session *s);

/* It has logged in, or ends. */
void stranger_leave(struct session *s);

/* ---- introduce.c: clients behind a trusted proxy ---- */

/* Looks for a PROXY protocol header at the front of what the client sent, and takes it: the session
 * then has the client's own address. */
enum proxied_state introduce(struct session *s);

/* Names the client for the log by its address and this port. */
void session_name_client(struct session *s, uint16_t port);

/* ---- encrypt.c: TLS with the client ---- */

/* The listener's context, or NULL when it has no TLS. */
struct tls_context *encrypt_context(const struct session *s);

/* The client asked for TLS. */
enum turn encrypt(struct session *s);

/* Tells the exchange that TLS is up, and who the client's certificate says it is. */
void encrypt_tell(struct session *s, struct verify *v);

/* The handshake is complete. */
void encrypt_count(struct session *s);

/* The client is gone while it logs in: the log hears when TLS was the reason. */
void encrypt_report(struct session *s);

/* ---- check.c: a password check of the login, in another thread ---- */

/* Starts the job of a VERIFY_WORK and takes it over; WORKED follows. */
void check_start(struct session *s, struct verify_job *job);

/* The job when it was run, which is the caller's again, or NULL while it is not. */
struct verify_job *check_take(struct session *s);

/* Nobody wants to know any more. What has begun goes on and holds one of s->open_handles. */
void check_give_up(struct session *s);

/* ---- rebind.c ---- */

/* Moves the session to the current configuration; false, with the reason, when it does not fit
 * there. */
bool session_rebind(struct session *s, struct error *e);

/* Makes `user` the session's; with `only`, borrowed from the snapshot, one that may use that
 * project and nothing else. */
void session_take_user(struct session *s, const struct user *user, struct slice only);

/* One use of it is the caller's. */
struct snapshot *snapshot_new(struct config *c, struct tallies *t);
void snapshot_drop(struct snapshot *snapshot);

void snapshot_use(struct session *s, struct snapshot *snapshot);
void snapshot_release(struct session *s);

/* ---- align.c: what is sent; aligned.c: what is answered ---- */

/* What the statement at hand wants of its connection. */
struct state_wish session_wish(struct session *s);

/* RELAY, COLLECT: takes the replies of what ALIGN has sent in one write with the statement. ONWARD:
 * all are in; else the handler's turn is this one. */
enum turn align_answers(struct session *s);

/* The first of the replies due is that of steps[answered]. */
void align_follow(struct session *s);

/* Replies to ALIGN's commands are due before the statement's own. */
bool align_is_due(const struct session *s);

/* Such a reply, when it stands between a transaction and its ROLLBACK: BEGIN's, or a later one's.
 * NULL: there is none. */
const struct follow *align_in_transaction(const struct session *s);

/* ---- comment.c ---- */

/* FORWARD: what follows the statement's text, so that a frontend's logs know who asked; in the
 * arena, empty unless the settings want it. */
struct slice session_comment(struct session *s);

/* ---- relay.c ---- */

/* True when an ERR may stand at this place of the reply; s->sequence is then its number. */
bool relay_can_tell(struct session *s);

/* ---- retry.c ---- */

/* ALIGN, RELAY, COLLECT: whether the statement may go to another frontend when this one has gone
 * away; whether it is time, for the connection is open and the frontend counts as down. */
bool retry_is_allowed(const struct session *s);
bool retry_is_due(const struct session *s);

/* Gives the connection up and goes to ACQUIRE. */
enum turn session_retry(struct session *s);

/* What the client hears when it may not. */
const char *retry_explain(const struct session *s);

/* FORWARD, SETTLE: what writes is remembered for read_own_writes_ms. */
void writes_note(struct session *s);

/* ACQUIRE: which frontend the statement at hand wants. */
struct wish session_wishes(const struct session *s);

/* ---- translate.c: what a frontend says, in project names ---- */

/* FORWARD: the follower is ready; it stops before what has to be translated. */
void translate_start(struct session *s);

/* RELAY: the walk was stopped by FOLLOW_HELD. Puts the packet, as the client shall see it, into the
 * client's queue; FOLLOW_HELD again while it is not whole. */
enum follow_state translate_held(struct session *s);

/* The same for a payload that somebody else took; an empty one is left out. */
bool translate_payload(struct session *s, enum follow_held what, struct slice *payload,
                       struct arena *arena);

/* A frontend's error message, in the arena. */
struct slice translate_message(struct session *s, struct slice message);

/* ---- fields.c ---- */

enum turn field_list(struct session *s, struct slice argument);

/* COLLECT is over: writes the reply to the client; false, with the reason, when it cannot be made.
 */
bool fields_reply(struct session *s);

/* ---- list.c ---- */

/* Bytes of the first characters of a text, as lists show it. */
size_t text_short_size(struct slice text);

/* What it does, in words, perhaps in the arena; the command at hand, constant. */
struct slice session_state(const struct session *s, struct arena *arena);
struct slice session_command_name(const struct session *s);

/* ---- gather.c ---- */

/* Frees what was gathered. */
void gathered_clear(struct session *s);

/* SHOW PROCESSLIST: rows of all workers, as the step wants them, by id; in the session's arena. */
struct process_row *gathered_rows(struct session *s, const struct plan_step *step, size_t *count);

/* ---- cancel.c ---- */

/* Stops what the session runs, or the session itself; somebody else asked for it. */
void session_kill(struct session *s, bool is_whole);

/* RELAY, COLLECT: ALIGN's replies are in; what a KILL may have missed is stopped now. */
void session_kill_again(struct session *s);

/* The client has left: stops what runs, unless a KILL is on its way already. */
void session_kill_rest(struct session *s);

/* ---- presence.c: clients count, and sessions on their user, project and compute source ---- */

/* Counts a client that has just come; false when the gateway has as many as it may have. */
bool presence_arrive(struct session *s);

/* Why it did not count, for the client and, now and then, for the log. Gives false. */
bool presence_turn_away(struct session *s, struct error *e);

/* Counts on what the session would be with this selection; false, with the reason and nothing
 * changed, when a limit is reached. */
bool presence_enter(struct session *s, const struct selection *at, struct error *e);

/* The same for what it is by now, without asking: the configuration has changed. */
void presence_move(struct session *s);

void presence_leave(struct session *s);

/* ---- admit.c: places of statements under the limits ---- */

/* Gives the place back, or waits for none any more. */
void admission_leave(struct session *s);

/* Why it has waited in vain; in s->error. */
void admission_refuse(struct session *s);

/* What it waits for, for lists; in the arena. */
struct slice admission_state(const struct session *s, struct arena *a);

/* FORWARD: the statement's time runs. */
void deadline_start(struct session *s);

/* ---- acquire.c: what it waits for, for lists; in the arena ---- */

struct slice acquire_state(const struct session *s, struct arena *a);

/* ---- late.c ---- */

/* Spent patience while a statement is under way. */
enum turn session_lose_patience(struct session *s);

/* RELAY, COLLECT: the statement was stopped in time, and its reply has ended. */
enum turn session_stopped(struct session *s);

/* ---- select.c: project, SET, reset ---- */

bool session_select(struct session *s, struct slice database, struct error *e);
bool session_enter(struct session *s, const struct selection *at, struct error *e);

/* The same, counted nowhere. */
void session_move(struct session *s, const struct selection *to);
bool session_set(struct session *s, const struct plan_step *step, struct error *e);

/* False, with what to do, when a backend that is no StarRocks would read the plan's text otherwise
 * than we did, because of the sql_mode that the client has SET, or is about to. */
bool session_reads_alike(const struct session *s, struct error *e);

/* Forgets what the client has SET. */
void session_forget_sets(struct session *s);

/* What COM_RESET_CONNECTION promises: variables, transaction, resource group as after the login. */
void session_reset(struct session *s);

/* As before the login: COM_CHANGE_USER. */
void session_forget_user(struct session *s);

/* ---- the phases, one file each ---- */

enum turn greet(struct session *s);
enum turn login(struct session *s);
enum turn ready(struct session *s);
enum turn plan(struct session *s);
enum turn admit(struct session *s);
enum turn answer(struct session *s);
enum turn cancel(struct session *s);
enum turn gather(struct session *s);
enum turn acquire(struct session *s);
enum turn align(struct session *s);
enum turn forward(struct session *s);
enum turn relay(struct session *s);
enum turn collect(struct session *s);
enum turn settle(struct session *s);
enum turn report(struct session *s);
enum turn bye(struct session *s);

#endif
