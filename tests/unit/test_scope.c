/* Which CTE is seen from where, and what the qualifier of a column means. */
#include "sql_case.h"

static void ctes_are_seen_as_the_analyzer_sees_them(void **state)
{
    (void)state;
    assert_references("WITH w AS (SELECT 1 FROM w), v AS (SELECT 1 FROM w) SELECT * FROM v, W",
                      "read table w; read cte w; read cte v; read table W");
    assert_references("WITH w AS (SELECT 1) SELECT * FROM d.w", "read table d.w");
    assert_references(
        "WITH w AS (SELECT 1) SELECT (SELECT 1 FROM w) FROM a.t WHERE EXISTS (SELECT 1 FROM w)",
        "read cte w; read table a.t; read cte w");
    assert_references("WITH w AS (SELECT 1) SELECT * FROM (SELECT * FROM (SELECT * FROM w) x) y",
                      "read cte w");
    assert_references("(WITH w AS (SELECT 1) SELECT * FROM w) UNION SELECT * FROM w",
                      "read cte w; read table w");
    assert_references("SELECT * FROM (WITH w AS (SELECT 1) SELECT * FROM w) x, w",
                      "read cte w; read table w");
}

static void some_places_see_no_outer_cte(void **state)
{
    (void)state;
    assert_references("WITH w AS (SELECT 1) SELECT * FROM a.t JOIN b.u ON t.k IN (SELECT k FROM w)",
                      "read table a.t; read table b.u; read column t.k rel; read table w");
    assert_references("WITH w AS (SELECT 1) SELECT 1 UNION SELECT 2 ORDER BY (SELECT 1 FROM w)",
                      "read table w");
    assert_references("WITH w AS (SELECT 1) SELECT 1 ORDER BY (SELECT 1 FROM w)", "read cte w");
    assert_references("WITH w AS (SELECT 1) SELECT * FROM a.t, unnest((SELECT 1 FROM w)) u",
                      "read table a.t; read table w");
    assert_references("WITH w AS (SELECT 1) SELECT * FROM a.t JOIN b.u ON 1 = (WITH x AS (SELECT "
                      "1) SELECT 1 FROM x)",
                      "read table a.t; read table b.u; read cte x");
}

static void qualifiers_are_resolved_inside_out(void **state)
{
    (void)state;
    assert_references("SELECT d.t.x, t.x, t.x.y, u.x, d.u.x FROM d.t",
                      "read column d.t.x db; read column t.x rel; read column t.x.y rel; "
                      "read column u.x field; read column d.u.x field; read table d.t");
    assert_references(
        "SELECT d.a.x, d.t.x, a.x FROM d.t a",
        "read column d.a.x db; read column d.t.x field; read column a.x rel; read table d.t");
    assert_references("SELECT c.d.t.x, d.t.x FROM c.d.t",
                      "read column c.d.t.x catalog; read column d.t.x db; read table c.d.t");
    assert_references("SELECT d.t.x, c.d.t.x FROM t",
                      "read column d.t.x db?; read column c.d.t.x catalog?; read table t");
    assert_references("SELECT 1 FROM d.t WHERE EXISTS (SELECT 1 FROM e.u WHERE d.t.x = e.u.x)",
                      "read table d.t; read table e.u; read column d.t.x db; read column e.u.x db");
    assert_references("SELECT d.t.* FROM d.t", "read column d.t.* db; read table d.t");
    assert_references(
        "SELECT a.x.id FROM a.t x JOIN b.u x ON a.x.id = b.x.id",
        "read column a.x.id db; read table a.t; read table b.u; read column a.x.id db; "
        "read column b.x.id db");
}

static void names_compare_byte_by_byte(void **state)
{
    const struct sql_statement *s = case_statement("SELECT SALES.t.x, T.y FROM sales.t");

    (void)state;
    assert_int_equal(s->references[0]->scope, SCOPE_FIELD);
    assert_int_equal(s->references[1]->scope, SCOPE_FIELD);
    /* but the relation that may be meant is told, where codes ignore letter case */
    assert_ptr_equal(s->references[0]->relation, s->references[2]);
    s = case_statement("SELECT sales.t.x FROM ${sales}.t");
    assert_int_equal(s->references[0]->scope, SCOPE_FIELD);
    assert_ptr_equal(s->references[0]->relation, s->references[1]);
    s = case_statement("SELECT `sa``les`.t.x FROM sales.t");
    assert_int_equal(s->references[0]->scope, SCOPE_DB);
    assert_ptr_equal(s->references[0]->relation, s->references[1]);
}

