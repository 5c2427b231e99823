/* OpenSSL's low-level digests are asked for by name: EVP of OpenSSL 3 looks the algorithm up under
 * a lock every time, which costs several times the digest, and a password check makes 5,000 of them
 * beside others. */
#define OPENSSL_API_COMPAT 0x10100000L

#include "protocol/tls/crypto.h"

#include <endian.h>
#include <limits.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>

#include "base/memory.h"
#include "base/must.h"
#include "base/secret.h"

static void openssl_sha1(const struct slice *parts, size_t count, unsigned char out[SHA1_SIZE])
{
    SHA_CTX context;

    must(SHA1_Init(&context));
    for (size_t i = 0; i < count; i++)
        must(SHA1_Update(&context, parts[i].data, parts[i].size));
    must(SHA1_Final(out, &context));
    secret_wipe(&context, sizeof(context));
}

static void openssl_sha256(const struct slice *parts, size_t count, unsigned char out[SHA256_SIZE])
{
    SHA256_CTX context;

    must(SHA256_Init(&context));
    for (size_t i = 0; i < count; i++)
        must(SHA256_Update(&context, parts[i].data, parts[i].size));
    must(SHA256_Final(out, &context));
    secret_wipe(&context, sizeof(context));
}

static void openssl_sha256_blocks(const unsigned char *blocks, size_t count,
                                  unsigned char out[SHA256_SIZE])
{
    SHA256_CTX context;

    must(SHA256_Init(&context) && SHA256_Update(&context, blocks, count * SHA256_BLOCK));
    for (size_t i = 0; i < SHA256_SIZE / 4; i++) {
        const uint32_t word = htobe32(context.h[i]);
        memcpy(out + 4 * i, &word, 4);
    }
    secret_wipe(context.h, sizeof(context.h)); /* whole blocks are nowhere else in it */
}

static void openssl_random(void *buffer, size_t n)
{
    must(n <= INT_MAX && RAND_bytes(buffer, (int)n) == 1);
}

/* ---- RSA ---- */

struct rsa_key {
    EVP_PKEY *pair;
    size_t public_size;
    char public[RSA_PUBLIC_MAX];
};

static struct rsa_key *openssl_rsa_new(void)
{
    struct rsa_key *key = memory_new(1, sizeof(*key));
    BIO *text = BIO_new(BIO_s_mem());
    char *at;

    key->pair = EVP_RSA_gen(RSA_BITS);
    must(key->pair && text && PEM_write_bio_PUBKEY(text, key->pair));
    long size = BIO_get_mem_data(text, &at);
    must(size > 0 && size <= RSA_PUBLIC_MAX);
    key->public_size = (size_t)size;
    memcpy(key->public, at, key->public_size);
    BIO_free(text);
    return key;
}

static void openssl_rsa_free(struct rsa_key *key)
{
    if (key)
        EVP_PKEY_free(key->pair); /* wipes it */
    free(key);
}

static struct slice openssl_rsa_public(const struct rsa_key *key)
{
    return slice_make(key->public, key->public_size);
}

/* A context for OAEP, whose digests are SHA-1 unless said otherwise. */
static EVP_PKEY_CTX *oaep(EVP_PKEY *key, int (*init)(EVP_PKEY_CTX *))
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);

    must(context);
    if (init(context) == 1 && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1)
        return context;
    EVP_PKEY_CTX_free(context);
    return NULL;
}

static bool openssl_rsa_open(const struct rsa_key *key, struct slice sealed, unsigned char *plain,
                             size_t *size)
{
    EVP_PKEY_CTX *context = oaep(key->pair, EVP_PKEY_decrypt_init);
    size_t room = RSA_SEALED_MAX;

    must(context);
    bool good =
        sealed.size == RSA_BITS / 8
        && EVP_PKEY_decrypt(context, plain, &room, (const unsigned char *)sealed.data, sealed.size)
               == 1;
    EVP_PKEY_CTX_free(context);
    ERR_clear_error();
    if (good)
        *size = room;
    return good;
}

/* Without this a key that claims to be encrypted would ask for its password at the terminal. */
static int no_password(char *buffer, int size, int writes, void *owner)
{
    (void)buffer, (void)size, (void)writes, (void)owner;
    return -1;
}

struct public_key {
    EVP_PKEY *key;
};

static bool is_fit(const EVP_PKEY *key)
{
    return EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_get_bits(key) >= RSA_BITS
           && EVP_PKEY_get_bits(key) <= RSA_BITS_MAX;
}

static void openssl_public_key_free(struct public_key *public)
{
    if (public)
        EVP_PKEY_free(public->key);
    free(public);
}

static struct public_key *openssl_public_key_new(struct slice pem)
{
    if (pem.size == 0 || pem.size > RSA_PUBLIC_MAX)
        return NULL;
    BIO *text = BIO_new_mem_buf(pem.data, (int)pem.size);
    must(text);
    struct public_key *public = memory_new(1, sizeof(*public));
    public->key = PEM_read_bio_PUBKEY(text, NULL, no_password, NULL);
    BIO_free(text);
    ERR_clear_error();
    if (public->key && is_fit(public->key))
        return public;
    openssl_public_key_free(public);
    return NULL;
}

static bool openssl_rsa_seal(struct public_key *public, struct slice plain, unsigned char *sealed,
                             size_t *size)
{
    EVP_PKEY_CTX *context = oaep(public->key, EVP_PKEY_encrypt_init);
    size_t room = RSA_SEALED_MAX;
    bool good =
        context
        && EVP_PKEY_encrypt(context, sealed, &room, (const unsigned char *)plain.data, plain.size)
               == 1;

    EVP_PKEY_CTX_free(context);
    ERR_clear_error();
    if (good)
        *size = room;
    return good;
}

const struct crypto_provider crypto_openssl = {
    .name = "openssl",
    .sha1 = openssl_sha1,
    .sha256 = openssl_sha256,
    .sha256_blocks = openssl_sha256_blocks,
    .random = openssl_random,
    .rsa_new = openssl_rsa_new,
    .rsa_free = openssl_rsa_free,
    .rsa_public = openssl_rsa_public,
    .rsa_open = openssl_rsa_open,
    .public_key_new = openssl_public_key_new,
    .public_key_free = openssl_public_key_free,
    .rsa_seal = openssl_rsa_seal,
};
