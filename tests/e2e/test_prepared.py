"""Prepared statements over the binary protocol."""

import json
import signal
import struct

import pytest

import wire
import world
from harness import until
from preparing import (BLOB, DATE, DATETIME, DOUBLE, EXECUTE, FETCH, FLOAT, LONG, LONG_DATA, LONGLONG, PREPARE, RESET, SHORT,
                       TINY, VAR_STRING, Statement, cells, number, text)

@pytest.fixture(params=["session", "transaction"], autouse=True)
def config(request, backend):
    made = world.config(backend.port)
    for source in made["compute_sources"].values():
        source["pool"]["mode"] = request.param
    return made


def test_a_statement_is_prepared_once_and_executed_often(gateway, recorder):
    with gateway().login("ana", "sales") as client:
        s = Statement(client, "SELECT side FROM ${sales}.t WHERE id = ?")
        assert (s.parameters, s.columns) == (1, 1)
        for i in (1, 2, 3):
            assert [cells(r) for r in s.execute(number(i))] == [(b"dw_sales",)]
        assert s.execute(number(99)) == []
        assert until(lambda: sum(r.command == "Execute" for r in recorder.all()) == 4)
        assert sum(r.command == "Prepare" for r in recorder.all()) == 1
        executed = [r for r in recorder.all() if r.command == "Execute"]
        assert "`dw_sales`.`t`" in executed[0].text


def test_every_type_arrives_as_it_was_sent(gateway):
    values = [
        (TINY, struct.pack("<b", -5), "-5"), (SHORT, struct.pack("<h", -300), "-300"),
        (LONG, struct.pack("<i", -70000), "-70000"), (LONGLONG, struct.pack("<q", -2**40), str(-2**40)),
        (LONGLONG | 0x8000, struct.pack("<Q", 2**63 + 1), str(2**63 + 1)), (DOUBLE, struct.pack("<d", 2.5), "2.5"),
        (FLOAT, struct.pack("<f", 0.5), "0.5"), (VAR_STRING, wire.lenenc("naïve 订".encode()), "naïve 订"),
        (DATE, b"\4" + struct.pack("<HBB", 2024, 2, 29), "2024-02-29"),
        (DATETIME, b"\7" + struct.pack("<HBBBBB", 2024, 2, 29, 12, 34, 56), "2024-02-29 12:34:56"),
        (VAR_STRING, wire.lenenc(b"x" * 70000), "x" * 70000), (VAR_STRING, wire.lenenc(b""), ""),
    ]
    with gateway().login("ana", "sales") as client:
        s = Statement(client, "SELECT " + ", ".join(["CONCAT(?)"] * len(values)) + " FROM t WHERE id = 1")
        row, = s.execute(*[(t, data) for t, data, _ in values])
        assert [c.decode() for c in cells(row, len(values))] == [shown for _, _, shown in values]


def test_types_are_named_once(gateway):
    with gateway().login("ana", "sales") as client:
        s = Statement(client, "SELECT CONCAT(?, ?) FROM t WHERE id = 1")
        assert [cells(r) for r in s.execute(text("a"), number(1))] == [(b"a1",)]
        assert [cells(r) for r in s.execute(text("b"), number(2), types=False)] == [(b"b2",)]
        assert [cells(r) for r in s.execute(number(3), text("c"))] == [(b"3c",)]
        assert [cells(r) for r in s.execute(number(4), text("d"), types=False)] == [(b"4d",)]


def test_null_is_null(gateway):
    with gateway().login("ana", "sales") as client:
        s = Statement(client, "SELECT ISNULL(?), ISNULL(?) FROM t WHERE id = 1")
        row, = s.execute(None, number(0))
        assert row[-8:] == struct.pack("<ii", 1, 0)


def test_long_data_is_joined_in_any_number_of_pieces(gateway):
    with gateway().login("ana", "sales") as client:
        s = Statement(client, "SELECT LENGTH(?), MD5(?), ? FROM t WHERE id = 1")
        for piece in (b"a" * 100000, b"", b"b" * 100000):
            s.long_data(0, piece)
        s.long_data(1, b"hello ")
        s.long_data(1, b"world")
        row, = s.execute((BLOB, None), (BLOB, None), text("end"))
        assert b"5eb63bbbe01eeed093cb22bb8f5acdc3" in row and row.endswith(b"\3end")
        assert struct.pack("<i", 200000) in row
        row, = s.execute(text("one"), text("two"), text("three"))  # long data serves one execution
        assert struct.pack("<i", 3) in row


