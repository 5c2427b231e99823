/* caching_sha2_password as a server: logins of clients, packet by packet. */
#include "check.h"

#include "auth/auth.h"
#include "base/arena.h"
#include "base/error.h"
#include "base/map.h"
#include "base/writer.h"

static const unsigned char salt[] = "xfSgtRiC_GVsIU\\AtVap";

static struct rsa_key *key; /* made once */
static char secret_hash[SHA2_HASH + 1], other_hash[SHA2_HASH + 1], native[NATIVE_HASH + 1];

enum { ANA, BOTH, SAFE, TURNING, USERS };

/* A gateway: ana has sha2 only, both has both, safe must come over TLS, turning has two hashes. */
struct bench {
    struct config config;
    struct user users[USERS];
    struct peer peer;
    struct sha2_desk desk;
    struct arena arena;
    struct verify v;
    struct error e;
    unsigned char reply[VERIFY_REPLY_MAX];
    size_t reply_size;
};

static void start(struct bench *b)
{
    arena_clear(&b->arena);
    verify_start(&b->v, &b->config, &b->peer, GATEWAY_CAPABILITIES, salt, &b->arena);
    verify_serve_sha2(&b->v, &b->desk);
}

static void bench_open(struct bench *b)
{
    static const char *const names[USERS] = {"ana", "both", "safe", "turning"};

    *b = (struct bench){.peer = {.text = "10.1.2.3"}, .desk = {.key = key}};
    map_init(&b->config.user_names, MAP_EXACT);
    b->config.users = b->users;
    b->config.user_count = USERS;
    for (size_t i = 0; i < USERS; i++) {
        b->users[i].name = slice_of(names[i]);
        b->users[i].sha2 = (struct hashes){{slice_of(secret_hash), slice_of(other_hash)}, 1};
        assert_true(map_put(&b->config.user_names, b->users[i].name, &b->users[i]));
    }
    b->users[BOTH].native = (struct hashes){{slice_of(native)}, 1};
    b->users[SAFE].require_tls = true;
    b->users[TURNING].sha2.count = 2;
    arena_init(&b->arena, NULL);
    start(b);
}

static void bench_close(struct bench *b)
{
    map_fini(&b->config.user_names);
    sha2_cache_fini(&b->desk.cache);
    arena_clear(&b->arena);
}

static enum verify_state feed(struct bench *b, struct slice payload)
{
    struct writer w = writer_over(b->reply, sizeof(b->reply));
    enum verify_state state = verify_feed(&b->v, payload, &w, &b->e);

    b->reply_size = w.size;
    assert_true(writer_done(&w));
    if (state == VERIFY_MORE || state == VERIFY_REFUSED || state == VERIFY_WORK)
        assert_int_equal(w.size > 0, state == VERIFY_MORE);
    return state;
}

static enum verify_state send_login(struct bench *b, const char *user, struct slice plugin,
                                    struct slice response)
{
    unsigned char room[512];
    struct writer w = writer_over(room, sizeof(room));
    const struct login l = {.capabilities = GATEWAY_CAPABILITIES,
                            .user = slice_of(user),
                            .response = response,
                            .plugin = plugin};

    assert_true(login_put(&w, &l));
    return feed(b, writer_bytes(&w));
}

/* As a client that names sha2 and has used the greeting's salt. */
static enum verify_state offer(struct bench *b, const char *user, const char *password)
{
    unsigned char response[SHA2_RESPONSE];

    start(b);
    size_t size = sha2_answer(slice_of(password), salt, response);
    return send_login(b, user, SHA2_PLUGIN, slice_make(response, size));
}

static void assert_reply(const struct bench *b, struct slice expected)
{
    assert_int_equal(b->reply_size, expected.size);
    assert_memory_equal(b->reply, expected.data, expected.size);
}

#define assert_asks_in_full(b) assert_reply(b, SLICE("\x01\x04"))

static enum verify_state work(struct bench *b)
{
    struct verify_job *job = b->v.job;

    verify_job_run(job);
    return verify_done(&b->v, job, &b->e);
}

/* From the demand for the password to the end. */
static enum verify_state tell(struct bench *b, const char *password)
{
    unsigned char plain[SHA2_PASSWORD_MAX] = {0}, sealed[RSA_SEALED_MAX];
    size_t size = strlen(password) + 1;

    assert_asks_in_full(b);
    assert_int_equal(feed(b, SLICE("\x02")), VERIFY_MORE);
    assert_int_equal(b->reply[0], 1);
    memcpy(plain, password, size);
    sha2_mask(plain, size, salt);
    struct public_key *theirs =
        crypto_default()->public_key_new(slice_make(b->reply + 1, b->reply_size - 1));
    assert_non_null(theirs);
    assert_true(crypto_default()->rsa_seal(theirs, slice_make(plain, size), sealed, &size));
    crypto_default()->public_key_free(theirs);
    assert_int_equal(feed(b, slice_make(sealed, size)), VERIFY_WORK);
    return work(b);
}

