"""caching_sha2_password, on both sides."""

import hashlib
import json
import re
import struct

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

import harness
import wire
import world
from harness import refusal, rows, run, starbind, until

METHOD = b"caching_sha2_password"
OAEP = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
FAST, FULL = b"\x01\x03", b"\x01\x04"


def stored(password):
    done = starbind("passwd", "-m", "sha2", input=password + "\n")
    assert done.returncode == 0, done.stderr
    return json.loads("{" + done.stdout + "}")["auth"]["caching_sha2_password"]


@pytest.fixture
def config(config):
    """The shared one with one worker, so that logins meet one cache; ana has sha2 only, own both."""
    config["settings"]["workers"] = 1
    config["users"]["ana"]["auth"] = {"caching_sha2_password": stored("ana's")}
    config["users"]["own"]["auth"]["caching_sha2_password"] = stored("own's")
    return config


def scramble(password, salt):
    once = hashlib.sha256(password.encode()).digest()
    mask = hashlib.sha256(hashlib.sha256(once).digest() + salt).digest()
    return bytes(a ^ b for a, b in zip(once, mask))


def sealed(password, salt, pem):
    plain = bytes(b ^ salt[i % 20] for i, b in enumerate(password.encode() + b"\0"))
    return serialization.load_pem_public_key(pem).encrypt(plain, OAEP)


def offer(client, user, password, plugin=METHOD.decode()):
    """Greeting and login; what the gateway says to it."""
    client.greet()
    client.write(client.response(user, scramble(password, client.greeting.salt), plugin=plugin))
    return client.read()


def ask_key(client):
    client.write(b"\x02")
    reply = client.read()
    assert reply[:1] == b"\x01" and b"BEGIN PUBLIC KEY" in reply
    return reply[1:]


def log_in(client, user, password):
    """The whole of it; gives FAST or FULL."""
    first = offer(client, user, password)
    if first == FULL:
        client.write(sealed(password, client.greeting.salt, ask_key(client)))
    last = client.read()
    if last[:1] == b"\xff":
        raise wire.Refused(last)
    assert last[:1] == b"\0", last
    return first


def logged_in(g, user, password):
    with g.wire() as client:
        return log_in(client, user, password)


def refused(g, user, password):
    with g.wire() as client:
        with pytest.raises(wire.Refused) as e:
            log_in(client, user, password)
        assert client.is_closed()
        return e.value.errno, e.value.sqlstate, e.value.message


# clients


def test_pymysql_logs_in(gateway):
    g = gateway()
    for _ in range(2):
        assert g.query("SELECT COUNT(*) FROM sales.t") == ((3,),)
    assert g.log().count("via=caching_sha2_password") == 2
    assert refusal(g.connect, "ana", password="wrong")[0] == 1045
    assert refusal(g.connect, "ana", password="")[0] == 1045


def test_the_stock_client_logs_in(gateway):
    g = gateway()
    done = g.cli("SELECT COUNT(*) FROM sales.t", "--batch", "--skip-ssl")
    assert done.stderr == "" and done.stdout.split() == ["COUNT(*)", "3"]
    assert "1045" in g.cli("SELECT 1", "--skip-ssl", password="wrong").stderr


def test_a_password_that_is_told_in_clear_without_tls_is_refused(gateway):
    g = gateway()
    assert "1045" in g.cli("SELECT 1").stderr  # wants TLS, takes none for it, and tells its password
    assert "the client told its password in clear, without TLS" in g.log()
    assert "ana's" not in g.log()


def test_a_libmariadb_program_logs_in(gateway, program):
    g = gateway()
    done = run(program("checksum"), "127.0.0.1", g.port, "ana", "ana's", "sales", "SELECT * FROM t")
    assert done.returncode == 0 and done.stdout.startswith("rows 3 "), done.stdout
    done = run(program("checksum"), "127.0.0.1", g.port, "ana", "wrong", "sales", "SELECT * FROM t")
    assert done.returncode == 1 and "1045" in done.stdout


def test_a_user_with_both_hashes_may_use_either(gateway):
    g = gateway()
    g.login("own").close()
    assert logged_in(g, "own", "own's") == FULL
    with g.wire() as client:  # a MySQL 8 client: it names the method and has nothing for this salt yet
        client.greet()
        client.write(client.response("own", b"", plugin=METHOD.decode()))
        assert client.read().startswith(b"\xfemysql_native_password\0")
        client.write(wire.scramble("own's", client.greeting.salt))
        assert client.read()[:1] == b"\0"


# the cache


