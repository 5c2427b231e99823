#include "check.h"

#include "base/arena.h"
#include "base/error.h"
#include "proxy/plan/plan.h"

/* Over the world of tests/rewrite, which has the cases of what texts become; here stands what a
 * session takes out of a plan besides. */
static const struct config *config;
static struct config *owned;
static struct arena arena;

static int set_up(void **state)
{
    struct findings findings;

    (void)state;
    findings_init(&findings);
    owned = config_load("tests/rewrite/world.json", &findings);
    config = owned;
    if (!config)
        findings_print(&findings, stderr);
    findings_fini(&findings);
    arena_init(&arena, NULL);
    return config ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    arena_clear(&arena);
    config_unref(owned);
    return 0;
}

static struct plan_context session_of(const char *user, const char *database)
{
    struct plan_context here = {.config = config,
                                .user = config_find_user(config, slice_of(user)),
                                .listener = PROD,
                                .at.environment = PROD};
    struct error e;

    assert_non_null(here.user);
    assert_true(plan_select(config, here.user, PROD, slice_of(database), &here.at, &e));
    return here;
}

static struct plan made(const struct plan_context *here, const char *sql)
{
    struct plan p;
    struct error e = {.text = ""};
    bool ok = plan_make(&p, here, slice_of(sql), &arena, &e);

    if (!ok)
        print_error("%s: %s\n", sql, e.text);
    assert_true(ok);
    return p;
}

static void assert_refused(const struct plan_context *here, const char *sql, unsigned number)
{
    struct plan p;
    struct error e;

    assert_false(plan_make(&p, here, slice_of(sql), &arena, &e));
    assert_int_equal(e.number, number);
}

static struct selection selected(const char *user, enum environment listener, const char *database)
{
    struct selection s;
    struct error e;

    assert_true(plan_select(config, config_find_user(config, slice_of(user)), listener,
                            slice_of(database), &s, &e));
    return s;
}

static void assert_unselectable(const char *user, enum environment listener, const char *database,
                                unsigned number)
{
    struct selection s;
    struct error e;

    assert_false(plan_select(config, config_find_user(config, slice_of(user)), listener,
                             slice_of(database), &s, &e));
    assert_int_equal(e.number, number);
}

static void a_database_selects_a_side(void **state)
{
    struct selection s = selected("ana", PROD, "sales");

    (void)state;
    assert_slice(s.project->name, "sales");
    assert_int_equal(s.environment, PROD);
    s = selected("ana", PROD, "SALES_dev");
    assert_int_equal(s.environment, DEV);
    assert_slice(plan_selection_name(&s, &arena), "sales_dev");
}

static void on_a_dev_listener_the_bare_name_selects_dev(void **state)
{
    struct selection s = selected("ana", DEV, "sales");

    (void)state;
    assert_int_equal(s.environment, DEV);
    assert_unselectable("own", DEV, "hr", 5501); /* has no dev side */
    s = selected("ana", DEV, "shop");            /* is shared */
    assert_slice(plan_selection_name(&s, &arena), "shop");
    assert_int_equal(s.environment, DEV);
}

static void no_project_keeps_the_environment_of_the_listener(void **state)
{
    (void)state;
    assert_null(selected("ana", DEV, "").project);
    assert_int_equal(selected("ana", DEV, "").environment, DEV);
    assert_null(selected("ana", DEV, "default_catalog.").project);
    assert_string_equal(selected("ana", PROD, "INFORMATION_schema").schema, "information_schema");
}

static void a_schema_of_a_data_source_is_selected_by_both_parts(void **state)
{
    struct selection s = selected("ana", PROD, "lake.ods");

    (void)state;
    assert_string_equal(s.schema, "ods");
    assert_slice(plan_selection_name(&s, &arena), "lake.ods");
    assert_unselectable("ana", PROD, "lake.other", 5501);
    assert_unselectable("own", PROD, "wild.information_schema", 5501);
}

static void unknown_and_not_yours_are_one_refusal(void **state)
{
    (void)state;
    assert_unselectable("ana", PROD, "nosuch", 5501);
    assert_unselectable("ana", PROD, "hr", 5501);
    assert_unselectable("ana", PROD, "dw_sales", 5501);
    assert_unselectable("ana", PROD, "catalog x", 5501);
    assert_unselectable("ana", PROD, "warehouse x", 5501);
    assert_unselectable("ana", PROD, "a.b.c", 5501);
    assert_unselectable("lim", PROD, "sales_dev", 5203);
}

