"""KILL at moments that are hard to hit: while a connection is being prepared for the statement, while replies are in the pipe,
when the statement has just ended; and what else stands between a transaction and its ROLLBACK."""

import socket
import struct
import threading
import time

import pytest

import wire
from frontends import config, fe  # noqa: F401  (fixtures)
from harness import SANITIZED, until
from preparing import Statement

INTERRUPTED = 1317
IN_TRANS = 1


def kill(g, client, how="QUERY"):
    with g.login("ana") as killer:
        killer.query(f"KILL {how} {client.greeting.connection_id}")


def is_interrupted(client):
    with pytest.raises(wire.Refused) as e:
        client.reply()
    assert e.value.errno == INTERRUPTED, e.value
    return True


def commands(fe, match=""):
    return [s.text for s in fe.record(user="dw_sales", match=match) if s.command in ("Query", "Prepare")]


# ---- before the statement was sent

def test_while_variables_are_replayed(gateway, config, fe):
    g = gateway(config)
    with g.login("ana", "sales") as client:
        client.query("SET query_timeout = 77")
        fe.fault("close", match="breaks", times=1)  # on a new connection nothing is known to be accepted
        with pytest.raises(wire.Refused):
            client.query("INSERT INTO t VALUES (9, 'breaks')")
        fe.clear()
        fault = fe.fault("hang", match="^SET query_timeout")
        client.command(wire.QUERY, "SELECT 1 FROM t /* victim */")
        assert until(lambda: commands(fe, "^SET query_timeout"))
        kill(g, client)
        assert is_interrupted(client)
        fe.heal(fault)
        assert client.values("SELECT @@query_timeout FROM t LIMIT 1") == [(b"77",)]
    assert not commands(fe, "victim")


def test_while_begin_waits(gateway, config, fe):
    g = gateway(config)
    with g.login("ana", "sales") as client:
        client.query("BEGIN")
        fault = fe.fault("hang", match="^BEGIN")
        client.command(wire.QUERY, "INSERT INTO t VALUES (7, 'victim')")
        assert until(lambda: commands(fe, "^BEGIN"))
        kill(g, client)
        assert is_interrupted(client)
        fe.heal(fault)
        assert until(lambda: commands(fe, "^ROLLBACK")), "what was begun is ended"
        client.query("INSERT INTO t VALUES (8, 'kept')")
        client.query("COMMIT")
        assert client.values("SELECT side FROM t WHERE id > 3") == [(b"kept",)]
    assert not commands(fe, "victim")


# ---- in the pipe

def pipelined(client, fe):
    """A statement that went out in one write with the SET before it, which the frontend is still at."""
    client.query("SET query_timeout = 77")
    client.query("SELECT 1 FROM t")
    client.other.query("SELECT 2 FROM t")  # between, the connection is another session's
    fe.clear()
    fault = fe.fault("hang", match="^SET query_timeout = '?77")
    client.command(wire.QUERY, "SELECT 1 FROM t /* victim */")
    assert until(lambda: commands(fe, "^SET query_timeout = '?77"))
    return fault


def test_a_kill_that_meets_the_set_before_the_statement_stops_both(gateway, config, fe):
    g = gateway(config)
    with g.login("ana", "sales") as client, g.login("bo", "sales") as client.other:
        fault = pipelined(client, fe)
        kill(g, client)
        assert is_interrupted(client)
        fe.heal(fault)
        assert client.values("SELECT @@query_timeout FROM t LIMIT 1") == [(b"77",)], "the session keeps its variables"


def test_a_kill_that_came_before_the_statement_is_sent_again(gateway, config, fe):
    g = gateway(config)
    with g.login("ana", "sales") as client, g.login("bo", "sales") as client.other:
        fe.fault("hang", match="victim")
        delayed = fe.fault("hang", match="^KILL")
        fault = pipelined(client, fe)
        kill(g, client)
        assert until(lambda: commands(fe, "^KILL"))
        fe.heal(fault)
        assert until(lambda: commands(fe, "victim"))
        assert until(lambda: len(commands(fe, "^KILL")) == 2), commands(fe)
        fe.heal(delayed)
        with pytest.raises(wire.Refused):
            client.reply()
        assert client.alive()


# ---- when it has ended by itself

def test_a_client_that_leaves_while_a_kill_is_late_sends_no_second_one(gateway, config, fe):
    """Its statement has ended: the connection only waits for the KILL to pass by."""
    g = gateway(config)
    held, late = fe.fault("hang", match="victim"), fe.fault("hang", match="^KILL")
    with g.login("ana", "sales") as client:
        client.command(wire.QUERY, "SELECT 1 FROM t /* victim */")
        assert until(lambda: commands(fe, "victim"))
        kill(g, client)
        assert until(lambda: commands(fe, "^KILL"))
        fe.heal(held)
        assert client.reply() == [b"\x011"] * 3
    fe.heal(late)
    with g.login("ana", "sales") as client:  # the pool has one connection, and it is free
        assert client.values("SELECT 5 FROM t LIMIT 1") == [(b"5",)]
    assert len(commands(fe, "^KILL")) == 1


