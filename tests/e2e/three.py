"""Three emulated frontends of one cluster, on addresses of their own, and a gateway's configuration over them."""

import socket
import struct
import threading
import time

import pytest

import frontends
from harness import free_port, rows, until

HOSTS = ["127.0.0.1", "127.0.0.2", "127.0.0.3"]
READ = "SELECT side FROM t"
UNREACHABLE, LOST, LIMIT = 2003, 2013, 1040
STMT_PREPARE, STMT_EXECUTE = 0x16, 0x17


@pytest.fixture
def fe(server):
    with frontends.started(server, ("dw_sales", "dw_crm"), rows=1, frontends=3, hosts=HOSTS, http=True,
                           ports=[free_port() for _ in HOSTS]) as emulator:  # which nobody takes while one is down
        emulator.sql("CREATE USER monitor IDENTIFIED BY 'm'", "GRANT OPERATE ON SYSTEM TO USER monitor")
        emulator.clear()
        yield emulator


@pytest.fixture
def config(fe, request):
    pool = {"mode": getattr(request, "param", "session"), "max_connections": 40}
    made = frontends.configured(fe.port)
    made["settings"].update(probe_interval_ms=100, probe_timeout_ms=1000, discovery_interval_ms=100, ejection_ms=100,
                            slow_start_ms=0)
    made["clusters"]["main"] = {"jdbc_url": f"jdbc:mysql://{fe.addresses[1]}/",
                                "load_url": f"{HOSTS[0]}:{fe.cluster.frontends[1].http_port}",
                                "monitor": {"username": "monitor", "password": "m"}}
    made["compute_sources"] = {name: {**frontends.source(f"dw_{name}", **pool), "dial_timeout_ms": 1000}
                               for name in ("sales", "crm")}
    made["projects"] = {name: {"prod": name, "members": {"ana": "owner"}} for name in ("sales", "crm")}
    made["roles"] = {"owner": {"prod": ["read", "write", "ddl", "load", "share"]}}
    return made


def is_told(g, fe, number, state):
    """The last thing that the log says of a frontend."""
    said = [line for line in g.log().split("\n") if f"frontend={fe.addresses[number]} " in line and "topology" in line]
    return bool(said) and f"is {state}" in said[-1]


def all_known(g, fe, numbers=(1, 2, 3)):
    """To all workers."""
    assert until(lambda: all(f"frontend={fe.addresses[n]} number={n} is up" in g.log() for n in numbers)), g.log()
    g.reach_workers()
    return g


def used(fe, match="SELECT side", user="dw_sales"):
    """Which frontends ran statements, each as often as it did."""
    return sorted(s.fe for s in fe.record(user=user, match=match) if s.command == "Query")


def in_parallel(count, work, seconds=30):
    """work(number) in threads; their results, and re-raises what one of them raised."""
    results, errors = [None] * count, []

    def run(i):
        try:
            results[i] = work(i)
        except Exception as e:  # for the test to see
            errors.append(e)

    threads = [threading.Thread(target=run, args=[i]) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds)
    if errors:
        raise errors[0]
    return results


def connect_many(g, count):
    connections = [g.connect("ana", "sales") for _ in range(count)]
    for connection in connections:
        rows(connection, READ)
    return connections


def prepare(client, sql):
    """The number of a statement with one parameter and one column."""
    client.command(STMT_PREPARE, sql)
    number = struct.unpack_from("<I", client.read(), 1)[0]
    for _ in range(4):
        client.read()
    return number


both = pytest.mark.parametrize("config", ["session", "transaction"], indirect=True)  # pool modes


def on_frontend(g, fe, number):
    """A client whose backend connection is on this frontend."""
    others, end = [], time.monotonic() + 10  # a machine under load may take it for one that hangs
    try:
        while time.monotonic() < end:
            client = g.login("ana", "sales")
            fe.clear()
            client.query(READ)
            if used(fe) == [number]:
                return client
            others.append(client)
            time.sleep(0.01)
        raise AssertionError("never there")
    finally:
        for other in others:
            other.close()


class Relay:
    """A way to a frontend that can be cut so that no end says anything: TCP half open."""

    def __init__(self, target, address="127.0.0.1"):
        self.target, self.is_cut, self.sockets = target, False, []
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.listener = socket.create_server((address, 0), family=family, backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
                server = socket.create_connection(self.target)
            except OSError:
                return
            self.sockets += [client, server]
            for a, b in ((client, server), (server, client)):
                threading.Thread(target=self.copy, args=[a, b], daemon=True).start()

    def copy(self, a, b):
        try:
            while data := a.recv(65536):
                if not self.is_cut:
                    b.sendall(data)
            if not self.is_cut:
                b.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def stop(self):
        for s in [self.listener, *self.sockets]:
            s.close()
