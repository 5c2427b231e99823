/* The admin threads of the process: the console's and that of the pages over HTTP. */
#ifndef PROXY_DESKS_H
#define PROXY_DESKS_H

#include <stdatomic.h>
#include <stdbool.h>

struct admin;
struct error;
struct inherited;
struct mailbox;
struct metrics;
struct topology;
struct workers;

struct desks {
    struct admin *console, *http; /* owned; NULL: no listener wants it */
    struct workers *workers;      /* borrowed */
    const struct metrics *main;   /* borrowed: the main thread's counters */
    struct mailbox *mailbox;      /* borrowed: the main thread's; set before desks_open */
    bool (*reload)(void *owner);  /* in the main thread; false: the configuration stays */
    void *reload_owner;
    atomic_bool is_draining;
};

/* Binds the listeners, on inherited sockets where there are some; the workers have theirs already,
 * and what is left over is closed. False, with the reason, when one cannot be bound. */
bool desks_open(struct desks *d, struct workers *workers, const struct metrics *main,
                struct inherited *inherited, struct error *e);

/* Starts the threads; the workers run. */
void desks_run(struct desks *d);

/* The main thread: the workers have a new configuration. */
void desks_reconfigure(struct desks *d);

/* Any thread; takes a reference. */
void desks_set_topology(struct desks *d, struct topology *t);

/* The gateway drains. */
void desks_drain(struct desks *d);

/* Another process has the listeners. */
void desks_hand_over(struct desks *d);

/* The workers and the control thread have ended; their memory is still there. */
void desks_stop(struct desks *d);

#endif
