"""Limits of users, projects, compute sources and clusters: sessions, statements at once, and the queue."""

import threading

import pymysql
import pytest

import wire
from harness import refusal, rows, until
from limiting import (  # noqa: F401
    cluster, config, connect, fe, finish, limited, login, processes, sql, start, waiting)


# ---- sessions


@pytest.mark.parametrize("place, says", [
    (("users", "ana"), "user 'ana'"), (("projects", "sales"), "project 'sales'"),
    (("compute_sources", "sales"), "compute source 'sales'"),
])
def test_sessions_are_counted_over_all_workers(gateway, limited, place, says):
    limited[place[0]][place[1]]["limits"] = {"max_connections": 4}
    g = gateway(limited)
    held = [login(g) for _ in range(4)]
    for _ in range(6):
        with pytest.raises(wire.Refused) as e:
            login(g)
        assert (e.value.errno, e.value.sqlstate) == (1040, "08004")
        assert says in e.value.message and "max_connections" in e.value.message
    held.pop().close()
    assert until(lambda: is_let_in(g, held))
    for client in held:
        client.close()


def is_let_in(g, held):
    try:
        held.append(login(g))
        return True
    except wire.Refused:
        return False


def test_a_project_that_is_full_is_not_selected_later_either(gateway, limited):
    limited["projects"]["sales"]["limits"] = {"max_connections": 1}
    g = gateway(limited)
    with connect(g) as first, connect(g, "bo", None) as second:
        for sentence in ("USE sales", "USE sales_dev"):  # both sides are of the project
            errno, message = refusal(rows, second, sentence)
            assert errno == 1040 and "project 'sales'" in message
        assert refusal(second.select_db, "sales")[0] == 1040
        rows(first, "USE sales_dev")  # it has its place already
    assert until(lambda: selects(second_connection(g)))


def second_connection(g):
    return connect(g, "bo", None)


def selects(connection):
    try:
        connection.select_db("sales")
        return True
    except pymysql.MySQLError:
        return False
    finally:
        connection.close()


def test_a_change_of_the_user_frees_the_place(gateway, limited):
    limited["users"]["ana"]["limits"] = {"max_connections": 1}
    g = gateway(limited)
    with login(g) as client:
        client.command(wire.CHANGE_USER, b"bo\0" + change_answer(client, "bo's") + b"sales\0" + b"\x21\0mysql_native_password\0")
        client.unless_refused()
        with login(g):
            pass


def change_answer(client, password):
    answer = wire.scramble(password, client.greeting.salt)
    return bytes([len(answer)]) + answer


def test_a_limit_of_sessions_follows_a_reload(gateway, limited):
    g = gateway(limited)
    held = [login(g) for _ in range(3)]
    limited["users"]["ana"]["limits"] = {"max_connections": 2}
    g.reload(limited)
    assert until(lambda: not is_let_in(g, held))
    over = len(held)
    assert all(client.alive() for client in held)  # who is in stays in
    limited["users"]["ana"]["limits"] = {"max_connections": over + 1}
    g.reload(limited)
    assert until(lambda: is_let_in(g, held))
    assert not is_let_in(g, held)
    for client in held:
        client.close()


# ---- statements at once


@pytest.mark.parametrize("place", [("users", "ana"), ("projects", "sales"), ("compute_sources", "sales"), ("clusters", "main")])
def test_statements_wait_for_a_place_on_each_level(gateway, limited, cluster, place):
    limited[place[0]][place[1]]["limits"] = {"max_concurrent_queries": 2}
    g = gateway(limited)
    names = [f"s{i}" for i in range(6)]
    cluster.hang(*names)
    clients = [login(g) for _ in names]
    with connect(g) as watcher:
        for i, (client, name) in enumerate(zip(clients, names)):
            start(client, name)
            assert until(lambda: cluster.running() == names[: min(2, i + 1)] and len(waiting(watcher)) == max(0, i - 1))
        assert until(lambda: all("number" in state for state in waiting(watcher).values()))
        states = [waiting(watcher)[client.greeting.connection_id] for client in clients[2:]]
        for i, state in enumerate(states):
            assert state.startswith(f"waits for its turn: number {i + 1} of 4 in project 'sales'; "), state
            assert f"'{place[1]}' may run 2 at once" in state
        for i, name in enumerate(names):
            cluster.let_go(name)
            finish(clients[i])
            assert until(lambda: len(cluster.running()) == min(6, i + 3))
        assert cluster.running() == names
        assert waiting(watcher) == {}
    for client in clients:
        client.close()


