"""What a client reads is what the backend sent: results, errors, large packets, slow readers."""

import hashlib
import socket
import statistics
import threading
import time

import pytest

import harness
import wire
import world
from harness import refusal, rows, run, until

MILLION = "SELECT seq, MD5(seq), IF(seq % 7, NULL, seq / 3), 'some text' FROM seq_1_to_1000000"


def digest(client, sql):
    """A checksum over the payloads of all rows, and their number."""
    client.command(wire.QUERY, sql)
    columns = client.read()
    assert columns[:1] != b"\xff", columns
    for _ in range(columns[0]):
        client.read()
    assert client.read()[:1] == b"\xfe"
    sum, count = hashlib.sha256(), 0
    while True:
        row = client.read()
        if row[:1] == b"\xfe" and len(row) < 9:
            return count, sum.hexdigest()
        assert row[:1] != b"\xff", row
        sum.update(row)
        count += 1


def direct(backend, database="dw_sales"):
    client = wire.Client("127.0.0.1", backend.port)
    client.login("sales_rw", "sales_rw-secret", database)
    return client


def test_a_million_rows_are_those_of_a_direct_connection(gateway, backend):
    with direct(backend) as here, gateway().login(database="sales") as there:
        want = digest(here, MILLION)
        assert want[0] == 1000000
        assert digest(there, MILLION) == want
        assert there.alive()


def test_a_million_rows_through_the_stock_client(gateway, backend):
    g = gateway()
    here = harness.cli(backend.port, "sales_rw", "sales_rw-secret", MILLION, "dw_sales", "--quick", "-N", "-B")
    there = g.cli(MILLION, "--quick", "-N", "-B", database="sales")
    assert there.stderr == here.stderr == ""
    assert here.stdout.count("\n") == 1000000
    assert hashlib.sha256(there.stdout.encode()).digest() == hashlib.sha256(here.stdout.encode()).digest()


def test_a_million_rows_through_a_libmariadb_program(gateway, backend, program):
    g = gateway()
    binary = program("checksum")
    here = run(binary, "127.0.0.1", backend.port, "sales_rw", "sales_rw-secret", "dw_sales", MILLION)
    there = run(binary, "127.0.0.1", g.port, "ana", "ana's", "sales", MILLION)
    assert here.stdout.startswith("rows 1000000 ") and there.stdout == here.stdout


@pytest.mark.parametrize("size", [0, 1, 250, 251, 65535, 65536, 0xFFFFFF - 5, 0xFFFFFF - 4, 0xFFFFFF, 0x1000000, 35000000])
def test_a_row_of_any_size_passes(gateway, backend, size):
    sql = f"SELECT REPEAT('x', {size}), 1 FROM t WHERE id = 1"
    with direct(backend) as here, gateway().login(database="sales") as there:
        assert digest(there, sql) == digest(here, sql)
        assert there.alive()


@pytest.mark.parametrize("size", [1000, 0xFFFFFF - 40, 0xFFFFFF - 1, 0xFFFFFF, 0x1000000 + 5, 0x1FFFFFE - 1, 40000000])
def test_a_statement_of_any_size_passes(gateway, size):
    with gateway().login(database="sales") as client:
        head, tail = "SELECT LENGTH('", "') FROM t WHERE id = 1"
        filling = size - len(head) - len(tail) - 1
        assert client.values(head + "y" * filling + tail) == [(str(filling).encode(),)]
        assert client.alive()


def test_the_backends_own_errors_pass(gateway, backend):
    g = gateway()
    with g.connect("ana", "sales") as connection, backend.connect("sales_rw", "sales_rw-secret", "dw_sales") as there:
        for sql in ("SELECT nothing FROM t", "SELECT COUNT(*, 1) FROM t", "SELECT * FROM t WHERE",
                    "SELECT SLEEP(1, 2) FROM t"):
            got, want = refusal(rows, connection, sql), refusal(rows, there, sql)
            assert got[0] == want[0], (got, want)
        assert rows(connection, "SELECT COUNT(*) FROM t") == ((3,),)


