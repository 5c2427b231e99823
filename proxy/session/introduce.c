/* LOGIN, first of all: behind a trusted proxy the first bytes may tell whose connection this is.
 * The greeting is out by then and holds nothing that depends on it, so a client that comes without
 * a header from the same address is served, too: the first bytes of a login are no header. */
#include "proxy/session/session_private.h"

#include "base/decimal.h"

void session_name_client(struct session *s, uint16_t port)
{
    _Static_assert(sizeof(s->client_name) >= sizeof(s->peer.text) + sizeof(":65535"), "room");
    size_t size = strlen(s->peer.text);

    memcpy(s->client_name, s->peer.text, size);
    s->client_name[size] = ':';
    *decimal_put(s->client_name + size + 1, port) = '\0';
}

enum proxied_state introduce(struct session *s)
{
    const struct settings *settings = &s->snapshot->config->settings;
    struct queue *in = &s->client.in;
    char bytes[PROXIED_MAX];
    struct proxied p;

    if (!peer_is_in(&s->peer, settings->trusted_proxies, settings->trusted_proxy_count))
        return PROXIED_NO;
    size_t size = in->size < sizeof(bytes) ? in->size : sizeof(bytes);
    queue_peek(in, 0, bytes, size);
    enum proxied_state state = proxied_read(slice_make(bytes, size), &p);
    if (state != PROXIED_YES)
        return state;
    queue_drop(in, p.size);
    stream_taken(&s->client);
    s->is_health_check = p.is_local;
    if (p.has_peer) {
        s->peer = p.peer;
        session_name_client(s, p.port);
    }
    return PROXIED_YES;
}
