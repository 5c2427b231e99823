/* TLS with a frontend: between its greeting and our login.
 *
 *   DIALS ──greeting──> wish for TLS ──> ENCRYPTS ──> LOGS_IN
 *     └───────────────── without it ────────────────────^
 *
 * A mode that wants TLS never goes on without: a frontend that does not offer it, or whose
 * handshake or certificate is bad, is as good as away. */
#include "proxy/backend/backend_private.h"

#include "auth/auth.h"
#include "base/memory.h"
#include "base/writer.h"
#include "protocol/tls/tls.h"

enum { WISH_MAX = 64 };

static const struct tls_settings *settings_of(const struct backend *b)
{
    return &b->pool->source->cluster->tls;
}

enum answer_wire encrypt_wire(const struct backend *b)
{
    if (!b->server.is_secured)
        return WIRE_CLEAR;
    return settings_of(b)->mode >= TLS_VERIFY_CA ? WIRE_PROVEN : WIRE_ENCRYPTED;
}

/* A frontend speaks next when it was spoken to: what has come behind the greeting was slipped in.
 */
static const char *start(struct backend *b, struct slice greeting, struct slice wish)
{
    if (b->server.in.size)
        return "it, or somebody between, has sent bytes in clear ahead of TLS";
    b->greeting = memory_copy(greeting);
    b->greeting_size = greeting.size;
    b->phase = BACKEND_ENCRYPTS;
    packet_put(&b->server.out, &b->sequence, wish);
    stream_secure(&b->server, b->pool->tls, b->route->at.query.host);
    return NULL;
}

const char *encrypt_start(struct backend *b, const struct answer_as *as, struct slice greeting)
{
    char room[WISH_MAX];
    struct writer w = writer_over(room, sizeof(room));

    if (!b->pool->tls || reply_kind(greeting) == REPLY_ERR) /* it says why, before anything else */
        return NULL;
    if (answer_wish_tls(as, greeting, &w))
        return start(b, greeting, writer_bytes(&w));
    return settings_of(b)->mode == TLS_PREFERRED
               ? NULL
               : "it offers no TLS, which the cluster's tls asks for";
}
