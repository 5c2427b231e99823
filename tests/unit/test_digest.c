#include "sql_case.h"

#include <stdio.h>

static struct arena arena;

static struct sql_text read_text(const char *sql)
{
    const struct sql_options options = {.max_depth = 200};
    struct sql_text read;
    struct error e;

    if (!sql_read(slice_of(sql), &options, &arena, &read, &e))
        fail_msg("%s: %s", sql, e.text);
    return read;
}

static void assert_words(const char *sql, const char *expected)
{
    struct sql_text read = read_text(sql);
    char room[4096];
    size_t size = sql_digest_text(&read, room, sizeof(room) - 1);

    room[size] = '\0';
    assert_string_equal(room, expected);
}

static void assert_same(const char *one, const char *other, bool expected)
{
    struct sql_text a = read_text(one), b = read_text(other);

    if ((sql_digest(&a) == sql_digest(&b)) != expected)
        fail_msg("%s\n%s", one, other);
}

static void values_become_question_marks(void **state)
{
    (void)state;
    assert_words("select a, b.c from d.t where x=1 and y = 'it''s' and z>-1.5e3",
                 "SELECT a, b.c FROM d.t WHERE x = ? AND y = ? AND z > ?");
    assert_words("SELECT `a b` FROM t WHERE x = a - 1 AND y = \"text\"",
                 "SELECT a b FROM t WHERE x = a - ? AND y = ?");
    assert_words("SELECT f(x, 1), count(*) FROM t", "SELECT f(x, ?), COUNT (*) FROM t");
}

static void lists_and_rows_are_cut(void **state)
{
    (void)state;
    assert_words("SELECT 1 FROM t WHERE a IN (1, 2, -3)", "SELECT ? FROM t WHERE a IN (?, ...)");
    assert_words("SELECT 1 FROM t WHERE a IN (1)", "SELECT ? FROM t WHERE a IN (?)");
    assert_words("INSERT INTO t VALUES (1, NULL, 'x'), (2, DEFAULT, TRUE), (-3, 4, 5)",
                 "INSERT INTO t VALUES (?, ...), ...");
    assert_words("INSERT INTO t VALUES (1, f(2)), (3, f(4))",
                 "INSERT INTO t VALUES (?, f(?)), (?, f(?))");
    assert_words("SELECT 1 FROM t WHERE a IS NULL", "SELECT ? FROM t WHERE a IS NULL");
}

static void comments_hints_and_case_do_not_count(void **state)
{
    (void)state;
    assert_words("SELECT /*+ SET_VAR(query_timeout = 3) */ a -- secret 1\nFROM /* secret */ t",
                 "SELECT a FROM t");
    assert_same("select  A from t where x in (1,2)", "SELECT A FROM t WHERE x IN ('a')", false);
    assert_same("select  A from t where x in (1,2)", "SELECT A FROM t WHERE x IN ('a', 3, 4)",
                true);
    assert_same("SELECT a FROM t", "SELECT A FROM t", false); /* names of tables differ by case */
    assert_same("SELECT a FROM t", "SELECT `a` FROM t", true);
    assert_same("SELECT a FROM t", "SELECT a FROM tt", false);
    assert_same("SELECT ab FROM t", "SELECT a, b FROM t", false);
    assert_same("INSERT INTO t VALUES (1,2)", "INSERT INTO t VALUES (3,'x'),(5,NULL)", false);
    assert_same("INSERT INTO t VALUES (1,2),(3,4)", "INSERT INTO t VALUES (3,'x'),(5,NULL),(1,1)",
                true);
}

static void a_keyword_in_a_dotted_name_is_a_name(void **state)
{
    (void)state;
    assert_words("select p.name, date.x from data.User p",
                 "SELECT p.name, date.x FROM data.User p");
    assert_same("SELECT p.name FROM t p", "SELECT p.date FROM t p", false);
}

static void long_names_count_to_their_end(void **state)
{
    (void)state;
    assert_same("SELECT abcdefghijklmnopqrstuvwx1 FROM t",
                "SELECT abcdefghijklmnopqrstuvwx2 FROM t", false);
    assert_same("SELECT abcdefgh FROM t", "SELECT abcdefg FROM t", false);
}

static void no_literal_is_in_the_words(void **state)
{
    char room[4096];

    (void)state;
    struct sql_text read = read_text("SELECT 'planted', \"planted\", x'1a', 20240229, 1.5 FROM t "
                                     "WHERE f('planted', a) LIKE 'planted%' ORDER BY 1");
    size_t size = sql_digest_text(&read, room, sizeof(room) - 1);
    room[size] = '\0';
    assert_null(strstr(room, "planted"));
    assert_null(strstr(room, "2024"));
}

static void a_small_room_holds_whole_words(void **state)
{
    struct sql_text read = read_text("SELECT alpha, beta FROM gamma WHERE delta = 1");
    char whole[256], room[256];
    size_t size = sql_digest_text(&read, whole, sizeof(whole));

    (void)state;
    for (size_t n = 0; n <= size; n++) {
        size_t used = sql_digest_text(&read, room, n);
        assert_true(used <= n);
        assert_memory_equal(room, whole, used);
    }
}

static void a_text_that_cannot_be_cut_has_none(void **state)
{
    const struct sql_options options = {.max_depth = 200};
    struct sql_text read = {0};
    struct error e;

    (void)state;
    assert_false(sql_read(SLICE("SELECT 'open"), &options, &arena, &read, &e));
    assert_int_equal(sql_digest(&read), 0);
    assert_false(sql_read(SLICE("SELECT FROM WHERE 1"), &options, &arena, &read, &e));
    assert_true(sql_digest(&read) != 0); /* cut, and not understood */
}

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(values_become_question_marks),         CASE(lists_and_rows_are_cut),
        CASE(comments_hints_and_case_do_not_count), CASE(long_names_count_to_their_end),
        CASE(a_keyword_in_a_dotted_name_is_a_name), CASE(no_literal_is_in_the_words),
        CASE(a_small_room_holds_whole_words),       CASE(a_text_that_cannot_be_cut_has_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
