/* The few primitives that login methods need, behind a table so that another library can take their
 * place. None of them fails: a library that cannot hash or has no random bytes ends the process. */
#ifndef PROTOCOL_TLS_CRYPTO_H
#define PROTOCOL_TLS_CRYPTO_H

#include <stddef.h>

#include "base/slice.h"

enum { SHA1_SIZE = 20, SHA256_SIZE = 32 };

struct crypto_provider {
    const char *name;

    /* The digest of the parts as if they stood in one piece. */
    void (*sha1)(const struct slice *parts, size_t count, unsigned char out[SHA1_SIZE]);
    void (*sha256)(const struct slice *parts, size_t count, unsigned char out[SHA256_SIZE]);

    /* n bytes that nobody can predict. */
    void (*random)(void *buffer, size_t n);
};

extern const struct crypto_provider crypto_openssl;

/* The provider of this build; never NULL. */
const struct crypto_provider *crypto_default(void);

#endif