def test_users_take_turns_and_keep_their_own_order(gateway, limited, cluster):
    limited["projects"]["sales"]["limits"] = {"max_concurrent_queries": 1}
    g = gateway(limited)
    coming = ["first"] + [f"ana{i}" for i in range(4)] + ["bo0", "bo1", "cy0"]
    cluster.hang(*coming)
    clients = {}
    with connect(g, "root") as watcher:
        for i, name in enumerate(coming):
            clients[name] = login(g, "ana" if name == "first" else name[:-1])
            start(clients[name], name)
            assert until(lambda: cluster.running() == ["first"] and len(waiting(watcher)) == i)
        assert until(lambda: all("number" in state for state in waiting(watcher).values()))
        place = {name: int(waiting(watcher)[clients[name].greeting.connection_id].split("number ")[1].split()[0])
                 for name in coming[1:]}
        expected = ["ana0", "bo0", "cy0", "ana1", "bo1", "ana2", "ana3"]
        assert sorted(place, key=place.get) == expected
        for name in ["first"] + expected:
            cluster.let_go(name)
            finish(clients[name])
    assert cluster.running() == ["first"] + expected
    for client in clients.values():
        client.close()


def test_a_user_at_its_own_limit_does_not_hold_up_the_others(gateway, limited, cluster):
    limited["projects"]["sales"]["limits"] = {"max_concurrent_queries": 3}
    limited["users"]["ana"]["limits"] = {"max_concurrent_queries": 1}
    g = gateway(limited)
    cluster.hang("a1", "a2")
    with login(g) as one, login(g) as two, connect(g, "bo") as bo, connect(g) as watcher:
        start(one, "a1")
        assert until(lambda: cluster.running() == ["a1"])
        start(two, "a2")
        assert until(lambda: len(waiting(watcher)) == 1)
        for _ in range(5):
            assert rows(bo, "SELECT side FROM t") == (("dw_sales",),)
        assert "user 'ana' may run 1 at once" in list(waiting(watcher).values())[0]
        cluster.let_go("a1", "a2")
        finish(one), finish(two)


def test_answers_of_the_gateway_itself_need_no_place(gateway, limited, cluster):
    limited["users"]["ana"]["limits"] = {"max_concurrent_queries": 1}
    g = gateway(limited)
    cluster.hang("a")
    with login(g) as client, connect(g) as other:
        start(client, "a")
        assert until(lambda: cluster.running() == ["a"])
        rows(other, "SHOW DATABASES"), rows(other, "USE sales_dev"), rows(other, "BEGIN"), rows(other, "ROLLBACK")
        other.ping()
        cluster.let_go("a")
        finish(client)


def test_prepared_statements_need_a_place_too(gateway, limited, cluster):
    limited["users"]["ana"]["limits"] = {"max_concurrent_queries": 1, "max_queued": 1}
    limited["compute_sources"]["sales"]["pool"]["max_wait_ms"] = 400
    g = gateway(limited)
    cluster.hang("a")
    with login(g) as client, login(g) as other:
        start(client, "a")
        assert until(lambda: cluster.running() == ["a"])
        other.command(0x16, b"SELECT side FROM t")
        with pytest.raises(wire.Refused) as e:
            other.unless_refused()
        assert e.value.errno == 1040
        cluster.let_go("a")
        finish(client)
        assert other.alive()


