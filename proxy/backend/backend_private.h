/* Between backend.c (one connection) and pool.c (who gets it). */
#ifndef PROXY_BACKEND_BACKEND_PRIVATE_H
#define PROXY_BACKEND_BACKEND_PRIVATE_H

#include "auth/auth.h"
#include "proxy/backend/backend.h"

struct pool;

/* ---- route.c: which frontend
 * ---------------------------------------------------------------------- */

/* One frontend as this worker knows it: what the control thread says of it, and how our own
 * connections fare. It stays as long as the topology names it or a connection holds it. */
struct route {
    struct link link;        /* in routes.all; in none when is_gone */
    uint64_t id;             /* of this worker; never used again */
    struct frontend at;      /* its query.host is `host`; http is not kept */
    char *host;              /* owned */
    struct slice name;       /* owned: its address, for logs */
    size_t holders;          /* backends, and the list */
    bool is_gone;            /* the topology names it no more */
    bool is_named;           /* routes_learn's own */
    size_t connections;      /* open or opening, of all pools; KILLs not counted */
    size_t lent;             /* of these, in the hands of a borrower */
    size_t busy;             /* of these, with a statement under way */
    struct traffic *traffic; /* a reference: what all workers see; `busy` is in its count */
    millis recovered_at;
    unsigned credit; /* in slow start: hundredths of a choice */
};

/* The frontends of one cluster. */
struct routes {
    struct list all;             /* struct route, the one chosen last at the end */
    uint64_t *last_id;           /* borrowed: of all routes of the worker */
    millis ejection, slow_start; /* settings */
};

void routes_init(struct routes *rs, uint64_t *last_id);
void routes_fini(struct routes *rs);

/* The same cluster in a new configuration. */
void routes_move(struct routes *to, struct routes *from);

/* What the topology says now. Frontends that it no longer names are let go. */
void routes_learn(struct routes *rs, const struct cluster_view *view, millis now);

/* The frontend for a new statement or connection; one that is ejected or to be avoided only when
 * there is no other, and NULL when all are down or draining. */
struct route *route_choose(const struct routes *rs, const struct wish *wish, millis now);

/* The chosen one is used. */
void route_commit(struct routes *rs, struct route *chosen, millis now);

/* NULL when the topology names it no more. */
struct route *route_by_id(const struct routes *rs, uint64_t id);

/* One more statement of this worker is under way there, or one less. */
void route_count(struct route *r, bool is_busy);

bool route_is_usable(const struct route *r); /* up, and still named */
/* An existing connection of it will do: no other frontend fits the wish better. */
bool route_suits(const struct routes *rs, const struct route *r, const struct wish *wish);

bool routes_have_good(const struct routes *rs, millis now); /* one is usable and not ejected */
/* One takes new work and is not among these, as wishes shun them. */
bool routes_have_other(const struct routes *rs, uint64_t shunned);
uint64_t route_bit(const struct route *r);
bool routes_drain(const struct routes *rs); /* one does */

void route_hold(struct route *r);
void route_release(struct route *r);

/* All clusters of a worker: made with the pools, told what topology and settings say now, taken to
 * a new configuration (before the pools have it), and let go. */
void routes_open(struct pools *p);
void routes_refresh(struct pools *p);
void routes_carry(struct pools *p, const struct config *c);
void routes_close(struct pools *p);

/* What to do for a waiter: use an idle connection, or open one there; with both, the opened one is
 * for later. Both NULL: nothing but waiting. */
struct choice {
    struct backend *idle;
    struct route *open;
};
struct choice pool_choose(const struct pool *pool, const struct borrower *waiter);

/* None for a pool that a reload has retired. */
struct routes *pool_routes(const struct pool *pool);

/* ---- eject.c: frontends that fail under live traffic ---- */

/* It could not be reached, or takes no more connections. */
void eject_unreached(struct backend *b);

/* ---- pool.c, backend.c
 * ---------------------------------------------------------------------------- */

enum { TURNS = 64 }; /* counters of users' last turns; waiting.c */

struct pool {
    struct pools *pools;
    uint32_t number; /* no two pools of a worker have the same */
    const struct compute_source *source;
    struct tally *tally;           /* of the source */
    struct tally *cluster;         /* of its cluster */
    struct config *held;           /* retired: the configuration that `source` is of */
    struct tls_context *tls;       /* a reference; NULL: frontends are spoken to in clear */
    struct public_key *public_key; /* the cluster's, owned; NULL: it has none */
    struct link link;              /* in pools.retired */
    struct list working;           /* dialling, logging in, resetting */
    struct list idle;              /* most recently used first */
    struct list lent;
    struct list errands; /* not counted, never lent */
    struct list ending;  /* BACKEND_ENDS */
    struct list waiters; /* struct borrower, by turns */
    uint64_t turn;       /* the one at hand */
    uint64_t turns[TURNS];
    size_t open;         /* backends that still hold memory */
    bool is_serving;     /* pool.c: serve() is at work */
    uint64_t refused_by; /* frontends that refuse the account, as wishes shun them */
    /* room.c: which limit was met last, and what is counted in whose `wanted` */
    struct tally *blocked_by, *wanted_of;
    unsigned wanted;
    unsigned kept; /* connections that came back and stayed while others missed some */
};

