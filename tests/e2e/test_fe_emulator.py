"""The FE emulator (tests/fe): against the conversations recorded on a real FE, and feature by feature."""

import decimal
import importlib.util
import json
import os
import pathlib
import signal
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time

import pymysql
import pytest

import harness
import wire

sys.path.insert(0, str(harness.ROOT / "tests"))

from fe import sample  # noqa: E402
from fe.emulator import Emulator, Remote  # noqa: E402

SHARED = pathlib.Path(os.environ.get("STARBIND_SHARED", harness.ROOT.parent / "shared"))
LIVE = SHARED / "facts/fe-live"
MUST = "login cmd initdb multi fields chuser conn reset set tx rg pipe kill".split()
KNOWN = harness.ROOT / "tests/fe/known-differences.tsv"
GENERATED = {"set-05"}  # the recording holds the row generator's value there: see known-differences.tsv


def furnish(server, emulator):
    for database in ("sales", "sales_dev", "dim", "odd-db"):
        server.sql(f"DROP DATABASE IF EXISTS `{database}`")
    sample.furnish(emulator)


@pytest.fixture(scope="module")
def furnished(server):
    """One FE with the sample cluster."""
    with Emulator(str(server.dir / "socket")) as emulator:
        furnish(server, emulator)
        yield emulator


@pytest.fixture
def fe(furnished):
    furnished.heal()
    furnished.clear()
    yield furnished
    furnished.heal()


@pytest.fixture
def cluster(server):
    """Two FEs of one cluster, with one more user."""
    ports = [harness.free_port() for _ in range(2)]
    with Emulator(str(server.dir / "socket"), frontends=2, ports=ports) as emulator:
        emulator.sql("CREATE USER ana IDENTIFIED BY 'a'", "CREATE USER bo IDENTIFIED BY 'b'")
        yield emulator


def client(port, user="root", password="", database=None, timeout=20):
    c = wire.Client("127.0.0.1", port, timeout)
    c.login(user, password, database)
    return c


def connection_id(c):
    return c.greeting.connection_id


def refusal(c, sql):
    with pytest.raises(wire.Refused) as caught:
        c.query(sql)
    return caught.value.errno, caught.value.message


def until(condition):
    assert harness.until(condition), "it did not happen in time"


# ---- against the recorded FE

def known_differences():
    lines = (line for line in KNOWN.read_text().split("\n") if line and not line.startswith("#"))
    return dict(line.split("\t") for line in lines)


def runner(replay):
    """replay's runner, which would wait for packets that are missing, though not for made-up rows."""
    class Runner(replay.Run):
        def reply(self, w, payload, step, rec):
            return super().reply(w, payload, step, {**rec, "receive": []} if rec and step.get("simulated") else rec)
    return Runner


@pytest.fixture(scope="module")
def differences(server):
    """conversation: how it differs.  Those that are listed are left out: replay waits long for what is missing."""
    if not (LIVE / "replay.py").exists():
        pytest.skip(f"no recorded conversations: {LIVE} is not there (STARBIND_SHARED names the folder)")
    spec = importlib.util.spec_from_file_location("replay", LIVE / "replay.py")
    replay = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(replay)
    found, run = {}, 0
    with Emulator(str(server.dir / "socket")) as emulator:
        furnish(server, emulator)
        for line in (LIVE / "transcripts.jsonl").read_text().splitlines():
            talk = json.loads(line)
            if talk["group"] == "http" or talk["id"] in set(known_differences()) - GENERATED:
                continue
            got = runner(replay)("127.0.0.1", emulator.port, None, 10.0).conversation(talk)
            different = replay.check(talk, got, {"simulated"})
            found.update({talk["id"]: "\n".join([talk["id"], *different])} if different else {})
            run += 1
    assert run > 550
    return found


@pytest.mark.parametrize("group", MUST)
def test_the_session_groups_are_equal_to_the_recorded_fe(differences, group):
    different = [text for i, text in differences.items() if i.startswith(group + "-") and i not in GENERATED]
    assert not different, "\n".join(different)


def test_the_other_groups_are_equal_but_for_the_list(differences):
    different = [text for i, text in differences.items() if i not in GENERATED]
    assert not different, "\n".join(different)