static void columns_of_no_database_are_told_when_asked_for_only(void **state)
{
    static const char text[] =
        "SELECT a.x, d.t.x, (a.y), f(x -> x.z), a.s.u.v, ${m}.x, d.t.* FROM d.t, d.t a";
    struct sql_options options = {.every_column = false};
    struct sql_text read;
    const struct sql_statement *s;

    (void)state;
    assert_references(text, "read column a.x rel; read column d.t.x db; read column a.y rel; "
                            "read column x.z lambda; read column a.s.u.v rel; "
                            "read column ${m}.x field; read column d.t.* db; read table d.t; "
                            "read table d.t");
    arena_clear(&case_arena);
    assert_true(sql_read(SLICE(text), &options, &case_arena, &read, &case_error));
    s = &read.statements[0];
    assert_int_equal(s->reference_count, 5);
    assert_slice(case_reference(s->references[0]), "read column d.t.x db");
    assert_slice(case_reference(s->references[1]), "read column ${m}.x field");
    assert_slice(case_reference(s->references[2]), "read column d.t.* db");
    assert_int_equal(s->references[2]->end - s->references[2]->start, 3);
    assert_false(sql_read(SLICE("SELECT a.x, f(b).c .. d FROM t a"), &options, &case_arena, &read,
                          &case_error));
}

static void lambdas_have_names_of_their_own(void **state)
{
    (void)state;
    assert_references(
        "SELECT array_map(x -> x.a + t.b, t.c), array_map((x, y) -> y.a, [1], [2]) FROM d.t",
        "read column x.a lambda; read column t.b rel; read column t.c rel; "
        "read column y.a lambda; read table d.t");
    assert_references("SELECT t.j -> 'a', x -> 'b' FROM d.t",
                      "read column t.j rel; read table d.t");
}

static void functions_of_a_from_list_see_what_stands_before(void **state)
{
    (void)state;
    assert_references(
        "SELECT 1 FROM d.t, unnest(d.t.x) u, unnest(d.v.y) k, d.v",
        "read table d.t; read column d.t.x db; read column d.v.y field; read table d.v");
    assert_references("SELECT unnest.x FROM d.t, unnest(t.y)",
                      "read column unnest.x rel; read table d.t; read column t.y rel");
}

static void many_names_stay_cheap(void **state)
{
    enum { COUNT = 20000 };
    static char text[COUNT * 24];
    size_t size = (size_t)snprintf(text, sizeof(text), "SELECT 1 FROM d.t0");

    (void)state;
    for (unsigned i = 1; i < COUNT; i++)
        size += (size_t)snprintf(text + size, sizeof(text) - size, " JOIN d.t%u", i);
    assert_non_null(case_read(slice_make(text, size)));
    size = (size_t)snprintf(text, sizeof(text), "SELECT x.t.c");
    for (unsigned i = 1; i < COUNT; i++)
        size += (size_t)snprintf(text + size, sizeof(text) - size, ",x.t.c");
    size += (size_t)snprintf(text + size, sizeof(text) - size, " FROM d.t");
    for (unsigned i = 1; i < COUNT; i++)
        size += (size_t)snprintf(text + size, sizeof(text) - size, ",d.t");
    assert_null(case_read(slice_make(text, size))); /* a product: refused, and soon */
}

static void nesting_has_a_limit(void **state)
{
    char text[2048];
    static const char *const opens[] = {"(",     "[",          "f(",       "CAST(",    "CASE WHEN ",
                                        "x -> ", "INTERVAL (", "(SELECT ", "map<map<", "{fn f("};

    (void)state;
    for (size_t i = 0; i < sizeof(opens) / sizeof(*opens); i++) {
        size_t size = (size_t)snprintf(text, sizeof(text), "SELECT ");
        for (unsigned k = 0; k < 201; k++)
            size += (size_t)snprintf(text + size, sizeof(text) - size, "%s", opens[i]);
        assert_null(case_read(slice_make(text, size < sizeof(text) ? size : sizeof(text) - 1)));
    }
    memset(text, '(', 500);
    memcpy(text, "SELECT", 6);
    assert_null(case_read(slice_make(text, 500)));
    assert_non_null(strstr(case_error.text, "max_statement_depth"));
    memset(text + 7, '(', 190);
    text[6] = ' ';
    text[197] = '1';
    memset(text + 198, ')', 190);
    assert_non_null(case_read(slice_make(text, 388)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ctes_are_seen_as_the_analyzer_sees_them),
        cmocka_unit_test(some_places_see_no_outer_cte),
        cmocka_unit_test(qualifiers_are_resolved_inside_out),
        cmocka_unit_test(names_compare_byte_by_byte),
        cmocka_unit_test(columns_of_no_database_are_told_when_asked_for_only),
        cmocka_unit_test(lambdas_have_names_of_their_own),
        cmocka_unit_test(functions_of_a_from_list_see_what_stands_before),
        cmocka_unit_test(many_names_stay_cheap),
        cmocka_unit_test(nesting_has_a_limit),
    };

    return cmocka_run_group_tests(tests, NULL, case_teardown);
}
