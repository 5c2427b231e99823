/* Listening sockets. Each worker binds its own with SO_REUSEPORT, and the kernel spreads the
 * clients. */
#include "proxy/net/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/must.h"
#include "proxy/net/net_private.h"

enum { BACKLOG = 1024, AT_ONCE = 64 /* clients taken before others are served */ };

static int bind_address(const struct addrinfo *at, bool is_shared)
{
    int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int on = 1;

    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0
        && (!is_shared || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) == 0)
        && bind(fd, at->ai_addr, at->ai_addrlen) == 0)
        return fd;
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

static uint16_t bound_port(int fd)
{
    struct sockaddr_storage at = {0};
    socklen_t size = sizeof(at);

    if (getsockname(fd, (struct sockaddr *)&at, &size) != 0)
        return 0;
    return ntohs(at.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&at)->sin6_port
                                          : ((struct sockaddr_in *)&at)->sin_port);
}

/* The first address of the host; NULL with the error filled. */
static struct addrinfo *resolve(struct slice host, uint16_t port, struct error *e)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC,
                             .ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    char service[8];

    snprintf(service, sizeof(service), "%u", port);
    int failure = getaddrinfo(host.size ? host.data : NULL, service, &hints, &found);
    if (failure)
        refuse(e, ERROR_CONFIG, "cannot resolve the listener's address '%.*s': %s", SHOW(host),
               gai_strerror(failure));
    return found;
}

static int bind_host(struct slice host, uint16_t port, bool is_shared, struct error *e)
{
    struct addrinfo *found = resolve(host, port, e);

    if (!found)
        return -1;
    int fd = bind_address(found, is_shared);
    if (fd < 0)
        refuse(e, ERROR_CONFIG, "cannot listen on %.*s:%u: %s", SHOW(host), port, strerror(errno));
    freeaddrinfo(found);
    return fd;
}

bool listen_is_free(struct slice host, uint16_t port, struct error *e)
{
    int fd = bind_host(host, port, false, e);

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

int listen_bind(struct slice host, uint16_t *port, struct error *e)
{
    int fd = bind_host(host, *port, true, e);

    if (fd >= 0)
        *port = bound_port(fd);
    return fd;
}

int listen_share(int fd, struct error *e)
{
    int shared = fcntl(fd, F_DUPFD_CLOEXEC, 0);

    if (shared < 0)
        refuse(e, ERROR_CONFIG, "cannot share a listener: %s", strerror(errno));
    return shared;
}

/* What every connection shall have is set on the listening socket: Linux hands it down to those
 * that come in, which saves five system calls for each. */
static bool prepare(int fd)
{
    return socket_tune(fd) && listen(fd, BACKLOG) == 0;
}

static int open_spare(void)
{
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* With no descriptor left, accept would fail for ever and the loop would spin: give up the spare
 * one, accept, close, and the client sees a closed connection instead of silence. */
static void shed_client(struct acceptor *a)
{
    close(a->spare);
    int client = accept4(a->fd, NULL, NULL, SOCK_CLOEXEC);
    if (client >= 0)
        close(client);
    a->spare = open_spare();
}

/* How many clients wait, as far as one turn shall serve them. An accept that finds nobody makes a
 * socket and a file in vain, which costs several times what asking does. Asked once a millisecond:
 * the others of short turns can wait for the next one. */
static unsigned waiting(struct acceptor *a)
{
    struct tcp_info info = {0};
    socklen_t size = sizeof(info);
    millis now = loop_now(a->loop);

    if (now == a->asked)
        return 1;
    a->asked = now;
    if (getsockopt(a->fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 || info.tcpi_unacked == 0)
        return 1;
    return info.tcpi_unacked < AT_ONCE ? info.tcpi_unacked : AT_ONCE;
}

/* False when there is none, or no descriptor for one. */
static bool accept_one(struct acceptor *a)
{
    socklen_t size = sizeof(a->address);

    a->address.ss_family = AF_UNSPEC;
    a->client = accept4(a->fd, (struct sockaddr *)&a->address, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (a->client < 0 && (errno == EMFILE || errno == ENFILE))
        shed_client(a);
    return a->client >= 0;
}

static void clients_wait(uv_poll_t *poll, int status, int events)
{
    struct acceptor *a = poll->data;

    (void)status, (void)events; /* accept tells */
    for (unsigned left = waiting(a); left && a->fd >= 0 && accept_one(a); left--) {
        a->arrived(a);
        if (a->client >= 0) /* nobody took it */
            close(a->client);
        a->client = -1;
    }
}

bool acceptor_open(struct acceptor *a, struct loop *l, int fd, void *owner,
                   void (*arrived)(struct acceptor *a), struct error *e)
{
    *a = (struct acceptor){
        .loop = l, .owner = owner, .arrived = arrived, .fd = fd, .client = -1, .spare = -1};
    int failure = prepare(fd) ? uv_poll_init(&l->uv, &a->poll, fd) : -errno;
    if (failure)
        return refuse(e, ERROR_CONFIG, "cannot listen: %s", uv_strerror(failure));
    a->spare = open_spare();
    a->poll.data = a;
    must(uv_poll_start(&a->poll, UV_READABLE, clients_wait) == 0);
    return true;
}

bool acceptor_take(struct acceptor *a, struct stream *s)
{
    if (a->client < 0 || uv_tcp_open(&s->tcp, a->client) != 0)
        return false;
    a->client = -1;
    stream_start(s);
    return true;
}

void acceptor_close(struct acceptor *a)
{
    uv_close((uv_handle_t *)&a->poll, NULL);
    close(a->fd);
    if (a->spare >= 0)
        close(a->spare);
    a->fd = a->spare = -1;
}
