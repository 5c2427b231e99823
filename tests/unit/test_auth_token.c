#include "check.h"

#include "auth/auth.h"

static struct token_key keys[3];
static char room[TOKEN_MAX];
static struct slice project;
static const struct token_key *by;
static const char *why;

static int set_up(void **state)
{
    (void)state;
    secret_set(&keys[0].secret, SLICE("the first key of these tests"));
    secret_set(&keys[1].secret, SLICE("the second key of these tests"));
    secret_set(
        &keys[2].secret,
        SLICE("a key that is longer than a block of the hash, which takes its digest instead"));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++)
        secret_fini(&keys[i].secret);
    return 0;
}

static bool verify(const char *token, const char *user, uint64_t now)
{
    return token_verify(slice_of(token), keys, 3, slice_of(user), now, room, &project, &by, &why);
}

static void a_token_is_good_for_its_user_until_it_expires(void **state)
{
    char text[TOKEN_MAX];

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_true(token_make(&keys[i], SLICE("ana"), SLICE("sales"), 1000, text));
        assert_true(token_is_one(slice_of(text)));
        assert_true(verify(text, "ana", 999));
        assert_ptr_equal(by, &keys[i]);
        assert_slice(project, "sales");
        assert_false(verify(text, "ana", 1000));
        assert_string_equal(why, "the token has expired");
        assert_false(verify(text, "bo", 999));
        assert_string_equal(why, "the token is another user's");
    }
    assert_true(token_make(&keys[0], SLICE("安娜"), SLICE(""), UINT64_MAX, text));
    assert_true(verify(text, "安娜", 1));
    assert_int_equal(project.size, 0);
}

/* Computed with another HMAC than ours. */
static void a_token_has_a_known_form(void **state)
{
    static const char known[] =
        "sbt1.6AMAAAAAAABhbmEAc2FsZXM.vfBTGAP3kKwA1x3QmP64Xcqs00VnKs-X3wrC8PgBzWM";
    char text[TOKEN_MAX];

    (void)state;
    assert_true(token_make(&keys[0], SLICE("ana"), SLICE("sales"), 1000, text));
    assert_string_equal(text, known);
    assert_true(token_make(&keys[2], SLICE("ana"), SLICE("sales"), 1000, text));
    assert_string_equal(strrchr(text, '.') + 1, "wV4W85xRRqy2IlHwOL0l0c7dv6cahlq64Tob8NNySNI");
}

static void a_key_that_is_gone_takes_its_tokens_along(void **state)
{
    char text[TOKEN_MAX];

    (void)state;
    assert_true(token_make(&keys[1], SLICE("ana"), SLICE(""), 1000, text));
    assert_false(token_verify(slice_of(text), keys, 1, SLICE("ana"), 1, room, &project, &by, &why));
    assert_string_equal(why, "the token is not signed by one of token_keys");
    assert_false(token_verify(slice_of(text), NULL, 0, SLICE("ana"), 1, room, &project, &by, &why));
}

static void every_changed_byte_is_found(void **state)
{
    char text[TOKEN_MAX], changed[TOKEN_MAX];

    (void)state;
    assert_true(token_make(&keys[0], SLICE("ana"), SLICE("sales"), 1000, text));
    for (size_t i = 0; i < strlen(text); i++)
        for (unsigned bit = 1; bit < 256; bit <<= 1) {
            memcpy(changed, text, sizeof(text));
            changed[i] = (char)((unsigned char)changed[i] ^ bit);
            assert_false(token_verify(slice_make(changed, strlen(text)), keys, 3, SLICE("ana"), 1,
                                      room, &project, &by, &why));
        }
}

static void every_cut_and_every_extension_is_no_token(void **state)
{
    char text[TOKEN_MAX], longer[2 * TOKEN_MAX];

    (void)state;
    assert_true(token_make(&keys[0], SLICE("ana"), SLICE("sales"), 1000, text));
    for (size_t i = 0; i < strlen(text); i++)
        assert_false(
            token_verify(slice_make(text, i), keys, 3, SLICE("ana"), 1, room, &project, &by, &why));
    snprintf(longer, sizeof(longer), "%sA", text);
    assert_false(verify(longer, "ana", 1));
    snprintf(longer, sizeof(longer), "%s.", text);
    assert_false(verify(longer, "ana", 1));
    memset(longer, 'A', sizeof(longer));
    memcpy(longer, "sbt1.", 5);
    assert_false(token_verify(slice_make(longer, sizeof(longer)), keys, 3, SLICE("ana"), 1, room,
                              &project, &by, &why));
}

static void what_does_not_fit_is_not_made(void **state)
{
    char name[TOKEN_MAX], text[TOKEN_MAX];

    (void)state;
    memset(name, 'x', sizeof(name));
    assert_false(token_make(&keys[0], slice_make(name, sizeof(name)), SLICE(""), 1, text));
    assert_false(token_make(&keys[0], SLICE("ana"), slice_make(name, 760), 1, text));
    assert_true(token_make(&keys[0], SLICE("ana"), slice_make(name, 600), 2, text));
    assert_true(verify(text, "ana", 1));
    assert_int_equal(project.size, 600);
}

static void a_proof_names_a_key_and_does_not_tell_it(void **state)
{
    char one[TOKEN_PROOF + 1], other[TOKEN_PROOF + 1], again[TOKEN_PROOF + 1];

    (void)state;
    token_proof(&keys[0], one);
    token_proof(&keys[1], other);
    token_proof(&keys[0], again);
    assert_int_equal(strlen(one), TOKEN_PROOF);
    assert_string_equal(one, again);
    assert_string_not_equal(one, other);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(a_token_is_good_for_its_user_until_it_expires), CASE(a_token_has_a_known_form),
        CASE(a_key_that_is_gone_takes_its_tokens_along),     CASE(every_changed_byte_is_found),
        CASE(every_cut_and_every_extension_is_no_token),     CASE(what_does_not_fit_is_not_made),
        CASE(a_proof_names_a_key_and_does_not_tell_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
