"""Clients that send what no client should: an ERR or a closed connection in time, and nobody else notices."""

import random
import struct
import threading
import time

import pytest

import harness
import wire
from harness import rows, until

PATIENCE = 400  # milliseconds for a login, in these tests
MIB = 1 << 20


@pytest.fixture
def hasty(gateway, config):
    """A gateway with little patience and one worker, and a witness that is served throughout."""
    config["settings"].update(login_timeout_ms=PATIENCE, workers=1)
    g = gateway(config)
    with g.connect("bo", "sales") as witness:
        began = time.monotonic()
        rows(witness, "SELECT COUNT(*) FROM t")
        yield g
        began = time.monotonic()
        assert rows(witness, "SELECT COUNT(*) FROM t") == ((3,),)
        assert time.monotonic() - began < 1


def outcome(client):
    """What a client reads after its last packet: an ERR's number, "closed", or the first byte of the reply."""
    try:
        reply = client.read()
    except wire.Closed:
        return "closed"
    return wire.Refused(reply).errno if reply[:1] == b"\xff" else reply[0]


def greeted(g):
    client = g.wire()
    client.socket.settimeout(5)
    client.greet()
    return client


def a_login(client, user="ana"):
    answer = wire.scramble("ana's", client.greeting.salt)
    return client.response(user, answer, "sales", attributes={"_client_name": "tests"})


def test_a_login_cut_short_in_its_payload(hasty):
    """Every cut, framed as if it were whole."""
    full = a_login(greeted(hasty))
    answered = 32 + len("ana") + 1 + 21  # from here on what is missing is optional
    for cut in range(len(full)):
        with greeted(hasty) as client:
            client.write(a_login(client)[:cut])
            got = outcome(client)
            assert got == "closed" or got > 0xFF or (cut >= answered and got in (0, 0xFE)), (cut, got)


def test_a_login_cut_short_on_the_wire_is_waited_for_and_closed(hasty):
    """Every cut of the packet, then silence."""
    full = len(a_login(greeted(hasty))) + 4
    clients = []
    for cut in range(full):
        client = greeted(hasty)
        client.send(wire.frame(a_login(client), 1)[:cut])
        clients.append(client)
    began = time.monotonic()
    for client in clients:
        assert outcome(client) == "closed" or client.is_closed()
    assert time.monotonic() - began < PATIENCE / 1000 + 3


def test_a_login_cut_short_by_a_close(hasty):
    full = len(a_login(greeted(hasty))) + 4
    before = hasty.descriptors()
    for cut in range(0, full, 3):
        with greeted(hasty) as client:
            client.send(wire.frame(a_login(client), 1)[:cut])
    assert until(lambda: hasty.descriptors() <= before + 1)


@pytest.mark.parametrize("sequence", [0, 2, 3, 128, 255])
def test_a_login_with_a_wrong_sequence(hasty, sequence):
    with greeted(hasty) as client:
        data = bytearray(wire.frame(a_login(client), 1))
        data[3] = sequence
        client.send(bytes(data))
        client.sequence = sequence + 1
        try:
            assert outcome(client) in ("closed", 1156, 1043)
        except AssertionError as e:
            assert "sequence" in str(e)  # an ERR under the number that the gateway counts
        assert client.is_closed()


@pytest.mark.parametrize("sequence", [1, 2, 200, 255])
def test_a_command_with_a_wrong_sequence(hasty, sequence):
    with hasty.login(database="sales") as client:
        client.socket.settimeout(5)
        client.write(b"\x03SELECT COUNT(*) FROM t", sequence)
        client.sequence = None
        header = client.socket.recv(5)
        assert header == b"" or header[4] == 0xFF, header
        assert client.is_closed()




@pytest.mark.parametrize("length", [b"\xfb", b"\xfc\xff\xff", b"\xfd\xff\xff\xff", b"\xfe" + b"\xff" * 8, b"\xff",
                                    b"\xfe" + b"\0" * 7 + b"\x80", b"\xfc", b"\xfa"])
@pytest.mark.parametrize("field", ["answer", "attributes", "key", "value"])
def test_over_long_lengths_in_a_login(hasty, field, length):
    with greeted(hasty) as client:
        whole = a_login(client)
        head = whole[:32 + len("ana") + 1]
        rest = whole[len(head) + 21:]
        attributes = rest.index(b"mysql_native_password\0") + len("mysql_native_password\0")
        if field == "answer":
            packet = head + length + whole[len(head) + 1:]
        elif field == "attributes":
            packet = whole[:-len(rest) + attributes] + length + b"\x01a\x01b"
        elif field == "key":
            packet = whole[:-len(rest) + attributes] + wire.lenenc(length + b"a\x01b")
        else:
            packet = whole[:-len(rest) + attributes] + wire.lenenc(b"\x01a" + length + b"b")
        client.write(packet)
        got = outcome(client)
        # a broken attribute may be dropped, a broken answer is no login
        assert got == "closed" or got > 0xFF or (field != "answer" and got == 0), got