static void several_statements_need_the_capability(void **state)
{
    struct plan_context here = session_of("ana", "sales");

    (void)state;
    assert_refused(&here, "SELECT 1; SELECT 2", 1235);
    assert_refused(&here, "SELECT 1;; SELECT 2", 1235);
    assert_int_equal(made(&here, ";SELECT 1;;").step_count, 1);
    here.multi_statements = true;
    assert_int_equal(made(&here, "SELECT 1; SELECT 2").step_count, 2);
}

static void the_priority_of_the_session_beats_the_users(void **state)
{
    struct plan_context here = session_of("ana", "sales");

    (void)state;
    assert_slice(made(&here, "SELECT 1").resource_group, "rg_low");
    here.priority = SLICE("high");
    assert_slice(made(&here, "SELECT 1").resource_group, "rg_high");
    here.priority = SLICE("unheard-of");
    assert_slice(made(&here, "SELECT 1").resource_group, "rg_normal");
}

static void a_chosen_group_is_judged_by_each_statement(void **state)
{
    struct plan_context here = session_of("ana", "sales");

    (void)state;
    here.resource_group = SLICE("rg_etl");
    assert_slice(made(&here, "SELECT * FROM dim.city").resource_group, "rg_etl");
    assert_refused(&here, "SELECT * FROM crm.people", 5203);
    here = session_of("ana", "dim");
    here.resource_group = SLICE("rg_etl");
    assert_refused(&here, "SELECT 1", 5203);
}

static void what_a_session_needs_to_know_is_told(void **state)
{
    struct plan_context here = session_of("own", "sales");

    (void)state;
    assert_true(made(&here, "SELECT * FROM t").is_read_only);
    assert_true(made(&here, "SHOW TABLES").is_read_only);
    assert_true(made(&here, "EXPLAIN INSERT INTO t SELECT 1").is_read_only);
    assert_false(made(&here, "EXPLAIN INSERT INTO t SELECT 1").writes);
    assert_true(made(&here, "INSERT INTO t SELECT 1").writes);
    assert_false(made(&here, "INSERT INTO t SELECT 1").is_read_only);
    assert_true(made(&here, "DROP TABLE t").is_ddl);
    assert_false(made(&here, "DROP TABLE t").is_read_only);
    assert_false(made(&here, "SET query_timeout = 1").is_read_only);
}

static void answers_carry_what_they_change(void **state)
{
    struct plan_context here = session_of("ana", "sales");
    struct plan p = made(&here, "USE sales_dev");

    (void)state;
    assert_int_equal(p.decision, PLAN_ANSWER);
    assert_int_equal(p.steps[0].answer, ANSWER_USE);
    assert_int_equal(p.steps[0].select.environment, DEV);
    p = made(&here, "SHOW DATABASES LIKE 's%'");
    assert_int_equal(p.steps[0].answer, ANSWER_DATABASES);
    assert_slice(p.steps[0].statement->like, "s%");
    assert_int_equal(made(&here, "begin").steps[0].answer, ANSWER_BEGIN);
    assert_int_equal(made(&here, ";").steps[0].answer, ANSWER_OK);
}

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
    assert_refused(&here, "SET @b = @@query_timeout",
                   1235); /* DEFAULT is whatever the cluster has */
    assert_refused(&here, "SET @b = @e", 1235);
    assert_refused(&here, "SET @b = @nosuch", 1235);
    assert_refused(&here, "SET @b = @@global.time_zone", 1235);
}

static void explaining_tells_what_would_be_done(void **state)
{
    struct plan_context here = session_of("ana", "sales_dev");
    struct plan p = made(&here, " explain/**/Gateway SELECT * FROM t");

    (void)state;
    assert_int_equal(p.decision, PLAN_ANSWER);
    assert_int_equal(p.step_count, 1);
    assert_int_equal(p.steps[0].answer, ANSWER_EXPLAIN);
    assert_true(p.explained->is_allowed);
    assert_slice(p.explained->plan.text, "SELECT * FROM `dw_sales_dev`.`t`");
    assert_int_equal(p.explained->plan.environment, DEV);
    p = made(&here, "EXPLAIN GATEWAY SELECT * FROM hr.salary");
    assert_false(p.explained->is_allowed);
    assert_int_equal(p.explained->number, 5501);
    assert_slice(p.explained->message, "Unknown database 'hr'");
    p = made(&here, "EXPLAIN GATEWAY nonsense");
    assert_int_equal(p.explained->number, 1064);
    assert_int_equal(p.explained->plan.step_count, 0);
    assert_refused(&here, "EXPLAIN GATEWAY /* nothing */ ;", 1064);
}

