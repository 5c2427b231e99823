"""What frontends say comes in project names: SHOW, EXPLAIN, errors, column definitions."""

import re

import pymysql
import pytest
from pymysql.constants import CLIENT

import harness
import world
from harness import rows
from test_information import DATABASES, config, fe  # noqa: F401

PHYSICAL = [name for name in DATABASES if name != "mart"] + ["127.0.0.1"]


def error(g, sql, user="ana", database="sales"):
    with pytest.raises(pymysql.MySQLError) as caught:
        g.query(sql, user, database)
    return caught.value.args


def described(g, sql, **options):
    with g.connect("ana", "sales", **options) as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        return [d[0] for d in cursor.description], cursor.fetchall()


def test_show_tables_is_headed_by_the_project_and_limited_by_roles(gateway, fe):
    g = gateway()
    assert described(g, "SHOW TABLES") == (["Tables_in_sales"], (("numbers",), ("t",), ("v",)))
    assert described(g, "SHOW FULL TABLES FROM sales_dev LIKE 't%'") == (["Tables_in_sales_dev", "Table_type"],
                                                                        (("t", "BASE TABLE"),))
    assert g.query("SHOW TABLES FROM sales", "bo") == (("numbers",),)
    assert [r[0] for r in g.query("SHOW TABLE STATUS FROM sales", "bo")] == ["numbers"]
    names = {n for (n,) in g.query("SHOW TABLES FROM information_schema")}
    assert "tables" in names and "be_configs" not in names


def test_show_create_speaks_of_projects_and_hides_others(gateway, fe):
    ((name, text, *_),) = gateway().query("SHOW CREATE VIEW sales.v")
    assert name == "v" and "`sales`.`t`" in text and "`?`.`t`" in text
    assert not any(p in text for p in PHYSICAL)


def test_errors_name_no_database_no_account_no_host(gateway, fe):
    g = gateway()
    number, text = error(g, "SELECT * FROM sales.nosuch")
    assert number == 5502 and "sales.nosuch" in text
    fe.fault("error", match="numbers", times=1, errno=1064, sqlstate="HY000",
             message="Access denied for user 'dw_sales'@'127.0.0.1' on `dw_sales`.`numbers`, dw_secret.t and dw_sales_devil")
    assert error(g, "SELECT * FROM numbers") == (
        1064, "Access denied for user 'ana'@'?' on `sales`.`numbers`, ?.t and dw_sales_devil")


@pytest.mark.parametrize("sql", [
    "SELECT id FROM sales.t WHERE id = 1",
    "SELECT id,\n '中文' FROM sales.t x\n  JOIN ${sales}.numbers USING (id) WHERE 1 = 1",
    "SELECT max(sales.t.id) FROM sales.t WHERE id > 0",
    "SELECT 1 FROM information_schema.tables WHERE table_schema = 'sales'",
])
def test_positions_point_into_the_clients_text(gateway, fe, sql):
    """Wherever a frontend finds something wrong, such as the WHERE."""
    g = gateway()
    fe.clear()
    g.query(sql, database="sales")
    (sent,) = [t for t in fe.texts() if "SELECT id" in t or "SELECT max" in t or "SELECT 1" in t]

    def place(text):
        lines = text[:text.rindex("WHERE")].split("\n")
        return f"line {len(lines)}, column {len(lines[-1])}"

    assert sent != sql
    fe.fault("error", match="SELECT", times=1, errno=1064, sqlstate="HY000",
             message=f"Getting analyzing error from {place(sent)} to {place(sent)}. Detail message: no.")
    assert error(g, sql)[1] == f"Getting analyzing error from {place(sql)} to {place(sql)}. Detail message: no."


def test_a_plan_speaks_of_projects(gateway, fe):
    text = "\n".join(r[0] for r in gateway().query("EXPLAIN SELECT * FROM sales.t JOIN sales.numbers x USING (id)"))
    assert text and not any(p in text for p in PHYSICAL)


def test_rights_and_what_there_is_none_of(gateway, fe):
    g = gateway()
    assert g.query("SHOW GRANTS", "bo") == (
        ("'bo'@'%'", None, "GRANT 'public' TO 'bo'@'%'"),
        ("'bo'@'%'", "default_catalog", "GRANT SELECT ON TABLE sales.num* TO USER 'bo'@'%'"))
    assert ("'ana'@'%'", "default_catalog",
            "GRANT SELECT, INSERT, UPDATE, DELETE, ALTER, DROP ON ALL TABLES IN DATABASE sales TO USER 'ana'@'%'"
            ) in g.query("SHOW GRANTS FOR ana")
    assert g.query("SHOW USER") == (("'ana'@'%'",),)
    assert described(g, "SHOW CREATE DATABASE sales_dev") == (
        ["Database", "Create Database"], (("sales_dev", "CREATE DATABASE `sales_dev`"),))
    for what in ("EVENTS", "TRIGGERS LIKE 't'", "PROCEDURE STATUS", "OPEN TABLES", "PLUGINS"):
        assert g.query(f"SHOW {what}") == ()


