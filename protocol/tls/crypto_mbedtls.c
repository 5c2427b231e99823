/* The primitives of login methods by mbedTLS 2.28. Random bytes are the kernel's, which any thread
 * may ask for. */
#include <endian.h>
#include <errno.h>
#include <mbedtls/pk.h>
#include <mbedtls/rsa.h>
#include <mbedtls/sha1.h>
#include <mbedtls/sha256.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/memory.h"
#include "base/must.h"
#include "base/secret.h"
#include "protocol/tls/crypto.h"

static void with_mbedtls_sha1(const struct slice *parts, size_t count, unsigned char out[SHA1_SIZE])
{
    mbedtls_sha1_context context;

    mbedtls_sha1_init(&context);
    must(mbedtls_sha1_starts_ret(&context) == 0);
    for (size_t i = 0; i < count; i++)
        must(mbedtls_sha1_update_ret(&context, (const unsigned char *)parts[i].data, parts[i].size)
             == 0);
    must(mbedtls_sha1_finish_ret(&context, out) == 0);
    mbedtls_sha1_free(&context); /* wipes it */
}

static void with_mbedtls_sha256(const struct slice *parts, size_t count,
                                unsigned char out[SHA256_SIZE])
{
    mbedtls_sha256_context context;

    mbedtls_sha256_init(&context);
    must(mbedtls_sha256_starts_ret(&context, 0) == 0);
    for (size_t i = 0; i < count; i++)
        must(
            mbedtls_sha256_update_ret(&context, (const unsigned char *)parts[i].data, parts[i].size)
            == 0);
    must(mbedtls_sha256_finish_ret(&context, out) == 0);
    mbedtls_sha256_free(&context);
}

static void with_mbedtls_sha256_blocks(const unsigned char *blocks, size_t count,
                                       unsigned char out[SHA256_SIZE])
{
    mbedtls_sha256_context context;

    mbedtls_sha256_init(&context);
    must(mbedtls_sha256_starts_ret(&context, 0) == 0);
    for (size_t i = 0; i < count; i++)
        must(mbedtls_internal_sha256_process(&context, blocks + i * SHA256_BLOCK) == 0);
    for (size_t i = 0; i < SHA256_SIZE / 4; i++) {
        const uint32_t word = htobe32(context.state[i]);
        memcpy(out + 4 * i, &word, 4);
    }
    mbedtls_sha256_free(&context);
}

static void with_mbedtls_random(void *buffer, size_t n)
{
    unsigned char *at = buffer;

    while (n) {
        ssize_t got = getrandom(at, n, 0);
        must(got > 0 || errno == EINTR);
        at += got > 0 ? got : 0;
        n -= got > 0 ? (size_t)got : 0;
    }
}

/* ---- RSA ---- */

struct rsa_key {
    mbedtls_pk_context pair;
    char public[RSA_PUBLIC_MAX];
};

static int random_bytes(void *owner, unsigned char *buffer, size_t n)
{
    (void)owner;
    with_mbedtls_random(buffer, n);
    return 0;
}

static struct rsa_key *with_mbedtls_rsa_new(void)
{
    enum { EXPONENT = 65537 };
    struct rsa_key *key = memory_new(1, sizeof(*key));

    mbedtls_pk_init(&key->pair);
    must(mbedtls_pk_setup(&key->pair, mbedtls_pk_info_from_type(MBEDTLS_PK_RSA)) == 0);
    must(mbedtls_rsa_gen_key(mbedtls_pk_rsa(key->pair), random_bytes, NULL, RSA_BITS, EXPONENT)
         == 0);
    must(mbedtls_pk_write_pubkey_pem(&key->pair, (unsigned char *)key->public, sizeof(key->public))
         == 0);
    return key;
}

static void with_mbedtls_rsa_free(struct rsa_key *key)
{
    if (key)
        mbedtls_pk_free(&key->pair); /* wipes it */
    free(key);
}

