"""TLS with clients: when it is asked for, when it is wanted, what is not believed, what outlives a reload."""

import json
import re
import signal
import socket
import ssl
import struct
import threading
import time

import pytest

import harness
import wire
import world
from harness import refusal, rows, until
from test_sha2 import stored

PROVIDERS = ["openssl", "mbedtls"]


@pytest.fixture(params=PROVIDERS)
def tls(request, config, certificates):
    """The configuration of world.py with optional TLS in prod."""
    config["settings"] |= {"workers": 1, "tls_provider": request.param}
    config["listeners"][0]["tls"] = {"mode": "optional", "certificate": certificates("server.pem"),
                                     "key": "file:" + certificates("server.key")}
    return config


@pytest.fixture
def context(certificates):
    return ssl.create_default_context(cafile=certificates("ca.pem"))


def over_tls(g, context, user="ana", **options):
    client = g.wire()
    client.secure(context, **options)
    client.login(user, g.passwords[user])
    return client


# when


def test_optional_serves_both(gateway, tls, context):
    g = gateway(tls)
    with g.wire() as client:
        assert client.greet().capabilities & wire.SSL
        client.login("ana", "ana's")
        assert client.values("SELECT COUNT(*) FROM sales.t") == [(b"3",)]
    with over_tls(g, context) as client:
        assert client.values("SELECT COUNT(*) FROM sales.t") == [(b"3",)]
    with g.wire("dev") as client:
        assert not client.greet().capabilities & wire.SSL
    assert "tls=none" in g.log() and "tls=TLSv1." in g.log()
    assert re.search(r"tls: by (openssl: TLS 1.2 and 1.3|mbedtls: TLS 1.2)\n", g.log())


def test_required_lets_nobody_in_without(gateway, tls, context):
    tls["listeners"][0]["tls"]["mode"] = "required"
    g = gateway(tls)
    for plugin in ("mysql_native_password", "caching_sha2_password"):
        for user in ("ana", "stranger"):
            with g.wire() as client:
                with pytest.raises(wire.Refused) as e:
                    client.login(user, "ana's", plugin=plugin)
                assert e.value.errno == 1045 and "TLS" in e.value.message and client.is_closed()
                assert not hasattr(client, "switched_to")
    over_tls(g, context).close()


def test_a_user_who_must_use_tls_is_asked_for_nothing_before(gateway, tls, context):
    """No switch to a method, no wish for a password: the first answer is the refusal, whoever asks."""
    tls["users"]["ana"]["require_tls"] = True
    tls["users"]["bo"] |= {"require_tls": True, "auth": {"caching_sha2_password": stored("bo's")}}
    tls["users"] = {name: tls["users"][name] for name in ("ana", "bo")}
    for part in [*tls["projects"].values(), *tls["data_sources"].values()]:
        part["members"] = {n: r for n, r in part["members"].items() if n in tls["users"]}
    g = gateway(tls)
    for plugin, answer in (("mysql_native_password", 20), ("caching_sha2_password", 32), ("caching_sha2_password", 0),
                           ("mysql_clear_password", 5), ("no_such_plugin", 3)):
        for user in ("ana", "bo", "stranger"):
            with g.wire() as client:
                client.greet()
                client.write(client.response(user, b"x" * answer, plugin=plugin))
                refused = wire.Refused(client.read())
                assert refused.errno == 1045 and refused.message.startswith(f"Access denied for user '{user}'")
                assert client.is_closed()
    for user in ("ana", "bo"):
        with g.connect(user, ssl=context) as connection:
            assert rows(connection, "SELECT COUNT(*) FROM sales.t") == ((3,),)


def test_change_user_keeps_the_tls_of_the_connection(gateway, tls, context):
    tls["users"]["bo"]["require_tls"] = True
    g = gateway(tls)

    def change(client):
        client.command(wire.CHANGE_USER, b"bo\0\0\0" + struct.pack("<H", 45) + b"mysql_native_password\0")
        reply = client.unless_refused()
        assert reply.startswith(b"\xfemysql_native_password\0")
        client.write(wire.scramble("bo's", reply.split(b"\0", 1)[1][:20]))
        return client.unless_refused()

    with over_tls(g, context) as client:
        assert change(client)[:1] == b"\0" and client.alive()
    with g.login("ana") as client:
        with pytest.raises(wire.Refused):
            change(client)