static void a_first_login_needs_the_password_and_the_next_does_not(void **state)
{
    struct bench b;

    (void)state;
    bench_open(&b);
    for (unsigned i = 0; i < 3; i++) {
        if (i == 0) {
            assert_int_equal(offer(&b, "ana", "secret"), VERIFY_MORE);
            assert_int_equal(tell(&b, "secret"), VERIFY_OK);
        } else {
            assert_int_equal(offer(&b, "ana", "secret"), VERIFY_OK);
            assert_reply(&b, SLICE("\x01\x03"));
        }
        assert_ptr_equal(b.v.user, &b.users[ANA]);
        assert_slice(b.v.proof, secret_hash);
        assert_slice(b.v.method, "caching_sha2_password");
    }
    b.users[ANA].sha2.at[0] = slice_of(other_hash); /* as a reload would */
    assert_int_equal(offer(&b, "ana", "secret"), VERIFY_MORE);
    assert_int_equal(tell(&b, "secret"), VERIFY_REFUSED);
    bench_close(&b);
}

static void a_wrong_password_is_refused_at_the_end_only(void **state)
{
    struct bench b;

    (void)state;
    bench_open(&b);
    for (unsigned i = 0; i < 2; i++) { /* unknown to the cache, then known */
        assert_int_equal(offer(&b, "ana", "Secret"), VERIFY_MORE);
        assert_int_equal(tell(&b, "Secret"), VERIFY_REFUSED);
        assert_int_equal(b.e.number, 1045);
        assert_string_equal(b.e.text,
                            "Access denied for user 'ana'@'10.1.2.3' (using password: YES)");
        assert_string_equal(b.v.why, "wrong password");
        assert_null(b.v.user);
        assert_int_equal(offer(&b, "ana", "secret"), i ? VERIFY_OK : VERIFY_MORE);
        if (i == 0)
            assert_int_equal(tell(&b, "secret"), VERIFY_OK);
    }
    assert_int_equal(offer(&b, "ana", ""), VERIFY_MORE); /* one byte: no response for our salt */
    assert_int_equal(feed(&b, SLICE("")), VERIFY_REFUSED);
    assert_string_equal(b.e.text, "Access denied for user 'ana'@'10.1.2.3' (using password: NO)");
    bench_close(&b);
}

static void clients_that_named_another_method_are_switched(void **state)
{
    static const struct slice plugins[] = {
        {"mysql_native_password", 21}, {"", 0}, {"caching_sha2_password", 21}};
    unsigned char response[SHA2_RESPONSE];
    struct auth_switch s;
    struct bench b;

    (void)state;
    bench_open(&b);
    sha2_answer(SLICE("secret"), salt, response);
    for (size_t i = 0; i < 3; i++) {
        start(&b);
        assert_int_equal(send_login(&b, "ana", plugins[i], SLICE("")), VERIFY_MORE);
        assert_true(auth_switch_read(&s, slice_make(b.reply, b.reply_size)));
        assert_slice(s.plugin, "caching_sha2_password");
        assert_memory_equal(s.data.data, salt, MYSQL_SALT);
        assert_int_equal(feed(&b, slice_make(response, sizeof(response))),
                         i ? VERIFY_OK : VERIFY_MORE);
        if (i == 0)
            assert_int_equal(tell(&b, "secret"), VERIFY_OK);
    }
    for (size_t n = 0; n < 64; n++) {
        unsigned char junk[64] = {0};
        start(&b);
        send_login(&b, "ana", NATIVE_PLUGIN, SLICE(""));
        assert_int_equal(feed(&b, slice_make(junk, n)),
                         n == SHA2_RESPONSE ? VERIFY_MORE : VERIFY_REFUSED);
    }
    bench_close(&b);
}

static void a_user_with_both_is_judged_by_what_the_client_offers(void **state)
{
    unsigned char response[NATIVE_RESPONSE];
    struct auth_switch s;
    struct bench b;

    (void)state;
    bench_open(&b);
    size_t size = native_answer(SLICE("secret"), salt, response);
    assert_int_equal(send_login(&b, "both", NATIVE_PLUGIN, slice_make(response, size)), VERIFY_OK);
    assert_slice(b.v.method, "mysql_native_password");
    assert_slice(b.v.proof, native);
    assert_int_equal(offer(&b, "both", "secret"), VERIFY_MORE);
    assert_int_equal(tell(&b, "secret"), VERIFY_OK);
    assert_slice(b.v.proof, secret_hash);
    start(&b); /* a MySQL 8 client: the name, and nothing to it; native needs neither TLS nor RSA */
    assert_int_equal(send_login(&b, "both", SHA2_PLUGIN, SLICE("")), VERIFY_MORE);
    assert_true(auth_switch_read(&s, slice_make(b.reply, b.reply_size)));
    assert_slice(s.plugin, "mysql_native_password");
    start(&b);
    verify_encrypted(&b.v, NULL);
    assert_int_equal(send_login(&b, "both", SHA2_PLUGIN, SLICE("")), VERIFY_MORE);
    assert_true(auth_switch_read(&s, slice_make(b.reply, b.reply_size)));
    assert_slice(s.plugin, "caching_sha2_password");
    bench_close(&b);
}

