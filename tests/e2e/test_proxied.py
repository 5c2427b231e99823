"""Clients behind a proxy that sends PROXY protocol headers: whose address counts, and whose word."""

import socket
import struct

import pytest

import wire
import world
from harness import until

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def text_header(source, port=51234):
    family = "TCP6" if ":" in source else "TCP4"
    return f"PROXY {family} {source} {'::1' if ':' in source else '10.0.0.1'} {port} 9130\r\n".encode()


def binary_header(source, port=51234, command=1, more=b""):
    family = socket.AF_INET6 if ":" in source else socket.AF_INET
    address = socket.inet_pton(family, source)
    body = address + bytes(len(address)) + struct.pack(">HH", port, 9130) + more
    return SIGNATURE + bytes([0x20 | command, 0x21 if ":" in source else 0x11]) + struct.pack(">H", len(body)) + body


@pytest.fixture
def g(gateway, config):
    """far may come from 10.0.0.0/8 and 2001:db8::/32; the loopback is a trusted proxy."""
    config["settings"]["trusted_proxies"] = ["127.0.0.0/8"]
    config["users"]["far"]["from"] = ["10.0.0.0/8", "2001:db8::/32"]
    return gateway(config)


def enter(g, header, user="far"):
    """Logs in behind a header; the OK payload."""
    client = g.wire()
    try:
        client.send(header)
        return client, client.login(user, world.PASSWORDS[user], "sales")
    except (wire.Refused, wire.Closed):
        client.close()
        raise


@pytest.mark.parametrize("header", [
    text_header("10.1.2.3"), text_header("2001:db8::7"), binary_header("10.1.2.3"), binary_header("2001:db8::7"),
    binary_header("10.1.2.3", more=b"\x04\0\x20" + b"x" * 32),
], ids=["text", "text6", "binary", "binary6", "with more"])
def test_from_and_the_log_see_the_client(g, header):
    client, ok = enter(g, header)
    assert ok[:1] == b"\0"
    assert client.values("SELECT COUNT(*) FROM t") == [(b"3",)]
    client.close()
    address = "2001:db8::7" if (b"TCP6" in header or header[13:14] == b"\x21") else "10.1.2.3"
    assert until(lambda: f"{address}:51234 far" in g.log()), g.log()


@pytest.mark.parametrize("header", [text_header, binary_header], ids=["text", "binary"])
def test_a_header_in_pieces_is_read_as_one(g, header):
    client = g.wire()
    client.greet()
    for byte in header("10.1.2.3"):
        client.send(bytes([byte]))
    client.write(client.response("far", wire.scramble(world.PASSWORDS["far"], client.greeting.salt)))
    assert client.unless_refused()[:1] == b"\0"


def test_a_client_outside_its_networks_is_refused_by_its_own_address(g):
    with pytest.raises(wire.Refused) as e:
        enter(g, text_header("192.168.1.1"))
    assert e.value.errno == 1045 and "'far'@'192.168.1.1'" in e.value.message


def test_a_client_without_a_header_has_the_socket_s_address(g):
    assert g.query("SELECT COUNT(*) FROM sales.t") == ((3,),)
    with pytest.raises(wire.Refused) as e:
        enter(g, b"")
    assert "'far'@'127.0.0.1'" in e.value.message


def test_nobody_else_is_believed(gateway, config):
    config["settings"]["trusted_proxies"] = ["10.0.0.0/8"]
    config["users"]["far"]["from"] = ["10.0.0.0/8"]
    g = gateway(config)
    for header in (text_header("10.1.2.3"), binary_header("10.1.2.3")):
        with pytest.raises((wire.Refused, wire.Closed)):
            enter(g, header)
    assert "10.1.2.3" not in g.log()
    assert g.query("SELECT COUNT(*) FROM sales.t") == ((3,),)


@pytest.mark.parametrize("header", [
    b"PROXY TCP4 10.1.2.3 10.0.0.1 99999 9130\r\n", b"PROXY TCP4 10.1.2.3\r\n", b"PROXY " + b"x" * 200,
    SIGNATURE + b"\x21\x11\xff\xff", SIGNATURE + b"\x11\x11\0\0",
])
def test_a_header_that_is_not_understood_ends_the_connection(g, header):
    client = g.wire()
    client.greet()
    client.send(header)
    with pytest.raises(wire.Refused) as e:
        client.unless_refused()
    client.close()
    assert e.value.errno == 1043


def test_a_second_header_is_no_header(g):
    with pytest.raises((wire.Refused, wire.Closed)):
        enter(g, text_header("192.168.1.1") + text_header("10.1.2.3"))


def test_health_checks_leave_no_line_in_the_log(g):
    for _ in range(20):
        client = g.wire()
        client.send(binary_header("10.1.2.3", command=0))
        client.greet()
        client.close()
        g.wire().close()
        checker = g.wire()
        checker.send(binary_header("10.1.2.3", command=0))
        with pytest.raises(wire.Refused):
            checker.login("checker", "x")
        checker.close()
    assert g.query("SELECT COUNT(*) FROM sales.t") == ((3,),)
    lines = [line for line in g.log().splitlines() if "login" in line]
    assert len(lines) == 1, lines
