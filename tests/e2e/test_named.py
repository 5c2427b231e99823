"""PREPARE, EXECUTE and DEALLOCATE PREPARE as SQL text."""

import json
import signal

import pytest

import wire
import world
from harness import refusal, rows, until


@pytest.fixture(params=["session", "transaction"], autouse=True)
def config(request, backend):
    made = world.config(backend.port)
    made["settings"]["workers"] = 1
    for source in made["compute_sources"].values():
        source["pool"].update(mode=request.param, max_connections=2 if request.param == "session" else 1)
    return made


def errno(client, sql):
    with pytest.raises(wire.Refused) as e:
        client.query(sql)
    return e.value.errno, e.value.message


def test_a_text_is_prepared_and_executed_with_user_variables(gateway):
    with gateway().login("ana", "sales") as client:
        client.query("SET @a = 2, @b = 'it''s'")
        client.query("PREPARE s FROM 'SELECT id, ? FROM ${sales}.t WHERE id >= ? ORDER BY id -- ?'")
        assert client.values("EXECUTE s USING @b, @a") == [(b"2", b"it's"), (b"3", b"it's")]
        client.query("SET @a = 3")
        assert client.values("EXECUTE s USING @b, @a") == [(b"3", b"it's")]
        assert client.values("EXECUTE s USING @nothing, @nothing") == []
        client.query("PREPARE t FROM SELECT side FROM t WHERE id = 1")
        assert client.values("EXECUTE t") == [(b"dw_sales",)]
        client.query("PREPARE `t` FROM SELECT 2 FROM t WHERE id = 1")
        assert client.values("execute t") == [(b"2",)]


def test_the_errors_are_a_frontends(gateway):
    with gateway().login("ana", "sales") as client:
        assert errno(client, "EXECUTE nosuch") == (1064, "Could not execute, since `nosuch` not exist")
        assert errno(client, "DEALLOCATE PREPARE nosuch") == (1064, "PrepareStatement `nosuch` not exist")
        client.query("PREPARE s FROM 'SELECT ? FROM t'")
        for using, count in (("", 0), (" USING @a, @a", 2)):
            assert errno(client, "EXECUTE s" + using) == (
                1064, f"Getting analyzing error. Detail message: Invalid arguments size {count}, expected 1.")
        assert errno(client, "PREPARE u FROM 'SHOW TABLES'")[0] == 1295
        assert errno(client, "PREPARE u FROM 'INSERT INTO t VALUES (?, ?)'")[0] == 1295
        assert errno(client, "PREPARE u FROM 'SET @a = 1'")[0] == 1295
        assert errno(client, "PREPARE u FROM 'SELECT id FROM secret.t'")[0] == 5501
        assert errno(client, "EXECUTE u")[0] == 1064
        client.query("DROP PREPARE s")
        assert errno(client, "EXECUTE s USING @a")[0] == 1064
        assert client.alive()


def test_the_project_of_the_prepare_holds(gateway):
    with gateway().login("ana", "sales") as client:
        client.query("PREPARE s FROM 'SELECT side FROM t WHERE id = 1'")
        client.query("USE crm")
        assert client.values("EXECUTE s") == [(b"dw_sales",)]
        assert client.values("SELECT side FROM t WHERE id = 1") == [(b"dw_crm",)]


def test_names_are_a_sessions_own(gateway):
    g = gateway()
    with g.login("ana", "sales") as a, g.login("bo", "sales") as b:
        a.query("SET @v = 'a'")
        b.query("SET @v = 'b'")
        a.query("PREPARE s FROM SELECT CONCAT('of a ', ?) FROM t WHERE id = 1")
        assert errno(b, "EXECUTE s USING @v")[0] == 1064
        b.query("PREPARE s FROM SELECT CONCAT('of b ', ?) FROM t WHERE id = 1")
        for _ in range(2):
            assert a.values("EXECUTE s USING @v") == [(b"of a a",)]
            assert b.values("EXECUTE s USING @v") == [(b"of b b",)]
        a.command(wire.RESET_CONNECTION)
        assert a.reply()[:1] == b"\0"
        assert errno(a, "EXECUTE s USING @v")[0] == 1064


def test_rights_are_asked_at_each_execution(gateway, config):
    g = gateway(config)
    with g.login("bo", "sales") as client:
        client.query("PREPARE s FROM 'SELECT side FROM t WHERE id = 1'")
        assert client.values("EXECUTE s") == [(b"dw_sales",)]
        config["projects"]["sales"]["members"]["bo"] = "blind"
        config["roles"] = {**config.get("roles", {}), "blind": {"prod": ["load"], "dev": []}}
        g.path.write_text(json.dumps(config))
        g.process.send_signal(signal.SIGHUP)

        def refused():
            try:
                client.query("EXECUTE s")
            except wire.Refused as e:
                return e.errno
            return None

        assert until(refused) == 5203


def test_they_are_alone_in_their_packet_and_not_in_the_binary_protocol(gateway):
    with gateway().login("ana", "sales", capabilities=wire.USUAL | wire.MULTI_STATEMENTS) as client:
        client.query("PREPARE s FROM SELECT 1 FROM t")
        assert errno(client, "EXECUTE s; EXECUTE s")[0] == 1235
        client.command(0x16, "EXECUTE s")
        with pytest.raises(wire.Refused) as e:
            client.reply()
        assert e.value.errno == 1295


def test_they_count_as_prepared_statements(gateway, config):
    config["settings"]["max_prepared_per_client"] = 3
    with gateway(config).login("ana", "sales") as client:
        for i in range(3):
            client.query(f"PREPARE s{i} FROM SELECT {i} FROM t WHERE id = 1")
        assert errno(client, "PREPARE s3 FROM SELECT 3 FROM t")[0] == 1461
        client.query("PREPARE s1 FROM SELECT 'again' FROM t WHERE id = 1")
        assert client.values("EXECUTE s1") == [(b"again",)]
        client.query("DEALLOCATE PREPARE s0")
        client.query("PREPARE s3 FROM SELECT 3 FROM t WHERE id = 1")
        assert client.values("EXECUTE s3") == [(b"3",)]


def test_what_pymysql_sends_works(gateway):
    with gateway().connect("ana", "sales") as connection:
        rows(connection, "SET @id = 1")
        rows(connection, "PREPARE s FROM 'SELECT side FROM t WHERE id = ?'")
        assert rows(connection, "EXECUTE s USING @id") == (("dw_sales",),)
        assert refusal(rows, connection, "EXECUTE t USING @id")[0] == 1064
