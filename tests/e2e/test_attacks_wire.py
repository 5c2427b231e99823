"""The bypass corpus over the wire: the gateway in front of an emulated frontend that records what reaches it.

Every case has a session of its own.  What must be denied gets an ERR, and no byte of it is in the record; what
must be allowed is in the record, in real names that the user has a right on, or was answered by the gateway.
Cases with `setup` send those statements first; with `revoke` the right on a project is then taken away by a
reload.  The corpus may have none of these: OWN has some of ours."""

import base64
import copy
import json
import re
import sys

import pytest

import harness
import wire
from harness import until
from test_attacks import CORPUS, load_all, outside_literals

sys.path.insert(0, str(harness.ROOT / "tests"))

from fe.emulator import Emulator  # noqa: E402

LOOKS = re.compile(r"SET |BEGIN$|KILL |SHOW (FRONTENDS|BACKENDS|COMPUTE NODES|VARIABLES|DATABASES)$|"
                   r"ADMIN SHOW FRONTEND CONFIG LIKE 'run_mode'$|SELECT TABLE_NAME, COLUMN_NAME FROM information_schema.columns")
TABLES = ("orders", "items", "staging", "events", "t", "city", "salary")
SESSION = {"user": "ana", "project": "sales", "env": "prod"}
OWN = [
    {"setup": ["USE dim"], "revoke": "dim", "sql": "SELECT * FROM city"},
    {"setup": ["SELECT * FROM dim.city"], "revoke": "dim", "sql": "SELECT * FROM dim.city"},
    {"setup": ["SELECT 1"], "revoke": "sales", "sql": "SELECT * FROM sales.orders"},
    {"setup": ["BEGIN", "INSERT INTO sales.t SELECT * FROM dim.city"], "revoke": "dim",
     "sql": "INSERT INTO sales.t SELECT * FROM dim.city"},
    {"setup": ["CREATE VIEW sales.v AS SELECT * FROM dim.city"], "revoke": "dim", "sql": "SELECT * FROM sales.v"},
    {"setup": ["PREPARE p FROM 'SELECT * FROM dim.city'"], "revoke": "dim", "sql": "EXECUTE p"},
    {"setup": ["SET @q = 'SELECT * FROM hr_core.salary'"], "sql": "PREPARE p FROM @q"},
    {"setup": ["SET sql_mode = 'PIPES_AS_CONCAT'"], "sql": "SELECT 1 || (SELECT max(pay) FROM hr.salary)"},
    {"setup": ["SET sql_mode = 'ANSI_QUOTES'"], "sql": 'SELECT * FROM "x", hr_core.salary'},
    {"setup": ["USE sales_dev", "SET NAMES utf8mb4"], "sql": "SELECT * FROM hr_core.salary"},
    {"setup": ["SELECT 1"], "revoke": "dim", "sql": "SELECT dim.city.name FROM sales.t, dim.city"},
]
OWN = [{"id": f"own{i}", "session": SESSION, "expect": "deny", **case} for i, case in enumerate(OWN, 1)]

pytestmark = pytest.mark.skipif(
    not (CORPUS / "attacks-world.json").exists(), reason=f"no attack corpus in {CORPUS}"
)


