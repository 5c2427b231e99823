/* The few primitives that login methods need, behind a table so that another library can take their
 * place. A library that cannot hash, make a key or has no random bytes ends the process; only bytes
 * that came from the other side are ever refused. Every function may be called from any thread. */
#ifndef PROTOCOL_TLS_CRYPTO_H
#define PROTOCOL_TLS_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

enum {
    SHA1_SIZE = 20,
    SHA256_SIZE = 32,
    SHA256_BLOCK = 64,
    RSA_BITS = 2048,                   /* of a key pair of ours */
    RSA_BITS_MAX = 4096,               /* of a key that somebody sends; less than RSA_BITS: no */
    RSA_SEALED_MAX = RSA_BITS_MAX / 8, /* bytes of what is encrypted with a key */
    RSA_OVERHEAD = 2 + 2 * SHA1_SIZE,  /* a key of n bytes encrypts up to n - 42 */
    RSA_PUBLIC_MAX = 1024              /* bytes of a public key as text */
};

/* A key pair; immutable, so that threads may share it. */
struct rsa_key;

/* The public half of somebody else's; used by one thread at a time. */
struct public_key;

struct crypto_provider {
    const char *name;

    /* The digest of the parts as if they stood in one piece. */
    void (*sha1)(const struct slice *parts, size_t count, unsigned char out[SHA1_SIZE]);
    void (*sha256)(const struct slice *parts, size_t count, unsigned char out[SHA256_SIZE]);

    /* The digest of a text that ends in its padding already (FIPS 180-4, 5.1.1) and so has whole
     * blocks: for whoever hashes texts of one shape again and again. `out` may lie within them. */
    void (*sha256_blocks)(const unsigned char *blocks, size_t count,
                          unsigned char out[SHA256_SIZE]);

    /* n bytes that nobody can predict. */
    void (*random)(void *buffer, size_t n);

    /* A fresh key pair of RSA_BITS, owned by the caller. Takes a tenth of a second and more. */
    struct rsa_key *(*rsa_new)(void);
    void (*rsa_free)(struct rsa_key *key); /* NULL is allowed */

    /* The public half in PEM, at most RSA_PUBLIC_MAX bytes; lives as long as the key. */
    struct slice (*rsa_public)(const struct rsa_key *key);

    /* Opens what was encrypted with the public half (OAEP with SHA-1). plain has RSA_SEALED_MAX
     * bytes. False, whatever was wrong, tells nothing of the plain text. About a millisecond. */
    bool (*rsa_open)(const struct rsa_key *key, struct slice sealed, unsigned char *plain,
                     size_t *size);

    /* Reads a public key in PEM that somebody sent; owned by the caller. NULL for what is no RSA
     * key of RSA_BITS to RSA_BITS_MAX. Half a millisecond: worth keeping. */
    struct public_key *(*public_key_new)(struct slice pem);
    void (*public_key_free)(struct public_key *key); /* NULL is allowed */

    /* Encrypts for the owner of the key (OAEP with SHA-1). sealed has RSA_SEALED_MAX bytes. False
     * for a text that is too long for it. */
    bool (*rsa_seal)(struct public_key *key, struct slice plain, unsigned char *sealed,
                     size_t *size);
};

extern const struct crypto_provider crypto_openssl, crypto_mbedtls; /* as built */

/* The provider that this build uses; never NULL. */
const struct crypto_provider *crypto_default(void);

#endif
