"""SIGHUP: a new configuration is taken whole or not at all, and what sessions see of it."""

import json
import signal

import pymysql
import pytest

import harness
import wire
from harness import refusal, rows, until


def is_served(connection, sql):
    """Workers take a new configuration at their next turn, a moment after it is announced."""
    try:
        rows(connection, sql)
        return True
    except pymysql.MySQLError as e:
        assert e.args[0] == 5203
        return False


def closes(client):
    """An ERR that nobody asked for, then the end of the connection."""
    client.sequence = 0
    with pytest.raises(wire.Refused) as e:
        client.unless_refused()
    assert client.is_closed()
    return e.value


def test_the_next_statement_is_judged_by_the_new_configuration(gateway, config):
    g = gateway(config)
    with g.connect("bo", "sales") as connection:
        assert refusal(rows, connection, "INSERT INTO t VALUES (100, 'x')")[0] == 5203
        config["projects"]["sales"]["members"]["bo"] = "owner"
        g.reload(config)
        assert until(lambda: is_served(connection, "INSERT INTO t VALUES (100, 'x')"))
        rows(connection, "DELETE FROM t WHERE id = 100")
        config["projects"]["sales"]["members"]["bo"] = "viewer"
        g.reload(config)
        assert until(lambda: not is_served(connection, "UPDATE t SET side = side WHERE id = 1"))
        assert rows(connection, "SELECT COUNT(*) FROM t") == ((3,),)


def test_a_reply_finds_its_cluster_when_another_that_stood_before_it_is_gone(gateway, config):
    """What is replaced in an error is what the statement's own cluster has told."""
    main = config["clusters"]["main"]
    config["clusters"] = {"first": {"jdbc_url": f"jdbc:mysql://127.0.0.1:{harness.free_port()}/"}, "main": main}
    g = gateway(config)
    with g.login("ana", "sales") as client:
        client.command(wire.QUERY, "SELECT IF(SLEEP(1) = 0, (SELECT id FROM sales.t), 0)")
        del config["clusters"]["first"]
        g.reload(config)
        with pytest.raises(wire.Refused) as e:
            client.reply()
        assert e.value.errno == 1242
        assert client.values("SELECT side FROM t WHERE id = 1") == [(b"dw_sales",)]


def test_a_wrong_configuration_changes_nothing_and_says_why(gateway, config):
    g = gateway(config)
    with g.connect("ana", "sales") as connection:
        wrong = json.loads(json.dumps(config))
        wrong["projects"]["sales"]["prod"] = "nothing"
        wrong["users"]["bo"]["from"] = ["nowhere"]
        g.reload(wrong, "stays as it was")
        log = g.log()
        assert "projects.sales.prod" in log and "users.bo.from" in log
        g.path.write_text("{")
        g.process.send_signal(signal.SIGHUP)
        assert until(lambda: g.log().count("stays as it was") == 2)
        assert rows(connection, "SELECT COUNT(*) FROM t") == ((3,),)
        assert g.query("SELECT COUNT(*) FROM sales.t") == ((3,),)


def test_what_needs_a_restart_is_refused_by_name(gateway, config):
    g, before = gateway(config), config["settings"].get("workers", 0)
    config["settings"]["workers"] = 7
    g.reload(config, "settings.workers has changed, which needs a restart")
    config["settings"]["workers"] = before
    config["listeners"][0]["address"] = f"127.0.0.1:{harness.free_port()}"
    g.reload(config, "listeners has changed, which needs a restart")
    config["listeners"][0]["address"] = f"127.0.0.1:{g.port}"
    config["settings"]["audit_log"] = "/somewhere/else"
    g.reload(config, "settings.audit_log has changed, which holds after a restart")
    assert g.query("SELECT COUNT(*) FROM sales.t") == ((3,),)


def test_a_session_whose_user_is_gone_is_told_and_closed(gateway, config):
    g = gateway(config)
    with g.login("bo", "sales") as idle, g.login("ana", "sales") as other:
        assert idle.alive()
        for project in config["projects"].values():
            project["members"].pop("bo", None)
        config["groups"] = {name: [u for u in users if u != "bo"] for name, users in config.get("groups", {}).items()}
        del config["users"]["bo"]
        g.reload(config)
        assert closes(idle).errno == 1045
        assert other.alive()
    g.reach_workers()
    with pytest.raises(wire.Refused), g.login("bo"):
        pass


