"""Many idle clients, and busy ones among them, over few backend connections: bench/crowd.py does it with 9,000."""

import random
import threading
import time

import pytest

import wire
from harness import SANITIZED, rows

FEW, MANY, ACTIVE, CONNECTIONS = 200, 1700, 40, 8
IDLE_CLIENT_MAX = 2048  # bytes of memory, the kernel's buffers not counted


def settle_in(g, i):
    """A client that has run ten SETs and one query."""
    client = g.login("ana", "sales")
    sets = [f"SET @client = {i}", f"SET @name = 'client number {i}'", f"SET sql_select_limit = {1000 + i % 7}", "SET autocommit = 1",
            "SET NAMES utf8mb4", "SET sql_mode = 'ONLY_FULL_GROUP_BY'", f"SET net_write_timeout = {600 + i % 5}",
            "SET time_zone = '+00:00'", f"SET wait_timeout = {20000 + i % 3}", "SET SESSION TRANSACTION READ WRITE"]
    client.send(b"".join(wire.frame(bytes([wire.QUERY]) + sql.encode()) for sql in sets))
    for _ in sets:
        client.sequence = 1
        client.reply()
    assert client.values("SELECT @client, @@net_write_timeout") == [(str(i).encode(), str(600 + i % 5).encode())]
    return client


@pytest.mark.parametrize("workers", [1, 2])
def test_idle_clients_cost_little_and_active_ones_are_served_right(gateway, config, backend, workers):
    """Memory is taken in pieces: with two workers a few more are begun, depending on how clients fall to them."""
    config["settings"].update(workers=workers, login_timeout_ms=30000)
    config["compute_sources"]["sales"]["pool"] = {"max_connections": CONNECTIONS, "max_wait_ms": 60000}
    g = gateway(config)
    crowd = [settle_in(g, i) for i in range(FEW)]
    before = g.rss()
    crowd += [settle_in(g, i) for i in range(FEW, MANY)]
    each = (g.rss() - before) / (MANY - FEW)
    assert SANITIZED or each <= IDLE_CLIENT_MAX * (1 if workers == 1 else 1.05), f"{each:.0f} bytes"
    assert backend.connections("sales_rw") <= CONNECTIONS
    failures, until = [], time.monotonic() + 2

    def work(i):
        try:
            with g.connect("ana", "sales") as connection:
                rows(connection, f"SET @mine = {i}, sql_select_limit = {1 + i % 3}")
                while time.monotonic() < until:
                    n = random.randint(1, 100)
                    assert rows(connection, f"SELECT n, @mine FROM numbers WHERE n = {n}") == ((n, i),)
                    assert len(rows(connection, "SELECT n FROM numbers")) == 1 + i % 3
        except BaseException as e:
            failures.append(e)

    threads = [threading.Thread(target=work, args=[i]) for i in range(ACTIVE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures, failures[:3]
    assert backend.connections("sales_rw") <= CONNECTIONS
    for i in range(0, MANY, 17):
        assert crowd[i].values("SELECT @client, @name") == [(str(i).encode(), f"client number {i}".encode())]
    for client in crowd:
        client.close()
