"""Which database a name is, over the wire: projects, environments, permissions.

The general log of the server proves what was touched."""

import json
import re

import pytest

import harness
from harness import refusal, rows, run

SAME_FILE = """
INSERT INTO both_sides VALUES (1, 'here');
UPDATE ${sales}.both_sides SET v = 'changed' WHERE id = 1;
SELECT id, v FROM both_sides;
SELECT DISTINCT side FROM ${sales}.t;
SELECT a.side, b.side FROM t a JOIN ${crm}.t b USING (id) WHERE id = 1;
SELECT DISTINCT d.side FROM dim.t AS d;
DELETE FROM ${sales}.both_sides WHERE id = 1;
"""


def touched(statements):
    """The databases that the statements name."""
    return set(re.findall(r"\b(dw_\w+|mart\w*)\b", " ".join(statements)))


def test_prod_and_dev_run_the_same_file_and_touch_only_their_own(gateway, backend, recorder):
    g = gateway()
    for database in ("dw_sales", "dw_sales_dev"):
        backend.sql(f"CREATE OR REPLACE TABLE {database}.both_sides (id INT PRIMARY KEY, v VARCHAR(20))")
    want = {
        "prod": ({"dw_sales", "dw_crm", "dw_dim"}, "dw_sales", "dw_crm"),
        "dev": ({"dw_sales_dev", "dw_crm_dev", "dw_dim"}, "dw_sales_dev", "dw_crm_dev"),
    }
    for environment, (databases, sales, crm) in want.items():
        recorder.clear()
        done = g.cli(SAME_FILE, "-N", "-B", user="own", database="sales", environment=environment)
        assert done.stderr == "" and done.returncode == 0
        assert done.stdout.split("\n") == ["1\tchanged", sales, f"{sales}\t{crm}", "dw_dim", ""]
        assert touched(recorder.queries()) == databases
        assert not any("${" in q for q in recorder.queries())


@pytest.mark.parametrize("environment, reference, side", [
    ("prod", "t", "dw_sales"), ("dev", "t", "dw_sales_dev"),
    ("prod", "sales.t", "dw_sales"), ("dev", "sales.t", "dw_sales"),
    ("prod", "sales_dev.t", "dw_sales_dev"), ("dev", "sales_dev.t", "dw_sales_dev"),
    ("prod", "${sales}.t", "dw_sales"), ("dev", "${sales}.t", "dw_sales_dev"),
    ("prod", "SALES.t", "dw_sales"), ("prod", "`sales`.`t`", "dw_sales"),
    ("dev", "${crm}.t", "dw_crm_dev"),
    ("dev", "${dim}.t", "dw_dim"), ("dev", "dim.t", "dw_dim"),
    ("prod", "orders.mart.t", "mart"), ("prod", "orders.mart_two.t", "mart_two"),
    ("dev", "${orders}.t", "mart_dev"), ("dev", "orders_dev.t", "mart_dev"),
])
def test_what_a_reference_means(gateway, environment, reference, side):
    got = gateway().query(f"SELECT DISTINCT side FROM {reference}", database="sales", environment=environment)
    assert got == ((side,),)


@pytest.mark.parametrize("sql", [
    "SELECT * FROM dw_sales.t", "SELECT * FROM dw_crm.t", "SELECT * FROM `dw_sales`.`t`", "SELECT * FROM secret.t",
    "SELECT * FROM nothing.t", "SELECT * FROM other_catalog.sales.t", "SELECT * FROM orders.mart_dev.t",
    "SELECT * FROM sales.t JOIN nothing.t USING (id)", "SELECT (SELECT COUNT(*) FROM dw_crm.t) FROM t",
    "WITH a AS (SELECT * FROM dw_dim.t) SELECT * FROM a", "INSERT INTO dw_sales.t VALUES (9, '')",
    "SELECT * FROM mysql.global_priv", "SELECT * FROM mysql.user",
])
def test_what_is_no_project_of_yours_is_unknown_and_stays_here(gateway, recorder, sql):
    g = gateway()
    recorder.clear()
    errno, message = refusal(g.query, sql, database="sales")
    assert errno == 5501, message
    assert not recorder.queries()