# ---- a client is read while its statement runs

AHEAD = 64 * 1024


def test_a_client_that_talks_on_is_read_no_further_than_a_bound(gateway, config, fe):
    for source in config["compute_sources"].values():
        source["pool"].update(max_connections=20)
    g = gateway(config)
    fe.fault("hang", match="held")
    clients = [g.login("ana", "sales") for _ in range(20)]
    for client in clients:
        client.command(wire.QUERY, "SELECT 1 FROM t /* held */")
    assert until(lambda: len(commands(fe, "held")) == 20)
    before = g.rss()
    for client in clients:
        client.socket.setblocking(False)
        try:
            client.socket.send(wire.frame(bytes([wire.PING])) * (400 * 1024 // 5))
        except BlockingIOError:
            pass
    time.sleep(0.3)
    assert SANITIZED or g.rss() - before < 20 * 2 * AHEAD
    for client in clients:
        client.close()
    fe.heal()


def test_the_leaving_of_a_client_that_has_sent_ahead_is_noticed(gateway, config, fe):
    g = gateway(config)
    fe.fault("hang", match="held", times=1)
    client = g.login("ana", "sales")
    client.command(wire.QUERY, "SELECT 1 FROM t /* held */")
    assert until(lambda: commands(fe, "held"))
    client.send(wire.frame(bytes([wire.PING])) * 1000)
    client.close()
    assert until(lambda: commands(fe, "^KILL"))
    fe.heal()


# ---- ROLLBACK

def test_rollback_waits_for_the_kill_of_a_client_that_left(gateway, config, fe):
    g = gateway(config)
    client = g.login("ana", "sales")
    client.query("BEGIN")
    client.query("INSERT INTO t VALUES (7, 'x')")
    held, late = fe.fault("hang", match="victim"), fe.fault("hang", match="^KILL")
    client.command(wire.QUERY, "INSERT INTO t VALUES (8, 'victim')")
    assert until(lambda: commands(fe, "victim"))
    client.abort()
    assert until(lambda: commands(fe, "^KILL"))
    fe.heal(held)
    time.sleep(0.2)  # its reply comes; a ROLLBACK now would be what the KILL hits
    assert not commands(fe, "^ROLLBACK")
    fe.heal(late)
    assert until(lambda: commands(fe, "^ROLLBACK"))
    with g.login("ana", "sales") as client:
        assert client.values("SELECT COUNT(*) FROM t") == [(b"3",)]


def nothing_waits(s):
    try:
        return not s.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return True


class Preparing:
    """A scripted server that is no StarRocks: every connection but the first holds the answer to PREPARE back."""

    def __init__(self):
        self.released, self.events = threading.Event(), []

    def handle(self, c, command, argument):
        number = c.server.connections.index(c)
        text = argument.decode(errors="replace")
        if "CATALOG" in text:
            c.error(1305, "FUNCTION CATALOG does not exist", "42000")
        elif command == 0x16:
            self.events.append((number, "prepare"))
            if len([e for e in self.events if e[1] == "prepare"]) > 1:
                self.released.wait(10)
                self.events.append((number, "answers" if nothing_waits(c.socket) else "is late"))
            c.write(b"\0" + struct.pack("<IHHBH", 1, 0, 0, 0, 0))
        elif "HOLD" in text:
            self.events.append((number, "hold"))
            self.released.wait(10)
            c.ok()
        elif text in ("BEGIN", "ROLLBACK") or command == 0x17:
            self.events.append((number, text if command == wire.QUERY else "execute"))
            c.ok()
        else:
            return False
        return True


def test_the_reply_to_a_prepare_is_not_taken_for_that_of_rollback(gateway, config, fake):
    script = Preparing()
    server = fake(script.handle)
    config["clusters"]["main"]["jdbc_url"] = f"jdbc:mysql://127.0.0.1:{server.port}/"
    for source in config["compute_sources"].values():
        source["pool"].update(max_connections=2)
    g = gateway(config)
    client = g.login("ana", "sales")
    statement = Statement(client, "INSERT INTO t VALUES (1, 'x')")
    with g.login("bo", "sales") as other:
        other.command(wire.QUERY, "INSERT INTO t VALUES (2, 'HOLD')")  # where the statement is known
        assert until(lambda: any(e[1] == "hold" for e in script.events))
        client.query("BEGIN")
        client.command(0x17, struct.pack("<IBI", statement.id, 0, 1))
        assert until(lambda: sum(e[1] == "prepare" for e in script.events) == 2)
        client.abort()
        g.login("ana").close()  # behind it in the only worker: the gateway has noticed
        script.released.set()
        where = [n for n, what in script.events if what == "BEGIN"][0]
        assert until(lambda: (where, "ROLLBACK") in script.events), script.events
        assert [what for n, what in script.events if n == where] == ["BEGIN", "prepare", "answers", "ROLLBACK"]
        other.reply()
