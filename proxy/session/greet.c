/* GREET: the first packet of a connection is ours: a greeting, or for one client too many an error,
 * as MySQL does it ("Protocol::Handshake" in its manual). */
#include "proxy/session/session_private.h"

#include "base/writer.h"

enum { GREETING_ROOM = 256, CHARSET_UTF8 = 33 };

/* A frontend's version by default: drivers choose their metadata statements by it. */
#define SERVER_VERSION SLICE("8.0.33")

static enum turn turn_away(struct session *s)
{
    struct error e;

    presence_turn_away(s, &e);
    reply_put_err(&s->client.out, &s->sequence, &e);
    return session_go(s, BYE);
}

enum turn greet(struct session *s)
{
    if (!s->is_present)
        return turn_away(s);
    const struct tls_settings *tls = &s->snapshot->config->listeners[s->door].tls;
    const uint32_t offered = GATEWAY_CAPABILITIES | (encrypt_context(s) ? CAPABILITY_SSL : 0);
    unsigned char room[GREETING_ROOM];
    struct writer w = writer_over(room, sizeof(room));
    struct greeting greeting = {.protocol = 10,
                                .version = SERVER_VERSION,
                                .connection_id = s->id,
                                .capabilities = offered,
                                .charset = CHARSET_UTF8,
                                .status = STATUS_AUTOCOMMIT,
                                .plugin = NATIVE_PLUGIN};

    salt_make(&s->all->salts, s->salt);
    memcpy(greeting.salt, s->salt, sizeof(greeting.salt));
    s->verify = arena_alloc(&s->arena, sizeof(*s->verify));
    verify_start(s->verify, s->snapshot->config, &s->peer, offered, greeting.salt, &s->arena);
    if (tls->mode == TLS_REQUIRED)
        verify_only_encrypted(s->verify);
    verify_serve_sha2(s->verify, &s->all->desk);
    verify_throttle(s->verify, s->all->throttle);
    greeting_put(&w, &greeting);
    packet_put(&s->client.out, &s->sequence, writer_bytes(&w));
    return session_go(s, LOGIN);
}