static struct slice with_mbedtls_rsa_public(const struct rsa_key *key)
{
    return slice_of(key->public);
}

/* An operation with the private key changes its blinding, so that each has a copy of its own. */
static bool with_mbedtls_rsa_open(const struct rsa_key *key, struct slice sealed,
                                  unsigned char *plain, size_t *size)
{
    mbedtls_rsa_context own;
    size_t got;

    if (sealed.size != RSA_BITS / 8)
        return false;
    mbedtls_rsa_init(&own, MBEDTLS_RSA_PKCS_V21, MBEDTLS_MD_SHA1);
    must(mbedtls_rsa_copy(&own, mbedtls_pk_rsa(key->pair)) == 0);
    mbedtls_rsa_set_padding(&own, MBEDTLS_RSA_PKCS_V21, MBEDTLS_MD_SHA1);
    bool good =
        mbedtls_rsa_rsaes_oaep_decrypt(&own, random_bytes, NULL, MBEDTLS_RSA_PRIVATE, NULL, 0, &got,
                                       (const unsigned char *)sealed.data, plain, RSA_SEALED_MAX)
        == 0;
    mbedtls_rsa_free(&own);
    if (good)
        *size = got;
    return good;
}

struct public_key {
    mbedtls_pk_context key;
};

/* The library wants a NUL behind the text. */
static bool public_read(mbedtls_pk_context *key, struct slice pem)
{
    unsigned char text[RSA_PUBLIC_MAX + 1] = "";

    if (pem.size == 0 || pem.size > RSA_PUBLIC_MAX || !memmem(pem.data, pem.size, "-----BEGIN", 10))
        return false;
    memcpy(text, pem.data, pem.size);
    return mbedtls_pk_parse_public_key(key, text, pem.size + 1) == 0
           && mbedtls_pk_get_type(key) == MBEDTLS_PK_RSA && mbedtls_pk_get_bitlen(key) >= RSA_BITS
           && mbedtls_pk_get_bitlen(key) <= RSA_BITS_MAX;
}

static void with_mbedtls_public_key_free(struct public_key *public)
{
    if (public)
        mbedtls_pk_free(&public->key);
    free(public);
}

static struct public_key *with_mbedtls_public_key_new(struct slice pem)
{
    struct public_key *public = memory_new(1, sizeof(*public));

    mbedtls_pk_init(&public->key);
    if (public_read(&public->key, pem)) {
        mbedtls_rsa_set_padding(mbedtls_pk_rsa(public->key), MBEDTLS_RSA_PKCS_V21, MBEDTLS_MD_SHA1);
        return public;
    }
    with_mbedtls_public_key_free(public);
    return NULL;
}

static bool with_mbedtls_rsa_seal(struct public_key *public, struct slice plain,
                                  unsigned char *sealed, size_t *size)
{
    mbedtls_rsa_context *rsa = mbedtls_pk_rsa(public->key);
    bool good =
        mbedtls_rsa_rsaes_oaep_encrypt(rsa, random_bytes, NULL, MBEDTLS_RSA_PUBLIC, NULL, 0,
                                       plain.size, (const unsigned char *)plain.data, sealed)
        == 0;

    *size = good ? mbedtls_rsa_get_len(rsa) : *size;
    return good;
}

const struct crypto_provider crypto_mbedtls = {
    .name = "mbedtls",
    .sha1 = with_mbedtls_sha1,
    .sha256 = with_mbedtls_sha256,
    .sha256_blocks = with_mbedtls_sha256_blocks,
    .random = with_mbedtls_random,
    .rsa_new = with_mbedtls_rsa_new,
    .rsa_free = with_mbedtls_rsa_free,
    .rsa_public = with_mbedtls_rsa_public,
    .rsa_open = with_mbedtls_rsa_open,
    .public_key_new = with_mbedtls_public_key_new,
    .public_key_free = with_mbedtls_public_key_free,
    .rsa_seal = with_mbedtls_rsa_seal,
};
