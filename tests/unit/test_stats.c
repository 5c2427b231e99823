/* Figures of statements: bounded, none lost, added up over workers. */
#include "check.h"

#include "base/rows.h"
#include "proxy/session/stats.h"

static struct stat_key key(uint64_t digest, const char *user)
{
    return (struct stat_key){
        .digest = digest, .environment = DEV, .project = SLICE("sales"), .user = slice_of(user)};
}

static void note(struct stats *all, uint64_t digest, const char *user)
{
    const struct stat_sample sample = {.is_forwarded = true,
                                       .rows = 2,
                                       .queue = 1000,
                                       .run = 10000,
                                       .when = 1000000 + (time_t)digest};
    struct stat_key k = key(digest, user);

    stat_note(stats_find(all, &k, NULL, 0), &sample);
}

static uint64_t count_of(struct stats *all, uint64_t digest, const char *user)
{
    struct stat_key k = key(digest, user);

    return stats_find(all, &k, NULL, 0)->count;
}

static void each_key_has_its_figures(void **state)
{
    struct stats all = {.most = 1000};

    (void)state;
    for (uint64_t i = 1; i <= 500; i++)
        for (uint64_t k = 0; k < i % 3 + 1; k++)
            note(&all, i, i % 2 ? "ana" : "bo");
    for (uint64_t i = 1; i <= 500; i++)
        assert_int_equal(count_of(&all, i, i % 2 ? "ana" : "bo"), i % 3 + 1);
    assert_int_equal(all.recent.count, 500);
    assert_int_equal(count_of(&all, 1, "bo"), 0);
    stats_fini(&all);
}

static void the_one_seen_least_recently_makes_room(void **state)
{
    struct stats all = {.most = 3};

    (void)state;
    note(&all, 1, "a");
    note(&all, 2, "a");
    note(&all, 3, "a");
    note(&all, 1, "a");
    note(&all, 4, "a");
    assert_int_equal(all.recent.count, 3);
    assert_int_equal(all.rest.count, 1);
    assert_int_equal(all.rest.rows, 2);
    assert_int_equal(count_of(&all, 1, "a"), 2);
    stats_resize(&all, 1);
    assert_int_equal(all.recent.count, 1);
    assert_int_equal(all.rest.count, 3);
    stats_resize(&all, 0);
    note(&all, 9, "a");
    assert_int_equal(all.rest.count, 6);
    assert_int_equal(all.rest.run.count, 6);
    stats_fini(&all);
}

static void workers_are_added_up(void **state)
{
    struct stats one = {.most = 10}, two = {.most = 10}, sum = {.most = 0};
    struct survey survey = {{0}};

    (void)state;
    for (uint64_t i = 1; i <= 20; i++) {
        note(&one, i, "a");
        note(&two, i % 5 + 11, "a");
    }
    struct stats *copy = stats_copy(&one);
    stats_fini(&one);
    stats_add(&sum, copy);
    stats_add(&sum, &two);
    stats_free(copy);
    stats_fini(&two);
    assert_int_equal(sum.rest.count, 10);
    assert_int_equal(count_of(&sum, 11, "a"), 5);
    survey.wanted[TABLE_digests] = UINT64_MAX;
    struct rowset *set = rowset_new(&survey);
    struct rows *r = rowset_wants(set, TABLE_digests);
    int64_t total = 0;
    stats_digests(&sum, r);
    for (size_t i = 0; i < r->count; i++)
        total += rows_cell(r, i, table_column_at(TABLE_digests, "count"))->integer;
    assert_int_equal(total, 40);
    assert_int_equal(rows_cell(r, 0, 0)->kind, CELL_NULL);
    assert_slice(cell_text(rows_cell(r, 1, table_column_at(TABLE_digests, "project"))), "sales");
    rowset_free(set);
    stats_fini(&sum);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_key_has_its_figures),
        cmocka_unit_test(the_one_seen_least_recently_makes_room),
        cmocka_unit_test(workers_are_added_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
