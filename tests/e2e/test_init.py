"""`starbind init`: from a furnished cluster to a gateway that serves it."""

import json
import os
import stat
import sys

import pytest

import harness
from harness import starbind

sys.path.insert(0, str(harness.ROOT / "tests"))

from fe import sample  # noqa: E402
from fe.emulator import Emulator  # noqa: E402

OURS = ("sales", "sales_dev", "dim", "odd-db")


@pytest.fixture(scope="module")
def fe(server):
    for name in OURS:
        server.sql(f"DROP DATABASE IF EXISTS `{name}`")
    with Emulator(str(server.dir / "socket")) as emulator:
        sample.furnish(emulator)
        emulator.sql("ALTER USER root IDENTIFIED BY 'root''s'", "CREATE USER writer IDENTIFIED BY 'w'",
                     "GRANT INSERT, UPDATE, DELETE, SELECT ON ALL TABLES IN DATABASE sales TO USER writer",
                     "CREATE RESOURCE GROUP a_writers TO (user='writer') WITH ('cpu_weight'='1', 'mem_limit'='10%')",
                     "CREATE USER tester IDENTIFIED BY 't'", "GRANT ALL ON ALL TABLES IN DATABASE sales_dev TO USER tester",
                     "GRANT SELECT ON ALL TABLES IN DATABASE sales TO USER tester")
        yield emulator
    for name in OURS:
        server.sql(f"DROP DATABASE IF EXISTS `{name}`")


@pytest.fixture
def init(fe, tmp_path, monkeypatch):
    monkeypatch.setenv("ROOT_PASSWORD", "root's")

    def run(*arguments, url=f"jdbc:mysql://127.0.0.1:{fe.ports[1]}", **options):
        if "--password" not in arguments:
            arguments += ("--password", "env:ROOT_PASSWORD")
        return starbind("init", "--from", url, "-o", tmp_path, *arguments, **options)

    return run


@pytest.fixture
def made(init, tmp_path):
    done = init()
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads((tmp_path / "starbind.json").read_text()), done.stdout


def test_databases_become_projects_with_their_dev_sides_accounts_and_groups(made):
    config, said = made
    assert set(config["projects"]) == {"sales", "dim", "odd_db"}
    assert config["projects"]["sales"]["dev"] == "sales_dev" and "dev" not in config["projects"]["dim"]
    sources = config["compute_sources"]
    assert sources["sales_dev"]["database"] == "sales_dev" and sources["odd_db"]["database"] == "odd-db"
    assert sources["sales"]["resource_groups"] == {"default": "rg_sales"}  # by its classifier of the database
    assert sources["sales_dev"]["resource_groups"] == {"default": "rg_sales_dev"}  # by that of its user
    assert "database 'odd-db' is project 'odd_db'" in said and "resource group 'rg_dim' is no project's" in said
    assert "resource group 'a_writers' is no project's" in said  # the database's own classifier goes before a user's
    assert [(listener["protocol"], listener.get("environment")) for listener in config["listeners"]] == [
        ("mysql", "prod"), ("mysql", "dev"), ("admin", None), ("http", None)]


def test_users_become_members_by_what_they_may_do(made, tmp_path):
    config, said = made
    sales = config["projects"]["sales"]["members"]
    assert {u: sales.get(u) for u in ("sales_prod", "writer", "tester", "admin", "sales_dev", "nopw")} == {
        "sales_prod": "owner", "writer": "operator", "tester": "developer", "admin": None,
        "sales_dev": "dev_developer", "nopw": "viewer"}
    assert config["projects"]["dim"]["members"] == {"sales_prod": "viewer", "dim_ro": "viewer", "admin": "owner"}  # the first
    assert config["projects"]["odd_db"]["members"] == {} and "project 'odd_db' has no members" in said
    assert "nopriv" not in config["users"] and "user 'nopriv' is left out" in said
    assert config["users"]["admin"]["admin"] is True
    first = dict(line.split("\t") for line in (tmp_path / "first-passwords").read_text().splitlines())
    assert set(first) == set(config["users"])
    assert config["users"]["writer"]["auth"]["mysql_native_password"] == harness.native_hash(first["writer"])