static void both_hashes_count_during_a_rotation(void **state)
{
    static const char *const passwords[] = {"secret", "other"};
    struct bench b;

    (void)state;
    bench_open(&b);
    for (unsigned i = 0; i < 4; i++) {
        enum verify_state got = offer(&b, "turning", passwords[i % 2]);
        assert_int_equal(got, i < 2 ? VERIFY_MORE : VERIFY_OK);
        if (i < 2)
            assert_int_equal(tell(&b, passwords[i]), VERIFY_OK);
        assert_slice(b.v.proof, i % 2 ? other_hash : secret_hash);
    }
    bench_close(&b);
}

static void over_tls_the_password_comes_in_clear_and_else_never(void **state)
{
    struct bench b;

    (void)state;
    bench_open(&b);
    for (unsigned encrypted = 0; encrypted < 2; encrypted++) {
        for (unsigned right = 0; right < 2; right++) {
            assert_int_equal(offer(&b, "ana", "x"), VERIFY_MORE);
            assert_asks_in_full(&b);
            if (encrypted)
                verify_encrypted(&b.v, NULL);
            struct slice told = right ? SLICE("secret\0") : SLICE("other\0");
            enum verify_state state_now = feed(&b, told);
            assert_int_equal(state_now, encrypted ? VERIFY_WORK : VERIFY_REFUSED);
            if (encrypted)
                assert_int_equal(work(&b), right ? VERIFY_OK : VERIFY_REFUSED);
        }
    }
    start(&b); /* libmariadb does not wait to be asked */
    verify_encrypted(&b.v, NULL);
    assert_int_equal(send_login(&b, "ana", NATIVE_PLUGIN, SLICE("")), VERIFY_MORE);
    assert_int_equal(feed(&b, SLICE("secret\0")), VERIFY_WORK);
    assert_int_equal(work(&b), VERIFY_OK);
    start(&b);
    assert_int_equal(send_login(&b, "ana", NATIVE_PLUGIN, SLICE("")), VERIFY_MORE);
    assert_int_equal(feed(&b, SLICE("secret\0")), VERIFY_REFUSED);
    bench_close(&b);
}

static void garbage_in_the_place_of_the_password_is_refused(void **state)
{
    unsigned char junk[300];
    struct bench b;

    (void)state;
    memset(junk, 0x55, sizeof(junk));
    bench_open(&b);
    for (size_t n = 0; n < sizeof(junk); n++)
        for (unsigned asked = 0; asked < 2; asked++) {
            offer(&b, "ana", "secret");
            if (asked)
                assert_int_equal(feed(&b, SLICE("\x02")), VERIFY_MORE);
            enum verify_state got = feed(&b, slice_make(junk, n));
            assert_int_equal(got, n == RSA_BITS / 8 ? VERIFY_WORK : VERIFY_REFUSED);
            if (got == VERIFY_WORK)
                assert_int_equal(work(&b), VERIFY_REFUSED);
        }
    offer(&b, "ana", "secret");
    assert_int_equal(feed(&b, SLICE("\x02")), VERIFY_MORE);
    assert_int_equal(feed(&b, SLICE("\x02")), VERIFY_REFUSED); /* once */
    bench_close(&b);
}

static void a_user_who_must_use_tls_is_not_asked_for_the_password_without(void **state)
{
    struct bench b;

    (void)state;
    bench_open(&b);
    assert_int_equal(offer(&b, "safe", "secret"), VERIFY_REFUSED);
    assert_string_equal(b.v.why, "the user must come over TLS");
    start(&b);
    verify_encrypted(&b.v, NULL);
    assert_int_equal(send_login(&b, "safe", SHA2_PLUGIN, SLICE("")), VERIFY_MORE);
    bench_close(&b);
}

