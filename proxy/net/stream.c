/* A TCP connection with a queue each way, with or without TLS (secure.c) in between.
 *
 *   socket -> in -> owner            owner -> out -> socket
 *
 * Reading pauses by itself while `in` holds in_high bytes and while the owner holds the stream.
 * Writing tries the socket first; only what it does not take waits for libuv. Both go past libuv,
 * which calls read and write: for a socket the kernel's longer way, by its files. While a write of
 * libuv is under way the chunks that it reads from stay at the front of `out`; new bytes go behind
 * them. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "base/memory.h"
#include "base/must.h"
#include "protocol/tls/tls.h"
#include "proxy/net/net_private.h"

enum { VECTORS = 32, PIECES = 32 };

void stream_init(struct stream *s, struct loop *l, void *owner,
                 void (*notify)(void *owner, unsigned events))
{
    memset(s, 0, sizeof(*s));
    s->loop = l;
    s->owner = owner;
    s->notify = notify;
    s->in_high = QUEUE_HIGH;
    s->socket = -1;
    queue_init(&s->in, &l->chunks);
    queue_init(&s->out, &l->chunks);
    uv_tcp_init(&l->uv, &s->tcp);
    s->tcp.data = s;
}

void stream_end(struct stream *s, int error)
{
    if (!s->is_open)
        return;
    s->is_open = false;
    s->error = error;
    uv_read_stop((uv_stream_t *)&s->tcp);
    s->is_reading = false;
    s->notify(s->owner, STREAM_ENDED);
}

void stream_expect(struct stream *s, millis longest)
{
    unsigned value = (unsigned)longest;

    if (s->socket >= 0)
        setsockopt(s->socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &value, sizeof(value));
}

/* What the socket fills and empties. */
static struct queue *arriving(struct stream *s)
{
    return s->tls ? &s->tls->absorb : &s->in;
}

static struct queue *leaving(struct stream *s)
{
    return s->tls ? &s->tls->emit : &s->out;
}

static void update_reading(struct stream *s);