def test_the_first_login_tells_the_password_and_the_next_does_not(gateway):
    g = gateway()
    assert [logged_in(g, "ana", "ana's") for _ in range(3)] == [FULL, FAST, FAST]


def test_a_switched_client_is_remembered_too(gateway):
    g = gateway()
    g.query("SELECT 1 FROM sales.t")  # PyMySQL begins with native
    with g.wire() as client:
        assert offer(client, "ana", "x", "mysql_native_password").startswith(b"\xfe" + METHOD + b"\0")
        client.write(scramble("ana's", client.greeting.salt))
        assert client.read() == FAST
        assert client.read()[:1] == b"\0"
        assert client.alive()


def test_another_hash_makes_the_remembered_password_worthless(gateway, config):
    g = gateway(config)
    logged_in(g, "ana", "ana's")
    old = config["users"]["ana"]["auth"]["caching_sha2_password"]
    config["users"]["ana"]["auth"]["caching_sha2_password"] = [stored("another"), old]
    g.reload_everywhere(config, "bo")
    assert logged_in(g, "ana", "ana's") == FAST
    config["users"]["ana"]["auth"]["caching_sha2_password"] = stored("another")
    g.reload_everywhere(config, "bo")
    assert refused(g, "ana", "ana's")[0] == 1045
    assert logged_in(g, "ana", "another") == FULL


def test_a_session_stays_while_its_hash_does(gateway, config):
    g = gateway(config)
    with g.connect("ana", "sales") as connection:
        config["users"]["bo"]["priority"] = "low"
        g.reload_everywhere(config, "bo")
        assert rows(connection, "SELECT COUNT(*) FROM t") == ((3,),)
        config["users"]["ana"]["auth"]["caching_sha2_password"] = stored("ana's")  # another salt
        g.reload_everywhere(config, "bo")
        assert refusal(rows, connection, "SELECT COUNT(*) FROM t")[0] in (1045, 2013, 2006)


def test_a_reload_brings_the_first_user_of_the_method(gateway, config):
    config["settings"]["max_login_failures"] = 0  # it leaves in the middle until the key is there
    sha2 = config["users"]["ana"]["auth"]
    config["users"]["ana"]["auth"] = {"mysql_native_password": harness.native_hash("ana's")}
    del config["users"]["own"]["auth"]["caching_sha2_password"]
    g = gateway(config)
    with g.wire() as client:
        assert offer(client, "ana", "ana's").startswith(b"\xfemysql_native_password\0")
    config["users"]["ana"]["auth"] = sha2
    g.reload_everywhere(config, "bo")

    def has_come():
        with g.wire() as client:
            return offer(client, "ana", "ana's") == FULL

    assert until(has_come)  # a key pair is made first
    assert logged_in(g, "ana", "ana's") == FULL


# those who don't get in


def test_a_wrong_password_at_every_step(gateway):
    g = gateway()
    wrong = (1045, "28000", "Access denied for user 'ana'@'127.0.0.1' (using password: YES)")
    assert refused(g, "ana", "wrong") == wrong
    logged_in(g, "ana", "ana's")
    assert refused(g, "ana", "wrong") == wrong  # with a remembered one
    with g.wire() as client:  # the right response for another salt, then another password
        client.greet()
        client.write(client.response("ana", scramble("ana's", b"x" * 20), plugin=METHOD.decode()))
        assert client.read() == FULL
        client.write(sealed("wrong", client.greeting.salt, ask_key(client)))
        assert wire.Refused(client.read()).errno == 1045 and client.is_closed()
    with g.wire() as client:  # encrypted for another greeting
        assert offer(client, "ana", "wrong") == FULL
        client.write(sealed("ana's", b"x" * 20, ask_key(client)))
        assert wire.Refused(client.read()).errno == 1045 and client.is_closed()
    assert "ana's" not in g.log()


def test_strangers_go_the_way_of_users(gateway, config):
    config["users"] = {"ana": config["users"]["ana"]}
    config["projects"] = {"sales": {**config["projects"]["sales"], "members": {"ana": "developer"}}}
    config["data_sources"] = {}
    g = gateway(config)

    def way(user, plugin):
        with g.wire() as client:
            seen = [offer(client, user, "wrong", plugin)]
            if seen[0][:1] == b"\xfe":
                seen[0] = seen[0][:23]
                client.write(scramble("wrong", client.greeting.salt))
                seen.append(client.read())
            key = ask_key(client)
            client.write(sealed("wrong", client.greeting.salt, key))
            return seen + [key, wire.Refused(client.read()).errno, client.sequence, client.is_closed()]

    for plugin in ("mysql_native_password", METHOD.decode(), ""):
        assert way("ana", plugin) == way("who", plugin) == way("somebody else", plugin)