/* Whoever it is that a stranger's name is treated as: the same packets, and no way in. */
static void strangers_are_led_along_and_refused(void **state)
{
    struct bench b;
    char name[16];

    (void)state;
    bench_open(&b);
    b.users[BOTH] = b.users[SAFE] = b.users[TURNING] = b.users[ANA];
    assert_int_equal(offer(&b, "ana", "secret"), VERIFY_MORE);
    assert_int_equal(tell(&b, "secret"), VERIFY_OK); /* is in the cache */
    for (unsigned i = 0; i < 20; i++) {
        snprintf(name, sizeof(name), "who%u", i);
        assert_int_equal(offer(&b, name, "secret"), VERIFY_MORE);
        assert_int_equal(tell(&b, i % 2 ? "secret" : "x"), VERIFY_REFUSED);
        assert_string_equal(b.v.why, "unknown user");
        assert_int_equal(b.e.number, 1045);
    }
    bench_close(&b);
}

/* Each name always by the same method, and over many names all methods that users have. */
static void strangers_have_the_methods_that_users_have(void **state)
{
    unsigned switched = 0;
    struct bench b;
    char name[16];

    (void)state;
    bench_open(&b);
    b.users[ANA].sha2.count = b.users[TURNING].sha2.count = 0;
    b.users[ANA].native = b.users[TURNING].native = b.users[BOTH].native;
    b.users[SAFE].require_tls = false;
    for (unsigned i = 0; i < 200; i++) {
        enum verify_state got[2];
        snprintf(name, sizeof(name), "who%u", i);
        for (unsigned k = 0; k < 2; k++) {
            start(&b);
            got[k] = send_login(&b, name, NATIVE_PLUGIN, SLICE("12345678901234567890"));
        }
        assert_int_equal(got[0], got[1]);
        assert_true(got[0] == VERIFY_MORE || got[0] == VERIFY_REFUSED);
        switched += got[0] == VERIFY_MORE;
    }
    assert_true(switched > 20 && switched < 80); /* one user of four is switched */
    bench_close(&b);
}

static void a_change_of_user_is_switched_with_the_new_salt(void **state)
{
    static const unsigned char fresh[] = "abcdefghijABCDEFGHIJ";
    static const char change[] = "ana\0\0\0\x2d\0mysql_native_password";
    unsigned char response[SHA2_RESPONSE];
    struct auth_switch s;
    struct bench b;

    (void)state;
    bench_open(&b);
    offer(&b, "ana", "secret");
    assert_int_equal(tell(&b, "secret"), VERIFY_OK);
    for (unsigned replayed = 0; replayed < 2; replayed++) {
        verify_start_change(&b.v, &b.config, &b.peer, GATEWAY_CAPABILITIES, fresh, &b.arena);
        verify_serve_sha2(&b.v, &b.desk);
        assert_int_equal(feed(&b, slice_make(change, sizeof(change))), VERIFY_MORE);
        assert_true(auth_switch_read(&s, slice_make(b.reply, b.reply_size)));
        assert_slice(s.plugin, "caching_sha2_password");
        sha2_answer(SLICE("secret"), replayed ? salt : fresh, response);
        assert_int_equal(feed(&b, slice_make(response, sizeof(response))),
                         replayed ? VERIFY_MORE : VERIFY_OK);
    }
    bench_close(&b);
}

static void a_job_that_nobody_wants_is_freed(void **state)
{
    struct bench b;

    (void)state;
    bench_open(&b);
    offer(&b, "ana", "secret");
    assert_int_equal(feed(&b, slice_make((char[RSA_BITS / 8]){0}, RSA_BITS / 8)), VERIFY_WORK);
    verify_job_free(b.v.job);
    verify_job_free(NULL);
    bench_close(&b);
}

static int prepare(void **state)
{
    (void)state;
    key = crypto_default()->rsa_new();
    sha2_hash(SLICE("secret"), secret_hash);
    sha2_hash(SLICE("other"), other_hash);
    native_hash(SLICE("secret"), native);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    crypto_default()->rsa_free(key);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_first_login_needs_the_password_and_the_next_does_not),
        cmocka_unit_test(a_wrong_password_is_refused_at_the_end_only),
        cmocka_unit_test(clients_that_named_another_method_are_switched),
        cmocka_unit_test(a_user_with_both_is_judged_by_what_the_client_offers),
        cmocka_unit_test(both_hashes_count_during_a_rotation),
        cmocka_unit_test(over_tls_the_password_comes_in_clear_and_else_never),
        cmocka_unit_test(garbage_in_the_place_of_the_password_is_refused),
        cmocka_unit_test(a_user_who_must_use_tls_is_not_asked_for_the_password_without),
        cmocka_unit_test(strangers_are_led_along_and_refused),
        cmocka_unit_test(strangers_have_the_methods_that_users_have),
        cmocka_unit_test(a_change_of_user_is_switched_with_the_new_salt),
        cmocka_unit_test(a_job_that_nobody_wants_is_freed),
    };

    return cmocka_run_group_tests(tests, prepare, finish);
}
