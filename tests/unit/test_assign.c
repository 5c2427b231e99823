/* SET, KILL and SHOW: what a session is told beside names. */
#include "sql_case.h"

static const struct sql_assignment *only(const char *text)
{
    const struct sql_statement *s = case_statement(text);

    assert_int_equal(s->assignment_count, 1);
    return &s->assignments[0];
}

static void each_spelling_of_a_variable_is_one_assignment(void **state)
{
    static const struct {
        const char *text;
        enum sql_set_scope scope;
    } spellings[] = {
        {"SET autocommit = 0", SET_NONE},
        {"SET SESSION autocommit = 0", SET_SESSION},
        {"SET LOCAL autocommit = 0", SET_LOCAL},
        {"SET GLOBAL autocommit = 0", SET_GLOBAL},
        {"SET @@autocommit = 0", SET_NONE},
        {"SET @@session.autocommit = 0", SET_SESSION},
        {"SET @@GLOBAL . `autocommit` = 0", SET_GLOBAL},
        {"SET @autocommit = 0", SET_USER_VARIABLE},
        {"SET @'autocommit' = 0", SET_USER_VARIABLE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(spellings) / sizeof(*spellings); i++) {
        const struct sql_assignment *a = only(spellings[i].text);
        assert_int_equal(a->form, SET_ASSIGN);
        assert_int_equal(a->scope, spellings[i].scope);
        assert_slice(a->name, "autocommit");
        assert_true(a->is_literal);
        assert_slice(a->literal, "0");
    }
    assert_refused("SET @@x.autocommit = 0");
}

static void literals_are_given_without_their_quotes(void **state)
{
    (void)state;
    assert_slice(only("SET time_zone = '+0''8\\t:00'")->literal, "+0'8\t:00");
    assert_slice(only("SET time_zone = '+0''8'")->value, "'+0''8'");
    assert_slice(only("SET x = DEFAULT")->literal, "DEFAULT");
    assert_slice(only("SET x = -1.5")->literal, "-1.5");
    assert_slice(only("SET x = \"a\\%b\"")->literal, "a\\%b");
    assert_false(only("SET x = 1 + 1")->is_literal);
    assert_slice(only("SET x =  1 + 1 ")->value, "1 + 1");
    assert_false(only("SET @x = (SELECT 1)")->is_literal);
}

static void the_other_forms_have_names(void **state)
{
    const struct sql_statement *s;

    (void)state;
    assert_int_equal(only("SET NAMES utf8mb4 COLLATE x")->form, SET_NAMES);
    assert_slice(only("SET NAMES 'utf8mb4' COLLATE x")->literal, "utf8mb4");
    assert_int_equal(only("SET CHARACTER SET utf8")->form, SET_CHARSET);
    assert_int_equal(only("SET CHARSET DEFAULT")->form, SET_CHARSET);
    assert_int_equal(only("SET names = 'x'")->form, SET_ASSIGN);
    assert_int_equal(
        only("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ ONLY")->form,
        SET_TRANSACTION);
    assert_int_equal(only("SET PASSWORD = PASSWORD('x')")->form, SET_PASSWORD);
    assert_int_equal(only("SET PASSWORD FOR u@'h' = 'x'")->form, SET_PASSWORD);
    assert_int_equal(only("SET password = 1")->form, SET_ASSIGN);
    s = case_statement("SET a = 1, @b = 2, NAMES utf8, @@c = 'x,y'");
    assert_int_equal(s->assignment_count, 4);
    assert_slice(s->assignments[3].literal, "x,y");
}

static void values_may_reach_tables_and_objects(void **state)
{
    (void)state;
    assert_references("SET @x = (SELECT max(a) FROM d.t), y = 1", "read table d.t");
    assert_references("SET SESSION Resource_Group = 'g'", "use resource_group g");
    assert_references("SET @@catalog = c", "use catalog c");
    assert_references("SET warehouse = 'w'", "use warehouse w");
    assert_references("SET WAREHOUSE w", "use warehouse w");
    assert_references("SET @warehouse = 'w'", "");
}

static void kill_gives_its_number(void **state)
{
    const struct sql_statement *s = case_statement("KILL QUERY 17");

    (void)state;
    assert_true(s->kill_is_query);
    assert_slice(s->kill_id, "17");
    s = case_statement("KILL 'a-b'");
    assert_false(s->kill_is_query);
    assert_true(s->kill_is_string);
    assert_slice(s->kill_id, "a-b");
}

static void show_gives_its_pattern(void **state)
{
    const struct sql_statement *s = case_statement("SHOW FULL TABLES FROM d LIKE 'a\\_%'");

    (void)state;
    assert_true(s->has_full);
    assert_true(s->has_like);
    assert_slice(s->like, "a\\_%");
    s = case_statement("SHOW TABLES WHERE x = (SELECT 1 FROM d.t)");
    assert_true(s->has_where);
    assert_false(s->has_full || s->has_like);
    assert_int_equal(s->reference_count, 1);
}

static void facts_of_failed_attempts_are_forgotten(void **state)
{
    const struct sql_statement *s = case_statement("DESC t");

    (void)state;
    assert_false(s->is_explain);
    s = case_statement("CREATE TEMPORARY TABLE t (x INT DEFAULT '1')");
    assert_true(s->is_temporary);
    assert_int_equal(s->reference_count, 1);
    s = case_statement("EXPLAIN ANALYZE DELETE FROM t WHERE x = @a AND y = @@b AND z = ?");
    assert_true(s->is_explain && s->is_analyze && s->has_user_variable);
    assert_true(s->has_system_variable && s->has_parameters);
    assert_int_equal(s->rule, RULE_deleteStatement);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_spelling_of_a_variable_is_one_assignment),
        cmocka_unit_test(literals_are_given_without_their_quotes),
        cmocka_unit_test(the_other_forms_have_names),
        cmocka_unit_test(values_may_reach_tables_and_objects),
        cmocka_unit_test(kill_gives_its_number),
        cmocka_unit_test(show_gives_its_pattern),
        cmocka_unit_test(facts_of_failed_attempts_are_forgotten),
    };

    return cmocka_run_group_tests(tests, NULL, case_teardown);
}
