"""What drivers and tools send by themselves (clients/queries.jsonl of the facts), through the gateway and to a frontend.

The frontend is emulated; its client owns the databases smokedb and two.  The gateway's client sees two of five projects,
of the same names, whose databases and accounts are called otherwise."""

import json
import os
import pathlib
import re

import pytest

import harness
import wire
from harness import until

import sys

sys.path.insert(0, str(harness.ROOT / "tests"))

from fe.emulator import Emulator  # noqa: E402

SHARED = pathlib.Path(os.environ.get("STARBIND_SHARED", harness.ROOT.parent / "shared"))
RECORDED = SHARED / "clients/queries.jsonl"
TOOLS = harness.ROOT / "tests/e2e/tool-statements.sql"
REFUSED = harness.ROOT / "tests/e2e/refused-statements.tsv"
SEEN, HIDDEN = ("smokedb", "two"), ("three", "four", "five")
PHYSICAL = {f"phys_{name}": name for name in SEEN + HIDDEN}
SECRET = rb"phys_|acct_|starbind_meta|starbind_monitor|rg_other|:%d|\bthree\b|\bfour\b|\bfive\b"
CAPABILITIES = wire.USUAL | wire.MULTI_STATEMENTS | wire.MULTI_RESULTS
PREPARE, EXECUTE = 22, 23
CHANGES = re.compile(r"\s*(CREATE|DROP|ALTER|TRUNCATE)\b", re.IGNORECASE)


def furnish(fe, database):
    """A database with a table and a view, and whom it is granted to; again after a statement that changed it."""
    if database not in [row[0] for row in fe.sql("SHOW DATABASES")]:
        fe.sql(f"CREATE DATABASE {database}")
    fe.sql(f"CREATE USER IF NOT EXISTS acct_{database} IDENTIFIED BY 'x'", f"DROP TABLE IF EXISTS {database}.t",
           f"CREATE TABLE {database}.t (id INT, name VARCHAR(20)) DISTRIBUTED BY HASH(id) BUCKETS 1",
           f"CREATE OR REPLACE VIEW {database}.v AS SELECT id FROM {database}.t")
    for account in {f"acct_{database}", "acct_smokedb" if database == "two" else "starbind_meta", "starbind_meta"}:
        fe.sql(f"GRANT ALL ON DATABASE {database} TO USER {account}", f"GRANT SELECT ON VIEW {database}.v TO USER {account}",
               f"GRANT ALL ON ALL TABLES IN DATABASE {database} TO USER {account}")


def configuration(fe):
    def source(database):
        return {"cluster": "main", "database": database, "username": f"acct_{database}", "password": "x",
                "allowed_resource_groups": ["rg"]}

    return {
        "settings": {"workers": 1},
        "listeners": [{"protocol": "mysql", "address": f"127.0.0.1:{harness.free_port()}", "tls": "off"}],
        "clusters": {"main": {"jdbc_url": f"jdbc:mysql://127.0.0.1:{fe.port}/",
                              "monitor": {"username": "starbind_monitor", "password": "x"},
                              "metadata": {"username": "starbind_meta", "password": "x"}}},
        "compute_sources": {name: source(database) for database, name in PHYSICAL.items()},
        "projects": {name: {"prod": name, "members": {"smoke": "owner"} if name in SEEN else {}} for name in PHYSICAL.values()},
        "users": {"smoke": {"auth": {"mysql_native_password": ""}}},
    }


# ---- one statement

class Listening(wire.Client):
    """Keeps all that it hears."""

    def read(self):
        payload = super().read()
        self.heard = getattr(self, "heard", b"") + payload + b"\n"
        return payload


def take(client, prepared=False):
    """(names of columns, rows) of every result of a reply."""
    found = []
    while True:
        rows = client.reply()
        status = client.last if isinstance(rows, list) else rows
        found.append(([], []) if not isinstance(rows, list) else (
            [definition_name(c) for c in client.columns], rows if prepared else [wire.fields(r) for r in rows]))
        if not int.from_bytes(status[3:5], "little") & 8:
            return found


def definition_name(payload):
    return wire.fields(payload[:sum(1 + n for n in lengths(payload, 5))])[4].decode()


def lengths(payload, count):
    at, out = 0, []
    for _ in range(count):
        out.append(payload[at])
        at += 1 + payload[at]
    return out


