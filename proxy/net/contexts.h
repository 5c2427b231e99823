/* TLS contexts of one configuration for one thread: one per listener and one per cluster. */
#ifndef PROXY_NET_CONTEXTS_H
#define PROXY_NET_CONTEXTS_H

#include <stdbool.h>
#include <stddef.h>

#include "protocol/tls/tls.h"

struct config;
struct error;

struct contexts {
    struct tls_context **listeners; /* by their place in the configuration; NULL: without TLS */
    struct tls_context **clusters;  /* by struct cluster's index; NULL: without TLS */
    size_t listener_count, cluster_count;
};

/* Makes one for each of `count` threads; those of one listener resume each other's sessions, where
 * the library can. False, and none, with the reason when a certificate, a key or an authority
 * cannot be used. Each belongs to the thread that it is handed to. */
bool contexts_make(const struct config *c, struct contexts **made, size_t count, struct error *e);

/* What connections still use stays until they are closed. NULL is allowed. */
void contexts_free(struct contexts *c);

#endif
