"""A pool's limit is one for all workers, and what lies in one worker is there for the others."""

import itertools
import os
import re
import socket
import threading
import time

import pytest

import wire
from frontends import config, fe  # noqa: F401  (fixtures)
from harness import rows, until

ACCOUNT = "dw_sales"


@pytest.fixture(autouse=True)
def workers(config):  # noqa: F811
    config["settings"]["workers"] = 3
    config["clusters"]["main"]["monitor"] = {"username": "dw_sales_dev", "password": "x"}  # probes use another account


def is_open(session):
    """The frontend's thread may not have noticed yet that the other side has closed."""
    try:
        with socket.socket(fileno=os.dup(session.channel.sock.fileno())) as own:  # it has no timeout, so never waits
            return own.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) != b""
    except BlockingIOError:
        return True
    except OSError:  # closed meanwhile
        return False


def opened(fe):
    return len([s for s in fe.sessions() if s.user and s.user.name == ACCOUNT and is_open(s)])


def worker_of(g, connection):
    """As the log has it: `info w2 s17 … login`."""
    def said():
        return re.search(rf" (w\d+) s{connection.thread_id()} \S+ \S+ login", g.log())

    return until(said).group(1)


def one_in_each(g, count):
    """A client in each of so many workers, by the workers' names."""
    clients = {}
    for _ in range(200):
        client = g.connect("ana", "sales")
        worker = worker_of(g, client)
        if worker in clients:
            client.close()
        clients.setdefault(worker, client)
        if len(clients) == count:
            return clients
    raise AssertionError(f"only in {sorted(clients)}")


def test_the_only_connection_goes_from_worker_to_worker(gateway, config, fe):
    config["compute_sources"]["sales"]["pool"].update(max_connections=1, max_wait_ms=3000)
    g = gateway(config)
    clients = one_in_each(g, 3)
    for round_number, client in itertools.product(range(5), clients.values()):
        assert rows(client, f"SELECT {round_number} FROM t LIMIT 1") == ((round_number,),)
        assert opened(fe) <= 1
    for client in clients.values():
        client.close()


def test_idle_connections_of_one_worker_do_not_starve_another(gateway, config, fe):
    """One worker has all that the pool may have, and lies idle: the others get what they need."""
    config["compute_sources"]["sales"]["pool"].update(max_connections=4, max_wait_ms=5000)
    g = gateway(config)
    clients = one_in_each(g, 2)
    greedy, other = clients.values()
    where = worker_of(g, greedy)
    mates = [greedy]
    while len(mates) < 4:
        mate = g.connect("ana", "sales")
        mates += [mate] if worker_of(g, mate) == where else []
    fault = fe.fault("hang", match="greedy")
    threads = [threading.Thread(target=rows, args=[mate, "SELECT 1 FROM t /* greedy */"]) for mate in mates]
    for thread in threads:
        thread.start()
    assert until(lambda: len(fe.record(match="greedy")) == 4)
    fe.heal(fault)
    for thread in threads:
        thread.join(10)
    assert opened(fe) == 4
    assert rows(other, "SELECT 5 FROM t LIMIT 1") == ((5,),)
    assert opened(fe) <= 4


def test_users_take_turns_for_the_connections(gateway, config, fe):
    config["settings"]["workers"] = 1
    config["compute_sources"]["sales"]["pool"].update(max_connections=1, max_wait_ms=20000)
    g = gateway(config)
    fault = fe.fault("hang", match="first")
    names = ["ana first", "ana 1", "ana 2", "ana 3", "bo 1", "bo 2"]
    clients = {}
    for name in names:
        clients[name] = g.login(name.split()[0], "sales")
        clients[name].command(wire.QUERY, f"SELECT 1 FROM t /* {name} */")
        assert until(lambda: fe.record(match="first"))
        with g.connect("bo") as watcher:  # it waits before the next one comes
            assert until(lambda: sum("waits for a connection" in str(row) for row in rows(watcher, "SHOW PROCESSLIST"))
                         >= len([n for n in clients if n.startswith("bo")]))
        time.sleep(0.05)
    fe.heal(fault)
    for client in clients.values():
        client.reply()
        client.close()
    order = [re.search(r"/\* (.*) \*/", s.text).group(1) for s in fe.record(match="/\\*")]
    assert order == ["ana first", "bo 1", "ana 1", "bo 2", "ana 2", "ana 3"]


def test_the_limit_is_never_passed_while_all_workers_are_busy(gateway, config, fe):
    config["compute_sources"]["sales"]["pool"].update(max_connections=3, max_wait_ms=20000)
    g = gateway(config)
    clients, most, failures = list(one_in_each(g, 3).values()), [], []

    def work(client):
        try:
            for i in range(15):
                assert rows(client, f"SELECT {i} FROM t LIMIT 1") == ((i,),)
        except Exception as e:
            failures.append(e)

    clients += [g.connect("ana", "sales") for _ in range(9)]
    threads = [threading.Thread(target=work, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        most.append(opened(fe))
    assert not failures, failures[:2]
    assert 1 <= max(most) <= 3