# what is not believed


def test_what_is_sent_in_clear_behind_the_wish_for_tls_is_never_read(gateway, tls, context):
    g = gateway(tls)
    with g.wire() as probe:
        salt = probe.greet().salt
    login = wire.frame(probe.response("ana", wire.scramble("ana's", salt)), 2)
    for behind in (login, b"\0", b"x" * 5000, wire.frame(b"\x03SELECT 1", 0)):
        with g.wire() as client:
            with pytest.raises((ssl.SSLError, OSError)):
                client.secure(context, behind=behind)
                client.login("ana", "ana's")
        assert g.process.poll() is None
    # a record of TLS and clear bytes behind it: nothing but the record is a handshake
    with g.wire() as client:
        client.greet()
        client.write(struct.pack("<IIB23x", wire.USUAL | wire.SSL, 1 << 30, 45), behind=b"\x16\x03\x01\0\x05hello" + login)
        assert client.is_closed()
    assert "sent data in clear behind its wish for TLS" in g.log()
    assert "via=" not in g.log()


def client_hello(context):
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    engine = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        engine.do_handshake()
    return engine, incoming, outgoing


def carry(engine, incoming, outgoing, sock, action, piece=None):
    """Runs an action of the engine over the socket, `piece` bytes in a segment."""
    while True:
        try:
            got = action()
        except ssl.SSLWantReadError:
            got = None
        data = outgoing.read()
        for i in range(0, len(data), piece or len(data) or 1):
            sock.sendall(data[i:i + (piece or len(data))])
        if got is not None:
            return got
        incoming.write(sock.recv(piece or 65536))


def test_a_hello_in_the_segment_of_the_wish_is_served(gateway, tls, context):
    g = gateway(tls)
    for piece in (None, 1):
        with g.wire() as client:
            greeting = client.greet()
            engine, incoming, outgoing = client_hello(context)
            wish = wire.frame(struct.pack("<IIB23x", wire.USUAL | wire.SSL, 1 << 30, 45), 1)
            client.send(wish + outgoing.read())
            login = wire.frame(client.response("ana", wire.scramble("ana's", greeting.salt)), 2)
            carry(engine, incoming, outgoing, client.socket, lambda: engine.do_handshake() or True, piece)
            carry(engine, incoming, outgoing, client.socket, lambda: engine.write(login), piece)
            reply = carry(engine, incoming, outgoing, client.socket, lambda: engine.read(4096), piece)
            assert reply[4:5] == b"\0", reply


def test_tls_is_asked_for_once(gateway, tls, context):
    g = gateway(tls)
    with g.wire() as client:
        client.secure(context)
        client.write(struct.pack("<IIB23x", wire.USUAL | wire.SSL, 1 << 30, 45))
        assert wire.Refused(client.read()).errno == 1043 and client.is_closed()


def test_rubbish_and_silence_end_like_any_login(gateway, tls, context):
    g = gateway(tls)
    wish = struct.pack("<IIB23x", wire.USUAL | wire.SSL, 1 << 30, 45)
    hello = client_hello(context)[2].read()
    silent = []
    for at in (0, 1, 5, 50, len(hello) - 1):
        client = g.wire()
        client.greet()
        client.write(wish)
        client.send(hello[:at])
        silent.append(client)
    for at in range(0, len(hello), 37):  # a byte of the hello is another one
        with g.wire() as client:
            client.greet()
            client.write(wish)
            client.send(hello[:at] + bytes([hello[at] ^ 0xFF]) + hello[at + 1:])
            client.socket.shutdown(socket.SHUT_WR)
            assert client.is_closed()
    over_tls(g, context).close()
    started = time.monotonic()
    for client in silent:
        assert client.is_closed()
        client.close()
    assert time.monotonic() - started < 10  # login_timeout_ms is 2000
    assert g.process.poll() is None