def test_the_statements_of_an_open_transaction_do_not_wait(gateway, limited, cluster):
    limited["compute_sources"]["sales"]["limits"] = {"max_concurrent_queries": 1}
    cluster.fe.sql("CREATE TABLE dw_sales.u (id INT, side VARCHAR(20)) DISTRIBUTED BY HASH(id) BUCKETS 1")
    g = gateway(limited)
    cluster.hang("a")
    with login(g) as client, connect(g, "bo") as writer:
        rows(writer, "BEGIN")
        rows(writer, "INSERT INTO t VALUES (7, 'x')")
        start(client, "a")
        assert until(lambda: cluster.running() == ["a"])
        rows(writer, "INSERT INTO u VALUES (8, 'x')")
        rows(writer, "ROLLBACK")
        cluster.let_go("a")
        finish(client)


# ---- the queue and its end


def full(g, cluster):
    """A client whose statement has taken the only place."""
    cluster.hang("long")
    client = login(g)
    start(client, "long")
    assert until(lambda: cluster.running() == ["long"])
    return client


@pytest.fixture
def one_place(limited):
    limited["projects"]["sales"]["limits"] = {"max_concurrent_queries": 1}
    return limited


def test_more_than_max_queued_are_refused_at_once(gateway, one_place, cluster):
    one_place["projects"]["sales"]["limits"]["max_queued"] = 2
    g = gateway(one_place)
    with full(g, cluster) as client, connect(g) as watcher:
        waiters = [login(g, user) for user in ("ana", "bo")]
        for i, waiter in enumerate(waiters):
            start(waiter, f"w{i}")
        assert until(lambda: processes(watcher) and sum("number" in s for s in all_waiting(g)) == 2)
        for user in ("ana", "bo", "cy"):
            with connect(g, user) as late:
                errno, message = refusal(rows, late, "SELECT side FROM t")
                assert errno == 1040 and "2 statements of project 'sales' wait already" in message
                assert "max_queued" in message
        cluster.let_go("long")
        for c in [client] + waiters:
            finish(c)
        assert rows(watcher, "SELECT side FROM t") == (("dw_sales",),)


def all_waiting(g):
    with connect(g, "root") as watcher:
        return list(waiting(watcher).values())


def test_who_waits_in_vain_hears_for_which_limit(gateway, one_place, cluster):
    one_place["compute_sources"]["sales"]["pool"]["max_wait_ms"] = 1000  # also for the one that gets its turn
    g = gateway(one_place)
    with full(g, cluster) as client, connect(g, "bo") as other:
        errno, message = refusal(rows, other, "SELECT side FROM t")
        assert errno == 1040
        assert message.startswith("starbind: project 'sales' runs as many statements as it may at once (1, max_concurrent_queries)")
        cluster.let_go("long")
        finish(client)
        assert rows(other, "SELECT side FROM t") == (("dw_sales",),)


@pytest.mark.parametrize("whole", [False, True])
def test_a_statement_that_waits_is_killed(gateway, one_place, cluster, whole):
    g = gateway(one_place)
    with full(g, cluster) as client, login(g, "bo") as waiter, login(g, "cy") as next_one, connect(g, "bo") as killer:
        start(waiter, "w")
        assert until(lambda: len(waiting(killer)) == 1)
        start(next_one, "n")
        rows(killer, f"KILL {'' if whole else 'QUERY '}{waiter.greeting.connection_id}")
        if whole:
            assert waiter.is_closed()
        else:
            with pytest.raises(wire.Refused) as e:
                waiter.reply()
            assert e.value.errno == 1317 and waiter.alive()
        cluster.let_go("long")
        finish(client), finish(next_one)
        assert cluster.running() == ["long", "n"]


