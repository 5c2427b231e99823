"""The admin console: SQL over the gateway's tables, and what an administrator can do there."""

import json
import socket
import ssl
import struct
import threading
import time

import pymysql
import pytest

import harness
import world
from harness import cli, free_port, refusal, rows, until

ROOT_PASSWORD = "root's"


@pytest.fixture
def config(config):
    config["listeners"].append({"protocol": "admin", "address": f"127.0.0.1:{free_port()}", "tls": "off"})
    config["users"]["root"] = {"auth": {"mysql_native_password": harness.native_hash(ROOT_PASSWORD)}, "admin": True}
    return config


def port_of(config):
    return next(int(l["address"].rsplit(":", 1)[1]) for l in config["listeners"] if l["protocol"] == "admin")


@pytest.fixture
def console(config):
    """console(sql): rows of one statement as dictionaries; console.connection, console.ok."""
    opened = []

    class Console:
        @property
        def connection(self):
            if not opened:
                opened.append(connect(config, cursorclass=pymysql.cursors.DictCursor))
            return opened[0]

        def __call__(self, sql):
            with self.connection.cursor() as cursor:
                cursor.execute(sql)
                return list(cursor.fetchall())

        def refuses(self, sql):
            return refusal(self, sql)

    yield Console()
    for connection in opened:
        connection.close()


def connect(config, user="root", password=ROOT_PASSWORD, **options):
    return pymysql.connect(host="127.0.0.1", port=port_of(config), user=user, password=password, read_timeout=60,
                           **options)


def test_only_administrators_get_in(gateway, config):
    g = gateway(config)
    for user, password in [("root", "wrong"), ("nosuch", ""), ("ana", "ana's"), ("nobody", "")]:
        number, _ = refusal(connect, config, user, password)
        assert number == 1045
    connect(config).close()
    assert "no administrator" in g.log()


def test_sha2_and_tls_lead_in_too(gateway, config, certificates):
    hashed = harness.starbind("passwd", "-m", "sha2", input=ROOT_PASSWORD + "\n").stdout
    hashed = next(w for w in hashed.replace('"', " ").split() if w.startswith("$A$"))
    config["users"]["root"]["auth"] = {"caching_sha2_password": hashed}
    config["listeners"][-1]["tls"] = {"mode": "required", "certificate": certificates("gateway.pem"),
                                      "key": certificates("gateway.key")}
    gateway(config)
    assert refusal(connect, config)[0] in (1045, 2003, 3159)
    with connect(config, ssl={"check_hostname": False, "verify_mode": "none"}) as connection:
        assert rows(connection, "SELECT state FROM gateway") == (("serving",),)


def test_tls_may_follow_the_wish_for_it_at_once(gateway, config, certificates):
    """Some clients send their first bytes of TLS along with the packet that asks for it."""
    config["listeners"][-1]["tls"] = {"mode": "required", "certificate": certificates("gateway.pem"),
                                      "key": certificates("gateway.key")}
    gateway(config)
    trusting = ssl.create_default_context(cafile=certificates("ca.pem"))
    trusting.check_hostname = False
    came, goes = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = trusting.wrap_bio(came, goes)
    with pytest.raises(ssl.SSLWantReadError):
        tls.do_handshake()
    with socket.create_connection(("127.0.0.1", port_of(config)), timeout=20) as s:
        s.recv(4096)
        s.sendall(bytes([32, 0, 0, 1]) + struct.pack("<IIB23x", 0x8AA00, 1 << 24, 45) + goes.read())
        while True:
            came.write(s.recv(65536))
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                s.sendall(goes.read())
    assert tls.version() in ("TLSv1.2", "TLSv1.3")


def test_tables_join_and_group(gateway, config, console):
    g = gateway(config)
    clients = [g.connect("ana", p) for p in ["sales", "sales", "sales_dev", "dim"]] + [g.connect("etl", "crm")]
    rows(clients[0], "SELECT * FROM t")
    got = console("SELECT project, environment, state, count(*) AS n FROM sessions GROUP BY 1, 2, 3 ORDER BY 1, 2")
    assert [(r["project"], r["environment"], r["state"], r["n"]) for r in got] == [
        ("crm", "prod", "idle", 1), ("dim", "prod", "idle", 1), ("sales", "dev", "idle", 1), ("sales", "prod", "idle", 2)]
    (joined,) = console(
        "SELECT b.database, b.account, p.idle, count(s.id) AS sessions FROM sessions s JOIN bindings b ON b.project = s.project "
        "AND b.environment = s.environment JOIN pools p ON p.source = b.source WHERE s.user = 'ana' GROUP BY 1, 2, 3")
    assert joined == {"database": "dw_sales", "account": "sales_rw", "idle": 1, "sessions": 2}
    (session,) = console(f"SELECT * FROM sessions WHERE id = {clients[0].thread_id()}")
    assert session["user"] == "ana" and session["statements"] >= 1 and session["client"].startswith("127.0.0.1:")
    assert isinstance(session["id"], int) and session["tls"] is None
    for connection in clients:
        connection.close()