def test_the_rest_of_the_text_arrives_byte_for_byte(gateway, recorder):
    g = gateway()
    recorder.clear()
    g.query("SELECT /* ${sales} 注 */  T.id ,'${sales}.t, sales.t'\n\tFROM  sales.t\tT  -- sales.t\n WHERE id=1", database="sales")
    sent = [q for q in recorder.queries("sales_rw") if "注" in q]
    assert sent == ["SELECT /* ${sales} 注 */  T.id ,'${sales}.t, sales.t'\n\tFROM  `dw_sales`.`t`\tT  -- sales.t\n WHERE id=1"] or \
        [s.replace("`", "") for s in sent] == [
            "SELECT /* ${sales} 注 */  T.id ,'${sales}.t, sales.t'\n\tFROM  dw_sales.t\tT  -- sales.t\n WHERE id=1"]


@pytest.mark.parametrize("user, sql, denied", [
    ("bo", "SELECT COUNT(*) FROM sales.t", False),
    ("bo", "SELECT COUNT(*) FROM sales_dev.t", False),
    ("bo", "INSERT INTO sales.w VALUES (1)", True),
    ("bo", "DELETE FROM sales_dev.w", True),
    ("bo", "SELECT * FROM crm.t", 5501),
    ("ana", "INSERT INTO sales.w VALUES (1)", True),
    ("ana", "UPDATE sales.w SET n = 2", True),
    ("ana", "TRUNCATE TABLE sales.w", True),
    ("ana", "DROP TABLE sales.w", True),
    ("ana", "CREATE TABLE sales.x (n INT)", True),
    ("ana", "ALTER TABLE sales.w ADD COLUMN x INT", True),
    ("ana", "INSERT INTO crm_dev.w VALUES (1)", True),
    ("ana", "INSERT INTO sales.w SELECT n FROM crm.numbers", True),
    ("etl", "INSERT INTO sales.w SELECT n FROM crm.numbers WHERE n < 3", False),
    ("etl", "DELETE FROM sales.w WHERE n > 0", False),
    ("etl", "DROP TABLE sales.w", True),
    ("etl", "CREATE TABLE sales.x (n INT)", True),
    ("own", "CREATE TABLE sales.made_here (n INT)", False),
    ("own", "DROP TABLE sales.made_here", False),
])
def test_roles_decide_over_the_wire(gateway, backend, recorder, user, sql, denied):
    for database in ("dw_sales", "dw_sales_dev", "dw_crm", "dw_crm_dev"):
        backend.sql(f"CREATE TABLE IF NOT EXISTS {database}.w (n INT)")
    if "made_here" in sql:
        backend.sql("DROP TABLE IF EXISTS dw_sales.made_here")
    if sql.startswith("DROP") and not denied:
        backend.sql("CREATE TABLE dw_sales.made_here (n INT)")
    g = gateway()
    recorder.clear()
    if not denied:
        g.query(sql, user)
        return
    errno, message = refusal(g.query, sql, user)
    assert errno == (5203 if denied is True else denied), message
    assert denied is not True or message.startswith("starbind:")
    assert not recorder.queries()


def test_a_developer_writes_to_dev_and_owns_its_tables(gateway, backend):
    backend.sql("DROP TABLE IF EXISTS dw_sales_dev.mine")
    with gateway().connect("ana", "sales", "dev") as connection:
        rows(connection, "CREATE TABLE mine (n INT)")
        rows(connection, "INSERT INTO ${sales}.mine VALUES (1), (2)")
        rows(connection, "ALTER TABLE sales_dev.mine ADD COLUMN x INT")
        rows(connection, "TRUNCATE TABLE mine")
        assert rows(connection, "SELECT COUNT(*) FROM mine") == ((0,),)
        rows(connection, "DROP TABLE mine")


def test_crossing_environments_reads_by_default_and_never_writes(gateway, backend, recorder):
    backend.sql("CREATE TABLE IF NOT EXISTS dw_sales.w (n INT)", "CREATE TABLE IF NOT EXISTS dw_sales_dev.w (n INT)")
    g = gateway()
    with g.connect("own", "sales", "dev") as dev:
        assert rows(dev, "SELECT DISTINCT side FROM sales.t") == (("dw_sales",),)
        recorder.clear()
        errno, message = refusal(rows, dev, "INSERT INTO sales.w VALUES (1)")
        assert errno == 5203 and "${sales}" in message
        assert not recorder.queries()
        rows(dev, "INSERT INTO ${sales}.w VALUES (1)")
    with g.connect("own", "sales") as prod:
        assert refusal(rows, prod, "DELETE FROM sales_dev.w")[0] == 5203


