"""max_query_seconds, and statements that are killed: on the frontend that runs them, and nothing else there."""

import time

import pytest

import wire
from harness import refusal, rows, until
from limiting import cluster, config, connect, fe, finish, limited, login, sql, start  # noqa: F401
from preparing import Statement, number


@pytest.fixture
def short(limited):
    limited["users"]["ana"]["limits"] = {"max_query_seconds": 1}
    return limited


PREPARED = ["SELECT /* long */ side FROM t WHERE id = ?",  # by the frontend, or by the gateway
            "INSERT /* long */ INTO t VALUES (?, 'x')"]


def kills(fe):
    return [(s.fe, s.text) for s in fe.record(match="^KILL") if s.command == "Query"]


def test_a_statement_over_its_time_is_killed_where_it_runs(gateway, short, cluster, fe):
    short["clusters"]["main"]["jdbc_url"] = "jdbc:mysql://" + ",".join(f"127.0.0.1:{p}" for p in fe.ports.values()) + "/"
    g = gateway(short)
    cluster.hang("long")
    for _ in range(2):
        fe.clear()
        with connect(g) as connection:
            before = rows(connection, "SELECT side FROM t")
            errno, message = refusal(rows, connection, sql("long"))
            assert errno == 3024
            assert "1 seconds that user 'ana' allows (max_query_seconds)" in message
            assert rows(connection, "SELECT side FROM t") == before
        ran = fe.record(match="/\\* long")[0]
        assert kills(fe) == [(ran.fe, f"KILL QUERY {ran.connection}")]
        used = {s.connection for s in fe.record(user="dw_sales", match="FROM `dw_sales`")}
        assert used == {ran.connection}  # the connection was kept


@pytest.mark.parametrize("sentence", PREPARED)
def test_a_prepared_statement_has_its_time_as_well(gateway, short, cluster, fe, sentence):
    g = gateway(short)
    with login(g) as client:
        statement = Statement(client, sentence)
        cluster.hang("long")
        with pytest.raises(wire.Refused) as e:
            statement.execute(number(1))
        assert e.value.errno == 3024
        assert client.values("SELECT COUNT(*) FROM t") == [(b"1",)]
    assert len(kills(fe)) == 1


def test_the_least_limit_holds(gateway, short, cluster):
    short["projects"]["sales"]["limits"] = {"max_query_seconds": 30}
    short["users"]["bo"]["limits"] = {"max_query_seconds": 60}
    short["clusters"]["main"]["limits"] = {"max_query_seconds": 1}
    short["users"]["ana"]["limits"] = {}
    g = gateway(short)
    cluster.hang("long")
    with connect(g, "bo") as connection:
        errno, message = refusal(rows, connection, sql("long"))
        assert errno == 3024 and "cluster 'main'" in message


def test_a_result_over_its_time_ends_with_the_error(gateway, short, fe, server):
    server.sql("INSERT INTO dw_sales.t SELECT seq, REPEAT('x', 20) FROM dw_sales.seq_1_to_2000")
    fe.fault("slow", ms=20, rows=10, match="/\\* rows \\*/")
    g = gateway(short)
    with login(g) as client:
        client.command(wire.QUERY, "SELECT /* rows */ id, side FROM t")
        with pytest.raises(wire.Refused) as e:
            client.reply()
        assert e.value.errno == 3024
        assert client.alive()
        assert client.values("SELECT COUNT(*) FROM t") == [(b"2001",)]
    assert len(kills(fe)) == 1


def test_a_frontend_that_does_not_stop_is_left(gateway, short, cluster, fe):
    short["compute_sources"]["sales"]["dial_timeout_ms"] = 300
    g = gateway(short)
    cluster.hang("long")
    fe.fault("error", match="^KILL", errno=1064, message="no")
    with connect(g) as connection:
        errno, _ = refusal(rows, connection, sql("long"))
        assert errno == 3024
        assert rows(connection, "SELECT side FROM t") == (("dw_sales",),)


def test_a_limit_of_time_leaves_alone_what_is_quicker(gateway, short, cluster, fe):
    fe.fault("delay", ms=300, match="/\\* quick \\*/")
    g = gateway(short)
    with connect(g) as connection:
        for _ in range(4):
            assert rows(connection, sql("quick")) == (("dw_sales",),)
    assert kills(fe) == []


# ---- KILL that meets its statement late, and clients that the gateway gives up


def test_a_kill_that_comes_late_does_not_hit_the_next_statement(gateway, limited, fe):
    held, late, running = [fe.fault("hang", match=match) for match in ("/\\* one \\*/", "^KILL", "/\\* two \\*/")]
    g = gateway(limited)
    with login(g) as victim, connect(g) as killer:
        start(victim, "one")
        assert until(lambda: fe.texts(match="/\\* one"))
        rows(killer, f"KILL QUERY {victim.greeting.connection_id}")
        assert until(lambda: kills(fe))
        fe.heal(held)
        finish(victim)
        start(victim, "two")
        time.sleep(0.3)  # sent now, it would be what the KILL meets
        fe.heal(late)
        assert until(lambda: fe.texts(match="/\\* two"))
        fe.heal(running)
        assert [wire.fields(row) for row in finish(victim)] == [(b"dw_sales",)]
        one, two = fe.record(match="/\\* (one|two)")
        assert one.connection == two.connection and len(kills(fe)) == 1


def test_the_statement_of_a_client_that_is_timed_out_is_stopped_on_its_frontend(gateway, limited, cluster, fe):
    limited["clusters"]["main"]["jdbc_url"] = "jdbc:mysql://" + ",".join(f"127.0.0.1:{p}" for p in fe.ports.values()) + "/"
    limited["compute_sources"]["sales"]["socket_timeout_ms"] = 400
    g = gateway(limited)
    cluster.hang("a", "b", "c")
    for name in ("a", "b", "c"):
        with connect(g) as connection:
            errno, message = refusal(rows, connection, sql(name))
            assert errno == 2013 and "silent" in message
        ran = fe.record(match=f"/\\* {name} ")[0]
        assert until(lambda: (ran.fe, f"KILL QUERY {ran.connection}") in kills(fe))


def test_an_admin_kills_the_statement_of_anybody_on_its_frontend(gateway, limited, cluster, fe):
    g = gateway(limited)
    cluster.hang("a")
    with login(g) as victim, connect(g, "root") as admin, connect(g, "bo") as other:
        start(victim, "a")
        assert until(lambda: cluster.running() == ["a"])
        number = victim.greeting.connection_id
        assert refusal(rows, other, f"KILL QUERY {number}")[0] == 1094
        assert kills(fe) == []
        rows(admin, f"KILL QUERY {number}")
        with pytest.raises(wire.Refused):
            victim.reply()
        ran = fe.record(match="/\\* a ")[0]
        assert kills(fe) == [(ran.fe, f"KILL QUERY {ran.connection}")]
