/* The tables' definitions hold together; rows keep what was wanted and nothing else. */
#include "check.h"

#include "base/rows.h"

static void every_table_has_columns_that_fit(void **state)
{
    (void)state;
    for (unsigned t = 0; t < TABLES; t++) {
        size_t count;
        const struct table_column *columns = table_columns((enum table)t, &count);
        assert_true(count > 0 && count <= ROWS_COLUMNS_MAX);
        assert_int_equal(table_find(slice_of(table_name((enum table)t))), t);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(columns[i].table, t);
            assert_int_equal(table_column_at((enum table)t, columns[i].name), i);
            assert_true(*columns[i].meaning);
        }
    }
    assert_int_equal(table_find(SLICE("nosuch")), TABLES);
    assert_int_equal(table_find(SLICE("SESSIONS")), TABLE_sessions);
}

static void only_what_is_wanted_is_kept(void **state)
{
    struct survey survey = {{0}};
    char text[] = "changes";

    (void)state;
    survey.wanted[TABLE_log] = 2;
    struct rowset *set = rowset_new(&survey);
    assert_null(rowset_wants(set, TABLE_sessions));
    struct rows *r = rowset_wants(set, TABLE_log);
    for (int i = 0; i < 1000; i++) {
        assert_false(row_wants(r));
        row_integer(r, i);
        row_text(r, slice_of(text));
        row_end(r);
    }
    memset(text, 'x', sizeof(text) - 1);
    assert_int_equal(r->count, 1000);
    for (size_t i = 0; i < 1000; i++) {
        assert_int_equal(rows_cell(r, i, 0)->kind, CELL_NULL);
        assert_slice(cell_text(rows_cell(r, i, 1)), "changes");
    }
    rowset_free(set);
}

static void cells_are_of_many_kinds(void **state)
{
    struct survey survey = {{0}};

    (void)state;
    survey.wanted[TABLE_traffic] = UINT64_MAX;
    struct rowset *set = rowset_new(&survey);
    struct rows *r = rowset_wants(set, TABLE_traffic);
    row_text(r, (struct slice){0});
    row_text(r, SLICE(""));
    row_address(r, SLICE("h"), 9030);
    row_address(r, SLICE("h"), 0);
    row_time(r, 86400);
    row_time(r, 0);
    row_real(r, 1.5);
    assert_int_equal(rows_cell(r, 0, 0)->kind, CELL_NULL);
    assert_slice(cell_text(rows_cell(r, 0, 1)), "");
    assert_slice(cell_text(rows_cell(r, 0, 2)), "h:9030");
    assert_int_equal(rows_cell(r, 0, 3)->kind, CELL_NULL);
    assert_slice(cell_text(rows_cell(r, 0, 4)), "1970-01-02 00:00:00");
    assert_int_equal(rows_cell(r, 0, 5)->kind, CELL_NULL);
    assert_true(rows_cell(r, 0, 6)->real == 1.5);
    rowset_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_table_has_columns_that_fit),
        cmocka_unit_test(only_what_is_wanted_is_kept),
        cmocka_unit_test(cells_are_of_many_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
