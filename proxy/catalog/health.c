/* GET /api/health, by hand: one request, the first line of the answer, a deadline for all of it. A
 * library would bring redirects, proxies and cookies that a probe must not have. */
#include "proxy/catalog/catalog_private.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ANSWER_MAX = 64, STATUS_AT = 9 }; /* "HTTP/1.0 200" */

enum health health_read(struct slice answer)
{
    if (answer.size < STATUS_AT + 3 || !slice_starts_with(answer, SLICE("HTTP/1."))
        || answer.data[STATUS_AT - 1] != ' ')
        return HEALTH_UNKNOWN;
    if (memcmp(answer.data + STATUS_AT, "200", 3) == 0)
        return HEALTH_GOOD;
    return memcmp(answer.data + STATUS_AT, "500", 3) == 0 ? HEALTH_ENDING : HEALTH_UNKNOWN;
}

static bool wait_for(int fd, short events, millis deadline)
{
    struct pollfd p = {.fd = fd, .events = events};
    millis now = clock_now();

    return now < deadline && poll(&p, 1, (int)(deadline - now)) == 1;
}

static bool is_connected(int fd)
{
    int error = 0;
    socklen_t size = sizeof(error);

    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

static int connect_one(const struct addrinfo *a, millis deadline)
{
    int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return -1;
    if (connect(fd, a->ai_addr, a->ai_addrlen) == 0
        || (errno == EINPROGRESS && wait_for(fd, POLLOUT, deadline) && is_connected(fd)))
        return fd;
    close(fd);
    return -1;
}

static int connect_any(const struct endpoint *at, millis deadline)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *list;
    char service[8];
    int fd = -1;

    snprintf(service, sizeof(service), "%u", at->port);
    if (getaddrinfo(at->host.data, service, &hints, &list) != 0)
        return -1;
    for (const struct addrinfo *a = list; a && fd < 0; a = a->ai_next)
        fd = connect_one(a, deadline);
    freeaddrinfo(list);
    return fd;
}

static enum health converse(int fd, millis deadline)
{
    static const char request[] = "GET /api/health HTTP/1.0\r\nConnection: close\r\n\r\n";
    char answer[ANSWER_MAX];
    size_t size = 0;

    if (!wait_for(fd, POLLOUT, deadline)
        || send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) != (ssize_t)sizeof(request) - 1)
        return HEALTH_UNKNOWN;
    while (size < STATUS_AT + 3 && wait_for(fd, POLLIN, deadline)) {
        ssize_t n = recv(fd, answer + size, sizeof(answer) - size, 0);
        if (n <= 0)
            break;
        size += (size_t)n;
    }
    return health_read(slice_make(answer, size));
}

enum health health_ask(const struct endpoint *at, millis timeout)
{
    millis deadline = clock_now() + timeout;
    int fd = connect_any(at, deadline);

    if (fd < 0)
        return HEALTH_UNKNOWN;
    enum health health = converse(fd, deadline);
    close(fd);
    return health;
}
