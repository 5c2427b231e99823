/* What the clusters are and which of their frontends answer: the control thread.
 *
 * The only user of libmariadb. Its thread has probes and discoveries run in threads of their own,
 * which may block on a frontend, and publishes immutable topologies; workers take a reference and
 * drop the one before. */
#ifndef PROXY_CATALOG_CATALOG_H
#define PROXY_CATALOG_CATALOG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "config/config.h"
#include "proxy/catalog/learnt.h" /* IWYU pragma: export */

enum cluster_kind {
    CLUSTER_UNKNOWN,   /* not reached yet: nothing may be sent to it */
    CLUSTER_STARROCKS, /* reads SQL as the SQL front end does */
    CLUSTER_OTHER      /* a MySQL or MariaDB, which reads some texts differently */
};

enum frontend_health {
    FRONTEND_UP,
    FRONTEND_DRAINS, /* it is about to end: what runs may finish there, nothing new begins */
    FRONTEND_DOWN
};

/* How statements fare on one frontend, whatever worker sends them. All of it is atomic; one for as
 * long as the control thread knows the frontend, or a worker has a connection to it. */
struct traffic {
    atomic_size_t references;
    atomic_uint busy;         /* statements under way */
    atomic_uint broken;       /* connections in a row that broke under a statement */
    _Atomic millis out_until; /* no new work before, while there is another frontend */
    atomic_uint times_out;    /* in a row */
};

struct traffic *traffic_new(void);              /* one reference, the caller's */
struct traffic *traffic_ref(struct traffic *t); /* NULL is allowed */
void traffic_unref(struct traffic *t);          /* the last one frees; NULL is allowed */

/* So many statements of the caller count on another one from now on. */
void traffic_move(struct traffic *to, struct traffic *from, size_t busy);

bool traffic_is_out(const struct traffic *t, millis now);

/* Leaves it out, for `shortest` or, the more often in a row, for longer. False when it is out
 * already: a failure then is the tail of the one before. */
bool traffic_leave_out(struct traffic *t, millis now, millis shortest);

/* A connection broke under a statement; true when it is left out for that. */
bool traffic_broke(struct traffic *t, millis now, millis shortest);

/* A statement was answered to its end. */
void traffic_answered(struct traffic *t);

/* One frontend. Two are the same when their query endpoint is. */
struct frontend {
    struct endpoint query, http; /* as we reach it; http.port 0: not known */
    uint32_t number;             /* its Id in SHOW FRONTENDS; 0: not known */
    enum frontend_health health;
    bool is_leader;
    char reason[160];        /* why it is not UP; no secret, no statement */
    struct traffic *traffic; /* a reference of the topology's; NULL before the first probe */
};

struct cluster_view {
    enum cluster_kind kind;
    struct frontend *frontends; /* those that may be used; owned by the topology, strings as well */
    size_t count;
    struct learnt *learnt; /* a reference; NULL: not known yet */
    bool is_probed;        /* each frontend, at least once */
    char reason[160];      /* why the cluster is UNKNOWN; no secret, no statement */
};

struct topology {
    uint64_t generation;           /* of the configuration whose clusters these are */
    struct cluster_view *clusters; /* by struct cluster's index */
    size_t count;
    struct topology_private *own;
};

struct topology *topology_ref(struct topology *t); /* atomic */
void topology_unref(struct topology *t);           /* the last one frees; NULL is allowed */

/* Before the first probe: every cluster UNKNOWN, its frontends those of the configuration, all up.
 */
struct topology *topology_new(const struct config *c);

/* The clusters of a configuration without a frontend yet, and one more for a cluster, copied, with
 * a reference of its own on the traffic. For whoever builds a topology that nobody else sees yet.
 */
struct topology *topology_empty(const struct config *c);
void topology_put(struct topology *t, size_t cluster, const struct frontend *frontend);

bool frontend_is_same(const struct frontend *a, const struct frontend *b);

/* For a new configuration: what is known of the clusters that it shares, by name and endpoints,
 * with the one that `known` was made for. */
struct topology *topology_carry(const struct config *c, const struct config *before,
                                const struct topology *known);

/* True when both name the same frontends in the same order. */
bool cluster_is_same(const struct cluster *a, const struct cluster *b);

struct control;
struct ledger;
struct metrics;

/* Starts the thread. `publish` is called in it with one reference to a new topology, which the
 * callee owns, whenever something has changed. What dead processes have left in the ledger's folder
 * is seen to as well; NULL: there is none, else it outlives the control. The control takes a
 * reference of its own on the configuration. */
struct control *control_start(struct config *c, struct ledger *ledger,
                              void (*publish)(void *owner, struct topology *t), void *owner);

/* The main thread: probe the clusters of this configuration from now on. */
void control_reconfigure(struct control *c, struct config *config);

/* Any thread: probe the frontends of this cluster now, instead of at the next interval. */
void control_hurry(struct control *c, size_t cluster);

/* One other thread: no new work goes to this frontend, or does again, until the process ends. False
 * when too many are left out already. */
bool control_drain(struct control *c, const struct endpoint *frontend, bool is_drained);

/* Counters of the thread: probes and discoveries. */
const struct metrics *control_metrics(const struct control *c);

/* Ends the thread and waits for it: as long as a probe that has begun may take. */
void control_stop(struct control *c);

const char *cluster_kind_name(enum cluster_kind kind);
const char *frontend_health_name(enum frontend_health health);

#endif
