/* What takes too long for a loop, on libuv's threads: bounded in number, the rest waits in line.
 *
 *   work_start ──> in line ──> runs in another thread ──> done, in the loop
 *                     └─ work_give_up ──> forgotten
 *
 * libuv's threads also look up names, so few works of one loop run at once. A work leaves the
 * precedence to the loops (precedence.h), and pauses where it takes longer than a tenth of a
 * millisecond. */
#ifndef PROXY_NET_WORK_H
#define PROXY_NET_WORK_H

#include <stdbool.h>
#include <uv.h>

#include "base/list.h"

struct loop;

/* One loop's line; used from its thread only. */
struct work_line {
    struct loop *loop;
    unsigned limit; /* of those that run at once; may be changed at any time */
    unsigned running;
    struct list waiting; /* in order of arrival */
};

/* Embedded in what the work is about. */
struct work {
    uv_work_t request;
    struct link link;
    struct work_line *line;
    void (*run)(void *owner);  /* in another thread: touches nothing that others touch meanwhile */
    void (*done)(void *owner); /* in the loop, never from within work_start; may free the work */
    void *owner;
};

void work_line_init(struct work_line *line, struct loop *l, unsigned limit);

/* Once begun a work cannot be stopped: its memory, and all that `run` touches, must stay until
 * `done` was called. */
void work_start(struct work *w, struct work_line *line, void (*run)(void *owner),
                void (*done)(void *owner), void *owner);

/* Takes a work out of the line. False when it has begun already; `done` comes then. */
bool work_give_up(struct work *w);

#endif
