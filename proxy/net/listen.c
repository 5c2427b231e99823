/* Listening sockets. Each worker binds its own with SO_REUSEPORT, and the kernel spreads the
 * clients. */
#include "proxy/net/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"

enum { BACKLOG = 1024 };

static int bind_address(const struct addrinfo *at)
{
    int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int on = 1;

    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0
        && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) == 0
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

int listen_bind(struct slice host, uint16_t *port, struct error *e)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC,
                             .ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    char service[8];

    snprintf(service, sizeof(service), "%u", *port);
    int failure = getaddrinfo(host.size ? host.data : NULL, service, &hints, &found);
    if (failure) {
        refuse(e, ERROR_CONFIG, "cannot resolve the listener's address '%.*s': %s", SHOW(host),
               gai_strerror(failure));
        return -1;
    }
    int fd = bind_address(found);
    if (fd < 0)
        refuse(e, ERROR_CONFIG, "cannot listen on %.*s:%u: %s", SHOW(host), *port, strerror(errno));
    else
        *port = bound_port(fd);
    freeaddrinfo(found);
    return fd;
}

int listen_share(int fd, struct error *e)
{
    int shared = fcntl(fd, F_DUPFD_CLOEXEC, 0);

    if (shared < 0)
        refuse(e, ERROR_CONFIG, "cannot share a listener: %s", strerror(errno));
    return shared;
}

static int open_spare(void)
{
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* With no descriptor left, accept would fail for ever and the loop would spin: give up the spare
 * one, accept, close, and the client sees a closed connection instead of silence. */
static void shed_client(struct acceptor *a)
{
    uv_os_fd_t fd;

    close(a->spare);
    if (uv_fileno((uv_handle_t *)&a->tcp, &fd) == 0) {
        int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
        if (client >= 0)
            close(client);
    }
    a->spare = open_spare();
}

static void client_waits(uv_stream_t *tcp, int status)
{
    struct acceptor *a = tcp->data;

    if (status == UV_EMFILE || status == UV_ENFILE)
        shed_client(a);
    else if (status == 0)
        a->arrived(a);
}

bool acceptor_open(struct acceptor *a, struct loop *l, int fd, void *owner,
                   void (*arrived)(struct acceptor *a), struct error *e)
{
    *a = (struct acceptor){.loop = l, .owner = owner, .arrived = arrived, .spare = open_spare()};
    uv_tcp_init(&l->uv, &a->tcp);
    a->tcp.data = a;
    int failure = uv_tcp_open(&a->tcp, fd);
    if (!failure)
        failure = uv_listen((uv_stream_t *)&a->tcp, BACKLOG, client_waits);
    if (failure)
        return refuse(e, ERROR_CONFIG, "cannot listen: %s", uv_strerror(failure));
    return true;
}

bool acceptor_take(struct acceptor *a, struct stream *s)
{
    if (uv_accept((uv_stream_t *)&a->tcp, (uv_stream_t *)&s->tcp) != 0)
        return false;
    stream_start(s);
    return true;
}

void acceptor_close(struct acceptor *a)
{
    uv_close((uv_handle_t *)&a->tcp, NULL);
    if (a->spare >= 0)
        close(a->spare);
    a->spare = -1;
}
