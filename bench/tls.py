#!/usr/bin/env python3
"""What TLS with clients costs: both providers next to HAProxy, which terminates TLS in front of the same server.

    bench/tls.py BUILD-DIRECTORY

TLS 1.2 and 1.3, one suite for everybody (AES-128-GCM), a P-256 certificate, no session is resumed. A client asks the
gateway for TLS as MySQL's do; HAProxy expects it at once. What is built in of the providers is measured.
"""

import json
import re
import socket
import subprocess
import sys
import time

import report
import results
import run
import stand

HAPROXY = stand.HAPROXY.replace("bind 127.0.0.1:{port}", "bind 127.0.0.1:{port} ssl crt {pem} ssl-min-ver TLSv1.2")
PROVIDERS = ["openssl", "mbedtls"]
VERSIONS = ["1.2", "1.3"]
IDLE = min(run.IDLE, 400)


class TlsStand(stand.Stand):
    """The server in clear, HAProxy with TLS, a gateway for each provider."""

    def start_targets(self):
        key, pem = self.dir / "key.pem", self.dir / "cert.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                        key, "-out", pem, "-days", "30", "-subj", "/CN=localhost"], check=True, stderr=subprocess.DEVNULL)
        (self.dir / "both.pem").write_text(pem.read_text() + key.read_text())
        self.targets = [self.start_haproxy()]
        for provider in PROVIDERS:
            try:
                self.targets.append(self.gateway(provider))
            except RuntimeError:
                print(f"{provider} is not built in: not measured.")

    def start_haproxy(self):
        port = stand.free_port()
        config = self.dir / "haproxy.cfg"
        config.write_text(HAPROXY.format(port=port, server=self.port, most=stand.CONNECTIONS_MAX, threads=stand.THREADS,
                                         pem=self.dir / "both.pem"))
        child = self.spawn("haproxy", "haproxy", "-db", "-f", config)
        deadline = time.monotonic() + 20
        while not accepts(port) and time.monotonic() < deadline:
            time.sleep(0.05)
        target = stand.Target("haproxy", port, child, options=["--tls", "at-once"])
        target.versions = VERSIONS
        return target

    def start_openssl(self):
        return self.gateway("openssl")

    def start_mbedtls(self):
        return self.gateway("mbedtls")

    def gateway(self, provider):
        port = stand.free_port()
        config = self.starbind_config(port)
        config["settings"]["tls_provider"] = provider
        config["listeners"][0]["tls"] = {"mode": "optional", "certificate": str(self.dir / "cert.pem"), "key": str(self.dir / "key.pem")}
        path = self.dir / f"{provider}.json"
        path.write_text(json.dumps(config))
        child = self.spawn(provider, self.build / "starbind", "run", "-c", path)
        self.await_port(provider, child, port)
        target = stand.Target(provider, port, child, database="shop", prefix="${shop}.", options=["--tls", "asked"])
        target.versions = self.versions_of(provider)
        return target

    def versions_of(self, provider):
        """As the gateway's log tells them, which may come after its first greeting."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            told = re.search(rf"by {provider}: (.*)", (self.dir / f"{provider}.log").read_text())
            if told:
                return told[1]
            time.sleep(0.05)
        sys.exit(f"{provider}: the gateway does not say which versions it has:\n{self.log_of(provider)}")


def accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


def workloads(bench, version):
    without = [t.name for t in bench.targets if version not in t.versions]

    def one(name, title, *rest):
        return run.Workload(f"{name} {version}", f"TLS {version}: {title}", *rest, options=["--tls-version", version], without=without)

    return [
        one("point", "point select, text, 16 connections", run.SELECT, 16, "operations", "point"),
        one("large", "a result of 1,000,000 rows, 1 connection", run.LARGE, 1, "bytes", "large"),
        one("visit", "connect + handshake + login + point select + quit, 16 at a time", run.SELECT, 16, "operations", "visit"),
        one("idle", f"memory, {IDLE:,} clients after login", "", IDLE, "memory", "idle"),
    ]


def main():
    if not run.is_wanted("tls"):
        return
    run.end_well()
    bench = TlsStand(sys.argv[1])
    try:
        chosen = [w for version in VERSIONS for w in workloads(bench, version)]
        runs, machine = run.go(bench, chosen)
    finally:
        bench.stop()
    names = [t.name for t in bench.targets]
    with results.printed(sys.argv[1], "tls") as found:
        report.print_report(runs, chosen, names, machine)
        found["figures"] = {name: report.figures(runs, chosen, name) for name in names[1:]}


if __name__ == "__main__":
    main()