def test_secrets_are_in_files_that_others_cannot_read(made, tmp_path):
    config, said = made
    assert stat.S_IMODE(os.stat(tmp_path / "first-passwords").st_mode) == 0o600
    for path in [tmp_path / "starbind.json", *(tmp_path / "secrets").iterdir()]:
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o640, path
        if path.parent.name == "secrets":
            assert len(path.read_text()) == 24 and path.read_text() not in said
    assert (tmp_path / "secrets" / "sb_monitor").exists()


def test_from_nothing_to_a_query_in_five_commands(made, tmp_path, gateway, fe):
    path = tmp_path / "starbind.json"
    assert starbind("check", path).returncode == 0
    assert starbind("check", "--live", path).returncode == 1  # the accounts are still to be made
    done = starbind("provision", "-c", path, "--apply", "--password", "env:ROOT_PASSWORD")
    assert done.returncode == 0, done.stderr
    done = starbind("check", "--live", path)
    assert done.returncode == 0, done.stdout
    assert ": error: " not in done.stdout and "has more than" not in done.stdout
    config = made[0]
    for listener in config["listeners"]:
        listener["address"] = f"127.0.0.1:{harness.free_port()}"
    for source in config["compute_sources"].values():
        source["password"] = source["password"].replace("file:", f"file:{tmp_path}/")
    monitor = config["clusters"]["main"]["monitor"]
    monitor["password"] = monitor["password"].replace("file:", f"file:{tmp_path}/")
    first = dict(line.split("\t") for line in (tmp_path / "first-passwords").read_text().splitlines())
    g = gateway(config)
    with g.connect("writer", "sales", password=first["writer"]) as connection:
        assert harness.rows(connection, "SELECT COUNT(*) FROM orders") == ((sample.ROWS,),)
        harness.rows(connection, "INSERT INTO order_items VALUES (2, 1, 'b', 2.50, 5)")
        assert harness.refusal(harness.rows, connection, "DROP TABLE orders")[0] == 5203
    texts = fe.texts(user="sb_sales")
    assert "SET resource_group = 'rg_sales'" in texts and "SELECT COUNT(*) FROM `sales`.`orders`" in texts


def test_nothing_is_overwritten(made, init, tmp_path):
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    done = init()
    assert done.returncode == 1 and "starbind.json" in done.stderr
    assert before == {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}


@pytest.mark.parametrize("arguments, options, said", [
    (("--password", "secret"), {}, "never a password itself"),
    ((), {"url": "jdbc:postgresql://x"}, "--from:1: clusters.main.jdbc_url: error"),
    (("--password", "env:STARBIND_NOT_SET"), {}, "STARBIND_NOT_SET is not set"),
    (("-u", "nopriv", "--password", "file:/dev/stdin"), {"input": "NoPriv#1\n"}, "SHOW GRANTS FOR 'sales_prod'@'%': error 5203"),
    (("--password", "file:/dev/stdin"), {"input": "wrong\n"}, "error 1045"),
])
def test_what_cannot_be_done_is_told_and_leaves_no_file(init, tmp_path, arguments, options, said):
    done = init(*arguments, **options)
    assert done.returncode == 1 and said in done.stderr, done.stderr
    assert not list(tmp_path.iterdir())


def test_a_plain_server_gives_its_databases(init, server, tmp_path, fe):
    server.sql("CREATE OR REPLACE USER pv_init@'127.0.0.1' IDENTIFIED BY 'root''s'", "GRANT ALL ON *.* TO pv_init@'127.0.0.1'")
    done = init("-u", "pv_init", url=f"jdbc:mysql://127.0.0.1:{server.port}/")
    assert done.returncode == 0, done.stderr
    config = json.loads((tmp_path / "starbind.json").read_text())
    assert {"sales", "dim"} <= set(config["projects"]) and set(config["users"]) == {"admin"}
    assert "monitor" not in config["clusters"]["main"]