@pytest.mark.parametrize("user", ["a" * 300, "a" * 70000, "\n\t\x7f", "ana\x00", "'; --"])
def test_odd_user_names(hasty, user):
    with greeted(hasty) as client:
        client.write(a_login(client, user))
        got = outcome(client)
        assert got == "closed" or got > 0xFF, got


def test_user_names_are_no_way_into_the_log(hasty):
    with greeted(hasty) as client:
        client.write(a_login(client, "evil\n2024-01-01 error forged=line"))
        outcome(client)
    assert not [line for line in hasty.log().split("\n") if line.startswith("2024-01-01 error")]


@pytest.mark.parametrize("size", [1 << 16, 1 << 20, 0xFFFFFE, 0xFFFFFF])
def test_a_login_that_announces_megabytes(hasty, size):
    before = hasty.rss()
    clients = []
    for _ in range(20):
        client = greeted(hasty)
        client.send(struct.pack("<I", size)[:3] + b"\x01" + b"\0" * 1000)
        clients.append(client)
    grown = hasty.rss() - before
    for client in clients:
        try:  # an ERR, at once or when the time is over, or a close
            assert client.take(5)[4] == 0xFF
        except wire.Closed:
            pass
    assert grown < (4 if not harness.SANITIZED else 40) * MIB


def test_a_login_of_megabytes(hasty):
    with greeted(hasty) as client:
        try:
            client.send(struct.pack("<I", 0xFFFFFF)[:3] + b"\x01")
            for _ in range(16):
                client.send(b"\0" * MIB)
        except (wire.Closed, OSError):
            pass
        assert client.is_closed()
    assert hasty.rss() < (64 if not harness.SANITIZED else 400) * MIB


def test_noise_instead_of_a_login(hasty):
    dice = random.Random(20240229)
    for _ in range(100):
        with hasty.wire() as client:
            client.socket.settimeout(5)
            noise = dice.randbytes(dice.choice([1, 3, 4, 5, 36, 100, 5000]))
            try:
                client.send(noise)
                client.socket.shutdown(1)
            except (wire.Closed, OSError):
                pass
            assert client.is_closed()


@pytest.mark.parametrize("text", [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03", b"\r\n\r\n",
                                  b"SSH-2.0-x\r\n", b"PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n"])
def test_other_protocols(hasty, text):
    with hasty.wire() as client:
        client.socket.settimeout(5)
        client.send(text)
        assert client.is_closed()


def test_a_request_for_tls_where_there_is_none(hasty):
    with greeted(hasty) as client:
        client.write(struct.pack("<IIB23x", wire.USUAL | wire.SSL, 1 << 24, 45))
        got = outcome(client)
        assert got == "closed" or got > 0xFF


def test_bits_that_were_not_offered_count_for_nothing(hasty):
    with greeted(hasty) as client:
        every = 0xFFFFFFFF & ~(wire.SSL | wire.CONNECT_ATTRS)
        offered = client.greeting.capabilities
        answer = wire.scramble("ana's", client.greeting.salt)
        client.write(client.response("ana", answer, "sales", capabilities=every))
        got = outcome(client)
        assert got == 0 or got > 0xFF or got == "closed"
        if got == 0:
            assert not offered & wire.DEPRECATE_EOF
            assert client.values("SELECT COUNT(*) FROM t") == [(b"3",)]


@pytest.mark.parametrize("answer", [b"", b"x", b"x" * 19, b"x" * 21, b"x" * 200, b"\0" * 20])
def test_answers_of_any_length_to_an_auth_switch(hasty, answer):
    with greeted(hasty) as client:
        client.write(client.response("ana", b"y" * 32, plugin="caching_sha2_password"))
        assert client.read()[:1] == b"\xfe"
        client.write(answer)
        assert outcome(client) in (1045, 1043, "closed")
        assert client.is_closed()


def test_a_second_login_packet_is_no_command(hasty):
    with hasty.login(database="sales") as client:
        client.socket.settimeout(5)
        client.write(a_login(client), 0)
        outcome(client)  # whatever its first byte says
    assert hasty.query("SELECT COUNT(*) FROM t", "ana", "sales") == ((3,),)


def test_a_statement_over_the_limit(gateway, config, recorder):
    config["settings"]["max_statement_bytes"] = 4096
    g = gateway(config)
    head, tail = "SELECT LENGTH('", "') FROM t WHERE id = 1"
    room = 4096 - len(head) - len(tail)
    with g.login(database="sales") as client:
        assert client.values(head + "x" * room + tail) == [(str(room).encode(),)]
        recorder.clear()
        try:
            with pytest.raises(wire.Refused) as e:
                client.query(head + "x" * (room + 1) + tail)
            assert e.value.errno == 1153
        except wire.Closed:
            pass
        assert not recorder.queries()
    with g.login(database="sales") as client:
        assert client.values("SELECT COUNT(*) FROM t") == [(b"3",)]


