#include "proxy/net/contexts.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/secret.h"
#include "config/config.h"
#include "protocol/tls/crypto.h"

static bool make(const struct config *c, const struct tls_settings *tls, struct tls_setup *setup,
                 struct tls_context **to, struct error *e)
{
    const struct tls_provider *provider = tls_provider_serving(c->settings.tls_provider);

    if (tls->mode == TLS_OFF)
        return true;
    *to = provider->context_new(setup, e);
    return *to != NULL;
}

/* Puts the place in the configuration in front of what is wrong there. */
__attribute__((format(printf, 2, 3))) static bool name_place(struct error *e, const char *format,
                                                             ...)
{
    struct error wrong = *e;
    char place[128];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(place, sizeof(place), format, arguments);
    va_end(arguments);
    return refuse(e, wrong.code, "%s: %s", place, wrong.text);
}

/* Tickets die with the configuration: whom it no longer trusts resumes nothing. */
static bool fill_listener(const struct config *c, size_t index, struct contexts **made,
                          size_t count, struct error *e)
{
    const struct tls_settings *tls = &c->listeners[index].tls;
    struct tls_setup setup;
    bool good = true;

    tls_setup_make(tls, TLS_SERVER, &setup);
    crypto_default()->random(setup.ticket_key, sizeof(setup.ticket_key));
    for (size_t i = 0; good && i < count; i++)
        good = make(c, tls, &setup, &made[i]->listeners[index], e);
    secret_wipe(&setup, sizeof(setup));
    return good || name_place(e, "listeners[%zu].tls", index);
}

/* Else nobody would hear of it before a frontend asks for a password. */
static bool public_key_is_fit(const struct cluster *cluster)
{
    if (cluster->public_key_pem.size == 0)
        return true;
    struct public_key *key = crypto_default()->public_key_new(cluster->public_key_pem);
    bool is_fit = key != NULL;
    crypto_default()->public_key_free(key);
    return is_fit;
}

static bool fill_cluster(const struct config *c, size_t index, struct contexts **made, size_t count,
                         struct error *e)
{
    const struct tls_settings *tls = &c->clusters[index].tls;
    struct tls_setup setup;
    bool good = true;

    if (!public_key_is_fit(&c->clusters[index]))
        return refuse(e, ERROR_CONFIG,
                      "clusters.%s.public_key: the file holds no RSA key of %d to %d bits in PEM",
                      c->clusters[index].name.data, RSA_BITS, RSA_BITS_MAX);
    tls_setup_make(tls, TLS_CLIENT, &setup);
    for (size_t i = 0; good && i < count; i++)
        good = make(c, tls, &setup, &made[i]->clusters[index], e);
    return good || name_place(e, "clusters.%s.tls", c->clusters[index].name.data);
}

bool contexts_make(const struct config *c, struct contexts **made, size_t count, struct error *e)
{
    bool good = true;

    for (size_t i = 0; i < count; i++) {
        made[i] = memory_new(1, sizeof(**made));
        made[i]->listener_count = c->listener_count;
        made[i]->cluster_count = c->cluster_count;
        made[i]->listeners = memory_new(c->listener_count, sizeof(struct tls_context *));
        made[i]->clusters = memory_new(c->cluster_count, sizeof(struct tls_context *));
    }
    for (size_t i = 0; good && i < c->listener_count; i++)
        good = fill_listener(c, i, made, count, e);
    for (size_t i = 0; good && i < c->cluster_count; i++)
        good = fill_cluster(c, i, made, count, e);
    for (size_t i = 0; !good && i < count; i++) {
        contexts_free(made[i]);
        made[i] = NULL;
    }
    return good;
}

void contexts_free(struct contexts *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->listener_count; i++)
        tls_context_unref(c->listeners[i]);
    for (size_t i = 0; i < c->cluster_count; i++)
        tls_context_unref(c->clusters[i]);
    free(c->listeners);
    free(c->clusters);
    free(c);
}