def test_every_table_and_column_can_be_read(gateway, config, console):
    g = gateway(config)
    with g.connect("ana", "sales") as client:
        rows(client, "SELECT 1 FROM t")
        names = [r["Tables_in_starbind"] for r in console("SHOW TABLES")]
        assert len(names) > 20
        for name in names:
            fields = [r["Field"] for r in console(f"DESCRIBE {name}")]
            with console.connection.cursor() as cursor:
                cursor.execute(f"SELECT * FROM {name}")
                assert [d[0] for d in cursor.description] == fields
            quoted = ", ".join(f'"{f}"' for f in fields)
            console(f'SELECT {quoted} FROM {name} ORDER BY 1 DESC')


def test_a_statement_under_way_is_seen_and_stopped(gateway, config, console):
    g = gateway(config)
    outcome = []
    client = g.connect("ana", "sales")

    def run():
        outcome.append(refusal(rows, client, "SELECT SLEEP(30), 'literal' FROM numbers WHERE n = 1"))

    thread = threading.Thread(target=run)
    thread.start()
    sql = f"SELECT * FROM sessions WHERE id = {client.thread_id()} AND state = 'runs' AND phase = 'relay'"
    assert until(lambda: console(sql))
    (seen,) = console(sql)
    assert seen["statement"] == "SELECT SLEEP(?), ? FROM numbers WHERE n = ?" and seen["phase"] == "relay"
    assert seen["source"] == "sales" and seen["frontend"] == f"127.0.0.1:{g_port(config)}"
    (backend,) = console(f"SELECT * FROM backends WHERE session = {client.thread_id()} AND busy = 1")
    assert backend["id"] == seen["backend"] and backend["phase"] == "lent"
    console(f"KILL QUERY {client.thread_id()}")
    thread.join(20)
    assert outcome and outcome[0][0] in (1317, 1105)
    console(f"KILL {client.thread_id()}")
    assert until(lambda: not console(f"SELECT 1 FROM sessions WHERE id = {client.thread_id()}"))
    assert console.refuses("KILL 4000000000")[0] == 1094
    assert console.refuses("KILL ana")[0] == 1210


def g_port(config):
    return int(config["clusters"]["main"]["jdbc_url"].split("127.0.0.1:")[1].split(",")[0].strip("/"))


def test_a_paused_project_waits(gateway, config, console):
    g = gateway(config)
    g.query("SELECT 1 FROM t", database="sales")
    console("PAUSE PROJECT sales")
    assert console("SELECT paused FROM projects WHERE name = 'sales'") == [{"paused": 1}]
    got = []
    thread = threading.Thread(target=lambda: got.append(g.query("SELECT id FROM t WHERE id = 1", database="sales")))
    thread.start()
    assert until(lambda: console("SELECT 1 FROM queues WHERE project = 'sales' AND waits_for = 'place'"))
    (queued,) = console("SELECT * FROM queues")
    assert "an administrator has paused project 'sales'" in queued["state"] and queued["source"] == "sales"
    assert g.query("SELECT COUNT(*) FROM t", database="crm") == ((3,),)
    assert not got
    console("RESUME PROJECT sales")
    thread.join(20)
    assert got == [((1,),)]
    config["compute_sources"]["sales"]["pool"]["max_wait_ms"] = 300
    g.reload(config)
    console("PAUSE PROJECT sales")
    number, message = refusal(g.query, "SELECT 1 FROM t", database="sales")
    assert number == 1040 and "an administrator has paused project 'sales'" in message
    console("RESUME PROJECT sales")
    assert console.refuses("PAUSE PROJECT nosuch")[0] == 5501


