/* Client sessions of one worker: from accept to close. */
#ifndef PROXY_SESSION_SESSION_H
#define PROXY_SESSION_SESSION_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/list.h"
#include "base/slab.h"
#include "proxy/backend/backend.h"
#include "proxy/net/net.h"

/* A worker's sessions and what they share. */
struct sessions {
    struct loop *loop;
    const struct config *config; /* borrowed; outlives the sessions */
    struct pools *pools;         /* borrowed */
    atomic_uint *ids;            /* of the process; connection ids are unique over all workers */
    struct slab slab;
    struct list all;
    size_t open; /* sessions that still hold memory */
    bool is_draining;
    void (*drained)(void *owner); /* after sessions_drain: the last one is gone */
    void *owner;
};

void sessions_init(struct sessions *all, struct loop *l, const struct config *c,
                   struct pools *pools, atomic_uint *ids, void *owner);

/* Takes the client that waits at a listener and greets it. */
void sessions_accept(struct sessions *all, struct acceptor *a, const struct listener *listener);

/* Lets running statements finish and says goodbye to idle clients; drained follows, at once when
 * there are none. */
void sessions_drain(struct sessions *all, void (*drained)(void *owner));

/* Ends what has not ended yet, without a word; drained follows. */
void sessions_abort(struct sessions *all);

void sessions_fini(struct sessions *all);

/* Prints the table of phases as a graph in DOT. */
void session_print_phases(FILE *out);

#endif
