/* Connections to frontends: what one of them carries, and the pools that lend them.
 *
 *   pools (a worker's)  ->  pool (one per compute source)  ->  backend (one connection)
 *
 * All of it belongs to one worker's loop. A backend is lent to one borrower at a time; a backend
 * that cannot be proven clean when it comes back is closed, never reused. */
#ifndef PROXY_BACKEND_BACKEND_H
#define PROXY_BACKEND_BACKEND_H

#include <stdbool.h>

#include "base/error.h"
#include "base/list.h"
#include "base/slab.h"
#include "base/slice.h"
#include "config/config.h"
#include "protocol/mysql/mysql.h"
#include "proxy/backend/statements.h"
#include "proxy/catalog/catalog.h"
#include "proxy/limit/limit.h"
#include "proxy/net/contexts.h"
#include "proxy/net/net.h"

struct rowset;

/* ---- state: what SET has changed on a connection
 * -------------------------------------------------- */

enum { STATE_VARIABLES_MAX = 256, STATE_BYTES_MAX = 64 * 1024 };

/* Variables and their values, in the order of their last SET, in one block of memory; all zero is
 * the empty state. Wanted by a session, or carried by a backend. */
struct state {
    char *data; /* owned */
    size_t size, count;
    size_t unknown; /* how many have a value that only the server knows */
    uint64_t mark;  /* equal states have equal marks, whatever their order; 0 when empty */
};

struct state_entry {
    bool is_user;
    struct slice name;  /* lower case, or as typed for a user variable, without its '@' */
    struct slice value; /* as SQL: 'text', 1, word, DEFAULT; "?" and a number that is used once when
                           only the server knows it */
};

/* Remembers an assignment; false when the state is full. */
bool state_put(struct state *s, bool is_user, struct slice name, struct slice value);

/* Forgets one variable; all. */
void state_drop(struct state *s, bool is_user, struct slice name);
void state_clear(struct state *s);

bool state_has_user(const struct state *s);
bool state_find(const struct state *s, bool is_user, struct slice name, struct slice *value);

/* Walks the entries: *at is 0 at first; false after the last one. They are borrowed. */
bool state_next(const struct state *s, size_t *at, struct state_entry *entry);

/* What one variable adds to a mark. */
uint64_t state_mark_of(bool is_user, struct slice name, struct slice value);

/* What a statement wants of its connection. */
struct state_wish {
    const struct state *variables;
    struct slice resource_group; /* as SQL; empty: as the login left it */
};

uint64_t state_wish_mark(const struct state_wish *w);

/* The assignments, "a = 1" and "@b = NULL", that make what is carried equal to what is wished: an
 * array in the arena; returns how many. A variable that is not wished goes back to what it was at
 * the login (`originals`; user variables become NULL). */
size_t state_difference(const struct state_wish *w, const struct state *carried,
                        const struct state *originals, struct arena *a, struct slice **assignments);

/* The system variables of the wish whose value at the login is not known yet: an array in the arena
 * that borrows from the wish; returns how many. */
size_t state_unknown(const struct state_wish *w, const struct state *carried,
                     const struct state *originals, struct arena *a, struct slice **names);

/* One assignment as state_difference writes it, in the arena. */
struct slice state_assignment(const struct state_entry *entry, struct arena *a);

/* The first variable whose value only a server knows, and not this one; false when there is none.
 */
bool state_lacks(const struct state *wanted, const struct state *carried,
                 struct state_entry *entry);

/* True when a value that only a server knows is wanted and carried. */
bool state_shares_unknown(const struct state *wanted, const struct state *carried);

/* carried := wish, after the frontend has accepted the difference. */
void state_adopt(struct state *carried, const struct state_wish *w);

/* ---- backend: one connection to one frontend
 * ------------------------------------------------------- */

enum backend_phase {
    BACKEND_DIALS,    /* connecting, waiting for the greeting */
    BACKEND_ENCRYPTS, /* the TLS handshake */
    BACKEND_LOGS_IN,  /* credentials sent */
    BACKEND_CHECKS,   /* PING sent, or COM_RESET_CONNECTION: is it still there */
    BACKEND_RUNS,     /* an errand of its own, such as KILL; closes when that is answered */
    BACKEND_IDLE,
    BACKEND_LENT,
    BACKEND_ENDS, /* given up in the middle of things: reads the reply to its end, rolls back */
    BACKEND_CLOSES
};

/* How far BACKEND_ENDS is: reading the reply under way, waiting for a KILL that could hit what
 * comes next, reading the answer to ROLLBACK. */
enum backend_end { END_READS, END_WAITS, END_ROLLS_BACK };

struct answer;
struct pool;
struct ledger;
struct ledger_line;
struct route;
struct routes;