def test_a_user_outside_its_networks_reads_what_a_stranger_reads(gateway, config):
    config["users"]["ana"]["from"] = ["10.0.0.0/8"]
    g = gateway(config)
    message = refusal(g.connect, "ana")[1]
    assert message == refusal(g.connect, "who", password="x")[1].replace("who", "ana")


@pytest.mark.parametrize("junk", [b"", b"\0", b"\x02", b"ana's\0", b"x" * 255, b"\0" * 256, b"\xff" * 256, b"x" * 257,
                                  b"x" * 60000])
def test_garbage_in_the_place_of_the_password(gateway, junk):
    g = gateway()
    for asked in (False, True):
        if junk == b"\x02" and not asked:
            continue
        with g.wire() as client:
            assert offer(client, "ana", "ana's") == FULL
            if asked:
                ask_key(client)
            client.write(junk)
            assert wire.Refused(client.read()).errno == 1045 and client.is_closed()
    assert logged_in(g, "ana", "ana's") == FULL


@pytest.mark.parametrize("answer", [b"", b"\0", b"x", b"x" * 20, b"x" * 31, b"x" * 33, b"x" * 200])
def test_responses_of_other_sizes(gateway, answer):
    with gateway().wire() as client:
        client.greet()
        client.write(client.response("ana", b"x" * 20))
        assert client.read().startswith(b"\xfe" + METHOD)
        client.write(answer)
        e = wire.Refused(client.read())
        assert e.errno == 1045 and e.message.endswith("NO)" if answer in (b"", b"\0") else "YES)")
        assert client.is_closed()


def test_clients_that_leave_at_every_step(gateway, config):
    config["settings"].update(max_password_checks=1, max_login_failures=0)
    g = gateway(config)
    logged_in(g, "ana", "ana's")
    before = g.descriptors()
    for i in range(60):
        client = g.wire()
        assert offer(client, "ana", "wrong") == FULL
        if i % 4:
            key = ask_key(client)
        if i % 4 == 2:
            client.send(wire.frame(sealed("ana's", client.greeting.salt, key), client.sequence)[:100])
        if i % 4 == 3:
            client.write(sealed("ana's", client.greeting.salt, key))
        client.abort() if i % 2 else client.close()
    assert until(lambda: g.descriptors() <= before + 1), (before, g.descriptors())
    assert logged_in(g, "ana", "ana's") == FAST


def test_checks_wait_in_line_and_the_worker_goes_on(gateway, config):
    config["settings"].update(max_password_checks=1, max_login_failures=0, login_timeout_ms=600000)
    config["users"]["ana"]["auth"] = {"caching_sha2_password": "$A$020" + stored("x")[6:]}  # 32,000 rounds
    g = gateway(config)
    clients = [g.wire() for _ in range(40)]
    other = g.login("bo")
    for client in clients:
        offer(client, "ana", "wrong")
        client.write(sealed("wrong", client.greeting.salt, ask_key(client)))
    assert other.alive()
    assert [wire.Refused(c.read()).errno for c in clients] == [1045] * len(clients)


def test_a_login_that_waits_for_its_check_is_late_too(gateway, config):
    config["settings"].update(max_password_checks=1, login_timeout_ms=700)
    config["users"]["ana"]["auth"] = {"caching_sha2_password": "$A$fff" + stored("x")[6:]}  # 4 million rounds
    g = gateway(config)
    clients = []
    for _ in range(4):
        clients.append(g.wire())
        offer(clients[-1], "ana", "wrong")
        clients[-1].write(sealed("wrong", clients[-1].greeting.salt, ask_key(clients[-1])))
    got = [wire.Refused(c.read()).errno for c in clients]
    assert set(got) <= {4031, 1045} and 4031 in got, got
    g.stop()  # with a check under way, which nobody waits for


# packets in the wrong place


def test_a_statement_sent_with_the_password_waits_for_the_check(gateway):
    with gateway().wire() as client:
        assert offer(client, "ana", "ana's") == FULL
        blob = sealed("ana's", client.greeting.salt, ask_key(client))
        client.send(wire.frame(blob, client.sequence) + wire.frame(b"\x03SELECT COUNT(*) FROM sales.t"))
        client.sequence += 1
        assert client.read()[:1] == b"\0"
        client.sequence = 1
        assert [wire.fields(row) for row in client.reply()] == [(b"3",)]


