"""information_schema in project names: over emulated StarRocks frontends and over a plain MariaDB."""

import json
import random
import re
import socket
import sys
import threading

import pymysql
import pytest

import harness
import world
from harness import rows, until
from test_http import listener, port_of, series
from three import is_told

sys.path.insert(0, str(harness.ROOT / "tests"))

from fe.emulator import Emulator  # noqa: E402

DATABASES = {"dw_sales": ("sales", "t", "numbers"), "dw_sales_dev": ("sales_dev", "t", "numbers"),
             "dw_dim": ("dim", "t", "numbers"), "dw_secret": ("secret", "t"), "mart": ("orders", "t")}


@pytest.fixture(scope="module")
def fe(server):
    with Emulator(str(server.dir / "socket"), ports=[harness.free_port()]) as emulator:
        emulator.sql("CREATE USER meta IDENTIFIED BY 'x'")
        for database, (_, *tables) in DATABASES.items():
            emulator.sql(f"CREATE DATABASE {database}", f"CREATE USER {database} IDENTIFIED BY 'x'",
                         *[f"CREATE TABLE {database}.{t} (id INT, side VARCHAR(20)) DISTRIBUTED BY HASH(id) BUCKETS 1"
                           for t in tables],
                         f"GRANT ALL ON ALL TABLES IN DATABASE {database} TO USER {database}",
                         f"GRANT ALL ON ALL TABLES IN DATABASE {database} TO USER meta")
        emulator.sql("CREATE VIEW dw_sales.v AS SELECT a.id FROM dw_sales.t a JOIN dw_secret.t b ON a.id = b.id",
                     "GRANT SELECT ON VIEW dw_sales.v TO USER meta", "GRANT SELECT ON VIEW dw_sales.v TO USER dw_sales")
        yield emulator


@pytest.fixture
def config(fe):
    def source(database):
        return {"cluster": "main", "database": database, "username": database, "password": "x"}

    return {
        "settings": {"workers": 1},
        "listeners": [{"protocol": "mysql", "address": f"127.0.0.1:{harness.free_port()}", "tls": "off"}],
        "clusters": {"main": {"jdbc_url": f"jdbc:mysql://127.0.0.1:{fe.ports[1]}/",
                              "metadata": {"username": "meta", "password": "x"}}},
        "compute_sources": {"sales": source("dw_sales"), "sales_dev": source("dw_sales_dev"), "dim": source("dw_dim"),
                            "secret": source("dw_secret")},
        "projects": {
            "sales": {"prod": "sales", "dev": "sales_dev", "members": {"ana": "owner", "bo": "some"}},
            "dim": {"prod": "dim", "shared": True, "members": {"ana": "viewer"}},
            "secret": {"prod": "secret", "members": {"own": "owner"}},
        },
        "data_sources": {"mart": {"code": "orders", "members": {"ana": "viewer"},
                                  "prod": {"cluster": "main", "database": "mart", "username": "mart", "password": "x"}}},
        "roles": {"some": {"prod": [{"privileges": ["read"], "tables": ["num*"]}]}},
        "users": {name: {"auth": {"mysql_native_password": harness.native_hash(world.PASSWORDS.get(name, ""))}, **more}
                  for name, more in (("ana", {}), ("own", {}), ("bo", {}), ("far", {"metadata": "all"}))},
    }


SEEN = {"sales": {"t", "numbers", "v"}, "sales_dev": {"t", "numbers"}, "dim": {"t", "numbers"}, "orders": {"t"}}


def listed(g, user, where="", table="tables", **options):
    found = {}
    for schema, name in g.query(f"SELECT table_schema, table_name FROM information_schema.{table} {where}", user,
                                **options):
        found.setdefault(schema, set()).add(name)
    return found


