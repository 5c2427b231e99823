"""Prepared statements over emulated StarRocks frontends, which prepare queries only and take few types."""

import struct

import pytest

import wire
from preparing import (BLOB, DATE, DATETIME, DOUBLE, EXECUTE, FLOAT, LONG, LONGLONG, PREPARE, SHORT, TINY, VAR_STRING,
                       Statement, cells, number, text)
from test_starrocks import config, fe  # noqa: F401

NEWDECIMAL, TIME, YEAR, INT24, JSON, UNSIGNED = 246, 11, 13, 9, 245, 0x8000
NASTY = "it's \\ \"quoted\" -- /* ? */ ; $$ `x` %_\n\r\t\0\x1a naïve 订单 🙂 \\' OR 1=1"


def moment(year, month, day, *clock):
    return struct.pack("<HBB" + "B" * len(clock[:3]) + "I" * len(clock[3:]), year, month, day, *clock)


@pytest.fixture
def client(gateway, config):
    with gateway(config).login("ana", "sales") as c:
        yield c


def prepared(fe, user="dw_sales"):
    return [len(s.prepared) for s in fe.sessions() if s.user and s.user.name == user]


def rows(client, sql):
    return client.values(sql)


def test_what_is_prepared_and_closed_without_an_execution_does_not_pile_up(gateway, config, fe):
    """Such a CLOSE does nothing on a frontend; the connection is replaced when too many have gathered."""
    config["settings"]["max_prepared_per_backend"] = 16
    with gateway(config).login("ana", "sales") as client:
        kept = Statement(client, "SELECT side FROM t WHERE id = ?")
        for i in range(100):
            Statement(client, f"SELECT side, {i} FROM t WHERE id = ?").close()
            assert all(count <= 2 * 16 + 1 for count in prepared(fe))
        assert [cells(r) for r in kept.execute(number(1))] == [(b"dw_sales",)]
        for i in range(100):
            Statement(client, f"SELECT side, {i} FROM t WHERE id = ?").close()
        assert client.alive()
        kept.execute(number(1))
        assert all(count <= 3 for count in prepared(fe))  # after an EXECUTE the frontend hears a CLOSE


def test_writes_are_prepared_here_and_executed_there(client, fe):
    fe.sql("DROP TABLE dw_sales.t", "CREATE TABLE dw_sales.t (id INT, side VARCHAR(200)) PRIMARY KEY(id) DISTRIBUTED BY HASH(id)",
           "INSERT INTO dw_sales.t VALUES (1, 'dw_sales')")
    insert = Statement(client, "INSERT INTO t VALUES (?, ?)")
    assert (insert.parameters, insert.columns) == (2, 0)
    assert insert.execute(number(10), text("ten"))[1] == 1
    assert insert.execute(number(11), text("eleven"), types=False)[1] == 1
    update = Statement(client, "UPDATE t SET side = ? WHERE id = ?")
    update.execute(text(NASTY), number(10))
    assert rows(client, "SELECT id, side FROM t WHERE id > 9 ORDER BY id") == [
        (b"10", NASTY.encode()), (b"11", b"eleven")]
    Statement(client, "DELETE FROM t WHERE id >= ?").execute(number(10))
    assert rows(client, "SELECT id FROM t") == [(b"1",)]
    assert [s.command for s in fe.record(user="dw_sales") if s.command in ("Prepare", "Execute")] == []
    assert "INSERT INTO `dw_sales`.`t` VALUES (10, 'ten')" in fe.texts(user="dw_sales")


def test_ddl_is_prepared_too(client, fe):
    fe.sql("GRANT CREATE TABLE ON DATABASE dw_sales TO USER dw_sales")
    Statement(client, "CREATE TABLE made (id INT, side VARCHAR(20)) DISTRIBUTED BY HASH(id) BUCKETS 1").execute()
    Statement(client, "INSERT INTO made SELECT id, ? FROM t").execute(text("?"))
    assert rows(client, "SELECT side FROM made") == [(b"?",)]
    Statement(client, "TRUNCATE TABLE made").execute()
    assert rows(client, "SELECT side FROM made") == []
    Statement(client, "DROP TABLE made").execute()
    with pytest.raises(wire.Refused):
        client.query("SELECT side FROM made")


