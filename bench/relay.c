/* The floor: what a proxy costs that knows nothing.  relay LISTEN-PORT SERVER-PORT
 *
 * Both ports are 127.0.0.1's. One thread, epoll, level-triggered. Each side of a pair reads into
 * the one buffer of the process and writes at once; what the other side does not take is kept in
 * memory of that side's own, and the source is not read until it has gone out. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER = 64 * 1024, EVENTS = 256, BACKLOG = 1024 };

struct side {
    struct side *other;
    struct side *next; /* of those to be freed */
    char *kept;        /* bytes for this side's socket that it did not take yet */
    uint32_t at, size;
    int fd;
    bool source_ended; /* the other side has closed: close when nothing is kept */
};

struct relay {
    int epoll, listener;
    uint16_t server;
    struct side *dead;
    char buffer[BUFFER];
};

static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "relay: %s: %s\n", what, strerror(errno));
    exit(1);
}

static struct sockaddr_in loopback(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static void await(struct relay *r, struct side *s, uint32_t events, int how)
{
    struct epoll_event event = {.events = events, .data.ptr = s};

    if (epoll_ctl(r->epoll, how, s->fd, &event) != 0)
        give_up("epoll_ctl");
}

/* Memory is freed after the turn: events of the pair may still be in the list. */
static void bury(struct relay *r, struct side *s)
{
    if (s->fd < 0)
        return;
    close(s->fd);
    s->fd = -1;
    s->next = r->dead;
    r->dead = s;
}

static void pair_close(struct relay *r, struct side *s)
{
    bury(r, s->other);
    bury(r, s);
}

static void free_dead(struct relay *r)
{
    while (r->dead) {
        struct side *s = r->dead;
        r->dead = s->next;
        free(s->kept);
        free(s);
    }
}

static void keep(struct relay *r, struct side *to, const char *bytes, size_t size)
{
    to->kept = malloc(size);
    if (!to->kept)
        give_up("malloc");
    memcpy(to->kept, bytes, size);
    to->at = 0;
    to->size = (uint32_t)size;
    await(r, to, EPOLLOUT, EPOLL_CTL_MOD);
    await(r, to->other, to->other->kept ? EPOLLOUT : 0, EPOLL_CTL_MOD);
}

static void pass(struct relay *r, struct side *from)
{
    struct side *to = from->other;
    ssize_t got = recv(from->fd, r->buffer, BUFFER, 0);

    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0) {
        to->source_ended = true;
        if (!to->kept)
            pair_close(r, from);
        return;
    }
    ssize_t sent = send(to->fd, r->buffer, (size_t)got, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != ENOTCONN) {
        pair_close(r, from);
        return;
    }
    size_t done = sent > 0 ? (size_t)sent : 0;
    if (done < (size_t)got)
        keep(r, to, r->buffer + done, (size_t)got - done);
}

static void flush_kept(struct relay *r, struct side *to)
{
    ssize_t sent = send(to->fd, to->kept + to->at, to->size - to->at, MSG_NOSIGNAL);

    if (sent < 0) {
        if (errno != EAGAIN)
            pair_close(r, to);
        return;
    }
    to->at += (uint32_t)sent;
    if (to->at < to->size)
        return;
    free(to->kept);
    to->kept = NULL;
    if (to->source_ended) {
        pair_close(r, to);
        return;
    }
    await(r, to, to->other->kept ? 0 : EPOLLIN, EPOLL_CTL_MOD);
    await(r, to->other, to->other->kept ? EPOLLOUT : EPOLLIN, EPOLL_CTL_MOD);
}

static struct side *side_new(struct relay *r, int fd)
{
    struct side *s = calloc(1, sizeof(*s));
    int on = 1;

    if (!s || fd < 0)
        give_up("a new connection");
    s->fd = fd;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    await(r, s, EPOLLIN, EPOLL_CTL_ADD);
    return s;
}

static void welcome(struct relay *r)
{
    const struct sockaddr_in to = loopback(r->server);
    int client;

    while ((client = accept4(r->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        int server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (server >= 0 && connect(server, (const struct sockaddr *)&to, sizeof(to)) != 0
            && errno != EINPROGRESS)
            give_up("connect");
        struct side *a = side_new(r, client), *b = side_new(r, server);
        a->other = b;
        b->other = a;
    }
}

static void side_turn(struct relay *r, struct side *s, uint32_t events)
{
    if (s->fd < 0)
        return;
    if (s->kept && events & (EPOLLOUT | EPOLLERR | EPOLLHUP))
        flush_kept(r, s);
    else if (events & (EPOLLERR | EPOLLHUP) && s->other->kept)
        pair_close(r, s);
    else if (events & (EPOLLIN | EPOLLERR | EPOLLHUP))
        pass(r, s);
}

static void listen_on(struct relay *r, uint16_t port)
{
    const struct sockaddr_in at = loopback(port);
    struct epoll_event event = {.events = EPOLLIN};
    int on = 1;

    r->epoll = epoll_create1(EPOLL_CLOEXEC);
    r->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (r->epoll < 0 || r->listener < 0)
        give_up("socket");
    setsockopt(r->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(r->listener, (const struct sockaddr *)&at, sizeof(at)) != 0
        || listen(r->listener, BACKLOG) != 0
        || epoll_ctl(r->epoll, EPOLL_CTL_ADD, r->listener, &event) != 0)
        give_up("listen");
}

static uint16_t port_of(const char *text)
{
    unsigned long port = strtoul(text, NULL, 10);

    if (port == 0 || port > 65535) {
        fputs("usage: relay LISTEN-PORT SERVER-PORT\n", stderr);
        exit(2);
    }
    return (uint16_t)port;
}

int main(int argc, char **argv)
{
    static struct relay relay;
    struct epoll_event events[EVENTS];

    relay.server = port_of(argc == 3 ? argv[2] : "");
    listen_on(&relay, port_of(argv[1]));
    for (;;) {
        int count = epoll_wait(relay.epoll, events, EVENTS, -1);
        for (int i = 0; i < count; i++)
            if (events[i].data.ptr)
                side_turn(&relay, events[i].data.ptr, events[i].events);
            else
                welcome(&relay);
        free_dead(&relay);
    }
}
