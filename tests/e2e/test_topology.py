"""Three frontends of one cluster that come and go: who is found, where statements go, what is said when all are gone."""

import time

import pytest

import wire
from harness import refusal, rows, until
from three import (  # noqa: F401  (fixtures among them)
    HOSTS, LIMIT, READ, UNREACHABLE, Relay, all_known, both, config, connect_many, fe, in_parallel, is_told, on_frontend, used)


# ---- who is there

def test_one_listed_frontend_leads_to_all(gateway, config, fe):
    g = all_known(gateway(config), fe)
    assert is_told(g, fe, 1, "up, the leader")
    connect_many(g, 9)
    assert used(fe) == [1] * 3 + [2] * 3 + [3] * 3


def test_without_a_monitor_the_listed_ones_are_all(gateway, config, fe):
    del config["clusters"]["main"]["monitor"]
    g = gateway(config)
    connect_many(g, 6)
    assert used(fe) == [1] * 6
    assert not fe.texts(match="SHOW FRONTENDS")


def test_addresses_that_cannot_be_reached_are_mapped(gateway, config, fe):
    for number, host in ((2, "192.0.2.2"), (3, "fe-3.example.net")):
        fe.cluster.frontends[number].announced = (host, 9030)
    config["clusters"]["main"]["frontend_addresses"] = {
        "192.0.2.2": f"{HOSTS[1]}:{fe.ports[2]}", "fe-3.example.net:9030": fe.addresses[3]}
    g = all_known(gateway(config), fe)
    connect_many(g, 6)
    assert used(fe) == [1, 1, 2, 2, 3, 3]


def test_a_listed_address_stands_for_what_is_announced_otherwise(gateway, config, fe):
    """All three are listed, two announce an address that nobody reaches: none of it is dialled for statements."""
    for number in (2, 3):
        fe.cluster.frontends[number].announced = (f"198.51.100.{number}", 9030)
    config["clusters"]["main"]["jdbc_url"] = "jdbc:mysql://" + ",".join(fe.addresses.values()) + "/"
    del config["clusters"]["main"]["load_url"]
    g = all_known(gateway(config), fe)
    connect_many(g, 6)
    assert used(fe) == [1, 1, 2, 2, 3, 3]
    assert "cannot be reached" not in g.log()


def test_a_frontend_that_is_announced_by_name_is_reached_by_its_name(gateway, config, fe):
    fe.cluster.frontends[1].announced = ("localhost", fe.ports[1])
    config["clusters"]["main"]["jdbc_url"] = f"jdbc:mysql://{fe.addresses[2]}/"
    del config["clusters"]["main"]["load_url"]
    g = gateway(config)
    assert until(lambda: all(f"frontend={at} number={n} is up" in g.log() for n, at in (
        (1, f"localhost:{fe.ports[1]}"), (2, fe.addresses[2]), (3, fe.addresses[3])))), g.log()
    connect_many(g, 6)
    assert used(fe) == [1, 1, 2, 2, 3, 3]


def test_a_frontend_with_an_address_of_ipv6_is_reached(gateway, config, fe):
    address = "::1"
    try:
        relay = Relay((HOSTS[1], fe.ports[2]), address)
    except OSError:
        pytest.skip(f"this machine has no {address}")
    fe.cluster.frontends[2].announced = (address, relay.port)
    try:
        g = gateway(config)
        assert until(lambda: f":{relay.port} number=2 is up" in g.log()), g.log()
        connect_many(g, 6)
        assert used(fe) == [1, 1, 2, 2, 3, 3]
    finally:
        relay.stop()


def test_a_new_leader_is_noticed(gateway, config, fe):
    g = all_known(gateway(config), fe)
    fe.cluster.leader = 3
    assert until(lambda: is_told(g, fe, 3, "up, the leader"))


GARBAGE = {
    "no rows": [],
    "addresses that are none": [["1", "n", "a b;DROP", "x", "y", "70000", "z", "LEADER"] + [""] * 9,
                                ["2", "n", "", "", "", "9030", "", "FOLLOWER"] + [""] * 9,
                                ["3", "n", "x" * 300, "", "", "9030", "", "FOLLOWER"] + [""] * 9],
    "endless rows": [["9", "n", "127.0.0.1", "1", "1", "1", "1", "FOLLOWER"] + [""] * 9] * 5000,
}


