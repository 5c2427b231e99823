/* TLS for a client of the load generator: OpenSSL over a socket that does not block. It trusts
 * whomever it reached, resumes no session, and offers one suite, so that all servers have the same
 * work. */
#ifndef BENCH_SECURE_H
#define BENCH_SECURE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct ssl_ctx_st;
struct ssl_st;

enum secure_when {
    SECURE_NEVER,
    SECURE_ASKED,  /* MySQL's way: a wish for TLS answers the greeting */
    SECURE_AT_ONCE /* before the first byte */
};

/* For TLS 1.2 or 1.3 (minor 2 or 3) and no other version; NULL when the library refuses. */
struct ssl_ctx_st *secure_context(unsigned minor);
void secure_context_free(struct ssl_ctx_st *c); /* NULL is allowed */

/* A client's end over the descriptor, which may still be connecting; NULL without memory. */
struct ssl_st *secure_open(struct ssl_ctx_st *context, int fd);
void secure_close(struct ssl_st *s); /* NULL is allowed; the descriptor stays open */

/* True when the handshake is complete. Else errno is EAGAIN while more has to come, or EPROTO. */
bool secure_handshake(struct ssl_st *s);

/* As recv and send do, errors with errno EAGAIN or EPROTO. *more is cleared when all that the
 * socket had has been read, so that the next byte makes a new event. */
ssize_t secure_read(struct ssl_st *s, void *buffer, size_t room, bool *more);
ssize_t secure_write(struct ssl_st *s, const void *data, size_t size);

/* Why the last EPROTO; constant text. */
const char *secure_trouble(void);

#endif
