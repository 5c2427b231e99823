/* One worker: a thread, its loop, its listeners, sessions and pools. */
#ifndef PROXY_WORKER_H
#define PROXY_WORKER_H

#include <stdatomic.h>
#include <stdbool.h>

#include "config/config.h"
#include "proxy/expiry.h"
#include "proxy/limit/limit.h"
#include "proxy/session/session.h"

struct control;
struct journal;
struct ledger;
struct error;
struct inherited;
struct rsa_key;
struct throttle;
struct topology;
struct worker;

/* What the workers of a process share; made and outlived by whoever starts them. */
struct workers {
    struct config *config; /* owned reference: the current one, main's view */
    struct worker **at;
    size_t count;
    struct usher *usher;     /* set before workers_open; closed when all have ended */
    struct tally_book book;  /* what counts over all workers, by name */
    struct tallies *tallies; /* owned reference: the current configuration's */
    struct census census;    /* sessions of all workers */
    int *sockets;            /* owned list of the listeners' descriptors, with room for desks.c's */
    size_t socket_count;
    atomic_uint beats;   /* workers that have answered the last workers_beat */
    struct rsa_key *key; /* owned: passwords are encrypted with it; NULL until somebody needs it */
    struct throttle *throttle;  /* owned: failed logins */
    struct journal *audit;      /* borrowed, set before workers_run; NULL: none is written */
    struct journal *slow;       /* the same */
    struct ledger *ledger;      /* borrowed, set before workers_run; NULL: none is kept */
    struct expiry expiry;       /* of the current configuration's certificates */
    struct control *control;    /* set before workers_run; NULL: nobody probes */
    void (*ended)(void *owner); /* in a worker's thread: it has nothing more to do */
    void *owner;
};

/* Makes the workers and binds their listeners, on inherited sockets where there are some, so that a
 * refusal comes before anything runs. A port 0 becomes the one that was bound. After a refusal the
 * process is expected to end. */
bool workers_open(struct workers *all, struct config *config, struct inherited *inherited,
                  struct error *e);

/* Starts the threads. */
void workers_run(struct workers *all);

/* The main thread: every worker judges by this configuration from its next turn on. The listeners
 * must be those that the workers were opened with. False, and nothing has changed, when its TLS
 * cannot be served. */
bool workers_reconfigure(struct workers *all, struct config *config, struct error *e);

/* Any thread: hands every worker a reference to this topology; takes over the caller's. */
void workers_set_topology(struct workers *all, struct topology *t);

/* Any thread: no new clients, idle ones are sent away, running statements finish; after the grace
 * (in milliseconds; 0: at once) the rest is cut off. */
void workers_stop(struct workers *all, millis grace);

/* Any thread: no new clients, another process has the listeners; those that are here are served as
 * long as they stay. */
void workers_hand_over(struct workers *all);

/* The main thread: asks every worker for a sign of life. False, and nothing is asked, while some
 * have not answered the last time. */
bool workers_beat(struct workers *all);

/* Waits for the threads and frees everything. */
void workers_join(struct workers *all);

#endif