def test_the_rights_of_columns_are_the_users(gateway, fe):
    """A frontend leaves them empty; Adminer shows no row of a table on which nobody may do anything."""
    g = gateway()
    for table, expected in (("sales.t", "select,insert,update"), ("dim.t", "select")):
        names, rights = described(g, f"SHOW FULL COLUMNS FROM {table} LIKE 'id'")
        assert rights[0][names.index("Privileges")] == expected


def test_projects_data_sources_and_members(gateway, fe):
    g = gateway()
    assert g.query("SHOW PROJECTS") == (("dim", "shared", "viewer", "", ""), ("sales", "prod, dev", "owner", "", ""))
    assert g.query("SHOW PROJECTS LIKE 'd%'") == (("dim", "shared", "viewer", "", ""),)
    assert g.query("SHOW DATA SOURCES") == (("mart", "orders", "shared", "viewer", "", "", ""),)
    assert g.query("SHOW MEMBERS FROM sales;", "bo") == (("sales", "ana", "owner"), ("sales", "bo", "some"))


def test_who_and_where_one_is(gateway, fe):
    names, ((user, current, catalog, role, query),) = described(
        gateway(), "SELECT USER(), current_user(), CATALOG(), current_role(), last_query_id()")
    assert names == ["USER()", "CURRENT_USER()", "CATALOG()", "CURRENT_ROLE()", "last_query_id()"]
    assert (user, current, catalog, role, query) == ("'ana'@'127.0.0.1'", "'ana'@'%'", "default_catalog", "owner", None)


def test_definitions_of_a_mariadb_name_projects(gateway, backend):
    with gateway(world.config(backend.port)).login("ana", "sales") as client:
        for sql in ("SELECT id AS i FROM t", "SELECT x.id FROM sales_dev.t x JOIN crm.t USING (id)",
                    "SHOW TABLES", "SELECT 1 FROM information_schema.tables"):
            wired, take = [], type(client).take
            client.take = lambda size: wired.append(take(client, size)) or wired[-1]
            client.query(sql)
            wired = b"".join(wired)
            assert not re.search(rb"dw_(sales|crm)", wired), (sql, wired)
    with gateway(world.config(backend.port)).connect("ana", "sales") as connection:
        assert rows(connection, "SHOW TABLES FROM sales_dev LIKE 't'")


def test_a_long_cell_and_many_rows_pass(gateway, backend, config):
    g = gateway(world.config(backend.port))
    for i in range(300):
        backend.sql(f"CREATE TABLE IF NOT EXISTS dw_dim.many_{i:03} (id INT)")
    try:
        with g.connect("ana", "sales") as connection:
            assert len(rows(connection, "SHOW TABLES FROM dim LIKE 'many%'")) == 300
            assert rows(connection, "SELECT COUNT(*) FROM t") == ((3,),)
    finally:
        backend.sql(*[f"DROP TABLE dw_dim.many_{i:03}" for i in range(300)])


@pytest.mark.parametrize("sql, expected", [
    ("SHOW TABLES WHERE Tables_in_sales = 't'", (("t",),)),
    ("SHOW TABLES FROM sales_dev WHERE `Tables_in_sales_dev` LIKE 'num%' AND tables_in_sales_dev = 'numbers'", (("numbers",),)),
    ("SHOW TABLES FROM `orders` WHERE /* the header */ Tables_in_orders = 't'", (("t",),)),
    ("SHOW FULL TABLES FROM sales WHERE Table_type = 'BASE TABLE' AND Tables_in_sales = 't'", (("t", "BASE TABLE"),)),
])
def test_where_of_show_tables_takes_the_header_that_the_client_sees(gateway, fe, sql, expected):
    assert gateway().query(sql, database="sales") == expected


@pytest.mark.parametrize("sql", [
    "SHOW TABLES WHERE Tables_in_dw_sales = 't'",
    "SHOW TABLES FROM sales WHERE Tables_in_sales_dev = 't'",
    "SHOW TABLES WHERE Tables_in_dw_secret LIKE '%'",
    "SHOW TABLES WHERE `Tables_in_secret` = 't' OR 1 = 1",
])
def test_another_header_is_not_there_whether_or_not_a_database_is_called_so(gateway, fe, sql):
    number, text = error(gateway(), sql)
    assert number == 1064 and "cannot be resolved" in text


@pytest.mark.parametrize("sql, expected", [
    ("`Database` = 'sales'", {"sales"}),
    ("`Database` LIKE 'sales%' AND `Database` <> 'sales'", {"sales_dev"}),
    ("`Database` NOT IN ('information_schema', 'mysql', 'sales', 'sales_dev')", {"dim", "orders"}),
    ("`Database` = 'dw_sales' OR `Database` = 'secret'", set()),
    ("`Database` = 'SALES'", set()),
])
def test_where_of_show_databases(gateway, fe, sql, expected):
    assert {n for (n,) in gateway().query("SHOW DATABASES WHERE " + sql)} == expected


