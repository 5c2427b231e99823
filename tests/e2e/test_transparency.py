"""A client cannot tell whether it has a server to itself or shares one connection with seven others.

Every conversation of conversations.py is held three times: with the server, through pools of mode session, and through a pool
of mode transaction with one connection that eight clients use in turn.  The answers are equal byte for byte, but for ids
(labels and numbers of transactions, numbers of prepared statements), and for the two status flags that are the gateway's
to say towards a client (transaction, autocommit).  Between the two modes there is no difference at all; where the gateway
answers otherwise than the server, by contract, BY_CONTRACT says why."""

import queue
import re
import struct
import sys
import threading

import pytest

import conversations
import harness
import wire

sys.path.insert(0, str(harness.ROOT / "tests"))

from fe.emulator import Emulator  # noqa: E402

CLIENTS = 8
DATABASE, ACCOUNT = "shop", "shop_rw"
CAPABILITIES = wire.USUAL | wire.MULTI_STATEMENTS | wire.MULTI_RESULTS
IDS = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|'txnId':'\d+'")
OWN_FLAGS = 0x4003  # in a transaction, autocommit, session state changed
LONG, VARIABLE = 8, 253

MARIADB, STARROCKS = "MariaDb", "StarRocks"
BY_CONTRACT = {
    "an error of syntax": ((MARIADB, STARROCKS), "the gateway reads a text before any server does"),
    "an error of arguments": ((MARIADB, STARROCKS), "the gateway reads a text before any server does"),
    "an empty transaction": ((STARROCKS,), "BEGIN goes out with the first change: there is no number to tell"),
    "an empty transaction that is rolled back": ((STARROCKS,), "BEGIN goes out with the first change: there is no number to tell"),
    "a reset in a transaction": ((STARROCKS,), "a reset ends the transaction, as the protocol says; a frontend leaves it open"),
    "SELECT (SELECT MAX(id) FROM t)": ((MARIADB,), "a column is labelled as StarRocks would"),
    "SELECT DATABASE()": ((MARIADB,), "answered with the project's name, as a literal"),
    "INIT_DB": ((MARIADB,), "DATABASE() is answered with the project's name, as a literal"),
    "USE": ((MARIADB,), "DATABASE() is answered with the project's name, as a literal"),
}


