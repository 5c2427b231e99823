/* What a session takes out of a plan besides its text. */
#include "plan_case.h"

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
    assert_slice(selected("ana", PROD, "INFORMATION_schema").schema, "information_schema");
}

static void a_schema_of_a_data_source_is_selected_by_both_parts(void **state)
{
    struct selection s = selected("ana", PROD, "lake.ods");

    (void)state;
    assert_slice(s.schema, "ods");
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

/* On a dev listener, too; only USE and the login follow it. */
static void a_database_that_is_only_named_is_prod_unless_it_says_dev(void **state)
{
    static const struct {
        const char *sql, *name;
    } cases[] = {
        {"SHOW CREATE DATABASE sales", "sales"},
        {"SHOW CREATE DATABASE sales_dev", "sales_dev"},
        {"SHOW CREATE DATABASE ${sales}", "sales_dev"},
        {"SHOW CREATE DATABASE solo", "solo"},
        {"SHOW EVENTS FROM solo", "solo"},
        {"USE sales", "sales_dev"},
    };
    struct plan_context here = session_of("ana", "");

    (void)state;
    here.listener = here.at.environment = DEV;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct plan p = made(&here, cases[i].sql);
        assert_slice(plan_selection_name(&p.steps[0].select, &arena), cases[i].name);
    }
    assert_int_equal(made(&here, "CREATE DATABASE IF NOT EXISTS solo").steps[0].answer, ANSWER_OK);
    assert_refused(&here, "USE solo", 5501);
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

static void references_tell_side_and_privilege(void **state)
{
    struct plan_context here = session_of("own", "sales_dev");
    struct plan p = made(&here, "INSERT INTO t SELECT * FROM sales.u");

    (void)state;
    assert_int_equal(p.reference_count, 2);
    assert_int_equal(p.references[0].binding->environment, DEV);
    assert_int_equal(p.references[0].privileges, WRITE);
    assert_slice(p.references[0].binding->database, "dw_sales_dev");
    assert_int_equal(p.references[1].binding->environment, PROD);
    assert_int_equal(p.references[1].privileges, READ);
    assert_true(p.references[1].binding->is_explicit);
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

/* Each may become as long as the list of all databases. */
static void a_text_names_few_tables_of_information_schema(void **state)
{
    static const char statement[] = "SELECT 1 FROM information_schema.views;";
    struct plan_context here = session_of("ana", "sales");
    enum { SIZE = sizeof(statement) - 1, MOST = 64 };
    char text[(MOST + 1) * SIZE + 1] = "";

    (void)state;
    here.multi_statements = true;
    for (size_t i = 0; i < MOST; i++)
        memcpy(text + i * SIZE, statement, SIZE);
    assert_true(made(&here, text).text.size > sizeof(text));
    memcpy(text + MOST * SIZE, statement, SIZE);
    assert_refused(&here, text, 1235);
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
        cmocka_unit_test(a_database_that_is_only_named_is_prod_unless_it_says_dev),
        cmocka_unit_test(explaining_tells_what_would_be_done),
        cmocka_unit_test(a_hint_decides_the_group),
        cmocka_unit_test(references_tell_side_and_privilege),
        cmocka_unit_test(every_cut_of_a_text_is_judged_without_harm),
        cmocka_unit_test(a_text_names_few_tables_of_information_schema),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
