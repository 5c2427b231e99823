/* What takes too long for a loop, in threads of its own: bounded in number, the rest waits in line.
 *
 *   work_start ──> in line ──> runs in another thread ──> done, in the loop
 *                     └─ work_give_up ──> forgotten
 *
 * The threads leave the precedence to the loops (precedence.h), so a loop must never wait for one:
 * no lock is held between them, neither when work is given out nor when it comes back. libuv's own
 * threads are not of that kind: they wake the loop up from within a lock that it then wants, and
 * are set aside there for whoever is less nice. */
#ifndef PROXY_NET_WORK_H
#define PROXY_NET_WORK_H

#include <stdbool.h>
#include <uv.h>

#include "base/list.h"

struct loop;
struct work_thread;

/* One loop's line; used from its thread only, but for `finished`. */
struct work_line {
    unsigned limit; /* of those that run at once; may be changed at any time */
    unsigned running;
    struct list waiting;                  /* in order of arrival */
    struct work_thread *idle;             /* owned; made when they are first needed */
    struct work_thread *_Atomic finished; /* whose work is done, pushed by themselves */
    int signal;                           /* eventfd(2): each of them wakes up the loop */
    uv_poll_t wake;
};

/* Embedded in what the work is about. */
struct work {
    struct link link;
    struct work_line *line;
    void (*run)(void *owner);  /* in another thread: touches nothing that others touch meanwhile */
    void (*done)(void *owner); /* in the loop, never from within work_start; may free the work */
    void *owner;
};

/* The line does not keep its loop running. */
void work_line_init(struct work_line *line, struct loop *l, unsigned limit);

/* Ends its threads. Nothing may run or wait; the memory must stay until the loop has run once more,
 * as for all that closes. */
void work_line_fini(struct work_line *line);

/* Where the system has no thread to give, works wait for those that there are, or for the next
 * call. Once begun a work cannot be stopped: its memory, and all that `run` touches, must stay
 * until `done` was called. */
void work_start(struct work *w, struct work_line *line, void (*run)(void *owner),
                void (*done)(void *owner), void *owner);

/* Takes a work out of the line. False when it has begun already; `done` comes then. */
bool work_give_up(struct work *w);

#endif
