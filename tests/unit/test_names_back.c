/* Physical names on their way back: texts, SQL, places of errors, rows. */
#include "plan_case.h"

#include "base/reader.h"
#include "base/writer.h"
#include "protocol/mysql/mysql.h"
#include "proxy/virtual/reply.h"

static struct names names_of(const char *user, const char *database, const char *sql)
{
    struct plan_context *here = arena_alloc(&arena, sizeof *here);
    struct plan *plan = arena_alloc(&arena, sizeof *plan);

    *here = session_of(user, database);
    *plan = made(here, sql);
    return (struct names){.config = config, .user = here->user, .plan = plan, .arena = &arena};
}

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

/* ---- rows ---- */

static struct slice definition(const char *name)
{
    static unsigned char bytes[2][256];
    static unsigned which;
    struct writer w = writer_over(bytes[which ^= 1], sizeof bytes[0]);
    const char *const texts[] = {"def", "", "", "", name, name};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        put_lenenc_bytes(&w, slice_of(texts[i]));
    put_uint(&w, 12, 1);
    put_fill(&w, 0, 12);
    return writer_bytes(&w);
}

static struct slice row(const char *const *cells, size_t count)
{
    struct writer w = writer_over(arena_alloc(&arena, 512), 512);

    for (size_t i = 0; i < count; i++)
        if (cells[i])
            put_lenenc_bytes(&w, slice_of(cells[i]));
        else
            put_uint(&w, 0xfb, 1);
    return writer_bytes(&w);
}

enum { CELLS = 4 };

static struct reply reply_of(const struct names *n, const char *const *headers)
{
    struct reply r;
    struct slice to;

    reply_begin(&r, n->plan, 0);
    for (size_t i = 0; i < CELLS; i++)
        assert_true(reply_definition(&r, n, definition(headers[i]), &to));
    return r;
}

static void assert_row(const struct reply *r, const struct names *n, const char *const *given,
                       const char *const *wanted)
{
    struct slice to, expected = wanted ? row(wanted, CELLS) : SLICE("");

    assert_true(reply_row(r, n, row(given, CELLS), &to));
    assert_int_equal(to.size, expected.size);
    if (wanted)
        assert_memory_equal(to.data, expected.data, to.size);
}

static void rows_are_mapped_left_out_or_emptied(void **state)
{
    struct names n = names_of("ana", "sales", "SHOW MATERIALIZED VIEWS");
    const char *const headers[CELLS] = {"database_name", "name", "text", "creator"};
    struct reply r = reply_of(&n, headers);

    (void)state;
    assert_row(&r, &n, (const char *const[]){"dw_sales", "m", "SELECT `dw_hr`.`p`.`x`", "sales_rw"},
               (const char *const[]){"sales", "m", "SELECT `?`.`p`.`x`", ""});
    assert_row(&r, &n, (const char *const[]){"dw_hr", "m", "x", "y"}, NULL);
    assert_row(&r, &n, (const char *const[]){"unbound", "m", "x", "y"}, NULL);
    assert_row(&r, &n, (const char *const[]){"dw_sales", NULL, NULL, NULL},
               (const char *const[]){"sales", NULL, NULL, NULL});
}

static void a_reply_without_the_column_that_tells_whose_rows_are_shows_none(void **state)
{
    struct names n = names_of("ana", "sales", "SHOW ANALYZE STATUS");
    const char *const headers[CELLS] = {"Id", "Base", "Table", "Reason"};
    struct reply r = reply_of(&n, headers);

    (void)state;
    assert_row(&r, &n, (const char *const[]){"1", "dw_sales", "t", ""}, NULL);
}

static void roles_on_some_tables_leave_out_rows_of_others(void **state)
{
    struct names n = names_of("lim", "sales", "SHOW DELETE");
    const char *const headers[CELLS] = {"TableName", "PartitionName", "CreateTime", "State"};
    const char *const seen[CELLS] = {"order_x", "p", "now", "ok"}, *const other[CELLS] = {"salary"};
    struct reply r = reply_of(&n, headers);

    (void)state;
    assert_row(&r, &n, seen, seen);
    assert_row(&r, &n, other, NULL);
}

static void groups_of_others_are_left_out(void **state)
{
    struct names n = names_of("ana", "sales", "SHOW RESOURCE GROUPS");
    const char *const headers[CELLS] = {"name", "id", "cpu_weight", "classifiers"};
    const char *const own[CELLS] = {"rg_etl", "1", "1", "(user=sales_rw)"}, *const other[CELLS] = {
                                                                                "rg_vip"};
    struct reply r = reply_of(&n, headers);

    (void)state;
    assert_row(&r, &n, own, (const char *const[]){"rg_etl", "1", "1", ""});
    assert_row(&r, &n, other, NULL);
}

