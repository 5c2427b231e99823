/* Passwords and tokens that are told over TLS, as a server: logins of clients, packet by packet. */
#include "check.h"

#include "auth/auth.h"
#include "base/arena.h"
#include "base/error.h"
#include "base/map.h"
#include "base/writer.h"

static const unsigned char salt[] = "xfSgtRiC_GVsIU\\AtVap";
static const uint64_t today = 1800000000;

static char sha2[SHA2_HASH + 1], native[NATIVE_HASH + 1];

enum { OLD, NEW, GUEST, ROBOT, USERS };

/* old has native only, new has sha2 only, guest has native and takes tokens, robot only takes
 * tokens. */
struct bench {
    struct config config;
    struct user users[USERS];
    struct project project;
    struct project_name name;
    struct token_key keys[2];
    struct peer peer;
    struct sha2_desk desk;
    struct arena arena;
    struct verify v;
    struct error e;
    unsigned char reply[VERIFY_REPLY_MAX];
    size_t reply_size;
};

static void bench_open(struct bench *b)
{
    static const char *const names[USERS] = {"old", "new", "guest", "robot"};

    *b = (struct bench){.peer = {.text = "10.1.2.3"}, .project = {.name = SLICE("sales")}};
    map_init(&b->config.user_names, MAP_EXACT);
    map_init(&b->config.project_names, MAP_NOCASE);
    b->name.project = &b->project;
    assert_true(map_put(&b->config.project_names, b->project.name, &b->name));
    b->config.users = b->users;
    b->config.user_count = USERS;
    for (size_t i = 0; i < USERS; i++) {
        b->users[i].name = slice_of(names[i]);
        assert_true(map_put(&b->config.user_names, b->users[i].name, &b->users[i]));
    }
    b->users[OLD].native = b->users[GUEST].native = (struct hashes){{slice_of(native)}, 1};
    b->users[NEW].sha2 = (struct hashes){{slice_of(sha2)}, 1};
    b->users[GUEST].takes_tokens = b->users[ROBOT].takes_tokens = true;
    secret_set(&b->keys[0].secret, SLICE("sixteen bytes and more"));
    secret_set(&b->keys[1].secret, SLICE("sixteen bytes and less"));
    b->config.settings.token_keys = b->keys;
    b->config.settings.token_key_count = 2;
    arena_init(&b->arena, NULL);
}

static void bench_close(struct bench *b)
{
    map_fini(&b->config.user_names);
    map_fini(&b->config.project_names);
    sha2_cache_fini(&b->desk.cache);
    arena_clear(&b->arena);
    secret_fini(&b->keys[0].secret);
    secret_fini(&b->keys[1].secret);
}

static enum verify_state feed(struct bench *b, struct slice payload)
{
    struct writer w = writer_over(b->reply, sizeof(b->reply));
    enum verify_state state;

    verify_clock(&b->v, 0, today);
    state = verify_feed(&b->v, payload, &w, &b->e);
    b->reply_size = w.size;
    assert_true(writer_done(&w));
    if (state == VERIFY_WORK) {
        struct verify_job *job = b->v.job;
        verify_job_run(job);
        state = verify_done(&b->v, job, &b->e);
    }
    return state;
}

static enum verify_state send_login(struct bench *b, bool encrypted, const char *user,
                                    struct slice plugin, struct slice response)
{
    unsigned char room[2048];
    struct writer w = writer_over(room, sizeof(room));
    const struct login l = {.capabilities = GATEWAY_CAPABILITIES,
                            .user = slice_of(user),
                            .response = response,
                            .plugin = plugin};

    arena_clear(&b->arena);
    verify_start(&b->v, &b->config, &b->peer, GATEWAY_CAPABILITIES, salt, &b->arena);
    verify_serve_sha2(&b->v, &b->desk);
    if (encrypted)
        verify_encrypted(&b->v, NULL);
    assert_true(login_put(&w, &l));
    return feed(b, writer_bytes(&w));
}

/* With its NUL. */
static struct slice told(const char *password)
{
    return slice_make(password, strlen(password) + 1);
}

/* A client that was configured to tell its password. */
static enum verify_state by_clear(struct bench *b, const char *user, const char *password)
{
    return send_login(b, true, user, CLEAR_PLUGIN, told(password));
}

/* A client that knows sha2 and nothing of tokens. */
static enum verify_state by_sha2(struct bench *b, const char *user, const char *password)
{
    unsigned char response[SHA2_RESPONSE];
    size_t size = sha2_answer(slice_of(password), salt, response);

    if (send_login(b, true, user, SHA2_PLUGIN, slice_make(response, size)) != VERIFY_MORE)
        return VERIFY_REFUSED;
    if (b->reply[0] == 0xfe)
        return VERIFY_REFUSED;
    assert_int_equal(b->reply[1], SHA2_FULL);
    return feed(b, told(password));
}

static const char *token(struct bench *b, size_t key, const char *user, const char *project,
                         uint64_t expiry)
{
    static char text[TOKEN_MAX];

    assert_true(token_make(&b->keys[key], slice_of(user), slice_of(project), expiry, text));
    return text;
}

