"""KILL by the gateway's own ids, and what becomes of the statement of a client that left."""

import struct

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
