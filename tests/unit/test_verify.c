#include "check.h"

#include <arpa/inet.h>
#include <time.h>

#include "auth/auth.h"
#include "base/arena.h"
#include "base/error.h"
#include "base/queue.h"
#include "base/writer.h"

static const unsigned char salt[] = "xfSgtRiC_GVsIU\\AtVap";

/* A gateway with four users, a peer at 10.1.2.3, and one login exchange. */
struct bench {
    struct config config;
    struct user users[4];
    struct network intranet;
    char hash[NATIVE_HASH + 1];
    struct peer peer;
    struct arena arena;
    struct verify v;
    struct error e;
    unsigned char reply[128];
    size_t reply_size;
};

static void user_add(struct bench *b, size_t i, const char *name, const char *hash)
{
    b->users[i].name = slice_of(name);
    b->users[i].native = (struct hashes){{slice_of(hash)}, 1};
    assert_true(map_put(&b->config.user_names, b->users[i].name, &b->users[i]));
}

static void bench_open(struct bench *b)
{
    struct sockaddr_in address = {.sin_family = AF_INET};

    *b = (struct bench){.intranet = {.address = {[10] = 0xff, [11] = 0xff, 192, 168}, .bits = 112}};
    inet_pton(AF_INET, "10.1.2.3", &address.sin_addr);
    assert_true(peer_set(&b->peer, (const struct sockaddr *)&address));
    native_hash(SLICE("secret"), b->hash);
    map_init(&b->config.user_names, MAP_EXACT);
    user_add(b, 0, "ana", b->hash);
    user_add(b, 1, "open", "");
    user_add(b, 2, "inside", b->hash);
    b->users[2].from = &b->intranet;
    b->users[2].from_count = 1;
    user_add(b, 3, "safe", b->hash);
    b->users[3].require_tls = true;
    arena_init(&b->arena, NULL);
    verify_start(&b->v, &b->config, &b->peer, GATEWAY_CAPABILITIES | CAPABILITY_SSL, salt,
                 &b->arena);
}

static void bench_close(struct bench *b)
{
    map_fini(&b->config.user_names);
    arena_clear(&b->arena);
}

static enum verify_state feed(struct bench *b, struct slice payload)
{
    struct writer w = writer_over(b->reply, sizeof(b->reply));
    enum verify_state state = verify_feed(&b->v, payload, &w, &b->e);

    b->reply_size = w.size;
    assert_true(writer_done(&w));
    assert_int_equal(w.size > 0, state == VERIFY_MORE);
    return state;
}

/* What a client sends that knows this password; 32 junk bytes stand for another method's response.
 */
static enum verify_state log_in(struct bench *b, uint32_t capabilities, const char *user,
                                const char *password, const char *plugin)
{
    unsigned char response[32] = "another method's response, 32 by";
    unsigned char room[512];
    struct writer w = writer_over(room, sizeof(room));
    size_t size = sizeof(response);

    if (strcmp(plugin, "mysql_native_password") == 0)
        size = native_answer(slice_of(password), salt, response);
    const struct login l = {.capabilities = capabilities,
                            .user = slice_of(user),
                            .response = slice_make(response, size),
                            .database = SLICE("sales"),
                            .plugin = slice_of(plugin)};
    assert_true(login_put(&w, &l));
    enum verify_state state = feed(b, writer_bytes(&w));
    memset(room, 0xee, sizeof(room)); /* nothing may point into the payload */
    return state;
}

static enum verify_state native(struct bench *b, const char *user, const char *password)
{
    return log_in(b, GATEWAY_CAPABILITIES, user, password, "mysql_native_password");
}

static enum verify_state respond(struct bench *b, const char *password, const unsigned char *from)
{
    unsigned char response[NATIVE_RESPONSE];

    return feed(b, slice_make(response, native_answer(slice_of(password), from, response)));
}

