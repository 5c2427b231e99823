/* Values in the places of `?`. */
#include "check.h"

#include "base/arena.h"
#include "base/error.h"
#include "protocol/sql/sql.h"

static struct arena arena;

static int close_arena(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

static const struct {
    const char *text, *values[3], *bound; /* NULL: refused */
} cases[] = {
    {"INSERT INTO t VALUES (?,?)", {"1", "'a'"}, "INSERT INTO t VALUES (1,'a')"},
    {"UPDATE t SET a=? WHERE b=?", {"NULL", "-5"}, "UPDATE t SET a= NULL WHERE b= -5"},
    {"SELECT -?", {"-5"}, "SELECT - -5"},
    {"SELECT 1-?", {"-5"}, "SELECT 1- -5"},
    {"SELECT '?', \"?\", `?`, ? -- ?\n/* ? */ FROM t",
     {"'x'"},
     "SELECT '?', \"?\", `?`, 'x' -- ?\n/* ? */ FROM t"},
    {"SELECT a?", {"1"}, "SELECT a 1"},
    {"SELECT 1?", {"5"}, "SELECT 1 5"},
    {"SELECT ?1", {"5"}, "SELECT 5 1"},
    {"SELECT ??", {"'a'", "'b'"}, "SELECT 'a'  'b'"},
    {"SELECT x?", {"'41'"}, "SELECT x '41'"},
    {"SELECT @?", {"'a'"}, "SELECT @ 'a'"},
    {"SELECT ?.5", {"1"}, "SELECT 1 .5"},
    {"SELECT ?/*+ ? */", {"1"}, "SELECT 1 /*+ ? */"},
    {"SELECT ?", {"'it''s \\\\ -- /* $$ */'"}, "SELECT 'it''s \\\\ -- /* $$ */'"},
    {"SELECT ? WHERE b = ?", {"@a", "@`b c`"}, "SELECT @a WHERE b = @`b c`"},
    {"?", {"1"}, "1"},
    {"SELECT ?, ?", {"1"}, NULL},
    {"SELECT ?", {"1", "2"}, NULL},
    {"SELECT 1", {"1"}, NULL},
    {"SELECT $$, ?", {"'$$'"}, NULL}, /* $$ … $$ would be a text */
    {"SELECT ?", {"1, 2"}, NULL},     /* a value is one value */
    {"SELECT ?", {"'a' 'b'"}, NULL},
    {"SELECT ?", {"1 -- "}, NULL},
    {"SELECT ?", {"-1, 2"}, NULL},
    {"SELECT ?", {"'a"}, NULL},
    {"SELECT ?", {"a.b"}, NULL},
    {"SELECT ?", {""}, NULL},
    {"SELECT 'a, ?", {"1"}, NULL},
};

static void a_value_takes_the_place_of_its_mark_and_nothing_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct slice values[3], bound = {0};
        size_t count = 0;
        struct error e;
        for (; count < 3 && cases[i].values[count]; count++)
            values[count] = slice_of(cases[i].values[count]);
        bool done = sql_bind(slice_of(cases[i].text), values, count, &bound, &arena, &e);
        if (done != (cases[i].bound != NULL))
            fail_msg("%s", cases[i].text);
        if (done)
            assert_slice(bound, cases[i].bound);
    }
}

static void a_value_may_hold_any_byte(void **state)
{
    struct slice value = {"'a\0b'", 5}, bound;
    struct error e;

    (void)state;
    assert_true(sql_bind(SLICE("SELECT ?"), &value, 1, &bound, &arena, &e));
    assert_true(slice_equal(bound, slice_make("SELECT 'a\0b'", 12)));
}

static void marks_are_counted_and_those_of_limit_noticed(void **state)
{
    static const struct {
        const char *text;
        unsigned count;
        bool in_limit;
    } texts[] = {
        {"SELECT 1", 0, false},
        {"SELECT ?, '?' -- ?", 1, false},
        {"SELECT a FROM t WHERE b = ? LIMIT 5", 1, false},
        {"SELECT a FROM t LIMIT ?", 1, true},
        {"SELECT a FROM t LIMIT 5 OFFSET ?", 1, true},
        {"SELECT a FROM t LIMIT ?, ?", 2, true},
        {"SELECT a FROM t limit 1, ?", 1, true},
    };
    struct sql_parameters found;
    struct error e;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        assert_true(sql_parameters_find(slice_of(texts[i].text), &found, &arena, &e));
        assert_int_equal(found.count, texts[i].count);
        assert_int_equal(found.in_limit, texts[i].in_limit);
    }
    assert_false(sql_parameters_find(SLICE("SELECT 'a"), &found, &arena, &e));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_takes_the_place_of_its_mark_and_nothing_else),
        cmocka_unit_test(a_value_may_hold_any_byte),
        cmocka_unit_test(marks_are_counted_and_those_of_limit_noticed),
    };

    return cmocka_run_group_tests(tests, NULL, close_arena);
}