def test_the_list_holds_nothing_of_the_session_groups():
    assert {i for i in known_differences() if i.split("-")[0] in MUST} == GENERATED


# ---- what it saw

def test_the_record_holds_user_database_connection_and_fe(cluster):
    c = client(cluster.ports[2], "ana", "a", "information_schema")
    c.query("SELECT 1")
    c.command(wire.PING)
    c.reply()
    seen = cluster.record(user="ana")
    assert [s.command for s in seen] == ["Connect", "Query", "Ping"]
    query = seen[1]
    assert (query.fe, query.database, query.text) == (2, "information_schema", "SELECT 1")
    assert query.connection == connection_id(c)
    assert cluster.texts(fe=1, user="ana") == []


def test_an_execute_is_recorded_with_its_text(fe):
    c = client(fe.port)
    c.command(0x16, "SELECT 5")
    number = struct.unpack_from("<I", c.read(), 1)[0]
    c.read(), c.read()
    c.command(0x17, struct.pack("<IBI", number, 0, 1))
    c.reply()
    assert [s.text for s in fe.record() if s.command == "Execute"] == ["SELECT 5"]


# ---- a cluster

def test_connection_ids_carry_the_number_of_the_fe(cluster):
    one, two = client(cluster.ports[1]), client(cluster.ports[2])
    assert connection_id(one) >> 24 == 1 and connection_id(two) >> 24 == 2


def test_show_frontends_lists_all(cluster):
    rows = client(cluster.ports[2]).values("SHOW FRONTENDS")
    assert [(int(r[0]), int(r[5]), r[7], r[10]) for r in rows] == [
        (1, cluster.ports[1], b"LEADER", b"true"), (2, cluster.ports[2], b"FOLLOWER", b"true")]


def test_a_fallen_fe_is_shown_and_comes_back(cluster):
    c = client(cluster.ports[2])
    cluster.down(2)
    with pytest.raises((wire.Closed, ConnectionError)):
        c.query("SELECT 1")
    assert not harness.accepts(cluster.ports[2])
    assert client(cluster.ports[1]).values("SHOW FRONTENDS")[1][10] == b"false"
    cluster.up(2)
    assert client(cluster.ports[2]).values("SELECT 1") == [(b"1",)]


def test_kill_reaches_connections_of_its_own_fe_only(cluster):
    victim = client(cluster.ports[1], "ana", "a")
    here, there = client(cluster.ports[1], "ana", "a"), client(cluster.ports[2], "ana", "a")
    order = f"KILL {connection_id(victim)}"
    assert refusal(there, order) == (1094, f"Unknown thread id: {connection_id(victim)}")
    assert victim.alive()
    here.query(order)
    assert victim.is_closed()


def test_kill_query_ends_a_running_statement_with_1064(cluster, server):
    victim, other = client(cluster.ports[1], "ana", "a"), client(cluster.ports[1], "ana", "a")
    victim.command(wire.QUERY, "SELECT sleep(20)")
    until(lambda: server.sql("SELECT 1 FROM information_schema.processlist WHERE info LIKE 'SELECT sleep(20)%'"))
    other.query(f"KILL QUERY {connection_id(victim)}")
    with pytest.raises(wire.Refused) as caught:
        victim.reply()
    assert (caught.value.errno, caught.value.message) == (1064, f"killed manually: KILL QUERY {connection_id(victim)}")
    assert victim.alive()


# ---- session state

def test_only_known_resource_groups_can_be_set(fe):
    c = client(fe.port, "sales_prod", "Prod#1")
    assert refusal(c, "SET resource_group='nosuch'") == (
        1064, "Getting analyzing error. Detail message: resource group not exists: nosuch.")
    c.query("SET resource_group='rg_dim'")
    assert dict(c.values("SHOW EMULATOR STATE"))[b"resource_group"] == b"rg_dim"
    c.query("SELECT /*+ SET_VAR(resource_group='nosuch') */ 1")