static void a_told_password_proves_any_stored_hash(void **state)
{
    static const char *const users[] = {"old", "new", "guest"};
    struct bench b;

    (void)state;
    bench_open(&b);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(by_clear(&b, users[i], "secret"), VERIFY_OK);
        assert_slice(b.v.user->name, users[i]);
        assert_slice(b.v.proof, i == 1 ? sha2 : native);
        assert_int_equal(by_clear(&b, users[i], "Secret"), VERIFY_REFUSED);
        assert_string_equal(b.e.text + strlen("Access denied for user '") + strlen(users[i]),
                            "'@'10.1.2.3' (using password: YES)");
    }
    assert_int_equal(by_sha2(&b, "guest", "secret"), VERIFY_OK);
    assert_slice(b.v.proof, native);
    assert_int_equal(by_sha2(&b, "guest", "Secret"), VERIFY_REFUSED);
    bench_close(&b);
}

static void a_token_takes_the_place_of_a_password(void **state)
{
    struct bench b;

    (void)state;
    bench_open(&b);
    for (size_t key = 0; key < 2; key++) {
        char proof[TOKEN_PROOF + 1];
        token_proof(&b.keys[key], proof);
        assert_int_equal(by_clear(&b, "robot", token(&b, key, "robot", "", today + 1)), VERIFY_OK);
        assert_slice(b.v.method, "token");
        assert_slice(b.v.proof, proof);
        assert_int_equal(b.v.project.size, 0);
        assert_int_equal(by_sha2(&b, "robot", token(&b, key, "robot", "SALES", today + 1)),
                         VERIFY_OK);
        assert_slice(b.v.project, "sales");
        assert_int_equal(by_sha2(&b, "guest", token(&b, key, "guest", "", today + 1)), VERIFY_OK);
    }
    bench_close(&b);
}

static void refused(struct bench *b, const char *user, const char *password, const char *why)
{
    assert_int_equal(by_clear(b, user, password), VERIFY_REFUSED);
    assert_int_equal(b->e.number, 1045);
    assert_string_equal(b->v.why, why);
    assert_null(b->v.user);
}

static void a_token_that_is_not_good_is_a_wrong_password(void **state)
{
    struct bench b;

    (void)state;
    bench_open(&b);
    refused(&b, "robot", token(&b, 0, "robot", "", today), "the token has expired");
    refused(&b, "robot", token(&b, 0, "guest", "", today + 1), "the token is another user's");
    refused(&b, "robot", token(&b, 0, "robot", "gone", today + 1), "the token's project is gone");
    refused(&b, "robot", "sbt1.x", "the token is not signed by one of token_keys");
    refused(&b, "robot", "secret", "the user has no mysql_native_password");
    refused(&b, "old", token(&b, 0, "old", "", today + 1), "wrong password");
    refused(&b, "new", token(&b, 0, "new", "", today + 1), "wrong password");
    refused(&b, "who", token(&b, 0, "who", "", today + 1), "unknown user");
    const char *text = token(&b, 1, "robot", "", today + 1);
    b.config.settings.token_key_count = 1; /* as a reload would */
    refused(&b, "robot", text, "the token is not signed by one of token_keys");
    bench_close(&b);
}

static void without_tls_nothing_is_told(void **state)
{
    struct bench b;

    (void)state;
    bench_open(&b);
    for (size_t i = 0; i < USERS; i++) { /* switched to a method that tells nothing, or refused */
        enum verify_state s =
            send_login(&b, false, b.users[i].name.data, CLEAR_PLUGIN, told("secret"));
        assert_true(s == VERIFY_MORE || s == VERIFY_REFUSED);
        assert_true(s == VERIFY_REFUSED || b.reply[0] == 0xfe);
    }
    const char *text = token(&b, 0, "robot", "", today + 1);
    assert_int_equal(send_login(&b, false, "robot", CLEAR_PLUGIN, told(text)), VERIFY_MORE);
    assert_int_equal(feed(&b, told(text)), VERIFY_REFUSED);
    bench_close(&b);
}

static void garbage_in_the_place_of_a_told_password_is_refused(void **state)
{
    static char junk[1500];
    struct bench b;

    (void)state;
    bench_open(&b);
    memset(junk, 'x', sizeof(junk) - 1);
    for (size_t i = 0; i < USERS; i++)
        for (size_t size = 0; size <= sizeof(junk); size += size < 4 ? 1 : 187) {
            const char *user = b.users[i].name.data;
            assert_int_equal(send_login(&b, true, user, CLEAR_PLUGIN, slice_make(junk, size)),
                             VERIFY_REFUSED);
        }
    assert_int_equal(send_login(&b, true, "robot", CLEAR_PLUGIN, told("")), VERIFY_REFUSED);
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_told_password_proves_any_stored_hash),
        cmocka_unit_test(a_token_takes_the_place_of_a_password),
        cmocka_unit_test(a_token_that_is_not_good_is_a_wrong_password),
        cmocka_unit_test(without_tls_nothing_is_told),
        cmocka_unit_test(garbage_in_the_place_of_a_told_password_is_refused),
    };

    sha2_hash(SLICE("secret"), sha2);
    native_hash(SLICE("secret"), native);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
