/* LOGIN, when the client asks for TLS: the stream goes over to it, and the exchange goes on with
 * the login packet that comes inside. */
#include "proxy/session/session_private.h"

#include "protocol/tls/tls.h"

struct tls_context *encrypt_context(const struct session *s)
{
    return s->all->contexts->listeners[s->door];
}

/* Some clients send their ClientHello along with the request. It is TLS that is read next, never
 * clear bytes; this only says so in better words than the library has. */
static bool talks_on_in_clear(struct session *s)
{
    const unsigned char handshake = 0x16; /* content type of a record (RFC 8446, section 5.1) */
    struct slice next = queue_front(&s->client.in);

    return next.size && (unsigned char)next.data[0] != handshake;
}

enum turn encrypt(struct session *s)
{
    struct tls_context *context = encrypt_context(s);
    struct error e;

    if (!context) {
        refuse(&e, ERROR_HANDSHAKE, "starbind: this listener has no TLS");
        return login_turn_away(s, &e, "asked for TLS on a listener without it");
    }
    if (talks_on_in_clear(s)) {
        refuse(&e, ERROR_HANDSHAKE, "Bad handshake");
        return login_turn_away(s, &e, "sent data in clear behind its wish for TLS");
    }
    stream_secure(&s->client, context, (struct slice){0});
    return WAIT;
}

void encrypt_tell(struct session *s, struct verify *v)
{
    struct tls_names *names = arena_alloc(&s->arena, sizeof(*names));

    stream_about(&s->client, names);
    verify_encrypted(v, names);
}

void encrypt_count(struct session *s)
{
    struct metrics *m = &s->all->loop->metrics;

    metric_add(m, METRIC_tls_handshakes, 1);
    metric_add(m, METRIC_tls_resumed, stream_about(&s->client, NULL).is_resumed);
}

void encrypt_report(struct session *s)
{
    struct log_context who = session_context(s);

    if (!s->client.tls || s->client.is_secured)
        return;
    metric_add(&s->all->loop->metrics, METRIC_logins_refused, 1);
    metric_add(&s->all->loop->metrics, METRIC_tls_failed, 1);
    log_line(s->is_health_check ? LOG_DEBUG : LOG_INFO, &who, "login", "refused: TLS: %s",
             stream_error(&s->client));
}
