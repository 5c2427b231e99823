/* Which names a query, a change or a definition refers to. */
#include "sql_case.h"

static void tables_are_found_wherever_a_query_stands(void **state)
{
    (void)state;
    assert_references(
        "SELECT (SELECT max(x) FROM a.t) FROM b.t WHERE c IN (SELECT 1 FROM c.t) "
        "AND EXISTS (SELECT 1 FROM d.t) ORDER BY (SELECT 1 FROM e.t) LIMIT 3",
        "read table a.t; read table b.t; read table c.t; read table d.t; read table e.t");
    assert_references("(SELECT 1 FROM a.t) UNION ((SELECT 1 FROM b.t) EXCEPT SELECT 1 FROM c.t)",
                      "read table a.t; read table b.t; read table c.t");
    assert_references("SELECT * FROM ((a.t JOIN (SELECT 1 FROM b.t) x ON 1 = 1), c.t)",
                      "read table a.t; read table b.t; read table c.t");
    assert_references(
        "SELECT ((SELECT 1 FROM a.t) UNION (SELECT 2 FROM b.t)), ((SELECT 1 FROM c.t) + 1)",
        "read table a.t; read table b.t; read table c.t");
    assert_references("SELECT * FROM (((SELECT 1 FROM a.t)) UNION SELECT 2 FROM b.t) x",
                      "read table a.t; read table b.t");
    assert_references("EXPLAIN VERBOSE SELECT * FROM a.t INTO OUTFILE 's3://x'", "read table a.t");
    assert_references("VALUES (1)", "refused");
}

static void words_that_are_sometimes_names_are_told_apart(void **state)
{
    (void)state;
    assert_references("SELECT a minus FROM x.minus minus", "read table x.minus");
    assert_references("SELECT a FROM x.t minus SELECT b FROM y.t",
                      "read table x.t; read table y.t");
    assert_references("SELECT a FROM x.t qualify", "read table x.t");
    assert_references("SELECT a FROM x.t QUALIFY row_number() OVER (ORDER BY t.b) = 1",
                      "read table x.t; read column t.b rel");
    assert_references("SELECT a FROM x.t qualify QUALIFY rank() OVER (ORDER BY b) < 2",
                      "read table x.t");
    assert_references("SELECT a FROM x.t tablet, y.u sample, z.v version",
                      "read table x.t; read table y.u; read table z.v");
    assert_references("SELECT interval FROM x.t", "read table x.t");
    assert_references("SELECT interval x, interval - 1, INTERVAL 1 DAY, interval FROM x.t",
                      "read table x.t");
    assert_references("SELECT DATE '2020-01-01', date, date(x) FROM x.date", "read table x.date");
    assert_references("SELECT a match, b MATCH 'x' FROM x.t", "read table x.t");
    assert_references("SELECT x.t.a AS b FROM x.t PARTITION p1, u WHERE 1 = 1",
                      "read column x.t.a db; read table x.t");
}

static void clauses_behind_a_table_are_no_names(void **state)
{
    (void)state;
    assert_references(
        "SELECT * FROM a.t FOR VERSION AS OF 3 PARTITION (p) TABLET (1, 2) SAMPLE ('x'='1') "
        "AS k [_META_] BEFORE 'x', b.u TIMESTAMP BETWEEN '1' AND '2' v",
        "read table a.t; read table b.u");
    assert_references("SELECT * FROM a.t LEFT JOIN [shuffle] b.u USING (k) CROSS c.v "
                      "NULL AWARE LEFT ANTI JOIN d.w ON t.k = w.k",
                      "read table a.t; read table b.u; read table c.v; read table d.w; "
                      "read column t.k rel; read column w.k rel");
    assert_references("SELECT * FROM a.t JOIN [skew|a.t.k(1, 2)] b.u ON t.k = u.k",
                      "read table a.t; read column a.t.k db; read table b.u; read column t.k rel; "
                      "read column u.k rel");
    assert_references("SELECT * FROM a.t PIVOT (sum(t.x) FOR m IN (1 AS one, 2))",
                      "read table a.t; read column t.x rel");
}

static void functions_in_from_are_no_tables(void **state)
{
    const struct sql_statement *s;

    (void)state;
    assert_references(
        "SELECT * FROM a.t, unnest(t.x) u(v), TABLE(generate_series(1, t.n)) g, FILES('path'='p')",
        "read table a.t; read column t.x rel; read column t.n rel");
    s = case_statement("SELECT d.f(1), g(2) FROM unnest([1])");
    assert_int_equal(s->call_count, 3);
    assert_slice(s->calls[0].name, "f");
    assert_true(s->calls[0].is_qualified);
    assert_true(s->calls[2].is_table_function);
    assert_references("SELECT d.f(1)", "call function d.f");
}