def test_a_drained_frontend_gets_no_new_work(gateway, config, console, server):
    """Of two servers, each a frontend of the cluster, one is drained."""
    world.fill(server)
    config["clusters"]["main"]["jdbc_url"] = f"jdbc:mysql://127.0.0.1:{g_port(config)},127.0.0.1:{server.port}/"
    del config["clusters"]["main"]["monitor"]
    g = gateway(config)
    assert until(lambda: len(console("SELECT 1 FROM frontends WHERE cluster = 'main' AND health = 'up'")) == 2)
    one = f"127.0.0.1:{g_port(config)}"
    sql = f"SELECT health, reason FROM frontends WHERE frontend = '{one}' AND cluster = 'main'"
    console(f"DRAIN FE '{one}'")
    assert until(lambda: console(sql)[0]["health"] != "up")
    assert "DRAIN FE" in console(sql)[0]["reason"]
    clients = [g.connect("ana", "sales") for _ in range(4)]
    for client in clients:
        rows(client, "SELECT 1 FROM t")
    assert {r["frontend"] for r in console("SELECT frontend FROM backends WHERE source = 'sales'")} == {
        f"127.0.0.1:{server.port}"}
    console(f"RESUME FE '{one}'")
    assert until(lambda: console(sql)[0]["health"] == "up")
    assert console.refuses("DRAIN FE 'nosuch:1'")[0] == 1210
    for client in clients:
        client.close()


def test_reload_and_the_difference_before_it(gateway, config, console):
    g = gateway(config)
    assert console("SHOW CONFIG DIFF") == []
    config["users"]["ana"]["limits"] = {"max_concurrent_queries": 3}
    g.path.write_text(json.dumps(config))
    lines = [r["difference"] for r in console("SHOW CONFIG DIFF")]
    assert any(l.startswith("+") and '"max_concurrent_queries": 3' in l for l in lines)
    assert any('"ana": {' in l for l in lines)
    before = console("SELECT generation FROM gateway")[0]["generation"]
    console("RELOAD")
    assert until(lambda: console("SELECT generation FROM gateway")[0]["generation"] > before)
    assert console("SHOW CONFIG DIFF") == []
    assert console("SELECT max_concurrent_queries AS n FROM limits WHERE level = 'user' AND name = 'ana'") == [{"n": 3}]
    g.path.write_text("{")
    assert console.refuses("RELOAD")[1].startswith("starbind: the configuration stays as it was")
    assert "starbind.json:1" in console.refuses("SHOW CONFIG DIFF")[1]
    shown = "\n".join(r["configuration"] for r in console("SHOW CONFIG"))
    assert '"max_concurrent_queries": 3' in shown and harness.native_hash(ROOT_PASSWORD) not in shown


def test_the_log_can_be_followed_and_its_level_set(gateway, config, console):
    g = gateway(config)
    console("SET LOG LEVEL debug")
    assert console("SELECT log_level FROM gateway") == [{"log_level": "debug"}]
    console("SET LOG LEVEL 'warning'")
    assert console.refuses("SET LOG LEVEL loud")[0] == 1210
    lines = [r["line"] for r in console("SELECT line FROM log ORDER BY number")]
    assert any("admin: set log level debug" in line for line in lines)
    assert set(lines) <= set(g.log().splitlines())


def test_digests_tell_who_asked_what(gateway, config, console):
    g = gateway(config)
    for i in range(7):
        g.query(f"SELECT id, side FROM t WHERE id <= {i % 3}", database="sales")
    g.query("select id, side from t where id <= 2", "etl", database="sales")
    refusal(g.query, "SELECT * FROM secret.t", database="sales")
    refusal(g.query, "SELECT nosuch FROM t", database="sales")
    got = console("SELECT * FROM digests WHERE statement LIKE 'SELECT id, side%' ORDER BY user")
    assert [(r["user"], r["count"], r["rows"], r["project"], r["environment"]) for r in got] == [
        ("ana", 7, sum(i % 3 for i in range(7)), "sales", "prod"), ("etl", 1, 2, "sales", "prod")]
    assert got[0]["digest"] == got[1]["digest"]
    assert 0 < got[0]["run_p50_ms"] <= got[0]["run_p99_ms"] <= got[0]["run_max_ms"] and got[0]["bytes"] > 0
    assert console("SELECT refused, failed FROM digests WHERE statement = 'SELECT * FROM secret.t'") == [
        {"refused": 1, "failed": 0}]
    assert console("SELECT refused, failed FROM digests WHERE statement = 'SELECT nosuch FROM t'") == [
        {"refused": 0, "failed": 1}]
    assert console("SELECT sum(count) AS n FROM digests") == console("SELECT sum(statements) AS n FROM traffic")
    (denied,) = console("SELECT * FROM denials WHERE errno = 5203 OR errno = 5501")
    assert denied["user"] == "ana" and denied["project"] == "sales" and denied["what"] == "Query"
    assert refusal(g.connect, "ana", password="wrong")[0] == 1045
    assert console("SELECT what, user FROM denials WHERE errno = 1045") == [{"what": "Login", "user": "ana"}]


