/* Physical names on their way back: texts, SQL, places of errors. */
#include "names_case.h"

static void whole_words_are_databases_accounts_and_hosts(void **state)
{
    struct names n = names_of("ana", "sales", "SELECT * FROM sales.t");

    (void)state;
    assert_slice(names_in_text(&n, SLICE("no dw_sales.t, `dw_sales_dev`.`x` or dw_sales_devil")),
                 "no sales.t, `sales_dev`.`x` or dw_sales_devil");
    assert_slice(names_in_text(&n, SLICE("dw_hr and dw_vault")), "? and ?");
    assert_slice(names_in_text(&n, SLICE("user 'sales_rw'@'127.0.0.1' denied")),
                 "user 'ana'@'?' denied");
    assert_slice(names_in_text(&n, SLICE("ods.t")), "lake.ods.t");
    assert_slice(names_in_text(&n, SLICE("")), "");
}

static void the_beginning_of_a_name_is_hidden_where_a_server_cuts_its_words_off(void **state)
{
    struct names n = names_of("ana", "sales", "SELECT 1 FROM information_schema.tables");

    (void)state;
    assert_slice(
        names_in_text(&n, SLICE("near 'x FROM `dw_sales`.t WHERE a = 'dw_s...' at line 1")),
        "near 'x FROM `sales`.t WHERE a = '?...' at line 1");
    assert_slice(names_in_text(&n, SLICE("near 'FROM `dw-sa...' at line 1")),
                 "near 'FROM `?...' at line 1");
    assert_slice(names_in_text(&n, SLICE("wait... 'dw_sales.t ...'")), "wait... 'sales.t ...'");
}

static void what_the_cluster_told_is_hidden_where_it_stands_as_a_name(void **state)
{
    struct names n = names_of("ana", "sales", "SELECT * FROM sales.t");
    struct slice pairs[] = {SLICE("meta"), SLICE("other_db"), SLICE("meta"),
                            SLICE("date"), SLICE("meta"),     SLICE("information_schema")};
    struct slice hosts[] = {SLICE("10.9.8.7")};
    const struct slices databases = {pairs, 6}, known = {hosts, 1};

    (void)state;
    n.databases = &databases;
    n.hosts = &known;
    assert_slice(
        names_in_text(&n, SLICE("Unknown table 'other_db.t' of `other_db`.`t` at 10.9.8.7:9060")),
        "Unknown table '?.t' of `?`.`t` at ?:9060");
    assert_slice(names_in_text(&n, SLICE("ANY on DATABASE other_db, database 'date', db date")),
                 "ANY on DATABASE ?, database '?', db ?");
    assert_slice(names_in_text(&n, SLICE("no date in 'date', information_schema.t, dw_sales.t")),
                 "no date in 'date', information_schema.t, sales.t");
}

static void names_of_the_statement_come_first(void **state)
{
    struct names n = names_of("ana", "sales", "SELECT * FROM orders.t");
    struct named_side side;

    (void)state;
    assert_true(names_database(&n, SLICE("orders_db"), &side));
    assert_slice(side.name, "orders");
    assert_false(names_database(&n, SLICE("dw_hr"), &side));
}

static void in_sql_qualifiers_change_and_nothing_else(void **state)
{
    struct names n = names_of("ana", "sales", "SELECT * FROM sales.t");

    (void)state;
    assert_slice(names_in_sql(&n, SLICE("SELECT `dw_sales`.`t`.`a`, x.dw_sales, dw_sales.t.b, "
                                        "'default_catalog.dw_dim.c', `dw_hr`.`p` FROM dw_sales")),
                 "SELECT `sales`.`t`.`a`, x.dw_sales, sales.t.b, "
                 "'default_catalog.dim.c', `?`.`p` FROM dw_sales");
    assert_slice(names_in_sql(&n, SLICE("`ods`.`t` ods.t `unfinished")),
                 "`lake.ods`.`t` `lake.ods`.t `unfinished");
}