static void changes_have_a_target(void **state)
{
    (void)state;
    assert_references("INSERT INTO a.t (x, y) WITH LABEL l SELECT * FROM b.u",
                      "write table a.t; read table b.u");
    assert_references(
        "INSERT OVERWRITE a.t PARTITION (p) VALUES (1, DEFAULT), ((SELECT 1 FROM b.u), 2)",
        "write table a.t; read table b.u");
    assert_references("INSERT INTO a.t WITH w AS (SELECT 1 FROM b.u) SELECT * FROM w",
                      "write table a.t; read table b.u; read cte w");
    assert_references("INSERT INTO FILES('path'='x') SELECT * FROM b.u", "read table b.u");
    assert_references(
        "WITH w AS (SELECT 1 FROM c.v) UPDATE w SET x = a.t.y FROM a.t, w k WHERE a.w.z = k.z",
        "read table c.v; write table w; read column a.t.y db; read table a.t; read cte w; "
        "read column a.w.z db?; read column k.z rel");
    assert_references("DELETE FROM a.t PARTITION p USING b.u WHERE t.k = u.k",
                      "write table a.t; read table b.u; read column t.k rel; read column u.k rel");
    assert_references("CACHE SELECT t.x, a.t.y FROM a.t WHERE z > 1 PROPERTIES('k'='v')",
                      "read column t.x rel; read column a.t.y db; read table a.t");
    assert_true(case_statement("INSERT INTO a.t SELECT 1")->references[0]->is_target);
    assert_refused("REPLACE INTO a.t VALUES (1)");
    assert_refused("INSERT IGNORE INTO a.t VALUES (1)");
}

static void definitions_hide_nothing(void **state)
{
    (void)state;
    assert_references(
        "CREATE TABLE a.t (k INT, m MAP<INT, STRUCT<x INT>> AS (d.f(k)), n BIGINT AS "
        "dict_mapping('b.u', k)) PARTITION BY RANGE(k) (PARTITION p VALUES [('1'), ('2'))) "
        "PROPERTIES ('a' = 'b')",
        "ddl table a.t; call function d.f; read table_in_string b.u");
    assert_references("CREATE TEMPORARY TABLE a.t DISTRIBUTED BY HASH(k) AS SELECT * FROM b.u",
                      "ddl table a.t; read table b.u");
    assert_references("CREATE TABLE a.t (k INT AS ((SELECT 1 FROM b.u) + 1))",
                      "ddl table a.t; read table b.u");
    assert_refused("CREATE TABLE a.t (k INT AS ((SELECT 1) UNION SELECT 2 FROM b.u))");
    assert_references("CREATE TABLE a.t LIKE b.u", "ddl table a.t; read table b.u");
    assert_references("ALTER TABLE a.t RENAME u", "ddl table a.t; ddl table u new");
    assert_references("ALTER TABLE a.t SWAP WITH u", "ddl table a.t; ddl table u");
    assert_references("ALTER TABLE a.t RENAME COLUMN x TO y, ADD COLUMN z INT DEFAULT '1'",
                      "ddl table a.t");
    assert_references("CREATE MATERIALIZED VIEW a.m REFRESH ASYNC AS SELECT u.x FROM b.u",
                      "ddl mv a.m; read column u.x rel; read table b.u");
    assert_references("CREATE OR REPLACE VIEW a.v (x COMMENT 'c') AS WITH w AS (SELECT 1 FROM b.u) "
                      "SELECT * FROM w",
                      "ddl view a.v; read table b.u; read cte w");
}

static void prepared_texts_are_read_as_they_stand(void **state)
{
    const struct sql_statement *s =
        case_statement("PREPARE p FROM 'SELECT t.x FROM a.t WHERE k = ?'");

    (void)state;
    assert_true(s->has_parameters);
    assert_int_equal(s->reference_count, 2);
    assert_int_equal(s->references[1]->start, 32);
    assert_references("PREPARE p FROM DELETE FROM a.t WHERE k = ?", "write table a.t");
    assert_refused("PREPARE p FROM 'SELECT'");
    assert_refused("PREPARE p FROM 'SELECT 1 FROM a.t `'");
    assert_refused("PREPARE p FROM \"SELECT 1\"");
}