static void the_right_password_lets_in_at_once(void **state)
{
    struct bench b;

    (void)state;
    bench_open(&b);
    assert_int_equal(native(&b, "ana", "secret"), VERIFY_OK);
    assert_ptr_equal(b.v.user, &b.users[0]);
    assert_slice(b.v.login.user, "ana");
    assert_slice(b.v.login.database, "sales");
    bench_close(&b);
}

static void a_wrong_password_is_refused_with_mysqls_words(void **state)
{
    struct bench b;

    (void)state;
    bench_open(&b);
    assert_int_equal(native(&b, "ana", "Secret"), VERIFY_REFUSED);
    assert_int_equal(b.e.number, 1045);
    assert_string_equal(b.e.sqlstate, "28000");
    assert_string_equal(b.e.text, "Access denied for user 'ana'@'10.1.2.3' (using password: YES)");
    assert_string_equal(b.v.why, "wrong password");
    assert_null(b.v.user);
    bench_close(&b);
    bench_open(&b);
    assert_int_equal(native(&b, "ana", ""), VERIFY_REFUSED);
    assert_string_equal(b.e.text, "Access denied for user 'ana'@'10.1.2.3' (using password: NO)");
    bench_close(&b);
}

static void an_empty_password_lets_in_its_user_only(void **state)
{
    struct bench b;

    (void)state;
    bench_open(&b);
    assert_int_equal(native(&b, "open", ""), VERIFY_OK);
    bench_close(&b);
    bench_open(&b);
    assert_int_equal(native(&b, "open", "x"), VERIFY_REFUSED);
    bench_close(&b);
}

static void strangers_and_strangers_places_get_the_same_words(void **state)
{
    static const char *const names[] = {"nobody", "inside", "ANA", "safe"};
    static const char *const whys[] = {"unknown user", "source address not in the user's from",
                                       "unknown user", "the user must come over TLS"};
    struct bench b;
    char expected[128];

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        bench_open(&b);
        assert_int_equal(native(&b, names[i], "secret"), VERIFY_REFUSED);
        snprintf(expected, sizeof(expected),
                 "Access denied for user '%s'@'10.1.2.3' (using password: YES)", names[i]);
        assert_string_equal(b.e.text, expected);
        assert_string_equal(b.v.why, whys[i]);
        bench_close(&b);
    }
}

static void another_method_is_switched_to_native_once(void **state)
{
    static const char *const plugins[] = {"caching_sha2_password", "mysql_clear_password", "",
                                          "client_ed25519"};
    struct auth_switch s;
    struct bench b;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        bench_open(&b);
        assert_int_equal(log_in(&b, GATEWAY_CAPABILITIES, "ana", "secret", plugins[i]),
                         VERIFY_MORE);
        assert_true(auth_switch_read(&s, slice_make(b.reply, b.reply_size)));
        assert_slice(s.plugin, "mysql_native_password");
        assert_int_equal(s.data.size, MYSQL_SALT);
        assert_int_equal(respond(&b, "secret", (const unsigned char *)s.data.data), VERIFY_OK);
        assert_ptr_equal(b.v.user, &b.users[0]);
        bench_close(&b);
        bench_open(&b);
        log_in(&b, GATEWAY_CAPABILITIES, "ana", "secret", plugins[i]);
        assert_int_equal(respond(&b, "wrong", salt), VERIFY_REFUSED);
        bench_close(&b);
        bench_open(&b);
        assert_int_equal(log_in(&b, GATEWAY_CAPABILITIES, "nobody", "x", plugins[i]), VERIFY_MORE);
        assert_int_equal(feed(&b, SLICE("")), VERIFY_REFUSED);
        bench_close(&b);
    }
}

static void a_client_that_cannot_switch_is_judged_by_what_it_sent(void **state)
{
    const uint32_t plain = GATEWAY_CAPABILITIES & ~CAPABILITY_PLUGIN_AUTH;
    struct bench b;

    (void)state;
    bench_open(&b);
    assert_int_equal(log_in(&b, plain, "ana", "secret", "mysql_native_password"), VERIFY_OK);
    bench_close(&b);
    bench_open(&b);
    assert_int_equal(log_in(&b, plain, "ana", "secret", "caching_sha2_password"), VERIFY_REFUSED);
    assert_int_equal(b.e.number, 1045);
    bench_close(&b);
}