def test_old_versions_are_refused(gateway, tls, certificates):
    g = gateway(tls)
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.load_verify_locations(certificates("ca.pem"))
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with g.wire() as client, pytest.raises((ssl.SSLError, OSError)):
        client.secure(old)


def test_min_version_and_ciphers_are_the_listeners(gateway, tls, context):
    tls["listeners"][0]["tls"]["ciphers"] = ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"]
    g = gateway(tls)
    with over_tls(g, context) as client:
        assert client.socket.cipher()[0] == "ECDHE-ECDSA-AES128-GCM-SHA256"
    if tls["settings"]["tls_provider"] == "mbedtls":
        return
    g.stop()
    del tls["listeners"][0]["tls"]["ciphers"]
    tls["listeners"][0]["tls"]["min_version"] = "1.3"
    g = gateway(tls)
    with over_tls(g, context) as client:
        assert client.socket.version() == "TLSv1.3"
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with g.wire() as client, pytest.raises((ssl.SSLError, OSError)):
        client.secure(context)


# bytes


def test_a_large_result_is_the_same_and_does_not_pile_up(gateway, tls, context):
    g = gateway(tls)
    with g.login() as client:
        client.query("SELECT 1 FROM sales.t")
        size = 400000
        wanted = client.values(f"SELECT REPEAT(side, {size}) FROM sales.t LIMIT 1")
        many = client.values("SELECT a.side, b.side, c.side, REPEAT('y', 2000) FROM sales.t a, sales.t b, sales.t c")
    with over_tls(g, context) as client:
        assert client.values(f"SELECT REPEAT(side, {size}) FROM sales.t LIMIT 1") == wanted
        assert client.values("SELECT a.side, b.side, c.side, REPEAT('y', 2000) FROM sales.t a, sales.t b, sales.t c") == many
        before = g.rss()
        client.command(wire.QUERY, "SELECT REPEAT('z', 15000000), REPEAT('z', 15000000) FROM sales.t")
        time.sleep(1)  # nobody reads
        assert g.rss() - before < 8 << 20
        assert [len(r) for r in client.reply()] == [30000008] * 3
        assert client.alive()


def test_a_long_statement_and_many_in_one_go(gateway, tls, context):
    g = gateway(tls)
    with over_tls(g, context) as client:
        assert client.values("SELECT LENGTH('" + "x" * 3000000 + "') FROM sales.t LIMIT 1") == [(b"3000000",)]
        client.send(b"".join(wire.frame(b"\x03SELECT %d FROM sales.t LIMIT 1" % i, 0) for i in range(300)))
        for i in range(300):
            client.sequence = 1
            assert [wire.fields(r) for r in client.reply()] == [(b"%d" % i,)]


