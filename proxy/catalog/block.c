/* Sockets of a thread that may wait, but not for ever. */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proxy/catalog/catalog_private.h"

bool block_wait(int fd, short events, millis deadline)
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
        || (errno == EINPROGRESS && block_wait(fd, POLLOUT, deadline) && is_connected(fd)))
        return fd;
    close(fd);
    return -1;
}

int block_connect(const struct endpoint *at, millis deadline)
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