@pytest.mark.parametrize("sql", ["SHOW DATABASES WHERE LENGTH(`Database`) > 3", "SHOW DATABASES WHERE nosuch = 'x'",
                                 "SHOW DATABASES WHERE `Database` = (SELECT 'sales')"])
def test_a_condition_that_cannot_be_judged_here_is_refused(gateway, fe, sql):
    assert "WHERE compares" in error(gateway(), sql)[1]


@pytest.mark.parametrize("sql, forwarded", [
    ("SHOW MATERIALIZED VIEWS WHERE database_name = 'sales' AND name LIKE 'm%'", "database_name = 'dw_sales' AND name LIKE 'm%'"),
    ("SHOW ANALYZE STATUS WHERE `Database` = 'secret'", "`Database` = ''"),
    ("SHOW ANALYZE STATUS WHERE `Database` LIKE 'dw%'", None),
    ("SHOW MATERIALIZED VIEWS WHERE `text` LIKE '%dw_secret%'", None),
    ("SHOW MATERIALIZED VIEWS FROM sales WHERE creator = 'dw_sales'", None),
    ("SHOW FUNCTIONS FROM sales WHERE Signature LIKE '%dw%'", None),
    ("SHOW TABLE STATUS WHERE Comment LIKE '%dw_%'", None),
])
def test_conditions_cannot_try_names_of_the_cluster(gateway, fe, sql, forwarded):
    g = gateway()
    fe.clear()
    if forwarded is None:
        assert "WHERE takes no condition" in error(g, sql)[1]
    else:
        try:
            g.query(sql, database="sales")
        except pymysql.MySQLError:
            pass
        assert any(forwarded in t for t in fe.texts())


def results(g, sql):
    """Of a text of several statements: rows; None for an OK; an error ends them."""
    with g.connect("ana", "sales", client_flag=CLIENT.MULTI_STATEMENTS) as connection, connection.cursor() as cursor:
        found = []
        try:
            cursor.execute(sql)
            while True:
                found.append(tuple(cursor) if cursor.description else None)
                if not cursor.nextset():
                    return found
        except pymysql.MySQLError as e:
            return found + [e.args[0]]
        finally:
            cursor.close()
            assert rows(connection, "SELECT 1, 2") == ((1, 2),)  # what was sent back was read to its end


TABLES = (("numbers",),)
LONG = "x" * 200_000  # more than what is held of a packet


@pytest.mark.parametrize("sql, expected", [
    ("SELECT 1; SHOW", [((1,),), TABLES]),
    ("SHOW; SELECT 1", [TABLES, ((1,),)]),
    ("SELECT 1, NULL; SHOW TABLES LIKE 't'; SELECT 'a', 'b', 'c'; SHOW; SELECT 2;",
     [((1, None),), (("t",),), (("a", "b", "c"),), TABLES, ((2,),)]),
    ("SHOW TABLES LIKE 't'; SELECT id FROM t WHERE id < 0; SELECT 3", [(("t",),), (), ((3,),)]),
    ("SHOW; SELECT * FROM t WHERE nosuch = 1; SHOW", [TABLES, 1064]),
    ("SELECT 1; SELECT * FROM t WHERE nosuch = 1; SHOW", [((1,),), 1064]),
    ("SHOW; SELECT 1, 'LONG' AS l; SHOW", [TABLES, ((1, LONG),), TABLES]),
])
def test_queries_beside_a_show_pass_as_they_are(gateway, fe, backend, sql, expected):
    """From a frontend and from a MariaDB, whose errors have numbers of their own."""
    sql = re.sub("SHOW(?! TABLES)", "SHOW TABLES LIKE 'n%s'", sql).replace("LONG", LONG)
    assert results(gateway(), sql) == expected
    assert results(gateway(world.config(backend.port)), sql) == [1054 if rows == 1064 else rows for rows in expected]


def test_columns_of_a_table_beside_its_rows(gateway, fe, backend):
    for g in (gateway(), gateway(world.config(backend.port))):
        _, shown, told, read = results(g, "SELECT id FROM t; SHOW COLUMNS FROM t; DESC t; SELECT id, side FROM t LIMIT 0")
        assert [r[0] for r in shown] == [r[0] for r in told] == ["id", "side"] and read == ()


def test_empty_statements_are_answered_and_shift_nothing(gateway, fe):
    assert results(gateway(), "SELECT 1;; SHOW TABLES LIKE 'n%';;; SELECT 2, 3; SHOW TABLES LIKE 'n%'") == [
        ((1,),), None, TABLES, None, None, ((2, 3),), TABLES]