def test_rows_are_of_the_users_databases_in_project_names(gateway, fe):
    g = gateway()
    found = listed(g, "ana")
    assert "be_configs" not in found["information_schema"] and "tables" in found.pop("information_schema")
    assert found == SEEN
    assert {s for (s,) in g.query("SELECT schema_name FROM information_schema.schemata")} == {
        *SEEN, "information_schema"}
    assert {s for (s,) in g.query("SHOW DATABASES")} == {*SEEN, "information_schema"}
    assert set(listed(g, "ana", table="columns")) == {*SEEN, "information_schema"}


def test_what_is_listed_can_be_read_and_nothing_else(gateway, fe):
    g = gateway()
    for user in ("ana", "bo"):
        found = listed(g, user)
        for schema, names in found.items():
            for name in names:
                g.query(f"SELECT * FROM `{schema}`.`{name}` LIMIT 0", user)
        for schema, (project, *tables) in DATABASES.items():
            for name in tables:
                if name not in found.get(project, ()):
                    assert harness.refusal(g.query, f"SELECT * FROM `{project}`.`{name}` LIMIT 0", user)


def open_source(config):
    """A data source over the whole cluster, as the account that sees sales and dim."""
    config["data_sources"]["lake"] = {"code": "lake", "members": {"ana": "viewer"}, "prod": {
        "cluster": "main", "databases": "*", "username": "lake_reader", "password": "x"}}
    return config


def test_schemas_of_a_source_that_names_none_are_listed_and_can_be_read(gateway, config, fe):
    fe.sql("CREATE USER IF NOT EXISTS lake_reader IDENTIFIED BY 'x'", "GRANT ALL ON ALL TABLES IN DATABASE dw_sales TO USER lake_reader",
           "GRANT ALL ON ALL TABLES IN DATABASE dw_dim TO USER lake_reader")
    g = gateway(open_source(config))
    assert until(lambda: ("lake.dw_sales",) in g.query("SHOW DATABASES"))
    assert {n for (n,) in g.query("SHOW DATABASES")} == {*SEEN, "lake.dw_sales", "lake.dw_dim", "information_schema"}
    assert g.query("SHOW DATABASES LIKE 'lake%dim'") == (("lake.dw_dim",),)
    assert g.query("SHOW DATABASES WHERE `Database` = 'lake.dw_dim'") == (("lake.dw_dim",),)
    assert ("t",) in g.query("SHOW TABLES FROM lake.dw_sales")
    assert g.query("SELECT * FROM lake.dw_sales.t LIMIT 0") == ()
    assert g.query("SELECT DATABASE()", database="lake.dw_sales") == (("lake.dw_sales",),)
    assert not [n for (n,) in g.query("SHOW DATABASES", "bo") if n.startswith("lake")]


def every_table(g, user):
    """(schema, table) by information_schema.tables, by .columns, and by SHOW DATABASES with SHOW TABLES."""
    tables = set(g.query("SELECT table_schema, table_name FROM information_schema.tables", user))
    columns = set(g.query("SELECT DISTINCT table_schema, table_name FROM information_schema.columns", user))
    shown = {(d, t) for (d,) in g.query("SHOW DATABASES", user) for (t,) in g.query(f"SHOW TABLES FROM `{d}`", user)}
    return tables, columns, shown


@pytest.mark.parametrize("user", ["ana", "bo", "own"])
def test_all_ways_of_listing_tell_the_same_tables_and_each_can_be_read(gateway, fe, user):
    g = gateway()
    tables, columns, shown = every_table(g, user)
    assert tables == columns == shown
    with g.connect(user) as connection:
        for schema, table in sorted(tables):
            rows(connection, f"SELECT * FROM `{schema}`.`{table}` LIMIT 0")
            rows(connection, f"DESC `{schema}`.`{table}`")
        names = {project for project, *_ in DATABASES.values()} | {"sales_dev", "secret_dev", "secret"} | set(DATABASES)
        for schema in names:
            for table in ("t", "numbers", "v", "nosuch"):
                if (schema, table) not in tables:
                    harness.refusal(rows, connection, f"SELECT * FROM `{schema}`.`{table}` LIMIT 0")