static void hints_with_expressions_are_read(void **state)
{
    const struct sql_statement *s;

    (void)state;
    s = case_statement("SELECT /*+ set_user_variable(@a = (SELECT 1 FROM h.t)) */ @a FROM a.t");
    assert_int_equal(s->reference_count, 2);
    assert_true(s->references[0]->is_in_hint);
    assert_int_equal(s->references[0]->start, 49);
    assert_references("SELECT /*+ SET_USER_VARIABLE(a = (SELECT 1 FROM h.t)) */ 1",
                      "read table h.t");
    assert_refused("SELECT /*+ SET_USER_VARIABLE(@a = (SELECT 1 FROM h.t) */ @a");
    assert_refused("SELECT /*+ x SET_USER_VARIABLE(@a = 1) */ @a");
    s = case_statement("SELECT /*+ SET_VAR(a = 'b') */ 1 /*+ what */");
    assert_int_equal(s->hint_count, 2);
    assert_slice(s->hints[0].text, " SET_VAR(a = 'b') ");
    s = case_statement("PREPARE p FROM 'SELECT /*+ SET_VAR(a = 1) */ 1'");
    assert_int_equal(s->hint_count, 1);
}

static void no_dot_stays_unclaimed(void **state)
{
    (void)state;
    assert_references("SELECT f(x).y, [1, 2].z, @@global.v, t.* FROM a.t",
                      "read column t.* rel; read table a.t");
    assert_references(
        "SELECT (a.t).x, ((a).t).y, (t).z FROM a.t",
        "read column a.t.x db; read column a.t.y db; read column t.z rel; read table a.t");
    assert_refused("CREATE TABLE a.t (x INT DEFAULT .) ");
    assert_refused("SELECT * FROM \"a\".\"b\"");
    assert_refused("SELECT * FROM a.b.c.d");
    assert_refused("SELECT * FROM a.select");
    assert_references("TRANSLATE trino SELECT a.b FROM c.d; e.f", "");
}

static void names_in_strings_have_parts_and_places(void **state)
{
    const struct sql_statement *s = case_statement("SELECT `Dict``_mapping`(\"d.t\", 1)");

    (void)state;
    assert_int_equal(s->references[0]->kind, KIND_TABLE_IN_STRING);
    assert_int_equal(s->references[0]->parts[1].start, 27);
    assert_references("SELECT lookup_string('t', 1), inspect_mv_meta('a.b.c')",
                      "read table_in_string t; read table_in_string a.b.c");
}

static void bare_tables_may_belong_to_another_name(void **state)
{
    const struct sql_statement *s = case_statement("SHOW COLUMNS FROM t FROM d");

    (void)state;
    assert_ptr_equal(s->references[0]->in_database, s->references[1]);
    s = case_statement("LOAD LABEL d.l (DATA INFILE('x') INTO TABLE t) WITH BROKER ('a'='b')");
    assert_ptr_equal(s->references[1]->in_database, s->references[0]);
    s = case_statement("RESTORE SNAPSHOT d.s FROM r DATABASE e ON (TABLE t AS u)");
    assert_slice(s->references[3]->in_database->parts[0].value, "e");
    assert_null(case_statement("CREATE ROUTINE LOAD j ON t FROM KAFKA ('a'='b')")
                    ->references[1]
                    ->in_database);
}

/* Forms that nobody writes often, and that the grammar has. */
static void rare_forms_are_read(void **state)
{
    (void)state;
    assert_references("SELECT binary (SELECT 1 FROM d.t), binary ((SELECT 1 FROM e.f)), binary (a)",
                      "read table d.t; read table e.f");
    assert_references("SELECT interval (), interval NOT IN (SELECT x FROM d.t), interval NOT "
                      "(SELECT 1 FROM e.f) DAY",
                      "read table d.t; read table e.f");
    assert_references("SELECT 1 FROM d.t GROUP BY GROUPING SETS ((), (, a), (a, (SELECT 1 FROM "
                      "e.f)))",
                      "read table d.t; read table e.f");
    assert_references("SET TRANSACTION READ ONLY, ISOLATION LEVEL READ COMMITTED, x = (SELECT 1 "
                      "FROM d.t), SESSION TRANSACTION READ WRITE, @y = (SELECT 1 FROM e.f)",
                      "read table d.t; read table e.f");
    assert_references("ANALYZE TABLE d.t PARTITIONS p, 'q' WITH SYNC MODE", "analyze table d.t");
    assert_references("ANALYZE TABLE d.t partitions, a.b PARTITION p",
                      "analyze table d.t; read column a.b field");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_found_wherever_a_query_stands),
        cmocka_unit_test(words_that_are_sometimes_names_are_told_apart),
        cmocka_unit_test(clauses_behind_a_table_are_no_names),
        cmocka_unit_test(functions_in_from_are_no_tables),
        cmocka_unit_test(changes_have_a_target),
        cmocka_unit_test(definitions_hide_nothing),
        cmocka_unit_test(prepared_texts_are_read_as_they_stand),
        cmocka_unit_test(hints_with_expressions_are_read),
        cmocka_unit_test(no_dot_stays_unclaimed),
        cmocka_unit_test(names_in_strings_have_parts_and_places),
        cmocka_unit_test(bare_tables_may_belong_to_another_name),
        cmocka_unit_test(rare_forms_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, case_teardown);
}
