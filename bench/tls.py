#!/usr/bin/python3
"""What TLS with clients costs: both providers next to HAProxy terminating TLS in front of the same server.

    bench/tls.py BUILD [rounds]

    handshakes   connect, full TLS handshake, close; one at a time. MySQL's wish for TLS goes first at starbind;
                 HAProxy expects TLS at once, and connects to the server besides
    large        one result of 1,000,000 rows, about 90 MB; the client is Python's ssl, the same for all
    idle         memory for each client that is logged in and silent

P-256 certificate, one thread each. CPU and memory are those of the proxy's process.
"""

import json
import os
import pathlib
import socket
import ssl
import statistics
import struct
import subprocess
import sys
import time

import run
import stand

sys.path.insert(0, str(stand.ROOT / "tests/e2e"))

import wire  # noqa: E402

SECONDS, IDLE = 2.0, 400
HAPROXY = stand.HAPROXY.replace("bind 127.0.0.1:{port}", "bind 127.0.0.1:{port} ssl crt {pem} ssl-min-ver TLSv1.2")
PROVIDERS = ["openssl", "mbedtls"]


class TlsStand(stand.Stand):
    """The server in clear, HAProxy with TLS, a gateway for each provider."""

    def start_relay(self):
        key, pem = self.dir / "key.pem", self.dir / "cert.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                        key, "-out", pem, "-days", "30", "-subj", "/CN=localhost"], check=True, stderr=subprocess.DEVNULL)
        (self.dir / "both.pem").write_text(pem.read_text() + key.read_text())
        return self.gateway("openssl")

    def start_haproxy(self):
        port = stand.free_port()
        config = self.dir / "haproxy.cfg"
        config.write_text(HAPROXY.format(port=port, server=self.port, most=stand.CONNECTIONS_MAX, threads=stand.THREADS, pem=self.dir / "both.pem"))
        child = self.spawn("haproxy", "haproxy", "-db", "-f", config)
        deadline = time.monotonic() + 20
        while not accepts(port) and time.monotonic() < deadline:
            time.sleep(0.05)
        return stand.Target("haproxy", port, child)

    def start_starbind(self):
        return self.gateway("mbedtls")

    def gateway(self, provider):
        port = stand.free_port()
        config = self.starbind_config(port)
        config["settings"]["tls_provider"] = provider
        config["listeners"][0]["tls"] = {"mode": "optional", "certificate": str(self.dir / "cert.pem"), "key": str(self.dir / "key.pem")}
        path = self.dir / f"starbind-{provider}.json"
        path.write_text(json.dumps(config))
        child = self.spawn(f"starbind-{provider}", self.build / "starbind", "run", "-c", path)
        self.await_port(f"starbind-{provider}", child, port)
        return stand.Target(f"starbind, {provider}", port, child, database="shop", prefix="${shop}.")


def accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


def context(version):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    c.check_hostname, c.verify_mode = False, ssl.CERT_NONE
    c.minimum_version = c.maximum_version = version
    c.options |= ssl.OP_NO_TICKET
    return c


def connect(target, c):
    """A client up to the end of the handshake; at HAProxy the greeting comes inside."""
    client = wire.Client("127.0.0.1", target.port, timeout=60)
    if target.name == "haproxy":
        client.socket = c.wrap_socket(client.socket)
    else:
        client.secure(c)
    return client


def login(target, c):
    client = connect(target, c) if c else wire.Client("127.0.0.1", target.port, timeout=60)
    client.login("bench", stand.PASSWORD, target.database)
    return client


def cpu(target):
    """CPU seconds of the process, by its CPU clock."""
    return time.clock_gettime((~target.process.pid << 3) | 2)


def handshakes(target, c):
    before, began, count = cpu(target), time.monotonic(), 0
    while time.monotonic() - began < SECONDS:
        connect(target, c).close()
        count += 1
    took = time.monotonic() - began
    return {"per_second": count / took, "cpu_us": (cpu(target) - before) / count * 1e6}


def large(target, c):
    with login(target, c) as client:
        client.command(wire.QUERY, run.LARGE.format(target.prefix))
        before, began, got, tail = cpu(target), time.monotonic(), 0, b""
        buffer = bytearray(1 << 20)
        while tail[:3] != b"\5\0\0" or tail[4:5] != b"\xfe":  # the EOF packet behind the rows
            n = client.socket.recv_into(buffer)
            if not n:
                raise RuntimeError(f"{target.name} broke off")
            got += n
            tail = (tail + buffer[max(0, n - 9):n])[-9:]
        took = time.monotonic() - began
    return {"mb_s": got / took / 1e6, "cpu_ms": (cpu(target) - before) * 1e3 / (got / 1e8)}


def memory(target):
    for line in open(f"/proc/{target.process.pid}/status"):
        if line.startswith("VmRSS"):
            return int(line.split()[1])


def idle(bench, target, c):
    """On a process that has done nothing before: it keeps what it once had."""
    target = bench.start_haproxy() if target.name == "haproxy" else bench.gateway(target.name.split()[-1])
    clients = [login(target, c) for _ in range(IDLE // 10)]
    before = memory(target)
    clients += [login(target, c) for _ in range(IDLE - IDLE // 10)]
    time.sleep(0.3)
    grown = memory(target) - before
    for client in clients:
        client.close()
    bench.children.remove(target.process)
    stand.end(target.process)
    return {"kib": grown / (IDLE - IDLE // 10)}


def one_round(bench, number, found):
    targets = [t for t in bench.targets if t.process]
    for target in targets[number % 3:] + targets[:number % 3]:
        for name, version in (("1.2", ssl.TLSVersion.TLSv1_2), ("1.3", ssl.TLSVersion.TLSv1_3)):
            if name == "1.3" and target.name.endswith("mbedtls"):
                continue
            c = context(version)
            key = (target.name, name)
            got = {**handshakes(target, c), **large(target, c)}
            if number == 0:
                got |= idle(bench, target, c)
            found.setdefault(key, []).append(got)
        if target.name != "haproxy":
            found.setdefault((target.name, "none"), []).append(large(target, None) | (idle(bench, target, None) if number == 0 else {}))


def median(rounds, what):
    values = [r[what] for r in rounds if what in r]
    return statistics.median(values) if values else None


def show(value, digits=0):
    return "" if value is None else f"{value:,.{digits}f}"


def main():
    if not run.is_wanted("tls"):
        return
    build, rounds = pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 3
    found, bench = {}, TlsStand(build)
    try:
        for number in range(rounds):
            one_round(bench, number, found)
    finally:
        bench.stop()
    print(f"\n**TLS with clients, {rounds} rounds, {os.cpu_count()} CPUs, {ssl.OPENSSL_VERSION}**\n")
    print("|  | TLS | handshakes/s | CPU µs per handshake | to HAProxy | MB/s | CPU ms per 100 MB | to HAProxy | KiB per idle client |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for (name, version), got in sorted(found.items()):
        peer = found.get(("haproxy", version), [])
        ratio = {w: median(got, w) / median(peer, w) if peer and median(got, w) else None for w in ("cpu_us", "cpu_ms")}
        print(f"| {name} | {version} | {show(median(got, 'per_second'))} | {show(median(got, 'cpu_us'))} | {show(ratio['cpu_us'], 2)} | "
              f"{show(median(got, 'mb_s'))} | {show(median(got, 'cpu_ms'))} | {show(ratio['cpu_ms'], 2)} | {show(median(got, 'kib'), 1)} |")


if __name__ == "__main__":
    main()
