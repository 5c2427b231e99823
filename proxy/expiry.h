/* When the gateway's own certificates expire: noted at every load, told in the log in time. */
#ifndef PROXY_EXPIRY_H
#define PROXY_EXPIRY_H

#include <stddef.h>
#include <stdint.h>

struct config;
struct contexts;

struct expiry {
    struct dated *at; /* owned */
    size_t count;
};

/* Replaces what was noted by the certificates of these contexts, which are of this configuration.
 */
void expiry_note(struct expiry *e, const struct config *c, const struct contexts *contexts);

/* Warns of each certificate that expires within thirty days. now: seconds since 1970. Gives the
 * second in which the first one expires; 0 when there is none. */
uint64_t expiry_check(const struct expiry *e, uint64_t now);

void expiry_fini(struct expiry *e);

#endif
