/* What a running process is asked from outside, and what it does by itself now and then: signals,
 * reload, upgrade, drain, watchdog, the log's and the certificates' turns. All of it in main's
 * loop.
 */
#ifndef PROXY_LIFE_H
#define PROXY_LIFE_H

#include "proxy/desks.h"
#include "proxy/limit/limit.h"
#include "proxy/net/net.h"
#include "proxy/upgrade.h"
#include "proxy/worker.h"

enum life_signal { ON_TERM, ON_INT, ON_HUP, ON_USR2, LIFE_SIGNALS };

/* A process that runs; made by run.c. */
struct process {
    struct loop loop;
    struct mailbox mailbox;
    struct usher usher;
    struct workers workers;
    struct desks desks;
    struct legacy legacy;
    struct upgrade upgrade;
    struct signal_watch signals[LIFE_SIGNALS];
    struct alarm sweep;    /* tells what the log has not */
    struct alarm daily;    /* looks at the certificates' last days */
    struct alarm watchdog; /* tells systemd that every loop turns */
    struct alarm handover; /* ends the time of a process that was taken over from */
    millis watch;          /* how often systemd wants to hear; 0: never */
    unsigned stops;        /* how often it was asked to stop */
    size_t workers_left;
};

/* Before the workers run; everything is closed again by life_end. */
void life_begin(struct process *p);

/* Clients are served: whoever waits for that hears so. */
void life_serve(struct process *p);
void life_end(struct process *p);

#endif