/* Dials a frontend of the pool's cluster; pool_ready or pool_failed follows. */
struct backend *backend_open(struct pool *pool, struct route *route);

/* The same, to run one statement and close. Nobody is told. */
struct backend *backend_send(struct pool *pool, struct route *route, const char *statement);

/* Sends COM_PING, or COM_RESET_CONNECTION, which on a server that is no StarRocks takes everything
 * back; pool_ready or pool_failed follows. */
void backend_check(struct backend *b, enum mysql_command command);

/* encrypt.c: after the greeting. NULL, and BACKEND_ENCRYPTS when TLS is on its way, else the login
 * may follow in clear; or the reason why this frontend is not spoken to. */
const char *encrypt_start(struct backend *b, const struct answer_as *as, struct slice greeting);
enum answer_wire encrypt_wire(const struct backend *b);

/* BACKEND_ENDS (end.c). */
void backend_end(struct backend *b, const struct follow *rest);
void backend_ends(struct backend *b);

/* Closes at once; the memory goes by itself. */
void backend_close(struct backend *b);

/* hunt.c: one that closes hunts no more and is hunted no more; its victim's borrower hears of it.
 */
void hunt_end(struct backend *b);

enum failure {
    FAILURE_STALE,    /* it lay idle and had gone: nobody's fault */
    FAILURE_FRONTEND, /* it could not be reached, or takes no more connections: another may do */
    FAILURE_ACCOUNT   /* the login was refused, as it will be elsewhere */
};

/* The TLS context of its source's cluster in the configuration of now. */
void pool_take_context(struct pool *pool);

/* What became of a backend that was working. The pool takes a ready one over; a failed one closes
 * itself afterwards. `e` says why, in words for the client; NULL for FAILURE_STALE. */
void pool_ready(struct backend *b);
void pool_failed(struct backend *b, enum failure what, const struct error *e);

/* A connection is closing: room for another. */
void pool_gone(struct backend *b);

/* ---- room.c: the limits of a compute source and its cluster, over all workers ---- */

/* Counts a connection that is going to be opened; false when a limit is reached. */
bool room_take(struct pool *pool);

/* A connection that was counted is closed: whoever misses one hears of it. */
void room_give(struct pool *pool);

/* How many connections the pool's waiters miss now. True when they are more than before: then
 * room_take must be tried again, for a connection may have closed meanwhile unheard. */
bool room_want(struct pool *pool, size_t missing);

/* How many connections others miss for which one of this pool would make room. */
size_t room_wanted(const struct pool *pool);

/* A connection has come back: true when it should be closed, so that others, who miss one, can open
 * one. */
bool room_is_owed(struct pool *pool);

/* The pool's `count` open connections count on another cluster from now on. */
void room_move(struct pool *pool, struct tally *cluster, size_t count);

/* ---- waiting.c: who is next ---- */

void waiting_join(struct pool *pool, struct borrower *b);
void waiting_leave(struct borrower *b);
void waiting_served(struct borrower *b); /* leaves, and its turn is the one at hand */

/* ---- warm.c: connections that are ready before they are wanted, and those that are too old ----
 */

/* How many idle ones this worker keeps ready (pool.min_idle). */
size_t warm_share(const struct pool *pool);

/* Opens what is missing, in all pools; does so by itself from then on. */
void pools_warm(struct pools *p);

/* It has been open for connection_lifetime_ms: not to be lent again. */
bool backend_is_old(const struct backend *b);

/* Closes what lies idle since then, but for what is kept ready. */
void pool_sweep(struct pool *pool, millis since);

/* ---- pool.c ---- */

/* The pool of a source of the current configuration, made when it is first asked for. */
struct pool *pool_of(struct pools *p, const struct compute_source *source);

/* Dials one, for whoever will want it; there is room for it. */
void pool_open_one(struct pool *pool, struct route *route);

/* Serves who can be served now, and sees to it that as many connections are on their way as there
 * are waiters left. */
void pool_serve(struct pool *pool);

/* Tells all who wait. */
void pool_refuse(struct pool *pool, const struct error *e);

/* ---- pools.c ---- */

/* A cluster that was probed and let nobody in will not do so within this client's patience. */
bool pool_is_hopeless(const struct pools *p, const struct compute_source *source, struct error *e);

/* The memory of a backend is released: a retired pool may be at its end. */
void pool_released(struct pool *pool);

#endif
