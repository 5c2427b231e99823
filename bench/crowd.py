#!/usr/bin/python3
"""What a crowd of idle clients costs, and whether busy ones are served right among them.

9,000 clients log in, run ten SETs, each with values of its own, and one query, and fall silent. The growth of the gateway's
resident memory from 1,000 to 9,000 of them, per client, is the price of one. Then 200 clients ask as fast as they can for
a while, over 50 backend connections; every row is compared with what it must be. Last, some of the idle clients
ask for what they had SET at the beginning.

    bench/crowd.py BUILD [seconds]

The bar is 2,048 bytes for an idle client, without the kernel's buffers.
"""

import hashlib
import pathlib
import random
import re
import socket
import struct
import sys
import threading
import time

import results
import run
import stand

FIRST, ALL, ACTIVE, CONNECTIONS, ASKED_AGAIN = 1_000, 9_000, 200, 50, 500
SEED = b"crowd"


class Client:
    """One connection; asks several statements in one write and reads their rows."""

    CAPABILITIES = 0x1 | 0x8 | 0x200 | 0x8000 | 0x80000

    def __init__(self, port, user, password, database):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        greeting = self.packet()
        at = greeting.index(0, 1) + 5
        salt = greeting[at:at + 8] + greeting[at + 27:at + 39]
        inner = hashlib.sha1(password.encode()).digest()
        mask = hashlib.sha1(salt + hashlib.sha1(inner).digest()).digest()
        answer = bytes(a ^ b for a, b in zip(inner, mask))
        self.send(struct.pack("<IIB23x", self.CAPABILITIES, 1 << 24, 45) + user.encode() + b"\0" + bytes([20]) + answer
                  + database.encode() + b"\0mysql_native_password\0", 1)
        self.ok(self.packet())

    def send(self, payload, sequence=0):
        self.socket.sendall(struct.pack("<I", len(payload))[:3] + bytes([sequence]) + payload)

    def packet(self):
        while len(self.buffer) < 4 or len(self.buffer) < 4 + int.from_bytes(self.buffer[:3], "little"):
            data = self.socket.recv(1 << 16)
            if not data:
                raise SystemExit("the gateway closed a connection")
            self.buffer += data
        size = int.from_bytes(self.buffer[:3], "little")
        payload, self.buffer = self.buffer[4:4 + size], self.buffer[4 + size:]
        return payload

    def ok(self, payload):
        if payload[:1] == b"\xff":
            raise SystemExit("refused: " + payload[9:].decode(errors="replace"))
        return payload

    def ask(self, *statements):
        """Rows of the last statement, as tuples of text."""
        self.socket.sendall(b"".join(
            struct.pack("<I", len(s) + 1) + b"\3" + s for s in (text.encode() for text in statements)))
        return [self.reply() for _ in statements][-1]

    def reply(self):
        first = self.ok(self.packet())
        if first[0] == 0:
            return []
        for _ in range(first[0] + 1):
            self.packet()
        rows = []
        while True:
            row = self.ok(self.packet())
            if row[:1] == b"\xfe" and len(row) < 9:
                return rows
            rows.append(cells(row))


def cells(row):
    out, at = [], 0
    while at < len(row):
        if row[at] == 251:
            out.append(None)
            at += 1
        else:
            out.append(row[at + 1:at + 1 + row[at]].decode())
            at += 1 + row[at]
    return tuple(out)


def settings(i):
    """Ten SETs of client i, and what reads three of them back."""
    return [
        f"SET sql_select_limit = {1000 + i % 7}", f"SET @client = {i}", f"SET @name = 'client number {i}'", "SET autocommit = 1",
        "SET NAMES utf8mb4", "SET sql_mode = 'ONLY_FULL_GROUP_BY'", f"SET net_write_timeout = {600 + i % 5}",
        "SET time_zone = '+00:00'", f"SET wait_timeout = {20000 + i % 3}", "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
    ], "SELECT @client, @name, @@net_write_timeout", (str(i), f"client number {i}", str(600 + i % 5))


