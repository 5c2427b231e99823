"""TLS with frontends: what each mode wants of them, and what never goes to one that does not have it."""

import hashlib
import re
import socket
import ssl
import sys
import time

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

import harness
import wire
import world
from harness import refusal, rows, until

sys.path.insert(0, str(harness.ROOT / "tests"))

from fe.emulator import Emulator  # noqa: E402

PROVIDERS = ["openssl", "mbedtls"]
OAEP = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
PASSWORD = "sales's own"


def context(certificates, name):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    c.load_cert_chain(certificates(name + ".pem"), certificates(name + ".key"))
    return c


def config_over(port, provider, tls, host="127.0.0.1", **cluster):
    return {
        "settings": {"workers": 1, "tls_provider": provider},
        "listeners": [{"protocol": "mysql", "address": f"127.0.0.1:{harness.free_port()}"}],
        "clusters": {"main": {"jdbc_url": f"jdbc:mysql://{host}:{port}/", "tls": tls,
                              "monitor": {"username": "watch", "password": "watch's"}, **cluster}},
        "compute_sources": {"sales": {"cluster": "main", "database": "dw_sales", "username": "sales",
                                      "password": PASSWORD, "pool": {"max_wait_ms": 2500}}},
        "projects": {"sales": {"prod": "sales", "members": {"ana": "owner"}}},
        "users": {"ana": {"auth": {"mysql_native_password": harness.native_hash("ana's")}, "default_project": "sales"}},
    }


def logins(server, account="sales"):
    return [c for c in server.connections if c.account == account]


def hang_up(server):
    """Ends the connections of the account, and waits until the gateway has noticed."""
    for c in logins(server):
        try:
            c.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
    time.sleep(0.2)


# certificates and modes

CASES = [  # certificate of the frontend, mode, whether it is spoken to
    ("server", "preferred", True), (None, "preferred", True), ("foreign", "preferred", True),
    ("server", "required", True), ("expired", "required", True), ("foreign", "required", True), (None, "required", False),
    ("server", "verify-ca", True), ("elsewhere", "verify-ca", True), ("foreign", "verify-ca", False),
    ("expired", "verify-ca", False), (None, "verify-ca", False),
    ("server", "verify-full", True), ("elsewhere", "verify-full", False), ("foreign", "verify-full", False),
    ("expired", "verify-full", False), (None, "verify-full", False),
]


# the unit tests judge every certificate by both libraries
STRICT = [c for c in CASES if c[1].startswith("verify-") and c[0] in ("server", "elsewhere", None)]


@pytest.mark.parametrize("provider, certificate, mode, is_fine", [("openssl", *c) for c in CASES] + [("mbedtls", *c) for c in STRICT])
def test_a_mode_gets_what_it_asks_for_or_nothing_is_told(gateway, fake, certificates, provider, certificate, mode, is_fine):
    server = fake(tls=certificate and context(certificates, certificate))
    g = gateway(config_over(server.port, provider, {"mode": mode, "ca": certificates("ca.pem")}))
    with g.connect("ana") as connection:
        if is_fine:
            assert rows(connection, "SELECT 1 FROM t") == (("1",),)
            assert until(lambda: logins(server) and logins(server, "watch"))
            assert all(c.is_encrypted == bool(certificate) for c in logins(server) + logins(server, "watch"))
        else:
            assert refusal(rows, connection, "SELECT 1 FROM t")[0] == 2003
            assert not [c for c in server.connections if c.account is not None]  # not even a name was told
            assert until(lambda: re.search(r"TLS: (certificate: |the frontend offers none)", g.log())), g.log()