def test_a_client_that_leaves_while_it_waits_takes_no_place(gateway, one_place, cluster):
    g = gateway(one_place)
    with full(g, cluster) as client, login(g, "bo") as last, connect(g, "root") as watcher:
        gone = [login(g, user) for user in ("bo", "cy", "cy")]
        for i, one in enumerate(gone):
            start(one, f"g{i}")
        assert until(lambda: len(waiting(watcher)) == 3)
        start(last, "last")
        assert until(lambda: len(waiting(watcher)) == 4)
        gone[0].close(), gone[1].abort(), gone[2].close()
        assert until(lambda: [s for s in waiting(watcher).values() if "number 1 of 1" in s] and len(waiting(watcher)) == 1)
        cluster.let_go("long")
        finish(client), finish(last)
        assert cluster.running() == ["long", "last"]


def test_a_limit_that_rises_lets_the_waiting_in(gateway, one_place, cluster):
    g = gateway(one_place)
    with full(g, cluster) as client, connect(g, "bo") as other:
        one_place["projects"]["sales"]["limits"] = {"max_concurrent_queries": 2}
        timer = threading.Timer(0.3, g.reload, [one_place])
        timer.start()
        assert rows(other, "SELECT side FROM t") == (("dw_sales",),)
        timer.join()
        one_place["projects"]["sales"]["limits"] = {"max_concurrent_queries": 1}
        one_place["compute_sources"]["sales"]["pool"]["max_wait_ms"] = 200
        g.reload(one_place)
        assert until(lambda: is_refused(other))  # what runs from before counts
        cluster.let_go("long")
        finish(client)


def is_refused(connection):
    try:
        rows(connection, "SELECT side FROM t")
        return False
    except pymysql.MySQLError as e:
        return e.args[0] == 1040


def test_who_waited_is_judged_by_the_configuration_of_its_turn(gateway, one_place, cluster):
    g = gateway(one_place)
    with full(g, cluster) as client, login(g, "bo") as writer, login(g, "cy") as reader, connect(g, "root") as watcher:
        writer.command(wire.QUERY, "INSERT INTO t VALUES (9, 'x')")
        start(reader, "r")
        assert until(lambda: len(waiting(watcher)) == 2)
        one_place["projects"]["sales"]["members"]["bo"] = "viewer"
        g.reload(one_place)
        waiting(watcher)  # told by all workers, so they have the configuration
        cluster.let_go("long")
        finish(client)
        with pytest.raises(wire.Refused) as e:
            writer.reply()
        assert e.value.errno == 5203 and writer.alive()
        finish(reader)
    assert not [t for t in cluster.fe.texts() if t.startswith("INSERT")]


def test_sigterm_finds_statements_that_wait(gateway, one_place, cluster):
    g = gateway(one_place)
    with full(g, cluster) as client, login(g, "bo") as waiter, connect(g, "root") as watcher:
        start(waiter, "w")
        assert until(lambda: len(waiting(watcher)) == 1)
        g.process.terminate()
        assert until(lambda: "SIGTERM" in g.log())
        cluster.let_go("long")
        finish(client), finish(waiter)  # both came before, both are finished
    g.process.wait(10)  # and the fixture wants a clean exit


@pytest.mark.parametrize("mode", ["session", "transaction"])
def test_under_load_every_statement_gets_its_turn(gateway, limited, mode):
    for source in limited["compute_sources"].values():
        source["pool"] = {"mode": mode, "max_connections": 12 if mode == "session" else 2, "max_wait_ms": 20000}
    limited["users"]["ana"]["limits"] = {"max_concurrent_queries": 1}
    limited["projects"]["sales"]["limits"] = {"max_concurrent_queries": 2}
    limited["clusters"]["main"]["limits"] = {"max_concurrent_queries": 3}
    g = gateway(limited)
    failures, done = [], []

    def work(user, database):
        try:
            with connect(g, user, database) as connection:
                for _ in range(25):
                    rows(connection, "SELECT COUNT(*) FROM t")
                    done.append(user)
        except Exception as e:
            failures.append(e)

    threads = [threading.Thread(target=work, args=[user, database])
               for user in ("ana", "bo", "cy") for database in ("sales", "sales_dev") for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures and len(done) == 300
    with connect(g, "root") as watcher:
        assert waiting(watcher) == {}