class Talk:
    """One client; say(step) gives every packet of the answer as (kind, sequence, bytes)."""

    def __init__(self, port, user, password):
        self.client = wire.Client("127.0.0.1", port, timeout=60)
        self.client.login(user, password, DATABASE, capabilities=CAPABILITIES)
        self.statements = {}

    def close(self):
        self.client.command(wire.QUIT)
        self.client.close()

    def say(self, step):
        if isinstance(step, str):
            self.client.command(wire.QUERY, step)
            return self.results(masks_info=step.upper().startswith(("BEGIN", "START")))
        return getattr(self, step[0])(*step[1:])

    def packet(self, kind):
        sequence = self.client.sequence
        payload = self.client.read()
        return ("err" if payload[:1] == b"\xff" else kind, sequence, payload)

    def results(self, masks_info=False):
        packets = []
        while True:
            first = self.packet("ok")
            kind, sequence, payload = first
            if kind == "ok" and payload[0] != 0:
                packets.append(("count", sequence, payload))
                packets += self.rows(payload[0])
            else:
                packets.append(("begun" if masks_info and kind == "ok" else kind, sequence, payload))
            kind, _, payload = packets[-1]
            if kind == "err" or not status(kind, payload) & 0x8:
                return packets

    def rows(self, columns):
        packets = [self.packet("column") for _ in range(columns)] + [self.packet("eof")]
        while True:
            packet = self.packet("row")
            if packet[2][:1] == b"\xfe" and len(packet[2]) < 9:
                return packets + [("eof",) + packet[1:]]
            packets.append(packet)
            if packet[0] == "err":
                return packets

    def simple(self, *command):
        self.client.command(*command)
        return [self.packet("ok")]

    def ping(self):
        return self.simple(wire.PING)

    def reset(self):
        return self.simple(wire.RESET_CONNECTION)

    def init_db(self, name):
        return self.simple(wire.INIT_DB, name)

    def prepare(self, key, text):
        self.client.command(0x16, text)
        packets = [self.packet("prepared")]
        if packets[0][0] == "err":
            return packets
        number, columns, parameters = struct.unpack_from("<IHH", packets[0][2], 1)
        self.statements[key] = number
        for count in (parameters, columns):
            packets += [self.packet("column") for _ in range(count)] + ([self.packet("eof")] if count else [])
        return packets

    def execute(self, key, *values):
        nulls, types, data = 0, b"", b""
        for i, value in enumerate(values):
            if value is None:
                nulls |= 1 << i
                types += struct.pack("<H", 6)
            elif isinstance(value, int):
                types, data = types + struct.pack("<H", LONG), data + struct.pack("<q", value)
            else:
                types, data = types + struct.pack("<H", VARIABLE), data + wire.lenenc(value.encode())
        bitmap = nulls.to_bytes((len(values) + 7) // 8, "little")
        body = bitmap + b"\1" + types + data if values else b""
        self.client.command(0x17, struct.pack("<IBI", self.statements[key], 0, 1) + body)
        return self.results()

    def close_statement(self, key):
        self.client.command(0x19, struct.pack("<I", self.statements.pop(key)))
        return []


def status(kind, payload):
    if kind == "eof":
        return struct.unpack_from("<H", payload, 3)[0]
    return struct.unpack_from("<H", payload, after_numbers(payload))[0]


def after_numbers(ok):
    """Where the status flags of an OK packet stand: behind two length-encoded numbers."""
    at = 1
    for _ in range(2):
        at += {0xFC: 3, 0xFD: 4, 0xFE: 9}.get(ok[at], 1)
    return at


def without_flags(payload, at):
    flags = struct.unpack_from("<H", payload, at)[0] & ~OWN_FLAGS
    return payload[:at] + struct.pack("<H", flags) + payload[at + 2:]


def masked(packets, with_flags):
    out = []
    for kind, sequence, payload in packets:
        if kind == "prepared":
            payload = payload[:1] + b"????" + payload[5:]
        if kind == "begun":  # its text is nothing but the ids of the transaction
            payload = payload[:after_numbers(payload) + 4]
        if not with_flags and kind == "eof":
            payload = without_flags(payload, 3)
        if not with_flags and kind in ("ok", "begun"):
            payload = without_flags(payload, after_numbers(payload))
        out.append((kind, sequence, IDS.sub(b"?", payload)))
    return out


def hold(port, user, password, steps):
    """The answers of one conversation, step by step."""
    talk = Talk(port, user, password)
    try:
        return [talk.say(("close_statement", step[1]) if step[0] == "close" else step) for step in steps]
    finally:
        talk.close()


def hold_all(port, user, password, clients):
    """The answers of all conversations, by name, of so many clients at once."""
    todo, answers, failures = queue.Queue(), {}, []
    for i, (name, steps) in enumerate(conversations.ALL):
        todo.put((name, [s.replace("{own}", f"own_{i}") if isinstance(s, str) else s for s in steps]))

    def work():
        while not failures:
            try:
                name, steps = todo.get_nowait()
            except queue.Empty:
                return
            try:
                answers[name] = hold(port, user, password, steps)
            except Exception as e:
                failures.append(f"{name}: {e!r}")

    threads = [threading.Thread(target=work) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not failures, failures
    return answers


class MariaDb:
    def __init__(self, server):
        self.server, self.port = server, server.port
        self.sql(f"DROP DATABASE IF EXISTS {DATABASE}", f"CREATE DATABASE {DATABASE}",
                 f"CREATE TABLE {DATABASE}.t (id INT, side VARCHAR(20))",
                 f"INSERT INTO {DATABASE}.t VALUES (1, 'shop'), (2, 'shop'), (3, 'other')",
                 f"CREATE OR REPLACE USER {ACCOUNT}@'127.0.0.1' IDENTIFIED BY 'x'", f"GRANT ALL ON {DATABASE}.* TO {ACCOUNT}@'127.0.0.1'")

    def sql(self, *statements):
        self.server.sql(*statements)

    def make(self, table):
        self.sql(f"CREATE OR REPLACE TABLE {DATABASE}.{table} (id INT, v VARCHAR(40))")

    def connections(self):
        return self.server.connections(ACCOUNT)

    def stop(self):
        pass


class StarRocks:
    def __init__(self, server):
        server.sql(f"DROP DATABASE IF EXISTS {DATABASE}")
        self.emulator = Emulator(str(server.dir / "socket"))
        self.port = self.emulator.port
        self.emulator.sql(
            f"CREATE DATABASE {DATABASE}", f"CREATE TABLE {DATABASE}.t (id INT, side VARCHAR(20)) DISTRIBUTED BY HASH(id) BUCKETS 1",
            f"INSERT INTO {DATABASE}.t VALUES (1, 'shop'), (2, 'shop'), (3, 'other')", f"CREATE USER {ACCOUNT} IDENTIFIED BY 'x'",
            f"GRANT ALL ON DATABASE {DATABASE} TO USER {ACCOUNT}")

    def make(self, table):
        self.emulator.sql(f"DROP TABLE IF EXISTS {DATABASE}.{table}",
                          f"CREATE TABLE {DATABASE}.{table} (id INT, v VARCHAR(40)) DISTRIBUTED BY HASH(id) BUCKETS 1",
                          f"GRANT ALL ON ALL TABLES IN DATABASE {DATABASE} TO USER {ACCOUNT}")

    def connections(self):
        return len([s for s in self.emulator.sessions() if s.user.name == ACCOUNT])

    def stop(self):
        self.emulator.stop()


def config(port, **pool):
    return {
        "settings": {"workers": 1},
        "listeners": [{"protocol": "mysql", "address": f"127.0.0.1:{harness.free_port()}", "tls": "off"}],
        "compute_sources": {"shop": {"jdbc_url": f"jdbc:mysql://127.0.0.1:{port}/", "database": DATABASE, "username": ACCOUNT,
                                     "password": "x", "pool": {"max_wait_ms": 60000, **pool}}},
        "projects": {"shop": {"prod": "shop", "members": {"ana": "owner"}}},
        "users": {"ana": {"auth": {"mysql_native_password": harness.native_hash("ana's")}}},
    }


def differences(expected, found, with_flags):
    """By name of the conversation: its first step that was answered otherwise."""
    out = {}
    for name, steps in conversations.ALL:
        for step, a, b in zip(steps, expected[name], found[name]):
            a, b = masked(a, with_flags), masked(b, with_flags)
            if a != b:
                out[name] = f"{name}: {step}\n  expected {a}\n  found    {b}"
                break
    return out


@pytest.mark.parametrize("kind", [MariaDb, StarRocks])
def test_answers_are_those_of_a_connection_of_ones_own(server, gateway, kind):
    assert len({name for name, _ in conversations.ALL}) == len(conversations.ALL) >= 150
    backend = kind(server)

    def held_with(port, user, password, clients=1):
        for i, (_, steps) in enumerate(conversations.ALL):
            if any("{own}" in step for step in steps if isinstance(step, str)):
                backend.make(f"own_{i}")
        return hold_all(port, user, password, clients)

    try:
        direct = held_with(backend.port, ACCOUNT, "x")
        first = gateway(config(backend.port, mode="session"))
        session = held_with(first.port, "ana", "ana's")
        first.stop()
        shared = held_with(gateway(config(backend.port, max_connections=1)).port, "ana", "ana's", CLIENTS)
        assert harness.until(lambda: backend.connections() == 1)  # probes come and go
    finally:
        backend.stop()
    wrong = differences(session, shared, True)
    assert not wrong, "\n".join(wrong.values())
    wrong = differences(direct, session, False)
    expected = {name for name, (kinds, _) in BY_CONTRACT.items() if kind.__name__ in kinds}
    assert set(wrong) == expected, "\n".join(wrong.get(name, f"{name}: equal by now") for name in set(wrong) ^ expected)