def test_roles_on_some_tables_limit_the_rows(gateway, fe):
    g = gateway()
    for rest in ("", " AND table_name LIKE '%'", " AND table_name IN ('t', 'numbers')", " AND UPPER(table_name) LIKE '%'"):
        assert listed(g, "bo", f"WHERE table_schema = 'sales'{rest}") == {"sales": {"numbers"}}
    assert listed(g, "bo", "WHERE table_schema <> 'information_schema'") == {"sales": {"numbers"}}
    assert listed(g, "bo", "WHERE table_schema = 'sales'", "columns") == {"sales": {"numbers"}}
    assert {n for (n,) in g.query("SELECT schema_name FROM information_schema.schemata", "bo")} == {
        "sales", "information_schema"}


@pytest.mark.parametrize("condition, expected", [
    ("table_schema = 'sales'", {"sales"}),
    ("'sales' = table_schema", {"sales"}),
    ("tables.table_schema IN ('sales', 'dim', 'secret', 'dw_secret')", {"sales", "dim"}),
    ("table_schema LIKE 'sales%'", {"sales", "sales_dev"}),
    ("table_schema = DATABASE()", {"sales_dev"}),
    ("table_schema = 'dw_sales'", set()),
    ("table_schema = 'secret'", set()),
    ("table_schema = 'dim' OR table_schema = 'sales'", {"sales", "dim"}),
    ("NOT table_schema = 'sales' AND table_schema <> 'information_schema'", {"sales_dev", "dim", "orders"}),
    ("table_name = 't' AND CASE WHEN 1 = 1 AND table_schema = 'sales' THEN 0 ELSE 1 END = 1", {"sales_dev", "dim", "orders"}),
    ("UPPER(table_schema) = 'SALES'", {"sales"}),
    ("(table_schema) = 'sales'", {"sales"}),
    ("table_name = 'numbers' AND table_schema = 'sales' AND 1 = 1", {"sales"}),
    ("1 BETWEEN 0 AND table_schema = 'sales'", {*SEEN, "information_schema"}),  # (1 BETWEEN …) = 'sales'
])
def test_conditions_of_all_shapes_mean_project_names(gateway, fe, condition, expected):
    assert set(listed(gateway(), "ana", "WHERE " + condition, database="sales_dev")) == expected


def test_a_schema_that_is_compared_with_is_the_only_one_asked_for(gateway, fe):
    g = gateway()
    fe.clear()
    listed(g, "ana", "WHERE table_schema = 'sales'")
    (text,) = [t for t in fe.texts(user="meta") if "FROM information_schema.`tables`" in t]
    assert "table_schema = 'dw_sales'" in text and "UNION" not in text and "dw_dim" not in text
    fe.clear()
    listed(g, "ana", "WHERE table_schema = 'sales' OR table_name = 'none'")
    listed(g, "ana", "WHERE UPPER(table_name) <> 'x' AND table_schema = 'sales'")
    every, one = [t for t in fe.texts(user="meta") if "FROM information_schema.`tables`" in t]
    assert "dw_dim" in every and "`TABLE_SCHEMA` = 'dw_sales'" in one and "UNION" not in one and "dw_dim" not in one