def test_reset_connection_resets_session_variables_and_nothing_else(fe):
    c = client(fe.port, "sales_prod", "Prod#1", "sales")
    for sql in ("SET resource_group='rg_sales', query_timeout=77", "SET @x=5", "PREPARE p FROM 'SELECT 7'"):
        c.query(sql)
    c.command(wire.RESET_CONNECTION)
    c.reply()
    asked = ["@@resource_group", "@@query_timeout", "@x", "DATABASE()"]
    assert [c.values(f"SELECT {a}")[0][0] for a in asked] == [b"", b"300", b"5", b"sales"]
    assert c.values("EXECUTE p") == [(b"7",)]


def test_an_idle_connection_is_closed_after_wait_timeout(fe):
    c = client(fe.port, timeout=5)
    c.query("SET wait_timeout=1")
    assert c.is_closed()


def test_a_transaction_takes_only_dml(fe):
    c = client(fe.port, "sales_prod", "Prod#1", "sales")
    begun = c.query("BEGIN")
    assert b"'status':'PREPARE'" in begun and wire.status(begun) == 0
    for sql in ("SELECT 1", "SET query_timeout=5", "SHOW TABLES", "USE sales"):
        assert refusal(c, sql) == (5305, "Explicit transaction only support insert statement")
    c.query("INSERT INTO order_items VALUES (900, 1, 'x', 1, 1)")
    assert refusal(c, "DELETE FROM order_items WHERE order_id=900")[0] == 5303
    c.command(wire.RESET_CONNECTION)
    c.reply()
    assert refusal(c, "SELECT 1")[0] == 5305
    assert b"'status':'ABORTED'" in c.query("ROLLBACK")
    assert c.values("SELECT count(*) FROM order_items WHERE order_id=900") == [(b"0",)]


def test_a_syntax_error_anywhere_stops_a_whole_text(fe):
    c = client(fe.port, "sales_prod", "Prod#1", "sales")
    assert refusal(c, "INSERT INTO order_items VALUES (901, 1, 'x', 1, 1); SELECT 1 FROM FROM")[0] == 1064
    assert c.values("SELECT count(*) FROM order_items WHERE order_id=901") == [(b"0",)]


# ---- prepared statements and values

def prepare(c, sql):
    """(id, columns, parameters) of a COM_STMT_PREPARE."""
    c.command(0x16, sql)
    header = c.read()
    if header[:1] == b"\xff":
        raise wire.Refused(header)
    number, columns, parameters = struct.unpack_from("<IHH", header, 1)
    for n in (parameters, columns):
        for _ in range(n + 1 if n else 0):
            c.read()
    return number, columns, parameters


def test_only_queries_can_be_prepared(fe):
    c = client(fe.port, "sales_prod", "Prod#1", "sales")
    assert prepare(c, "SELECT order_id FROM orders WHERE order_id = ?") == (0, 1, 1)
    with pytest.raises(wire.Refused) as caught:
        prepare(c, "INSERT INTO order_items VALUES (?,?,?,?,?)")
    assert caught.value.errno == 1295
    assert prepare(c, "SELECT 1")[0] > 0


def test_binary_rows_carry_the_values(fe):
    c = client(fe.port, "sales_prod", "Prod#1", "sales")
    number, _, _ = prepare(c, "SELECT order_id, dt, amount, flag, created_at, note FROM orders WHERE order_id = ?")
    c.command(0x17, struct.pack("<IBIBBHi", number, 0, 1, 0, 1, 3, 1))
    (row,) = c.reply()
    assert row == (b"\0\0" + struct.pack("<q", 1) + b"\x04" + struct.pack("<HBB", 2024, 1, 1) + b"\x0512.50\x01"
                   + b"\x07" + struct.pack("<HBBBBB", 2024, 1, 1, 10, 20, 30) + b"\x05first")
    c.command(0x17, struct.pack("<IBIBBHi", number, 0, 1, 0, 1, 3, 2))
    (row,) = c.reply()
    assert row[1] == 0x80, "the note of order 2 is NULL"


