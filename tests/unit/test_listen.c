#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "proxy/net/net.h"
#include "tests/unit/check.h"

enum { CLIENTS = 100 }; /* more than one turn takes */

struct place {
    struct loop loop;
    struct acceptor acceptor;
    struct stream streams[CLIENTS];
    int clients[CLIENTS];
    uint16_t port, ports[CLIENTS]; /* ports: of those who arrived */
    size_t arrived, taken, closed;
};

static void nothing(void *owner, unsigned events)
{
    (void)owner, (void)events;
}

static void gone(void *owner)
{
    ((struct place *)owner)->closed++;
}

static int option_of(int fd, int level, int name)
{
    int value = -1;
    socklen_t size = sizeof(value);

    assert_int_equal(getsockopt(fd, level, name, &value, &size), 0);
    return value;
}

/* Every other one is taken. */
static void arrived(struct acceptor *a)
{
    struct place *p = a->owner;
    uv_os_fd_t fd;

    p->ports[p->arrived] = ntohs(((struct sockaddr_in *)&a->address)->sin_port);
    if (p->arrived++ % 2 == 0) {
        struct stream *s = &p->streams[p->taken++];
        stream_init(s, &p->loop, p, nothing);
        assert_true(acceptor_take(a, s));
        assert_int_equal(uv_fileno((uv_handle_t *)&s->tcp, &fd), 0);
        assert_int_equal(option_of(fd, IPPROTO_TCP, TCP_NODELAY), 1);
        assert_int_equal(option_of(fd, SOL_SOCKET, SO_KEEPALIVE), 1);
        assert_int_equal(option_of(fd, IPPROTO_TCP, TCP_KEEPIDLE), 60);
    }
    if (p->arrived == CLIENTS)
        loop_stop(&p->loop);
}

/* Gives the client's port. */
static uint16_t come(struct place *p, size_t client)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(p->port)}, own;
    socklen_t size = sizeof(own);

    inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    p->clients[client] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(p->clients[client], (struct sockaddr *)&to, sizeof(to)), 0);
    assert_int_equal(getsockname(p->clients[client], (struct sockaddr *)&own, &size), 0);
    return ntohs(own.sin_port);
}

static struct place *place_new(void)
{
    struct place *p = calloc(1, sizeof(*p));
    struct error e;

    loop_init(&p->loop, "test");
    int fd = listen_bind(SLICE("127.0.0.1"), &p->port, &e);
    assert_true(fd >= 0 && acceptor_open(&p->acceptor, &p->loop, fd, p, arrived, &e));
    return p;
}

static void clients_arrive_in_order_with_address_and_options(void **state)
{
    struct place *p = place_new();
    uint16_t ports[CLIENTS];
    char byte;

    (void)state;
    for (size_t i = 0; i < CLIENTS; i++)
        ports[i] = come(p, i);
    loop_run(&p->loop);
    assert_memory_equal(p->ports, ports, sizeof(ports));
    assert_int_equal(p->taken, CLIENTS / 2);
    for (size_t i = 1; i < CLIENTS; i += 2) /* whom nobody took */
        assert_int_equal(read(p->clients[i], &byte, 1), 0);
    for (size_t i = 0; i < p->taken; i++)
        stream_close(&p->streams[i], gone);
    acceptor_close(&p->acceptor);
    loop_fini(&p->loop);
    assert_int_equal(p->closed, p->taken);
    for (size_t i = 0; i < CLIENTS; i++)
        close(p->clients[i]);
    free(p);
}

static void without_a_descriptor_for_them_clients_are_closed(void **state)
{
    enum { TOO_MANY = 3 };
    struct place *p = place_new();
    struct rlimit usual, tight;
    char byte;

    (void)state;
    for (size_t i = 0; i < TOO_MANY; i++)
        come(p, i);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &usual), 0);
    int free_one = dup(p->clients[0]);
    close(free_one);
    tight = (struct rlimit){(rlim_t)free_one, usual.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
    for (size_t i = 0; i < TOO_MANY; i++)
        uv_run(&p->loop.uv, UV_RUN_ONCE);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &usual), 0);
    assert_int_equal(p->arrived, 0);
    for (size_t i = 0; i < TOO_MANY; i++) {
        assert_int_equal(read(p->clients[i], &byte, 1), 0);
        close(p->clients[i]);
    }
    come(p, 0);
    uv_run(&p->loop.uv, UV_RUN_ONCE);
    assert_int_equal(p->taken, 1);
    stream_close(&p->streams[0], gone);
    acceptor_close(&p->acceptor);
    loop_fini(&p->loop);
    close(p->clients[0]);
    free(p);
}

static void what_is_no_listening_socket_is_refused(void **state)
{
    struct place p = {.port = 0};
    struct error e;

    (void)state;
    loop_init(&p.loop, "test");
    assert_false(acceptor_open(&p.acceptor, &p.loop, -1, &p, arrived, &e));
    assert_string_equal(e.text, "cannot listen: bad file descriptor");
    loop_fini(&p.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clients_arrive_in_order_with_address_and_options),
        cmocka_unit_test(without_a_descriptor_for_them_clients_are_closed),
        cmocka_unit_test(what_is_no_listening_socket_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
