#include "check.h"

#include "auth/auth.h"
#include "proxy/commands.h"

/* Gives what passwd_print says to a text on its standard input; NULL when it refuses. */
static const char *answer(unsigned methods, const char *text, size_t size)
{
    static char printed[256];
    FILE *in = fmemopen((void *)(uintptr_t)text, size, "r");
    FILE *out = fmemopen(printed, sizeof(printed), "w");
    FILE *talk = fopen("/dev/null", "w");

    assert_true(in && out && talk);
    bool good = passwd_print(methods, in, out, talk);
    fclose(in);
    fclose(out);
    fclose(talk);
    return good ? printed : NULL;
}

#define ANSWER(text) answer(PASSWD_NATIVE, text, sizeof(text) - 1)

static void a_line_becomes_the_auth_member_of_a_user(void **state)
{
    static const char expected[] =
        "\"auth\": {\"mysql_native_password\": \"*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19\"}\n";

    (void)state;
    assert_string_equal(ANSWER("password\n"), expected);
    assert_string_equal(ANSWER("password"), expected);
    assert_string_equal(ANSWER("password\r\nrest"), expected);
}

static void an_empty_line_is_the_empty_password(void **state)
{
    (void)state;
    assert_string_equal(ANSWER("\n"), "\"auth\": {\"mysql_native_password\": \"\"}\n");
}

static void no_line_an_odd_line_and_a_long_line_are_refused(void **state)
{
    static char longest[1024 + 2];

    (void)state;
    assert_null(ANSWER("\003"));
    assert_null(ANSWER("a\tb\n"));
    memset(longest, 'x', sizeof(longest));
    assert_non_null(answer(PASSWD_NATIVE, longest, 1024));
    assert_null(answer(PASSWD_NATIVE, longest, 1025));
    assert_null(answer(PASSWD_NATIVE, longest, sizeof(longest)));
}

/* The salt differs each time: what is printed must prove the password. */
static void both_methods_are_hashed_unless_one_is_named(void **state)
{
    static const char head[] = "\"auth\": {\"caching_sha2_password\": \"";
    static const char tail[] =
        "\", \"mysql_native_password\": \"*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19\"}\n";
    const char *printed = answer(PASSWD_NATIVE | PASSWD_SHA2, "password\n", 9);

    (void)state;
    assert_non_null(printed);
    assert_memory_equal(printed, head, sizeof(head) - 1);
    printed += sizeof(head) - 1;
    assert_true(sha2_proves(slice_make(printed, SHA2_HASH), SLICE("password")));
    assert_string_equal(printed + SHA2_HASH, tail);
    printed = answer(PASSWD_SHA2, "password\n", 9);
    assert_memory_equal(printed, head, sizeof(head) - 1);
    assert_string_equal(printed + sizeof(head) - 1 + SHA2_HASH, "\"}\n");
}

static void a_method_that_cannot_hash_the_password_is_left_out(void **state)
{
    char longer[SHA2_PASSWORD_MAX];

    (void)state;
    memset(longer, 'x', sizeof(longer));
    assert_non_null(answer(PASSWD_SHA2, longer, sizeof(longer) - 1));
    assert_null(answer(PASSWD_SHA2, longer, sizeof(longer)));
    assert_null(answer(PASSWD_SHA2, "\n", 1));
    assert_string_equal(answer(PASSWD_NATIVE | PASSWD_SHA2, "\n", 1),
                        "\"auth\": {\"mysql_native_password\": \"\"}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_becomes_the_auth_member_of_a_user),
        cmocka_unit_test(an_empty_line_is_the_empty_password),
        cmocka_unit_test(no_line_an_odd_line_and_a_long_line_are_refused),
        cmocka_unit_test(both_methods_are_hashed_unless_one_is_named),
        cmocka_unit_test(a_method_that_cannot_hash_the_password_is_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