def test_an_error_amid_a_result_passes(gateway):
    sql = "SELECT seq, (SELECT seq FROM seq_1_to_3 s WHERE o.seq > 90000 OR s.seq = 1) FROM seq_1_to_100000 o"
    with gateway().login(database="sales") as client:
        with pytest.raises(wire.Refused) as e:
            client.query(sql)
        assert e.value.errno == 1242
        assert client.alive()


def test_kinds_of_values_pass(gateway):
    got = gateway().query(
        "SELECT NULL, 1, -2.50, 'größe 价', '', CAST('2024-02-29' AS DATE), x'00ff', 1e10 FROM t WHERE id = 1",
        database="sales", charset="utf8mb4")
    assert [str(v) for v in got[0]][:6] == ["None", "1", "-2.50", "größe 价", "", "2024-02-29"]


def test_affected_rows_and_insert_ids_pass(gateway, backend):
    backend.sql("CREATE OR REPLACE TABLE dw_sales.made (id INT AUTO_INCREMENT PRIMARY KEY, v INT)")
    with gateway().connect("etl", "sales") as connection, connection.cursor() as cursor:
        assert cursor.execute("INSERT INTO made (v) VALUES (1), (2), (3)") == 3
        assert cursor.lastrowid == 1
        assert cursor.execute("UPDATE made SET v = v + 1 WHERE id > 1") == 2
        assert cursor.execute("DELETE FROM sales.made") == 3


def test_results_of_many_columns_pass(gateway):
    many = ", ".join(f"{i} AS c{i}" for i in range(600))
    with gateway().connect("ana", "sales") as connection:
        assert rows(connection, f"SELECT {many} FROM t WHERE id = 1") == (tuple(range(600)),)


def test_a_pipelining_client_gets_its_replies_in_order(gateway):
    with gateway().login(database="sales") as client:
        packets = [wire.frame(b"\x03" + f"SELECT {i} FROM t WHERE id = 1".encode()) for i in range(50)]
        client.send(b"".join(packets))
        for i in range(50):
            client.sequence = 1
            assert [wire.fields(r) for r in client.reply()] == [(str(i).encode(),)]


def test_a_statement_that_comes_byte_by_byte_is_understood(gateway):
    with gateway().login(database="sales") as client:
        for byte in wire.frame(b"\x03SELECT COUNT(*) FROM t"):
            client.send(bytes([byte]))
        client.sequence = 1
        assert [wire.fields(r) for r in client.reply()] == [(b"3",)]


def test_a_client_that_leaves_amid_a_result_leaves_nothing(gateway, backend):
    g = gateway()
    for _ in range(3):
        client = g.login(database="sales")
        client.command(wire.QUERY, "SELECT REPEAT('x', 1000) FROM seq_1_to_1000000")
        client.take(100000)
        client.abort()
    assert until(lambda: backend.connections("sales_rw") == 0), "the abandoned result's connection was kept"
    assert g.query("SELECT COUNT(*) FROM t", database="sales") == ((3,),)


def latencies(connection, count=40):
    out = []
    for _ in range(count):
        began = time.monotonic()
        rows(connection, "SELECT COUNT(*) FROM t")
        out.append(time.monotonic() - began)
    return out


def latencies_of_both(one, other, count):
    """Measured in turns, so that what else the machine has to do is in both."""
    both = [(latencies(one, 1)[0], latencies(other, 1)[0]) for _ in range(count)]
    return [a for a, _ in both], [b for _, b in both]