def test_a_session_whose_password_was_taken_away_is_closed_and_the_other_one_stays(gateway, config):
    old, new = harness.native_hash("ana's"), harness.native_hash("another")
    config["users"]["ana"]["auth"]["mysql_native_password"] = [old, new]
    g = gateway(config)
    with g.login("ana", "sales") as by_old:
        with g.wire() as by_new:
            by_new.login("ana", "another", "sales")
            assert by_old.alive() and by_new.alive()
            config["users"]["ana"]["auth"]["mysql_native_password"] = new
            g.reload(config)
            assert closes(by_old).errno == 1045
            assert by_new.alive()
            assert by_new.values("SELECT COUNT(*) FROM t") == [(b"3",)]


def test_a_session_whose_address_no_longer_fits_is_closed(gateway, config):
    g = gateway(config)
    with g.login("ana", "sales") as client:
        config["users"]["ana"]["from"] = ["10.0.0.0/8"]
        g.reload(config)
        assert closes(client).errno == 1045


def test_a_session_whose_project_is_gone_is_closed(gateway, config):
    g = gateway(config)
    with g.login("ana", "crm") as in_crm, g.login("ana", "sales") as in_sales:
        del config["projects"]["crm"]
        g.reload(config)
        assert closes(in_crm).errno == 5501
        assert in_sales.alive()


def test_a_running_query_is_finished_first(gateway, config):
    g = gateway(config)
    with g.login("ana", "sales") as client:
        client.command(wire.QUERY, "SELECT COUNT(*), SLEEP(1.5) FROM numbers WHERE n = 1")
        with g.connect("ana") as watcher:
            assert until(lambda: any(row[8] == "runs" for row in rows(watcher, "SHOW PROCESSLIST")))
        del config["projects"]["sales"]["members"]["ana"]
        g.reload(config)
        assert [wire.fields(row) for row in client.reply()] == [(b"1", b"0")]
        assert closes(client).errno == 5501


def test_connections_of_an_unchanged_account_stay_and_those_of_a_changed_one_go(gateway, config, backend, recorder):
    def server_ids(connection):
        """The server's own numbers of the connections that this one's statements ran on."""
        recorder.clear()
        rows(connection, "SELECT side FROM t LIMIT 1")
        assert until(lambda: recorder.queries())
        return {s.connection for s in recorder.all() if s.command == "Query" and "SELECT side" in s.text}

    g = gateway(config)
    with g.connect("own", "sales") as sales, g.connect("own", "crm") as crm:
        before = server_ids(sales), server_ids(crm)
        config["compute_sources"]["crm"]["pool"]["max_connections"] = 7
        config["compute_sources"]["sales"].update(username="dim_rw", password="dim_rw-secret")
        backend.sql("GRANT SELECT ON dw_sales.* TO dim_rw@'127.0.0.1'")
        g.reload(config)
        assert until(lambda: server_ids(sales) != before[0])
        assert server_ids(crm) == before[1]
        assert until(lambda: backend.connections("sales_rw") == 0)


def with_many_projects(config, count=200):
    for i in range(count):
        config["compute_sources"][f"s{i}"] = {"cluster": "main", "database": f"d{i}", "username": "u", "password": "p"}
        config["projects"][f"p{i}"] = {"prod": f"s{i}", "members": {"ana": "viewer"}}


def test_a_hundred_reloads_under_load_lose_no_statement_and_keep_no_memory(gateway, config):
    """The short form of bench/life.py, which has more of everything."""
    with_many_projects(config)
    config["settings"]["log_limit"] = 0
    g = gateway(config)
    clients = [g.login("ana", "sales") for _ in range(8)]
    sizes = []
    for turn in range(100):
        config["projects"]["sales"]["description"] = f"turn {turn}"
        g.path.write_text(json.dumps(config))
        g.process.send_signal(signal.SIGHUP)
        for client in clients:
            client.command(wire.QUERY, "SELECT COUNT(*) FROM t")
        for client in clients:
            assert [wire.fields(row) for row in client.reply()] == [(b"3",)]
        if turn % 10 == 9:
            assert until(lambda: g.log().count("reload: done") >= len(sizes) + 1)
            sizes.append(g.rss())
    for client in clients:
        client.close()
    assert harness.SANITIZED or sizes[-1] - sizes[2] < 4 << 20, sizes