def test_digests_are_bounded(gateway, config, console):
    config["settings"].update(digests=5, workers=1)
    g = gateway(config)
    with g.connect("ana", "sales") as client:
        for i in range(20):
            rows(client, "SELECT id" + ", id" * i + " FROM t")
    got = console("SELECT digest, count FROM digests")
    assert len(got) == 6 and sum(r["count"] for r in got) >= 20
    assert [r["count"] for r in got if r["digest"] is None] == [sum(r["count"] for r in got) - 5]


def test_nothing_but_reading(gateway, config, console):
    gateway(config)
    for sql in ["INSERT INTO sessions VALUES (1)", "DELETE FROM sessions", "DROP TABLE sessions", "CREATE TABLE t (a)",
                "CREATE TEMP TABLE t (a)", "ATTACH '/tmp/x' AS x", "PRAGMA database_list", "VACUUM INTO '/tmp/x'",
                "SELECT * FROM sqlite_master", "SELECT * FROM pragma_table_info('sessions')", "SELECT load_extension('x')",
                "SELECT readfile('/etc/passwd')", "SELECT 1; SELECT 2", "EXPLAIN SELECT 1; DROP TABLE x",
                "SELECT * FROM json_each('[1]')", "UPDATE settings SET value = 1", "SELECT * FROM nosuch", ""]:
        number, message = console.refuses(sql)
        assert number in (1235, 1064, 1065, 1105), (sql, number, message)
    assert console("SELECT 1 AS one") == [{"one": 1}]


def test_a_question_without_end_is_given_up_and_hurts_nobody(gateway, config, console):
    g = gateway(config)
    forever = "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT count(*) FROM r"
    other = connect(config)
    got = []
    thread = threading.Thread(target=lambda: got.append(console.refuses(forever)))
    thread.start()
    assert g.query("SELECT COUNT(*) FROM t", database="sales") == ((3,),)
    thread.join(30)
    assert got and got[0][0] == 3024
    assert rows(other, "SELECT 1") == ((1,),)
    other.close()
    number, message = console.refuses("SELECT zeroblob(900000000)")
    assert number == 1040 and "memory" in message


def test_many_rows_wait_for_a_slow_reader(gateway, config):
    gateway(config)
    connection = connect(config, cursorclass=pymysql.cursors.SSCursor)
    with connection.cursor() as cursor:
        cursor.execute("WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r LIMIT 100000) "
                       "SELECT x, printf('%040d', x) FROM r")
        time.sleep(0.3)
        count = sum(1 for _ in cursor)
    assert count == 100000
    assert list(rows(connection, "SELECT 1")) == [(1,)]
    connection.close()


def test_the_stock_client_feels_at_home(gateway, config):
    gateway(config)
    got = cli(port_of(config), "root", ROOT_PASSWORD,
              "use starbind; show databases; set names utf8mb4; select database(), user(), connection_id() > 0;\n"
              "select @@version_comment; show processlist; begin; commit; show help; show pools;\n", "-A")
    assert got.returncode == 0, got.stderr
    for text in ["starbind\troot\t1", "the admin console", "DRAIN FE 'host:port'", "SHOW CONFIG DIFF"]:
        assert text in got.stdout
    got = cli(port_of(config), "root", ROOT_PASSWORD, "show tables", "starbind")
    assert "sessions" in got.stdout and got.returncode == 0


def test_a_user_who_is_no_administrator_any_more(gateway, config, console):
    g = gateway(config)
    console("SELECT 1")
    config["users"]["root"]["admin"] = False
    g.reload(config)
    assert until(lambda: console_is_closed(console))
    assert refusal(connect, config)[0] == 1045


def console_is_closed(console):
    try:
        console("SELECT 1")
        return False
    except pymysql.MySQLError:
        return True