static void a_rest_of_a_response_after_the_switch_is_refused(void **state)
{
    struct bench b;

    (void)state;
    for (size_t n = 0; n < 64; n++) {
        unsigned char junk[64] = {0};
        bench_open(&b);
        log_in(&b, GATEWAY_CAPABILITIES, "ana", "secret", "caching_sha2_password");
        assert_int_equal(feed(&b, slice_make(junk, n)), VERIFY_REFUSED);
        bench_close(&b);
    }
}

static void tls_may_be_asked_for_once_and_opens_to_those_who_need_it(void **state)
{
    const uint32_t tls = GATEWAY_CAPABILITIES | CAPABILITY_SSL;
    const struct login request = {.capabilities = tls, .is_tls_request = true};
    unsigned char room[64];
    struct writer w = writer_over(room, sizeof(room));
    struct bench b;

    (void)state;
    assert_true(login_put(&w, &request));
    bench_open(&b);
    assert_int_equal(feed(&b, writer_bytes(&w)), VERIFY_TLS);
    verify_encrypted(&b.v, NULL);
    assert_int_equal(log_in(&b, tls, "safe", "secret", "mysql_native_password"), VERIFY_OK);
    bench_close(&b);
    bench_open(&b);
    assert_int_equal(feed(&b, writer_bytes(&w)), VERIFY_TLS);
    verify_encrypted(&b.v, NULL);
    assert_int_equal(feed(&b, writer_bytes(&w)), VERIFY_REFUSED);
    assert_int_equal(b.e.number, 1043);
    bench_close(&b);
}

static void garbage_and_old_clients_are_told_apart(void **state)
{
    struct bench b;
    char old[40] = "\x05\x00";

    (void)state;
    bench_open(&b);
    assert_int_equal(feed(&b, slice_make(old, sizeof(old))), VERIFY_REFUSED);
    assert_int_equal(b.e.number, 1251);
    bench_close(&b);
    bench_open(&b);
    assert_int_equal(feed(&b, SLICE("\x0d\xa2\x3f\x00garbage")), VERIFY_REFUSED);
    assert_int_equal(b.e.number, 1043);
    bench_close(&b);
    bench_open(&b);
    assert_int_equal(feed(&b, SLICE("")), VERIFY_REFUSED);
    bench_close(&b);
}

static void a_change_of_user_starts_over_with_a_new_salt(void **state)
{
    static const unsigned char fresh[] = "abcdefghijABCDEFGHIJ";
    static const char change[] = "ana\0\x14xxxxxxxxxxxxxxxxxxxxsales\0\x2d\0mysql_native_password";
    struct bench b;

    (void)state;
    for (unsigned replayed = 0; replayed < 2; replayed++) {
        bench_open(&b);
        verify_start_change(&b.v, &b.config, &b.peer, GATEWAY_CAPABILITIES, fresh, &b.arena);
        assert_int_equal(feed(&b, slice_make(change, sizeof(change))), VERIFY_MORE);
        assert_int_equal(respond(&b, "secret", replayed ? salt : fresh),
                         replayed ? VERIFY_REFUSED : VERIFY_OK);
        bench_close(&b);
    }
}

static int by_size(const void *a, const void *b)
{
    const long x = *(const long *)a, y = *(const long *)b;

    return x < y ? -1 : x > y;
}

