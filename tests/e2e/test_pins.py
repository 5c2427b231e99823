"""Pins: what keeps a connection with its session, what SHOW PINS says of it, and what ends it."""

import pytest

import harness
import wire
from frontends import config, fe  # noqa: F401  (fixtures)
from harness import refusal, rows

ID, USER, SOURCE, CAUSE, INFO = 0, 1, 4, 6, 8


@pytest.fixture(autouse=True)
def hasty(config):  # noqa: F811
    config["settings"]["workers"] = 2
    config["compute_sources"]["sales"]["pool"]["max_wait_ms"] = 1000
    config["users"]["root"] = {"auth": {"mysql_native_password": harness.native_hash("root's")}, "admin": True}


def pins(connection):
    return [(row[CAUSE], row[SOURCE], row[INFO]) for row in rows(connection, "SHOW PINS")]


def connect(g, user, **options):
    return g.connect(user, "sales", password=f"{user}'s", **options)


CAUSES = {
    "open transaction": (["BEGIN", "INSERT INTO t VALUES (9, 'x')"], ["ROLLBACK"]),
    "value unknown here": (["SET @top = (SELECT MAX(id) FROM t)"], ["SET @top = 7"]),
    "temporary table": (["CREATE TEMPORARY TABLE mine (id INT)", "CREATE TEMPORARY TABLE IF NOT EXISTS other LIKE t"],
                        ["DROP TABLE sales.mine", "DROP TEMPORARY TABLE other"]),
}


@pytest.mark.parametrize("cause", CAUSES)
def test_a_pin_keeps_the_connection_says_why_and_ends_with_its_cause(gateway, config, cause):
    begin, end = CAUSES[cause]
    g = gateway(config)
    with connect(g, "ana") as ana, connect(g, "bo") as bo:
        assert pins(ana) == []
        for sql in begin:
            rows(ana, sql)
        [(found, source, info)] = pins(ana)
        assert (found, source) == (cause, "sales") and info in begin
        assert pins(bo) == []
        assert refusal(rows, bo, "SELECT 1 FROM t")[0] == 1040
        if cause != "open transaction":
            rows(ana, "SELECT 1 FROM t")
        for sql in end:
            assert len(pins(ana)) == 1
            rows(ana, sql)
        assert pins(ana) == []
        assert rows(bo, "SELECT COUNT(*) FROM t") == ((3,),)


@pytest.mark.parametrize("cause", CAUSES)
def test_a_reset_ends_every_pin(gateway, config, fe, cause):
    g = gateway(config)
    with connect(g, "bo") as bo, g.login("ana", "sales") as ana:
        for sql in CAUSES[cause][0]:
            ana.query(sql)
        ana.command(wire.RESET_CONNECTION)
        ana.reply()
        assert ana.query("SHOW PINS") == []
        assert rows(bo, "SELECT COUNT(*), @top FROM t") == ((3, None),)
        assert refusal(rows, bo, "SELECT 1 FROM mine")[0] in (1064, 5502, 1146)


def test_administrators_see_the_pins_of_all_sessions_in_all_workers(gateway, config):
    config["compute_sources"]["sales"]["pool"].update(max_connections=8)
    g = gateway(config)
    held = [connect(g, user) for user in ("ana", "bo") * 4]
    for connection in held:
        rows(connection, "SET @x = 1 + 1")
    with g.connect("root", None, password="root's") as root:
        assert [row[USER] for row in rows(root, "SHOW PINS")] == ["ana", "bo"] * 4
        assert [row[ID] for row in rows(root, "SHOW PINS")] == [c.thread_id() for c in held]
    assert {row[USER] for row in rows(held[0], "SHOW PINS")} == {"ana"}
    for connection in held:
        connection.close()


def test_session_mode_is_a_pin(gateway, config):
    config["compute_sources"]["sales"]["pool"]["mode"] = "session"
    g = gateway(config)
    with connect(g, "ana") as ana:
        rows(ana, "SELECT 1 FROM t")
        assert pins(ana) == [("pool mode session", "sales", "SELECT 1 FROM t")]
        rows(ana, "SELECT 1 FROM sales_dev.t")  # other accounts of the cluster are not bound to it
        rows(ana, "SET @x = 1 + 1")
        assert pins(ana)[0][0] == "value unknown here"


def test_while_pinned_the_cluster_s_statements_run_there(gateway, config, fe):
    g = gateway(config)
    with connect(g, "ana") as ana:
        rows(ana, "SET @x = (SELECT MAX(id) FROM t)")
        fe.clear()
        assert rows(ana, "SELECT @x, @x + 1") == ((3, 4),)
        refusal(rows, ana, "SELECT @x FROM sales_dev.t")  # with the account of sales, which may not read it
    assert fe.texts(user="dw_sales_dev") == []


def test_a_value_that_was_lost_with_its_connection_is_told_once(gateway, config, fe):
    g = gateway(config)
    with connect(g, "ana") as ana:
        rows(ana, "SET @x = 1 + 1, @y = 3")
        fe.fault("close", match="SELECT 5", times=1)
        refusal(rows, ana, "SELECT 5, @x FROM t")
        errno, message = refusal(rows, ana, "SELECT @x")
        assert errno == 2013 and "@x" in message and "SET it again" in message, message
        assert rows(ana, "SELECT @x, @y") == ((None, 3),)
        assert pins(ana) == []


def test_what_another_session_left_unknown_is_not_seen(gateway, config, fe):
    g = gateway(config)
    with connect(g, "ana") as ana:
        rows(ana, "SET @x = 1 + 1, query_timeout = 70 + 7")
    with connect(g, "bo") as bo:
        rows(bo, "SET @x = 2 + 2")
        assert rows(bo, "SELECT @x, @@query_timeout") == ((4, 300),)


def test_a_temporary_table_dies_with_its_session(gateway, config, fe):
    g = gateway(config)
    with connect(g, "ana") as ana:
        rows(ana, "CREATE TEMPORARY TABLE mine (id INT)")
        rows(ana, "INSERT INTO mine VALUES (1)")
        assert rows(ana, "SELECT * FROM mine") == ((1,),)
    with connect(g, "bo") as bo:
        refusal(rows, bo, "SELECT * FROM mine")


def test_a_temporary_table_that_was_not_made_pins_nothing(gateway, config):
    g = gateway(config)
    with connect(g, "ana") as ana:
        refusal(rows, ana, "CREATE TEMPORARY TABLE mine LIKE nothing")
        assert pins(ana) == []