/* Of a query: the schema of each definition, which mostly is that of the one before. */
static void schemas_of_a_query_are_told_one_by_one(void **state)
{
    struct names n = names_of("ana", "sales", "SELECT a FROM t");
    const struct {
        const char *sent, *told;
    } all[] = {
        {"\3def\10dw_sales\1t", "\3def\5sales\1t"},
        {"\3def\10dw_sales\1u", "\3def\5sales\1u"},
        {"\3def\5dw_hr\1t", "\3def\0\1t"},
        {"\3def\1x\1t", "\3def\1x\1t"},
        {"\3def\10dw_sales\1t", "\3def\5sales\1t"},
        {"\3def\10dw_sales", ""},
        {"\3def\10dw_sale", ""},
        {"\3def\10dw_sales\1v", "\3def\5sales\1v"},
    };
    struct reply r;
    char to[64];

    (void)state;
    reply_begin(&r, n.plan, 0);
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        size_t size = reply_definition_put(&r, &n, slice_of(all[i].sent), to, sizeof(to));
        const char *told = all[i].told;
        size_t wanted = *told ? 4 + 1 + (size_t)told[4] + 2 : 0;
        assert_int_equal(size, wanted);
        if (wanted)
            assert_memory_equal(to, told, wanted);
        assert_int_equal(reply_definition_put(&r, &n, slice_of(all[i].sent), to, wanted / 2), 0);
    }
}

/* As a frontend answers a text of several: empty statements count, too. */
static void each_result_is_looked_at_as_its_statement_asks(void **state)
{
    const struct {
        const char *header;
        bool is_mapped, is_answer;
    } results[] = {{"x", false, true}, {"", false, false},      {"TableName", true, true},
                   {"x", false, true}, {"creator", true, true}, {"x", false, false}};
    struct plan_context here = session_of("lim", "sales");
    struct slice to, sent = SLICE("\6salary"), wide = SLICE("\1a\1b");
    struct reply r;

    (void)state;
    here.multi_statements = true;
    struct plan plan = made(&here, "SELECT 1;; SHOW DELETE; SELECT 2, 3; SHOW MATERIALIZED VIEWS");
    struct names n = {.config = config, .user = here.user, .plan = &plan, .arena = &arena};
    for (uint32_t i = 0; i < sizeof(results) / sizeof(*results); i++) {
        bool is_mapped = results[i].is_mapped, is_answer = results[i].is_answer;

        reply_begin(&r, &plan, i);
        assert_int_equal(reply_looks_at_rows(&r), is_mapped || !is_answer);
        assert_true(reply_definition(&r, &n, definition(results[i].header), &to));
        assert_int_equal(reply_row(&r, &n, sent, &to), is_answer);
        assert_int_equal(to.size, is_mapped ? 0 : sent.size);
        assert_int_equal(reply_row(&r, &n, wide, &to), is_answer && !is_mapped);
    }
}

/* Not of the first that the text names. */
static void rows_are_judged_by_what_their_own_statement_names(void **state)
{
    struct plan_context here = session_of("lim", "sales");
    struct slice to;
    struct reply r;

    (void)state;
    here.multi_statements = true;
    struct plan plan = made(&here, "SHOW TABLES FROM information_schema; SHOW TABLES FROM sales");
    struct names n = {.config = config, .user = here.user, .plan = &plan, .arena = &arena};
    reply_begin(&r, &plan, 1);
    assert_true(reply_definition(&r, &n, definition("Tables_in_dw_sales"), &to));
    assert_true(reply_row(&r, &n, SLICE("\6tables"), &to));
    assert_int_equal(to.size, 0);
    assert_true(reply_row(&r, &n, SLICE("\6salary"), &to));
    assert_int_equal(to.size, 0);
}

static void broken_packets_are_no_rows(void **state)
{
    struct names n = names_of("ana", "sales", "SHOW TABLES");
    struct slice to, whole = definition("Tables_in_dw_sales");
    struct reply r;

    (void)state;
    reply_begin(&r, n.plan, 0);
    for (size_t size = 0; size + 13 < whole.size; size++)
        assert_false(reply_definition(&r, &n, slice_head(whole, size), &to));
    reply_begin(&r, n.plan, 0);
    assert_true(reply_definition(&r, &n, whole, &to));
    assert_non_null(memmem(to.data, to.size, "\x0fTables_in_sales", 16));
    assert_false(reply_row(&r, &n,
                           SLICE("\x05"
                                 "abcd"),
                           &to));
    assert_false(reply_row(&r, &n,
                           SLICE("\x01"
                                 "a\x01"
                                 "b"),
                           &to));
    assert_false(reply_row(&r, &n, SLICE(""), &to));
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
        cmocka_unit_test(texts_may_end_anywhere),
        cmocka_unit_test(what_a_source_is_given_is_not_shown),
        cmocka_unit_test(places_move_back_to_the_clients_text),
        cmocka_unit_test(rows_are_mapped_left_out_or_emptied),
        cmocka_unit_test(a_reply_without_the_column_that_tells_whose_rows_are_shows_none),
        cmocka_unit_test(roles_on_some_tables_leave_out_rows_of_others),
        cmocka_unit_test(groups_of_others_are_left_out),
        cmocka_unit_test(schemas_of_a_query_are_told_one_by_one),
        cmocka_unit_test(each_result_is_looked_at_as_its_statement_asks),
        cmocka_unit_test(rows_are_judged_by_what_their_own_statement_names),
        cmocka_unit_test(broken_packets_are_no_rows),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
