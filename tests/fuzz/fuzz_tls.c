/* What the other side sends before anybody is known: records of TLS, to each library as a server
 * and as a client. The first byte chooses both; the rest arrives in pieces whose sizes come from
 * it. */
#include <stdint.h>

#include "base/error.h"
#include "base/must.h"
#include "protocol/tls/tls.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A certificate of nobody, and its key. */
static const char certificate[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBdjCCARugAwIBAgIUUKMuxTwYE4GNoOssp6MiDRC0mnowCgYIKoZIzj0EAwIw\n"
    "DzENMAsGA1UEAwwEZnV6ejAgFw0yNjExMjkxMjQ1NDNaGA8yMTI2MTEwNTEyNDU0\n"
    "M1owDzENMAsGA1UEAwwEZnV6ejBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABMg6\n"
    "F479ce/A7wa/N9J+XbdB1+fifF9l6aIL4dkmtmzDgjQ9e73CBSOgWKWEEWs+fB9N\n"
    "64TQ1Cy60hwh9ob6WmCjUzBRMB0GA1UdDgQWBBSEss36hFMvF1SrpwRcxCEmwVWW\n"
    "tzAfBgNVHSMEGDAWgBSEss36hFMvF1SrpwRcxCEmwVWWtzAPBgNVHRMBAf8EBTAD\n"
    "AQH/MAoGCCqGSM49BAMCA0kAMEYCIQCHIiAwNzxYRqaA8hDOtHu4AiOhkXRtGORW\n"
    "ipNIYy8K2wIhAPvk/k/u0plw7EOOepmT8hh55Y1ZOBeMpKwMjwq3vsNi\n"
    "-----END CERTIFICATE-----\n";
static const char key[] = "-----BEGIN PRIVATE KEY-----\n"
                          "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg+sFKS7MlYRhX9R1o\n"
                          "qQi83XQjYjxeuLtJIDIM5B8dNjahRANCAATIOheO/XHvwO8GvzfSfl23Qdfn4nxf\n"
                          "ZemiC+HZJrZsw4I0PXu9wgUjoFilhBFrPnwfTeuE0NQsutIcIfaG+lpg\n"
                          "-----END PRIVATE KEY-----\n";

enum { LEFT_MAX = 64 * 1024, ANSWER_MAX = 128 * 1024 };

static struct chunk_pool pool;

static struct tls_context *context_of(size_t provider, enum tls_side side)
{
    static struct tls_context *contexts[2][2];
    const struct tls_provider *p = tls_provider_at(provider);
    struct tls_setup setup = {.side = side,
                              .ca = slice_of(certificate),
                              .trust = TLS_TRUST_NAME,
                              .ticket_key = "the same for all"};
    struct error e;

    if (side == TLS_SERVER) {
        setup.certificate = slice_of(certificate);
        setup.key = slice_of(key);
    }
    if (p && !contexts[provider][side])
        contexts[provider][side] = p->context_new(&setup, &e);
    must(!p || contexts[provider][side]);
    return contexts[provider][side];
}

/* As far as the engine goes with what has come. */
static enum tls_state go_on(struct tls *t, bool *is_through)
{
    char plain[1024];
    size_t got = 0;
    enum tls_state state = TLS_DONE;

    if (!*is_through) {
        state = t->provider->handshake(t);
        *is_through = state == TLS_DONE;
    }
    while (*is_through && state == TLS_DONE) {
        state = t->provider->read(t, plain, sizeof(plain), &got);
        must(state != TLS_DONE || (got > 0 && got <= sizeof(plain)));
    }
    return state;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool is_through = false;
    enum tls_state state = TLS_MORE;

    if (size < 2)
        return 0;
    struct tls_context *context = context_of(data[0] & 1, data[0] & 2 ? TLS_CLIENT : TLS_SERVER);
    if (!context)
        return 0; /* of a library that is not built in */
    struct tls *t = context->provider->open(context, &pool, SLICE("fe1.example"));
    size_t piece = (size_t)data[1] + 1;
    for (size_t at = 2; at < size && state == TLS_MORE; at += piece) {
        size_t n = size - at < piece ? size - at : piece;
        queue_put(&t->absorb, slice_make(data + at, n));
        state = go_on(t, &is_through);
        must(state != TLS_BROKEN || t->problem[0]);
        must(t->absorb.size <= LEFT_MAX && t->emit.size <= ANSWER_MAX);
    }
    context->provider->close(t);
    must(pool.out == 0);
    return 0;
}
