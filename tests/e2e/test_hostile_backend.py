"""Backends that lie, stall, break off or die: the client reads an ERR or a close, never a false end."""

import struct
import time

import pytest

import harness
import wire
import world
from harness import refusal, rows, until

QUERY = "SELECT id FROM t"


def over(config, *servers):
    """The configuration with these scripted servers as its one cluster."""
    config["clusters"]["main"]["jdbc_url"] = "jdbc:mysql://" + ",".join(f"127.0.0.1:{s.port}" for s in servers) + "/"
    config["clusters"]["main"].pop("monitor")  # the probes are those of the first account
    config["settings"]["workers"] = 1
    for source in config["compute_sources"].values():
        source.update(dial_timeout_ms=500, connect_timeout_ms=1500)
        source["pool"] = {"mode": "session", "max_connections": 4, "max_wait_ms": 1500}
    return config


def on_query(answer):
    """A handler that answers the test's statement, and leaves everything else to the usual answers."""

    def handler(c, command, argument):
        if command == wire.QUERY and b"id" in argument and b"FROM" in argument:
            answer(c)
            return True
        return False

    return handler


def read_all(client):
    """Rows and how the reply ended: "eof", an errno, or "closed"."""
    client.command(wire.QUERY, QUERY)
    try:
        return len(client.reply()), "eof"
    except wire.Refused as e:
        return None, e.errno
    except wire.Closed:
        return None, "closed"
    except AssertionError:
        return None, "out of order"


def three_rows(c):
    c.columns(["id"])
    for i in range(3):
        c.row([str(i).encode()])


def test_a_scripted_server_serves(gateway, config, fake):
    """So that what follows fails for its own reason."""

    def answer(c):
        three_rows(c)
        c.eof()

    server = fake(on_query(answer))
    with gateway(over(config, server)).login(database="sales") as client:
        assert read_all(client) == (3, "eof")
        assert read_all(client) == (3, "eof")
        assert client.alive()


