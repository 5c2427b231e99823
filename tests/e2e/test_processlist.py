"""SHOW PROCESSLIST: the gateway's own sessions, over all workers, as a frontend would list its own."""

import threading
import time

import pytest

import wire
from harness import refusal, rows, until

COLUMNS = [  # name, type, length, character set: as recorded from a frontend
    ("ServerName", 253, 192, 33), ("Id", 8, 20, 63), ("User", 253, 48, 33), ("Host", 253, 48, 33),
    ("Db", 253, 48, 33), ("Command", 253, 48, 33), ("ConnectionStartTime", 253, 48, 33), ("Time", 3, 11, 63),
    ("State", 253, 192, 33), ("Info", 253, 98304, 33), ("IsPending", 253, 48, 33), ("Warehouse", 253, 60, 33),
    ("CNGroup", 253, 192, 33), ("Catalog", 253, 192, 33), ("QueryId", 253, 192, 33),
]
SLOW = "SELECT COUNT(*), SLEEP(30) /* schöner Text */ FROM numbers WHERE n = 1 AND 'x' <> '" + "y" * 200 + "'"


@pytest.fixture
def config(config):
    config["settings"]["workers"] = 3
    config["users"]["own"]["admin"] = True
    return config


def processes(connection, sql="SHOW PROCESSLIST"):
    """Rows by id, each a dictionary."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        names = [column[0] for column in cursor.description]
        return {row[1]: dict(zip(names, row)) for row in cursor.fetchall()}


def test_columns_are_those_of_a_frontend(gateway):
    with gateway().login("ana", "sales") as client:
        client.query("SHOW PROCESSLIST")
        assert [(wire.fields(d)[4].decode(), *numbers(d)) for d in client.columns] == COLUMNS


def numbers(definition):
    """Type, length and character set of a column definition."""
    fixed = definition[-12:]
    return fixed[6], int.from_bytes(fixed[2:6], "little"), int.from_bytes(fixed[0:2], "little")


def test_one_sees_ones_own_sessions_of_all_workers(gateway):
    g = gateway()
    mine = [g.connect("ana", "sales") for _ in range(8)]
    others = [g.connect("etl", "crm"), g.connect("own", "sales_dev")]
    got = processes(mine[0])
    assert sorted(got) == sorted(c.thread_id() for c in mine)
    assert list(got) == sorted(got)
    assert {(p["User"], p["Db"]) for p in got.values()} == {("ana", "sales")}
    own = got.pop(mine[0].thread_id())
    assert (own["Command"], own["Info"], own["IsPending"]) == ("Query", "SHOW PROCESSLIST", "false")
    assert own["Host"].startswith("127.0.0.1:") and own["Catalog"] == "default_catalog" and own["QueryId"] is None
    assert {(p["Command"], p["Info"], p["State"]) for p in got.values()} == {("Sleep", "", "")}
    for connection in mine + others:
        connection.close()


def test_an_admin_sees_all_and_may_ask_for_one_user(gateway):
    g = gateway()
    with g.connect("ana", "sales") as ana, g.connect("etl", "crm") as etl, g.connect("own", "sales_dev") as own:
        with g.wire() as silent:  # has not logged in
            silent.greet()
            got = processes(own)
            assert {p["User"] for p in got.values()} == {"ana", "etl", "own", "unauthenticated user"}
        assert got[ana.thread_id()]["Db"] == "sales" and got[own.thread_id()]["Db"] == "sales_dev"
        assert list(processes(own, "SHOW FULL PROCESSLIST FOR 'etl'")) == [etl.thread_id()]
        assert processes(ana, "SHOW PROCESSLIST FOR 'etl'") == {}


def test_what_runs_is_told_with_its_text_as_the_client_sent_it(gateway, backend):
    g = gateway()
    with g.connect("own") as admin, g.login("ana", "sales") as client, g.connect("ana") as same:
        number = client.greeting.connection_id
        client.command(wire.QUERY, SLOW)
        assert until(lambda: processes(same)[number]["State"] == "runs")
        time.sleep(1.1)
        row = processes(same)[number]
        assert row["Info"] == SLOW[:100] and row["Command"] == "Query" and row["Time"] >= 1
        assert "dw_sales" not in str(row)
        assert processes(admin, "SHOW FULL PROCESSLIST")[number]["Info"] == SLOW
        rows(same, f"KILL QUERY {number}")  # the number is the one that KILL takes
        drain(client)
        assert until(lambda: processes(same)[number]["Command"] == "Sleep")


def drain(client):
    try:
        client.reply()
    except wire.Refused:
        pass


def test_a_statement_that_waits_for_a_connection_is_pending(gateway, config):
    config["compute_sources"]["sales"]["pool"].update(mode="session", max_connections=1)
    g = gateway(config)
    with g.connect("ana", "sales") as first, g.login("ana", "sales") as second, g.connect("ana") as third:
        rows(first, "SELECT COUNT(*) FROM t")
        second.command(wire.QUERY, "SELECT id FROM t")
        number = second.greeting.connection_id
        assert until(lambda: processes(third)[number]["State"] == (
            "waits for a connection: number 1 of 1 in this worker; compute source 'sales' may open 1 at once"))
        assert processes(third)[number]["IsPending"] == "true"


def test_it_is_answered_between_other_answers_and_many_at_once(gateway):
    g = gateway()
    failures = []

    def ask():
        try:
            with g.connect("ana", "sales") as connection:
                for _ in range(20):
                    assert connection.thread_id() in processes(connection)
        except Exception as e:
            failures.append(e)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_a_client_that_leaves_while_it_asks_harms_nobody(gateway):
    g = gateway()
    for _ in range(20):
        client = g.login("ana", "sales")
        client.command(wire.QUERY, "SHOW FULL PROCESSLIST")
        client.abort()
    assert len(g.query("SHOW PROCESSLIST")) >= 1


def test_where_is_refused(gateway):
    assert refusal(gateway().query, "SHOW PROCESSLIST WHERE Id = 1")[0] in (1064, 1235)