def test_change_user_to_a_user_of_the_method_and_back(gateway):
    with gateway().login("bo") as client:
        for _ in range(2):
            client.command(wire.CHANGE_USER, b"ana\0\0sales\0\x2d\0mysql_native_password\0")
            reply = client.read()
            assert reply.startswith(b"\xfe" + METHOD + b"\0")
            salt = reply[len(METHOD) + 2:][:20]
            assert salt == client.greeting.salt  # libmariadb answers to no other
            client.write(scramble("ana's", salt))
            reply = client.read()
            if reply == FULL:
                client.write(sealed("ana's", salt, ask_key(client)))
            assert client.read()[:1] == b"\0"
            assert client.values("SELECT COUNT(*) FROM t") == [(b"3",)]


# a backend's account


KEY = rsa.generate_private_key(65537, 2048)
PEM = KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
SALT = b"abcdefghijklmnopqrst"


def over(config, server, key=None):
    """The configuration over a scripted server; the probe's account logs in by native, as it must."""
    by_sha2 = server.login
    server.login = lambda c, response: c.ok() if c.account == "watch" else by_sha2(c, response)
    config["clusters"]["main"] = {"jdbc_url": f"jdbc:mysql://127.0.0.1:{server.port}/",
                                  "monitor": {"username": "watch", "password": "watch's"}}
    if key:
        config["clusters"]["main"]["public_key"] = str(key)
    for source in config["compute_sources"].values():
        source["pool"] = {"mode": "session", "max_connections": 4, "max_wait_ms": 1500}
    return config


@pytest.mark.parametrize("remembers", [True, False])
def test_a_backend_of_the_method_lets_the_account_in(gateway, config, fake, remembers, tmp_path):
    password, got = world.account_password("sales_rw"), []

    def login(c, response):
        c.write(b"\xfe" + METHOD + b"\0" + SALT + b"\0")
        got.append(c.read() == scramble(password, SALT))
        if remembers:
            c.write(FAST)
        else:
            c.write(FULL)
            plain = KEY.decrypt(c.read(), OAEP)
            got.append(bytes(b ^ SALT[i % 20] for i, b in enumerate(plain)) == password.encode() + b"\0")
        c.ok()

    (tmp_path / "key.pem").write_bytes(PEM)
    g = gateway(over(config, fake(login=login), tmp_path / "key.pem"))
    with g.connect("bo", "sales") as connection:
        assert rows(connection, "SELECT * FROM t") == (("1",),)
    assert got == [True] * (1 if remembers else 2)


def endless(c):
    while True:
        c.write(FULL)
        c.read()


HOSTILE = {
    "a demand for another password": lambda c: (c.write(FULL), c.read(), c.write(FULL), c.read(), c.ok()),
    "steps without an end": endless,
    "a key in the place of an OK": lambda c: (c.write(FULL), c.read(), c.write(b"\x01" + PEM), c.read(), c.ok()),
    "a key that nobody has asked for": lambda c: (c.write(b"\x01" + PEM), c.read(), c.ok()),
    "an OK before the response was judged": lambda c: c.ok(),
    "an unknown step": lambda c: (c.write(b"\x01\x09"), c.read(), c.ok()),
    "an error": lambda c: (c.write(FULL), c.read(), c.error(1045, "Access denied", "28000")),
}


def test_a_backend_whose_key_is_not_known_gets_no_password(gateway, config, fake):
    got = []

    def login(c, response):
        c.write(b"\xfe" + METHOD + b"\0" + SALT + b"\0")
        c.read()
        c.write(FULL)
        c.write(b"\x01" + PEM)  # here it is, unasked
        got.append(c.read())

    g = gateway(over(config, fake(login=login)))
    with g.connect("bo", "sales") as connection:
        assert refusal(rows, connection, "SELECT * FROM t")[0] == 2003
    assert not got and "public_key" in g.log()


@pytest.mark.parametrize("how", HOSTILE)
def test_a_backend_that_plays_games(gateway, config, fake, how, tmp_path):
    def login(c, response):
        c.write(b"\xfe" + METHOD + b"\0" + SALT + b"\0")
        c.read()
        HOSTILE[how](c)

    (tmp_path / "key.pem").write_bytes(PEM)
    g = gateway(over(config, fake(login=login), tmp_path / "key.pem"))
    with g.connect("bo", "sales") as connection:
        assert refusal(rows, connection, "SELECT * FROM t")[0] in (2003, 1040)
        connection.ping(reconnect=False)
    assert not re.search(re.escape(world.account_password("sales_rw")), g.log())