def test_long_data_is_dropped_by_reset_and_bounded(gateway, config):
    config["settings"]["max_statement_bytes"] = 100000
    with gateway(config).login("ana", "sales") as client:
        s = Statement(client, "SELECT CONCAT(?) FROM t WHERE id = 1")
        s.long_data(0, b"gone")
        client.command(RESET, struct.pack("<I", s.id))
        assert client.reply()[:1] == b"\0"
        assert [cells(r) for r in s.execute(text("here"))] == [(b"here",)]
        for _ in range(3):
            s.long_data(0, b"x" * 60000)
        s.send((BLOB, None))
        with pytest.raises(wire.Refused) as e:
            client.reply()
        assert e.value.errno == 1153
        assert [cells(r) for r in s.execute(text("again"))] == [(b"again",)]
        s.long_data(77, b"no such parameter")
        client.command(LONG_DATA, struct.pack("<IH", 4242, 0) + b"no such statement")
        assert client.alive()


def test_the_cursor_flag_is_cleared_and_all_rows_come(gateway):
    with gateway().login("ana", "sales") as client:
        s = Statement(client, "SELECT n FROM numbers ORDER BY n")
        rows = s.execute(flags=1)
        assert len(rows) == 100
        assert not int.from_bytes(client.last[3:5], "little") & 0x40
        client.command(FETCH, struct.pack("<II", s.id, 10))
        with pytest.raises(wire.Refused) as e:
            client.reply()
        assert e.value.errno == 1421


def test_writes_are_executed_and_counted(gateway):
    with gateway().login("etl", "sales") as client:
        s = Statement(client, "INSERT INTO t VALUES (?, ?)")
        for i in (200, 201):
            assert s.execute(number(i), text("x"))[1] == 1
        d = Statement(client, "DELETE FROM t WHERE id >= ?")
        assert d.execute(number(200))[1] == 2


@pytest.mark.parametrize("sql, errno", [
    ("SET autocommit = 1", 1295), ("USE crm", 1295), ("BEGIN", 1295), ("SHOW DATABASES", 1295),
    ("SELECT * FROM secret.t", 5501), ("DELETE FROM crm.t", 5203), ("SELECT nothing FROM t WHERE id = ?", 1054),
    ("SELECT ?? FROM t", 1064), ("SELECT 1 FROM t; SELECT 2 FROM t", 1295),
])
def test_what_cannot_be_prepared_is_refused_and_the_session_lives(gateway, sql, errno):
    with gateway().login("ana", "sales", capabilities=wire.USUAL | wire.MULTI_STATEMENTS) as client:
        client.command(PREPARE, sql)
        with pytest.raises(wire.Refused) as e:
            client.reply()
        assert e.value.errno == errno, e.value
        assert client.values("SELECT COUNT(*) FROM t") == [(b"3",)]


@pytest.mark.parametrize("command", [EXECUTE, RESET, FETCH])
@pytest.mark.parametrize("number", [0, 1, 77, 0xFFFFFFFF])
def test_a_foreign_id_is_unknown(gateway, command, number):
    g = gateway()
    with g.login("ana", "sales") as other, g.login("ana", "sales") as client:
        Statement(other, "SELECT 1 FROM t")
        client.command(command, struct.pack("<IBI", number, 0, 1))
        with pytest.raises(wire.Refused) as e:
            client.reply()
        assert e.value.errno == 1243
        assert client.alive()


def held(backend):
    """How many prepared statements the server holds."""
    return int(dict(backend.sql("SHOW GLOBAL STATUS LIKE 'Prepared_stmt_count'"))["Prepared_stmt_count"])


def held_by_nobody(backend):
    """The same, once the connections of the gateway before are gone."""
    assert until(lambda: backend.connections() == 0)
    return held(backend)


def test_a_closed_statement_is_closed_on_the_server_and_its_id_stays_unknown(gateway, backend):
    before = held_by_nobody(backend)
    with gateway().login("ana", "sales") as client:
        first = Statement(client, "SELECT 1 FROM t")
        assert held(backend) == before + 1
        first.close()
        first.close()
        assert until(lambda: held(backend) == before)
        second = Statement(client, "SELECT 2 FROM t")
        assert second.id != first.id
        first.send()
        with pytest.raises(wire.Refused):
            client.reply()
        assert len(second.execute()) == 3
        client.command(wire.RESET_CONNECTION)
        assert client.reply()[:1] == b"\0"
        assert until(lambda: held(backend) == before)
        second.send()
        with pytest.raises(wire.Refused):
            client.reply()


