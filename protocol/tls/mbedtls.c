/* TLS by mbedTLS 2.28, which has no TLS 1.3: an SSL context whose callbacks are the engine's
 * queues. Its two 16 KiB buffers stay as long as the connection does. */
#include <arpa/inet.h>
#include <mbedtls/error.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ticket.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/memory.h"
#include "base/must.h"
#include "base/secret.h"
#include "protocol/tls/crypto.h"
#include "protocol/tls/mbedtls_private.h"

struct engine {
    struct tls head;
    struct mbed_context *context;
    mbedtls_ssl_context ssl;
    struct mbed_session *slot;        /* a client's */
    unsigned char address[16];        /* TLS_TRUST_NAME, and the host is an address */
    size_t address_size;              /* 4 or 16; 0: the host is a name */
    unsigned char offered_master[48]; /* of the session that the client wants to resume */
    bool is_resumed;
};

static struct engine *engine_of(const struct tls *t)
{
    return (struct engine *)(uintptr_t)t;
}

/* ---- the queues as callbacks ---- */

static int pull(void *owner, unsigned char *buffer, size_t room)
{
    struct engine *e = owner;
    struct queue *q = &e->head.absorb;
    size_t n = room < q->size ? room : q->size;

    if (n == 0)
        return MBEDTLS_ERR_SSL_WANT_READ;
    queue_peek(q, 0, buffer, n);
    queue_drop(q, n);
    return (int)n;
}

static int push(void *owner, const unsigned char *bytes, size_t n)
{
    struct engine *e = owner;

    queue_put(&e->head.emit, slice_make(bytes, n));
    return (int)n;
}

/* ---- what went wrong ---- */

/* The first of the reasons why a certificate was not accepted. */
static enum tls_state distrusted(struct engine *e, uint32_t flags)
{
    char reasons[512] = "";

    mbedtls_x509_crt_verify_info(reasons, sizeof(reasons), "", flags);
    reasons[strcspn(reasons, "\n")] = '\0';
    return tls_break(&e->head, "certificate: %s", reasons);
}

/* After a call that moved nothing. */
static enum tls_state state_after(struct engine *e, int result)
{
    uint32_t flags = mbedtls_ssl_get_verify_result(&e->ssl);
    char reason[128];

    if (result == MBEDTLS_ERR_SSL_WANT_READ || result == MBEDTLS_ERR_SSL_WANT_WRITE)
        return TLS_MORE;
    if (result == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY || result == 0)
        return TLS_CLOSED;
    if (result == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED && flags != UINT32_MAX)
        return distrusted(e, flags);
    mbedtls_strerror(result, reason, sizeof(reason));
    return tls_break(&e->head, "%s", reason);
}

/* ---- engines ---- */

static void connect_to(struct engine *e, struct slice host)
{
    struct mbed_context *c = e->context;
    char name[TLS_HOST_MAX + 1];
    unsigned char address[16];

    must(host.size <= TLS_HOST_MAX);
    snprintf(name, sizeof(name), "%.*s", SHOW(host));
    size_t size = inet_pton(AF_INET, name, address) == 1    ? 4
                  : inet_pton(AF_INET6, name, address) == 1 ? 16
                                                            : 0;
    if (size == 0) /* RFC 6066: no addresses in SNI */
        must(mbedtls_ssl_set_hostname(&e->ssl, host.size ? name : NULL) == 0);
    if (size && c->trust == TLS_TRUST_NAME) {
        memcpy(e->address, address, size);
        e->address_size = size;
    }
    e->slot = mbed_session_of(c, host);
    if (e->slot->is_set && mbedtls_ssl_set_session(&e->ssl, &e->slot->session) == 0)
        memcpy(e->offered_master, e->slot->session.master, sizeof(e->offered_master));
}

static struct tls *engine_open(struct tls_context *context, struct chunk_pool *pool,
                               struct slice host)
{
    struct mbed_context *c = (struct mbed_context *)context;
    struct engine *e = memory_new(1, sizeof(*e));

    tls_init(&e->head, context, pool);
    e->context = c;
    mbedtls_ssl_init(&e->ssl);
    must(mbedtls_ssl_setup(&e->ssl, &c->config) == 0); /* fails for want of memory only */
    mbedtls_ssl_set_bio(&e->ssl, e, push, pull, NULL);
    if (c->side == TLS_CLIENT)
        connect_to(e, host);
    return &e->head;
}

static void engine_close(struct tls *t)
{
    struct engine *e = engine_of(t);

    if (!t)
        return;
    mbedtls_ssl_free(&e->ssl);
    secret_wipe(e->offered_master, sizeof(e->offered_master));
    tls_fini(t);
    tls_context_unref(&e->context->head);
    free(e);
}

/* ---- the end of a handshake ---- */

/* An alternative name of this kind (RFC 5280, section 4.2.1.6), in raw bytes. */
enum { SAN_EMAIL = 1, SAN_DNS = 2, SAN_URI = 6, SAN_ADDRESS = 7, SAN_KIND = 0x1f };

/* mbedTLS compares names only; the addresses are left to us. */
static bool has_address(const struct engine *e)
{
    const mbedtls_x509_crt *peer = mbedtls_ssl_get_peer_cert(&e->ssl);
    const mbedtls_x509_sequence *san = peer ? &peer->subject_alt_names : NULL;

    for (; san; san = san->next)
        if ((san->buf.tag & SAN_KIND) == SAN_ADDRESS && san->buf.len == e->address_size
            && memcmp(san->buf.p, e->address, e->address_size) == 0)
            return true;
    return false;
}

