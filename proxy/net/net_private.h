/* Between stream.c (the socket), secure.c (TLS in front of it), and what makes connections. */
#ifndef PROXY_NET_NET_PRIVATE_H
#define PROXY_NET_NET_PRIVATE_H

#include "proxy/net/net.h"

enum {
    SEALED_HIGH = 64 * 1024, /* bytes of TLS that wait for the socket before more are made */
    ERROR_TLS = -100000      /* beside libuv's codes: what ended the stream stands in its engine */
};

/* ---- stream.c ---- */

/* What every connection has: small packets go out at once, and a peer that vanished is noticed. On
 * a listening socket it holds for those that come in. False with errno. */
bool socket_tune(int fd);

/* The stream is over, for this reason; the owner hears so. */
void stream_end(struct stream *s, int error);

/* ---- secure.c ---- */

/* Goes on with the handshake, then opens what has come in, as far as `in` has room and is not held;
 * the owner hears of both. Safe to be called from within itself. */
void secure_open(struct stream *s);

/* Seals what waits in `out`, as far as the socket keeps up. */
void secure_seal(struct stream *s);

#endif
