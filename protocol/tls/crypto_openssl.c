#include "protocol/tls/crypto.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "base/must.h"

static void digest(const EVP_MD *kind, const struct slice *parts, size_t count, unsigned char *out)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    must(context && EVP_DigestInit_ex(context, kind, NULL));
    for (size_t i = 0; i < count; i++)
        must(EVP_DigestUpdate(context, parts[i].data, parts[i].size));
    must(EVP_DigestFinal_ex(context, out, NULL));
    EVP_MD_CTX_free(context); /* wipes its state */
}

static void openssl_sha1(const struct slice *parts, size_t count, unsigned char out[SHA1_SIZE])
{
    digest(EVP_sha1(), parts, count, out);
}

static void openssl_sha256(const struct slice *parts, size_t count, unsigned char out[SHA256_SIZE])
{
    digest(EVP_sha256(), parts, count, out);
}

static void openssl_random(void *buffer, size_t n)
{
    must(n <= INT_MAX && RAND_bytes(buffer, (int)n) == 1);
}

const struct crypto_provider crypto_openssl = {
    .name = "openssl",
    .sha1 = openssl_sha1,
    .sha256 = openssl_sha256,
    .random = openssl_random,
};

const struct crypto_provider *crypto_default(void)
{
    return &crypto_openssl;
}