static void remember(struct engine *e)
{
    struct mbed_session *slot = e->slot;

    mbed_session_forget(slot);
    slot->is_set = mbedtls_ssl_get_session(&e->ssl, &slot->session) == 0;
    e->is_resumed =
        slot->is_set
        && memcmp(slot->session.master, e->offered_master, sizeof(e->offered_master)) == 0;
    secret_wipe(e->offered_master, sizeof(e->offered_master));
}

/* A client may come without a certificate, but not with a bad one. */
static enum tls_state completed(struct engine *e)
{
    const uint32_t none = MBEDTLS_X509_BADCERT_MISSING | MBEDTLS_X509_BADCERT_SKIP_VERIFY;
    uint32_t flags = mbedtls_ssl_get_verify_result(&e->ssl);
    bool is_client = e->context->side == TLS_CLIENT;

    if (!is_client && e->context->asks && flags & ~none) {
        mbedtls_ssl_send_alert_message(&e->ssl, MBEDTLS_SSL_ALERT_LEVEL_FATAL,
                                       MBEDTLS_SSL_ALERT_MSG_BAD_CERT);
        return distrusted(e, flags);
    }
    if (e->address_size && !has_address(e)) {
        mbedtls_ssl_send_alert_message(&e->ssl, MBEDTLS_SSL_ALERT_LEVEL_FATAL,
                                       MBEDTLS_SSL_ALERT_MSG_BAD_CERT);
        return tls_break(&e->head, "certificate: it is not made out for this address");
    }
    if (is_client)
        remember(e);
    return TLS_DONE;
}

static enum tls_state engine_handshake(struct tls *t)
{
    struct engine *e = engine_of(t);

    e->context->has_taken_ticket = false;
    int result = mbedtls_ssl_handshake(&e->ssl);
    e->is_resumed |= e->context->has_taken_ticket;
    return result == 0 ? completed(e) : state_after(e, result);
}

/* ---- bytes ---- */

static enum tls_state engine_read(struct tls *t, void *buffer, size_t room, size_t *got)
{
    struct engine *e = engine_of(t);
    int result = mbedtls_ssl_read(&e->ssl, buffer, room);

    if (result <= 0)
        return state_after(e, result);
    *got = (size_t)result;
    return TLS_DONE;
}

static enum tls_state engine_write(struct tls *t, struct slice bytes)
{
    struct engine *e = engine_of(t);

    while (bytes.size) {
        int n = mbedtls_ssl_write(&e->ssl, (const unsigned char *)bytes.data, bytes.size);
        if (n <= 0) {
            state_after(e, n);
            return TLS_BROKEN;
        }
        bytes = slice_after(bytes, (size_t)n);
    }
    return TLS_DONE;
}

static void engine_shut(struct tls *t)
{
    mbedtls_ssl_close_notify(&engine_of(t)->ssl);
}

static void engine_rest(struct tls *t)
{
    (void)t; /* there is nothing that could be given back */
}

/* ---- who is it? ---- */

static bool is_text(const mbedtls_asn1_buf *value)
{
    return value->tag == MBEDTLS_ASN1_UTF8_STRING || value->tag == MBEDTLS_ASN1_PRINTABLE_STRING
           || value->tag == MBEDTLS_ASN1_IA5_STRING;
}

static void name_subject(const mbedtls_x509_crt *certificate, struct tls_names *names)
{
    bool joins = false;

    for (const mbedtls_x509_name *part = &certificate->subject; part; part = part->next) {
        if (!is_text(&part->val))
            names_spoil_subject(names);
        names_put_attribute(names, slice_make(part->oid.p, part->oid.len),
                            slice_make(part->val.p, part->val.len), joins);
        joins = part->next_merged;
    }
}

static void name_alternatives(const mbedtls_x509_crt *certificate, struct tls_names *names)
{
    static const char *const kinds[] = {
        [SAN_EMAIL] = "email", [SAN_DNS] = "DNS", [SAN_URI] = "URI", [SAN_ADDRESS] = NULL};
    const mbedtls_x509_sequence *san = &certificate->subject_alt_names;

    for (; san && san->buf.p; san = san->next) {
        unsigned kind = san->buf.tag & SAN_KIND;
        if (kind < sizeof(kinds) / sizeof(*kinds) && kinds[kind])
            names_put_san(names, kinds[kind], slice_make(san->buf.p, san->buf.len));
    }
}

static struct tls_about engine_about(const struct tls *t, struct tls_names *names)
{
    const struct engine *e = engine_of(t);
    const mbedtls_x509_crt *peer = mbedtls_ssl_get_peer_cert(&e->ssl);

    if (names)
        names_clear(names);
    if (names && peer) {
        const struct slice whole = {(const char *)peer->raw.p, peer->raw.len};
        crypto_mbedtls.sha1(&whole, 1, names->fingerprint);
        names->has_fingerprint = true;
    }
    if (names && peer && e->context->asks && mbedtls_ssl_get_verify_result(&e->ssl) == 0) {
        name_subject(peer, names);
        name_alternatives(peer, names);
    }
    return (struct tls_about){.version = mbedtls_ssl_get_version(&e->ssl),
                              .cipher = mbedtls_ssl_get_ciphersuite(&e->ssl),
                              .is_resumed = e->is_resumed};
}

const struct tls_provider tls_mbedtls = {
    .name = "mbedtls",
    .versions = "TLS 1.2",
    .has_tls13 = false,
    .context_new = mbed_context_new,
    .context_free = mbed_context_free,
    .open = engine_open,
    .close = engine_close,
    .handshake = engine_handshake,
    .read = engine_read,
    .write = engine_write,
    .shut = engine_shut,
    .rest = engine_rest,
    .about = engine_about,
};