struct backend {
    struct stream server;
    struct dial dial;
    struct alarm alarm;
    struct pool *pool;
    struct link link;
    struct list *listed; /* the pool's list that it is in; NULL for none */
    enum backend_phase phase;
    unsigned open_handles; /* the memory goes when all are closed and the dial has ended */
    bool is_dialling;
    uint8_t sequence;     /* next sequence id of the exchange under way */
    struct answer *login; /* owned; only while logging in */
    char *greeting;       /* owned; the frontend's, until TLS is up */
    size_t greeting_size;
    struct route *route;                /* its frontend; held */
    uint32_t connection_id;             /* the frontend's own */
    struct ledger_line *line;           /* where it is noted; NULL: nowhere */
    char errand[48];                    /* a statement to run instead of being lent; empty: none */
    struct backend *victim;             /* of the errand that is a KILL; NULL when it is closed */
    unsigned hunters;                   /* KILLs of this one that are under way */
    bool is_busy;                       /* lent, with a statement under way */
    struct known_statements statements; /* prepared there */
    millis opened_at, idle_since;
    /* what SET has left on it */
    struct state carried;   /* what differs from the login */
    struct state originals; /* what the login had, of all that was ever changed */
    struct state accepted;  /* assignments that the frontend has taken, as names without a value */
    uint64_t generation;    /* of the configuration under which it took them */
    bool is_spoilt;         /* cannot be proven clean: closes when it comes back */
    uint32_t last_borrower; /* who had it last; 0: nobody yet */
    struct follow rest;     /* BACKEND_ENDS: the reply under way */
    enum backend_end end;
    /* while lent */
    void (*notify)(void *owner, unsigned events);
    void *owner;
};

/* The compute source that it is a connection of. */
const struct compute_source *backend_source(const struct backend *b);

/* Its frontend's address, and the same for logs as host:port; good while the connection is held. */
const struct endpoint *backend_endpoint(const struct backend *b);
struct slice backend_address(const struct backend *b);

/* True when its compute source is no longer what the connection was opened for. */
bool backend_is_retired(const struct backend *b);

/* The borrower's ear: from now on events of the server stream go to it. */
void backend_listen(struct backend *b, void *owner, void (*notify)(void *owner, unsigned events));

/* Its frontend, as wishes name it: a number of this worker that is never used again. */
uint64_t backend_frontend(const struct backend *b);

/* True when another frontend of the cluster is up. */
bool backend_has_others(const struct backend *b);

/* True when its frontend takes no new work and another does. */
bool backend_should_leave(const struct backend *b);

/* True when its frontend counts as down and another does not: no answer will come soon. The
 * borrower is notified when that becomes so. */
bool backend_is_deserted(const struct backend *b);

/* A statement of the borrower begins or has ended: what frontends are balanced by. */
void backend_set_busy(struct backend *b, bool is_busy);

/* The frontend has answered a statement; has let it down, by closing, by silence, or by what is no
 * reply: after some of these in a row no worker sends new work there for a while. */
void backend_answered(struct backend *b);
void backend_broke(struct backend *b);

/* ---- pools
 * ------------------------------------------------------------------------------------------ */

/* Which frontend a borrower wants; both are numbers of backend_frontend, 0 for none. */
struct wish {
    uint64_t stay;  /* this one or the leader: it has what the session has written */
    uint64_t avoid; /* not this one while there is another */
    uint64_t shun;  /* nor these: bits, each for the frontends of a number modulo 64 */
};

/* Who wants a connection; the session's, for a statement. granted is called once, possibly from
 * within pool_lend: with a backend, or with NULL and an error that the client can read. */
struct borrower {
    struct link link;
    uint32_t id;   /* the connection that it had last fits best */
    uint64_t mark; /* else one that carries what it wishes (state_wish_mark) */
    void (*granted)(void *owner, struct backend *b, const struct error *e);
    void (*notify)(void *owner, unsigned events); /* events of the stream while lent */
    void *owner;
    struct wish wish;
    const void *user;  /* whose it is: users take turns */
    struct pool *pool; /* NULL while not waiting; from here on the pool's */
    uint64_t turn;
    unsigned place; /* among those who wait, as of the last pools_number */
};

struct pools {
    struct loop *loop;
    const struct contexts *contexts; /* borrowed; of this configuration; NULL: none has TLS */
    struct config *config;           /* owned reference */
    struct topology *topology;       /* owned reference; of this configuration */
    struct tallies *tallies;         /* owned reference; of this configuration */
    struct routes *routes;           /* owned; by cluster index */
    struct routes *nowhere;          /* owned; has none: for retired pools */
    uint64_t route_ids;
    struct pool **by_source; /* owned; NULL until first used */
    struct list retired;     /* pools of compute sources that a reload has changed or removed */
    struct slab backends;
    struct templates templates; /* what is prepared on them */
    uint32_t pool_count;        /* pools made so far */
    size_t worker, workers;     /* which one of how many has these pools */
    struct alarm sweep;         /* closes what was idle for long */
    struct alarm warming;       /* opens what is to be ready */
    size_t open;                /* backends that still hold memory */
    bool is_closing;
    /* Tells all workers, this one too, that a connection of this cluster has closed, or is missed:
     * each will call pools_room. */
    void (*announce)(void *owner, const struct tally *cluster);
    void (*hurry)(void *owner, size_t cluster); /* probe it now */
    struct ledger *ledger; /* borrowed: where connections are noted; NULL: nowhere */
    void (*closed)(void *owner);
    void *owner;
};

