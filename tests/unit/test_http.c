/* Heads of HTTP requests: what is read, what is refused, what a response looks like. */
#include "check.h"

#include "base/queue.h"
#include "protocol/http/http.h"

#define HEAD(line) line "\r\nHost: h\r\n\r\n"

static enum http_state state_of(const char *text)
{
    struct http_request r;
    size_t used;

    return http_request_read(&r, slice_of(text), &used);
}

static void a_request_is_taken_apart(void **state)
{
    static const char text[] = "GET /tables/pools?limit=5&x=%20 HTTP/1.1\r\nHost: gate:81\r\n"
                               "X-Empty:\r\nauthorization:  Basic YTpi \r\n\r\nGET / next";
    struct http_request r;
    struct slice value;
    size_t used;

    (void)state;
    assert_int_equal(http_request_read(&r, slice_of(text), &used), HTTP_WHOLE);
    assert_int_equal(used, sizeof(text) - 1 - strlen("GET / next"));
    assert_slice(r.method, "GET");
    assert_slice(r.path, "/tables/pools");
    assert_slice(r.query, "limit=5&x=%20");
    assert_true(r.keeps_alive && r.minor == 1 && !r.has_length && !r.is_chunked);
    assert_true(http_header_find(&r, SLICE("Authorization"), &value));
    assert_slice(value, "Basic YTpi");
    assert_true(http_header_find(&r, SLICE("x-empty"), &value));
    assert_slice(value, "");
    assert_false(http_header_find(&r, SLICE("limit"), &value));
    assert_true(http_query_find(&r, SLICE("x"), &value));
    assert_slice(value, "%20");
    assert_false(http_query_find(&r, SLICE("limi"), &value));
}

static void a_head_is_read_once_it_is_whole(void **state)
{
    static const char text[] = HEAD("HEAD / HTTP/1.0");
    struct http_request r;
    size_t used;

    (void)state;
    for (size_t n = 0; n + 1 < sizeof(text); n++)
        assert_int_equal(http_request_read(&r, slice_make(text, n), &used), HTTP_MORE);
    assert_int_equal(http_request_read(&r, slice_of(text), &used), HTTP_WHOLE);
    assert_false(r.keeps_alive);
}