def look_up(chance, schema):
    """A look-up, in which each part may stand or not; some have one part that is for a derived table only."""
    columns = ["table_schema", "TABLE_NAME", "`table_type`", "t.table_schema AS a", "t.`table_name` AS b"]
    conditions = ["table_name LIKE '%'", "t.table_name IN ('t', 'v', 'numbers', 'x')", "table_type <> 'VIEW'", "table_name >= 'n'",
                  "table_catalog IS NOT NULL", "table_name NOT LIKE 'n%'", "1 = 1", "table_name != 'v'", "table_type NOT IN ('SYSTEM VIEW')"]
    orders = ["", " ORDER BY table_name, 1", " ORDER BY TABLE_SCHEMA DESC, t.table_name DESC LIMIT 1", " ORDER BY t.table_name LIMIT 1, 50"]
    derived = ["table_name > table_schema", "table_name > \"TABLE_SCHEMA\"", "(table_name = 't' OR 1 = 1)",
               " ORDER BY (t.table_schema >= 'dw') = (table_name = 't'), table_name LIMIT 1"]
    part = chance.choice(derived) if chance.random() < 0.3 else None
    items = chance.sample(columns, chance.randint(1, 3)) if chance.random() < 0.8 else ["COUNT(*)"]
    where = [chance.choice(("table_schema = ", "t.`TABLE_SCHEMA`=")) + schema, *chance.sample(conditions, chance.randint(0, 3)),
             *([part] if part in derived[:3] else [])]
    chance.shuffle(where)
    order = "" if "COUNT" in items[0] else part if part in derived[3:] else chance.choice(orders)
    return f"{', '.join(items)} FROM information_schema.tables {chance.choice(('t', 'AS t'))} WHERE {' AND '.join(where)}{order}"


@pytest.mark.parametrize("user, database, is_mariadb", [("ana", "sales", False), ("bo", "sales", False), ("ana", "dim", False),
                                                        ("own", "secret", False), ("ana", "sales", True), ("bo", "sales", True)])
def test_a_look_up_tells_what_a_derived_table_would(gateway, fe, backend, user, database, is_mariadb):
    def sent():
        fe.clear()
        plain, derived = (rows(connection, f"SELECT {comment}{rest}") for comment in ("", "/* */ "))
        assert (plain == derived) if "ORDER" in rest else (sorted(plain) == sorted(derived)), rest
        return [t for t in fe.texts(user="meta") if "information_schema.`tables`" in t]

    chance, looked_up = random.Random(database + user), 0
    config = world.readable(world.config(backend.port)) if is_mariadb else None
    with gateway(*([config] if is_mariadb else [])).connect(user, database) as connection:
        for schema in (f"'{database}'", "DATABASE()", "'information_schema'") * 25:
            rest = look_up(chance, schema)
            for text in sent()[:1]:
                looked_up += "(SELECT" not in text
    assert is_mariadb or looked_up > 40, "the shape of most statements is one of look-ups"


def test_joins_groups_and_subqueries_around_it(gateway, fe):
    g = gateway()
    assert g.query("SELECT t.table_schema, count(*) FROM information_schema.tables t JOIN information_schema.columns c"
                   " ON c.table_schema = t.table_schema AND c.table_name = t.table_name"
                   " WHERE t.table_schema IN ('sales', 'dim') AND t.table_name = 't' GROUP BY t.table_schema ORDER BY 1"
                   ) == (("dim", 2), ("sales", 2))
    assert g.query("SELECT (SELECT COUNT(*) FROM information_schema.schemata) AS n, id FROM t WHERE EXISTS"
                   " (SELECT 1 FROM information_schema.tables WHERE table_schema = 'sales')", database="sales") == ()
    with g.connect("ana", "sales") as connection, connection.cursor() as cursor:
        cursor.execute("SELECT max(information_schema.tables.table_name) FROM information_schema.tables"
                       " WHERE information_schema.tables.table_schema = 'sales'")
        assert cursor.description[0][0] == "max(information_schema.tables.table_name)"
        assert cursor.fetchall() == (("v",),)


def test_definitions_of_views_speak_of_projects_and_hide_the_rest(gateway, fe):
    ((text,),) = gateway().query("SELECT view_definition FROM information_schema.views WHERE table_schema = 'sales'")
    assert "`sales`.`t`" in text and "`?`.`t`" in text
    assert not any(database in text for database in DATABASES if database != "mart")


def test_it_runs_with_the_account_for_metadata_unless_tables_stand_beside(gateway, fe):
    g = gateway()
    fe.clear()
    with g.connect("ana", "sales") as connection:
        rows(connection, "SELECT table_name FROM information_schema.tables")
        rows(connection, "SELECT 1 FROM t, information_schema.schemata")
    assert [t for t in fe.texts(user="meta") if "`tables`" in t]
    assert [t for t in fe.texts(user="dw_sales") if "`schemata`" in t]


