/* What a session takes out of the plan of a SET. */
#include "plan_case.h"

static void sets_are_sorted_into_classes(void **state)
{
    struct plan_context here = session_of("ana", "sales");
    struct plan p =
        made(&here, "SET autocommit = 0, SQL_MODE = 'ANSI', @X = 'it''s', profiling = 1");
    const struct plan_set *sets = p.steps[0].sets;

    (void)state;
    assert_int_equal(p.decision, PLAN_FORWARD);
    assert_slice(p.text, "SET SQL_MODE = 'ANSI', @X = 'it''s'");
    assert_int_equal(p.steps[0].set_count, 4);
    assert_int_equal(sets[0].class, SET_HERE);
    assert_slice(sets[0].name, "autocommit");
    assert_slice(sets[0].value, "0");
    assert_int_equal(sets[1].class, SET_TRACK);
    assert_slice(sets[1].name, "sql_mode");
    assert_slice(sets[1].value, "ANSI");
    assert_slice(sets[1].text, "SQL_MODE = 'ANSI'");
    assert_true(sets[2].is_user_variable);
    assert_slice(sets[2].name, "X");
    assert_slice(sets[2].value, "it's");
    assert_int_equal(sets[3].class, SET_IGNORE);
    p = made(&here, "SET autocommit = DEFAULT");
    assert_int_equal(p.decision, PLAN_ANSWER);
    assert_true(p.steps[0].sets[0].is_default);
}

/* They are looked up by halves. */
static void the_variables_are_sorted(void **state)
{
    static const char *const names[] = {
#define VARIABLE(name, class) #name,
#include "proxy/plan/variables.def"
#undef VARIABLE
    };
    struct plan_context here = session_of("ana", "sales");

    (void)state;
    for (size_t i = 1; i < sizeof names / sizeof *names; i++)
        assert_true(strcmp(names[i - 1], names[i]) < 0);
    assert_refused(&here, "SET a = 1", 1193);
    assert_refused(&here, "SET zzz = 1", 1193);
    assert_refused(&here, "SET sql_mod = ''", 1193);
    assert_refused(&here, "SET sql_modes = ''", 1193);
}

static bool kept(const void *variables, bool is_user, struct slice name, struct slice *value)
{
    static const struct {
        bool is_user;
        const char *name, *value;
    } all[] = {{false, "sql_mode", "ANSI"},
               {false, "time_zone", "'+08:00'"},
               {false, "query_timeout", "DEFAULT"},
               {true, "a", "7"},
               {true, "e", "'it\\'s'"}};

    assert_null(variables);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].is_user == is_user && slice_equal(name, slice_of(all[i].name))) {
            *value = slice_of(all[i].value);
            return true;
        }
    return false;
}

static void a_set_is_worked_out_of_what_the_session_has_set(void **state)
{
    struct plan_context here = session_of("ana", "sales");
    struct plan p;

    (void)state;
    here.variable = kept;
    p = made(&here,
             "SET sql_mode = CONCAT(@@SQL_MODE, ',', 'X'), @b = @a, @c = CONCAT(@a, @@time_zone)");
    assert_slice(p.text, "SET sql_mode = 'ANSI,X', @b = 7, @c = '7+08:00'");
    assert_slice(p.steps[0].sets[0].value, "ANSI,X");
    assert_slice(p.steps[0].sets[0].text, "sql_mode = 'ANSI,X'");
    assert_slice(p.steps[0].sets[0].literal, "'ANSI,X'");
    assert_slice(p.steps[0].sets[1].value, "7");
    assert_slice(made(&here, "SET sql_mode = CONCAT(@@global.sql_mode, ',X')").text,
                 "SET sql_mode = 'ONLY_FULL_GROUP_BY,X'");
    assert_slice(made(&here, "SET @b = @nosuch").text, "SET @b = NULL");
    assert_false(made(&here, "SET @b = @nosuch").steps[0].has_unknown_set);
}

static void a_call_without_brackets_is_no_word(void **state)
{
    struct plan_context here = session_of("ana", "sales");

    (void)state;
    assert_slice(made(&here, "SET @u = CURRENT_USER").text, "SET @u = '''ana''@''%'''");
    assert_slice(made(&here, "SET @u=/* a */current_user/**/, @v = 1, @r = Current_Role").text,
                 "SET @u=/* a */'''ana''@''%'''/**/, @v = 1, @r = 'developer'");
    assert_true(made(&here, "SET @t = CURRENT_TIMESTAMP").steps[0].has_unknown_set);
    assert_slice(made(&here, "SET @t = CURRENT_TIMESTAMP").text, "SET @t = CURRENT_TIMESTAMP");
}

