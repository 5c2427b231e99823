/* What SET has changed, and what one SET makes two connections equal. */
#include "check.h"

#include <stdlib.h>

#include "proxy/backend/backend.h"

static struct arena arena;

static void equal_states_need_no_word(void **state)
{
    struct state wanted = {0}, carried = {0};
    struct slice none = SLICE("");

    (void)state;
    assert_int_equal(state_difference(&wanted, &none, &carried, &arena).size, 0);
    assert_true(state_set(&wanted, false, SLICE("sql_mode"), SLICE("sql_mode = 'X'")));
    assert_true(state_set(&carried, false, SLICE("sql_mode"), SLICE("sql_mode = 'X'")));
    assert_int_equal(state_difference(&wanted, &none, &carried, &arena).size, 0);
    state_clear(&wanted);
    state_clear(&carried);
}

static void a_difference_is_one_set_of_what_differs(void **state)
{
    struct state wanted = {0}, carried = {0};
    struct slice group = SLICE("rg_low");

    (void)state;
    state_set(&wanted, false, SLICE("sql_mode"), SLICE("sql_mode = 'X'"));
    state_set(&wanted, true, SLICE("a"), SLICE("@a = 1"));
    state_set(&wanted, false, SLICE("query_timeout"), SLICE("query_timeout = 5"));
    state_set(&carried, false, SLICE("query_timeout"), SLICE("query_timeout = 5"));
    assert_slice(state_difference(&wanted, &group, &carried, &arena),
                 "SET sql_mode = 'X', @a = 1, resource_group = 'rg_low'");
    state_adopt(&carried, &wanted, &group);
    assert_int_equal(state_difference(&wanted, &group, &carried, &arena).size, 0);
    assert_true(state_has_user_variables(&carried));
    state_clear(&wanted);
    state_clear(&carried);
}

static void a_group_is_taken_back_and_never_told_to_who_has_none(void **state)
{
    struct state wanted = {0}, carried = {0};
    struct slice none = SLICE(""), group = SLICE("rg_low");

    (void)state;
    assert_int_equal(state_difference(&wanted, &none, &carried, &arena).size, 0);
    assert_int_equal(state_difference(&wanted, NULL, &carried, &arena).size, 0);
    state_adopt(&carried, &wanted, &group);
    assert_slice(state_difference(&wanted, &none, &carried, &arena), "SET resource_group = ''");
    state_clear(&carried);
}

static void a_later_set_replaces_the_earlier_one(void **state)
{
    struct state s = {0};

    (void)state;
    state_set(&s, false, SLICE("x"), SLICE("x = 1"));
    state_set(&s, false, SLICE("x"), SLICE("x = 22"));
    assert_int_equal(s.count, 1);
    assert_string_equal(s.variables[0].text, "x = 22");
    assert_int_equal(s.bytes, strlen("x") + strlen("x = 22"));
    state_clear(&s);
}

static void a_state_is_bounded(void **state)
{
    struct state s = {0};
    char name[16];
    char *large = calloc(1, STATE_BYTES_MAX + 1);

    (void)state;
    memset(large, 'x', STATE_BYTES_MAX);
    assert_false(state_set(&s, true, SLICE("v"), slice_of(large)));
    for (unsigned i = 0; i < STATE_VARIABLES_MAX; i++) {
        snprintf(name, sizeof(name), "v%u", i);
        assert_true(state_set(&s, true, slice_of(name), SLICE("@v = 1")));
    }
    assert_false(state_set(&s, true, SLICE("one more"), SLICE("@v = 1")));
    assert_true(state_set(&s, true, SLICE("v3"), SLICE("@v3 = 2")));
    state_clear(&s);
    free(large);
}

static int start(void **state)
{
    (void)state;
    arena_init(&arena, NULL);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_states_need_no_word),
        cmocka_unit_test(a_difference_is_one_set_of_what_differs),
        cmocka_unit_test(a_group_is_taken_back_and_never_told_to_who_has_none),
        cmocka_unit_test(a_later_set_replaces_the_earlier_one),
        cmocka_unit_test(a_state_is_bounded),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