def item(i):
    """What the table has under this key."""
    note = hashlib.md5(str(i).encode()).hexdigest() + hashlib.sha1(str(i).encode()).hexdigest()
    return str(i), f"item {i}", note[:60]


class CrowdStand(stand.Alone):
    def starbind_config(self, port):
        config = super().starbind_config(port)
        config["compute_sources"]["shop"]["pool"] = {"max_connections": CONNECTIONS, "max_wait_ms": 60000}
        config["settings"]["idle_timeout_ms"] = 3600000
        return config


def resident(process):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) * 1024


def gather(target, clients, count):
    """Brings the crowd to this size, over a few threads."""
    lock, numbers, failures = threading.Lock(), list(range(len(clients), count)), []

    def work():
        while numbers and not failures:
            with lock:
                i = numbers.pop() if numbers else None
            if i is None:
                return
            try:
                client = Client(target.port, "bench", stand.PASSWORD, target.database)
                sets, question, answer = settings(i)
                if client.ask(*sets, question) != [answer]:
                    raise SystemExit(f"client {i} did not find what it had SET")
                with lock:
                    clients[i] = client
            except BaseException as e:
                failures.append(e)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def work_among_them(target, seconds):
    """200 clients at once; each checks each of its rows. Returns how many statements were answered, all of them rightly."""
    until, done, failures = time.monotonic() + seconds, [], []

    def work(i):
        chance, count = random.Random(i), 0
        try:
            client = Client(target.port, "bench", stand.PASSWORD, target.database)
            client.ask(f"SET @client = {i}", f"SET sql_select_limit = {1 + i % 3}")
            while time.monotonic() < until:
                key = chance.randint(1, stand.KEYS)
                if client.ask(f"SELECT id, label, note FROM {target.prefix}item WHERE id = {key}") != [item(key)]:
                    raise SystemExit(f"a wrong row under key {key}")
                many = client.ask(f"SELECT @client FROM {target.prefix}ten")
                if many != [(str(i),)] * (1 + i % 3):
                    raise SystemExit(f"client {i} saw another's variables: {many}")
                count += 2
            done.append(count)
        except BaseException as e:
            failures.append(e)

    threads = [threading.Thread(target=work, args=[i]) for i in range(ACTIVE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return sum(done)


def main():
    if not run.is_wanted("crowd"):
        return
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 5
    if stand.lift_limit() < ALL + ACTIVE + 500:
        raise SystemExit(f"{ALL} clients need more open files")
    bench = CrowdStand(sys.argv[1])
    try:
        target = bench.targets[-1]
        clients = {}
        gather(target, clients, FIRST)
        time.sleep(1)
        before = resident(target.process)
        gather(target, clients, ALL)
        time.sleep(1)
        after = resident(target.process)
        answered = work_among_them(target, seconds)
        for i in random.Random(SEED).sample(range(ALL), ASKED_AGAIN):
            _, question, answer = settings(i)
            if clients[i].ask(question) != [answer]:
                raise SystemExit(f"idle client {i} lost what it had SET")
    finally:
        bench.stop()
    memory = (after - before) / (ALL - FIRST)
    with results.printed(sys.argv[1], "crowd") as kept:
        kept["figures"]["memory"] = results.figure([memory])
        print(f"\n**{ALL:,} idle clients and {ACTIVE} active ones over {CONNECTIONS} backend connections**\n")
        print("| what | measured |\n| --- | ---: |")
        print(f"| memory of an idle client, {FIRST:,} to {ALL:,} of them | {memory:,.0f} bytes |")
        print(f"| statements of the active ones in {seconds:.0f} s, each answer checked | {answered:,} |")
        print(f"| idle clients that found their variables again | {ASKED_AGAIN} of {ASKED_AGAIN} |")


if __name__ == "__main__":
    main()