def test_without_one_it_runs_with_the_account_of_what_it_is_about(gateway, config, fe, tmp_path):
    """And explain tells the session's (DESIGN.md, section 3)."""
    del config["clusters"]["main"]["metadata"]
    g = gateway(config)
    for database in (None, "sales", "dim"):
        with g.connect("ana", database) as connection:
            for schema, tables in SEEN.items():
                fe.clear()
                found = rows(connection, f"SELECT table_name FROM information_schema.tables WHERE table_schema = '{schema}'")
                assert {name for (name,) in found} == tables, (database, schema)
                account = {"sales": "dw_sales", "sales_dev": "dw_sales_dev", "dim": "dw_dim", "orders": "mart"}[schema]
                assert [t for t in fe.texts(user=account) if "`tables`" in t]
    with g.connect("ana", "dim") as connection:  # of several: what the session's sees
        found = rows(connection, "SELECT DISTINCT table_schema FROM information_schema.tables")
        assert {name for (name,) in found} == {"dim", "information_schema"}
    file = tmp_path / "starbind.json"
    file.write_text(json.dumps(config))
    look_up = "SELECT 1 FROM information_schema.tables WHERE table_schema = '%s'"
    for sql in (look_up % "sales", f"{look_up % 'sales'}; {look_up % 'sales_dev'}", f"SELECT 1 FROM t; {look_up % 'sales'}; SHOW TABLES"):
        asked = {"user": "ana", "database": "dim", "sql": sql}
        done = harness.starbind("explain", "-c", file, input=json.dumps(asked))
        assert json.loads(done.stdout)["account"] == "dw_dim"
    assert "clusters.main: warning: without \"metadata\"" in harness.starbind("check", file).stderr


def test_selected_it_is_a_schema_like_others(gateway, fe):
    g = gateway()
    with g.connect("ana", "information_schema") as connection:
        assert rows(connection, "SELECT DATABASE()") == (("information_schema",),)
        assert ("sales",) in rows(connection, "SELECT schema_name FROM schemata")
        assert ("tables",) in rows(connection, "SHOW TABLES")
        assert rows(connection, "SELECT COUNT(*) FROM tables WHERE table_schema = 'sales'") == ((3,),)
    assert g.query("DESC information_schema.schemata")[1][0] == "SCHEMA_NAME"


def test_a_metadata_user_sees_all_of_it_as_it_is(gateway, fe):
    g = gateway()
    assert {"dw_sales", "dw_secret", "mart"} <= set(listed(g, "far"))
    assert harness.refusal(g.query, "SELECT * FROM sys.role_edges", "far")


def test_columns_have_the_order_and_names_of_the_cluster(gateway, fe):
    with gateway().connect("ana") as connection, connection.cursor() as cursor:
        cursor.execute("SELECT * FROM information_schema.columns WHERE table_schema = 'sales'")
        names = [d[0] for d in cursor.description]
        assert names[:4] == ["TABLE_CATALOG", "TABLE_SCHEMA", "TABLE_NAME", "COLUMN_NAME"] and names[-1] == "SRS_ID"


class Gate:
    """A port that takes connections from the start and passes them on once it is open."""

    def __init__(self, port):
        self.to, self.is_open = port, threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.pass_on, args=(client,), daemon=True).start()

    def pass_on(self, client):
        self.is_open.wait(20)
        server = socket.create_connection(("127.0.0.1", self.to))
        threading.Thread(target=self.copy, args=(server, client), daemon=True).start()
        self.copy(client, server)

    @staticmethod
    def copy(source, to):
        try:
            while data := source.recv(65536):
                to.sendall(data)
            to.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def test_a_statement_from_before_the_first_look_has_the_columns_that_the_look_finds(gateway, backend):
    gate = Gate(backend.port)
    try:
        g = gateway(world.config(gate.port))
        with g.connect("ana", "sales") as connection, connection.cursor() as cursor:
            threading.Timer(0.3, gate.is_open.set).start()
            cursor.execute("SELECT * FROM information_schema.tables WHERE table_schema = 'sales'")
            assert "TEMPORARY" in [d[0] for d in cursor.description]  # MariaDB's
    finally:
        gate.listener.close()


