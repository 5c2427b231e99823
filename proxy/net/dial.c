/* From a host name and a port to a connected stream: resolve, then try one address after the other.
 *
 * A handle of libuv cannot connect again after a failure, so between attempts it is closed and made
 * anew; meanwhile its data points to the dial, and stream_close leaves the closing to us. */
#include <netdb.h>
#include <string.h>

#include "base/must.h"
#include "proxy/net/net_private.h"

static void start(struct stream *s)
{
    uv_os_fd_t fd;

    if (uv_fileno((uv_handle_t *)&s->tcp, &fd) == 0)
        socket_tune(fd);
    stream_start(s);
}

static void finish(struct dial *d, int error)
{
    uv_freeaddrinfo(d->addresses);
    d->addresses = NULL;
    if (error == 0)
        start(d->stream);
    d->done(d->owner, error);
}

static void try_address(struct dial *d);

static void reopened(uv_handle_t *handle)
{
    struct dial *d = handle->data;
    struct stream *s = d->stream;

    s->is_redialling = false;
    if (s->is_closing) {
        finish(d, UV_ECANCELED);
        stream_was_closed(s);
        return;
    }
    uv_tcp_init(&s->loop->uv, &s->tcp);
    s->tcp.data = s;
    try_address(d);
}

static void connected(uv_connect_t *request, int error)
{
    struct dial *d = request->data;

    if (error && !d->stream->is_closing && d->next->ai_next) {
        d->next = d->next->ai_next;
        d->stream->is_redialling = true;
        d->stream->tcp.data = d;
        uv_close((uv_handle_t *)&d->stream->tcp, reopened);
        return;
    }
    finish(d, d->stream->is_closing ? UV_ECANCELED : error);
}

static void try_address(struct dial *d)
{
    d->connect.data = d;
    int error = uv_tcp_connect(&d->connect, &d->stream->tcp, d->next->ai_addr, connected);
    if (error)
        connected(&d->connect, error);
}

static void resolved(uv_getaddrinfo_t *request, int error, struct addrinfo *addresses)
{
    struct dial *d = request->data;

    d->addresses = d->next = addresses;
    if (d->stream->is_closing)
        error = UV_ECANCELED;
    else if (!error && !addresses)
        error = UV_EAI_NONAME;
    if (error)
        finish(d, error);
    else
        try_address(d);
}

void dial_start(struct dial *d, struct stream *s, struct slice host, uint16_t port, void *owner,
                void (*done)(void *owner, int error))
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    char service[8];

    *d = (struct dial){.stream = s, .owner = owner, .done = done};
    snprintf(service, sizeof(service), "%u", port);
    d->resolve.data = d;
    int error = uv_getaddrinfo(&s->loop->uv, &d->resolve, resolved, host.data, service, &hints);
    must(error == 0); /* fails only for arguments that make no sense */
}

const char *dial_error(int error)
{
    return uv_strerror(error);
}