@pytest.mark.parametrize("what", [*GARBAGE, "garbage bytes", "an error", "a close", "silence"])
def test_discovery_that_returns_garbage_changes_nothing(gateway, config, fe, what):
    g = all_known(gateway(config), fe)
    if what in GARBAGE:
        fe.cluster.rows = GARBAGE[what]
    else:
        kind = {"garbage bytes": "garbage", "an error": "error", "a close": "close", "silence": "hang"}[what]
        details = {"errno": 1064, "message": "java.net.ConnectException: Connection refused"} if kind == "error" else {}
        fe.fault(kind, match="SHOW FRONTENDS", **details)
    assert until(lambda: "discovery" in g.log())
    fe.clear()
    connect_many(g, 6)
    assert used(fe) == [1, 1, 2, 2, 3, 3]
    fe.heal()


# ---- a frontend refuses

def test_a_login_that_one_frontend_refuses_is_tried_at_the_next(gateway, config, fe):
    g = all_known(gateway(config), fe)
    fe.fault("refuse_login", fe=2, user="dw_sales")
    connect_many(g, 6)
    assert 2 not in used(fe)


def test_a_login_refused_by_all_is_told_at_once(gateway, config, fe):
    g = all_known(gateway(config), fe)
    fe.fault("refuse_login", user="dw_sales")
    with g.connect("ana", "sales") as connection:
        errno, message = refusal(rows, connection, READ)
        assert errno == UNREACHABLE and "refused the login of compute source 'sales'" in message
        assert len(rows(connection, "SELECT side FROM crm.t")) == 1
        fe.heal()
        assert len(rows(connection, READ)) == 1


@pytest.mark.parametrize("errno, message", [
    (None, None), (1040, "Too many connections"), (1203, "User has exceeded the limit")])
def test_a_frontend_that_is_full_is_left_out(gateway, config, fe, errno, message):
    g = all_known(gateway(config), fe)
    where = {"kind": "too_many"} if errno is None else {"kind": "refuse_login", "errno": errno, "message": message}
    fault = fe.fault(fe=2, user="dw_sales", **where)
    held = connect_many(g, 6)
    assert used(fe).count(2) == 0 and len(held) == 6
    fe.heal(fault)
    fe.fault(user="dw_sales", **where)
    with g.connect("ana", "sales") as connection:
        got = refusal(rows, connection, READ)
        assert got[0] == LIMIT and got[1].startswith("starbind: cluster 'main' takes no more connections"), got


# ---- all are gone

@both
def test_all_dead_is_told_at_once_and_ends_within_a_probe(gateway, config, fe):
    g = all_known(gateway(config), fe)
    with g.connect("ana", "sales") as connection:
        rows(connection, READ)
        for number in (1, 2, 3):
            fe.down(number)
        assert until(lambda: all(is_told(g, fe, n, "down") for n in (1, 2, 3)))

        def ask(_):
            with g.connect("ana", "sales") as c:
                return refusal(rows, c, READ)

        began = time.monotonic()
        answers = in_parallel(20, ask)
        assert {a[0] for a in answers} == {UNREACHABLE} and "no frontend of cluster 'main'" in answers[0][1]
        assert time.monotonic() - began < 4  # max_wait_ms is 5000: nobody has waited for that
        fe.up(2)
        assert until(lambda: is_told(g, fe, 2, "up"), 5)
        assert rows(connection, READ) == (("dw_sales",),)


# ---- a frontend ends gracefully

@both
def test_a_draining_frontend_gets_no_new_work_and_finishes_the_old(gateway, config, fe):
    g = all_known(gateway(config), fe)
    with on_frontend(g, fe, 2) as busy, on_frontend(g, fe, 2) as idle:
        fe.fault("delay", fe=2, ms=1500, match="slow")
        busy.command(wire.QUERY, READ + " /* slow */")
        assert until(lambda: fe.record(match="slow"))
        fe.drain(2)
        assert until(lambda: is_told(g, fe, 2, "draining"))
        fe.clear()
        connect_many(g, 6)
        assert idle.values(READ) == [(b"dw_sales",)]
        assert 2 not in used(fe)
        assert busy.reply() and not fe.record(match="slow")  # where it was
        assert busy.values(READ) == [(b"dw_sales",)]
        assert 2 not in used(fe)
        fe.up(2)
        fe.cluster.frontends[2].draining = False
        assert until(lambda: is_told(g, fe, 2, "up"))