static void in_sql_a_name_is_a_database_by_its_place(void **state)
{
    struct names n = names_of("ana", "sales", "SELECT * FROM sales.t");
    static const char *const texts[][2] = {
        /* known to nobody */
        {"select `zz`.`t`.`a`, `x`.`a` from (`zz`.`t` join `yy`.`u` `x` on `x`.`a` = 1)",
         "select `?`.`t`.`a`, `x`.`a` from (`?`.`t` join `?`.`u` `x` on `x`.`a` = 1)"},
        {"INSERT INTO zz . t VALUES (1.5, x.y); UPDATE zz.t SET a = 1",
         "INSERT INTO `?` . t VALUES (1.5, x.y); UPDATE `?`.t SET a = 1"},
        {"FOREIGN KEY (`id`) REFERENCES `zz`.`t` (`id`)",
         "FOREIGN KEY (`id`) REFERENCES `?`.`t` (`id`)"},
        {"FROM information_schema.tables, `information_schema`.`columns`",
         "FROM information_schema.tables, `information_schema`.`columns`"},
        {"FROM default_catalog.zz.t JOIN `default_catalog`.`dw_sales`.`t`",
         "FROM default_catalog.`?`.t JOIN `default_catalog`.`sales`.`t`"},
        {"SELECT extract(YEAR FROM `x`.`d`), trim(BOTH 'a' FROM x.d) FROM zz.x",
         "SELECT extract(YEAR FROM `x`.`d`), trim(BOTH 'a' FROM x.d) FROM `?`.x"},
        {"SELECT trim((SELECT a FROM zz.t)), substr(a, 1) FROM yy.t",
         "SELECT trim((SELECT a FROM `?`.t)), substr(a, 1) FROM `?`.t"},
        {"SELECT extract(YEAR FROM dw_hr.d), extract FROM yy.t, trim JOIN yy.t",
         "SELECT extract(YEAR FROM `?`.d), extract FROM `?`.t, trim JOIN `?`.t"},
        /* quotes that are characters of a string or of a name */
        {"select '`' AS `tick`,`dw_sales`.`t`.`id` AS `id` from `dw_sales`.`t`",
         "select '`' AS `tick`,`sales`.`t`.`id` AS `id` from `sales`.`t`"},
        {"select replace(`a`.`s`,'`','') AS `s(1)`,`b`.`s` from (`dw_sales`.`t` `a` join "
         "`dw_hr`.`t` `b` on `a`.`i` = `b`.`i`) where `a`.`s` <> 'x``y`'",
         "select replace(`a`.`s`,'`','') AS `s(1)`,`b`.`s` from (`sales`.`t` `a` join `?`.`t` `b` "
         "on `a`.`i` = `b`.`i`) where `a`.`s` <> 'x``y`'"},
        {"SELECT \"`\", count(*) AS `count(*)`, '``' /* ` */ FROM dw_hr.t, `dw_hr`.`u`",
         "SELECT \"`\", count(*) AS `count(*)`, '``' /* ` */ FROM `?`.t, `?`.`u`"},
        {"SELECT 1 FROM dw_hr /* of it */ . t, dw_hr/**/.u JOIN zz/* a.b */./* */v",
         "SELECT 1 FROM `?` /* of it */ . t, `?`/**/.u JOIN `?`/* a.b */./* */v"},
        /* a database that is called as a table */
        {"SELECT `ods`.`a` FROM `ods`.`ods`", "SELECT `ods`.`a` FROM `lake.ods`.`ods`"},
        {"SELECT ods.a, ods.x.a FROM dw_sales.t ods WHERE ods.b = 1",
         "SELECT ods.a, `lake.ods`.x.a FROM sales.t ods WHERE ods.b = 1"},
        {"SELECT 1 FROM dw_sales.t ods, ods.t WHERE a = 1, ods.b",
         "SELECT 1 FROM sales.t ods, `lake.ods`.t WHERE a = 1, ods.b"},
        {"SELECT `ods`.`a`, 'it''s \\' ods.x' FROM x",
         "SELECT `lake.ods`.`a`, 'it''s \\' lake.ods.x' FROM x"},
        /* strings */
        {"PROPERTIES (\"of\" = \"dw_hr.p\", 'x' = '`dw_hr`.`p`')",
         "PROPERTIES (\"of\" = \"?.p\", 'x' = '`?`.`p`')"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct slice told = names_in_sql(&n, slice_of(texts[i][0]));

        if (!slice_equal(told, slice_of(texts[i][1])))
            print_error("%.*s\n", SHOW(told));
        assert_slice(told, texts[i][1]);
    }
}

static void in_sql_what_the_cluster_told_is_hidden_unless_it_stands_alone(void **state)
{
    struct names n = names_of("ana", "sales", "SELECT * FROM sales.t");
    struct slice pairs[] = {SLICE("meta"), SLICE("zz"), SLICE("meta"), SLICE("date")};
    const struct slices databases = {pairs, 4};

    (void)state;
    n.databases = &databases;
    assert_slice(names_in_sql(&n, SLICE("FROM dw_sales.t, zz.u, date.x WHERE zz.a = date.a")),
                 "FROM sales.t, `?`.u, `?`.x WHERE `?`.a = `?`.a");
    assert_slice(names_in_sql(&n, SLICE("SELECT date.a FROM dw_sales.date")),
                 "SELECT date.a FROM sales.date");
}

static void comments_are_their_owners_words(void **state)
{
    struct names n = names_of("ana", "sales", "SELECT * FROM sales.t");

    (void)state;
    assert_slice(names_in_sql(&n, SLICE("`a` int COMMENT 'of dw_hr.p', b COMMENT \"it's "
                                        "\\\"dw_hr.p\") COMMENT='dw_hr.p' x 'dw_hr.p'")),
                 "`a` int COMMENT 'of dw_hr.p', b COMMENT \"it's "
                 "\\\"dw_hr.p\") COMMENT='dw_hr.p' x '?.p'");
    assert_slice(names_in_sql(&n, SLICE("`comment` 'dw_hr.p', COMMENT 'dw_hr.p")),
                 "`comment` '?.p', COMMENT '?.p");
    assert_slice(names_in_comment(&n, SLICE("of dw_hr.p")), "of dw_hr.p");
    assert_slice(names_in_comment(&n, SLICE("View 'dw_sales.v' references")),
                 "View 'sales.v' references");
}

static void who_has_defined_it_is_the_user_or_nobody(void **state)
{
    struct names n = names_of("ana", "sales", "SELECT * FROM sales.t");

    (void)state;
    assert_slice(names_in_sql(&n, SLICE("CREATE DEFINER=`sales_rw`@`127.0.0.1` SQL SECURITY "
                                        "DEFINER VIEW `v` AS select 1")),
                 "CREATE DEFINER=`ana`@`%` SQL SECURITY DEFINER VIEW `v` AS select 1");
    assert_slice(
        names_in_sql(&n, SLICE("DEFINER=root@localhost DEFINER=`dba` DEFINER=CURRENT_USER")),
        "DEFINER=`?`@`%` DEFINER=`?` DEFINER=CURRENT_USER");
    assert_slice(names_in_sql(&n, SLICE("DEFINER=`root`@`local")), "DEFINER=`?`@`%`@`local");
}

static void what_the_client_has_typed_as_a_table_or_a_column_stays(void **state)
{
    struct names n = names_of("ana", "sales", "SELECT * FROM sales.t");
    static const char *const texts[][2] = {
        {"Table 'ods' already exists", "Table 'ods' already exists"},
        {"Duplicate column name 'ods'", "Duplicate column name 'ods'"},
        {"Unknown column 'ods.nosuch' in 'SELECT'", "Unknown column 'ods.nosuch' in 'SELECT'"},
        {"Column '`ods`.`nosuch`' cannot be resolved",
         "Column '`ods`.`nosuch`' cannot be resolved"},
        {"Not unique table/alias: 'ods'", "Not unique table/alias: 'ods'"},
        {"Unknown column 'ods.ods.nosuch'", "Unknown column 'lake.ods.ods.nosuch'"},
        {"Table 'ods.ods' doesn't exist", "Table 'lake.ods.ods' doesn't exist"},
        {"Unknown database 'ods'", "Unknown database 'lake.ods'"},
        {"database name 'ods', db: ods, in ods",
         "database name 'lake.ods', db: lake.ods, in lake.ods"},
        {"Table 'dwd' already exists", "Table 'lake.dwd' already exists"}, /* nobody has typed it */
        {"Unknown column 'dw_hr'", "Unknown column '?'"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_slice(names_in_message(&n, slice_of(texts[i][0]), SLICE("CREATE TABLE ods(a INT)")),
                     texts[i][1]);
    assert_slice(names_in_message(&n, SLICE("Unknown column 'dw_hr'"), SLICE("SELECT dw_hr")),
                 "Unknown column 'dw_hr'");
    assert_slice(names_in_text(&n, SLICE("Table 'ods' exists")), "Table 'lake.ods' exists");
}

static void where_only_a_database_can_stand_any_name_is_hidden(void **state)
{
    struct names n = names_of("ana", "sales", "SELECT * FROM sales.t");

    (void)state;
    assert_slice(names_in_text(&n, SLICE("a foreign key constraint fails (`zz`.`c`, CONSTRAINT `x` "
                                         "FOREIGN KEY (`id`) REFERENCES `yy`.`p` (`id`))")),
                 "a foreign key constraint fails (`?`.`c`, CONSTRAINT `x` "
                 "FOREIGN KEY (`id`) REFERENCES `?`.`p` (`id`))");
    assert_slice(names_in_text(&n, SLICE("denied for table `zz`.`t`, column `x`.`a`")),
                 "denied for table `?`.`t`, column `x`.`a`");
}

/* Nothing behind the end of a text is looked at: the sanitizers see it. */
/* The program would not end within the time that it has, if this took the square of it. */
static void long_texts_cost_their_length(void **state)
{
    static const char *const pieces[] = {"a.", "a-", "dw_hr.", "`a`.", "127.0.0.1.", "/*a ", "a/*"};
    enum { SIZE = 128 * 1024 };
    struct names n = names_of("ana", "sales", "SELECT * FROM sales.t");
    char *text = malloc(SIZE);

    (void)state;
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        for (size_t at = 0, size = strlen(pieces[i]); at < SIZE; at++)
            text[at] = pieces[i][at % size];
        assert_true(names_in_message(&n, slice_make(text, SIZE), SLICE("SELECT 1")).size > 0);
        assert_true(names_in_sql(&n, slice_make(text, SIZE)).size > 0);
    }
    free(text);
}

static void texts_may_end_anywhere(void **state)
{
    struct names n = names_of("ana", "sales", "SELECT * FROM sales.t");
    const struct slice whole =
        SLICE("DEFINER=`a`@`b` COMMENT='x\\'' FROM `zz` . `t`.`a`, ods.b x.'\\`dw_hr`.`x' table "
              "'dw_hr.x' column `ods`.`x`, fails (`a`.`b`, View 'dw_s...'");

    (void)state;
    n.asked = SLICE("ods");
    for (size_t size = 0; size <= whole.size; size++) {
        for (size_t from = 0; from < size; from += 7) {
            char *text = malloc(size - from);
            assert_non_null(text);
            memcpy(text, whole.data + from, size - from);
            struct slice cut = slice_make(text, size - from);
            (void)names_in_sql(&n, cut);
            (void)names_in_source(&n, cut);
            (void)names_in_text(&n, cut);
            free(text);
        }
    }
}

static void what_a_source_is_given_is_not_shown(void **state)
{
    struct names n = names_of("ana", "sales", "SELECT * FROM sales.t");

    (void)state;
    assert_slice(
        names_in_source(
            &n, SLICE("CREATE ROUTINE LOAD dw_sales.j ON t COLUMNS (a = 'from x', b)\n"
                      "PROPERTIES (\"format\"=\"json\") FROM KAFKA (\"kafka_topic\" = "
                      "\"a\\\"b\", 'property.sasl.password'='it''s', \"x\" = \"unfinished")),
        "CREATE ROUTINE LOAD sales.j ON t COLUMNS (a = 'from x', b)\n"
        "PROPERTIES (\"format\"=\"json\") FROM KAFKA (\"kafka_topic\" = \"***\", "
        "'property.sasl.password'=\"***\"\"***\", \"x\" = \"***\"");
    assert_slice(names_in_source(&n, SLICE("SELECT 1")), "SELECT 1");
}

static void places_move_back_to_the_clients_text(void **state)
{
    const char *asked = "SELECT '中', max(sales.t.a)\nFROM ${sales}.t x JOIN t WHERE a";
    struct names n = names_of("ana", "sales", asked);

    (void)state;
    for (size_t at = 0; at < n.plan->text.size; at++) { /* every place of what was sent */
        struct slice head = slice_head(n.plan->text, at);
        const char *mark = memmem(n.plan->text.data, n.plan->text.size, "WHERE", 5);
        if (head.data + head.size != mark)
            continue;
        unsigned line = 1, column = 0;
        for (size_t i = 0; i < at; i++) {
            column =
                head.data[i] == '\n' ? 0 : column + (((unsigned char)head.data[i] & 0xc0) != 0x80);
            line += head.data[i] == '\n';
        }
        struct slice message =
            arena_print(&arena, "wrong at line %u, column %u. See", line, column);
        (void)assert_refused;
        assert_slice(names_in_message(&n, message, slice_of(asked)),
                     "wrong at line 2, column 25. See");
    }
    assert_slice(names_in_message(&n, SLICE("line 9, column 99999999999"), slice_of(asked)),
                 "line 2, column 32");
    assert_slice(names_in_message(&n, SLICE("line , column x line 1"), slice_of(asked)),
                 "line , column x line 1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_words_are_databases_accounts_and_hosts),
        cmocka_unit_test(the_beginning_of_a_name_is_hidden_where_a_server_cuts_its_words_off),
        cmocka_unit_test(what_the_cluster_told_is_hidden_where_it_stands_as_a_name),
        cmocka_unit_test(names_of_the_statement_come_first),
        cmocka_unit_test(in_sql_qualifiers_change_and_nothing_else),
        cmocka_unit_test(in_sql_a_name_is_a_database_by_its_place),
        cmocka_unit_test(in_sql_what_the_cluster_told_is_hidden_unless_it_stands_alone),
        cmocka_unit_test(comments_are_their_owners_words),
        cmocka_unit_test(who_has_defined_it_is_the_user_or_nobody),
        cmocka_unit_test(what_the_client_has_typed_as_a_table_or_a_column_stays),
        cmocka_unit_test(where_only_a_database_can_stand_any_name_is_hidden),
        cmocka_unit_test(long_texts_cost_their_length),
        cmocka_unit_test(texts_may_end_anywhere),
        cmocka_unit_test(what_a_source_is_given_is_not_shown),
        cmocka_unit_test(places_move_back_to_the_clients_text),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
