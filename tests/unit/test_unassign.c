/* SELECTs that assign variables, as they are without. */
#include "sql_case.h"

#define INTO " FROM information_schema.columns"

static void assert_plain(const char *sql, const char *expected)
{
    struct slice plain = SLICE("");

    if (!sql_unassign(slice_of(sql), &case_arena, &plain))
        print_error("left as it is: %s\n", sql);
    assert_slice(plain, expected);
}

static void assert_left(const char *sql)
{
    struct slice plain = SLICE("");

    if (sql_unassign(slice_of(sql), &case_arena, &plain))
        print_error("became %.*s\n", SHOW(plain));
    assert_int_equal(plain.size, 0);
}

static void what_is_assigned_stays_and_stands_where_it_is_read(void **state)
{
    (void)state;
    assert_plain("SELECT @a:=n, @A + 1, @b" INTO " WHERE n = 1;",
                 "SELECT n, (n) + 1, @b" INTO " WHERE n = 1;");
    assert_plain("select CASE t WHEN 'a' THEN @d:= IF(n=1,(-7), 2) ELSE @d:=(-4)END AS d, "
                 "cast(CASE @d WHEN 1 THEN @d END AS SIGNED) x from Information_Schema.`columns`",
                 "select CASE t WHEN 'a' THEN  IF(n=1,(-7), 2) ELSE (-4)END AS d, "
                 "cast(CASE (CASE t WHEN 'a' THEN  IF(n=1,(-7), 2) ELSE (-4)END) WHEN 1 THEN "
                 "(CASE t WHEN 'a' THEN  IF(n=1,(-7), 2) ELSE (-4)END) END AS SIGNED) x "
                 "from Information_Schema.`columns`");
}

static void every_way_to_a_value_assigns_it(void **state)
{
    (void)state;
    assert_plain("SELECT CAST(CASE WHEN a THEN if(b, @c:=7, @c:=n) ELSE @c:=m END AS UNSIGNED) s, "
                 "@t:=CAST(@c + 1 AS SIGNED) AS u, IF(x, @t, 0)" INTO,
                 "SELECT CAST(CASE WHEN a THEN if(b, 7, n) ELSE m END AS UNSIGNED) s, "
                 "CAST((CASE WHEN a THEN if(b, 7, n) ELSE m END) + 1 AS SIGNED) AS u, "
                 "IF(x, (CAST((CASE WHEN a THEN if(b, 7, n) ELSE m END) + 1 AS SIGNED)), 0)" INTO);
    assert_left("SELECT CASE WHEN a THEN @c:=1 END, @c" INTO);
    assert_left("SELECT CASE WHEN a THEN @c:=1 ELSE 2 END, @c" INTO);
    assert_left("SELECT CASE WHEN @c:=1 THEN @c:=1 ELSE @c:=2 END" INTO);
    assert_left("SELECT IF(@c:=1, @c:=1, @c:=2)" INTO);
    assert_left("SELECT IF(a, @c:=1, 2)" INTO);
    assert_left("SELECT IFNULL(@c:=n, 2)" INTO);
    assert_left("SELECT a OR (@c:=n)" INTO);
    assert_left("SELECT @c:=@c:=1" INTO);
    assert_left("SELECT @c:=(@d:=1)" INTO);
    assert_left("SELECT (SELECT @c:=1)" INTO);
}

static void values_of_other_rows_are_not_guessed(void **state)
{
    (void)state;
    assert_left("SELECT @r:=@r + 1" INTO);
    assert_left("SELECT @r, @r:=n" INTO);
    assert_left("SELECT @r:=1, @r:=2" INTO);
    assert_left("SELECT @r:=n" INTO " WHERE @r < 3");
    assert_left("SELECT n" INTO " WHERE (@r:=n) < 3");
    assert_left("SELECT @r:=n" INTO " ORDER BY @R");
}

static void only_questions_to_information_schema_are_meant(void **state)
{
    (void)state;
    assert_left("SELECT @a:=1");
    assert_left("SELECT @a:=n FROM t");
    assert_left("SELECT @a:=n FROM information_schema");
    assert_left("SELECT n" INTO);
    assert_left("SELECT ':=', @@x, @a" INTO);
    assert_left("SELECT @a:=?" INTO);
    assert_left("SELECT /*+ SET_VAR(a=1) */ @a:=n" INTO);
    assert_left("INSERT INTO t SELECT @a:=n" INTO);
    assert_left("SELECT @a : =n" INTO);
    assert_left("SELECT @@a:=n" INTO);
    assert_left("SELECT @a:=" INTO);
    assert_left("SELECT @a:=n");
    assert_left("SELECT @a:=");
    assert_left("SELECT @a:=n, FROM");
    assert_left("@a:=n");
    assert_left(":=");
    assert_left("SELECT IF(" INTO);
    assert_left("SELECT @a:=1) , 2" INTO);
    assert_left("SELECT CASE @a:= END" INTO);
}

static void values_do_not_grow_without_end(void **state)
{
    char sql[4096] = "SELECT @a:=n";
    size_t n = strlen(sql);

    (void)state;
    for (char v = 'b'; v < 'i'; v++) {
        n += (size_t)snprintf(sql + n, sizeof(sql) - n, ", @%c:=0", v);
        for (unsigned i = 0; i < 24; i++)
            n += (size_t)snprintf(sql + n, sizeof(sql) - n, "+@%c", v - 1);
    }
    snprintf(sql + n, sizeof(sql) - n, INTO);
    assert_left(sql);
    assert_left("SELECT @a:=1, @b:=1, @c:=1, @d:=1, @e:=1, @f:=1, @g:=1, @h:=1, @i:=1" INTO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_assigned_stays_and_stands_where_it_is_read),
        cmocka_unit_test(every_way_to_a_value_assigns_it),
        cmocka_unit_test(values_of_other_rows_are_not_guessed),
        cmocka_unit_test(only_questions_to_information_schema_are_meant),
        cmocka_unit_test(values_do_not_grow_without_end),
    };

    return cmocka_run_group_tests(tests, NULL, case_teardown);
}