VALUES = [
    (TINY, struct.pack("<b", -5), "-5"), (TINY | UNSIGNED, b"\xfb", "251"), (SHORT, struct.pack("<h", -300), "-300"),
    (LONG, struct.pack("<i", -70000), "-70000"), (INT24, struct.pack("<i", -1), "-1"),
    (LONGLONG, struct.pack("<q", -2**63), str(-2**63)), (LONGLONG | UNSIGNED, struct.pack("<Q", 2**64 - 1), str(2**64 - 1)),
    (DOUBLE, struct.pack("<d", 0.1), "0.1"), (FLOAT, struct.pack("<f", 0.5), "0.5"),
    (NEWDECIMAL, wire.lenenc(b"-12.50"), "-12.50"), (YEAR, struct.pack("<H", 2024), "2024"),
    (VAR_STRING, wire.lenenc(NASTY.encode()), NASTY), (BLOB, wire.lenenc(NASTY.encode()), NASTY),
    (JSON, wire.lenenc(b'{"a": "\\"b"}'), '{"a": "\\"b"}'), (VAR_STRING, wire.lenenc(b""), ""),
    (DATE, b"\4" + moment(2024, 2, 29), "2024-02-29"),
    (DATETIME, b"\7" + moment(2024, 2, 29, 12, 34, 56), "2024-02-29 12:34:56"),
    (DATETIME, b"\4" + moment(2024, 2, 29), "2024-02-29 00:00:00"),
    (TIME, b"\x08" + struct.pack("<BIBBB", 1, 1, 1, 2, 3), "-25:02:03"),
]


@pytest.mark.parametrize("kind, data, shown", VALUES, ids=[f"{v[0]}-{i}" for i, v in enumerate(VALUES)])
def test_every_type_reaches_a_table_as_it_was_sent(client, server, kind, data, shown):
    server.sql("CREATE TABLE dw_sales.kinds (v LONGTEXT)")
    Statement(client, "INSERT INTO kinds (v) VALUES (?)").execute((kind, data))
    (value,), = server.sql("SELECT v FROM dw_sales.kinds")
    assert str(value) == shown


@pytest.mark.parametrize("kind, data, shown", VALUES, ids=[f"{v[0]}-{i}" for i, v in enumerate(VALUES)])
def test_every_type_reaches_a_query_as_it_was_sent(client, kind, data, shown):
    """A frontend refuses many of these; they come in types that it takes."""
    row, = Statement(client, "SELECT CONCAT(?, '') FROM t").execute((kind, data))
    assert cells(row)[0].decode() == shown


def test_types_are_remembered_as_the_client_named_them(client):
    s = Statement(client, "SELECT CONCAT(?, '') FROM t")
    for i, types in ((-5, True), (-6, False), (-7, False)):  # the frontend gets an INT
        assert [cells(r) for r in s.execute((SHORT, struct.pack("<h", i)), types=types)] == [(str(i).encode(),)]


def test_bytes_and_null_reach_a_table(client, server):
    server.sql("CREATE TABLE dw_sales.bytes (id INT, v LONGBLOB)")
    insert = Statement(client, "INSERT INTO bytes VALUES (?, ?)")
    every = bytes(range(256))
    insert.execute(number(1), (BLOB, wire.lenenc(every)))
    insert.execute(number(2), None)
    insert.long_data(1, b"\xff" * 100000)
    insert.long_data(1, b"end")
    insert.execute(number(3), (BLOB, None))
    assert server.sql("SELECT v FROM dw_sales.bytes ORDER BY id") == ((every,), (None,), (b"\xff" * 100000 + b"end",))


def test_bytes_that_a_query_would_lose_are_refused(client):
    s = Statement(client, "SELECT CONCAT(?, '') FROM t")
    with pytest.raises(wire.Refused) as e:
        s.execute((BLOB, wire.lenenc(b"\xff")))
    assert e.value.errno == 1210
    assert [cells(r) for r in s.execute(text("a"))] == [(b"a",)]


