"""`starbind provision`: SQL that makes what a configuration needs, run against emulated frontends."""

import json
import re

import pytest

import setting_up
from harness import native_hash, starbind


@pytest.fixture
def fe(server):
    with setting_up.start(server) as emulator:
        yield emulator


@pytest.fixture
def config(fe, monkeypatch):
    setting_up.secrets(monkeypatch)
    return setting_up.config(fe)


@pytest.fixture
def provision(config, tmp_path):
    def run(*arguments, **options):
        path = tmp_path / "starbind.json"
        path.write_text(json.dumps(config))
        if {"--diff", "--apply"} & set(arguments) and "--password" not in arguments:
            arguments += ("--password", "env:ROOT_PASSWORD")
        return starbind("provision", "-c", path, *arguments, **options)

    return run


def statements(text):
    return [line for line in text.splitlines() if line and not line.startswith("--")]


def granted(fe, user):
    """{(kind and database, right)} of a user, as the frontend tells it."""
    out = set()
    for _, _, text in fe.sql(f"SHOW GRANTS FOR '{user}'@'%'"):
        names, where = re.fullmatch(r"GRANT (.*) ON (.*) TO USER .*", text).groups()
        out |= {(where, name) for name in names.split(", ")}
    return out


def test_it_prints_databases_accounts_grants_and_groups(provision, fe):
    done = provision()
    assert done.returncode == 0, done.stderr
    said = statements(done.stdout)
    assert "CREATE DATABASE IF NOT EXISTS `pv_sales`;" in said
    assert (f"CREATE USER IF NOT EXISTS 'pv_sales_rw'@'%' IDENTIFIED WITH mysql_native_password AS"
            f" '{native_hash('it' + chr(39) + 's' + chr(92) + ' a secret')}';") in said
    assert "GRANT OPERATE ON SYSTEM TO USER 'pv_monitor'@'%';" in said
    assert ("CREATE RESOURCE GROUP IF NOT EXISTS `rg_normal` TO (user='pv_sales_rw') WITH"
            " ('cpu_core_limit'='1', 'mem_limit'='20%');") in said
    assert "a secret" not in done.stdout + done.stderr
    assert fe.record() == []  # it has asked nobody


def test_what_it_prints_makes_the_cluster_that_the_configuration_needs_and_may_run_twice(provision, fe):
    said = [s.rstrip(";") for s in statements(provision().stdout)]
    for _ in range(2):
        fe.sql(*said)
    done = provision("--diff")
    assert done.returncode == 0 and statements(done.stdout) == [], done.stdout
    assert "nothing is missing" in done.stdout


def test_apply_brings_what_is_missing_and_then_nothing_is(provision, fe):
    before = provision("--diff")
    assert before.returncode == 1 and len(statements(before.stdout)) > 10
    done = provision("--apply")
    assert done.returncode == 0, done.stderr
    assert statements(done.stdout) == statements(before.stdout)
    assert statements(provision("--diff").stdout) == []
    assert statements(provision("--apply").stdout) == []
    fe.sql("REVOKE INSERT ON ALL TABLES IN DATABASE pv_sales FROM USER pv_sales_rw")
    assert statements(provision("--diff").stdout) == [
        "GRANT INSERT ON ALL TABLES IN DATABASE `pv_sales` TO USER 'pv_sales_rw'@'%';"]


def test_the_accounts_can_log_in_and_have_the_least_that_serves_the_members(provision, fe):
    assert provision("--apply").returncode == 0
    fe.sql("CREATE TABLE pv_sales.t (id INT)", "CREATE TABLE pv_dim.d (id INT)")
    secret = "it's\\ a secret"
    fe.sql("INSERT INTO pv_sales.t SELECT id FROM pv_dim.d", user="pv_sales_rw", password=secret)  # etl writes, ana reads both
    sales, dev, dim = granted(fe, "pv_sales_rw"), granted(fe, "pv_sales_dev_rw"), granted(fe, "pv_dim_rw")
    tables = "ALL TABLES IN DATABASE pv_{}".format
    assert {r for w, r in sales if w == tables("sales")} == {"SELECT", "INSERT", "UPDATE", "DELETE"}  # nobody's ddl in prod
    assert {r for w, r in dev if w == tables("sales_dev")} == {"SELECT", "INSERT", "UPDATE", "DELETE", "ALTER", "DROP"}
    assert ("DATABASE pv_sales_dev", "CREATE TABLE") in dev and not any(w.startswith("DATABASE") for w, _ in sales)
    assert {r for w, r in sales if w == tables("dim")} == {"SELECT"}
    assert {r for w, r in dim if w == tables("sales")} == {"SELECT"}
    assert {r for _, r in dim} == {"SELECT", "USAGE"}