static void a_hint_decides_the_group(void **state)
{
    struct plan_context here = session_of("ana", "sales");

    (void)state;
    here.resource_group = SLICE("rg_etl");
    assert_slice(made(&here, "SELECT 1").resource_group, "rg_etl");
    assert_slice(made(&here, "SELECT /*+ SET_VAR(resource_group = 'rg_high') */ 1").resource_group,
                 "rg_high");
    assert_slice(made(&here, "SELECT /*+ SET_VAR(resource_group = '') */ 1").resource_group,
                 "rg_low");
    assert_slice(made(&here, "SELECT /*+ SET_VAR(resource_group = '') */ 1").text,
                 "SELECT /* */ 1");
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

static void references_tell_side_and_privilege(void **state)
{
    struct plan_context here = session_of("own", "sales_dev");
    struct plan p = made(&here, "INSERT INTO t SELECT * FROM sales.u");

    (void)state;
    assert_int_equal(p.reference_count, 2);
    assert_int_equal(p.references[0].environment, DEV);
    assert_int_equal(p.references[0].privileges, WRITE);
    assert_slice(p.references[0].database, "dw_sales_dev");
    assert_int_equal(p.references[1].environment, PROD);
    assert_int_equal(p.references[1].privileges, READ);
    assert_true(p.references[1].is_explicit);
}

static void pipes_are_found_in_names_and_numbers(void **state)
{
    static const struct {
        const char *mode;
        bool has;
    } cases[] = {
        {"", false},
        {"ONLY_FULL_GROUP_BY", false},
        {"pipes_as_concat", true},
        {"ANSI", true},
        {"A, PIPES_AS_CONCAT ,B", true},
        {"PIPES_AS_CONCATS", false},
        {"32", false},
        {"34", true},
        {"2", true},
        {"2x", false},
        {"ANSI_QUOTES", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(plan_mode_has_pipes(slice_of(cases[i].mode)), cases[i].has);
}

static void every_cut_of_a_text_is_judged_without_harm(void **state)
{
    static const char text[] =
        "WITH c AS (SELECT /*+ SET_VAR(query_timeout = 1, resource_group='rg_etl') */ a.id FROM "
        "${sales}.orders a) SELECT sales.orders.id, `dim`.x.y, 'it''s' FROM c, sales.orders, dim.x "
        "WHERE EXISTS (SELECT 1 FROM lake.ods.t -- c\n) AND upper(c.id) > 1e5; SET @a = 'x', "
        "query_timeout = 3; SHOW FULL TABLES FROM `lake.ods` LIKE '%'; ALTER TABLE t SET "
        "(\"in_memory\" "
        "= \"true\"), ADD COLUMN c INT; CREATE VIEW v AS SELECT 1 FROM ${orders}.t";
    struct plan_context here = session_of("own", "sales");

    (void)state;
    here.multi_statements = true;
    for (size_t n = 0; n < sizeof text; n++) {
        char *cut = malloc(n ? n : 1); /* its own allocation, so that an overrun is seen */
        struct plan p;
        struct error e;

        memcpy(cut, text, n);
        plan_make(&p, &here, slice_make(cut, n), &arena, &e);
        free(cut);
        arena_clear(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_database_selects_a_side),
        cmocka_unit_test(on_a_dev_listener_the_bare_name_selects_dev),
        cmocka_unit_test(no_project_keeps_the_environment_of_the_listener),
        cmocka_unit_test(a_schema_of_a_data_source_is_selected_by_both_parts),
        cmocka_unit_test(unknown_and_not_yours_are_one_refusal),
        cmocka_unit_test(several_statements_need_the_capability),
        cmocka_unit_test(the_priority_of_the_session_beats_the_users),
        cmocka_unit_test(a_chosen_group_is_judged_by_each_statement),
        cmocka_unit_test(what_a_session_needs_to_know_is_told),
        cmocka_unit_test(answers_carry_what_they_change),
        cmocka_unit_test(sets_are_sorted_into_classes),
        cmocka_unit_test(the_variables_are_sorted),
        cmocka_unit_test(a_set_is_worked_out_of_what_the_session_has_set),
        cmocka_unit_test(explaining_tells_what_would_be_done),
        cmocka_unit_test(a_hint_decides_the_group),
        cmocka_unit_test(a_long_set_takes_memory_in_proportion),
        cmocka_unit_test(references_tell_side_and_privilege),
        cmocka_unit_test(pipes_are_found_in_names_and_numbers),
        cmocka_unit_test(every_cut_of_a_text_is_judged_without_harm),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