static long median_time(const char *user, const char *password)
{
    enum { SAMPLES = 401 };
    static long samples[SAMPLES];

    for (size_t i = 0; i < SAMPLES; i++) {
        struct timespec before, after;
        struct bench b;
        bench_open(&b);
        clock_gettime(CLOCK_MONOTONIC, &before);
        native(&b, user, password);
        clock_gettime(CLOCK_MONOTONIC, &after);
        samples[i] = (after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec - before.tv_nsec;
        bench_close(&b);
    }
    qsort(samples, SAMPLES, sizeof(samples[0]), by_size);
    return samples[SAMPLES / 2];
}

/* A coarse guard against skipped work; the bar of 5 % needs a quiet machine. */
static void unknown_users_cost_as_much_time_as_known_ones(void **state)
{
    long known = median_time("ana", "wrong"), unknown = median_time("nobody", "wrong");

    (void)state;
    assert_true(unknown * 2 > known && known * 2 > unknown);
}

/* ---- the other side ---- */

struct caller {
    struct answer a;
    struct error e;
    unsigned char sent[1024];
    struct slice reply;
};

static struct slice greeting_of(unsigned char *room, size_t size, uint32_t capabilities)
{
    struct writer w = writer_over(room, size);
    struct greeting g = {.protocol = 10, .capabilities = capabilities};

    g.version = SLICE("8.0.33");
    g.plugin = NATIVE_PLUGIN;
    memcpy(g.salt, salt, MYSQL_SALT);
    assert_true(greeting_put(&w, &g));
    return writer_bytes(&w);
}

static enum answer_state call(struct caller *c, uint32_t capabilities, enum answer_wire wire)
{
    static const struct answer_as as = {.user = {"ana", 3},
                                        .password = {"secret", 6},
                                        .database = {"dw_sales", 8},
                                        .attributes = {"\x01k\x01v", 4}};
    unsigned char room[128];
    struct writer w = writer_over(c->sent, sizeof(c->sent));
    enum answer_state state =
        answer_start(&c->a, &as, greeting_of(room, sizeof(room), capabilities), wire, &w, &c->e);

    c->reply = writer_bytes(&w);
    return state;
}

static enum answer_state hear(struct caller *c, struct slice payload)
{
    struct writer w = writer_over(c->sent, sizeof(c->sent));
    enum answer_state state = answer_feed(&c->a, payload, &w, &c->e);

    c->reply = writer_bytes(&w);
    return state;
}

static void we_log_in_to_frontends_old_and_new(void **state)
{
    static const uint32_t frontends[] = {0x0018820c, 0x0038820c, 0xffffffff & ~CAPABILITY_SSL};
    struct caller c;
    struct bench b;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(call(&c, frontends[i], WIRE_CLEAR), LOGIN_MORE);
        assert_int_equal(c.a.capabilities, frontends[i] & BACKEND_CAPABILITIES);
        bench_open(&b); /* our own server side must be content */
        verify_start(&b.v, &b.config, &b.peer, frontends[i], salt, &b.arena);
        assert_int_equal(feed(&b, c.reply), VERIFY_OK);
        assert_slice(b.v.login.database, "dw_sales");
        assert_slice(b.v.login.attributes, "\x01k\x01v");
        bench_close(&b);
        assert_int_equal(hear(&c, slice_make("\0\0\0\x02\0\0\0", 7)), LOGIN_OK);
        assert_int_equal(c.a.status, 2);
    }
}

static void a_switch_of_method_is_followed_once(void **state)
{
    static const char again[] = "\xfemysql_native_password\0ABCDEFGHIJabcdefghij";
    unsigned char expected[NATIVE_RESPONSE];
    struct caller c;

    (void)state;
    call(&c, 0x0038820c, WIRE_CLEAR);
    assert_int_equal(hear(&c, slice_make(again, sizeof(again))), LOGIN_MORE);
    native_answer(SLICE("secret"), (const unsigned char *)"ABCDEFGHIJabcdefghij", expected);
    assert_int_equal(c.reply.size, NATIVE_RESPONSE);
    assert_memory_equal(c.reply.data, expected, NATIVE_RESPONSE);
    assert_int_equal(hear(&c, slice_make(again, sizeof(again))), LOGIN_REFUSED);
}

