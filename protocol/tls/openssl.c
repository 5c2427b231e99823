/* TLS by OpenSSL 3: an SSL object whose BIO is the engine's queues.
 *
 * OpenSSL gives its 16 KiB buffers back after every record if asked to (SSL_MODE_RELEASE_BUFFERS),
 * which costs two allocations a record; here they stay until the owner says that nothing is under
 * way. */
#include "protocol/tls/openssl_private.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#include "base/memory.h"
#include "base/must.h"

static struct openssl_engine *engine_of(const struct tls *t)
{
    return (struct openssl_engine *)(uintptr_t)t;
}

/* ---- the queues as a BIO ---- */

static int pull(BIO *bio, char *buffer, int room)
{
    struct openssl_engine *e = BIO_get_data(bio);
    struct queue *q = &e->head.absorb;
    size_t n = (size_t)room < q->size ? (size_t)room : q->size;

    BIO_clear_retry_flags(bio);
    if (n == 0) {
        BIO_set_retry_read(bio);
        return -1;
    }
    queue_peek(q, 0, buffer, n);
    queue_drop(q, n);
    return (int)n;
}

static int push(BIO *bio, const char *bytes, int n)
{
    struct openssl_engine *e = BIO_get_data(bio);

    queue_put(&e->head.emit, slice_make(bytes, (size_t)n));
    return n;
}

static long control(BIO *bio, int command, long number, void *pointer)
{
    (void)bio, (void)number, (void)pointer;
    return command == BIO_CTRL_FLUSH;
}

BIO_METHOD *openssl_queues(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "queues");

    must(method && BIO_meth_set_read(method, pull) && BIO_meth_set_write(method, push)
         && BIO_meth_set_ctrl(method, control));
    return method;
}

/* ---- what went wrong ---- */

static enum tls_state broken(struct openssl_engine *e)
{
    long verdict = SSL_get_verify_result(e->ssl);

    if (verdict != X509_V_OK) {
        ERR_clear_error();
        return tls_break(&e->head, "certificate: %s", X509_verify_cert_error_string(verdict));
    }
    return tls_break(&e->head, "%s", openssl_last_error());
}

/* After a call of SSL_* that moved nothing. */
static enum tls_state state_after(struct openssl_engine *e, int result)
{
    switch (SSL_get_error(e->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        return TLS_MORE;
    case SSL_ERROR_ZERO_RETURN:
        return TLS_CLOSED;
    default:
        return broken(e);
    }
}

/* ---- engines ---- */

/* A server's certificate must be made out for this name or address. */
static void expect_host(struct openssl_engine *e, const char *host)
{
    X509_VERIFY_PARAM *parameters = SSL_get0_param(e->ssl);
    bool is_address = X509_VERIFY_PARAM_set1_ip_asc(parameters, host) == 1;

    if (!is_address)
        must(X509_VERIFY_PARAM_set1_host(parameters, host, 0));
    X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    ERR_clear_error();
}

static bool is_address(const char *host)
{
    ASN1_OCTET_STRING *address = a2i_IPADDRESS(host);

    ASN1_OCTET_STRING_free(address);
    ERR_clear_error();
    return address != NULL;
}

static void connect_to(struct openssl_engine *e, struct slice host)
{
    char name[TLS_HOST_MAX + 1];

    must(host.size <= TLS_HOST_MAX);
    snprintf(name, sizeof(name), "%.*s", SHOW(host));
    SSL_set_connect_state(e->ssl);
    if (host.size && !is_address(name)) /* RFC 6066: no addresses in SNI */
        must(SSL_set_tlsext_host_name(e->ssl, name));
    if (e->context->trust == TLS_TRUST_NAME)
        expect_host(e, name);
    e->slot = openssl_session_of(e->context, host);
    if (e->slot->session)
        SSL_set_session(e->ssl, e->slot->session);
}

static struct tls *openssl_open(struct tls_context *context, struct chunk_pool *pool,
                                struct slice host)
{
    struct openssl_context *c = (struct openssl_context *)context;
    struct openssl_engine *e = memory_new(1, sizeof(*e));
    BIO *wire = BIO_new(c->method);

    tls_init(&e->head, context, pool);
    e->context = c;
    e->ssl = SSL_new(c->ssl);
    must(e->ssl && wire);
    BIO_set_data(wire, e);
    BIO_set_init(wire, 1);
    SSL_set_bio(e->ssl, wire, wire); /* takes the one reference */
    SSL_set_app_data(e->ssl, e);
    if (c->side == TLS_CLIENT)
        connect_to(e, host);
    else
        SSL_set_accept_state(e->ssl);
    return &e->head;
}

static void openssl_close(struct tls *t)
{
    struct openssl_engine *e = engine_of(t);

    if (!t)
        return;
    if (!t->problem[0]) /* else the library lets nobody resume a session that ended without a word
                         */
        SSL_set_shutdown(e->ssl, SSL_SENT_SHUTDOWN);
    SSL_free(e->ssl);
    tls_fini(t);
    tls_context_unref(&e->context->head);
    free(e);
}

static enum tls_state openssl_handshake(struct tls *t)
{
    struct openssl_engine *e = engine_of(t);