/* Takes a reference on the configuration and on its tallies. The contexts, and the place among the
 * workers when there are several, are to be set before anything is lent. */
void pools_init(struct pools *p, struct loop *l, struct config *c, struct tallies *t, void *owner);

/* A new configuration: connections of sources whose account, database, frontends and TLS are
 * unchanged stay; the idle ones of others close now, the lent ones when they come back. */
void pools_reconfigure(struct pools *p, struct config *c, const struct contexts *contexts,
                       struct tallies *t);

/* Takes over the reference and serves whoever waited for it; one of another configuration is
 * dropped. */
void pools_set_topology(struct pools *p, struct topology *t);

/* A connection of the cluster was closed, or somebody misses one: pools that have waiters try
 * again, others give up what lies idle. */
void pools_room(struct pools *p, const struct tally *cluster);

/* True for a source of the current configuration: connections are lent for these only. */
bool pools_have(const struct pools *p, const struct compute_source *source);

/* What the cluster of a source is, as far as known; UNKNOWN also for a source of an earlier
 * configuration whose cluster is gone. */
enum cluster_kind pools_kind(const struct pools *p, const struct compute_source *source);

/* What the cluster's information_schema looks like; borrowed until the next topology; NULL: not
 * known yet. As long as the cluster tells the same it is the same object. */
struct learnt *pools_learnt(const struct pools *p, const struct cluster *cluster);

/* True when this is a frontend of the source's cluster, as far as known. */
bool pools_know(const struct pools *p, const struct compute_source *source, uint64_t frontend);

/* Asks for a connection; users who wait take turns, each user's own are served in order of arrival.
 */
void pool_lend(struct pools *p, const struct compute_source *source, struct borrower *b);

/* Tells all waiting borrowers their places; how many wait where this one does. */
void pools_number(struct pools *p);
size_t pool_waiters(const struct borrower *b);

/* The limit that a waiting borrower waits for, as far as it is one; else NULL. */
const struct tally *pool_blocked_by(const struct borrower *b);

/* Stops waiting, if it does; NULL is allowed. */
void pool_forget(struct borrower *b);

/* Gives a lent connection back, with what it carries: its last reply was read to its end, and
 * nothing but tracked state was changed. A spoilt one closes. */
void pool_return(struct backend *b);

/* Gives up one that broke, or whose exchange is in an unknown state: it closes. */
void pool_discard(struct backend *b);

/* Gives up one with an open transaction, which a frontend would keep beyond the end of the
 * connection (facts/fe-live/session.md). `rest` is the reply under way, which is read to its end
 * first; NULL, or one that has ended: none. Then ROLLBACK is sent, and it closes. */
void pool_roll_back(struct backend *b, const struct follow *rest);

/* The frontend has accepted the difference to a wish; one assignment of a client. */
void backend_carry(struct backend *b, const struct state_wish *w);
void backend_set(struct backend *b, const struct state_entry *entry);

/* Nobody can tell what it carries: it closes when it comes back. */
void backend_spoil(struct backend *b);

/* Remembers that the frontend has accepted an assignment on this connection; whether it has, under
 * the configuration of now. */
void backend_accept(struct backend *b, struct slice assignment);
bool backend_accepts(const struct backend *b, struct slice assignment);

/* True when a command may be sent before the reply to the one before it is there: not over TLS
 * (facts/fe-live/tls.md). */
bool backend_may_pipeline(const struct backend *b);

/* Stops what runs on a lent connection, over a connection of its own to the same frontend with the
 * same account: a frontend does not notice that a client has left (facts/fe-protocol.md, section
 * 9). Outside the limit of the pool, for it comes just when the pool is full. The statement's own
 * reply tells the outcome. */
void pool_kill(struct backend *b);

/* A KILL is on its way: it would hit whatever runs next. While it is lent, notify is called when
 * that is over. */
bool backend_is_hunted(const struct backend *b);

/* Fills those of the tables pools, backends and routes that are wanted. */
void pools_survey(const struct pools *p, struct rowset *set);

/* Closes everything that is not lent; `closed` follows when the last connection is gone. */
void pools_close(struct pools *p, void (*closed)(void *owner));
void pools_fini(struct pools *p);

#endif
