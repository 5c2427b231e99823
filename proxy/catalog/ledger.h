/* Which connections to frontends are open, written where a process that comes after a crash finds
 * it. A frontend does not notice that a client has gone while a statement runs
 * (facts/fe-live/session.md, KILL), so somebody has to end what a dead process has left behind.
 *
 * One file for each process in a folder, mapped into memory: what was noted is there after any kind
 * of death of the process, not after one of the machine. The process holds a lock on its file for
 * its life; a file without a lock is a dead process's. Noting and striking are a few stores and
 * cost a connection, not a statement. */
#ifndef PROXY_CATALOG_LEDGER_H
#define PROXY_CATALOG_LEDGER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct endpoint;
struct error;
struct ledger;

enum { LEDGER_HOST_MAX = 107, LEDGER_LINES = 16384 };

/* One connection, as it stands in the file. */
struct ledger_line {
    atomic_uint state;   /* 0: free, 1: being written, 2: good */
    uint32_t connection; /* the frontend's number of it */
    uint64_t source;     /* ledger_name of the compute source */
    uint16_t from;       /* the port of our end, which the frontend lists too */
    uint16_t port;       /* of the frontend */
    char host[LEDGER_HOST_MAX + 1];
};

/* Makes this process's file; false when the folder is not there or may not be written to. */
bool ledger_open(struct ledger **made, const char *folder, struct error *e);

/* Every connection is closed: the file goes. NULL is allowed. */
void ledger_close(struct ledger *l);

uint64_t ledger_name(struct slice source);

/* Any thread: this connection is open. NULL when there is no ledger, or no room: then the log says
 * once that some will not be found. */
struct ledger_line *ledger_note(struct ledger *l, struct slice source, const struct endpoint *at,
                                uint32_t connection, uint16_t from);

/* Any thread: it is closed, or on its way. NULL is allowed. */
void ledger_strike(struct ledger_line *line);

/* ---- of those who are dead ---- */

struct estate {
    struct ledger_line
        *lines; /* LEDGER_LINES of them, mapped: striking one strikes it in the file */
    void *mapped;
    int fd;
    char *path; /* owned */
};

/* The next dead process's file in the folder of this ledger, which is the caller's alone then;
 * false: there is none. */
bool estate_find(struct estate *found, const struct ledger *l);

/* Removes the file when all its lines are struck, else leaves it for a later time. */
void estate_close(struct estate *e);

#endif
