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
#include "proxy/backend/statements.h"
#include "proxy/catalog/catalog.h"
#include "proxy/limit/limit.h"
#include "proxy/net/net.h"

/* ---- state: what SET has changed on a connection
 * -------------------------------------------------- */

enum { STATE_VARIABLES_MAX = 256, STATE_BYTES_MAX = 64 * 1024 };

struct state_variable {
    char *name; /* owned; lower case, or as typed for a user variable */
    char *text; /* owned; the assignment as typed: "sql_mode = 'X'" */
    bool is_user;
};

/* Wanted by a session, or carried by a backend. */
struct state {
    struct state_variable *variables; /* owned, in the order of their first SET */
    size_t count, bytes;
    char *resource_group; /* owned; NULL: never set */
};

/* Remembers an assignment; false when the state is full. */
bool state_set(struct state *s, bool is_user, struct slice name, struct slice text);

/* Remembers the resource group; an empty one counts as "back to StarRocks' choice". */
void state_set_group(struct state *s, struct slice group);

bool state_has_user_variables(const struct state *s);

/* One SET statement that makes `carried` equal to `wanted` (with this resource group on a
 * StarRocks, NULL to leave groups alone), in the arena; empty when they are equal. */
struct slice state_difference(const struct state *wanted, const struct slice *group,
                              const struct state *carried, struct arena *a);

/* carried := wanted, after the frontend has accepted the difference. */
void state_adopt(struct state *carried, const struct state *wanted, const struct slice *group);

/* Forgets everything and frees it. */
void state_clear(struct state *s);

/* ---- backend: one connection to one frontend
 * ------------------------------------------------------- */

enum backend_phase {
    BACKEND_DIALS,   /* connecting, waiting for the greeting */
    BACKEND_LOGS_IN, /* credentials sent */
    BACKEND_RESETS,  /* COM_RESET_CONNECTION sent: health check and cleaning in one */
    BACKEND_RUNS,    /* an errand of its own, such as KILL; closes when that is answered */
    BACKEND_IDLE,
    BACKEND_LENT,
    BACKEND_CLOSES
};

struct answer;
struct pool;
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
    uint8_t sequence;       /* next sequence id of the exchange under way */
    struct answer *login;   /* owned; only while logging in */
    struct route *route;    /* its frontend; held */
    uint32_t connection_id; /* the frontend's own */
    char errand[48];        /* a statement to run instead of being lent; empty: none */
    bool needs_reset;       /* lent before: clean it before the next borrower */
    bool is_busy;           /* lent, with a statement under way */
    struct state carried;
    struct known_statements statements; /* prepared there */
    millis idle_since;
    /* while lent */
    void (*notify)(void *owner, unsigned events);
    void *owner;
};

/* The compute source that it is a connection of. */
const struct compute_source *backend_source(const struct backend *b);

/* True when its compute source is no longer what the connection was opened for. */
bool backend_is_retired(const struct backend *b);

/* The borrower's ear: from now on events of the server stream go to it. */
void backend_listen(struct backend *b, void *owner, void (*notify)(void *owner, unsigned events));

/* A statement of the borrower begins or has ended: what frontends are balanced by. */
void backend_set_busy(struct backend *b, bool is_busy);

/* ---- pools
 * ------------------------------------------------------------------------------------------ */

/* Which frontend a borrower wants; both are numbers of backend_frontend, 0 for none. */
struct wish {
    uint64_t stay;  /* this one or the leader: it has what the session has written */
    uint64_t avoid; /* not this one while there is another */
};

/* Who wants a connection; embedded in the session. granted is called once, possibly from within
 * pool_lend: with a backend, or with NULL and an error that the client can read. */
struct borrower {
    struct link link;
    void (*granted)(void *owner, struct backend *b, const struct error *e);
    void (*notify)(void *owner, unsigned events); /* events of the stream while lent */
    void *owner;
    struct pool *pool; /* NULL while not waiting */
};

struct pools {
    struct loop *loop;
    struct config *config;     /* owned reference */
    struct topology *topology; /* owned reference; of this configuration */
    struct tallies *tallies;   /* owned reference; of this configuration */
    struct routes *routes;     /* owned; by cluster index */
    struct pool **by_source;   /* owned; NULL until first used */
    struct list retired;       /* pools of compute sources that a reload has changed or removed */
    struct slab backends;
    struct templates templates; /* what is prepared on them */
    uint32_t pool_count;        /* pools made so far */
    struct alarm sweep;         /* closes what was idle for long */
    size_t open;                /* backends that still hold memory */
    bool is_closing;
    /* Tells all workers, this one too, that a connection of this cluster has closed, or is missed:
     * each will call pools_room. */
    void (*announce)(void *owner, const struct tally *cluster);
    void (*hurry)(void *owner, size_t cluster); /* probe it now */
    void (*closed)(void *owner);
    void *owner;
};

/* Takes a reference on the configuration and on its tallies. */
void pools_init(struct pools *p, struct loop *l, struct config *c, struct tallies *t, void *owner);

/* A new configuration: connections of sources whose account, database and frontends are unchanged
 * stay; the idle ones of others close now, the lent ones when they come back. */
void pools_reconfigure(struct pools *p, struct config *c, struct tallies *t);

/* Takes over the reference and serves whoever waited for it; one of another configuration is
 * dropped. */
void pools_set_topology(struct pools *p, struct topology *t);

/* A connection of the cluster was closed, or somebody misses one: pools that have waiters try
 * again, others give up what lies idle. */
void pools_room(struct pools *p, const struct tally *cluster);

/* What the cluster of a source is, as far as known. */
enum cluster_kind pools_kind(const struct pools *p, const struct compute_source *source);

/* Asks for a connection; waiting borrowers are served in order of arrival. */
void pool_lend(struct pools *p, const struct compute_source *source, struct borrower *b);

/* The limit that a waiting borrower waits for, as far as it is one; else NULL. */
const struct tally *pool_blocked_by(const struct borrower *b);

/* Stops waiting. */
void pool_forget(struct borrower *b);

/* Gives a lent connection back. `is_clean`: the last reply was read to its end, and nothing but
 * tracked state was changed; otherwise it is closed. */
void pool_return(struct backend *b, bool is_clean);

/* Stops what runs on a lent connection, over a connection of its own to the same frontend with the
 * same account: a frontend does not notice that a client has left (facts/fe-protocol.md, section
 * 9). Outside the limit of the pool, for it comes just when the pool is full. The statement's own
 * reply tells the outcome. */
void pool_kill(const struct backend *b);

/* Closes everything that is not lent; `closed` follows when the last connection is gone. */
void pools_close(struct pools *p, void (*closed)(void *owner));
void pools_fini(struct pools *p);

#endif