def test_a_statement_far_over_the_limit_is_not_held(gateway, config):
    config["settings"]["max_statement_bytes"] = 1 << 20
    g = gateway(config)
    g.query("SELECT COUNT(*) FROM t", database="sales")
    before, most = g.rss(), 0
    with g.login(database="sales") as client:
        client.socket.settimeout(5)
        try:
            for sequence in range(4):
                client.send(struct.pack("<I", 0xFFFFFF)[:3] + bytes([sequence]))
                for _ in range(16):
                    client.send(b"\x03" + b"x" * (MIB - 1))
                    most = max(most, g.rss() - before)
        except (wire.Closed, OSError):
            pass
    assert most < (4 if not harness.SANITIZED else 64) * MIB
    assert g.query("SELECT COUNT(*) FROM t", database="sales") == ((3,),)


@pytest.mark.parametrize("text", [b"", b" ", b"\0", b"SELECT 'x", b"SELECT `x", b"SELECT /* x", b"SELECT \xff\xfe",
                                  b"SELECT '\xc3' FROM t", b"SELECT 1 \0 FROM t", b"(" * 100000, b"SELECT " + b"(" * 5000,
                                  b"-- only a comment", b"\xef\xbb\xbfSELECT 1", b"SELECT ${", b"SELECT * FROM ${}.t",
                                  b"SELECT * FROM ${sales.t", b"SELECT * FROM " + b"a." * 5000 + b"t",
                                  b"SELECT * FROM ." * 100, b"`" * 1001, b"${sales}" * 1000])
def test_texts_that_are_no_statement(hasty, recorder, text):
    with hasty.login(database="sales") as client:
        recorder.clear()
        with pytest.raises(wire.Refused) as e:
            client.query(text)
        assert e.value.errno in (1064, 1065, 1235, 1300, 5501), e.value
        assert not recorder.queries()
        assert client.alive()


def test_commands_cut_short_on_the_wire(hasty):
    data = wire.frame(b"\x03SELECT COUNT(*) FROM t")
    before = hasty.descriptors()
    for cut in range(len(data)):
        with hasty.login(database="sales") as client:
            client.send(data[:cut])
    assert until(lambda: hasty.descriptors() <= before + 2), (before, hasty.descriptors())


def test_noise_after_the_login(hasty):
    dice = random.Random(1)
    for _ in range(60):
        with hasty.login(database="sales") as client:
            client.socket.settimeout(5)
            size = dice.choice([0, 1, 2, 10, 300])
            try:
                client.send(wire.frame(dice.randbytes(size)))
                client.send(dice.randbytes(20))
                client.socket.shutdown(1)
            except (wire.Closed, OSError):
                pass
            assert client.is_closed()


def test_two_hundred_silent_connections(hasty):
    hasty.query("SELECT COUNT(*) FROM t", "ana", "sales")
    before = hasty.rss()
    clients = [hasty.wire() for _ in range(200)]
    for client in clients:
        client.greet()
    grown = hasty.rss() - before
    assert hasty.query("SELECT COUNT(*) FROM t", "ana", "sales") == ((3,),)
    assert all(client.is_closed() for client in clients)
    assert grown < (8 if not harness.SANITIZED else 64) * MIB


def test_replies_that_nobody_reads(hasty):
    """Answers of the gateway's own pile up only so far: then it stops reading commands."""
    before = hasty.rss()
    client = hasty.wire(receive_buffer=4096)
    client.login("ana", "ana's", "sales")
    client.socket.settimeout(0.5)
    ping, sent = wire.frame(b"\x0e") * 20000, 0
    try:
        while sent < 200 * len(ping):
            client.socket.sendall(ping)
            sent += len(ping)
    except (TimeoutError, OSError):
        pass
    assert hasty.rss() - before < (4 if not harness.SANITIZED else 64) * MIB
    assert hasty.query("SELECT COUNT(*) FROM t", "ana", "sales") == ((3,),)
    client.abort()


def test_replies_that_are_read_late_all_come(gateway):
    """A client that pipelines far more than fits, reads nothing for a while and then everything."""
    with gateway().login(database="sales") as client:
        count = 400000
        sender = threading.Thread(target=client.socket.sendall, args=[wire.frame(b"\x0e") * count], daemon=True)
        sender.start()
        time.sleep(1)
        for _ in range(count):
            client.sequence = 1
            assert client.read()[:1] == b"\0"
        assert client.alive()


def test_an_idle_client_is_sent_away(gateway, config):
    config["settings"]["idle_timeout_ms"] = 1000
    g = gateway(config)
    began = time.monotonic()
    with g.login() as client:
        client.socket.settimeout(5)
        assert client.is_closed()
        assert 0.7 < time.monotonic() - began < 4
