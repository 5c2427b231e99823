#include "proxy/net/inherit.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"

struct inherited_socket {
    int fd; /* -1: taken */
    struct sockaddr_storage address;
};

static bool is_listening(int fd, struct sockaddr_storage *address)
{
    socklen_t size = sizeof(*address), value_size = sizeof(int);
    int value = 0;

    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &value_size) == 0 && value
           && getsockname(fd, (struct sockaddr *)address, &size) == 0
           && (address->ss_family == AF_INET || address->ss_family == AF_INET6);
}

void inherited_open(struct inherited *i, size_t count)
{
    *i = (struct inherited){.at = memory_new(count ? count : 1, sizeof(*i->at))};
    for (size_t n = 0; n < count; n++) {
        struct inherited_socket *s = &i->at[i->count];
        s->fd = INHERIT_FIRST + (int)n;
        if (!is_listening(s->fd, &s->address)) {
            close(s->fd);
            continue;
        }
        fcntl(s->fd, F_SETFD, FD_CLOEXEC);
        i->count++;
    }
}

static uint16_t port_of(const struct sockaddr_storage *a)
{
    return ntohs(a->ss_family == AF_INET6 ? ((const struct sockaddr_in6 *)a)->sin6_port
                                          : ((const struct sockaddr_in *)a)->sin_port);
}

static bool is_any(const struct sockaddr_storage *a)
{
    if (a->ss_family == AF_INET)
        return ((const struct sockaddr_in *)a)->sin_addr.s_addr == htonl(INADDR_ANY);
    return IN6_IS_ADDR_UNSPECIFIED(&((const struct sockaddr_in6 *)a)->sin6_addr);
}

static bool is_same_host(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
    if (is_any(a) && is_any(b))
        return a->ss_family == AF_INET6 || b->ss_family == AF_INET;
    if (a->ss_family != b->ss_family)
        return false;
    if (a->ss_family == AF_INET)
        return ((const struct sockaddr_in *)a)->sin_addr.s_addr
               == ((const struct sockaddr_in *)b)->sin_addr.s_addr;
    return IN6_ARE_ADDR_EQUAL(&((const struct sockaddr_in6 *)a)->sin6_addr,
                              &((const struct sockaddr_in6 *)b)->sin6_addr);
}

static bool resolve(struct slice host, struct sockaddr_storage *address)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC,
                             .ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;

    if (getaddrinfo(host.size ? host.data : NULL, "0", &hints, &found) != 0)
        return false;
    memset(address, 0, sizeof(*address));
    memcpy(address, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return true;
}

int inherited_take(struct inherited *i, struct slice host, uint16_t *port)
{
    struct sockaddr_storage wanted;

    if (i->count == 0 || !resolve(host, &wanted))
        return -1;
    for (size_t n = 0; n < i->count; n++) {
        struct inherited_socket *s = &i->at[n];
        if (s->fd < 0 || !is_same_host(&s->address, &wanted)
            || (*port && *port != port_of(&s->address)))
            continue;
        int fd = s->fd;
        s->fd = -1;
        *port = port_of(&s->address);
        return fd;
    }
    return -1;
}

size_t inherited_close(struct inherited *i)
{
    size_t unwanted = 0;

    for (size_t n = 0; n < i->count; n++)
        if (i->at[n].fd >= 0) {
            close(i->at[n].fd);
            unwanted++;
        }
    free(i->at);
    *i = (struct inherited){0};
    return unwanted;
}
