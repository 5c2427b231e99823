/* mbedTLS's contexts: certificate, key, authorities, suites, sessions. */
#include "protocol/tls/mbedtls_private.h"

#include <mbedtls/error.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/must.h"
#include "base/secret.h"
#include "protocol/tls/crypto.h"

static int random_bytes(void *owner, unsigned char *buffer, size_t n)
{
    (void)owner;
    crypto_mbedtls.random(buffer, n);
    return 0;
}

static bool unusable(struct error *e, const char *what, int result)
{
    char reason[128];

    mbedtls_strerror(result, reason, sizeof(reason));
    return refuse(e, ERROR_CONFIG, "%s cannot be used: %s", what, reason);
}

/* ---- PEM, which the library wants with a NUL behind it ---- */

static unsigned char *with_nul(struct slice pem)
{
    return (unsigned char *)memory_copy(pem);
}

static uint64_t last_second(const mbedtls_x509_crt *certificate)
{
    const mbedtls_x509_time *end = &certificate->valid_to;
    struct tm at = {.tm_year = end->year - 1900,
                    .tm_mon = end->mon - 1,
                    .tm_mday = end->day,
                    .tm_hour = end->hour,
                    .tm_min = end->min,
                    .tm_sec = end->sec};
    time_t when = timegm(&at);

    return when > 0 ? (uint64_t)when : 0;
}

static bool use_chain(struct mbed_context *c, struct slice pem, struct error *e)
{
    unsigned char *text = with_nul(pem);
    int result = mbedtls_x509_crt_parse(&c->chain, text, pem.size + 1);

    free(text);
    if (result != 0)
        return unusable(e, "the certificate",
                        result < 0 ? result : MBEDTLS_ERR_X509_INVALID_FORMAT);
    c->head.expires = last_second(&c->chain);
    return true;
}

static bool use_key(struct mbed_context *c, struct slice pem, struct error *e)
{
    unsigned char *text = with_nul(pem);
    int result = mbedtls_pk_parse_key(&c->key, text, pem.size + 1, NULL, 0);

    secret_wipe(text, pem.size);
    free(text);
    if (result != 0)
        return unusable(e, "the private key", result);
    if (mbedtls_pk_check_pair(&c->chain.pk, &c->key) != 0)
        return refuse(e, ERROR_CONFIG, "the private key is not the certificate's");
    must(mbedtls_ssl_conf_own_cert(&c->config, &c->chain, &c->key) == 0);
    return true;
}

/* Of a file of many, those that the library cannot read are left out. */
static bool use_authorities(struct mbed_context *c, struct slice pem, struct error *e)
{
    unsigned char *text = with_nul(pem);
    int result = mbedtls_x509_crt_parse(&c->ca, text, pem.size + 1);

    free(text);
    if (result < 0 || c->ca.version == 0)
        return unusable(e, "the authorities' certificates",
                        result < 0 ? result : MBEDTLS_ERR_X509_INVALID_FORMAT);
    mbedtls_ssl_conf_ca_chain(&c->config, &c->ca, NULL);
    return true;
}

/* ---- suites ---- */

/* The library writes IANA's names with dashes; 0 for a suite that it does not have. */
static int suite_id(struct slice name)
{
    char spelt[128];

    if (name.size >= sizeof(spelt))
        return 0;
    for (size_t i = 0; i < name.size; i++)
        spelt[i] = (char)(name.data[i] == '_' ? '-' : name.data[i]);
    spelt[name.size] = '\0';
    return mbedtls_ssl_get_ciphersuite_id(spelt);
}

/* The suites of TLS 1.3 name no key exchange. */
static bool is_of_tls13(struct slice name)
{
    return !memmem(name.data, name.size, "_WITH_", strlen("_WITH_"));
}

static bool set_ciphers(struct mbed_context *c, const struct slice *names, size_t count,
                        struct error *e)
{
    size_t used = 0;

    for (size_t i = 0; i < count && used < MBED_SUITES_MAX; i++) {
        int id = suite_id(names[i]);
        if (id)
            c->suites[used++] = id;
        else if (!is_of_tls13(names[i]))
            return refuse(e, ERROR_CONFIG, "mbedtls has no cipher suite '%.*s'", SHOW(names[i]));
    }
    if (used == 0)
        return refuse(e, ERROR_CONFIG, "mbedtls has none of the cipher suites");
    mbedtls_ssl_conf_ciphersuites(&c->config, c->suites);
    return true;
}

/* ---- sessions ---- */

/* The library does not tell whether a session was resumed. */
static int ticket_parse(void *owner, mbedtls_ssl_session *session, unsigned char *bytes, size_t n)
{
    struct mbed_context *c = owner;
    int result = mbedtls_ssl_ticket_parse(&c->tickets, session, bytes, n);

    c->has_taken_ticket = result == 0;
    return result;
}

