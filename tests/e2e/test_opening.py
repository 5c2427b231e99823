"""What drivers and pools ask when they connect is answered without a frontend, as a frontend would."""

import pymysql
import pytest

import frontends
import harness
import wire
import world
from harness import rows, until

JDBC = ("/* mysql-connector-j-8.4.0 (Revision: 1c3f5c149e0bfe31c7fbeb24e2d260cd890972c4) */SELECT "
        "@@session.auto_increment_increment AS auto_increment_increment, @@character_set_client AS character_set_client, "
        "@@lower_case_table_names AS lower_case_table_names, @@max_allowed_packet AS max_allowed_packet, "
        "@@performance_schema AS performance_schema, @@sql_mode AS sql_mode, @@system_time_zone AS system_time_zone, "
        "@@time_zone AS time_zone, @@transaction_isolation AS transaction_isolation, @@wait_timeout AS wait_timeout")
SHOWN = ("SHOW VARIABLES WHERE Variable_name ='language' OR Variable_name = 'net_write_timeout' OR Variable_name = 'wait_timeout'"
         " OR Variable_name = 'character_set_client' OR Variable_name = 'sql_mode' OR Variable_name = 'init_connect'")
ASKED = [
    JDBC, SHOWN, "SELECT 1", "select 1", "/* ping */ SELECT 1;", "SELECT 1 FROM DUAL", "SELECT 'x'", "SELECT NULL, TRUE, -5, 300, 70000",
    "SELECT 5000000000 AS big, 1 one, 2 'two', 3 `three`", "select @@version_comment limit 1", "SELECT @@session.tx_isolation",
    "SELECT @@local.tx_read_only, @@global.time_zone", "SELECT @@Version, @@SQL_AUTO_IS_NULL", "SELECT VERSION()",
    "SELECT @@max_allowed_packet,@@wait_timeout", "SELECT @@query_timeout LIMIT 0", "SELECT @@autocommit, @@session.autocommit",
    "SHOW VARIABLES LIKE 'lower_case_%'", "SHOW SESSION VARIABLES LIKE 'sql_mode'", "SHOW GLOBAL VARIABLES LIKE 'version%'",
    "SHOW VARIABLES LIKE 'nosuch'", "SHOW VARIABLES WHERE Variable_name IN ('sql_mode', 'tx_isolation', 'nosuch')",
    "SHOW VARIABLES LIKE 'autocommit'",
]
FRONTENDS = ["SELECT @@nosuch", "SELECT 1 + 1", "SELECT @@version, 1 WHERE 1 = 0", "SELECT /*+ SET_VAR(query_timeout = 5) */ 1",
             "SHOW VARIABLES", "SELECT @x", "(SELECT 1)", "SELECT DISTINCT 1", "SELECT 1 UNION ALL SELECT 2", "SELECT NOW()"]


@pytest.fixture(scope="module")
def fe(server):
    with frontends.started(server) as emulator:
        yield emulator


@pytest.fixture
def config(fe):
    return frontends.configured(fe.port, max_connections=2)


@pytest.fixture
def g(gateway, config, fe):
    started = gateway(config)
    assert until(lambda: not reach(started, fe, "SELECT 1"))  # it knows what the frontends give
    return started


def reach(g, fe, *statements, **options):
    """Those of the statements that reached a frontend."""
    with g.connect("ana", "sales", password="ana's", **options) as connection:
        fe.clear()
        for sql in statements:
            try:
                rows(connection, sql)
            except pymysql.MySQLError:
                pass
        return [sql for sql in statements if sql in fe.texts()]


def told(client, sql):
    """Rows and definitions, as bytes."""
    return client.query(sql), client.columns


@pytest.mark.parametrize("sql", ASKED)
def test_the_answer_is_a_frontends_and_comes_without_one(g, fe, sql):
    assert not reach(g, fe, sql)
    with wire.Client("127.0.0.1", fe.ports[1]) as there, g.wire() as here:
        there.login("dw_sales", "x", "dw_sales")
        here.login("ana", "ana's", "sales")
        assert told(here, sql) == told(there, sql)


