"""Backend connections: how many, for whom, how long one waits for them, and that they go."""

import threading
import time

import pytest

import wire
from harness import refusal, rows, until
from three import in_parallel


@pytest.fixture
def one(config):
    """One worker, one connection to sales."""
    config["settings"]["workers"] = 1
    config["compute_sources"]["sales"]["pool"] = {"mode": "session", "max_connections": 1, "max_wait_ms": 600}
    return config


def test_a_session_keeps_its_backend_connection(gateway, backend, recorder):
    with gateway().connect("ana", "sales") as connection:
        for _ in range(5):
            rows(connection, "SELECT id FROM t WHERE id = 1")
        assert until(lambda: len(recorder.queries()) == 5)
        assert len({s.connection for s in recorder.all() if s.command == "Query"}) == 1
        assert backend.held("sales_rw") == 1


def test_sessions_do_not_share_a_backend_connections_state(gateway):
    g = gateway()
    with g.connect("ana", "sales") as first, g.connect("etl", "sales") as second:
        rows(first, "SET sql_select_limit = 1")
        assert len(rows(first, "SELECT * FROM t")) == 1
        assert len(rows(second, "SELECT * FROM t")) == 3
    with g.connect("ana", "sales") as third:
        assert len(rows(third, "SELECT * FROM t")) == 3


def test_one_account_each_for_two_projects(gateway, backend, recorder):
    g = gateway()
    recorder.clear()
    with g.connect("ana") as connection:
        rows(connection, "SELECT COUNT(*) FROM sales.t")
        rows(connection, "SELECT COUNT(*) FROM crm.t")
        rows(connection, "SELECT COUNT(*) FROM sales_dev.t")
    assert recorder.account_of("dw_sales`.") | recorder.account_of("dw_sales.") == {"sales_rw"}
    assert recorder.accounts() == {"sales_rw", "crm_rw", "sales_dev"}


def test_over_the_pools_limit_one_waits_and_is_told(gateway, one, backend):
    g = gateway(one)
    with g.connect("ana", "sales") as first, g.connect("ana", "sales") as second:
        rows(first, "SELECT COUNT(*) FROM t")
        began = time.monotonic()
        errno, message = refusal(rows, second, "SELECT COUNT(*) FROM t")
        assert errno == 1040, message
        assert 0.4 < time.monotonic() - began < 3
        assert backend.held("sales_rw") == 1
        assert rows(first, "SELECT COUNT(*) FROM t") == ((3,),)
        assert rows(second, "SELECT COUNT(*) FROM crm.t") == ((3,),)


def pending(watcher):
    """How many statements of the user wait for a connection."""
    return sum("waits for a connection" in row[8] for row in rows(watcher, "SHOW PROCESSLIST"))


def test_a_waiter_is_served_when_another_leaves(gateway, one):
    one["compute_sources"]["sales"]["pool"]["max_wait_ms"] = 8000
    g = gateway(one)
    first, got = g.connect("ana", "sales"), []
    rows(first, "SELECT COUNT(*) FROM t")

    def wait():
        got.append(g.query("SELECT COUNT(*) FROM t", database="sales"))

    thread = threading.Thread(target=wait)
    thread.start()
    with g.connect("ana") as watcher:
        assert until(lambda: pending(watcher) == 1)
    time.sleep(0.4)
    assert not got
    first.close()
    thread.join(5)
    assert got == [((3,),)]


def test_waiters_are_served_in_the_order_of_their_coming(gateway, one):
    one["compute_sources"]["sales"]["pool"]["max_wait_ms"] = 8000
    g = gateway(one)
    first, order = g.connect("ana", "sales"), []
    rows(first, "SELECT COUNT(*) FROM t")

    def wait(name):
        with g.connect("ana", "sales") as waiter:
            rows(waiter, "SELECT COUNT(*) FROM t")
            order.append(name)  # before the next one can have the connection

    threads = []
    with g.connect("ana") as watcher:
        for name in range(4):
            threads.append(threading.Thread(target=wait, args=[name]))
            threads[-1].start()
            assert until(lambda: pending(watcher) == name + 1)
    first.close()
    for thread in threads:
        thread.join(10)
    assert order == [0, 1, 2, 3]


def test_a_waiter_that_leaves_takes_no_place(gateway, one):
    one["compute_sources"]["sales"]["pool"]["max_wait_ms"] = 8000
    g = gateway(one)
    with g.connect("ana", "sales") as first:
        rows(first, "SELECT COUNT(*) FROM t")
        gone = g.login(database="sales")
        gone.command(3, "SELECT COUNT(*) FROM t")
        with g.connect("ana") as watcher:
            assert until(lambda: pending(watcher) == 1)
            gone.abort()
            assert until(lambda: pending(watcher) == 0)
    assert g.query("SELECT COUNT(*) FROM t", database="sales") == ((3,),)


def test_many_sessions_over_two_workers_stay_in_the_limit(gateway, config, backend):
    config["compute_sources"]["sales"]["pool"] = {"mode": "session", "max_connections": 4, "max_wait_ms": 10000}
    g = gateway(config)
    most, results = [], []

    def work():
        for _ in range(3):
            with g.connect("ana", "sales") as connection:
                results.append(rows(connection, "SELECT COUNT(*) FROM t WHERE SLEEP(0.02) = 0"))

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        most.append(backend.held("sales_rw"))
        time.sleep(0.02)
    assert len(results) == 48 and set(results) == {((3,),)}
    assert max(most) <= 4