@pytest.mark.parametrize("setting, read, write", [("none", 5203, 5203), ("read", 0, 5203), ("write", 0, 0)])
def test_cross_environment_is_settable_per_project(gateway, backend, config, setting, read, write):
    backend.sql("CREATE TABLE IF NOT EXISTS dw_sales.w (n INT)")
    config["projects"]["sales"]["cross_environment"] = setting
    with gateway(config).connect("own", "sales", "dev") as dev:
        for sql, want in (("SELECT * FROM sales.t", read), ("INSERT INTO sales.w VALUES (1)", write)):
            if want:
                assert refusal(rows, dev, sql)[0] == want
            else:
                rows(dev, sql)


def test_a_denial_says_who_may_not_do_what_where(gateway):
    _, message = refusal(gateway().query, "INSERT INTO sales.t VALUES (9, '')", "bo")
    for word in ("starbind:", "bo", "write", "sales", "prod"):
        assert word in message, message


def test_a_role_of_its_own_and_tables_by_pattern(gateway, config):
    config["roles"] = {"some": {"prod": [{"privileges": ["read"], "tables": ["t", "num*"]}]}}
    config["projects"]["crm"]["members"]["bo"] = "some"
    g = gateway(config)
    assert g.query("SELECT COUNT(*) FROM crm.t", "bo") == ((3,),)
    assert g.query("SELECT COUNT(*) FROM crm.numbers", "bo") == ((100,),)
    assert refusal(g.query, "SELECT * FROM crm.w", "bo")[0] == 5203


def test_the_account_is_the_write_targets(gateway, backend, recorder):
    backend.sql("CREATE TABLE IF NOT EXISTS dw_sales.w (n INT)")
    g = gateway()
    recorder.clear()
    g.query("INSERT INTO sales.w SELECT n FROM crm.numbers WHERE n = 1", "etl", "crm")
    assert recorder.account_of("INSERT INTO") == {"sales_rw"}
    recorder.clear()
    g.query("SELECT COUNT(*) FROM dim.numbers", "etl", "crm")
    assert recorder.account_of("numbers") == {"dim_rw"}
    recorder.clear()
    g.query("SELECT COUNT(*) FROM dim.numbers a JOIN sales.numbers b USING (n)", "etl", "crm")
    assert recorder.account_of("numbers") == {"crm_rw"}


@pytest.mark.parametrize("sql", [
    "SELECT /*! 1 */ id FROM t", "SELECT id # x\n FROM t", "SELECT 1--1 FROM t", "SELECT /*M! 1 */ id FROM t",
    "SELECT `i``d` FROM t", "SELECT 0x41 FROM t",
])
def test_texts_that_the_backend_would_lex_otherwise_are_refused(gateway, recorder, sql):
    g = gateway()
    recorder.clear()
    errno, _ = refusal(g.query, sql, database="sales")
    assert errno in (1235, 1064)
    assert not recorder.queries()


def test_explain_says_what_would_happen_without_a_backend(config, tmp_path):
    config["clusters"]["main"]["jdbc_url"] = "jdbc:mysql://127.0.0.1:1/"
    path = tmp_path / "starbind.json"
    path.write_text(json.dumps(config))
    lines = [
        {"id": 1, "user": "ana", "database": "sales", "sql": "SELECT * FROM sales.t"},
        {"id": "two", "user": "bo", "database": "sales", "sql": "DELETE FROM t"},
        {"id": 3, "user": "bo", "sql": "SELECT * FROM secret.t"},
    ]
    done = run(harness.STARBIND, "explain", "-c", path, input="\n".join(map(json.dumps, lines)) + "\n")
    assert done.returncode == 0, done.stderr
    one, two, three = map(json.loads, done.stdout.splitlines())
    assert (one["id"], one["decision"], one["cluster"], one["account"]) == (1, "allow", "main", "sales_rw")
    assert one["sql"] == "SELECT * FROM `dw_sales`.`t`"
    reference = one["references"][0]
    assert (reference["start"], reference["end"], reference["database"]) == (14, 21, "dw_sales")
    assert (two["id"], two["decision"], two["errno"], two["sqlstate"]) == ("two", "deny", 5203, "42000")
    assert three["errno"] == 5501
