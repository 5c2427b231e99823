"""KILL by the gateway's own ids, and what becomes of the statement of a client that left."""

import signal
import struct
import subprocess

import pytest

import wire
from harness import until

PROCESS_KILL = 0x0C
SLOW = "SELECT COUNT(*), SLEEP(30) FROM numbers WHERE n = 1"


def running(backend):
    return backend.sql("SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE '%SLEEP(30)%' "
                       "AND info NOT LIKE '%processlist%'")[0][0]


def start_slow(client, backend):
    client.command(wire.QUERY, SLOW)
    assert until(lambda: running(backend) == 1)


def test_the_statement_of_a_client_that_left_is_stopped(gateway, backend):
    g = gateway()
    for leave in ("close", "abort"):
        client = g.login("ana", "sales")
        start_slow(client, backend)
        getattr(client, leave)()
        assert until(lambda: running(backend) == 0, 5), leave


def test_process_kill_ends_the_session_and_its_statement(gateway, config, backend):
    config["settings"]["workers"] = 3
    g = gateway(config)
    for _ in range(6):  # whichever workers the two sessions live in
        with g.login("ana", "sales") as victim, g.login("ana") as killer:
            start_slow(victim, backend)
            killer.command(PROCESS_KILL, struct.pack("<I", victim.greeting.connection_id))
            assert killer.reply()[:1] == b"\0"
            assert victim.is_closed()
            assert until(lambda: running(backend) == 0, 5)
            assert killer.alive()


def test_kill_query_stops_the_statement_and_the_session_goes_on(gateway, config, backend):
    config["settings"]["workers"] = 2
    g = gateway(config)
    for _ in range(4):
        with g.login("ana", "sales") as victim, g.login("ana") as killer:
            start_slow(victim, backend)
            assert killer.query(f"/* ApplicationName=x */ KILL QUERY {victim.greeting.connection_id}")[:1] == b"\0"
            try:
                victim.reply()  # MariaDB ends SLEEP early and lets the statement go on
            except wire.Refused as e:
                assert e.errno == 1317
            assert until(lambda: running(backend) == 0)
            assert victim.values("SELECT COUNT(*) FROM t") == [(b"3",)]


def test_kill_of_an_idle_session_and_of_oneself(gateway):
    g = gateway()
    with g.login("ana", "sales") as victim, g.login("ana") as killer:
        assert killer.query(f"KILL QUERY {victim.greeting.connection_id}")[:1] == b"\0"
        assert victim.alive()
        assert killer.query(f"KILL CONNECTION {victim.greeting.connection_id}")[:1] == b"\0"
        assert victim.is_closed()
        with pytest.raises((wire.Closed, wire.Refused)):
            killer.query(f"KILL {killer.greeting.connection_id}")
        assert killer.is_closed()


def test_a_statement_that_waits_for_a_connection_is_killed_too(gateway, config, backend):
    config["compute_sources"]["sales"]["pool"].update(max_connections=1, max_wait_ms=20000)
    g = gateway(config)
    with g.login("ana", "sales") as first, g.login("ana", "sales") as waiting, g.login("ana") as killer:
        start_slow(first, backend)
        waiting.command(wire.QUERY, "SELECT 1 FROM t")
        assert until(lambda: any(b"waits for a connection" in row[8] for row in killer.values("SHOW PROCESSLIST")))
        assert killer.query(f"KILL QUERY {waiting.greeting.connection_id}")[:1] == b"\0"
        with pytest.raises(wire.Refused) as e:
            waiting.reply()
        assert e.value.errno == 1317
        assert waiting.alive()
        killer.query(f"KILL {first.greeting.connection_id}")
        assert until(lambda: running(backend) == 0)


def test_connection_id_is_the_number_that_kill_takes(gateway):
    with gateway().login("ana", "sales") as client:
        assert client.values("SELECT CONNECTION_ID() FROM t LIMIT 1") == [(str(client.greeting.connection_id).encode(),)]
        assert wire.fields(client.columns[0])[4] == b"CONNECTION_ID()"


def test_ctrl_c_in_the_stock_client_stops_the_statement(gateway, backend):
    g = gateway()
    client = subprocess.Popen(
        ["mariadb", "-h127.0.0.1", f"-P{g.port}", "-uana", f"-p{g.passwords['ana']}", "--skip-ssl", "sales", "-e", SLOW],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        assert until(lambda: running(backend) == 1)
        client.send_signal(signal.SIGINT)
        client.communicate(timeout=10)
        assert until(lambda: running(backend) == 0)
    finally:
        client.kill()
        client.wait()


@pytest.mark.parametrize("user", ["bo", "own"])
def test_nobody_kills_the_session_of_somebody_else(gateway, backend, user):
    g = gateway()
    with g.login("ana", "sales") as victim, g.login(user) as other:
        for number in (victim.greeting.connection_id, 4_000_000_000):
            other.command(PROCESS_KILL, struct.pack("<I", number))
            with pytest.raises(wire.Refused) as e:
                other.reply()
            assert e.value.errno == 1094 and str(number) in e.value.message
        assert victim.alive()


def test_a_kill_without_a_number_is_refused(gateway):
    with gateway().login("ana") as client:
        client.command(PROCESS_KILL, b"\1\2")
        with pytest.raises(wire.Refused):
            client.reply()
        assert client.alive()
