/* Physical names on their way back: rows and definitions of a reply. */
#include "names_case.h"

#include "base/reader.h"
#include "base/writer.h"
#include "protocol/mysql/mysql.h"
#include "proxy/virtual/reply.h"

static struct slice definition(const char *name)
{
    static unsigned char bytes[2][256];
    static unsigned which;
    struct writer w = writer_over(bytes[which ^= 1], sizeof bytes[0]);
    const char *const texts[] = {"def", "", "", "", name, name};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        put_lenenc_bytes(&w, slice_of(texts[i]));
    put_uint(&w, 12, 1);
    put_fill(&w, 0, 12);
    return writer_bytes(&w);
}

static struct slice row(const char *const *cells, size_t count)
{
    struct writer w = writer_over(arena_alloc(&arena, 512), 512);

    for (size_t i = 0; i < count; i++)
        if (cells[i])
            put_lenenc_bytes(&w, slice_of(cells[i]));
        else
            put_uint(&w, 0xfb, 1);
    return writer_bytes(&w);
}

enum { CELLS = 4 };

static struct reply reply_of(const struct names *n, const char *const *headers)
{
    struct reply r;
    struct slice to;

    reply_begin(&r, n->plan, 0);
    for (size_t i = 0; i < CELLS; i++)
        assert_true(reply_definition(&r, n, definition(headers[i]), &to));
    return r;
}

static void assert_row(const struct reply *r, const struct names *n, const char *const *given,
                       const char *const *wanted)
{
    struct slice to, expected = wanted ? row(wanted, CELLS) : SLICE("");

    assert_true(reply_row(r, n, row(given, CELLS), &to));
    assert_int_equal(to.size, expected.size);
    if (wanted)
        assert_memory_equal(to.data, expected.data, to.size);
}

static void rows_are_mapped_left_out_or_emptied(void **state)
{
    struct names n = names_of("ana", "sales", "SHOW MATERIALIZED VIEWS");
    const char *const headers[CELLS] = {"database_name", "name", "text", "creator"};
    struct reply r = reply_of(&n, headers);

    (void)state;
    assert_row(&r, &n, (const char *const[]){"dw_sales", "m", "SELECT `dw_hr`.`p`.`x`", "sales_rw"},
               (const char *const[]){"sales", "m", "SELECT `?`.`p`.`x`", ""});
    assert_row(&r, &n, (const char *const[]){"dw_hr", "m", "x", "y"}, NULL);
    assert_row(&r, &n, (const char *const[]){"unbound", "m", "x", "y"}, NULL);
    assert_row(&r, &n, (const char *const[]){"dw_sales", NULL, NULL, NULL},
               (const char *const[]){"sales", NULL, NULL, NULL});
}

static void a_reply_without_the_column_that_tells_whose_rows_are_shows_none(void **state)
{
    struct names n = names_of("ana", "sales", "SHOW ANALYZE STATUS");
    const char *const headers[CELLS] = {"Id", "Base", "Table", "Reason"};
    struct reply r = reply_of(&n, headers);

    (void)state;
    assert_row(&r, &n, (const char *const[]){"1", "dw_sales", "t", ""}, NULL);
}

static void roles_on_some_tables_leave_out_rows_of_others(void **state)
{
    struct names n = names_of("lim", "sales", "SHOW DELETE");
    const char *const headers[CELLS] = {"TableName", "PartitionName", "CreateTime", "State"};
    const char *const seen[CELLS] = {"order_x", "p", "now", "ok"}, *const other[CELLS] = {"salary"};
    struct reply r = reply_of(&n, headers);

    (void)state;
    assert_row(&r, &n, seen, seen);
    assert_row(&r, &n, other, NULL);
}

static void groups_of_others_are_left_out(void **state)
{
    struct names n = names_of("ana", "sales", "SHOW RESOURCE GROUPS");
    const char *const headers[CELLS] = {"name", "id", "cpu_weight", "classifiers"};
    const char *const own[CELLS] = {"rg_etl", "1", "1", "(user=sales_rw)"}, *const other[CELLS] = {
                                                                                "rg_vip"};
    struct reply r = reply_of(&n, headers);

    (void)state;
    assert_row(&r, &n, own, (const char *const[]){"rg_etl", "1", "1", ""});
    assert_row(&r, &n, other, NULL);
}

