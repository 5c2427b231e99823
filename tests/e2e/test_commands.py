"""Commands other than a query, statements that the gateway answers, and those that it forwards."""

import struct

import pytest

import wire
from harness import refusal, rows, until

KNOWN = {wire.QUIT, wire.INIT_DB, wire.QUERY, wire.PING, wire.RESET_CONNECTION, wire.STATISTICS, wire.CHANGE_USER, 0x1B, 0x0C, wire.FIELD_LIST}


def test_ping_is_answered_without_the_backend(gateway, recorder):
    with gateway().login() as client:
        recorder.clear()
        for _ in range(5):
            assert client.ping()[:1] == b"\0"
        assert not recorder.queries()


def test_quit_closes_without_a_word(gateway):
    with gateway().login() as client:
        client.command(wire.QUIT)
        with pytest.raises(wire.Closed):
            client.read()


@pytest.mark.parametrize("code", [c for c in range(0x00, 0x30) if c not in KNOWN] + [0x7F, 0x80, 0xFE, 0xFF])
def test_an_unknown_command_is_told_so_and_the_session_lives(gateway, code):
    with gateway().login(database="sales") as client:
        # what follows a COM_STMT_SEND_LONG_DATA or COM_STMT_CLOSE has no reply in the protocol
        client.command(code, b"" if code not in (0x18, 0x19) else struct.pack("<I", 1) + b"\0\0")
        if code not in (0x18, 0x19):
            with pytest.raises(wire.Refused) as e:
                client.reply()
            assert e.value.errno in (1047, 1064, 1235, 1243), e.value
        assert client.alive()
        assert client.values("SELECT COUNT(*) FROM t") == [(b"3",)]


def test_an_empty_packet_is_no_command(gateway):
    with gateway().login() as client:
        client.write(b"", 0)
        try:
            assert client.read()[:1] == b"\xff"
        except wire.Closed:
            pass


def test_init_db_selects_a_project(gateway):
    with gateway().login() as client:
        for project, side in (("sales_dev", b"dw_sales_dev"), ("crm", b"dw_crm"), ("sales", b"dw_sales"),
                              ("default_catalog.dim", b"dw_dim"), ("orders_dev", b"mart_dev")):
            client.command(wire.INIT_DB, project)
            assert client.reply()[:1] == b"\0"
            assert client.values("SELECT DISTINCT side FROM t") == [(side,)]


@pytest.mark.parametrize("name", ["nothing", "dw_sales", "secret", "sales.t", "mysql", "x" * 300])
def test_init_db_of_no_project_is_refused_and_changes_nothing(gateway, name):
    with gateway().login(database="sales") as client:
        client.command(wire.INIT_DB, name)
        with pytest.raises(wire.Refused) as e:
            client.reply()
        assert e.value.errno in (5501, 1046, 1049), e.value
        assert client.values("SELECT DISTINCT side FROM t") == [(b"dw_sales",)]


def test_use_selects_a_project_without_the_backend(gateway, recorder):
    with gateway().connect("ana", "sales") as connection:
        rows(connection, "SELECT COUNT(*) FROM t")
        recorder.clear()
        rows(connection, "USE sales_dev")
        assert not [q for q in recorder.queries() if "use" in q.lower()]
        assert rows(connection, "SELECT DISTINCT side FROM t") == (("dw_sales_dev",),)
        assert refusal(rows, connection, "USE nothing")[0] == 5501
        assert refusal(rows, connection, "USE dw_crm")[0] == 5501
        assert rows(connection, "SELECT DISTINCT side FROM t") == (("dw_sales_dev",),)


def test_the_session_says_project_names(gateway):
    g = gateway()
    assert g.query("SELECT DATABASE()", database="sales") == (("sales",),)
    assert g.query("SELECT DATABASE()", database="sales", environment="dev") == (("sales_dev",),)
    assert g.query("SELECT DATABASE()", "bo") == ((None,),)


def test_show_databases_lists_the_users_projects_only(gateway):
    g = gateway()
    ana = {name for (name,) in g.query("SHOW DATABASES")}
    assert {"sales", "sales_dev", "crm", "crm_dev", "dim"} <= ana
    assert "secret" not in ana and not {name for name in ana if name.startswith("dw_")}
    assert {n for (n,) in g.query("SHOW DATABASES", "bo")} - {"information_schema"} == {"sales", "sales_dev", "dim"}


def test_on_a_dev_listener_a_named_database_is_the_one_that_is_listed(gateway):
    g = gateway()
    for name in {n for (n,) in g.query("SHOW DATABASES", environment="dev")} - {"information_schema"}:
        assert g.query(f"SHOW CREATE DATABASE `{name}`", environment="dev") == ((name, f"CREATE DATABASE `{name}`"),)


