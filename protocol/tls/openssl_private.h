/* OpenSSL's contexts (openssl_context.c) and engines (openssl.c), as the two files see them. */
#ifndef PROTOCOL_TLS_OPENSSL_PRIVATE_H
#define PROTOCOL_TLS_OPENSSL_PRIVATE_H

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include "protocol/tls/tls.h"

/* A session of one server. */
struct openssl_session {
    char host[TLS_HOST_MAX + 1];
    SSL_SESSION *session; /* owned; NULL: none */
};

struct openssl_context {
    struct tls_context head;
    SSL_CTX *ssl;
    BIO_METHOD *method;
    enum tls_side side;
    enum tls_trust trust;
    size_t next; /* of sessions, to be overwritten */
    struct openssl_session sessions[TLS_SESSIONS];
};

struct openssl_engine {
    struct tls head;
    struct openssl_context *context;
    SSL *ssl;
    struct openssl_session *slot; /* a client's */
};

/* ---- openssl_context.c ---- */

struct tls_context *openssl_context_new(const struct tls_setup *setup, struct error *e);
void openssl_context_free(struct tls_context *context);

/* Where the session with this host is kept. */
struct openssl_session *openssl_session_of(struct openssl_context *c, struct slice host);

/* The library's last words, without its queue of them; a constant text. */
const char *openssl_last_error(void);

/* ---- openssl.c ---- */

/* What makes an engine's queues a BIO; the caller's to free. */
BIO_METHOD *openssl_queues(void);

#endif