def test_a_slow_reader_holds_little_and_slows_nobody(gateway, config, backend):
    """1 KiB a second of a result of 1 GiB: at most 1 MiB in the gateway, others are served as by one without it."""
    config["settings"]["workers"] = 1
    free = world.config(backend.port)
    free["settings"]["workers"] = 1
    g = gateway(config)
    with g.connect("ana", "sales") as other, gateway(free).connect("ana", "sales") as elsewhere:
        rows(other, "SELECT REPEAT('x', 1000) FROM seq_1_to_100000")  # whatever is made once is made
        latencies(elsewhere)
        held = g.rss()
        slow = g.wire(receive_buffer=4096)
        slow.login("ana", "ana's", "sales")
        slow.command(wire.QUERY, "SELECT REPEAT('x', 1023) FROM seq_1_to_1048576")
        most, beside, without = 0, [], []
        for _ in range(6):
            slow.socket.recv(1024)
            both = latencies_of_both(other, elsewhere, 20)
            beside += both[0]
            without += both[1]
            most = max(most, g.rss() - held)
            time.sleep(1)
        assert len(rows(other, "SELECT REPEAT('x', 1000) FROM seq_1_to_10000")) == 10000
        slow.abort()
    limit = (1 << 20) if not harness.SANITIZED else (16 << 20)  # sanitizers keep freed memory and shadows
    assert most <= limit, f"{most} bytes"
    beside, without = statistics.median(beside), statistics.median(without)
    assert beside < 5 * without + 0.005, (beside, without)


def test_a_slow_reader_gets_every_byte(gateway, backend):
    sql = "SELECT seq, REPEAT(CHAR(65 + seq % 26), 1000) FROM seq_1_to_20000"
    with direct(backend) as here:
        want = digest(here, sql)
    client = gateway().wire(receive_buffer=4096)
    client.login("ana", "ana's", "sales")
    take = client.socket.recv
    pause = threading.Event()
    count = 0

    class Slow:
        def recv(self, size):
            nonlocal count
            count += 1
            if count % 50 == 0:
                pause.wait(0.02)
            return take(min(size, 20000))

        def __getattr__(self, name):
            return getattr(real, name)

    real, client.socket = client.socket, Slow()
    assert digest(client, sql) == want
    real.close()


def test_a_slow_sender_of_a_large_statement_slows_nobody(gateway, config):
    config["settings"]["workers"] = 1
    g = gateway(config)
    with g.login(database="sales") as slow, g.connect("ana", "sales") as other:
        rows(other, "SELECT COUNT(*) FROM t")
        data = wire.frame(b"\x03SELECT LENGTH('" + b"z" * 3000000 + b"') FROM t WHERE id = 1")
        for at in range(0, len(data), 300000):
            slow.send(data[at:at + 300000])
            assert max(latencies(other, 3)) < (2 if harness.SANITIZED else 0.5)
        slow.sequence = 1
        assert [wire.fields(r) for r in slow.reply()] == [(b"3000000",)]


@pytest.mark.parametrize("sql", [
    "LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE t",
    "load /* so */ data local infile '/etc/hostname' into table sales.t",
    "LOAD DATA INFILE '/etc/hostname' INTO TABLE t",
])
def test_load_data_local_is_refused_before_the_backend(gateway, recorder, sql):
    g = gateway()
    with g.connect("own", "sales", local_infile=True) as connection:
        recorder.clear()
        assert refusal(rows, connection, sql)[0] in (1148, 1235, 1064)  # StarRocks has no such statement
        assert not recorder.queries()
        assert rows(connection, "SELECT COUNT(*) FROM t") == ((3,),)


def test_nagle_never_delays_a_reply(gateway, backend):
    """A statement costs no 40 ms of a delayed acknowledgement on top of what the server takes."""
    with gateway().connect("ana", "sales") as connection, backend.connect("sales_rw", "sales_rw-secret", "dw_sales") as there:
        latencies(connection, 5)
        through, direct = map(statistics.median, latencies_of_both(connection, there, 40))
        assert through < 2 * direct + (0.1 if harness.SANITIZED else 0.02), (through, direct)
        assert connection._sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
