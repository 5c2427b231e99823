"""What is measured: a throw-away MariaDB server and the proxies in front of it.

All listen on 127.0.0.1, on free ports; files live in one temporary directory; every process is ended
by its pid, and ends with this one.
"""

import contextlib
import hashlib
import json
import os
import pathlib
import resource
import shutil
import socket
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
KEYS = 100_000  # rows of the table
THREADS = 2     # of HAProxy, and workers of the gateway
CONNECTIONS_MAX = 9_000
SERVER_OPTIONS = [
    "--general-log=0", f"--max-connections={CONNECTIONS_MAX + 200}", "--innodb-buffer-pool-size=256M",
    "--back-log=1024", "--thread-cache-size=128", "--skip-name-resolve", "--max-connect-errors=1000000",
]
PASSWORD = "bench-secret"
PATH = os.environ["PATH"] + ":/usr/sbin"

# 1,000,000 rows of about 100 bytes come from joining `item` with the ten rows of `ten`.
SCHEMA = f"""
CREATE DATABASE bench_shop;
USE bench_shop;
CREATE TABLE item (id INT PRIMARY KEY, label VARCHAR(40) NOT NULL, price DECIMAL(10,2) NOT NULL, note CHAR(60) NOT NULL);
INSERT INTO item SELECT seq, CONCAT('item ', seq), seq / 7, RPAD(MD5(seq), 60, SHA1(seq)) FROM seq_1_to_{KEYS};
CREATE TABLE ten (n INT PRIMARY KEY);
INSERT INTO ten SELECT seq FROM seq_1_to_10;
CREATE USER bench@'127.0.0.1' IDENTIFIED VIA mysql_native_password USING PASSWORD('{PASSWORD}');
GRANT ALL ON bench_shop.* TO bench@'127.0.0.1';
ANALYZE TABLE item, ten;
"""

HAPROXY = """
global
    nbthread {threads}
    maxconn {most}
defaults
    mode tcp
    timeout connect 10s
    timeout client 1h
    timeout server 1h
frontend bench
    bind 127.0.0.1:{port}
    default_backend server
backend server
    server one 127.0.0.1:{server} maxconn {most}
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def native_hash(password):
    inner = hashlib.sha1(password.encode()).digest()
    return "*" + hashlib.sha1(inner).hexdigest().upper()


def greets(port):
    """True when a MySQL server, or a way to one, answers on the port."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as s:
            return len(s.recv(5)) == 5
    except OSError:
        return False


def first_line(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          stdin=subprocess.DEVNULL, env={**os.environ, "PATH": PATH})
    return (done.stdout.splitlines() or ["?"])[0].strip()


