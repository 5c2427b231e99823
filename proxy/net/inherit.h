/* Listening sockets that somebody else has bound: systemd, or the process that this one follows.
 *
 * Found by their address, not by their order: a configuration may have changed meanwhile. */
#ifndef PROXY_NET_INHERIT_H
#define PROXY_NET_INHERIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

enum { INHERIT_FIRST = 3 }; /* the first descriptor, as in sd_listen_fds(3) */

struct inherited {
    struct inherited_socket *at; /* owned */
    size_t count;
};

/* Takes over `count` descriptors from INHERIT_FIRST on; what is no listening TCP socket is closed.
 */
void inherited_open(struct inherited *i, size_t count);

/* The next socket of this listener that was not taken yet, which is the caller's from now on; -1:
 * there is none, or no more. Any address of IPv6 also stands for any of IPv4. A port 0 becomes that
 * of the first one found. */
int inherited_take(struct inherited *i, struct slice host, uint16_t *port);

/* Closes those that nobody wanted; gives their number. */
size_t inherited_close(struct inherited *i);

#endif