def prepare(client, sql):
    client.command(PREPARE, sql)
    head = client.unless_refused()
    columns, parameters = (int.from_bytes(head[i:i + 2], "little") for i in (5, 7))
    for count in (parameters, columns):
        for _ in range(count + bool(count)):
            client.unless_refused()
    values = [("smokedb", "t")[i % 2] for i in range(parameters)]
    body = bytes([EXECUTE]) + head[1:5] + b"\0\1\0\0\0"
    if parameters:
        body += bytes((parameters + 7) // 8) + b"\1" + b"\xfd\0" * parameters
        body += b"".join(wire.lenenc(v.encode()) for v in values)
    client.write(body, 0)
    return take(client, prepared=True)


def ask(client, sql, via):
    if via == "COM_INIT_DB":
        client.command(wire.INIT_DB, sql)
        return take(client)
    if via == "COM_FIELD_LIST":
        client.command(wire.FIELD_LIST, sql.replace("\\0", "\0"))
        while client.unless_refused()[:1] != b"\xfe":
            pass
        return []
    if via == "COM_STMT_PREPARE" or (via == "source" and "?" in sql):
        return prepare(client, sql)
    client.command(wire.QUERY, sql)
    return take(client)


class Outcome:
    def __init__(self, port, user, password, sql, via):
        self.results, self.refusal, self.pins, self.heard = None, None, [], b""
        with Listening("127.0.0.1", port) as client:
            client.login(user, password, "smokedb", capabilities=CAPABILITIES)
            try:
                self.results = ask(client, sql, via)
            except wire.Refused as e:
                self.refusal = f"{e.errno} {e.message}"
            if user == "smoke" and not sql.lstrip().upper().startswith("KILL"):
                self.pins = client.query("SHOW PINS")
            self.heard = client.heard

    def names(self):
        """Which of the projects stand in its cells."""
        cells = {c for _, rows in self.results or [] for r in rows if isinstance(r, tuple) for c in r if c}
        return {n for n in SEEN + HIDDEN if n.encode() in cells}


# ---- all of them

class Outcomes(list):
    pass


def recorded():
    """(sql, via) of what clients send, each once; numbers of connections that KILL names do not count."""
    if not RECORDED.exists():
        pytest.skip(f"no recorded statements: {RECORDED} is not there (STARBIND_SHARED names the folder)")
    found = {}
    for line in RECORDED.read_text().splitlines():
        record = json.loads(line)
        found.setdefault((re.sub(r"(KILL.*)\d+", r"\1", record["sql"]), record["via"]), (record["sql"], record["via"]))
    return list(found.values())


def of_tools():
    return [(line, "COM_QUERY") for line in TOOLS.read_text().splitlines() if line and not line.startswith("#")]


@pytest.fixture(scope="module", params=[of_tools, recorded])
def outcomes(request, server, tmp_path_factory):
    """(sql, a frontend's outcome, the gateway's); its attribute `secret` finds what the client may not hear."""
    statements, found = request.param(), Outcomes()
    with Emulator(str(server.dir / "socket")) as fe:
        fe.sql("CREATE USER starbind_meta IDENTIFIED BY 'x'", "CREATE USER starbind_monitor IDENTIFIED BY 'x'",
               "GRANT OPERATE ON SYSTEM TO USER starbind_monitor")
        for database in [*SEEN, *PHYSICAL]:
            furnish(fe, database)
        for group in ("rg", "rg_other"):
            fe.sql(f"CREATE RESOURCE GROUP {group} TO (user='nobody') WITH ('cpu_weight' = '1', 'mem_limit' = '10%')")
        found.secret = re.compile(SECRET % fe.port)
        g = harness.Gateway(configuration(fe), tmp_path_factory.mktemp("gateway"), {})
        try:
            assert until(lambda: Outcome(g.port, "smoke", "", "SELECT @@version", "COM_QUERY").results)
            for sql, via in statements:
                there = Outcome(fe.port, "acct_smokedb", "x", sql, via)
                if CHANGES.match(sql):
                    furnish(fe, "smokedb")
                here = Outcome(g.port, "smoke", "", sql, via)
                if CHANGES.match(sql):
                    furnish(fe, "phys_smokedb")
                found.append((sql, there, here))
        finally:
            g.stop()
    return found


def folded(sql):
    return " ".join(sql.split())


def test_what_the_policy_refuses_is_listed_with_its_rule_and_nothing_else_fails_that_a_frontend_runs(outcomes):
    refused, failed = set(), []
    for sql, there, here in outcomes:
        rule = re.search(r"this kind of statement \((\w+)\) is refused", here.refusal or "")
        if rule:
            refused.add((rule.group(1), folded(sql)))
        elif here.refusal and not there.refusal:
            failed.append(f"{sql}\n    {here.refusal}")
    assert not failed, "\n".join(failed)
    listed = {tuple(line.split("\t")) for line in REFUSED.read_text().split("\n") if line and not line.startswith("#")}
    listed = {(rule, sql) for rule, sql in listed if sql in [folded(sql) for sql, _, _ in outcomes]}
    assert refused == listed, f"not listed: {refused - listed}; listed in vain: {listed - refused}"


def test_none_of_them_keeps_a_connection(outcomes):
    assert not [sql for sql, _, here in outcomes if here.pins]


def test_no_byte_tells_a_database_an_account_an_address_or_a_project_that_is_not_the_users(outcomes):
    assert not [(sql, m.group()) for sql, _, here in outcomes if (m := outcomes.secret.search(here.heard))]


def test_what_lists_projects_lists_the_users_and_no_fewer_than_a_frontend_would(outcomes):
    odd = [(sql, there.names(), here.names()) for sql, there, here in outcomes
           if not there.refusal and not here.refusal and not there.names() <= here.names() <= set(SEEN)]
    assert not odd, odd
    everything = [here.names() for sql, _, here in outcomes
                  if re.fullmatch(r"\s*(show databases|SELECT `?SCHEMA_NAME`? FROM `?INFORMATION_SCHEMA`?\.`?SCHEMATA`?)\s*;?\s*",
                                  sql, re.IGNORECASE)]
    assert everything and all(names == set(SEEN) for names in everything)


def test_columns_are_called_as_a_frontend_calls_them(outcomes):
    odd = [(sql, a, b) for sql, there, here in outcomes for (a, _), (b, _) in zip(there.results or [], here.results or []) if a != b]
    assert not odd, odd
