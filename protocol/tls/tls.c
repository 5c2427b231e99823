#include "protocol/tls/tls.h"

#include <stdio.h>

static const struct tls_provider *const providers[] = {
#ifdef WITH_OPENSSL
    &tls_openssl,
#endif
#ifdef WITH_MBEDTLS
    &tls_mbedtls,
#endif
    NULL};

#define SUITE(name)                                                                                \
    {                                                                                              \
        (name), sizeof(name) - 1                                                                   \
    }

const struct slice tls_ciphers[] = {
    SUITE("TLS_AES_256_GCM_SHA384"),
    SUITE("TLS_AES_128_GCM_SHA256"),
    SUITE("TLS_CHACHA20_POLY1305_SHA256"),
    SUITE("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"),
    SUITE("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"),
    SUITE("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
    SUITE("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
    SUITE("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"),
    SUITE("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
};
const size_t tls_cipher_count = sizeof(tls_ciphers) / sizeof(*tls_ciphers);

const struct tls_provider *tls_provider_at(size_t index)
{
    return index < sizeof(providers) / sizeof(*providers) ? providers[index] : NULL;
}

const struct tls_provider *tls_provider_find(struct slice name)
{
    for (size_t i = 0; providers[i]; i++)
        if (name.size == 0 || slice_equal(slice_of(providers[i]->name), name))
            return providers[i];
    return NULL;
}

const struct tls_provider *tls_provider_serving(struct slice name)
{
    const struct tls_provider *named = tls_provider_find(name);

    return named ? named : providers[0];
}

struct tls_context *tls_context_ref(struct tls_context *c)
{
    if (c)
        c->uses++;
    return c;
}

void tls_context_unref(struct tls_context *c)
{
    if (c && --c->uses == 0)
        c->provider->context_free(c);
}

void tls_init(struct tls *t, struct tls_context *context, struct chunk_pool *pool)
{
    t->provider = tls_context_ref(context)->provider;
    queue_init(&t->absorb, pool);
    queue_init(&t->emit, pool);
}

void tls_fini(struct tls *t)
{
    queue_clear(&t->absorb);
    queue_clear(&t->emit);
}

enum tls_state tls_break(struct tls *t, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(t->problem, sizeof(t->problem), format, arguments);
    va_end(arguments);
    return TLS_BROKEN;
}