def inject(c):
    type(c).greet(c)
    c.send(wire.frame(b"\0\0\0\2\0\0\0", 1))


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("what, says", [
    ("foreign", "TLS failed: certificate: "), ("elsewhere", "TLS failed: certificate: "),
    ("expired", "TLS failed: certificate: "), (None, "it offers no TLS, which the cluster's tls asks for"),
    (inject, "TLS failed: |has sent bytes in clear ahead of TLS"),
])
def test_the_connections_of_statements_are_as_strict_as_the_probe(gateway, fake, certificates, provider, what, says):
    """The frontend is known and good when somebody else takes its place."""
    server = fake(tls=context(certificates, "server"))
    config = config_over(server.port, provider, {"mode": "verify-full", "ca": certificates("ca.pem")})
    config["settings"]["probe_interval_ms"] = 60000
    g = gateway(config)
    assert g.query("SELECT 1 FROM t") == (("1",),)
    if what is inject:
        server.greet = inject
    else:
        server.tls = what and context(certificates, what)
    hang_up(server)
    server.connections.clear()
    with g.connect("ana") as connection:
        assert refusal(rows, connection, "SELECT 1 FROM t")[0] == 2003
    assert re.search(says, g.log()), g.log()[-1500:]
    assert not [c for c in server.connections if c.account is not None]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_url_may_ask_for_tls(gateway, fake, certificates, provider):
    for parameters, is_encrypted in (("useSSL=true", True), ("sslMode=REQUIRED", True), ("sslMode=DISABLED&useSSL=true", False)):
        server = fake(tls=context(certificates, "foreign"))
        config = config_over(server.port, provider, "off")
        del config["clusters"]["main"]["tls"]
        config["clusters"]["main"]["jdbc_url"] += "?" + parameters
        g = gateway(config)
        assert g.query("SELECT 1 FROM t") == (("1",),)
        assert {c.is_encrypted for c in logins(server)} == {is_encrypted}


def test_the_gateway_shows_its_own_certificate(gateway, fake, certificates):
    for provider in PROVIDERS:
        c = context(certificates, "server")
        c.verify_mode = ssl.CERT_REQUIRED
        c.load_verify_locations(certificates("ca.pem"))
        server = fake(tls=c)
        tls = {"mode": "verify-full", "ca": certificates("ca.pem")}
        config = config_over(server.port, provider, tls)
        g = gateway(config)
        with g.connect("ana") as connection:
            assert refusal(rows, connection, "SELECT 1 FROM t")[0] == 2003
        g.stop()
        tls |= {"certificate": certificates("gateway.pem"), "key": certificates("gateway.key")}
        g = gateway(config)
        assert g.query("SELECT 1 FROM t") == (("1",),)
        assert logins(server)[0].socket.getpeercert()["subjectAltName"] == (("URI", "spiffe://example/gateway"),)


# passwords


def clear(c, response):
    c.write(b"\xfemysql_clear_password\0")
    c.told = c.read()
    c.ok()


SALT = b"abcdefghijklmnopqrst"


def full(c, response):
    c.write(b"\xfecaching_sha2_password\0" + SALT + b"\0")
    c.read()
    c.write(b"\x01\x04")
    c.told = c.read()
    c.ok()


def only_sales(method):
    return lambda c, response: method(c, response) if c.account == "sales" else c.ok()


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("method", [clear, full])
@pytest.mark.parametrize("mode", ["required", "verify-ca"])
def test_the_password_itself_is_told_to_a_proven_frontend_only(gateway, fake, certificates, provider, method, mode):
    server = fake(tls=context(certificates, "server"), login=only_sales(method))
    g = gateway(config_over(server.port, provider, {"mode": mode, "ca": certificates("ca.pem")}))
    with g.connect("ana") as connection:
        if mode == "verify-ca":
            assert rows(connection, "SELECT 1 FROM t") == (("1",),)
            assert logins(server)[0].told == PASSWORD.encode() + b"\0"
        else:
            assert refusal(rows, connection, "SELECT 1 FROM t")[0] == 2003
            assert until(lambda: "has not proven who it is" in g.log())
            assert not [c for c in server.connections if hasattr(c, "told")]
    assert PASSWORD not in g.log()


@pytest.mark.parametrize("tls", ["off", "required"])
def test_a_known_key_serves_its_owner_and_no_other(gateway, fake, certificates, tls):
    """Whoever holds another key gets bytes that he cannot read; the wire never sees a key."""
    server = fake(tls=context(certificates, "server"), login=only_sales(full))
    g = gateway(config_over(server.port, "openssl", tls, public_key=certificates("rsa.pub")))
    assert g.query("SELECT 1 FROM t") == (("1",),)
    told = logins(server)[0].told
    with open(certificates("rsa.key"), "rb") as right, open(certificates("swapped.key"), "rb") as swapped:
        plain = serialization.load_pem_private_key(right.read(), None).decrypt(told, OAEP)
        with pytest.raises(ValueError):
            serialization.load_pem_private_key(swapped.read(), None).decrypt(told, OAEP)
    assert bytes(b ^ SALT[i % 20] for i, b in enumerate(plain)) == PASSWORD.encode() + b"\0"


# bytes and sessions


