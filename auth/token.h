/* Short-lived tokens that take the place of a password: signed, verified without any state, revoked
 * by taking the key away. Included by auth.h.
 *
 *   sbt1.BODY.SIGNATURE        both in base64url, without padding
 *   BODY       8 bytes of expiry (seconds since 1970, little endian), user, NUL, project or nothing
 *   SIGNATURE  HMAC-SHA256 of "sbt1." and BODY as written
 *
 * The keys are settings.token_keys; the first one signs, all verify. A token of a project is good
 * for that project only. */
#ifndef AUTH_TOKEN_H
#define AUTH_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "config/config.h"

enum {
    TOKEN_MAX = 1024,           /* bytes of a token, NUL included */
    TOKEN_PROOF = 16,           /* hex digits of a key's fingerprint */
    TOKEN_TTL_MAX = 366 * 86400 /* seconds that a token may be good for */
};

/* True for what claims to be a token, whether it is a good one or not. */
bool token_is_one(struct slice password);

/* Writes a token with a NUL; false when it does not fit. */
bool token_make(const struct token_key *key, struct slice user, struct slice project,
                uint64_t expiry, char text[TOKEN_MAX]);

/* True when one of the keys signed it for this user and it is good at this time (seconds since
 * 1970). Then *project is a slice of `room`, empty for all projects, and *key is the one that
 * signed. Else *why is a constant text for the log. */
bool token_verify(struct slice token, const struct token_key *keys, size_t count, struct slice user,
                  uint64_t now, char room[TOKEN_MAX], struct slice *project,
                  const struct token_key **key, const char **why);

/* Names a key without telling it, for as long as it is one of the keys: what a session stands on.
 */
void token_proof(const struct token_key *key, char proof[TOKEN_PROOF + 1]);

#endif
