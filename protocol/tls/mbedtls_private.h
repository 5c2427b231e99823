/* mbedTLS's contexts (mbedtls_context.c) and engines (mbedtls.c), as the two files see them. */
#ifndef PROTOCOL_TLS_MBEDTLS_PRIVATE_H
#define PROTOCOL_TLS_MBEDTLS_PRIVATE_H

#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ticket.h>

#include "protocol/tls/tls.h"

enum { MBED_SUITES_MAX = 64 };

/* A session of one server. */
struct mbed_session {
    char host[TLS_HOST_MAX + 1];
    bool is_set;
    mbedtls_ssl_session session;
};

struct mbed_context {
    struct tls_context head;
    mbedtls_ssl_config config;
    mbedtls_x509_crt chain, ca;
    mbedtls_pk_context key;
    mbedtls_ssl_ticket_context tickets;
    int suites[MBED_SUITES_MAX + 1]; /* 0 after the last */
    enum tls_side side;
    enum tls_trust trust;
    bool asks;             /* for a certificate of the other side */
    bool has_taken_ticket; /* since somebody has set it to false: a client's ticket was good */
    size_t next;           /* of sessions, to be overwritten */
    struct mbed_session sessions[TLS_SESSIONS];
};

/* ---- mbedtls_context.c ---- */

struct tls_context *mbed_context_new(const struct tls_setup *setup, struct error *e);
void mbed_context_free(struct tls_context *context);

/* Where the session with this host is kept, and how it is dropped. */
struct mbed_session *mbed_session_of(struct mbed_context *c, struct slice host);
void mbed_session_forget(struct mbed_session *slot);

#endif