def test_many_clients_at_once(gateway, tls, context):
    tls["settings"]["login_timeout_ms"] = 30000  # one worker has all the handshakes to do
    g = gateway(tls)
    bad = []

    def visit(number):
        try:
            with over_tls(g, context) as client:
                for i in range(5):
                    assert client.values(f"SELECT {number * 100 + i} FROM sales.t LIMIT 1") == [(b"%d" % (number * 100 + i),)]
        except Exception as e:
            bad.append(e)

    threads = [threading.Thread(target=visit, args=(n,)) for n in range(20)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not bad, bad


def test_the_end_is_said(gateway, tls, context):
    """COM_QUIT gets TLS's own last word, so that nobody takes the end for an attack."""
    g = gateway(tls)
    with over_tls(g, context) as client:
        client.command(wire.QUIT)
        assert client.socket.recv(10) == b""  # Python raises on an end without


# sessions


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_a_session_is_resumed(gateway, tls, context, version):
    if version == "TLSv1_3" and tls["settings"]["tls_provider"] == "mbedtls":
        version = "TLSv1_2"
    context.maximum_version = getattr(ssl.TLSVersion, version)
    tls["settings"]["workers"] = 2 if tls["settings"]["tls_provider"] == "openssl" else 1
    g = gateway(tls)
    with over_tls(g, context) as client:
        assert client.alive() and not client.socket.session_reused
        session = client.socket.session
    for _ in range(6):  # whichever worker it is
        with over_tls(g, context, session=session) as client:
            assert client.alive() and client.socket.session_reused
            session = client.socket.session
    g.reload_everywhere(tls, "bo")
    with over_tls(g, context, session=session) as client:  # tickets end with their configuration
        assert client.alive() and not client.socket.session_reused


# certificates


def subject(client):
    return dict(x[0] for x in client.socket.getpeercert()["subject"])["commonName"]


def test_a_reload_brings_another_certificate_to_new_clients(gateway, tls, context, certificates):
    g = gateway(tls)
    with over_tls(g, context) as old:
        assert subject(old) == "server"
        tls["listeners"][0]["tls"] |= {"certificate": certificates("second.pem"), "key": certificates("second.key")}
        g.reload_everywhere(tls, "bo")
        with over_tls(g, context) as new:
            assert subject(new) == "second"
        assert old.values("SELECT COUNT(*) FROM sales.t") == [(b"3",)]
        assert re.search(r"certificate: listener=127.0.0.1:\d+: the certificate expires in 19 days", g.log())
        tls["listeners"][0]["tls"]["key"] = certificates("server.key")  # not its key
        g.path.write_text(json.dumps(tls))
        g.process.send_signal(signal.SIGHUP)
        assert until(lambda: "the configuration stays as it was" in g.log())
        assert "the private key is not the certificate's" in g.log()
        with over_tls(g, context) as new:
            assert subject(new) == "second"


def test_an_expired_certificate_is_told(gateway, tls, certificates):
    tls["listeners"][0]["tls"] |= {"certificate": certificates("expired.pem"), "key": certificates("expired.key")}
    g = gateway(tls)
    assert until(lambda: "the certificate has expired" in g.log())


def test_certificates_know_users(gateway, tls, context, certificates):
    tls["listeners"][0]["tls"]["client_ca"] = certificates("ca.pem")
    tls["users"]["ana"]["auth"] = {"certificate": {"san": "ana@example.com"}}
    tls["users"]["bo"]["auth"]["certificate"] = {"san": "URI:spiffe://example/gateway"}
    tls["users"]["etl"]["auth"] = {"certificate": {"subject": "CN=ana,OU=data,O=Example", "san": "nobody@example.com"}}
    g = gateway(tls)
    context.load_cert_chain(certificates("ana.pem"), certificates("ana.key"))
    with g.connect("ana", password="", ssl=context) as connection:
        assert rows(connection, "SELECT COUNT(*) FROM sales.t") == ((3,),)
        assert refusal(g.connect, "etl", password="", ssl=context)[0] == 1045  # one of two names
        assert refusal(g.connect, "bo", password="", ssl=context)[0] == 1045  # another's certificate
        with g.connect("bo", ssl=context):  # and the password still opens
            pass
        assert refusal(g.connect, "ana", password="")[0] == 1045  # without TLS, without certificate
        # a session ends when its certificate is no longer the user's
        tls["users"]["ana"]["auth"]["certificate"]["san"] = "ana@elsewhere.example"
        g.reload_everywhere(tls, "bo")
        assert refusal(rows, connection, "SELECT 1 FROM sales.t")[0] in (1045, 2013)
    assert g.log().count("via=certificate") == 1


def test_a_resumed_session_is_still_who_it_was(gateway, tls, context, certificates):
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    tls["listeners"][0]["tls"]["client_ca"] = certificates("ca.pem")
    tls["users"]["ana"]["auth"] = {"certificate": {"san": "ana@example.com"}}
    g = gateway(tls)
    context.load_cert_chain(certificates("ana.pem"), certificates("ana.key"))
    with over_tls(g, context) as client:
        session = client.socket.session
    with over_tls(g, context, session=session) as client:
        assert client.socket.session_reused and client.alive()
    with g.wire() as client:
        client.secure(context, session=session)
        with pytest.raises(wire.Refused):
            client.login("bo", "wrong")