def test_infinity_is_refused(client):
    with pytest.raises(wire.Refused) as e:
        Statement(client, "INSERT INTO t VALUES (?, 'x')").execute((DOUBLE, struct.pack("<d", float("inf"))))
    assert e.value.errno == 1210 and client.alive()


def test_marks_in_strings_comments_and_names_are_none(client):
    s = Statement(client, "INSERT INTO t /* ? */ VALUES (?, '?') -- ?")
    assert s.parameters == 1
    s.execute(number(77))
    assert rows(client, "SELECT side FROM t WHERE id = 77") == [(b"?",)]


def test_a_parameter_of_limit_is_served_and_rows_are_binary(client):
    Statement(client, "INSERT INTO t SELECT id + 1, ? FROM t").execute(None)
    s = Statement(client, "SELECT id, side, CAST(id AS DOUBLE), CAST('2024-02-29 01:02:03' AS DATETIME) FROM t ORDER BY id LIMIT ?, ?")
    row, = s.execute(number(0), number(1))
    assert row == (b"\0\0" + struct.pack("<i", 1) + b"\x08dw_sales" + struct.pack("<d", 1.0)
                   + b"\7" + moment(2024, 2, 29, 1, 2, 3))
    row, = s.execute(number(1), number(5))
    assert row[:2] == b"\0\x08" and row[2:6] == struct.pack("<i", 2)
    assert s.execute(number(5), number(5)) == []


def test_show_is_prepared_and_its_rows_are_binary(client):
    found = Statement(client, "SHOW TABLES").execute()
    assert [cells(r) for r in found] == [(b"t",)]
    assert found[0][:2] == b"\0\0"


def test_what_the_frontend_refuses_is_told(client):
    s = Statement(client, "INSERT INTO t (nothing) VALUES (?)")
    for _ in range(2):
        with pytest.raises(wire.Refused):
            s.execute(number(1))
    assert client.alive()


def test_rights_are_asked_at_prepare_and_at_execute(gateway, config):
    config["projects"]["sales"]["members"]["bo"] = "viewer"
    with gateway(config).login("bo", "sales") as client:
        client.command(PREPARE, "INSERT INTO t VALUES (?, ?)")
        with pytest.raises(wire.Refused) as e:
            client.reply()
        assert e.value.errno == 5203


def test_a_value_is_never_more_than_a_value(client, fe):
    fe.clear()
    s = Statement(client, "INSERT INTO t VALUES (?, ?)")
    for value in ("'); DROP TABLE t; -- ", "\\'); DROP TABLE t; -- ", "' + (SELECT 1) + '", "\\", "''", "*/", "$$"):
        s.execute(number(500), text(value))
        assert rows(client, "SELECT side FROM t WHERE id = 500") == [(value.encode()[:20],)]
        client.query("DELETE FROM t WHERE id = 500")
    assert not [t for t in fe.texts(user="dw_sales") if t.startswith("DROP")]


def test_a_write_opens_the_transaction_that_was_begun(client, fe):
    client.query("BEGIN")
    Statement(client, "INSERT INTO t VALUES (?, 'in')").execute(number(9))
    client.query("ROLLBACK")
    texts = fe.statements("dw_sales")
    at = texts.index("BEGIN")
    assert texts[at:at + 3] == ["BEGIN", "INSERT INTO `dw_sales`.`t` VALUES (9, 'in')", "ROLLBACK"]


def test_types_are_remembered_and_a_foreign_count_is_refused(client):
    s = Statement(client, "INSERT INTO t VALUES (?, ?)")
    with pytest.raises(wire.Refused) as e:
        s.execute(number(1), types=False)
    assert e.value.errno == 1210
    client.command(EXECUTE, struct.pack("<IBI", s.id, 0, 1) + b"\0\1")
    with pytest.raises(wire.Refused) as e:
        client.reply()
    assert e.value.errno == 1210