@pytest.mark.parametrize("sql", FRONTENDS)
def test_what_is_not_known_here_goes_to_a_frontend(g, fe, sql):
    assert reach(g, fe, sql)


def test_functions_tell_the_gateways_terms_with_a_frontends_labels(g, fe):
    asked = "SELECT DATABASE(), schema() AS s, USER(), current_user(), CATALOG(), CONNECTION_ID()"
    assert not reach(g, fe, asked)
    with g.connect("ana", "sales_dev", password="ana's") as connection, connection.cursor() as cursor:
        cursor.execute(asked)
        assert [d[0] for d in cursor.description] == [
            "DATABASE()", "s", "USER()", "CURRENT_USER()", "CATALOG()", "CONNECTION_ID()"]
        assert cursor.fetchall() == (("sales_dev", "sales_dev", "'ana'@'127.0.0.1'", "'ana'@'%'", "default_catalog",
                                      connection.thread_id()),)
        bare = "SELECT current_user, CURRENT_ROLE AS r, Current_Group"
        assert not reach(g, fe, bare)
        cursor.execute(bare)
        assert [d[0] for d in cursor.description] == ["CURRENT_USER()", "r", "CURRENT_GROUP()"]
        assert cursor.fetchall() == (("'ana'@'%'", "owner", "NONE"),)
        cursor.execute("SELECT DATABASE() AS d, 5 AS n, 'x' AS x LIMIT 1")
        assert cursor.fetchall() == (("sales_dev", 5, "x"),)
    assert g.query("SELECT DATABASE()", "ana", password="ana's") == ((None,),)


@pytest.mark.parametrize("sets, sql, expected", [
    ("SET query_timeout = 7, sql_auto_is_null = ON", "SELECT @@query_timeout, @@sql_auto_is_null, @@global.query_timeout", (7, 1, 300)),
    ("SET query_timeout = '8'", "SHOW VARIABLES LIKE 'query_timeout'", ("query_timeout", "8")),
    ("SET sql_auto_is_null = 1", "SHOW VARIABLES LIKE 'sql_auto_is_null'", ("SQL_AUTO_IS_NULL", "true")),
    ("SET sql_auto_is_null = 1", "SHOW GLOBAL VARIABLES LIKE 'sql_auto_is_null'", ("SQL_AUTO_IS_NULL", "false")),
    ("SET autocommit = 0", "SELECT @@autocommit, @@global.autocommit", (0, 1)),
    ("SET autocommit = 0", "SHOW VARIABLES LIKE 'autocommit'", ("autocommit", "false")),
    ("SET starbind_priority = 'high'", "SELECT @@starbind_priority", ("high",)),
    ("SET query_timeout = DEFAULT", "SELECT @@query_timeout AS t", (300,)),
    ("SET tx_read_only = 1", "SELECT @@transaction_read_only, @@session.tx_read_only", (1, 1)),
    ("SET NAMES utf8mb4", "SELECT @@character_set_client", ("utf8",)),
    ("SET session_track_schema= ON", "SELECT @@session_track_schema, @@lc_messages", (0, "en_US")),
    ("SET session_track_system_variables='autocommit,transaction_isolation'", "SELECT 1", (1,)),
    ("SET lc_messages = 'en_US'", "SELECT 1", (1,)),
])
def test_what_the_session_has_set_is_told(g, fe, sets, sql, expected):
    assert sql not in reach(g, fe, sets, sql)
    with g.connect("ana", "sales", password="ana's") as connection:
        rows(connection, sets)
        assert rows(connection, sql) == (expected,)


@pytest.mark.parametrize("sets, sql", [
    ("SET sql_mode = 'ansi'", "SELECT @@sql_mode"),
    ("SET sql_mode = 'ansi'", "SHOW VARIABLES LIKE 'sql_mode'"),
    ("SET time_zone = 'Asia/Shanghai'", "SELECT @@time_zone"),
    ("SET query_timeout = 1 + 1", "SELECT @@query_timeout"),
    ("SET pipeline_dop = 3", "SHOW VARIABLES LIKE 'pipeline_dop'"),
])
def test_what_only_a_frontend_can_tell_is_asked_for(g, fe, sets, sql):
    assert reach(g, fe, sets, sql)[-1] == sql