@pytest.mark.parametrize("cut", range(29))
def test_a_truncated_execute_is_refused(gateway, cut):
    with gateway().login("ana", "sales") as client:
        s = Statement(client, "SELECT CONCAT(?, ?) FROM t WHERE id = 1")
        whole = struct.pack("<IBI", s.id, 0, 1) + b"\0\1" + struct.pack("<HH", VAR_STRING, LONGLONG)
        whole += wire.lenenc(b"hello") + struct.pack("<q", 5)
        client.command(EXECUTE, whole[:cut])
        with pytest.raises(wire.Refused) as e:
            client.reply()
        assert e.value.errno in (1210, 1243)
        assert [cells(r) for r in s.execute(text("a"), number(1))] == [(b"a1",)]


def test_the_project_of_the_prepare_holds_whatever_is_selected_later(gateway):
    with gateway().login("ana", "sales") as client:
        s = Statement(client, "SELECT side FROM t WHERE id = ?")
        client.command(wire.INIT_DB, "crm")
        assert client.reply()[:1] == b"\0"
        assert [cells(r) for r in s.execute(number(1))] == [(b"dw_sales",)]
        assert client.values("SELECT side FROM t WHERE id = 1") == [(b"dw_crm",)]


def test_permissions_are_asked_again_at_each_execution(gateway, config):
    g = gateway(config)
    with g.login("bo", "sales") as client:
        s = Statement(client, "SELECT side FROM t WHERE id = ?")
        assert len(s.execute(number(1))) == 1
        config["projects"]["sales"]["members"]["bo"] = "blind"
        config["roles"] = {**config.get("roles", {}), "blind": {"prod": ["load"], "dev": []}}
        g.path.write_text(json.dumps(config))
        g.process.send_signal(signal.SIGHUP)

        def refused():
            s.send(number(1))
            try:
                client.reply()
            except wire.Refused as e:
                return e.errno
            return None

        assert until(refused) == 5203


def test_a_lost_connection_is_prepared_on_again(gateway, backend):
    with gateway().login("ana", "sales") as client:
        s = Statement(client, "SELECT CONCAT(?) FROM t WHERE id = 1")
        assert [cells(r) for r in s.execute(text("a"))] == [(b"a",)]
        assert until(lambda: backend.connections("sales_rw") == 1)  # those of the gateway before are gone
        for (number_,) in backend.sql("SELECT id FROM information_schema.processlist WHERE user = 'sales_rw'"):
            backend.sql(f"KILL {number_}")
        assert until(lambda: backend.connections("sales_rw") == 0)
        assert [cells(r) for r in s.execute(text("b"), types=False)] == [(b"b",)]


def test_statements_of_several_accounts_have_ids_of_their_own(gateway):
    with gateway().login("ana", "sales") as client:
        texts = [f"SELECT side FROM {project}.t WHERE id = ?" for project in ("sales", "crm", "dim", "sales_dev")]
        made = [Statement(client, sql) for sql in texts * 2]
        assert len({s.id for s in made}) == len(made)
        sides = [cells(s.execute(number(1))[0])[0] for s in made]
        assert sides == [b"dw_sales", b"dw_crm", b"dw_dim", b"dw_sales_dev"] * 2


def test_a_session_holds_a_bounded_number_of_statements(gateway):
    with gateway().login("ana", "sales") as client:
        with pytest.raises(wire.Refused) as e:
            for _ in range(5000):
                s = Statement(client, "SELECT 1 FROM t WHERE id = 1")
        assert e.value.errno == 1461
        assert len(s.execute()) == 1


def test_a_large_result_in_binary_is_that_of_a_direct_connection(gateway, backend):
    sql = "SELECT a.n * 1000 + b.n, REPEAT('x', b.n) FROM numbers a JOIN numbers b ON 1 = 1 ORDER BY 1"
    with gateway().login("ana", "sales") as client:
        through = Statement(client, sql).execute()
    with wire.Client("127.0.0.1", backend.port) as client:
        client.login("sales_rw", "sales_rw-secret", "dw_sales")
        assert Statement(client, sql).execute() == through
    assert len(through) == 10000


def test_a_connection_keeps_a_bounded_number_of_statements(gateway, config, recorder, backend):
    config["settings"]["max_prepared_per_backend"] = 16
    before = held_by_nobody(backend)
    with gateway(config).login("ana", "sales") as client:
        made = [Statement(client, f"SELECT CONCAT(?, '{i}') FROM t WHERE id = 1") for i in range(40)]
        assert held(backend) <= before + 17  # the one that goes next is closed with the next command
        for _ in range(2):
            for i, s in enumerate(made):
                assert [cells(r) for r in s.execute(text("a"))] == [(f"a{i}".encode(),)]
        assert held(backend) <= before + 17
        recorder.clear()
        made[39].execute(text("b"))
        made[38].execute(text("b"))
        assert not [r for r in recorder.all() if r.command == "Prepare"]
    assert until(lambda: held(backend) == before)