def test_what_is_executed_by_name_before_the_first_look_is_of_the_project_of_its_prepare(gateway, backend):
    gate = Gate(backend.port)
    try:
        g = gateway(world.config(gate.port))
        with g.connect("ana", "sales") as connection, connection.cursor() as cursor:
            cursor.execute("PREPARE mine FROM 'SELECT DATABASE(), COUNT(*) FROM information_schema.tables'")
            cursor.execute("USE crm")
            threading.Timer(0.3, gate.is_open.set).start()
            cursor.execute("EXECUTE mine")
            assert cursor.fetchone()[0] == "sales"
    finally:
        gate.listener.close()


def test_what_is_kept_of_it_holds_until_the_cluster_tells_something_else(gateway, config, fe):
    """Asked again after it was down, a cluster may be of another release."""
    sql = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'sales' AND table_name = 't'"
    config["settings"]["probe_interval_ms"] = 100
    config["listeners"].append(listener())
    g = gateway(config)

    def reused():
        before = series(port_of(config))["starbind_plans_reused_total"]
        found = client.values(sql)
        return found == [(b"t",)] and series(port_of(config))["starbind_plans_reused_total"] - before == 1

    try:
        with g.login("ana", "sales") as client:
            assert until(reused)
            fe.sql("SET GLOBAL net_write_timeout = 61")
            assert reused(), "nobody has asked the cluster yet"
            fe.down(1)
            assert until(lambda: is_told(g, fe, 1, "down"))
            fe.up(1)
            assert until(lambda: is_told(g, fe, 1, "up"))
        with g.login("ana", "sales") as client:
            assert until(lambda: client.values("SELECT @@net_write_timeout") == [(b"61",)])
            assert [reused() for _ in range(3)] == [False, True, True], "it was planned anew, and kept"
    finally:
        fe.sql("SET GLOBAL net_write_timeout = 60")


def test_over_mariadb_it_has_the_columns_of_mariadb(gateway, backend):
    config = world.config(backend.port)
    for cluster in config["clusters"].values():
        cluster["metadata"] = {"username": "mart_rw", "password": "env:MART_RW"}
    g = gateway(config)
    own = [n for (n,) in backend.sql("SELECT column_name FROM information_schema.columns WHERE table_schema ="
                                     " 'information_schema' AND table_name = 'TABLES' ORDER BY ordinal_position")]

    def names():
        with g.connect("ana") as connection, connection.cursor() as cursor:
            cursor.execute("SELECT * FROM information_schema.tables WHERE table_schema = 'sales'")
            return [d[0] for d in cursor.description]

    assert until(lambda: names() == own), "known since the first look at the server"
    found = listed(g, "bo", "WHERE table_name IN ('t', 'numbers')")
    assert found == {name: {"t", "numbers"} for name in ("sales", "sales_dev", "dim")}


def tables_of_rows():
    """Of information.def: those with rows of databases, and the column that says whose a row is."""
    text = (harness.ROOT / "proxy/plan/information.def").read_text()
    for table, columns in re.findall(r'INFORMATION\((\w+), ROWS,\s*((?:"[^"]*"\s*)+)', text):
        yield table, re.search(r"@(\w+)", columns)[1]


def shapes(connection, sql):
    """(column, type, length) of a reply."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [(f.name, f.type_code, f.length) for f in cursor._result.fields]


def kinds(connection, sql):
    """Which type of text it is depends on the lengths that a server expects of an expression's values."""
    alike = {**dict.fromkeys((15, 253, 254), "short"), **dict.fromkeys((249, 250, 251, 252), "long")}
    return [(name, alike.get(kind, kind)) for name, kind, _ in shapes(connection, sql)]