def test_bindings_that_nobody_may_bring_together_do_not_see_each_other(provision, config, fe):
    config["projects"]["dim"]["members"] = {"etl": "viewer"}
    config["projects"]["sales"]["members"] = {"ana": "developer"}
    config["settings"] = {"cross_environment": "none"}
    assert provision("--apply").returncode == 0
    assert {w.rsplit(" ", 1)[1] for w, _ in granted(fe, "pv_sales_rw")} == {"pv_sales"}
    assert {w.rsplit(" ", 1)[1] for w, _ in granted(fe, "pv_sales_dev_rw")} == {"pv_sales_dev"}
    assert {w.rsplit(" ", 1)[1] for w, _ in granted(fe, "pv_dim_rw")} == {"pv_dim"}


def test_what_is_more_than_needed_is_told_and_left(provision, fe):
    assert provision("--apply").returncode == 0
    fe.sql("GRANT DROP ON ALL TABLES IN DATABASE pv_dim TO USER pv_dim_rw")
    done = provision("--diff")
    assert done.returncode == 0 and statements(done.stdout) == []
    assert "-- account pv_dim_rw: compute_sources.dim\n--   it has more than it needs: DROP on tables of pv_dim\n" in done.stdout


def test_another_password_is_told_and_left(provision, fe):
    assert provision("--apply").returncode == 0
    fe.sql("ALTER USER pv_dim_rw IDENTIFIED BY 'of old'")
    done = provision("--diff")
    assert done.returncode == 0 and statements(done.stdout) == []
    line = re.search(r"^--   it has another password; .*: (ALTER USER .*);$", done.stdout, re.M)
    fe.sql(line[1])
    assert "another password" not in provision("--diff").stdout


def test_rights_by_a_role_count(provision, fe):
    assert provision("--apply").returncode == 0
    fe.sql("REVOKE SELECT ON ALL TABLES IN DATABASE pv_dim FROM USER pv_dim_rw", "CREATE ROLE pv_reader",
           "GRANT SELECT ON ALL TABLES IN DATABASE pv_dim TO ROLE pv_reader", "GRANT pv_reader TO USER pv_dim_rw")
    assert statements(provision("--diff").stdout) == []


def test_names_never_become_sql(provision, config, fe):
    evil = "a'@'%'; DROP USER root; --\nx"
    config["compute_sources"]["dim"].update(username=evil, database="we;ird")
    done = provision()
    assert done.returncode == 0, done.stderr
    code = re.sub(r"'(?:[^'\\]|''|\\.)*'", "", re.sub(r"(?m)^-- .*\n", "", done.stdout))  # without comments and strings
    assert all(re.match(r"(CREATE|GRANT) [^;-]*;?$", re.sub(r"`[^`]*`", "", line)) for line in code.splitlines()), code
    assert "CREATE USER IF NOT EXISTS 'a''@''%''; DROP USER root; --\nx'@'%'" in done.stdout
    assert "CREATE DATABASE IF NOT EXISTS `we;ird`;" in done.stdout
    config["compute_sources"]["dim"].update(username="x", database="tick`tock")
    done = provision()
    assert done.returncode == 1 and done.stdout == "" and "tick`tock" in done.stderr


def test_a_password_is_never_an_argument(provision):
    done = provision("--diff", "--password", "root's")
    assert done.returncode == 1 and "never a password itself" in done.stderr
    assert provision("--apply", "--password", "env:PV_PASSWORD").returncode == 1  # a wrong one
    piped = provision("--diff", "--password", "file:/dev/stdin", input="root's\n")
    assert piped.returncode == 1 and statements(piped.stdout)


def test_a_frontend_that_refuses_ends_it_with_its_words(provision, fe):
    fe.fault("error", match="^GRANT OPERATE", errno=1064, sqlstate="HY000", message="no such luck")
    done = provision("--apply")
    assert done.returncode == 1 and "GRANT OPERATE" in done.stderr and "no such luck" in done.stderr
    fe.heal()
    assert provision("--apply").returncode == 0


def test_a_mariadb_is_not_provisioned(provision, config, server):
    config["clusters"]["main"]["jdbc_url"] = f"jdbc:mysql://127.0.0.1:{server.port}/"
    server.sql("CREATE USER IF NOT EXISTS pv_admin@'127.0.0.1' IDENTIFIED BY 'it''s\\\\ a secret'")
    done = provision("--diff", "-u", "pv_admin", "--password", "env:PV_PASSWORD")
    assert done.returncode == 1 and "no StarRocks" in done.stderr