def test_two_handles_of_one_text_share_what_the_server_knows(gateway, backend):
    before = held_by_nobody(backend)
    with gateway().login("ana", "sales") as client:
        one, two = (Statement(client, "SELECT CONCAT(?) FROM t WHERE id = 1") for _ in range(2))
        assert [cells(r) for s in (one, two, one) for r in s.execute(text("a"))] == [(b"a",)] * 3
        assert held(backend) == before + 1
        one.close()
        assert [cells(r) for r in two.execute(text("b"))] == [(b"b",)]
        assert held(backend) == before + 1
        two.close()
        assert until(lambda: held(backend) == before)


def test_a_statement_means_what_the_sessions_sql_mode_makes_of_it(gateway):
    with gateway().login("ana", "sales") as client:
        s = Statement(client, "SELECT 'a' || ? FROM t WHERE id = 1")
        assert s.execute(text("1"))[0].endswith(b"\1\0\0\0")
        client.query("SET sql_mode = 'PIPES_AS_CONCAT'")
        assert [cells(r) for r in s.execute(text("1"))] == [(b"a1",)]
        client.query("SET sql_mode = DEFAULT")
        assert s.execute(text("1"))[0].endswith(b"\1\0\0\0")


def shared(config):
    config["settings"]["workers"] = 1
    config["compute_sources"]["sales"]["pool"].update(mode="transaction", max_connections=1)
    return config


def test_a_statement_stays_on_the_connection_that_others_use_too(gateway, config, recorder, backend):
    before = held_by_nobody(backend)
    g = gateway(shared(config))
    with g.login("ana", "sales") as a, g.login("bo", "sales") as b:
        first, second = (Statement(c, "SELECT CONCAT(?, side) FROM t WHERE id = 1") for c in (a, b))
        alone = Statement(b, "SELECT CONCAT('b', ?) FROM t WHERE id = 1")
        assert until(lambda: sum(r.command == "Prepare" for r in recorder.all()) == 3)
        recorder.clear()
        for _ in range(3):
            for s, shown in ((first, b"xdw_sales"), (alone, b"bx"), (second, b"xdw_sales")):
                assert [cells(r) for r in s.execute(text("x"))] == [(shown,)]
        assert not [r for r in recorder.all() if r.command == "Prepare"]
        assert held(backend) == before + 2
        first.close()
        assert [cells(r) for r in second.execute(text("y"))] == [(b"ydw_sales",)]
        alone.close()
        assert until(lambda: held(backend) == before + 1)
    assert until(lambda: held(backend) == before)


def test_a_statement_follows_its_session_over_all_connections(gateway, config, backend):
    config["settings"]["workers"] = 1
    config["compute_sources"]["sales"]["pool"].update(mode="transaction", max_connections=3)
    g = gateway(config)
    with g.login("ana", "sales") as a, g.login("etl", "sales") as b, g.login("etl", "sales") as c:
        made = [Statement(a, f"SELECT CONCAT(?, {i}) FROM t WHERE id = 1") for i in range(5)]
        for holder in (b, c):  # each takes the connection that was used last, and keeps it
            for i, s in enumerate(made):
                assert [cells(r) for r in s.execute(text("x"))] == [(b"x%d" % i,)]
            holder.query("BEGIN")
            holder.query("INSERT INTO t VALUES (%d, 'x')" % (500 + (holder is c)))
        for i, s in enumerate(made):
            assert [cells(r) for r in s.execute(text("x"))] == [(b"x%d" % i,)]
        b.query("ROLLBACK")
        c.query("ROLLBACK")


def test_variables_of_one_session_do_not_shape_the_statement_of_another(gateway, config):
    g = gateway(shared(config))
    with g.login("ana", "sales") as a, g.login("bo", "sales") as b:
        b.query("SET sql_mode = 'PIPES_AS_CONCAT'")
        made = [(Statement(c, "SELECT 'a' || ? FROM t WHERE id = 1"), end)
                for c, end in ((a, b"\1\0\0\0"), (b, b"\2a1"))]
        for s, end in made * 3:
            assert s.execute(text("1"))[0].endswith(end)