def world():
    return json.loads((CORPUS / "attacks-world.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def fe():
    backend = harness.Backend()
    with Emulator(str(backend.dir / "socket")) as emulator:
        for source in world()["compute_sources"].values():
            database, account = source["database"], source["username"]
            emulator.sql(
                f"CREATE DATABASE {database}",
                *(f"CREATE TABLE {database}.{t} (id INT, name VARCHAR(20)) DISTRIBUTED BY HASH(id) BUCKETS 1"
                  for t in TABLES),
                f"CREATE USER {account} IDENTIFIED BY '{source['password']}'",
            )
        for source in world()["compute_sources"].values():  # every account may do everything: the gateway is the wall
            for database in {s["database"] for s in world()["compute_sources"].values()}:
                emulator.sql(
                    f"GRANT ALL ON ALL TABLES IN DATABASE {database} TO USER {source['username']}",
                    f"GRANT ALL ON DATABASE {database} TO USER {source['username']}",
                )
        emulator.clear()
        yield emulator
    backend.stop()


@pytest.fixture
def config(fe):
    config = world()
    config["settings"]["workers"] = 1
    config["listeners"][0] |= {"address": f"127.0.0.1:{harness.free_port()}", "tls": "off"}
    config["clusters"]["main"]["jdbc_url"] = f"jdbc:mysql://127.0.0.1:{fe.port}/"
    for source in config["compute_sources"].values():
        source["pool"] = {"mode": "session", "max_connections": 8, "max_wait_ms": 5000}
    return config


def bytes_of(case):
    return base64.b64decode(case["sql_b64"]) if "sql_b64" in case else case["sql"].encode()


def login(g, case):
    session = case["session"]
    client = wire.Client("127.0.0.1", g.port)
    client.login(
        session["user"], session["user"], session["project"] + ("_dev" if session["env"] == "dev" else ""),
        capabilities=wire.USUAL | wire.MULTI_STATEMENTS | wire.MULTI_RESULTS,
    )
    return client


def refusal(client, sql):
    """The ERR that a statement meets, or None; what a frontend says counts as reached."""
    try:
        client.query(sql)
    except wire.Refused as e:
        return e
    except wire.Closed:
        return "closed"
    except AssertionError as e:  # a reload has ended the session: its ERR came before we asked
        assert str(e).startswith("sequence 0"), e
        return "closed"


def recorded(fe):
    """Statements of clients: without the gateway's probes, and without what it sends to align a connection."""
    return [t for t in fe.texts() if t != harness.PROBE and not LOOKS.match(t)]


def take_right(g, config, project, user):
    """A reload without the user's membership; waits until a statement would be judged by it."""
    less = copy.deepcopy(config)
    del less["projects"][project]["members"][user]
    less["projects"][project]["members"] = less["projects"][project]["members"] or {"ops": "worker"}
    reload(g, less)


def reload(g, config):
    g.reload(config)
    # a worker takes it at its next turn: a login behind it is answered by the new configuration
    wire.Client("127.0.0.1", g.port).close()
    assert until(lambda: refused_for(g, config))


def refused_for(g, config):
    """Sessions of the worker see the configuration: who is no member of a project does not know it."""
    with wire.Client("127.0.0.1", g.port) as client:
        client.login("ana", "ana")
        for name, project in config["projects"].items():
            row = [c and c.decode() for c in client.values(f"EXPLAIN GATEWAY SELECT * FROM {name}.t")[0]]
            if (row[0] == "sent") != ("ana" in project["members"]):
                return False
    return True


def run(g, fe, config, case):
    """(refused, what reached the frontend, or None when a statement of `setup` was refused already)."""
    fe.clear()
    with login(g, case) as client:
        for sql in case.get("setup", ()):
            if refusal(client, sql):
                return True, None
        if "revoke" in case:
            take_right(g, config, case["revoke"], case["session"]["user"])
        fe.clear()
        refused = refusal(client, bytes_of(case))
        return refused, recorded(fe)


def judge(case, refused, reached):
    """What is wrong with a case, or None."""
    if reached is None:
        return None if case["expect"] == "deny" else "refused in its setup"
    for text in reached:
        if re.search(r"\bhr_(core|d1)\b", outside_literals(text)):
            return f"reached: {text}"
    if case.get("either"):
        return None
    if case["expect"] == "deny":
        return None if refused and not reached else f"not denied: {refused} {reached}"
    answered = not refused
    return None if reached or answered else f"denied: {refused}"


def test_the_corpus_over_the_wire(gateway, config, fe):
    g, wrong, world_now = gateway(config), {}, config
    cases = load_all() + OWN
    for case in cases:
        refused, reached = run(g, fe, world_now, case)
        what = judge(case, refused, reached)
        if what:
            wrong[case["id"]] = what
        if "revoke" in case:
            reload(g, config)
    assert wrong == {}
    print(f"{len(cases)} cases, as the corpus has them")


def test_a_right_that_is_taken_away_is_missed_by_the_next_statement(gateway, config, fe):
    g = gateway(config)
    with login(g, {"session": SESSION}) as client:
        assert refusal(client, "SELECT * FROM dim.city") is None
        take_right(g, config, "dim", "ana")
        assert refusal(client, "SELECT * FROM dim.city").errno == 5501
        reload(g, config)
        assert refusal(client, "SELECT * FROM dim.city") is None


def test_literals_and_comments_reach_the_frontend_as_typed(gateway, config, fe):
    g = gateway(config)
    with login(g, {"session": SESSION}) as client:
        fe.clear()
        client.query("SELECT /* hr_core.x */ 'hr_core.salary', \"a''b\" FROM sales.orders -- ${nosuch} hr.t")
        assert recorded(fe) == [
            "SELECT /* hr_core.x */ 'hr_core.salary', \"a''b\" FROM `sales_p1`.`orders` -- ${nosuch} hr.t"
        ]


# ---- replies that are filtered

FILTERED = [
    "SHOW DATABASES", "SHOW SCHEMAS", "SELECT * FROM information_schema.schemata", "SELECT * FROM information_schema.tables",
    "SELECT DISTINCT table_schema FROM information_schema.columns", "SELECT * FROM INFORMATION_SCHEMA.VIEWS",
    "SELECT count(*), table_schema FROM information_schema.tables GROUP BY table_schema", "SHOW TABLES FROM hr_core",
    "SELECT s.schema_name FROM information_schema.schemata s LEFT JOIN information_schema.tables t ON t.table_schema = s.schema_name",
    "SELECT table_schema FROM information_schema.tables UNION ALL SELECT schema_name FROM information_schema.schemata",
    "SELECT * FROM information_schema.tables WHERE table_schema IN ('hr', 'hr_core', 'sales') OR 1 = 1",
    "SELECT max(table_schema), min(table_schema) FROM information_schema.tables", "SHOW TABLE STATUS", "SHOW FULL TABLES",
    "SELECT concat(table_schema, '.', table_name) FROM information_schema.tables WHERE table_schema LIKE '%'", "SHOW PROCESSLIST",
    "SHOW GRANTS", "SHOW CREATE TABLE orders", "SHOW CREATE TABLE hr.salary", "SHOW VARIABLES", "SHOW RESOURCE GROUPS", "EXPLAIN SELECT * FROM orders",
    "SELECT (SELECT count(*) FROM information_schema.schemata WHERE schema_name = 'hr_core')", "SHOW PROJECTS", "SHOW MEMBERS",
    "SELECT EXISTS (SELECT 1 FROM information_schema.tables WHERE table_schema LIKE 'hr%')", "SELECT * FROM nosuch", "DESC hr.salary",
    "SELECT * FROM information_schema.columns ORDER BY table_schema DESC LIMIT 5", "SHOW DATABASES LIKE 'hr%'", "SELECT USER(), DATABASE()",
    "SHOW DATABASES WHERE `Database` LIKE '%'", "SHOW TABLES WHERE Tables_in_sales LIKE '%'", "SHOW MATERIALIZED VIEWS", "SHOW ANALYZE STATUS",
]
SEEN = {b"sales", b"sales_dev", b"dim", b"dim_dev", b"information_schema"}


def heard(client, sql):
    """What a statement is answered with: its rows, and every byte of the reply."""
    said = []

    def read():
        said.append(wire.Client.read(client))
        return said[-1]

    client.read = read
    try:
        reply = client.query(sql)
        rows = [wire.fields(r) for r in reply] if isinstance(reply, list) else []
    except wire.Refused:
        rows = []
    return rows, b"\n".join(said)


def test_filtered_replies_show_the_users_projects_and_no_physical_name(gateway, config, fe):
    g = gateway(config)
    physical = {s["database"].encode() for s in config["compute_sources"].values()}
    accounts = {s["username"].encode() for s in config["compute_sources"].values()} - {b"ana"}
    others = {b"hr", b"hr_dev"}
    cases = [c for c in load_all() if c.get("filter")]
    assert len(cases) > 5 or not load_all()
    cases += [{"id": sql, "session": {**SESSION, "env": env}, "sql": sql} for sql in FILTERED for env in ("prod", "dev")]
    wrong = []
    for case in cases:
        with login(g, case) as client:
            rows, said = heard(client, bytes_of(case))
        cells = {cell for row in rows for cell in row if cell}
        told = {w for w in physical | accounts if re.search(rb"(?<![\w$])" + re.escape(w) + rb"(?![\w$])", said) and w not in bytes_of(case)}
        if told or cells & others or (rows and b"Database" in said and not cells <= SEEN):
            wrong.append((case["id"], told, cells & others))
    assert not wrong, wrong


def test_what_filtered_look_ups_count_is_the_users(gateway, config, fe):
    g = gateway(config)
    with login(g, {"session": SESSION}) as client:
        assert client.values("SELECT count(*) FROM information_schema.schemata WHERE schema_name LIKE 'hr%'") == [(b"0",)]
        assert {r[0] for r in client.values("SELECT DISTINCT table_schema FROM information_schema.tables")} == SEEN
        assert {r[0] for r in client.values("SHOW DATABASES")} == SEEN
