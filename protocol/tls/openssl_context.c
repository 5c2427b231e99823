/* OpenSSL's contexts: certificate, key, authorities, suites, sessions. */
#include "protocol/tls/openssl_private.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/must.h"

const char *openssl_last_error(void)
{
    unsigned long code = ERR_peek_last_error();
    const char *text = code ? ERR_reason_error_string(code) : NULL;

    ERR_clear_error();
    return text ? text : "the library gives no reason";
}

/* ---- contexts: PEM ---- */

/* Without this a key that is encrypted would ask for its password at the terminal. */
static int no_password(char *buffer, int size, int writes, void *owner)
{
    (void)buffer, (void)size, (void)writes, (void)owner;
    return -1;
}

static BIO *text_bio(struct slice pem)
{
    must(pem.size <= INT_MAX);
    BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.size);
    must(bio);
    return bio;
}

static uint64_t last_second(const X509 *certificate)
{
    struct tm at;

    if (!ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &at))
        return 0;
    time_t when = timegm(&at);
    return when > 0 ? (uint64_t)when : 0;
}

static bool use_chain(struct openssl_context *c, struct slice pem, struct error *e)
{
    BIO *bio = text_bio(pem);
    X509 *own = PEM_read_bio_X509_AUX(bio, NULL, no_password, NULL), *next;
    bool good = own && SSL_CTX_use_certificate(c->ssl, own) == 1;

    if (good)
        c->head.expires = last_second(own);
    X509_free(own);
    while (good && (next = PEM_read_bio_X509(bio, NULL, no_password, NULL)))
        good = SSL_CTX_add0_chain_cert(c->ssl, next) == 1;
    BIO_free(bio);
    if (!good)
        return refuse(e, ERROR_CONFIG, "the certificate cannot be used: %s", openssl_last_error());
    ERR_clear_error(); /* the end of the text */
    return true;
}

static bool use_key(struct openssl_context *c, struct slice pem, struct error *e)
{
    BIO *bio = text_bio(pem);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);

    BIO_free(bio);
    if (!key)
        return refuse(e, ERROR_CONFIG, "the private key cannot be used: %s", openssl_last_error());
    bool fits = SSL_CTX_use_PrivateKey(c->ssl, key) == 1 && SSL_CTX_check_private_key(c->ssl) == 1;
    EVP_PKEY_free(key);
    return fits
           || refuse(e, ERROR_CONFIG, "the private key is not the certificate's: %s",
                     openssl_last_error());
}

/* A server names its authorities to the client, which may have several certificates. */
static bool use_authorities(struct openssl_context *c, struct slice pem, struct error *e)
{
    X509_STORE *store = SSL_CTX_get_cert_store(c->ssl);
    BIO *bio = text_bio(pem);
    X509 *one;
    size_t count = 0;

    while ((one = PEM_read_bio_X509_AUX(bio, NULL, no_password, NULL))) {
        bool good = X509_STORE_add_cert(store, one) == 1;
        if (good && c->side == TLS_SERVER)
            good = SSL_CTX_add_client_CA(c->ssl, one) == 1;
        X509_free(one);
        count += good;
    }
    BIO_free(bio);
    if (!count)
        return refuse(e, ERROR_CONFIG, "no authority's certificate can be read: %s",
                      openssl_last_error());
    ERR_clear_error();
    return true;
}

/* ---- contexts: suites ---- */

/* Appends OpenSSL's own name of a suite to the list of its version. */
static bool add_cipher(SSL *every, struct slice name, struct slice *lists, char *rooms, size_t room)
{
    STACK_OF(SSL_CIPHER) *known = SSL_get_ciphers(every);

    for (int i = 0; i < sk_SSL_CIPHER_num(known); i++) {
        const SSL_CIPHER *one = sk_SSL_CIPHER_value(known, i);
        const char *standard = SSL_CIPHER_standard_name(one);
        if (!standard || !slice_equal(slice_of(standard), name))
            continue;
        size_t which = strcmp(SSL_CIPHER_get_version(one), "TLSv1.3") == 0;
        struct slice *list = &lists[which];
        char *at = rooms + which * room;
        int size = snprintf(at + list->size, room - list->size, "%s%s", list->size ? ":" : "",
                            SSL_CIPHER_get_name(one));
        must(size > 0 && (size_t)size < room - list->size);
        *list = slice_make(at, list->size + (size_t)size);
        return true;
    }
    return false;
}

static bool set_ciphers(struct openssl_context *c, const struct slice *names, size_t count,
                        struct error *e)
{
    enum { ROOM = 8192 }; /* all names that OpenSSL has fit */
    char rooms[2 * ROOM] = "";
    struct slice lists[2] = {{rooms, 0}, {rooms + ROOM, 0}};

