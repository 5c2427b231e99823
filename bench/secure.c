/* Reads run ahead of records, 64 KiB at a time, and go on until the socket is empty. */
#include "bench/secure.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

enum { AHEAD = 64 * 1024 };

#define SUITE_12 "ECDHE-ECDSA-AES128-GCM-SHA256"
#define SUITE_13 "TLS_AES_128_GCM_SHA256"

struct ssl_ctx_st *secure_context(unsigned minor)
{
    const int version = minor == 3 ? TLS1_3_VERSION : TLS1_2_VERSION;
    SSL_CTX *c = SSL_CTX_new(TLS_client_method());

    if (!c)
        return NULL;
    SSL_CTX_set_verify(c, SSL_VERIFY_NONE, NULL);
    SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(c, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(c, 1);
    SSL_CTX_set_default_read_buffer_len(c, AHEAD);
    if (SSL_CTX_set_min_proto_version(c, version) == 1
        && SSL_CTX_set_max_proto_version(c, version) == 1
        && SSL_CTX_set_cipher_list(c, SUITE_12) == 1 && SSL_CTX_set_ciphersuites(c, SUITE_13) == 1)
        return c;
    SSL_CTX_free(c);
    return NULL;
}

void secure_context_free(struct ssl_ctx_st *c)
{
    SSL_CTX_free(c);
}

struct ssl_st *secure_open(struct ssl_ctx_st *context, int fd)
{
    SSL *s = SSL_new(context);

    if (s && SSL_set_fd(s, fd) == 1) {
        SSL_set_connect_state(s);
        return s;
    }
    SSL_free(s);
    return NULL;
}

void secure_close(struct ssl_st *s)
{
    SSL_free(s);
}

static bool is_waiting(const SSL *s, int result)
{
    int why = SSL_get_error(s, result);

    return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
}

bool secure_handshake(struct ssl_st *s)
{
    ERR_clear_error();
    int result = SSL_do_handshake(s);

    if (result == 1)
        return true;
    errno = is_waiting(s, result) ? EAGAIN : EPROTO;
    return false;
}

ssize_t secure_read(struct ssl_st *s, void *buffer, size_t room, bool *more)
{
    size_t have = 0, got;
    int result = 1;

    *more = true;
    ERR_clear_error();
    while (have < room && (result = SSL_read_ex(s, (char *)buffer + have, room - have, &got)) == 1)
        have += got;
    if (result != 1 && is_waiting(s, result))
        *more = false;
    if (have || SSL_get_error(s, result) == SSL_ERROR_ZERO_RETURN)
        return (ssize_t)have;
    errno = *more ? EPROTO : EAGAIN;
    return -1;
}

ssize_t secure_write(struct ssl_st *s, const void *data, size_t size)
{
    size_t sent;

    ERR_clear_error();
    int result = SSL_write_ex(s, data, size, &sent);
    if (result == 1)
        return (ssize_t)sent;
    errno = is_waiting(s, result) ? EAGAIN : EPROTO;
    return -1;
}

const char *secure_trouble(void)
{
    unsigned long code = ERR_peek_error();
    const char *text = code ? ERR_reason_error_string(code) : NULL;

    return text ? text : "the connection broke off";
}