def test_a_pool_makes_no_connection_before_it_is_needed(gateway, backend):
    g = gateway()
    with g.connect("ana", "sales"), g.connect("ana", "crm"):
        assert until(lambda: backend.connections("sales_rw") == backend.connections("crm_rw") == 0), "but for a probe"


def test_sigterm_ends_it_with_clients_connected(gateway, backend):
    g = gateway()
    with g.login(database="sales") as busy, g.login() as idle:
        busy.query("SELECT COUNT(*) FROM t")
        began = time.monotonic()
        g.stop()
        assert time.monotonic() - began < 15
        assert idle.is_closed() and busy.is_closed()
    assert until(lambda: backend.connections() == 0)


def test_a_second_sigterm_cuts_off_a_result_and_does_not_end_it(gateway):
    """The first one lets running statements finish; either way no cut result may look complete."""
    g = gateway()
    client = g.login(database="sales")
    client.command(3, "SELECT REPEAT('x', 1000) FROM seq_1_to_3000000")
    assert len([client.read() for _ in range(10)]) == 10
    g.process.terminate()
    assert until(lambda: "running statements may finish" in g.log())  # else two signals may count as one
    assert len([client.read() for _ in range(10000)]) == 10000
    g.process.terminate()
    end = None
    try:
        while end is None:
            packet = client.read()
            if packet[:1] == b"\xff" or packet[:1] == b"\xfe" and len(packet) < 9:
                end = packet
    except wire.Closed:
        end = b"\xff"
    assert end[:1] == b"\xff", "a result that was cut off looked complete"
    client.close()
    g.process.wait(10)  # and the fixture wants a clean exit


def test_a_connection_that_lies_idle_in_one_worker_makes_room_in_another(gateway, config, backend):
    config["settings"]["workers"] = 3
    config["compute_sources"]["sales"]["pool"] = {"mode": "session", "max_connections": 1, "max_wait_ms": 3000}
    g = gateway(config)
    for _ in range(12):  # whichever worker each session lives in
        assert g.query("SELECT COUNT(*) FROM t", database="sales") == ((3,),)
    assert until(lambda: backend.connections("sales_rw") <= 1)  # the server sees a close a moment later


def test_a_clusters_connections_are_shared_by_its_sources_and_workers(gateway, config, backend):
    config["clusters"]["main"]["limits"] = {"max_connections": 3}
    for source in config["compute_sources"].values():
        source["pool"].update(mode="session", max_wait_ms=1000)  # enough for one that is moved to another worker
    g = gateway(config)
    refused = ("sales", "crm", "sales_dev")
    for _ in range(3):  # whichever workers the sessions live in
        held = [g.connect("ana", database) for database in ("sales", "crm", "dim")]
        for connection in held:
            rows(connection, "SELECT COUNT(*) FROM t")
        assert until(lambda: backend.connections() == 3)
        told = in_parallel(3, lambda i: refusal(g.query, "SELECT COUNT(*) FROM t", database=refused[i]))
        assert [errno for errno, _ in told] == [1040] * 3
        for connection in held:
            connection.close()


def test_many_sessions_take_turns_under_a_clusters_limit(gateway, config):
    config["settings"]["workers"] = 3
    config["clusters"]["main"]["limits"] = {"max_connections": 2}
    g = gateway(config)
    failures = []

    def work(database):
        try:
            for _ in range(4):
                assert g.query("SELECT COUNT(*) FROM t", database=database) == ((3,),)
        except Exception as e:
            failures.append(e)

    workers = [threading.Thread(target=work, args=[d]) for d in ("sales", "crm", "dim") * 3]
    for thread in workers:
        thread.start()
    for thread in workers:
        thread.join(30)
    assert not failures


def test_over_a_clusters_limit_one_waits_and_is_told(gateway, config):
    config["clusters"]["main"]["limits"] = {"max_connections": 1}
    config["compute_sources"]["sales"]["pool"]["mode"] = "session"
    config["compute_sources"]["crm"]["pool"]["max_wait_ms"] = 1000
    g = gateway(config)
    with g.connect("ana", "crm") as second:
        with g.connect("ana", "sales") as first:
            rows(first, "SELECT COUNT(*) FROM t")
            errno, message = refusal(rows, second, "SELECT COUNT(*) FROM t")
            assert errno == 1040 and "cluster 'main'" in message and "max_connections" in message, message
        assert rows(second, "SELECT COUNT(*) FROM t") == ((3,),)


def test_a_clusters_limit_that_rises_at_a_reload_holds_at_once(gateway, config):
    config["clusters"]["main"]["limits"] = {"max_connections": 1}
    g = gateway(config)
    with g.connect("ana", "sales") as first, g.connect("ana", "crm") as second:
        rows(first, "SELECT COUNT(*) FROM t")
        config["clusters"]["main"]["limits"] = {"max_connections": 2}
        timer = threading.Timer(0.3, g.reload, [config])
        timer.start()
        assert rows(second, "SELECT COUNT(*) FROM t") == ((3,),)
        timer.join()
