/* Streams with TLS between their queues and real sockets: both ends in one loop. */
#include "check.h"

#include "base/error.h"
#include "base/must.h"
#include "protocol/tls/tls.h"
#include "proxy/net/net.h"
#include "tls_case.h"

enum { MUCH = 8 << 20, PIECE = 4096 };

struct end {
    struct stream stream;
    struct place *place;
    bool is_secured, has_ended, is_closed;
    size_t wanted; /* bytes still to be sent */
    size_t sent, got;
    size_t most; /* that waited in any of its queues at once */
    bool is_slow;
};

struct place {
    struct loop loop;
    struct acceptor acceptor;
    struct dial dial;
    struct alarm alarm;
    struct end server, client;
    struct tls_context *contexts[2];
    const char *behind; /* what the client sends behind its "tls?", in clear */
};

static unsigned char pattern(size_t at)
{
    return (unsigned char)(at * 131 + (at >> 8) * 7 + (at >> 16));
}

static size_t most(size_t a, size_t b)
{
    return a > b ? a : b;
}

static void note_queues(struct end *e)
{
    struct stream *s = &e->stream;

    e->most = most(e->most, most(s->in.size, s->out.size));
    if (s->tls)
        e->most = most(e->most, most(s->tls->absorb.size, s->tls->emit.size));
}

static void put_more(struct end *e)
{
    char bytes[PIECE];

    while (e->wanted && !queue_is_high(&e->stream.out)) {
        size_t n = e->wanted < sizeof(bytes) ? e->wanted : sizeof(bytes);
        for (size_t i = 0; i < n; i++)
            bytes[i] = (char)pattern(e->sent + i);
        queue_put(&e->stream.out, slice_make(bytes, n));
        e->sent += n;
        e->wanted -= n;
    }
}

/* Until something is left, which STREAM_DRAINED will tell of. */
static void send_more(struct end *e)
{
    do {
        put_more(e);
        note_queues(e);
        stream_flush(&e->stream);
        note_queues(e);
    } while (e->wanted && e->stream.is_open && !stream_owes(&e->stream));
}

static void take(struct end *e)
{
    while (e->stream.in.size) {
        struct slice front = queue_front(&e->stream.in);
        for (size_t i = 0; i < front.size; i++)
            if ((unsigned char)front.data[i] != pattern(e->got + i))
                fail_msg("byte %zu is another one", e->got + i);
        e->got += front.size;
        queue_drop(&e->stream.in, front.size);
    }
    stream_taken(&e->stream);
}

static void finish(struct place *p)
{
    loop_stop(&p->loop);
}

static void secure(struct end *e)
{
    struct place *p = e->place;

    queue_drop(&e->stream.in, 4);
    if (e == &p->server) {
        queue_put(&e->stream.out, SLICE("yes!"));
        stream_flush(&e->stream);
        stream_secure(&e->stream, p->contexts[TLS_SERVER], (struct slice){0});
    } else {
        stream_secure(&e->stream, p->contexts[TLS_CLIENT], SLICE("fe1.example"));
    }
}

static void happened(void *owner, unsigned events)
{
    struct end *e = owner;
    struct place *p = e->place;

    note_queues(e);
    if (events & STREAM_ENDED)
        e->has_ended = true;
    if (events & STREAM_SECURED) {
        e->is_secured = true;
        e->wanted = MUCH;
    }
    if (!e->stream.tls && e->stream.in.size >= 4)
        secure(e);
    else if (e->is_secured && !e->is_slow)
        take(e);
    if (e->is_secured && e->stream.is_open)
        send_more(e);
    if (p->server.has_ended || p->client.has_ended
        || (p->server.got == MUCH && p->client.got == MUCH))
        finish(p);
}

static void arrived(struct acceptor *a)
{
    struct place *p = a->owner;

    stream_init(&p->server.stream, &p->loop, &p->server, happened);
    must(acceptor_take(a, &p->server.stream));
}

static void dialled(void *owner, int error)
{
    struct place *p = owner;

    assert_int_equal(error, 0);
    queue_put(&p->client.stream.out, SLICE("tls?"));
    queue_put(&p->client.stream.out, slice_of(p->behind));
    stream_flush(&p->client.stream);
}

/* The slow reader wakes up, or the test took too long. */
static void rang(void *owner)
{
    struct place *p = owner;

    if (!p->client.is_slow)
        fail_msg("nothing has happened for too long");
    p->client.is_slow = false;
    alarm_set(&p->alarm, loop_now(&p->loop) + 30000);
    take(&p->client);
}

