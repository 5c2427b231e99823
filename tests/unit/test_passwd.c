#include "check.h"

#include "proxy/commands.h"

/* Gives what passwd_print says to a text on its standard input; NULL when it refuses. */
static const char *answer(const char *text, size_t size)
{
    static char printed[256];
    FILE *in = fmemopen((void *)(uintptr_t)text, size, "r");
    FILE *out = fmemopen(printed, sizeof(printed), "w");
    FILE *talk = fopen("/dev/null", "w");

    assert_true(in && out && talk);
    bool good = passwd_print(in, out, talk);
    fclose(in);
    fclose(out);
    fclose(talk);
    return good ? printed : NULL;
}

#define ANSWER(text) answer(text, sizeof(text) - 1)

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
    assert_non_null(answer(longest, 1024));
    assert_null(answer(longest, 1025));
    assert_null(answer(longest, sizeof(longest)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_becomes_the_auth_member_of_a_user),
        cmocka_unit_test(an_empty_line_is_the_empty_password),
        cmocka_unit_test(no_line_an_odd_line_and_a_long_line_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