def test_drivers_can_work_with_it(fe):
    with pymysql.connect(host="127.0.0.1", port=fe.port, user="sales_prod", password="Prod#1", database="sales",
                         autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS made FORCE")
        cursor.execute("CREATE TABLE made (id BIGINT, ok BOOLEAN, big LARGEINT, name STRING, price DECIMAL(10,2))"
                       " DUPLICATE KEY(id) DISTRIBUTED BY HASH(id) BUCKETS 3 PROPERTIES('replication_num'='1')")
        cursor.execute("INSERT INTO made VALUES (%s, TRUE, 170141183460469231731687303715884105727, %s, %s)",
                       (1, "中文 'quoted' \\ back", "1.50"))
        assert cursor.rowcount == 1
        cursor.execute("SELECT id, ok, big, name, price FROM default_catalog.sales.made # WHERE id = 1 --x")
        assert cursor.fetchall() == ((1, 1, "170141183460469231731687303715884105727", "中文 'quoted' \\ back",
                                      decimal.Decimal("1.50")),)
        cursor.execute("SELECT count(*) FROM sales.made # WHERE id = 2")
        assert cursor.fetchone() == (0,), "text behind # is live"


def test_information_schema_is_filtered_by_privilege(fe):
    sql = "SELECT DISTINCT table_schema FROM information_schema.tables WHERE table_schema LIKE 'sales%' ORDER BY 1"
    assert client(fe.port, "sales_prod", "Prod#1").values(sql) == [(b"sales",)]
    assert client(fe.port).values(sql) == [(b"sales",), (b"sales_dev",)]
    types = client(fe.port).values("SELECT column_name, data_type, column_comment FROM information_schema.columns"
                                   " WHERE table_schema='sales' AND table_name='orders' AND column_name IN ('flag','note')"
                                   " ORDER BY 1")
    assert types == [(b"flag", b"boolean", b""), (b"note", b"varchar", b"free text")]


def test_a_long_result_is_passed_on(fe):
    rows = client(fe.port).values("SELECT seq, repeat('x', 100) FROM sales.`seq_1_to_50000`")
    assert len(rows) == 50000 and rows[-1] == (b"50000", b"x" * 100)


# ---- faults

def test_hang_until_healed(fe):
    number = fe.fault("hang", match="SELECT 4711")
    c = client(fe.port)
    c.socket.settimeout(0.5)
    c.command(wire.QUERY, "SELECT 4711")
    with pytest.raises(socket.timeout):
        c.reply()
    fe.heal(number)
    c.socket.settimeout(10)
    assert len(c.reply()) == 1


def test_a_hanging_statement_can_be_killed(fe):
    fe.fault("hang", match="SELECT 4711")
    c, other = client(fe.port), client(fe.port)
    c.command(wire.QUERY, "SELECT 4711")
    until(lambda: any(s.busy for s in fe.sessions()))
    other.query(f"KILL QUERY {connection_id(c)}")
    with pytest.raises(wire.Refused):
        c.reply()


def test_faults_of_statements(fe):
    fe.fault("error", match="boom", errno=5024, sqlstate="53400", message="too late", times=1)
    c = client(fe.port)
    assert refusal(c, "SELECT 'boom'") == (5024, "too late")
    assert c.values("SELECT 'boom'") == [(b"boom",)]
    fe.fault("delay", match="slow", ms=300)
    begin = time.monotonic()
    c.query("SELECT 'slow'")
    assert time.monotonic() - begin > 0.25
    fe.fault("close", match="bye")
    with pytest.raises(wire.Closed):
        c.query("SELECT 'bye'")
    fe.fault("garbage", match="noise", bytes="ffffffffff00")
    c = client(fe.port)
    c.command(wire.QUERY, "SELECT 'noise'")
    assert c.take(6) == bytes.fromhex("ffffffffff00")


def test_faults_inside_a_result(fe):
    sql = "SELECT seq FROM sales.`seq_1_to_100`"
    fe.fault("fail", rows=10, times=1)
    c = client(fe.port)
    with pytest.raises(wire.Refused) as caught:
        c.query(sql)
    assert caught.value.errno == 1064
    assert len(c.query(sql)) == 100, "the connection is in step after an ERR in place of a row"
    fe.fault("slow", rows=50, ms=200, times=1)
    begin = time.monotonic()
    assert len(c.query(sql)) == 100
    assert time.monotonic() - begin > 0.35
    fe.fault("die", rows=10)
    with pytest.raises(wire.Closed):
        c.query(sql)


def test_faults_at_login(fe):
    fe.fault("refuse_login", user="sales_prod", times=1)
    with pytest.raises(wire.Refused) as caught:
        client(fe.port, "sales_prod", "Prod#1")
    assert caught.value.errno == 1045
    fe.fault("too_many", times=1)
    with pytest.raises(wire.Refused) as caught:
        client(fe.port, "sales_prod", "Prod#1")
    assert caught.value.errno == 1064 and "Reach cluster-wide connection limit" in caught.value.message
    fe.fault("freeze", times=1)
    with pytest.raises(socket.timeout):
        client(fe.port, timeout=0.3)
    fe.fault("drop", times=1)
    with pytest.raises(wire.Closed):
        client(fe.port)
    assert client(fe.port).alive()


# ---- from outside

def test_the_control_port(fe):
    remote = Remote(fe.control_port)
    remote("fault", kind="error", match="ordered", message="as ordered")
    c = client(fe.port)
    assert refusal(c, "SELECT 'ordered'") == (1064, "as ordered")
    remote("heal")
    assert c.values("SELECT 'ordered'") == [(b"ordered",)]
    assert [s["text"] for s in remote("record", match="ordered")["statements"]] == ["SELECT 'ordered'"] * 2
    assert connection_id(c) in [s["id"] for s in remote("sessions")["sessions"]]
    with pytest.raises(RuntimeError, match="unknown kind of fault"):
        remote("fault", kind="nonsense")
    remote.close()


def test_an_emulator_in_a_process_of_its_own(server, tmp_path):
    begin = tmp_path / "begin.sql"
    begin.write_text("-- users\nCREATE USER eve IDENTIFIED BY 'e'\n")
    process = subprocess.Popen(
        [sys.executable, harness.ROOT / "tests/fe", "--backend", server.dir / "socket", "--ports", "0,0",
         "--numbers", "3,4", "--run", begin], stdout=subprocess.PIPE, text=True, preexec_fn=harness.with_parent)
    try:
        ports = [int(process.stdout.readline().rsplit(":", 1)[1]) for _ in range(3)]
        c = client(ports[0], "eve", "e")
        assert connection_id(c) >> 24 == 3
        remote = Remote(ports[2])
        assert [f["fe"] for f in remote("frontends")["frontends"]] == [3, 4]
        remote.close()
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_many_clients_at_once(fe):
    wrong = []

    def work(n):
        try:
            c = client(fe.port, "sales_prod", "Prod#1", "sales")
            for i in range(20):
                assert c.values(f"SELECT {n * 1000 + i}") == [(str(n * 1000 + i).encode(),)]
                assert len(c.values("SELECT order_id FROM orders")) == sample.ROWS
            c.close()
        except Exception as e:
            wrong.append(e)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(20)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong
    until(lambda: not fe.sessions())


# ---- TLS

@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return harness.certificate(tmp_path_factory.mktemp("tls"), "fe")


def test_tls_leaves_commands_of_one_record_behind(server, certificate):
    with Emulator(str(server.dir / "socket"), tls=certificate) as emulator:
        c = wire.Client("127.0.0.1", emulator.port)
        greeting = c.greet()
        assert greeting.capabilities == 0x00388A0C
        c.write(struct.pack("<IIB23x", wire.USUAL | wire.SSL, 1 << 24, 33))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        c.socket = context.wrap_socket(c.socket)
        c.write(c.response("root", b"", capabilities=wire.USUAL | wire.SSL))
        assert c.read()[:1] == b"\0"
        c.send(wire.frame(b"\x03SELECT 1") + wire.frame(b"\x03SELECT 2"))
        c.sequence = 1
        assert len(c.reply()) == 1
        c.sequence = 1
        c.socket.settimeout(0.7)
        with pytest.raises(socket.timeout):
            c.reply()
        c.socket.settimeout(20)
        c.send(wire.frame(b"\x0e"))
        assert len(c.reply()) == 1
        c.sequence = 1
        assert c.reply()[:1] == b"\0"
