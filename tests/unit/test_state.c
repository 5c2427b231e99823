/* What SET has changed, and what one SET makes two connections equal. */
#include "check.h"

#include <stdlib.h>

#include "proxy/backend/backend.h"

static struct arena arena;

static void put(struct state *s, bool is_user, const char *name, const char *value)
{
    assert_true(state_put(s, is_user, slice_of(name), slice_of(value)));
}

/* The difference, as one text. */
static struct slice difference(const struct state *wanted, const char *group,
                               const struct state *carried, const struct state *originals)
{
    const struct state_wish wish = {.variables = wanted, .resource_group = slice_of(group)};
    struct slice *all, text = {"", 0};
    size_t count = state_difference(&wish, carried, originals, &arena, &all);

    for (size_t i = 0; i < count; i++)
        text = arena_print(&arena, "%.*s%s%.*s", SHOW(text), i ? ", " : "", SHOW(all[i]));
    return text;
}

static void equal_states_need_no_word(void **state)
{
    struct state wanted = {0}, carried = {0}, originals = {0};

    (void)state;
    assert_slice(difference(&wanted, "", &carried, &originals), "");
    put(&wanted, false, "sql_mode", "'X'");
    put(&wanted, true, "a", "1");
    put(&carried, true, "a", "1");
    put(&carried, false, "sql_mode", "'X'");
    assert_slice(difference(&wanted, "", &carried, &originals), "");
    assert_true(wanted.mark == carried.mark);
    state_clear(&wanted);
    state_clear(&carried);
}

static void a_difference_is_what_differs_in_the_order_of_set(void **state)
{
    const struct state_wish wish = {.resource_group = SLICE("'rg_low'")};
    struct state wanted = {0}, carried = {0}, originals = {0};
    struct state_wish all = wish;

    (void)state;
    put(&wanted, false, "sql_mode", "'X'");
    put(&wanted, true, "A", "1");
    put(&wanted, false, "query_timeout", "5");
    put(&wanted, true, "a", "2");
    put(&wanted, true, "A", "3");
    put(&carried, false, "query_timeout", "5");
    assert_slice(difference(&wanted, "'rg_low'", &carried, &originals),
                 "sql_mode = 'X', @a = 2, @A = 3, resource_group = 'rg_low'");
    all.variables = &wanted;
    state_adopt(&carried, &all);
    assert_slice(difference(&wanted, "'rg_low'", &carried, &originals), "");
    assert_true(state_wish_mark(&all) == carried.mark);
    assert_true(state_has_user(&carried));
    state_clear(&wanted);
    state_clear(&carried);
}

static void what_is_not_wanted_goes_back_to_what_the_login_had(void **state)
{
    struct state wanted = {0}, carried = {0}, originals = {0};

    (void)state;
    put(&originals, false, "query_timeout", "600");
    put(&originals, false, "resource_group", "''");
    put(&carried, false, "query_timeout", "5");
    put(&carried, true, "a", "1");
    put(&carried, true, "it's", "1");
    put(&carried, false, "resource_group", "'rg'");
    put(&wanted, true, "b", "2");
    assert_slice(difference(&wanted, "", &carried, &originals),
                 "query_timeout = 600, @a = NULL, @'it''s' = NULL, resource_group = '', @b = 2");
    assert_slice(difference(&wanted, "'rg'", &carried, &originals),
                 "query_timeout = 600, @a = NULL, @'it''s' = NULL, @b = 2");
    state_clear(&wanted);
    state_clear(&carried);
    state_clear(&originals);
}

static void what_the_login_had_is_asked_once(void **state)
{
    struct state wanted = {0}, carried = {0}, originals = {0};
    const struct state_wish wish = {.variables = &wanted, .resource_group = SLICE("'rg'")};
    struct slice *names;

    (void)state;
    put(&wanted, false, "query_timeout", "5");
    put(&wanted, true, "a", "1");
    put(&wanted, false, "sql_mode", "'X'");
    assert_int_equal(state_unknown(&wish, &carried, &originals, &arena, &names), 3);
    assert_slice(names[0], "query_timeout");
    assert_slice(names[1], "sql_mode");
    assert_slice(names[2], "resource_group");
    put(&originals, false, "sql_mode", "''");
    put(&originals, false, "resource_group", "''");
    assert_int_equal(state_unknown(&wish, &carried, &originals, &arena, &names), 1);
    assert_slice(names[0], "query_timeout");
    state_clear(&wanted);
    state_clear(&originals);
}

static void a_later_set_replaces_the_earlier_one(void **state)
{
    struct state s = {0};
    struct slice value;

    (void)state;
    put(&s, false, "x", "1");
    put(&s, false, "y", "1");
    put(&s, false, "x", "22");
    assert_int_equal(s.count, 2);
    assert_true(state_find(&s, false, SLICE("x"), &value));
    assert_slice(value, "22");
    assert_false(state_find(&s, true, SLICE("x"), &value));
    state_drop(&s, false, SLICE("x"));
    state_drop(&s, false, SLICE("nothing"));
    state_drop(&s, false, SLICE("y"));
    assert_int_equal(s.count, 0);
    assert_true(s.mark == 0 && s.size == 0);
    assert_null(s.data);
}

static void values_that_only_the_server_knows_are_counted(void **state)
{
    struct state s = {0};

    (void)state;
    put(&s, true, "a", "?1");
    put(&s, true, "b", "'?'");
    assert_int_equal(s.unknown, 1);
    put(&s, true, "a", "?2");
    assert_int_equal(s.unknown, 1);
    put(&s, true, "a", "1");
    assert_int_equal(s.unknown, 0);
    state_clear(&s);
}

static void a_state_is_bounded(void **state)
{
    struct state s = {0};
    char name[16];
    char *large = calloc(1, STATE_BYTES_MAX + 1);

    (void)state;
    memset(large, 'x', STATE_BYTES_MAX);
    assert_false(state_put(&s, true, SLICE("v"), slice_of(large)));
    for (unsigned i = 0; i < STATE_VARIABLES_MAX; i++) {
        snprintf(name, sizeof(name), "v%u", i);
        put(&s, true, name, "1");
    }
    assert_false(state_put(&s, true, SLICE("one more"), SLICE("1")));
    put(&s, true, "v3", "2");
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
        cmocka_unit_test(a_difference_is_what_differs_in_the_order_of_set),
        cmocka_unit_test(what_is_not_wanted_goes_back_to_what_the_login_had),
        cmocka_unit_test(what_the_login_had_is_asked_once),
        cmocka_unit_test(a_later_set_replaces_the_earlier_one),
        cmocka_unit_test(values_that_only_the_server_knows_are_counted),
        cmocka_unit_test(a_state_is_bounded),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
