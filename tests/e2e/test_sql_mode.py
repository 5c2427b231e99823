"""sql_mode over a MySQL or MariaDB: with some modes it takes other things for strings than a frontend does."""

import json

import pytest

import frontends
import harness
import wire
import world
from harness import refusal, rows, until

ODD = ["NO_BACKSLASH_ESCAPES", "ANSI_QUOTES", "ansi_quotes", "ANSI", "ORACLE", "STRICT_TRANS_TABLES,NO_BACKSLASH_ESCAPES"]

# What stands in a string for a frontend, and for MariaDB in its usual mode.
ESCAPES = {
    "NO_BACKSLASH_ESCAPES": r"SELECT 'a\', (SELECT MAX(side) FROM dw_secret.t) -- '",
    "ANSI_QUOTES": r'''SELECT "a', (SELECT MAX(side) FROM dw_secret.t), '"''',
}


@pytest.fixture
def config(config):
    return world.readable(config)  # its accounts see more than their projects, as those of a careless administrator


@pytest.mark.parametrize("mode", ODD)
def test_a_mode_that_reads_texts_differently_cannot_be_set(gateway, recorder, mode):
    with gateway().login("ana", "sales") as client:
        client.query("SELECT 1")
        recorder.clear()
        for text in (f"SET sql_mode = '{mode}'", f"SET @@session.sql_mode = CONCAT(@@sql_mode, ',{mode}')",
                     f"SET @m = '{mode}', net_write_timeout = 70, SESSION sql_mode = '{mode}'"):
            with pytest.raises(wire.Refused, match="sql_mode") as e:
                client.query(text)
            assert e.value.errno == 1235
        assert not recorder.queries()
        for sql in ESCAPES.values():
            assert b"dw_secret" not in client.values(sql)[0]
        assert client.values("SELECT @@net_write_timeout FROM numbers LIMIT 1") != [(b"70",)]


@pytest.mark.parametrize("number", [4, 256, 512, 1 << 18, 1 << 20, (1 << 20) + 34])
def test_nor_by_its_number(gateway, recorder, number):
    assert refusal(gateway().query, f"SET sql_mode = {number}", database="sales")[0] == 1235
    assert not [text for text in recorder.queries() if "sql_mode" in text]


def test_other_modes_can(gateway):
    with gateway().connect("ana", "sales") as connection:
        for mode, expected in (("'NO_ZERO_DATE,PIPES_AS_CONCAT'", "PIPES_AS_CONCAT,NO_ZERO_DATE"), ("34", "PIPES_AS_CONCAT,ONLY_FULL_GROUP_BY"),
                               ("''", "")):
            rows(connection, f"SET sql_mode = {mode}")
            assert rows(connection, "SELECT @@sql_mode FROM numbers LIMIT 1") == ((expected,),)


def test_a_mode_that_was_set_for_a_frontend_is_not_taken_along(gateway, config, server):
    """A session on two clusters: what StarRocks takes and has no effect there must not reach the other one."""
    with frontends.started(server) as fe:
        config["clusters"]["fe"] = {"jdbc_url": f"jdbc:mysql://127.0.0.1:{fe.port}/"}
        config["compute_sources"]["far"] = {**frontends.source("dw_sales"), "cluster": "fe"}
        config["projects"]["far"] = {"prod": "far", "members": {"ana": "owner"}}
        with gateway(config).login("ana", "far") as client:
            client.query("SET sql_mode = 'ANSI_QUOTES'")
            assert client.values("SELECT MIN(id) FROM t") == [(b"1",)]
            client.query("USE sales")
            for sql in ("SELECT 1 FROM numbers", ESCAPES["ANSI_QUOTES"], "SET sql_mode = DEFAULT"):
                with pytest.raises(wire.Refused, match="sql_mode"):
                    client.query(sql)
            client.query("USE far")
            client.query("SET sql_mode = DEFAULT")
            client.query("USE sales")
            assert client.values("SELECT COUNT(*) FROM t") == [(b"3",)]


@pytest.fixture
def alone(server, config):
    """(configuration, server): a cluster on a server whose settings may be changed."""
    server.sql("CREATE DATABASE IF NOT EXISTS dw_alone", "CREATE OR REPLACE TABLE dw_alone.t (id INT)",
               "CREATE OR REPLACE USER alone IDENTIFIED BY 'x'", "GRANT ALL ON dw_alone.* TO alone")
    before = server.sql("SELECT @@GLOBAL.sql_mode")[0][0]
    config["settings"]["probe_interval_ms"] = 100
    config["clusters"] = {"main": {"jdbc_url": f"jdbc:mysql://127.0.0.1:{server.port}/"}}
    config["compute_sources"] = {"sales": {"cluster": "main", "database": "dw_alone", "username": "alone", "password": "x",
                                           "pool": {"max_wait_ms": 2000}}}
    config["projects"] = {"sales": {"prod": "sales", "members": {"ana": "owner"}}}
    config.pop("data_sources", None)
    yield config, server
    server.sql(f"SET GLOBAL sql_mode = '{before}'")


@pytest.mark.parametrize("mode", ["ANSI_QUOTES", "NO_BACKSLASH_ESCAPES"])
def test_a_server_that_begins_with_such_a_mode_gets_no_statement(gateway, alone, mode):
    config, server = alone
    server.sql(f"SET GLOBAL sql_mode = '{mode}'")
    g = gateway(config)
    assert refusal(g.query, ESCAPES[mode], database="sales")[0] == 2003
    assert until(lambda: "its sql_mode makes it read texts differently" in g.log())
    server.sql("SET GLOBAL sql_mode = ''")
    assert until(lambda: not refused(g))


@pytest.mark.parametrize("cells", [[], [b""], [b"", None], [b"", b"", b""], [b"ANSI_QUOTES", b""], [b"", b"x" * 70000]])
def test_nor_one_that_does_not_tell_it(gateway, config, fake, cells):
    def handle(c, command, argument):
        if b"CATALOG" in argument:
            c.error(1305, "FUNCTION CATALOG does not exist", "42000")
        elif b"sql_mode" in argument and cells:
            c.result([str(i) for i in range(len(cells))], [cells])
        else:
            c.ok()
        return True

    server = fake(handle)
    config["clusters"]["main"]["jdbc_url"] = f"jdbc:mysql://127.0.0.1:{server.port}/"
    config["data_sources"] = {}
    g = gateway(config)
    assert refusal(g.query, "SELECT 4711", database="sales")[0] == 2003
    assert not [text for text in server.queries() if b"4711" in text]


def test_nor_one_that_is_changed_meanwhile(gateway, alone):
    config, server = alone
    g = gateway(config)
    assert g.query("SELECT COUNT(*) FROM t", database="sales") == ((0,),)
    server.sql("SET GLOBAL sql_mode = 'ANSI_QUOTES'")
    assert until(lambda: refused(g)), json.dumps(config["clusters"])
    assert "SET GLOBAL sql_mode without" in g.log()


def refused(g):
    try:
        g.query("SELECT COUNT(*) FROM t", database="sales")
    except harness.pymysql.err.MySQLError as e:
        return e.args[0] == 2003
    return False