def end(child):
    child.terminate()
    try:
        child.wait(20)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def lift_limit():
    """As many open files as may be, for this process and all that it starts."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


class Target:
    """A port that the load generator talks to, and the process that it costs."""

    def __init__(self, name, port, process=None, database="bench_shop", prefix="", options=()):
        self.name, self.port, self.process = name, port, process
        self.database, self.prefix = database, prefix  # as a client of this target writes them
        self.options = options  # of the load generator, besides


class Stand:
    """The server and all proxies, started; `targets` in the order of the table."""

    elsewhere = []  # what to start the server and the load generator by, which would have machines of their own

    def __init__(self, build):
        self.build = pathlib.Path(build)
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="starbind-bench-"))
        self.children = []
        self.targets = []
        lift_limit()
        try:
            self.start_server()
            self.start_targets()
        except BaseException:
            self.stop()
            raise

    def start_targets(self):
        self.targets = [Target("direct", self.port), self.start_relay(), self.start_haproxy(), self.start_starbind()]

    @contextlib.contextmanager
    def fresh(self, target):
        """The same proxy once more, just started."""
        if not target.process:
            yield target
            return
        one = getattr(self, "start_" + target.name)()
        try:
            yield one
        finally:
            self.children.remove(one.process)
            end(one.process)

    def spawn(self, name, *command):
        log = open(self.dir / f"{name}.log", "wb")
        child = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", *map(str, command)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, "PATH": PATH},
        )
        self.children.append(child)
        return child

    def await_port(self, name, child, port):
        deadline = time.monotonic() + 30
        while not greets(port):
            if child.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{name} did not come up:\n{self.log_of(name)}")
            time.sleep(0.05)

    def log_of(self, name):
        """The end of what it printed."""
        return (self.dir / f"{name}.log").read_text(errors="replace")[-2000:]

    def start_server(self):
        script = ROOT / "scripts/mariadb.sh"
        subprocess.run([script, "init", self.dir], check=True, stdin=subprocess.DEVNULL)
        self.port = free_port()
        self.server = self.spawn("server", *self.elsewhere, script, "run", self.dir, self.port, *SERVER_OPTIONS)
        self.await_port("server", self.server, self.port)
        subprocess.run(
            ["mariadb", "--no-defaults", f"--socket={self.dir}/socket", "-u", "root"],
            input=SCHEMA, text=True, check=True, stdout=subprocess.DEVNULL,
        )

    def start_relay(self):
        port = free_port()
        child = self.spawn("relay", self.build / "bench/relay", port, self.port)
        self.await_port("relay", child, port)
        return Target("relay", port, child)

    def start_haproxy(self):
        port = free_port()
        config = self.dir / "haproxy.cfg"
        config.write_text(HAPROXY.format(port=port, server=self.port, most=CONNECTIONS_MAX, threads=THREADS))
        child = self.spawn("haproxy", "haproxy", "-db", "-f", config)
        self.await_port("haproxy", child, port)
        return Target("haproxy", port, child)

    def start_starbind(self):
        port = free_port()
        config = self.dir / "starbind.json"
        config.write_text(json.dumps(self.starbind_config(port), indent=1))
        child = self.spawn("starbind", self.build / "starbind", "run", "-c", config)
        self.await_port("starbind", child, port)
        return Target("starbind", port, child, database="shop", prefix="${shop}.")

    def starbind_config(self, port):
        return {
            "settings": {"workers": THREADS, "audit_log": str(self.dir / f"audit-{port}.log")},
            "listeners": [
                {"protocol": "mysql", "address": f"127.0.0.1:{port}", "environment": "prod", "tls": "off"}
            ],
            "clusters": {"main": {"jdbc_url": f"jdbc:mysql://127.0.0.1:{self.port}/"}},
            "compute_sources": {
                "shop": {
                    "cluster": "main", "database": "bench_shop", "username": "bench", "password": PASSWORD,
                    "pool": {"mode": os.environ.get("BENCH_POOL_MODE", "transaction"), "max_connections": CONNECTIONS_MAX},
                }
            },
            "projects": {"shop": {"prod": "shop", "members": {"bench": "developer"}}},
            "users": {
                "bench": {"auth": {"mysql_native_password": native_hash(PASSWORD)}, "default_project": "shop"}
            },
        }

    def versions(self):
        cpu = [line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")]
        known = {
            "machine": f"{len(cpu)} × {cpu[0]}" if cpu else "?",
            "kernel": "Linux " + os.uname().release,
            "server": first_line("mariadbd", "--version"),
            "haproxy": first_line("haproxy", "-v"),
        }
        if (self.build / "starbind").exists():
            known["starbind"] = first_line(str(self.build / "starbind"), "version")
            commit = first_line("git", "-C", str(ROOT), "describe", "--always", "--dirty")
            known.update({} if " " in commit else {"commit": commit})
        return known

    def stop(self):
        for child in reversed(self.children):
            end(child)
        shutil.rmtree(self.dir, ignore_errors=True)


class Alone(Stand):
    """The server and starbind, for what no other proxy does."""

    def start_targets(self):
        self.targets = [self.start_starbind()]
