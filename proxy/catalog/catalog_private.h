/* Between the files of the catalog: one probe, one discovery, and what they add up to. */
#ifndef PROXY_CATALOG_CATALOG_PRIVATE_H
#define PROXY_CATALOG_CATALOG_PRIVATE_H

#include <pthread.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/list.h"
#include "config/config.h"
#include <stdatomic.h>

#include "proxy/catalog/catalog.h"
#include "proxy/catalog/ledger.h"

enum { REASON_MAX = 160 };

struct st_mysql; /* libmariadb's MYSQL */

/* ---- probe.c: one frontend over libmariadb; may block for as long as the timeouts allow ---- */

struct probe_result {
    bool is_up;     /* it accepted the connection and spoke MySQL, even if it refused us */
    bool is_silent; /* not up, and it did not even say so: a busy frontend looks like that too */
    bool is_ending; /* its HTTP port says that it is about to end */
    enum cluster_kind kind; /* UNKNOWN when no account got in */
    unsigned number;        /* of the frontend that answered, modulo 256; 0: not known */
    char reason[REASON_MAX];
    struct learnt *learnt; /* a reference, the caller's; NULL: not wanted, or not told */
};

/* Connects, logs in as one of the accounts that the configuration has for this cluster, and asks a
 * question that only StarRocks can answer; then /api/health of the HTTP port, if there is one. On
 * the way it learns what the cluster is like, if that is wanted. */
struct probe_result probe_frontend(const struct config *c, const struct cluster *cluster,
                                   const struct endpoint *query, const struct endpoint *http,
                                   bool wants_learning);

/* Logs in; NULL with the reason, and whether a server answered at all. probe_logout is the
 * caller's.
 */
struct st_mysql *probe_login(const struct config *c, const struct cluster *cluster,
                             const struct endpoint *at, const struct account *account,
                             unsigned *error, char reason[REASON_MAX]);

/* What server this is; UNKNOWN with the reason. */
enum cluster_kind probe_kind(struct st_mysql *client, char reason[REASON_MAX]);

/* ---- vouch.c: TLS of a frontend, looked at before libmariadb is told any account ---- */

enum { VOUCH_HEX = 60 }; /* "AA:BB:…" with its NUL */

enum vouch {
    VOUCH_CLEAR,  /* it has no TLS, and the cluster does not insist */
    VOUCH_GOOD,   /* `fingerprint` is its certificate's, which is what the cluster wants of it */
    VOUCH_REFUSED /* `reason` says why */
};

/* Blocks for at most `timeout`. *error is set when the server has greeted with one. */
enum vouch vouch_frontend(const struct config *c, const struct cluster *cluster,
                          const struct endpoint *at, millis timeout, char fingerprint[VOUCH_HEX],
                          unsigned *error, char reason[REASON_MAX]);

/* ---- block.c ---- */

/* A connected socket that does not block, or -1. */
int block_connect(const struct endpoint *at, millis deadline);

/* Waits until the socket can be read (POLLIN) or written (POLLOUT); false at the deadline. */
bool block_wait(int fd, short events, millis deadline);

void probe_logout(struct st_mysql *client);

/* ---- introspect.c ---- */

/* The variables of a frontend, and what the server's information_schema looks like, whatever the
 * account. One reference, the caller's; NULL when it did not tell of the latter. */
struct learnt *introspect(struct st_mysql *client, enum cluster_kind kind, bool is_monitor);

/* The databases that an account sees, by a connection of its own. */
void introspect_databases(struct st_mysql *client, struct learnt *l, struct slice account);

/* ---- health.c: GET /api/health of a frontend's HTTP port ---- */

enum health {
    HEALTH_UNKNOWN, /* no answer, or one that says nothing of this */
    HEALTH_GOOD,
    HEALTH_ENDING /* status 500: a frontend in its graceful exit (facts/stream-load.md, section 9)
                   */
};

/* Blocks for at most `timeout`. */
enum health health_ask(const struct endpoint *at, millis timeout);

/* What an answer's first line says; for tests. */
enum health health_read(struct slice answer);

/* ---- discover.c: SHOW FRONTENDS ---- */

enum { ANNOUNCED_MAX = 256 };

/* One frontend, as the cluster announces it and as we reach it (frontend_addresses). */
struct announced {
    struct endpoint query, http;
    uint32_t number; /* Id */
    bool is_leader;
};

struct discovery {
    struct announced *at; /* in the arena, as are the strings */
    size_t count, skipped;
    char reason[REASON_MAX]; /* why there is none */
    struct arena arena;
};

/* Where the columns stand; false, with the reason, when one is missing. */
struct discovery_columns {
    size_t id, ip, http_port, query_port, role, count;
};
bool discovery_columns_find(struct discovery_columns *c, const struct slice *names, size_t count,
                            char reason[REASON_MAX]);

/* One row; what cannot be an address is skipped, as is a frontend that has not said its port yet.
 */