@both
def test_when_all_drain_what_is_open_ends_and_nothing_begins(gateway, config, fe):
    g = all_known(gateway(config), fe)
    with g.connect("ana", "sales") as writer, g.connect("ana", "sales") as idle:
        rows(idle, READ)
        rows(writer, "BEGIN")
        rows(writer, "INSERT INTO t VALUES (2, 'finished')")
        assert until(lambda: not any(session.busy for session in fe.cluster.sessions()))
        for number in (1, 2, 3):
            fe.drain(number)
        assert until(lambda: all(is_told(g, fe, n, "draining") for n in (1, 2, 3)))
        fe.clear()
        with g.connect("ana", "sales") as fresh:
            for connection in (fresh, idle):
                errno, message = refusal(rows, connection, READ)
                assert errno == UNREACHABLE and "shutting down" in message
        assert used(fe, "") == []
        rows(writer, "COMMIT")
        assert len(used(fe, "COMMIT")) == 1
        fe.up(3)
        fe.cluster.frontends[3].draining = False
        assert until(lambda: is_told(g, fe, 3, "up"), 5)
        assert rows(writer, "SELECT side FROM t WHERE id = 2") == (("finished",),)


def test_idle_connections_leave_a_draining_frontend(gateway, config, fe):
    g = all_known(gateway(config), fe)
    for connection in connect_many(g, 9):
        connection.close()
    assert until(lambda: [s for s in fe.sessions(2) if s.user.name == "dw_sales"])
    fe.drain(2)
    assert until(lambda: not [s for s in fe.sessions(2) if s.user.name == "dw_sales"])
    assert [s for s in fe.sessions(3) if s.user.name == "dw_sales"]


# ---- what a session has written

@both
def test_a_session_reads_what_it_wrote_where_it_wrote_or_from_the_leader(gateway, config, fe):
    """Two accounts, so two connections: the read goes to a frontend that has the write."""
    fe.cluster.leader = 3
    g = all_known(gateway(config), fe)
    assert until(lambda: is_told(g, fe, 3, "up, the leader"))
    for _ in range(6):
        with g.connect("ana", "sales") as connection:
            fe.clear()
            rows(connection, "CREATE TABLE IF NOT EXISTS made (id INT) DISTRIBUTED BY HASH(id) BUCKETS 1")
            rows(connection, "SELECT side FROM crm.t")
            where, = used(fe, "CREATE")
            assert used(fe, user="dw_crm")[0] in (where, 3)


def test_reads_of_others_go_anywhere_meanwhile(gateway, config, fe):
    g = all_known(gateway(config), fe)
    with g.connect("ana", "sales") as writer:
        rows(writer, "INSERT INTO t VALUES (11, 'x')")
        fe.clear()
        connect_many(g, 6)
        assert len(set(used(fe))) == 3


# ---- KILL

@both
def test_kill_reaches_the_frontend_that_runs_the_statement(gateway, config, fe):
    g = all_known(gateway(config), fe)
    for number in (1, 2, 3):
        with on_frontend(g, fe, number) as victim, g.login("ana", "crm") as killer:
            fe.clear()
            fe.fault("hang", match="victim", times=1)
            victim.command(wire.QUERY, READ + " /* victim */")
            assert until(lambda: fe.record(match="victim"))
            mine = fe.record(match="victim")[0]
            assert mine.fe == number
            killer.query(f"KILL QUERY {victim.greeting.connection_id}")
            with pytest.raises(wire.Refused):
                victim.reply()
            kills = fe.record(match="KILL")
            assert [(k.fe, k.user, k.text) for k in kills] == [(number, "dw_sales", f"KILL QUERY {mine.connection}")], kills
            assert mine.connection not in {k.connection for k in kills}


@both
def test_a_client_that_leaves_stops_its_statement_on_its_frontend(gateway, config, fe):
    g = all_known(gateway(config), fe)
    for number in (1, 2, 3):
        client = on_frontend(g, fe, number)
        fe.clear()
        fe.fault("hang", match="leaver", times=1)
        client.command(wire.QUERY, READ + " /* leaver */")
        assert until(lambda: fe.record(match="leaver"))
        mine = fe.record(match="leaver")[0]
        client.abort()
        assert until(lambda: fe.record(match="KILL"))
        kill, = fe.record(match="KILL")
        assert (kill.fe, kill.user, kill.text) == (number, "dw_sales", f"KILL QUERY {mine.connection}")
        fe.heal()