static void what_could_be_read_in_two_ways_is_refused(void **state)
{
    static const char *const bad[] = {
        HEAD("GET  / HTTP/1.1"),
        HEAD("GET / HTTP/1.1 "),
        HEAD("GET / http/1.1"),
        HEAD("GET http://h/ HTTP/1.1"),
        HEAD("GET /\x01 HTTP/1.1"),
        HEAD("G@T / HTTP/1.1"),
        HEAD("GETGETGETGETGETGET / HTTP/1.1"),
        HEAD(" GET / HTTP/1.1"),
        HEAD("GET / HTTP/1.1\r\nA : b"),
        HEAD("GET / HTTP/1.1\r\n: b"),
        HEAD("GET / HTTP/1.1\r\nno colon"),
        HEAD("GET / HTTP/1.1\r\nA: b\r\n folded: c"),
        HEAD("GET / HTTP/1.1\r\nA: b\nB: c"),
        HEAD("GET / HTTP/1.1\r\nA: b\rB: c"),
        HEAD("GET / HTTP/1.1\r\nHost: other"),
        HEAD("PUT / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1"),
        HEAD("PUT / HTTP/1.1\r\nContent-Length: 1, 1"),
        HEAD("PUT / HTTP/1.1\r\nContent-Length: +1"),
        HEAD("PUT / HTTP/1.1\r\nContent-Length: -1"),
        HEAD("PUT / HTTP/1.1\r\nContent-Length:"),
        HEAD("PUT / HTTP/1.1\r\nContent-Length: 99999999999999999999"),
        HEAD("PUT / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked"),
        HEAD("PUT / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked"),
        HEAD("PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
        HEAD("PUT / HTTP/1.0\r\nTransfer-Encoding: chunked"),
        "GET / HTTP/1.1\r\n\r\n",
        "\r\n\r\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        if (state_of(bad[i]) != HTTP_BAD)
            fail_msg("not refused: %s", bad[i]);
    assert_int_equal(state_of(HEAD("GET / HTTP/2.0")), HTTP_STRANGE);
    assert_int_equal(state_of(HEAD("GET / HTTP/1.2")), HTTP_STRANGE);
}

static void heads_are_bounded(void **state)
{
    static char text[2 * HTTP_HEAD_MAX];
    struct http_request r;
    size_t used, at;

    (void)state;
    memset(text, 'a', sizeof(text));
    memcpy(text, "GET /", 5);
    assert_int_equal(http_request_read(&r, slice_make(text, HTTP_HEAD_MAX - 1), &used), HTTP_MORE);
    assert_int_equal(http_request_read(&r, slice_make(text, sizeof(text)), &used), HTTP_TOO_LARGE);
    at = (size_t)snprintf(text, sizeof(text), "GET / HTTP/1.1\r\nHost: h\r\n");
    for (int i = 1; i < HTTP_HEADERS_MAX; i++)
        at += (size_t)snprintf(text + at, sizeof(text) - at, "F%d: v\r\n", i);
    memcpy(text + at, "\r\n", 3);
    assert_int_equal(state_of(text), HTTP_WHOLE);
    memcpy(text + at, "A: b\r\n\r\n", 9);
    assert_int_equal(state_of(text), HTTP_TOO_LARGE);
}

static void the_connection_is_kept_as_asked(void **state)
{
    static const struct {
        const char *text;
        bool keeps;
    } cases[] = {
        {HEAD("GET / HTTP/1.1"), true},
        {HEAD("GET / HTTP/1.1\r\nConnection: Close"), false},
        {HEAD("GET / HTTP/1.0"), false},
        {HEAD("GET / HTTP/1.0\r\nConnection: keep-alive"), true},
    };
    struct http_request r;
    size_t used;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_int_equal(http_request_read(&r, slice_of(cases[i].text), &used), HTTP_WHOLE);
        assert_int_equal(r.keeps_alive, cases[i].keeps);
    }
}

static void basic_credentials_are_decoded(void **state)
{
    struct slice user, password;
    char room[64];

    (void)state;
    assert_true(http_basic_read(SLICE("basic YW5hOnBhOnNz"), room, &user, &password));
    assert_slice(user, "ana");
    assert_slice(password, "pa:ss");
    assert_true(http_basic_read(SLICE("Basic Og=="), room, &user, &password));
    assert_slice(user, "");
    assert_slice(password, "");
    assert_false(http_basic_read(SLICE("Basic YW5h"), room, &user, &password));
    assert_false(http_basic_read(SLICE("Basic !!!!"), room, &user, &password));
    assert_false(http_basic_read(SLICE("Bearer YTpi"), room, &user, &password));
    assert_false(http_basic_read(SLICE("B"), room, &user, &password));
}

static void a_response_has_its_length(void **state)
{
    static const char wanted[] = "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\n"
                                 "Content-Length: 12\r\nConnection: close\r\nA: b\r\n\r\n";
    struct chunk_pool pool = {.keep = 0};
    struct queue out;

    (void)state;
    queue_init(&out, &pool);
    http_response_put(&out, &(struct http_response){.status = 404,
                                                    .type = SLICE("text/plain"),
                                                    .more = SLICE("A: b\r\n"),
                                                    .length = 12,
                                                    .closes = true});
    assert_slice(queue_front(&out), wanted);
    queue_clear(&out);
    chunk_pool_fini(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_taken_apart),
        cmocka_unit_test(a_head_is_read_once_it_is_whole),
        cmocka_unit_test(what_could_be_read_in_two_ways_is_refused),
        cmocka_unit_test(heads_are_bounded),
        cmocka_unit_test(the_connection_is_kept_as_asked),
        cmocka_unit_test(basic_credentials_are_decoded),
        cmocka_unit_test(a_response_has_its_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