void discovery_take(struct discovery *d, const struct discovery_columns *c,
                    const struct slice *values, const struct cluster *cluster);

/* Asks one frontend, with the monitor account. False when nothing can be made of its answer. The
 * arena is the caller's to clear either way. */
bool discover_frontends(struct discovery *d, const struct config *config,
                        const struct cluster *cluster, const struct endpoint *at);

/* ---- roster.c: what is known of one cluster; of the control thread ---- */

/* An address that is probed. */
struct member {
    struct link link;
    struct endpoint query, http; /* hosts owned; http.port 0: none */
    bool is_listed;              /* in the configuration */
    bool is_announced;           /* by the last good discovery */
    uint32_t number;             /* then: its Id */
    bool is_leader;
    unsigned answers_as; /* the number that its probes told, modulo 256; 0: none yet */
    bool is_balancer;    /* probes reached several frontends by it */
    enum frontend_health health;
    char reason[REASON_MAX];
    unsigned silences; /* probes in a row without an answer */
    bool is_probed, is_probing;
    millis due, probed_at;
    struct traffic *traffic; /* a reference */
};

struct roster {
    uint64_t id;                   /* of the control thread; kept over reloads */
    const struct cluster *cluster; /* of the current configuration */
    enum cluster_kind kind;
    struct learnt *learnt; /* a reference; NULL: not known yet */
    millis learnt_at;
    char reason[REASON_MAX];
    struct list members;
    bool has_discovery, is_discovering;
    millis discovery_due;
};

void roster_init(struct roster *r, uint64_t id, const struct cluster *cluster);
void roster_fini(struct roster *r);

/* The same cluster in a new configuration: all is looked at anew, soon. */
void roster_renew(struct roster *r, const struct cluster *cluster);

/* NULL when there is no such member any more. */
struct member *roster_find(const struct roster *r, const struct endpoint *query);

void roster_probed(struct roster *r, struct member *m, const struct probe_result *result);

/* Takes a good discovery in. */
void roster_discovered(struct roster *r, const struct discovery *d);

/* The frontend to ask for the others, NULL for none. */
const struct member *roster_spokesman(const struct roster *r);

/* Writes the cluster's view: the frontends that statements may go to. */
void roster_write(const struct roster *r, struct topology *t, size_t cluster);

/* True while a listed address stands for this announced one, which needs no probe then. */
bool member_is_covered(const struct roster *r, const struct member *m);

/* ---- task.c: probes and discoveries, each in a thread of its own ---- */

struct tasks {
    _Atomic(struct task *) done; /* a stack */
    int wake;                    /* eventfd, borrowed: written when one is done */
    size_t running;
};

struct task {
    struct task *next;
    struct tasks *tasks;
    pthread_t thread;
    struct config *config;       /* a reference */
    size_t cluster;              /* in that configuration */
    uint64_t roster;             /* its id */
    struct endpoint query, http; /* hosts owned */
    bool is_discovery, wants_learning;
    struct probe_result probe;
    struct discovery discovery;
    bool is_good; /* the discovery */
};

enum { TASKS_MAX = 64 };

/* ---- orphans.c: what dead processes have left on the frontends ---- */

struct orphans {
    struct ledger *ledger; /* borrowed; NULL: nobody is looked for */
    int wake;              /* eventfd, borrowed: written when a round is done */
    millis due;
    bool is_running;
    atomic_bool is_done; /* the thread is at its last instructions */
    pthread_t thread;
    struct config *config; /* a reference, while it runs */
    struct estate estate;
};

/* Looks for files of the dead when that is due, and has a thread of its own see to what it finds,
 * one file at a time. */
void orphans_look(struct orphans *o, struct config *config, millis now);

/* Waits for that thread. */
void orphans_end(struct orphans *o);

/* Starts one; false when too many run already. */
bool task_start(struct tasks *t, struct config *config, const struct roster *r,
                const struct member *m, bool is_discovery);

/* Those that are done, by their `next`, each to be freed; NULL for none. */
struct task *tasks_take(struct tasks *t);
void task_free(struct task *task);

/* ---- drains.c: frontends that an administrator has drained ---- */

enum { DRAINS_MAX = 64 };

struct drained {
    char *host; /* owned */
    uint16_t port;
};

struct drain_order;

struct drains {
    _Atomic(struct drain_order *) orders; /* left by other threads; the newest in front */
    struct drained at[DRAINS_MAX];        /* the control thread's */
    atomic_uint count;                    /* of these; written by the control thread */
};

/* Any thread; false when there are too many already. */
bool drains_ask(struct drains *d, const struct endpoint *frontend, bool is_drained);

/* The control thread: carries out what was asked for. */
void drains_take(struct drains *d);

/* Those that are up and drained count as draining. */
void drains_observe(const struct drains *d, struct cluster_view *view);
void drains_fini(struct drains *d);

#endif