/* One piece; true when the socket may have more for us. */
static bool receive(struct stream *s)
{
    struct queue *q = arriving(s);
    size_t room;
    char *to = queue_reserve(q, &room);
    int error = UV_EOF;
    ssize_t n;

    do
        n = recv(s->socket, to, room, MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        error = uv_translate_sys_error(errno);
    queue_commit(q, n > 0 ? (size_t)n : 0);
    if (n <= 0) {
        if (error != UV_EAGAIN)
            stream_end(s, error);
        return false;
    }
    if (s->tls)
        secure_open(s);
    else
        s->notify(s->owner, STREAM_ARRIVED);
    if (s->is_open)
        update_reading(s);
    return s->is_reading && (size_t)n == room;
}

static void give_nothing(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    (void)handle;
    (void)suggested;
    *buffer = uv_buf_init(NULL, 0);
}

/* libuv only says when: without a buffer it calls with UV_ENOBUFS and does not read itself. */
static void readable(uv_stream_t *tcp, ssize_t status, const uv_buf_t *buffer)
{
    struct stream *s = tcp->data;
    unsigned pieces = PIECES; /* then others have their turn */

    (void)buffer;
    if (status != UV_ENOBUFS) {
        stream_end(s, (int)status);
        return;
    }
    while (pieces-- && receive(s))
        continue;
}

static void update_reading(struct stream *s)
{
    bool wanted = s->is_open && !s->is_closing && !s->is_held && s->in.size < s->in_high;

    if (wanted && !s->is_reading) {
        s->is_reading = true;
        if (uv_read_start((uv_stream_t *)&s->tcp, give_nothing, readable) != 0)
            s->is_reading = false;
    } else if (!wanted && s->is_reading) {
        s->is_reading = false;
        uv_read_stop((uv_stream_t *)&s->tcp);
    }
}

bool socket_tune(int fd)
{
    static const struct {
        int level, name, value;
    } options[] = {
        {IPPROTO_TCP, TCP_NODELAY, 1},   {SOL_SOCKET, SO_KEEPALIVE, 1},
        {IPPROTO_TCP, TCP_KEEPIDLE, 60}, /* seconds of silence before it is asked, */
        {IPPROTO_TCP, TCP_KEEPINTVL, 1}, /* between questions, */
        {IPPROTO_TCP, TCP_KEEPCNT, 10},  /* and how many go unanswered before it is over */
    };

    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        if (setsockopt(fd, options[i].level, options[i].name, &options[i].value,
                       sizeof(options[i].value))
            != 0)
            return false;
    return true;
}

void stream_start(struct stream *s)
{
    must(uv_fileno((uv_handle_t *)&s->tcp, &s->socket) == 0);
    s->is_open = true;
    update_reading(s);
}

void stream_hold(struct stream *s)
{
    s->is_held = true;
    update_reading(s);
}

void stream_release(struct stream *s)
{
    s->is_held = false;
    stream_taken(s);
}

void stream_taken(struct stream *s)
{
    if (s->tls && s->in.size < s->in_high) /* what was opened or is sealed still comes first */
        secure_open(s);
    update_reading(s);
}

static void written(uv_write_t *request, int status)
{
    struct stream *s = request->data;

    free(request);
    s->write = NULL;
    s->is_writing = false;
    if (s->is_closing)
        return;
    if (status < 0) {
        stream_end(s, status);
        return;
    }
    queue_drop(leaving(s), s->write_size);
    stream_flush(s);
    if (s->is_open && queue_is_low(&s->out))
        s->notify(s->owner, STREAM_DRAINED);
}

/* Hands the front of the queue to libuv, which waits for the socket. */
static void write_later(struct stream *s)
{
    struct iovec vectors[VECTORS];
    unsigned count = queue_vectors(leaving(s), vectors, VECTORS);
    uv_buf_t buffers[VECTORS];

    s->write_size = 0;
    for (unsigned i = 0; i < count; i++) {
        buffers[i] = uv_buf_init(vectors[i].iov_base, (unsigned)vectors[i].iov_len);
        s->write_size += vectors[i].iov_len;
    }
    s->write = memory_new(1, sizeof(*s->write));
    s->write->data = s;
    int error = uv_write(s->write, (uv_stream_t *)&s->tcp, buffers, count, written);
    s->is_writing = !error;
    if (!error)
        return;
    free(s->write);
    s->write = NULL;
    stream_end(s, error);
}

/* The bytes that the socket took, or libuv's code of what is wrong. */
static ssize_t offer(uv_os_fd_t socket, struct iovec *vectors, unsigned count)
{
    const int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    struct msghdr all = {.msg_iov = vectors, .msg_iovlen = count};
    ssize_t n;

    do
        n = count == 1 ? send(socket, vectors->iov_base, vectors->iov_len, flags)
                       : sendmsg(socket, &all, flags);
    while (n < 0 && errno == EINTR);
    return n < 0 ? uv_translate_sys_error(errno) : n;
}

/* Gives the socket what it takes at once; false when it took less than there is. */
static bool write_now(struct stream *s)
{
    struct queue *q = leaving(s);

    while (q->size) {
        struct iovec vectors[VECTORS];
        unsigned count = queue_vectors(q, vectors, VECTORS);
        size_t offered = 0;

        for (unsigned i = 0; i < count; i++)
            offered += vectors[i].iov_len;
        ssize_t n = offer(s->socket, vectors, count);
        if (n == UV_EAGAIN)
            return false;
        if (n < 0) {
            stream_end(s, (int)n);
            return true;
        }
        queue_drop(q, (size_t)n);
        if ((size_t)n < offered)
            return false;
    }
    return true;
}

void stream_flush(struct stream *s)
{
    if (!s->is_open || s->is_closing || s->is_writing)
        return;
    do {
        if (s->tls)
            secure_seal(s);
        if (s->is_open && !write_now(s)) {
            write_later(s);
            return;
        }
    } while (s->is_open && s->is_secured && s->out.size);
}

bool stream_owes(const struct stream *s)
{
    return s->out.size || (s->tls && s->tls->emit.size);
}

/* TLS has an end of its own, without which the other side may take this one for an attack. */
static void say_last_word(struct stream *s)
{
    if (!s->is_secured || s->is_writing)
        return;
    s->tls->provider->shut(s->tls);
    write_now(s);
}

void stream_shut(struct stream *s)
{
    s->has_shut = true;
    say_last_word(s);
    if (s->socket >= 0)
        shutdown(s->socket, SHUT_WR);
}

void stream_was_closed(struct stream *s)
{
    queue_clear(&s->in);
    queue_clear(&s->out);
    if (s->tls)
        s->tls->provider->close(s->tls);
    s->tls = NULL;
    if (s->closed)
        s->closed(s->owner);
}

static void closed(uv_handle_t *handle)
{
    stream_was_closed(handle->data);
}

void stream_close(struct stream *s, void (*then)(void *owner))
{
    bool has_more_to_say = s->is_open && !s->has_shut;

    must(!s->is_closing);
    s->is_closing = true;
    s->is_open = false;
    s->is_reading = false;
    if (has_more_to_say)
        say_last_word(s);
    s->closed = then;
    if (!s->is_redialling)
        uv_close((uv_handle_t *)&s->tcp, closed);
}

const char *stream_error(const struct stream *s)
{
    if (s->error == ERROR_TLS)
        return s->tls->problem;
    return s->error == UV_EOF || s->error == 0 ? "connection closed" : uv_strerror(s->error);
}

uint16_t stream_port(const struct stream *s)
{
    struct sockaddr_storage address = {0};
    int size = sizeof(address);

    if (uv_tcp_getsockname(&s->tcp, (struct sockaddr *)&address, &size) != 0)
        return 0;
    return ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                               : ((struct sockaddr_in *)&address)->sin_port);
}
