/* One worker, as worker.c and orders.c see it. */
#ifndef PROXY_WORKER_PRIVATE_H
#define PROXY_WORKER_PRIVATE_H

#include <pthread.h>

#include "proxy/net/net.h"
#include "proxy/session/session.h"
#include "proxy/worker.h"

struct doorway {
    struct acceptor acceptor;
    size_t place; /* of its listener in the configuration */
    struct worker *worker;
};

struct worker {
    struct workers *all;
    pthread_t thread;
    struct loop loop;
    struct mailbox mailbox;
    struct pools pools;
    struct sessions sessions;
    struct contexts *contexts; /* owned: of the newest configuration */
    struct doorway *doors;
    size_t door_count;
    struct alarm grace; /* runs while draining */
    struct alarm pens;  /* runs while lines of the logs wait */
    millis handed_over; /* when they last were */
    bool is_stopping;   /* clients were told to go */
    bool is_closing;    /* the last one has gone */
};

/* Hands the worker a message, or frees it when the worker has closed. */
void worker_post(struct worker *w, struct message *m);

/* struct sessions' ask_all and list_all, over all workers; the owner is the asking session's
 * worker. */
size_t worker_ask_to_kill(void *owner, const struct kill_order *order);
size_t worker_ask_to_list(void *owner, const struct list_order *order);

#endif
