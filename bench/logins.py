#!/usr/bin/python3
"""What 200 wrong caching_sha2_password logins per second cost the clients of the same gateway.

Each wrong login goes the whole way: public key, RSA, 5,000 rounds of SHA-256. The p99 of point selects of
other clients is measured quiet; while another gateway of the same machine is flooded (what the flood takes
from the CPUs); and while their own is. Interleaved rounds, medians.

    bench/logins.py BUILD [rounds]
"""

import hashlib
import pathlib
import statistics
import sys
import threading
import time

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

import run
import stand

sys.path.insert(0, str(stand.ROOT / "tests/e2e"))
import wire  # noqa: E402

PER_SECOND, THREADS, SECONDS, CLIENTS = 200, 24, 4.0, 4
OAEP = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
HASH = "$A$005$abcdefghijklmnopqrst" + "x" * 43  # of no password that anybody knows
FULL = b"\1\4"


class LoginStand(stand.Stand):
    """Two gateways whose user `victim` logs in by caching_sha2_password."""

    def start_relay(self):
        self.other = self.start_starbind()
        return self.other

    def start_haproxy(self):
        return self.other

    def starbind_config(self, port):
        config = super().starbind_config(port)
        config["settings"]["max_login_failures"] = 0  # else most attempts would be refused unseen
        config["users"]["victim"] = {"auth": {"caching_sha2_password": HASH}}
        return config


def wrong_login(port):
    with wire.Client("127.0.0.1", port) as client:
        client.greet()
        salt = client.greeting.salt
        client.write(client.response("victim", hashlib.sha256(salt).digest(), plugin="caching_sha2_password"))
        if client.read() != FULL:
            return False
        client.write(b"\2")
        key = serialization.load_pem_public_key(client.read()[1:])
        client.write(key.encrypt(bytes(b ^ salt[i % 20] for i, b in enumerate(b"a wrong one\0")), OAEP))
        return client.read()[:1] == b"\xff"


class Flood:
    """Wrong logins at a steady pace, until left."""

    def __init__(self, port):
        self.port, self.done, self.ends = port, 0, False
        self.threads = [threading.Thread(target=self.keep_on, args=(i,)) for i in range(THREADS)]

    def keep_on(self, number):
        due = time.monotonic() + number / PER_SECOND
        while not self.ends:
            time.sleep(max(0.0, due - time.monotonic()))
            self.done += bool(wrong_login(self.port))
            due = max(due + THREADS / PER_SECOND, time.monotonic() - 1)

    def __enter__(self):
        self.since = time.monotonic()
        for t in self.threads:
            t.start()
        return self

    def __exit__(self, *_):
        self.ends = True
        for t in self.threads:
            t.join()
        self.pace = self.done / (time.monotonic() - self.since)


def select(bench, target):
    workload = run.Workload("point", f"point select, text, {CLIENTS} connections",
                            run.SELECT, CLIENTS, "latency")
    return run.measure(bench, workload, target, SECONDS)


def one_round(bench, flooded, other, found):
    found["quiet"].append(select(bench, flooded))
    for name, target in (("another is flooded", other), ("flooded", flooded)):
        with Flood(target.port) as flood:
            time.sleep(0.5)
            found[name].append(select(bench, flooded))
        found["pace " + name].append(flood.pace)


def main():
    build, rounds = pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 5
    found = {name: [] for name in ("quiet", "another is flooded", "flooded", "pace another is flooded", "pace flooded")}
    bench = LoginStand(build)
    try:
        for _ in range(rounds):
            one_round(bench, bench.targets[-1], bench.other, found)
    finally:
        bench.stop()
    print(f"p99 of point selects over {CLIENTS} connections, {rounds} rounds of {SECONDS:.0f} s; µs")
    for name in ("quiet", "another is flooded", "flooded"):
        values = [r["p99"] for r in found[name]]
        ratio = statistics.median(v / q["p99"] for v, q in zip(values, found["quiet"]))
        pace = found.get("pace " + name)
        print(f"  {name:<20} {statistics.median(values):8.0f}  {ratio:5.2f} of quiet"
              + (f"  at {statistics.median(pace):.0f} wrong logins/s" if pace else ""))


if __name__ == "__main__":
    main()