static int ticket_write(void *owner, const mbedtls_ssl_session *session, unsigned char *start,
                        const unsigned char *end, size_t *size, uint32_t *lifetime)
{
    struct mbed_context *c = owner;

    return mbedtls_ssl_ticket_write(&c->tickets, session, start, end, size, lifetime);
}

void mbed_session_forget(struct mbed_session *slot)
{
    if (slot->is_set)
        mbedtls_ssl_session_free(&slot->session); /* wipes it */
    slot->is_set = false;
    mbedtls_ssl_session_init(&slot->session);
}

struct mbed_session *mbed_session_of(struct mbed_context *c, struct slice host)
{
    for (size_t i = 0; i < TLS_SESSIONS; i++)
        if (slice_equal(slice_of(c->sessions[i].host), host))
            return &c->sessions[i];
    struct mbed_session *slot = &c->sessions[c->next++ % TLS_SESSIONS];
    mbed_session_forget(slot);
    snprintf(slot->host, sizeof(slot->host), "%.*s", SHOW(host));
    return slot;
}

/* ---- contexts ---- */

void mbed_context_free(struct tls_context *context)
{
    struct mbed_context *c = (struct mbed_context *)context;

    for (size_t i = 0; i < TLS_SESSIONS; i++)
        mbed_session_forget(&c->sessions[i]);
    mbedtls_ssl_config_free(&c->config);
    mbedtls_ssl_ticket_free(&c->tickets);
    mbedtls_x509_crt_free(&c->chain);
    mbedtls_x509_crt_free(&c->ca);
    mbedtls_pk_free(&c->key);
    free(c);
}

/* The name that goes out as SNI is wanted of the certificate too; who trusts any that an authority
 * has signed forgives that. */
static int forgive_name(void *owner, mbedtls_x509_crt *certificate, int depth, uint32_t *flags)
{
    (void)owner, (void)certificate, (void)depth;
    *flags &= ~(uint32_t)MBEDTLS_X509_BADCERT_CN_MISMATCH;
    return 0;
}

static void set_limits(struct mbed_context *c)
{
    bool is_server = c->side == TLS_SERVER;

    mbedtls_ssl_conf_rng(&c->config, random_bytes, NULL);
    mbedtls_ssl_conf_min_version(&c->config, MBEDTLS_SSL_MAJOR_VERSION_3,
                                 MBEDTLS_SSL_MINOR_VERSION_3);
    mbedtls_ssl_conf_renegotiation(&c->config, MBEDTLS_SSL_RENEGOTIATION_DISABLED);
    mbedtls_ssl_conf_authmode(&c->config, !c->asks    ? MBEDTLS_SSL_VERIFY_NONE
                                          : is_server ? MBEDTLS_SSL_VERIFY_OPTIONAL
                                                      : MBEDTLS_SSL_VERIFY_REQUIRED);
    if (c->trust == TLS_TRUST_CA)
        mbedtls_ssl_conf_verify(&c->config, forgive_name, NULL);
    if (!is_server)
        return;
    must(mbedtls_ssl_ticket_setup(&c->tickets, random_bytes, NULL, MBEDTLS_CIPHER_AES_256_GCM,
                                  TLS_SESSION_SECONDS)
         == 0);
    mbedtls_ssl_conf_session_tickets_cb(&c->config, ticket_write, ticket_parse, c);
}

static bool context_fill(struct mbed_context *c, const struct tls_setup *setup, struct error *e)
{
    bool has_names = setup->cipher_count > 0;

    if (setup->only_tls13)
        return refuse(e, ERROR_CONFIG, "mbedtls has no TLS 1.3, which min_version asks for");
    return set_ciphers(c, has_names ? setup->ciphers : tls_ciphers,
                       has_names ? setup->cipher_count : tls_cipher_count, e)
           && (!setup->certificate.size
               || (use_chain(c, setup->certificate, e) && use_key(c, setup->key, e)))
           && (!c->asks || use_authorities(c, setup->ca, e));
}

struct tls_context *mbed_context_new(const struct tls_setup *setup, struct error *e)
{
    struct mbed_context *c = memory_new(1, sizeof(*c));
    bool is_server = setup->side == TLS_SERVER;

    c->head = (struct tls_context){.provider = &tls_mbedtls, .uses = 1};
    c->side = setup->side;
    c->trust = setup->trust;
    c->asks = is_server ? setup->ca.size > 0 : setup->trust != TLS_TRUST_ANYBODY;
    mbedtls_ssl_config_init(&c->config);
    mbedtls_x509_crt_init(&c->chain);
    mbedtls_x509_crt_init(&c->ca);
    mbedtls_pk_init(&c->key);
    mbedtls_ssl_ticket_init(&c->tickets);
    must(mbedtls_ssl_config_defaults(&c->config,
                                     is_server ? MBEDTLS_SSL_IS_SERVER : MBEDTLS_SSL_IS_CLIENT,
                                     MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT)
         == 0);
    set_limits(c);
    if (context_fill(c, setup, e))
        return &c->head;
    mbed_context_free(&c->head);
    return NULL;
}