    SSL_CTX_set_cipher_list(c->ssl, "ALL:!aNULL:!eNULL");
    SSL *every = SSL_new(c->ssl);
    must(every);
    for (size_t i = 0; i < count; i++) {
        bool is_repeated = false;
        for (size_t j = 0; j < i; j++)
            is_repeated |= slice_equal(names[i], names[j]);
        if (is_repeated || add_cipher(every, names[i], lists, rooms, ROOM))
            continue;
        SSL_free(every);
        return refuse(e, ERROR_CONFIG, "openssl has no cipher suite '%.*s'", SHOW(names[i]));
    }
    SSL_free(every);
    SSL_CTX_set_ciphersuites(c->ssl, rooms + ROOM);
    if (lists[0].size)
        SSL_CTX_set_cipher_list(c->ssl, rooms);
    else
        SSL_CTX_set_min_proto_version(c->ssl, TLS1_3_VERSION); /* no suite of 1.2 is wanted */
    if (!lists[1].size)
        SSL_CTX_set_max_proto_version(c->ssl, TLS1_2_VERSION);
    ERR_clear_error();
    return true;
}

/* ---- contexts: sessions ---- */

/* The library hands over a session that may be resumed; we keep the reference by answering 1. */
static int session_arrived(SSL *ssl, SSL_SESSION *session)
{
    struct openssl_engine *e = SSL_get_app_data(ssl);

    if (!e->slot)
        return 0;
    SSL_SESSION_free(e->slot->session);
    e->slot->session = session;
    return 1;
}

static void set_sessions(struct openssl_context *c, const struct tls_setup *setup)
{
    static const unsigned char scope[] = "starbind";
    unsigned char key[TLS_TICKET_KEY];

    SSL_CTX_set_timeout(c->ssl, TLS_SESSION_SECONDS);
    if (c->side == TLS_CLIENT) {
        SSL_CTX_set_session_cache_mode(c->ssl, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
        SSL_CTX_sess_set_new_cb(c->ssl, session_arrived);
        return;
    }
    /* all of a session is in the client's ticket: nothing is kept here */
    SSL_CTX_set_session_cache_mode(c->ssl, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(c->ssl, 1);
    memcpy(key, setup->ticket_key, sizeof(key));
    must(SSL_CTX_set_session_id_context(c->ssl, scope, sizeof(scope) - 1)
         && SSL_CTX_set_tlsext_ticket_keys(c->ssl, key, sizeof(key)));
    OPENSSL_cleanse(key, sizeof(key));
}

struct openssl_session *openssl_session_of(struct openssl_context *c, struct slice host)
{
    for (size_t i = 0; i < TLS_SESSIONS; i++)
        if (slice_equal(slice_of(c->sessions[i].host), host))
            return &c->sessions[i];
    struct openssl_session *slot = &c->sessions[c->next++ % TLS_SESSIONS];
    SSL_SESSION_free(slot->session);
    slot->session = NULL;
    snprintf(slot->host, sizeof(slot->host), "%.*s", SHOW(host));
    return slot;
}

/* ---- contexts ---- */

void openssl_context_free(struct tls_context *context)
{
    struct openssl_context *c = (struct openssl_context *)context;

    for (size_t i = 0; i < TLS_SESSIONS; i++)
        SSL_SESSION_free(c->sessions[i].session);
    SSL_CTX_free(c->ssl);
    BIO_meth_free(c->method);
    free(c);
}

static bool context_fill(struct openssl_context *c, const struct tls_setup *setup, struct error *e)
{
    bool has_names = setup->cipher_count > 0;
    bool asks = setup->side == TLS_SERVER ? setup->ca.size > 0 : setup->trust != TLS_TRUST_ANYBODY;

    SSL_CTX_set_options(c->ssl, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION
                                    | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(c->ssl, SSL_MODE_AUTO_RETRY);
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(c->ssl), X509_V_FLAG_PARTIAL_CHAIN);
    SSL_CTX_set_max_cert_list(c->ssl, TLS_CERTIFICATES_MAX);
    SSL_CTX_set_min_proto_version(c->ssl, setup->only_tls13 ? TLS1_3_VERSION : TLS1_2_VERSION);
    SSL_CTX_set_verify(c->ssl, asks ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
    set_sessions(c, setup);
    return set_ciphers(c, has_names ? setup->ciphers : tls_ciphers,
                       has_names ? setup->cipher_count : tls_cipher_count, e)
           && (!setup->certificate.size
               || (use_chain(c, setup->certificate, e) && use_key(c, setup->key, e)))
           && (!asks || use_authorities(c, setup->ca, e));
}

struct tls_context *openssl_context_new(const struct tls_setup *setup, struct error *e)
{
    struct openssl_context *c = memory_new(1, sizeof(*c));

    c->head = (struct tls_context){.provider = &tls_openssl, .uses = 1};
    c->side = setup->side;
    c->trust = setup->trust;
    c->method = openssl_queues();
    c->ssl = SSL_CTX_new(setup->side == TLS_SERVER ? TLS_server_method() : TLS_client_method());
    must(c->ssl);
    if (context_fill(c, setup, e))
        return &c->head;
    openssl_context_free(&c->head);
    return NULL;
}
