#include "check.h"

#include "base/memory.h"
#include "proxy/limit/limit.h"

static void a_count_never_goes_over_its_limit(void **state)
{
    atomic_uint count = 0;

    (void)state;
    assert_true(tally_take(&count, 2));
    assert_true(tally_take(&count, 2));
    assert_false(tally_take(&count, 2));
    assert_int_equal(count, 2);
    tally_give(&count);
    assert_true(tally_take(&count, 2));
    assert_false(tally_take(&count, 1));
}

static void without_a_limit_it_counts_all_the_same(void **state)
{
    atomic_uint count = 0;

    (void)state;
    for (unsigned i = 0; i < 100; i++)
        assert_true(tally_take(&count, 0));
    assert_int_equal(count, 100);
    assert_false(tally_take(&count, 100));
}

static struct limits limits_of(const struct tally *t)
{
    return (struct limits){atomic_load(&t->max_connections),
                           atomic_load(&t->max_concurrent_queries), atomic_load(&t->max_queued),
                           atomic_load(&t->max_query_seconds)};
}

static struct user users[] = {{.name = {"ana", 3}, .limits = {1, 2, 3, 4}},
                              {.name = {"bo", 2}, .limits = {5, 6, 7, 8}}};

static void a_name_keeps_its_counts_and_gets_the_limits_of_each_configuration(void **state)
{
    struct config first = {.generation = 1, .users = users, .user_count = 2};
    struct config second = {.generation = 2, .users = users + 1, .user_count = 1};
    struct tally_book book;

    (void)state;
    tally_book_init(&book);
    struct tallies *before = tally_book_open(&book, &first);
    struct tally *ana = before->at[LIMIT_USER][0], *bo = before->at[LIMIT_USER][1];
    assert_string_equal(ana->name, "ana");
    assert_int_equal(limits_of(ana).max_queued, 3);
    tally_take(&bo->sessions, 0);
    users[1].limits.max_connections = 9;
    struct tallies *after = tally_book_open(&book, &second);
    assert_ptr_equal(after->at[LIMIT_USER][0], bo);
    assert_int_equal(bo->sessions, 1);
    assert_int_equal(limits_of(bo).max_connections, 9);
    assert_int_equal(limits_of(ana).max_connections, 0);
    assert_int_equal(limits_of(ana).max_query_seconds, 0);
    tallies_unref(before);
    tallies_unref(after);
    tally_book_fini(&book);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_count_never_goes_over_its_limit),
        cmocka_unit_test(without_a_limit_it_counts_all_the_same),
        cmocka_unit_test(a_name_keeps_its_counts_and_gets_the_limits_of_each_configuration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