static void place_open(struct place *p, const struct tls_provider *server,
                       const struct tls_provider *client)
{
    struct tls_setup setups[2] = {server_setup(), client_setup()};
    uint16_t port = 0;
    struct error e;

    loop_init(&p->loop, "test");
    p->contexts[TLS_SERVER] = server->context_new(&setups[TLS_SERVER], &e);
    p->contexts[TLS_CLIENT] = client->context_new(&setups[TLS_CLIENT], &e);
    assert_non_null(p->contexts[TLS_SERVER]);
    assert_non_null(p->contexts[TLS_CLIENT]);
    p->server.place = p->client.place = p;
    int fd = listen_bind(SLICE("127.0.0.1"), &port, &e);
    assert_true(fd >= 0 && acceptor_open(&p->acceptor, &p->loop, fd, p, arrived, &e));
    alarm_init(&p->alarm, &p->loop, p, rang);
    stream_init(&p->client.stream, &p->loop, &p->client, happened);
    dial_start(&p->dial, &p->client.stream, SLICE("127.0.0.1"), port, p, dialled);
}

static void closed(void *owner)
{
    struct end *e = owner;

    e->is_closed = true;
}

static void place_close(struct place *p)
{
    acceptor_close(&p->acceptor);
    alarm_close(&p->alarm, NULL);
    stream_close(&p->client.stream, closed);
    stream_close(&p->server.stream, closed);
    tls_context_unref(p->contexts[TLS_SERVER]);
    tls_context_unref(p->contexts[TLS_CLIENT]);
    loop_fini(&p->loop);
    assert_true(p->client.is_closed && p->server.is_closed);
}

static void check_traffic(const struct tls_provider *server, const struct tls_provider *client)
{
    struct place p = {.behind = ""};

    place_open(&p, server, client);
    p.client.is_slow = true;
    alarm_set(&p.alarm, loop_now(&p.loop) + 300);
    loop_run(&p.loop);
    assert_int_equal(p.client.got, MUCH);
    assert_int_equal(p.server.got, MUCH);
    /* a full queue, and what one more turn may put on top */
    assert_in_range(p.server.most, 1, QUEUE_HIGH + 64 * 1024);
    assert_in_range(p.client.most, QUEUE_HIGH, QUEUE_HIGH + 64 * 1024);
    assert_int_equal(stream_owes(&p.client.stream) + stream_owes(&p.server.stream), 0);
    stream_rest(&p.client.stream);
    assert_int_equal(p.loop.chunks.out, 0); /* idle ones hold none */
    struct tls_about about = stream_about(&p.server.stream, NULL);
    assert_true(about.version && about.cipher && !about.is_resumed);
    place_close(&p);
}

static void eight_mebibytes_cross_both_ways_past_a_slow_reader(void **state)
{
    (void)state;
    each_pair(check_traffic);
}

static void check_injection(const struct tls_provider *server, const struct tls_provider *client)
{
    struct place p = {.behind = "a login in clear"};

    place_open(&p, server, client);
    alarm_set(&p.alarm, loop_now(&p.loop) + 30000);
    loop_run(&p.loop);
    assert_true(p.server.has_ended && !p.server.is_secured);
    assert_int_equal(p.server.stream.in.size, 0);
    assert_string_not_equal(stream_error(&p.server.stream), "connection closed");
    place_close(&p);
}

static void clear_bytes_behind_the_wish_for_tls_end_it(void **state)
{
    (void)state;
    each_pair(check_injection);
}

static void check_goodbye(const struct tls_provider *server, const struct tls_provider *client)
{
    struct place p = {.behind = ""};

    place_open(&p, server, client);
    alarm_set(&p.alarm, loop_now(&p.loop) + 30000);
    loop_run(&p.loop);
    stream_shut(&p.server.stream);
    p.client.got = p.server.got = 0;
    loop_run(&p.loop);
    assert_true(p.client.has_ended);
    assert_int_equal(p.client.stream.error, UV_EOF);
    place_close(&p);
}

static void the_end_of_the_sending_side_is_heard(void **state)
{
    (void)state;
    each_pair(check_goodbye);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eight_mebibytes_cross_both_ways_past_a_slow_reader),
        cmocka_unit_test(clear_bytes_behind_the_wish_for_tls_end_it),
        cmocka_unit_test(the_end_of_the_sending_side_is_heard),
    };

    return cmocka_run_group_tests(tests, certificates_make, certificates_remove);
}
