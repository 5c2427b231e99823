/* One process takes over from another, with no refused connection: SIGUSR2.
 *
 *   old:  starts the program's file anew, with the listening sockets in its hands
 *   new:  reads the configuration, opens its workers on these sockets, says "ready"
 *   old:  accepts no more; serves whom it has for handover_ms, then sends them away, and ends
 *
 * A new process that ends, or says nothing for a minute, changes nothing. The sockets are the same
 * ones in both, so what waits to be accepted waits for either. */
#ifndef PROXY_UPGRADE_H
#define PROXY_UPGRADE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proxy/net/child.h"
#include "proxy/net/inherit.h"
#include "proxy/net/net.h"

/* ---- the new process's side ---- */

/* What was put into this process's hands, by systemd or by a process that it follows. */
struct legacy {
    struct inherited sockets;
    int ready;             /* where to say so; -1: nobody waits */
    uint32_t last_session; /* the number that session ids go on after */
};

/* To be called before anything opens a descriptor or starts a thread. */
void legacy_take(struct legacy *l);

/* Tells the process before this one that it can go. */
void legacy_ready(struct legacy *l);

/* ---- the old process's side ---- */

/* The program's file and its arguments, as this process was started; borrowed `arguments` start
 * with the command's name. To be called before rights are given up. */
void upgrade_prepare(int count, char **arguments);

struct upgrade {
    struct loop *loop;
    struct child child;
    struct alarm patience;
    bool is_running, is_done;
    void (*taken)(void *owner, int pid); /* that process serves now */
    void *owner;
};

void upgrade_init(struct upgrade *u, struct loop *l, void *owner,
                  void (*taken)(void *owner, int pid));

/* Starts the new process with these sockets; what comes of it is logged. Nothing when there is one
 * already. */
void upgrade_start(struct upgrade *u, const int *fds, size_t count, uint32_t last_session);
void upgrade_close(struct upgrade *u);

#endif