def test_show_tables_and_describe_speak_of_the_project(gateway):
    g = gateway()
    assert ("t",) in g.query("SHOW TABLES", database="sales")
    assert ("t",) in g.query("SHOW TABLES FROM crm_dev", database="sales")
    assert [r[0] for r in g.query("DESC sales.t")] == ["id", "side"]
    assert [r[0] for r in g.query("SHOW COLUMNS FROM t FROM crm", database="sales")] == ["id", "side"]
    assert "CREATE TABLE `t`" in g.query("SHOW CREATE TABLE t", database="sales")[0][1]
    assert g.query("EXPLAIN SELECT * FROM crm.t", database="sales")
    assert refusal(g.query, "SHOW TABLES FROM secret")[0] == 5501
    assert refusal(g.query, "SHOW TABLES FROM dw_crm")[0] == 5501
    assert refusal(g.query, "SHOW TABLES", "bo")[0] == 1046


def test_reset_connection_forgets_variables_and_keeps_the_login(gateway):
    with gateway().login(database="sales") as client:
        client.query("SET sql_select_limit = 1")
        assert len(client.query("SELECT * FROM t")) == 1
        client.command(wire.RESET_CONNECTION)
        assert client.reply()[:1] == b"\0"
        assert len(client.query("SELECT * FROM sales.t")) == 3
        assert client.alive()


def test_set_of_a_session_variable_reaches_the_statements_after_it(gateway):
    with gateway().connect("ana", "sales") as connection:
        rows(connection, "SET sql_select_limit = 2")
        assert len(rows(connection, "SELECT * FROM t")) == 2
        assert len(rows(connection, "SELECT * FROM crm.t")) == 2


@pytest.mark.parametrize("sql", [
    "SET GLOBAL max_connections = 1", "GRANT ALL ON *.* TO x", "CREATE USER x", "SHUTDOWN",
    "SET PASSWORD = PASSWORD('x')", "CALL sales.p()", "no such statement", "SELECT 1 FROM", "KILL USER x",
])
def test_a_statement_of_no_known_or_allowed_kind_is_refused_before_the_backend(gateway, recorder, sql):
    g = gateway()
    with g.connect("own", "sales") as connection:
        recorder.clear()
        errno, _ = refusal(rows, connection, sql)
        if sql != "SELECT 1 FROM":
            assert not recorder.queries()
            assert errno in (1235, 1064, 5203), errno
        assert rows(connection, "SELECT COUNT(*) FROM t") == ((3,),)


def test_several_statements_need_the_clients_consent(gateway):
    g = gateway()
    with g.login(database="sales") as client:
        with pytest.raises(wire.Refused) as e:
            client.query("SELECT 1 FROM t; SELECT 2 FROM t")
        assert e.value.errno in (1235, 1064)
        assert client.values("SELECT COUNT(*) FROM t;") == [(b"3",)]


def answers(client, sql):
    """What each statement of a packet gave: its rows, None for an OK, or the number of an error; and whether each
    reply but the last said that another follows."""
    client.command(wire.QUERY, sql)
    got, more = [], True
    while more:
        client.last = b""
        try:
            reply = client.reply()
        except wire.Refused as e:
            return [*got, e.errno]
        is_ok = isinstance(reply, bytes)
        got.append(None if is_ok else [wire.fields(row) for row in reply])
        more = (wire.status(reply) if is_ok else int.from_bytes(client.last[3:5], "little")) & 8
    return got


@pytest.mark.parametrize("sql, got, sent", [
    ("SELECT id FROM t WHERE id = 1; SELECT id FROM ${sales}.t WHERE id = 2;", [[(b"1",)], [(b"2",)]], 1),
    ("SELECT id FROM t WHERE id = 1; SELECT nothing FROM t; SELECT 3 FROM t", [[(b"1",)], 1054], 1),
    ("USE crm; SET NAMES utf8mb4; USE sales", [None, None, None], 0),
    ("SELECT id FROM t WHERE id = 1; SELECT id FROM secret.t", [5501], 0),
    ("SELECT id FROM t WHERE id = 1; INSERT INTO t VALUES (9, 'x')", [5203], 0),
    ("SELECT id FROM t WHERE id = 1; SELECT id FROM crm.t", [1235], 0),
    ("SELECT id FROM t WHERE id = 1; USE crm", [1235], 0),
])
def test_several_statements_are_decided_before_any_is_sent(gateway, recorder, sql, got, sent):
    with gateway().login("ana", "sales", capabilities=wire.USUAL | wire.MULTI_STATEMENTS) as client:
        recorder.clear()
        assert answers(client, sql) == got
        assert client.alive()
        assert until(lambda: len(recorder.queries()) >= sent)
        assert len([q for q in recorder.queries() if "dw_sales" in q or "dw_crm" in q]) == sent
        assert client.values("SELECT DISTINCT side FROM t") == [(b"dw_sales",)]


def test_status_flags_are_true_to_the_session(gateway):
    with gateway().login(database="sales", user="etl") as client:
        ok = client.ping()
        assert wire.status(ok) & 2 and not wire.status(ok) & 1
        client.query("SET autocommit = 0")
        assert not wire.status(client.ping()) & 2
        client.query("SET autocommit = 1")
        assert wire.status(client.ping()) & 2


def test_the_server_sees_the_session_go(gateway, backend):
    g = gateway()
    with g.connect("ana", "sales") as connection:
        rows(connection, "SELECT COUNT(*) FROM t")
        assert backend.held("sales_rw") == 1
    g.stop()
    assert until(lambda: backend.connections("sales_rw") == 0)