static void a_variable_is_remembered_by_one_of_its_names(void **state)
{
    struct plan_context here = session_of("ana", "sales");

    (void)state;
    assert_slice(made(&here, "SET Is_Report_Success = 1").steps[0].sets[0].name, "enable_profile");
    assert_slice(made(&here, "SET is_report_success = 1").text, "SET is_report_success = 1");
    assert_slice(made(&here, "SET enable_profile = 1").steps[0].sets[0].name, "enable_profile");
}

/* As drivers and tools send them when they connect. */
static void no_set_of_a_driver_pins(void **state)
{
    static const char *const texts[] = {
        "set autocommit=1, sql_mode = concat(@@sql_mode,',STRICT_TRANS_TABLES')",
        "set sql_mode=CONCAT(@@sql_mode,',STRICT_TRANS_TABLES'),NAMES utf8mb4",
        "SET sql_mode=(SELECT CONCAT(@@sql_mode, ',PIPES_AS_CONCAT,NO_ENGINE_SUBSTITUTION')),"
        "time_zone='+00:00',NAMES utf8mb4 COLLATE utf8mb4_unicode_ci;",
        "SET @@session.sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION'",
        "SET @ApplicationName='smoke'",
        "SET @@session.time_zone = 'UTC';",
        "SET net_write_timeout=600",
        "SET SQL_SELECT_LIMIT=DEFAULT",
        "SET SESSION query_timeout=300,SESSION resource_group='rg_etl'",
        "SET NAMES 'utf8mb4' COLLATE 'utf8mb4_0900_ai_ci'",
        "SET character_set_results = NULL",
        "SET collation_connection = 'utf8mb4_unicode_ci';",
        "set session transaction read only",
        "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        "SET @@session.autocommit = OFF",
    };
    struct plan_context here = session_of("ana", "sales");

    (void)state;
    here.variable = kept;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_false(made(&here, texts[i]).steps[0].has_unknown_set);
}

static void what_only_a_frontend_knows_is_sent_and_said_to_be_unknown(void **state)
{
    static const char *const texts[] = {
        "SET @b = @@query_timeout", /* DEFAULT is whatever the cluster has */
        "SET @b = @e",
        "SET @b = @@global.time_zone",
        "SET @b = @a + 1",
        "SET query_timeout = @nosuch",
        "SET query_timeout = 2 * 3",
    };
    struct plan_context here = session_of("ana", "sales");

    (void)state;
    here.variable = kept;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct plan p = made(&here, texts[i]);
        assert_slice(p.text, texts[i]);
        assert_true(p.steps[0].has_unknown_set && p.steps[0].sets[0].is_unknown);
        assert_false(p.is_read_only);
    }
    assert_refused(&here, "SET sql_mode = CONCAT(@e, @nosuch)", 1235);
    assert_refused(&here, "SET resource_group = @nosuch", 1235);
}

static void a_long_set_takes_memory_in_proportion(void **state)
{
    enum { COUNT = 5000 };
    static char text[COUNT * 16];
    struct plan_context here = session_of("ana", "sales");
    size_t n = 0;

    (void)state;
    arena_clear(&arena);
    for (int i = 0; i < COUNT; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s @a%d=%d", i ? "," : "SET", i, i);
    assert_int_equal(made(&here, text).steps[0].set_count, COUNT);
    assert_true(arena.used < 100 * n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_are_sorted_into_classes),
        cmocka_unit_test(the_variables_are_sorted),
        cmocka_unit_test(a_set_is_worked_out_of_what_the_session_has_set),
        cmocka_unit_test(a_call_without_brackets_is_no_word),
        cmocka_unit_test(a_variable_is_remembered_by_one_of_its_names),
        cmocka_unit_test(no_set_of_a_driver_pins),
        cmocka_unit_test(what_only_a_frontend_knows_is_sent_and_said_to_be_unknown),
        cmocka_unit_test(a_long_set_takes_memory_in_proportion),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