/* Of a query: the schema of each definition, which mostly is that of the one before. */
static void schemas_of_a_query_are_told_one_by_one(void **state)
{
    struct names n = names_of("ana", "sales", "SELECT a FROM t");
    const struct {
        const char *sent, *told;
    } all[] = {
        {"\3def\10dw_sales\1t", "\3def\5sales\1t"},
        {"\3def\10dw_sales\1u", "\3def\5sales\1u"},
        {"\3def\5dw_hr\1t", "\3def\0\1t"},
        {"\3def\1x\1t", "\3def\1x\1t"},
        {"\3def\10dw_sales\1t", "\3def\5sales\1t"},
        {"\3def\10dw_sales", ""},
        {"\3def\10dw_sale", ""},
        {"\3def\10dw_sales\1v", "\3def\5sales\1v"},
    };
    struct reply r;
    char to[64];

    (void)state;
    reply_begin(&r, n.plan, 0);
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        size_t size = reply_definition_put(&r, &n, slice_of(all[i].sent), to, sizeof(to));
        const char *told = all[i].told;
        size_t wanted = *told ? 4 + 1 + (size_t)told[4] + 2 : 0;
        assert_int_equal(size, wanted);
        if (wanted)
            assert_memory_equal(to, told, wanted);
        assert_int_equal(reply_definition_put(&r, &n, slice_of(all[i].sent), to, wanted / 2), 0);
    }
}

/* As a frontend answers a text of several: empty statements count, too. */
static void each_result_is_looked_at_as_its_statement_asks(void **state)
{
    const struct {
        const char *header;
        bool is_mapped, is_answer;
    } results[] = {{"x", false, true}, {"", false, false},      {"TableName", true, true},
                   {"x", false, true}, {"creator", true, true}, {"x", false, false}};
    struct plan_context here = session_of("lim", "sales");
    struct slice to, sent = SLICE("\6salary"), wide = SLICE("\1a\1b");
    struct reply r;

    (void)state;
    here.multi_statements = true;
    struct plan plan = made(&here, "SELECT 1;; SHOW DELETE; SELECT 2, 3; SHOW MATERIALIZED VIEWS");
    struct names n = {.config = config, .user = here.user, .plan = &plan, .arena = &arena};
    for (uint32_t i = 0; i < sizeof(results) / sizeof(*results); i++) {
        bool is_mapped = results[i].is_mapped, is_answer = results[i].is_answer;

        reply_begin(&r, &plan, i);
        assert_int_equal(reply_looks_at_rows(&r), is_mapped || !is_answer);
        assert_true(reply_definition(&r, &n, definition(results[i].header), &to));
        assert_int_equal(reply_row(&r, &n, sent, &to), is_answer);
        assert_int_equal(to.size, is_mapped ? 0 : sent.size);
        assert_int_equal(reply_row(&r, &n, wide, &to), is_answer && !is_mapped);
    }
}

/* Not of the first that the text names. */
static void rows_are_judged_by_what_their_own_statement_names(void **state)
{
    struct plan_context here = session_of("lim", "sales");
    struct slice to;
    struct reply r;

    (void)state;
    here.multi_statements = true;
    struct plan plan = made(&here, "SHOW TABLES FROM information_schema; SHOW TABLES FROM sales");
    struct names n = {.config = config, .user = here.user, .plan = &plan, .arena = &arena};
    reply_begin(&r, &plan, 1);
    assert_true(reply_definition(&r, &n, definition("Tables_in_dw_sales"), &to));
    assert_true(reply_row(&r, &n, SLICE("\6tables"), &to));
    assert_int_equal(to.size, 0);
    assert_true(reply_row(&r, &n, SLICE("\6salary"), &to));
    assert_int_equal(to.size, 0);
}

static void broken_packets_are_no_rows(void **state)
{
    struct names n = names_of("ana", "sales", "SHOW TABLES");
    struct slice to, whole = definition("Tables_in_dw_sales");
    struct reply r;

    (void)state;
    reply_begin(&r, n.plan, 0);
    for (size_t size = 0; size + 13 < whole.size; size++)
        assert_false(reply_definition(&r, &n, slice_head(whole, size), &to));
    reply_begin(&r, n.plan, 0);
    assert_true(reply_definition(&r, &n, whole, &to));
    assert_non_null(memmem(to.data, to.size, "\x0fTables_in_sales", 16));
    assert_false(reply_row(&r, &n,
                           SLICE("\x05"
                                 "abcd"),
                           &to));
    assert_false(reply_row(&r, &n,
                           SLICE("\x01"
                                 "a\x01"
                                 "b"),
                           &to));
    assert_false(reply_row(&r, &n, SLICE(""), &to));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_mapped_left_out_or_emptied),
        cmocka_unit_test(a_reply_without_the_column_that_tells_whose_rows_are_shows_none),
        cmocka_unit_test(roles_on_some_tables_leave_out_rows_of_others),
        cmocka_unit_test(groups_of_others_are_left_out),
        cmocka_unit_test(schemas_of_a_query_are_told_one_by_one),
        cmocka_unit_test(each_result_is_looked_at_as_its_statement_asks),
        cmocka_unit_test(rows_are_judged_by_what_their_own_statement_names),
        cmocka_unit_test(broken_packets_are_no_rows),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
