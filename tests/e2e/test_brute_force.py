"""Who guesses passwords is slowed down; who holds connections without logging in makes room for others."""

import resource
import socket

import pymysql
import pytest

import wire
import world
from harness import refusal, until


STALLED = 5000


def header(address):
    return f"PROXY TCP4 {address} 10.0.0.1 1 2\r\n".encode()


@pytest.fixture
def limited(config):
    config["settings"].update(max_login_failures=4, login_failure_window_ms=600000, trusted_proxies=["127.0.0.0/8"])
    return config


def attempt(g, user, password, address="10.9.9.9"):
    """The error number of a login, 0 for none."""
    with g.wire() as client:
        client.send(header(address))
        try:
            client.login(user, password)
            return 0
        except wire.Refused as e:
            return e.errno


def test_guesses_end_after_a_few(gateway, limited):
    g = gateway(limited)
    assert [attempt(g, "ana", "wrong") for _ in range(6)] == [1045] * 4 + [1129] * 2
    assert attempt(g, "ana", "ana's") == 1129  # and the right one tells nothing
    assert attempt(g, "ana", "ana's", "10.9.9.10") == 0
    assert attempt(g, "bo", world.PASSWORDS["bo"]) == 0
    assert "too many failed logins" in g.log()


def test_strangers_and_users_are_counted_alike(gateway, limited):
    g = gateway(limited)
    assert [attempt(g, "who", "wrong") for _ in range(5)] == [attempt(g, "ana", "wrong") for _ in range(5)]


def test_the_message_says_how_long_to_wait(gateway, limited):
    g = gateway(limited)
    for _ in range(4):
        refusal(g.connect, "ana", password="wrong")
    errno, message = refusal(g.connect, "ana")
    assert errno == 1129
    assert message.startswith("starbind: too many failed logins as 'ana' or from '127.0.0.1'; wait ")


def test_many_addresses_do_not_lock_out_who_was_in_before(gateway, limited):
    g = gateway(limited)
    assert attempt(g, "ana", "ana's", "10.1.1.1") == 0
    got = [attempt(g, "ana", "wrong", f"10.2.0.{i}") for i in range(60)]
    assert got == [1045] * 40 + [1129] * 20
    assert attempt(g, "ana", "ana's", "10.1.1.1") == 0
    assert attempt(g, "ana", "ana's", "10.1.1.2") == 1129


def test_change_user_is_a_login_too(gateway, limited):
    g = gateway(limited)
    seen = []
    for _ in range(5):
        with g.login("bo") as client:
            client.command(wire.CHANGE_USER, b"ana\0\x14" + b"x" * 20 + b"\0\x2d\0mysql_native_password\0")
            try:
                client.unless_refused()
                client.write(b"x" * 20)
                client.unless_refused()
            except wire.Refused as e:
                seen.append(e.errno)
    assert seen == [1045] * 4 + [1129]


def test_stalled_logins_make_room_for_the_next(gateway, config):
    config["settings"].update(workers=1, max_unauthenticated=20, login_timeout_ms=60000)
    g = gateway(config)
    inside = g.login("ana")
    stalled = [g.wire() for _ in range(50)]
    for client in stalled:
        client.greet()
    assert g.query("SELECT COUNT(*) FROM sales.t") == ((3,),)
    assert inside.alive()
    assert all(client.is_closed() for client in stalled[:30])
    with stalled[-1] as client:  # the youngest may still log in
        client.write(client.response("ana", wire.scramble("ana's", client.greeting.salt)))
        assert client.unless_refused()[:1] == b"\0"
    for client in stalled:
        client.close()
    assert until(lambda: "made room" in g.log())


@pytest.mark.parametrize("how", ["silent", "half a packet"])
def test_thousands_of_stalled_logins_leave_the_way_open(gateway, config, how):
    """As many as the gateway holds at once; bench/stalled.py tells the time that a good login then takes."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if most < 2 * STALLED:
        pytest.skip(f"{most} file descriptors are too few for {STALLED} clients")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    config["settings"].update(max_unauthenticated=STALLED, login_timeout_ms=60000)
    g = gateway(config)
    stalled = []
    try:
        for _ in range(STALLED):
            stalled.append(socket.create_connection(("127.0.0.1", g.port), timeout=20))
            if how != "silent":
                stalled[-1].sendall(b"\x40\0\0\1" + b"\0" * 32)
        assert until(lambda: g.descriptors() >= STALLED)
        assert g.query("SELECT COUNT(*) FROM sales.t") == ((3,),)
    finally:
        for client in stalled:
            client.close()


def test_one_client_too_many_is_told_so_in_the_place_of_a_greeting(gateway, config):
    config["settings"].update(workers=2, max_connections=3)
    g = gateway(config)
    inside = [g.login("ana"), g.login("ana")]
    stranger = until(lambda: greeted(g))  # who looked whether the gateway is up may be leaving yet
    for _ in range(4):
        with g.wire() as surplus:
            packet = surplus.read()
            assert packet[:3] == b"\xff" + (1040).to_bytes(2, "little") and b"#08004starbind: " in packet
            assert b"3 connections" in packet and b"max_connections" in packet
            assert surplus.is_closed()
    assert "turned a client away" in g.log()
    stranger.close()
    assert until(lambda: served(g))
    for client in inside:
        assert client.alive()
        client.close()


def greeted(g):
    client = g.wire()
    try:
        client.greet()
        return client
    except wire.Refused as e:
        client.close()
        assert e.errno == 1040
        return None


def served(g):
    try:
        return g.query("SELECT COUNT(*) FROM sales.t") == ((3,),)
    except pymysql.err.OperationalError as e:
        assert e.args[0] == 1040
        return False
