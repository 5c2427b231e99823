#!/usr/bin/python3
"""Whether prepared statements pile up: many clients, each with many statements, over few connections.

Every client prepares its statements and executes them in random order, checks each row, now and then closes one and
prepares another, now and then leaves and comes back. Meanwhile the server's number of statements and the gateway's
memory are looked at every second.

    bench/statements.py BUILD [--clients 1000] [--statements 50] [--connections 20] [--seconds 300] [--texts 5000]

It fails when the server ever holds more statements than the connections may know (and those that wait for their
COM_STMT_CLOSE), when memory grew by more than --growth (5) % from the second quarter of the time to the last, when a row was
wrong or a client lost its connection, and when statements are left behind at the end.
"""

import argparse
import asyncio
import os
import pathlib
import random
import struct
import subprocess
import sys
import time

import stand

sys.path.insert(0, str(stand.ROOT / "tests/e2e"))
import wire  # noqa: E402

PREPARE, EXECUTE, CLOSE = 0x16, 0x17, 0x19
LIMIT = 512  # statements that a connection may know
CLOSED_EVERY, LEFT_EVERY = 50, 1000  # executions of a client, on average


class StatementStand(stand.Alone):
    """The server, and the gateway with a pool of few connections in transaction mode."""

    def __init__(self, build, connections):
        self.connections = connections
        super().__init__(build)

    def starbind_config(self, port):
        config = super().starbind_config(port)
        config["settings"]["max_prepared_per_backend"] = LIMIT
        config["compute_sources"]["shop"]["pool"] = {
            "mode": "transaction", "max_connections": self.connections, "max_wait_ms": 60000}
        return config

    def status(self, name):
        """A counter of the server."""
        sql = f"SELECT variable_value FROM information_schema.global_status WHERE variable_name = '{name}'"
        return int(subprocess.run(
            ["mariadb", "--no-defaults", f"--socket={self.dir}/socket", "-u", "root", "-BNe", sql],
            capture_output=True, text=True, check=True).stdout)


def resident(pid):
    """KiB of a process."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


class Client:
    """One client's connection and statements."""

    def __init__(self, port, options, random_):
        self.port, self.options, self.random = port, options, random_
        self.held = []  # (id, number in the text)
        self.executed = 0

    async def read(self):
        head = await self.reader.readexactly(4)
        payload = await self.reader.readexactly(int.from_bytes(head[:3], "little"))
        if payload[:1] == b"\xff":
            raise wire.Refused(payload)
        return payload

    def send(self, command, argument):
        self.writer.write(wire.frame(bytes([command]) + argument))

    async def enter(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        greeting = await self.read()
        at = greeting.index(b"\0", 1) + 1
        salt = greeting[at + 4:at + 12] + greeting[at + 31:at + 43]
        answer = wire.scramble(stand.PASSWORD, salt)
        flags = wire.USUAL | wire.CONNECT_WITH_DB
        self.writer.write(wire.frame(
            struct.pack("<IIB23x", flags, 1 << 24, 45) + b"bench\0" + bytes([len(answer)]) + answer + b"shop\0"
            + b"mysql_native_password\0", 1))
        while (await self.read())[:1] != b"\0":
            pass
        for _ in range(self.options.statements):
            await self.prepare()

    async def leave(self):
        self.send(wire.QUIT, b"")
        self.writer.close()
        self.held.clear()

    async def prepare(self):
        number = self.random.randrange(self.options.texts)
        self.send(PREPARE, f"SELECT id, {number} FROM item WHERE id = ?".encode())
        first = await self.read()
        for _ in range(5):  # a parameter, an EOF, two columns, an EOF
            await self.read()
        self.held.append((struct.unpack_from("<I", first, 1)[0], number))

    async def execute(self):
        statement, number = self.random.choice(self.held)
        key = self.random.randrange(1, stand.KEYS)
        self.send(EXECUTE, struct.pack("<IBI", statement, 0, 1) + b"\0\1\x08\0" + struct.pack("<q", key))
        packets = [await self.read() for _ in range(6)]  # count, two columns, EOF, row, EOF
        if packets[4][2:] != struct.pack("<ii", key, number):
            raise AssertionError(f"statement {number}, key {key}: {packets[4].hex()}")
        self.executed += 1

    async def close(self):
        statement, _ = self.held.pop(self.random.randrange(len(self.held)))
        self.send(CLOSE, struct.pack("<I", statement))

    async def live(self, until):
        await self.enter()
        while time.monotonic() < until:
            await self.execute()
            if self.random.randrange(CLOSED_EVERY) == 0:
                await self.close()
                await self.prepare()
            if self.random.randrange(LEFT_EVERY) == 0:
                await self.leave()
                await self.enter()
        await self.leave()


async def watch(bench, pid, until, seen):
    while time.monotonic() < until:
        held = await asyncio.to_thread(bench.status, "Prepared_stmt_count")
        seen.append((held, resident(pid)))
        await asyncio.sleep(1)


async def run(bench, options):
    target = bench.targets[-1]
    seen = []
    until = time.monotonic() + options.seconds
    clients = [Client(target.port, options, random.Random(i)) for i in range(options.clients)]
    watcher = asyncio.create_task(watch(bench, target.process.pid, until, seen))
    await asyncio.gather(*(c.live(until) for c in clients))
    await watcher
    for _ in range(50):
        left = bench.status("Prepared_stmt_count")
        if left == 0:
            break
        await asyncio.sleep(0.1)
    return seen, left, sum(c.executed for c in clients)


def report(bench, options, seen, left, executed):
    quarter = max(len(seen) // 4, 1)
    early = max(memory for _, memory in seen[quarter:2 * quarter] or seen)
    late = max(memory for _, memory in seen[-quarter:])
    most, bound = max(held for held, _ in seen), options.connections * (LIMIT + LIMIT // 8)
    prepared = bench.status("Com_stmt_prepare")
    print(f"{options.clients} clients x {options.statements} statements over {options.connections} connections, "
          f"{options.seconds} s, {options.texts} texts")
    print(f"executions {executed}, prepared on the server {prepared}")
    print(f"statements on the server: at most {most}, bound {bound}, left at the end {left}")
    print(f"memory of the gateway: {early} KiB in the second quarter, {late} KiB in the last")
    return most <= bound and left == 0 and late <= early * (1 + options.growth / 100)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    for name, default in (("clients", 1000), ("statements", 50), ("connections", 20), ("seconds", 300), ("texts", 5000),
                          ("growth", 5)):
        parser.add_argument("--" + name, type=int, default=default)
    options = parser.parse_args()
    bench = StatementStand(options.build, options.connections)
    try:
        good = report(bench, options, *asyncio.run(run(bench, options)))
    finally:
        bench.stop()
    sys.exit(0 if good else "statements or memory pile up")


if __name__ == "__main__":
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    main()