@pytest.mark.parametrize("provider", PROVIDERS)
def test_sessions_are_resumed_with_frontends(gateway, fake, certificates, provider):
    c = context(certificates, "server")
    server = fake(tls=c)
    g = gateway(config_over(server.port, provider, {"mode": "verify-full", "ca": certificates("ca.pem")}))
    for _ in range(3):
        with g.connect("ana") as connection:
            rows(connection, "SET @a = 1")
            rows(connection, "SELECT 1 FROM t")
        hang_up(server)
    assert until(lambda: len(logins(server)) >= 3)
    assert c.session_stats()["hits"] >= 1, c.session_stats()


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_large_result_arrives_and_waits_for_its_reader(gateway, fake, certificates, provider):
    lines = 300

    def handler(c, command, argument):
        if b"big" not in argument:
            return False
        c.columns(["a"])
        for i in range(lines):
            c.row([b"%d" % i + b"x" * 100000])
        c.eof()
        return True

    server = fake(handler, tls=context(certificates, "server"))
    g = gateway(config_over(server.port, provider, {"mode": "verify-ca", "ca": certificates("ca.pem")}))
    with g.login() as client:
        client.query("SELECT 1 FROM t")
        before = g.rss()
        client.command(wire.QUERY, "SELECT * FROM big")
        time.sleep(1)
        # sanitizers keep freed memory and shadows
        assert g.rss() - before < (64 if harness.SANITIZED else 8) << 20
        got = [wire.fields(r)[0] for r in client.reply()]
        assert [hashlib.md5(x).digest() for x in got] == [hashlib.md5(b"%d" % i + b"x" * 100000).digest() for i in range(lines)]
        long = "SELECT '" + "y" * 3000000 + "' FROM t"
        assert client.values(long) == [(b"1",)]
        assert until(lambda: any(len(q) > 3000000 for q in server.queries()))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_reload_brings_tls_to_the_pools(gateway, fake, certificates, provider):
    server = fake(tls=context(certificates, "server"))
    config = config_over(server.port, provider, "off")
    g = gateway(config)
    assert g.query("SELECT 1 FROM t") == (("1",),)
    config["clusters"]["main"]["tls"] = {"mode": "verify-full", "ca": certificates("ca.pem")}
    g.reload(config)
    assert until(lambda: g.query("SELECT 1 FROM t") and logins(server)[-1].is_encrypted)  # once the worker has it
    assert {c.is_encrypted for c in logins(server)} == {False, True}


# a frontend that leaves what stands behind a command in the same record unread


@pytest.fixture(scope="module")
def database():
    server = harness.Backend()
    yield server
    server.stop()


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_command_has_a_record_of_its_own(gateway, database, certificates, provider):
    tls = (certificates("server.pem"), certificates("server.key"))
    with Emulator(str(database.dir / "socket"), tls=tls) as emulator:
        emulator.sql("CREATE DATABASE IF NOT EXISTS dw_sales",
                     "CREATE TABLE IF NOT EXISTS dw_sales.t (id INT, side VARCHAR(20)) DISTRIBUTED BY HASH(id) BUCKETS 1",
                     "DELETE FROM dw_sales.t WHERE id > 0", "INSERT INTO dw_sales.t VALUES (1, 'x')")
        for name, password in (("sales", PASSWORD), ("watch", "watch's")):
            quoted = password.replace("'", "''")
            emulator.sql(f"DROP USER IF EXISTS {name}", f"CREATE USER {name} IDENTIFIED BY '{quoted}'",
                         f"GRANT ALL ON ALL TABLES IN DATABASE dw_sales TO USER {name}")
        config = config_over(emulator.port, provider, {"mode": "verify-full", "ca": certificates("ca.pem")})
        config["compute_sources"]["sales"]["pool"]["mode"] = "transaction"
        g = gateway(config)
        with g.login() as client:
            client.socket.settimeout(10)
            for i in range(10):
                client.query(f"SET @a = {i}, sql_mode = '{'PIPES_AS_CONCAT' if i % 2 else ''}'")
                assert client.values("SELECT side FROM t WHERE id = 1")[0] == (b"x",)
                client.command(0x16, f"SELECT side FROM t WHERE id = {i}")
                prepared = client.unless_refused()
                for _ in range(int.from_bytes(prepared[5:7], "little") + 1):
                    client.unless_refused()
                number = prepared[1:5]
                client.command(0x17, number + b"\0\1\0\0\0")
                assert len(client.reply()) == (i == 1)
                client.command(0x19, number)
                client.query("BEGIN")
                client.query("INSERT INTO t VALUES (77, 'y')")
                client.query("COMMIT")
        assert emulator.texts(user="sales")