def test_statements_of_one_packet_are_answered_in_order(g, fe):
    options = {"client_flag": pymysql.constants.CLIENT.MULTI_STATEMENTS}
    asked = "SET autocommit = 0; SELECT @@autocommit; USE sales_dev; SELECT DATABASE(), 1"
    assert not reach(g, fe, asked, **options)
    with g.connect("ana", "sales", password="ana's", **options) as connection, connection.cursor() as cursor:
        cursor.execute(asked)
        results = []
        while True:
            results.append(cursor.fetchall())
            if not cursor.nextset():
                break
        assert results == [(), ((0,),), (), (("sales_dev", 1),)]
        mixed = "SELECT 1; SELECT COUNT(*) FROM t"
        assert rows(connection, mixed) == ((1,),)


def test_named_statements_may_be_of_what_is_answered_here(g, fe):
    with g.connect("ana", "sales", password="ana's") as connection:
        rows(connection, "PREPARE q FROM 'SELECT 7'")
        assert rows(connection, "EXECUTE q") == ((7,),)


def test_set_global_is_learnt_again_by_a_new_gateway(gateway, config, fe):
    fe.sql("SET GLOBAL net_write_timeout = 61")
    try:
        g = gateway(config)
        assert until(lambda: not reach(g, fe, "SELECT @@net_write_timeout"))
        assert g.query("SELECT @@net_write_timeout", "ana", password="ana's") == ((61,),)
    finally:
        fe.sql("SET GLOBAL net_write_timeout = 60")


def test_a_server_that_is_no_starrocks_is_asked_itself(gateway, backend, recorder):
    gateway(world.config(backend.port)).query("SELECT 1", "ana")
    assert "SELECT 1" in recorder.queries()


def test_a_server_that_is_no_starrocks_is_spared_what_it_lacks_or_would_betray(gateway, backend, recorder):
    """Connector/J asks a server that calls itself 8.0 for a variable that MariaDB 10.11 knows by its old name only."""
    g = gateway(world.config(backend.port))

    def knows():
        try:
            return g.query("SELECT @@transaction_isolation") == (("REPEATABLE-READ",),)
        except pymysql.MySQLError:
            return False

    assert until(knows)
    recorder.clear()
    assert len(g.query(JDBC)[0]) == 10
    assert g.query("SELECT @@max_allowed_packet, @@socket, @@hostname")[0][1:] == ("", "starbind")
    assert recorder.queries() == []


@pytest.mark.parametrize("condition, kept", [
    ("`Variable_name` = 'wait_timeout'", 1), ("Variable_name = 'WAIT_TIMEOUT'", 0), ("Variable_name LIKE 'wait\\_%'", 1),
    ("Variable_name <> 'wait_timeout' AND Variable_name LIKE 'wait%'", 0), ("Value IS NULL", 0),
    ("NOT Variable_name NOT IN ('wait_timeout', 'x')", 1), ("(Variable_name = 'wait_timeout' OR 'a' = 'b') AND Value = '28800'", 1),
    ("Variable_name != 'wait_timeout' AND Variable_name <=> 'wait_timeout'", 0),
])
def test_conditions_of_show_variables(g, fe, condition, kept):
    sql = "SHOW VARIABLES WHERE " + condition
    assert not reach(g, fe, sql)
    assert len(g.query(sql, "ana", "sales", password="ana's")) == kept


@pytest.mark.parametrize("condition", ["LENGTH(Variable_name) = 3", "Variable_name REGEXP 'x'", "nosuch = 'x'", "1"])
def test_conditions_that_are_not_understood_are_a_frontends(g, fe, condition):
    assert reach(g, fe, "SHOW VARIABLES WHERE " + condition)