BROKEN = {
    "a close before the reply": lambda c: c.die(),
    "a reset before the reply": lambda c: c.die(reset=True),
    "a close after the column count": lambda c: (c.write(b"\x01"), c.die()),
    "a close after the columns": lambda c: (c.columns(["id"]), c.die()),
    "a close after some rows": lambda c: (three_rows(c), c.die()),
    "a reset after some rows": lambda c: (three_rows(c), time.sleep(0.1), c.die(reset=True)),
    "a close within a packet": lambda c: (three_rows(c), c.send(c.packet(b"\x05hello")[:6]), c.die()),
    "a close within a header": lambda c: (three_rows(c), c.send(b"\x05\0"), c.die()),
    "a close within the last packet": lambda c: (three_rows(c), c.send(c.packet(b"\xfe\0\0\0\0")[:8]), c.die()),
    "a close within a split row": lambda c: (three_rows(c), c.send(c.packet(b"\xfe" + b"x" * wire.MOST)[:wire.MOST + 4]),
                                             c.die()),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_backend_that_dies(gateway, config, fake, how):
    server = fake(on_query(BROKEN[how]))
    g = gateway(over(config, server))
    with g.login(database="sales") as client:
        _, end = read_all(client)
        assert end not in ("eof", "out of order"), end
        if end == "closed":
            return
        assert client.alive()  # an ERR leaves the session in order
    with g.login(database="sales") as client:
        assert client.alive()


LIES = {
    "a wrong sequence": lambda c: (setattr(c, "sequence", 77), three_rows(c), c.eof()),
    "a wrong sequence later": lambda c: (three_rows(c), setattr(c, "sequence", 77), c.row([b"1"]), c.eof()),
    "an empty packet": lambda c: c.write(b""),
    "a request for a local file": lambda c: c.write(b"\xfb/etc/passwd"),
    "a short ERR": lambda c: c.write(b"\xff\x01"),
    "a short OK": lambda c: c.write(b"\0"),
    "an EOF for a reply": lambda c: c.eof(),
    "a column count of 2^64": lambda c: c.write(b"\xfe" + b"\xff" * 8),
    "a column count cut short": lambda c: c.write(b"\xfc\x01"),
    "a column count of NULL with more": lambda c: c.write(b"\xfb"),
    "an EOF within the columns": lambda c: (c.write(b"\x02"), c.eof(), c.eof()),
}


@pytest.mark.parametrize("how", LIES)
def test_a_backend_that_lies(gateway, config, fake, how):
    def answer(c):
        LIES[how](c)
        time.sleep(0.3)
        c.die()

    g = gateway(over(config, fake(on_query(answer))))
    with g.login(database="sales") as client:
        _, end = read_all(client)
        assert end != "eof", end
        if how == "a request for a local file":
            assert end in (1148, "closed")
    with g.login(database="sales") as client:
        assert client.alive()


def test_a_request_for_a_file_never_reaches_a_willing_client(gateway, config, fake):
    asked = []

    def answer(c):
        c.write(b"\xfb/etc/hostname")
        asked.append(c.read())

    g = gateway(over(config, fake(on_query(answer))))
    with g.connect("ana", "sales", local_infile=True) as connection:
        assert refusal(rows, connection, QUERY)[0] in (1148, 2013, 2027)
    assert not asked or asked == [b""]


@pytest.mark.parametrize("noise", [b"\0" * 5, b"\xff" * 200, b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x01\0\0\0\x0a",
                                   b"\x4a\0\0\0\x09" + b"x" * 73, b"\xff\xff\xff\0" + b"\x0a" * 1000])
def test_noise_for_a_greeting(gateway, config, fake, noise):
    def greet(c):
        c.send(noise)
        time.sleep(0.5)
        c.die()

    g = gateway(over(config, fake(greet=greet)))
    began = time.monotonic()
    with g.connect("ana", "sales") as connection:
        errno, message = refusal(rows, connection, QUERY)
    assert errno in (2003, 2013, 2027), message
    assert time.monotonic() - began < 5


def test_a_greeting_that_never_comes(gateway, config, fake):
    def greet(c):
        time.sleep(10)

    g = gateway(over(config, fake(greet=greet)))
    with g.connect("ana", "sales") as connection:
        began = time.monotonic()
        assert refusal(rows, connection, QUERY)[0] in (2003, 1040, 2013)
        assert time.monotonic() - began < 4


def test_a_backend_that_refuses_everyone(gateway, config, fake):
    def greet(c):
        c.error(1040, "Too many connections", "08004")
        c.die()

    g = gateway(over(config, fake(greet=greet)))
    with g.connect("ana", "sales") as connection:
        assert refusal(rows, connection, QUERY)[0] in (1040, 2003)


class Nobody:
    def __init__(self):
        self.port = harness.free_port()


def test_nobody_there(gateway, config):
    g = gateway(over(config, Nobody()))
    with g.connect("ana", "sales") as connection:
        began = time.monotonic()
        assert refusal(rows, connection, QUERY)[0] == 2003
        assert time.monotonic() - began < 4
        connection.ping(reconnect=False)


def test_a_backend_that_switches_to_native(gateway, config, fake):
    password = world.account_password("sales_rw")
    seen = []

    def login(c, response):
        salt = b"abcdefghijklmnopqrst"
        c.write(b"\xfemysql_native_password\0" + salt + b"\0")
        seen.append(c.read() == wire.scramble(password, salt))
        c.ok()

    g = gateway(over(config, fake(login=login)))
    with g.connect("ana", "sales") as connection:
        rows(connection, QUERY)
    assert seen and all(seen)


@pytest.mark.parametrize("method", [b"mysql_clear_password", b"caching_sha2_password", b"authentication_windows", b""])
def test_a_backend_that_wants_another_method_never_gets_the_password(gateway, config, fake, method):
    got = []

    def login(c, response):
        c.write(b"\xfe" + method + b"\0" + b"abcdefghijklmnopqrst\0")
        got.append(c.read())
        c.ok()

    g = gateway(over(config, fake(login=login)))
    with g.connect("ana", "sales") as connection:
        assert refusal(rows, connection, QUERY)[0] in (2003, 1045, 2027, 2059, 1251)
    assert not any(world.account_password("sales_rw").encode() in p for p in got)


def test_a_reply_that_stalls_is_ended_by_the_socket_timeout(gateway, config, fake):
    def answer(c):
        three_rows(c)
        time.sleep(20)

    over(config, fake(on_query(answer)))
    config["compute_sources"]["sales"]["socket_timeout_ms"] = 700
    g = gateway(config)
    with g.login(database="sales") as client:
        began = time.monotonic()
        _, end = read_all(client)
        assert end in (3024, 2013, "closed") and 0.5 < time.monotonic() - began < 5


def test_the_second_frontend_serves_when_the_first_is_gone(gateway, config, fake):
    def answer(c):
        three_rows(c)
        c.eof()

    first, second = fake(on_query(answer)), fake(on_query(answer))
    g = gateway(over(config, first, second))
    first.stop()
    for _ in range(4):
        with g.login(database="sales") as client:
            assert read_all(client) == (3, "eof")


def test_an_idle_connection_that_the_backend_closed_is_not_lent(gateway, config, fake):
    def answer(c):
        three_rows(c)
        c.eof()

    server = fake(on_query(answer))
    with gateway(over(config, server)).login(database="sales") as client:
        assert read_all(client) == (3, "eof")
        for c in server.connections:
            try:
                c.socket.shutdown(2)
            except OSError:
                pass
        time.sleep(0.2)
        _, end = read_all(client)
        assert end in ("eof", 2013)  # the session's own connection is gone: a new one, or an honest error
        if end == 2013:
            assert read_all(client) == (3, "eof")


def test_bytes_that_nobody_asked_for_end_the_connection(gateway, config, fake):
    """Left-overs after a reply must not become the answer to the next statement.  They come in one write with it: what
    comes later, while a statement runs, nobody can tell from its answer."""

    def answer(c):
        parts, c.send = [], lambda data: parts.append(data)
        three_rows(c)
        c.eof()
        c.sequence = 1
        c.result(["id"], [[b"stolen"]])
        del c.send
        c.send(b"".join(parts))

    g = gateway(over(config, fake(on_query(answer))))
    with g.login(database="sales") as client:
        client.command(wire.QUERY, QUERY)
        assert len(client.reply()) == 3
        time.sleep(0.2)
        try:
            for _ in range(2):
                assert [wire.fields(r) for r in client.query(QUERY)] == [(b"0",), (b"1",), (b"2",)]
        except (wire.Refused, wire.Closed):
            pass


def test_bytes_that_nobody_asked_for_lose_a_transaction_and_its_end_is_no_success(gateway, config, fake):
    def handler(c, command, argument):
        if command == wire.QUERY and argument.startswith(b"INSERT"):
            first = c.packet(b"\0\1\0\0\0\0\0")
            c.sequence = 1
            c.send(first + c.packet(b"\0\0\0\0\0\0\0"))
            return True
        return False

    server = fake(handler)
    with gateway(over(config, server)).login("own", "sales") as client:
        client.query("BEGIN")
        client.query("INSERT INTO t VALUES (1)")
        time.sleep(0.1)
        with pytest.raises(wire.Refused) as e:
            client.query("COMMIT")
        assert "lost" in e.value.message
        assert until(lambda: b"ROLLBACK" in server.queries()) and b"COMMIT" not in server.queries()
        assert wire.status(client.ping()) & 1 == 0


def test_more_results_are_relayed_to_the_last(gateway, config, fake):
    """A reply that says that another follows ends only with the last."""

    def answer(c):
        three_rows(c)
        c.write(b"\xfe\0\0" + struct.pack("<H", 8))
        three_rows(c)
        c.eof()

    with gateway(over(config, fake(on_query(answer)))).login(database="sales") as client:
        client.command(wire.QUERY, QUERY)
        assert len(client.reply()) == 3 and struct.unpack("<H", client.last[3:5])[0] & 8
        assert len(client.reply()) == 3 and not struct.unpack("<H", client.last[3:5])[0] & 8
        assert client.alive()


def test_a_killed_statement_reads_as_an_error(gateway, backend):
    g = gateway()
    with g.login(database="sales") as client:
        client.command(wire.QUERY, "SELECT SLEEP(20) FROM t WHERE id = 1")

        def victim():
            found = backend.sql("SELECT id FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP(20)%'")
            return found and found[0][0]

        number = until(victim)
        backend.sql(f"KILL {number}")
        try:
            client.reply()
        except (wire.Refused, wire.Closed):
            pass
        else:
            raise AssertionError("a killed statement looked complete")
    assert g.query("SELECT COUNT(*) FROM t", database="sales") == ((3,),)
