/* Rights of backend accounts: what members need, and SHOW GRANTS as a frontend writes it. */
#include "check.h"

#include "base/arena.h"
#include "config/config.h"
#include "proxy/setup/rights.h"

static struct arena arena;

static int clear(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

static struct held read(const char *text)
{
    struct held h;

    assert_true(held_read(&h, slice_of(text)));
    return h;
}

static void check_text(rights set, const char *wanted)
{
    assert_string_equal(arena_text(&arena, rights_text(set, &arena)), wanted);
}

static void check_slice(struct slice got, const char *wanted)
{
    assert_string_equal(arena_text(&arena, got), wanted);
}

static void readers_need_to_read_and_nothing_else(void **state)
{
    (void)state;
    check_text(rights_needed(READ), "SELECT on tables; SELECT on views; SELECT on materialized "
                                    "views; USAGE on functions");
    check_text(rights_needed(0), "");
    check_text(rights_needed(LOAD), "INSERT on tables");
}

static void writers_and_builders_need_what_their_statements_ask(void **state)
{
    (void)state;
    check_text(rights_needed(WRITE),
               "INSERT, UPDATE, DELETE on tables; REFRESH on materialized views");
    check_text(rights_needed(DDL), "ALTER, DROP on tables; ALTER, DROP on views; ALTER, DROP on "
                                   "materialized views; CREATE TABLE, CREATE VIEW, CREATE "
                                   "MATERIALIZED VIEW on the database");
}

static void a_grant_on_all_tables_of_a_database_is_read(void **state)
{
    (void)state;
    struct held h =
        read("GRANT DELETE, DROP, INSERT, SELECT, ALTER, EXPORT, UPDATE, REFRESH ON ALL "
             "TABLES IN DATABASE sales TO USER 'sales_prod'@'%'");

    assert_int_equal(h.set, rights_of_kind(OBJECT_TABLE));
    check_slice(h.database, "sales");
    assert_int_equal(h.object.size, 0);
    assert_false(h.is_other);
    check_slice(h.text, "GRANT DELETE, DROP, INSERT, SELECT, ALTER, EXPORT, UPDATE, REFRESH ON ALL "
                        "TABLES IN DATABASE sales");
}

static void every_kind_and_scope_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *text, *set, *database, *object;
    } cases[] = {
        {"GRANT SELECT ON ALL VIEWS IN DATABASE `a b` TO ROLE 'r'", "SELECT on views", "a b", ""},
        {"GRANT SELECT, REFRESH ON ALL MATERIALIZED VIEWS IN DATABASE odd-db TO USER 'u'@'%'",
         "SELECT, REFRESH on materialized views", "odd-db", ""},
        {"GRANT USAGE ON ALL FUNCTIONS IN ALL DATABASES TO USER 'u'@'%'", "USAGE on functions", "",
         ""},
        {"GRANT CREATE TABLE, CREATE PIPE ON DATABASE sales TO USER 'u'@'%'",
         "CREATE TABLE, CREATE PIPE on the database", "sales", ""},
        {"GRANT ALTER ON ALL DATABASES TO USER 'u'@'%'", "ALTER on the database", "", ""},
        {"GRANT SELECT ON TABLE sales.orders TO USER 'u'@'%'", "SELECT on tables", "sales",
         "orders"},
        {"GRANT SELECT ON TABLE `s.1`.`a TO b` TO USER 'u'@'%'", "SELECT on tables", "s.1",
         "a TO b"},
        {"GRANT SELECT ON MATERIALIZED VIEW sales.mv TO USER 'u'@'%'",
         "SELECT on materialized views", "sales", "mv"},
        {"GRANT USAGE ON FUNCTION sales.f(INT, INT) TO USER 'u'@'%'", "USAGE on functions", "sales",
         "f(INT, INT)"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct held h = read(cases[i].text);
        check_text(h.set, cases[i].set);
        check_slice(h.database, cases[i].database);
        check_slice(h.object, cases[i].object);
        assert_false(h.is_other);
    }
}

static void what_is_about_other_things_is_known_as_such(void **state)
{
    (void)state;
    assert_true(read("GRANT OPERATE ON SYSTEM TO USER 'u'@'%'").operates);
    assert_false(read("GRANT OPERATE ON SYSTEM TO USER 'u'@'%'").is_other);
    assert_true(read("GRANT OPERATE, GRANT ON SYSTEM TO USER 'u'@'%'").is_other);
    assert_true(read("GRANT ALTER ON RESOURCE GROUP rg_sales TO USER 'sales_prod'@'%'").is_other);
    assert_true(read("GRANT USAGE ON CATALOG hive TO USER 'u'@'%'").is_other);
    assert_true(read("GRANT SELECT, NEWER ON TABLE a.b TO USER 'u'@'%'").is_other);
    assert_true(read("GRANT IMPERSONATE ON USER 'root'@'%' TO USER 'u'@'%'").is_other);
}

static void roles_are_read(void **state)
{
    (void)state;
    struct held h = read("GRANT 'r_sales_ro', 'root' TO 'nopw'@'%'");

    check_slice(h.role, "r_sales_ro");
    check_slice(h.more, "'root'");
    assert_int_equal(h.set, 0);
}

static void what_is_no_grant_is_refused_at_every_cut(void **state)
{
    (void)state;
    const char *text = "GRANT SELECT ON ALL TABLES IN DATABASE sales TO USER 'u'@'%'";
    struct held h;

    assert_false(held_read(&h, SLICE("")));
    assert_false(held_read(&h, SLICE("REVOKE SELECT ON TABLE a.b FROM USER 'u'@'%'")));
    for (size_t i = 0; i < strlen(text); i++)
        (void)held_read(&h, slice_make(arena_text(&arena, slice_make(text, i)), i));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(readers_need_to_read_and_nothing_else, clear),
        cmocka_unit_test_teardown(writers_and_builders_need_what_their_statements_ask, clear),
        cmocka_unit_test_teardown(a_grant_on_all_tables_of_a_database_is_read, clear),
        cmocka_unit_test_teardown(every_kind_and_scope_is_read, clear),
        cmocka_unit_test_teardown(what_is_about_other_things_is_known_as_such, clear),
        cmocka_unit_test_teardown(roles_are_read, clear),
        cmocka_unit_test_teardown(what_is_no_grant_is_refused_at_every_cut, clear),
    };

    arena_init(&arena, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