static void the_password_is_told_to_nobody_who_has_not_proven_who_it_is(void **state)
{
    static const char ask[] = "\xfemysql_clear_password\0";
    struct caller c;

    (void)state;
    call(&c, 0x0038820c, WIRE_CLEAR);
    assert_int_equal(hear(&c, slice_make(ask, sizeof(ask))), LOGIN_REFUSED);
    assert_int_equal(c.reply.size, 0);
    call(&c, 0x0038820c | CAPABILITY_SSL, WIRE_ENCRYPTED); /* whoever it is that asks */
    assert_int_equal(hear(&c, slice_make(ask, sizeof(ask))), LOGIN_REFUSED);
    assert_int_equal(c.reply.size, 0);
    call(&c, 0x0038820c | CAPABILITY_SSL, WIRE_PROVEN);
    assert_int_equal(hear(&c, slice_make(ask, sizeof(ask))), LOGIN_MORE);
    assert_int_equal(c.reply.size, sizeof("secret"));
    assert_memory_equal(c.reply.data, "secret", sizeof("secret"));
}

static void other_methods_are_refused_by_name(void **state)
{
    static const char ask[] = "\xfe"
                              "client_ed25519\0ABCDEFGHIJabcdefghij";
    struct caller c;

    (void)state;
    call(&c, 0x0038820c, WIRE_CLEAR);
    assert_int_equal(hear(&c, slice_make(ask, sizeof(ask))), LOGIN_REFUSED);
    assert_non_null(strstr(c.e.text, "client_ed25519"));
}

static void a_refusal_keeps_the_servers_words_for_the_log(void **state)
{
    struct caller c;

    (void)state;
    call(&c, 0x0038820c, WIRE_CLEAR);
    assert_int_equal(hear(&c, SLICE("\xff\x15\x04#28000Access denied for user 'ana'")),
                     LOGIN_REFUSED);
    assert_int_equal(c.a.error_number, 1045);
    assert_string_equal(c.a.server_said, "Access denied for user 'ana'");
    assert_null(strstr(c.e.text, "ana"));
    assert_int_equal(c.e.number, 2003);
}

static void what_is_no_login_is_refused(void **state)
{
    static const struct slice replies[] = {
        {"", 0},         {"\0\0\0", 3},           {"\xfe", 1},
        {"\x01\x04", 2}, {"\xfb/etc/passwd", 12}, {"\xfexxxxxxxxxxxx", 13},
        {"\x0a", 1}};
    struct caller c;

    (void)state;
    for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
        call(&c, 0x0038820c, WIRE_CLEAR);
        assert_int_equal(hear(&c, replies[i]), LOGIN_REFUSED);
        assert_int_equal(c.reply.size, 0);
    }
    assert_int_equal(call(&c, 0x0038820c & ~CAPABILITY_PROTOCOL_41, WIRE_CLEAR), LOGIN_REFUSED);
    assert_int_equal(call(&c, 0x0038820c & ~CAPABILITY_CONNECT_WITH_DB, WIRE_CLEAR), LOGIN_REFUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_right_password_lets_in_at_once),
        cmocka_unit_test(a_wrong_password_is_refused_with_mysqls_words),
        cmocka_unit_test(an_empty_password_lets_in_its_user_only),
        cmocka_unit_test(strangers_and_strangers_places_get_the_same_words),
        cmocka_unit_test(another_method_is_switched_to_native_once),
        cmocka_unit_test(a_client_that_cannot_switch_is_judged_by_what_it_sent),
        cmocka_unit_test(a_rest_of_a_response_after_the_switch_is_refused),
        cmocka_unit_test(tls_may_be_asked_for_once_and_opens_to_those_who_need_it),
        cmocka_unit_test(garbage_and_old_clients_are_told_apart),
        cmocka_unit_test(a_change_of_user_starts_over_with_a_new_salt),
        cmocka_unit_test(unknown_users_cost_as_much_time_as_known_ones),
        cmocka_unit_test(we_log_in_to_frontends_old_and_new),
        cmocka_unit_test(a_switch_of_method_is_followed_once),
        cmocka_unit_test(the_password_is_told_to_nobody_who_has_not_proven_who_it_is),
        cmocka_unit_test(other_methods_are_refused_by_name),
        cmocka_unit_test(a_refusal_keeps_the_servers_words_for_the_log),
        cmocka_unit_test(what_is_no_login_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