def is_mariadb(connection):
    return "MariaDB" in connection.get_server_info()


@pytest.fixture(params=["mariadb", "frontend"])
def two_ways(request, gateway, backend, fe):
    """A connection to the server itself, and one by the gateway, which knows the columns by now."""
    configured, port = (world.config(backend.port), backend.port) if request.param == "mariadb" else (None, fe.ports[1])
    account, password = ("mart_rw", world.account_password("mart_rw")) if configured else ("meta", "x")
    everything = "SELECT * FROM information_schema.tables LIMIT 0"
    g = gateway(configured)
    with pymysql.connect(host="127.0.0.1", port=port, user=account, password=password) as direct, g.connect("ana") as connection:
        assert until(lambda: len(shapes(connection, everything)) == len(shapes(direct, everything)))
        yield direct, connection


def test_every_column_of_every_table_keeps_its_place_and_type(two_ways):
    """With rows of one database, of none, of the schema itself, and of several, which the emulator makes of several queries."""
    direct, connection = two_ways
    several = ["x.`{owner}`"] if is_mariadb(direct) else []
    there = {t.lower() for (t,) in rows(direct, "SELECT table_name FROM information_schema.tables"
                                                " WHERE table_schema = 'information_schema'")}
    found = [(f"information_schema.{table}", owner) for table, owner in tables_of_rows() if table in there]
    assert len(found) > 8
    for table, owner in found:
        for schema in ("'sales'", "'nosuch'", "'information_schema'", *several):
            sql = f"SELECT * FROM {table} x WHERE x.`{owner}` = {schema.format(owner=owner)} LIMIT 0"
            assert kinds(connection, sql) == kinds(direct, sql), sql


def test_of_no_schema_columns_have_type_and_length_as_they_have_them_directly(two_ways):
    """Lengths are those of MariaDB: what the emulator has no rows of are strings without any."""
    compared = shapes if is_mariadb(two_ways[0]) else kinds
    for item, table, schema in (
            ("table_schema", "tables", "table_schema"), ("schema_name", "schemata", "schema_name"),
            ("constraint_schema, referenced_table_schema", "key_column_usage", "table_schema"),
            ("view_definition, definer", "views", "table_schema")):
        sql = f"SELECT {item} FROM information_schema.{table} WHERE {schema} = 'nosuch'"
        direct, mapped = (compared(connection, sql) for connection in two_ways)
        assert [s[1:] for s in direct] == [s[1:] for s in mapped], sql


@pytest.mark.parametrize("sql", [
    "SELECT table_name, view_definition FROM information_schema.views WHERE table_schema = 'sales'",
    "SELECT /* who */ Table_Name, `table_schema`, TABLE_TYPE FROM information_schema.tables WHERE TABLE_SCHEMA = 'sales' AND table_type <> ''",
    "SELECT t.table_name, c.column_name, c.DATA_TYPE FROM information_schema.tables t JOIN information_schema.columns c"
    " ON t.table_schema = c.table_schema AND t.TABLE_NAME = c.TABLE_NAME WHERE c.table_schema = 'sales'",
    "SELECT table_schema, COUNT(*) FROM information_schema.tables WHERE table_schema = 'sales' GROUP BY TABLE_SCHEMA",
    "SELECT table_name FROM information_schema.tables WHERE table_schema = 'sales' UNION SELECT table_schema FROM information_schema.views",
    "SELECT definer d, definer FROM information_schema.views WHERE table_schema = 'sales'",
    "SELECT schema_name, (SELECT max(table_name) FROM information_schema.tables) FROM information_schema.schemata WHERE schema_name LIKE 's%'",
    "SELECT * FROM information_schema.views WHERE table_schema = 'sales' AND table_name = 't'",
])
def test_labels_are_spelled_as_the_statement_spells_them(two_ways, sql):
    direct, mapped = (shapes(connection, sql) for connection in two_ways)
    assert [name for name, *_ in mapped] == [name for name, *_ in direct]