    ERR_clear_error();
    int result = SSL_do_handshake(e->ssl);
    return result == 1 ? TLS_DONE : state_after(e, result);
}

static enum tls_state openssl_read(struct tls *t, void *buffer, size_t room, size_t *got)
{
    struct openssl_engine *e = engine_of(t);

    ERR_clear_error();
    int result = SSL_read(e->ssl, buffer, room < INT_MAX ? (int)room : INT_MAX);
    if (result <= 0)
        return state_after(e, result);
    *got = (size_t)result;
    return TLS_DONE;
}

static enum tls_state openssl_write(struct tls *t, struct slice bytes)
{
    struct openssl_engine *e = engine_of(t);
    size_t written;

    ERR_clear_error();
    if (bytes.size == 0 || SSL_write_ex(e->ssl, bytes.data, bytes.size, &written) == 1)
        return TLS_DONE; /* without SSL_MODE_ENABLE_PARTIAL_WRITE it is all or nothing */
    return broken(e);
}

static void openssl_shut(struct tls *t)
{
    SSL_shutdown(engine_of(t)->ssl);
    ERR_clear_error();
}

static void openssl_rest(struct tls *t)
{
    SSL_free_buffers(engine_of(t)->ssl);
}

/* ---- who is it? ---- */

static bool is_text(const ASN1_STRING *s)
{
    int type = ASN1_STRING_type(s);

    return type == V_ASN1_UTF8STRING || type == V_ASN1_PRINTABLESTRING || type == V_ASN1_IA5STRING;
}

static struct slice bytes_of(const ASN1_STRING *s)
{
    return slice_make(ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s));
}

static void name_subject(const X509 *certificate, struct tls_names *names)
{
    const X509_NAME *subject = X509_get_subject_name(certificate);
    int before = -1;

    for (int i = 0; i < X509_NAME_entry_count(subject); i++) {
        const X509_NAME_ENTRY *entry = X509_NAME_get_entry(subject, i);
        const ASN1_OBJECT *type = X509_NAME_ENTRY_get_object(entry);
        const ASN1_STRING *value = X509_NAME_ENTRY_get_data(entry);
        int set = X509_NAME_ENTRY_set(entry);
        if (!is_text(value))
            names_spoil_subject(names);
        names_put_attribute(names, slice_make(OBJ_get0_data(type), OBJ_length(type)),
                            bytes_of(value), set == before);
        before = set;
    }
}

static void name_alternatives(const X509 *certificate, struct tls_names *names)
{
    static const struct {
        int type;
        const char *kind;
    } kinds[] = {{GEN_DNS, "DNS"}, {GEN_EMAIL, "email"}, {GEN_URI, "URI"}};
    GENERAL_NAMES *all = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);

    for (int i = 0; all && i < sk_GENERAL_NAME_num(all); i++) {
        const GENERAL_NAME *one = sk_GENERAL_NAME_value(all, i);
        for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++)
            if (one->type == kinds[k].type)
                names_put_san(names, kinds[k].kind, bytes_of(one->d.ia5));
    }
    GENERAL_NAMES_free(all);
}

static struct tls_about openssl_about(const struct tls *t, struct tls_names *names)
{
    const struct openssl_engine *e = engine_of(t);
    X509 *peer = SSL_get0_peer_certificate(e->ssl);
    bool was_asked = SSL_get_verify_mode(e->ssl) & SSL_VERIFY_PEER;

    if (names)
        names_clear(names);
    if (names && peer)
        names->has_fingerprint = X509_digest(peer, EVP_sha1(), names->fingerprint, NULL) == 1;
    if (names && peer && was_asked && SSL_get_verify_result(e->ssl) == X509_V_OK) {
        name_subject(peer, names);
        name_alternatives(peer, names);
    }
    return (struct tls_about){.version = SSL_get_version(e->ssl),
                              .cipher = SSL_CIPHER_standard_name(SSL_get_current_cipher(e->ssl)),
                              .is_resumed = SSL_session_reused(e->ssl)};
}

const struct tls_provider tls_openssl = {
    .name = "openssl",
    .versions = "TLS 1.2 and 1.3",
    .has_tls13 = true,
    .context_new = openssl_context_new,
    .context_free = openssl_context_free,
    .open = openssl_open,
    .close = openssl_close,
    .handshake = openssl_handshake,
    .read = openssl_read,
    .write = openssl_write,
    .shut = openssl_shut,
    .rest = openssl_rest,
    .about = openssl_about,
};
