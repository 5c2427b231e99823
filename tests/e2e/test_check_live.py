"""`starbind check --live` in front of emulated frontends: each thing that is not as the configuration says has its line."""

import json
import re

import pytest

import harness
import setting_up
from harness import starbind


@pytest.fixture
def fe(server):
    with setting_up.start(server, frontends=2) as emulator:
        emulator.cluster.globals["version_comment"] = "3.3.5-1a2b3c4"
        yield emulator


@pytest.fixture
def config(fe, monkeypatch):
    setting_up.secrets(monkeypatch)
    return setting_up.config(fe)


@pytest.fixture
def write(config, tmp_path):
    def written():
        path = tmp_path / "starbind.json"
        path.write_text(json.dumps(config))
        return path

    return written


@pytest.fixture
def check(write):
    """(exit status, {place: [(verdict, text)]})"""

    def run():
        done = starbind("check", "--live", write())
        found = {}
        for place, verdict, text in re.findall(r"^([^ ]+): (good|warning|error): (.*)$", done.stdout, re.M):
            found.setdefault(place, []).append((verdict, text))
        assert not harness.REPORTS.search(done.stderr), done.stderr
        return done.returncode, found

    return run


@pytest.fixture
def good(write, fe):
    """A cluster that has all that the configuration needs."""
    done = starbind("provision", "-c", write(), "--apply", "--password", "env:ROOT_PASSWORD")
    assert done.returncode == 0, done.stderr


def only(found, place):
    assert len(found[place]) == 1, found[place]
    return found[place][0]


def test_a_provisioned_cluster_is_good(check, good):
    status, found = check()
    assert status == 0
    assert {v for lines in found.values() for v, _ in lines} == {"good"}, found
    assert only(found, "clusters.main")[1] == "1 listed frontend, 2 known to the cluster"
    assert {"clusters.main.monitor", "compute_sources.sales", "compute_sources.sales_dev", "compute_sources.dim"} < set(found)


def test_a_bare_cluster_has_no_account(check):
    status, found = check()
    assert status == 1
    for place in ("clusters.main.monitor", "compute_sources.sales", "compute_sources.dim"):
        verdict, text = only(found, place)
        assert verdict == "error" and "refuses" in text and "provision" in text


def test_nobody_there_is_one_error(check, config):
    config["clusters"]["main"]["jdbc_url"] = f"jdbc:mysql://127.0.0.1:{harness.free_port()}/"
    status, found = check()
    assert status == 1
    verdict, text = only(found, "clusters.main")
    assert verdict == "error" and "is it up" in text


def test_a_second_frontend_that_is_gone_is_a_warning(check, config, good):
    config["clusters"]["main"]["jdbc_url"] = config["clusters"]["main"]["jdbc_url"].rstrip("/") + f",127.0.0.1:{harness.free_port()}/"
    status, found = check()
    assert status == 0
    assert [v for v, _ in found["clusters.main"]] == ["warning"]


def test_missing_database_group_and_rights_are_told_at_their_binding(check, good, fe):
    fe.sql("DROP DATABASE pv_dim", "DROP RESOURCE GROUP rg_low",
           "REVOKE INSERT ON ALL TABLES IN DATABASE pv_sales_dev FROM USER pv_sales_dev_rw",
           "REVOKE OPERATE ON SYSTEM FROM USER pv_monitor")
    status, found = check()
    assert status == 1
    assert any(v == "error" and "'pv_dim'" in t for v, t in found["compute_sources.dim"])
    assert any("'rg_low'" in t for _, t in found["compute_sources.sales"])
    assert ("error", "'pv_sales_dev_rw' lacks INSERT on tables of 'pv_sales_dev'; `starbind provision --diff` prints the grants"
            ) in found["compute_sources.sales_dev"]
    assert any("OPERATE" in t for _, t in found["clusters.main"])


def test_a_monitor_that_is_refused_hides_nothing_of_the_bindings(check, good, fe):
    fe.sql("ALTER USER pv_monitor IDENTIFIED BY 'other'", "DROP RESOURCE GROUP rg_low")
    status, found = check()
    assert status == 1 and "clusters.main" not in found
    assert "refuses" in only(found, "clusters.main.monitor")[1] and "'rg_low'" in only(found, "compute_sources.sales")[1]


def test_rights_without_need_are_a_warning(check, good, fe):
    fe.sql("GRANT DROP ON ALL TABLES IN DATABASE pv_dim TO USER pv_dim_rw", "GRANT db_admin TO USER pv_sales_rw")
    status, found = check()
    assert status == 0
    assert "DROP on tables of pv_dim" in only(found, "compute_sources.dim")[1]
    assert "the role db_admin" in only(found, "compute_sources.sales")[1]


@pytest.mark.parametrize("version, verdict", [("3.0.5-x", "error"), ("2.5.13", "error"), ("main-b60400e", "warning"), ("3.0.6", "good"),
                                              ("10.0.0-rc1", "good")])
def test_the_version_of_a_frontend(check, good, fe, version, verdict):
    fe.cluster.globals["version_comment"] = version
    status, found = check()
    assert status == (verdict == "error")
    assert {v for v, _ in found["clusters.main"]} == {verdict}


def test_statistics_that_are_not_collected(check, good, fe):
    fe.cluster.config["enable_statistic_collect"] = "false"
    status, found = check()
    assert status == 0
    assert "enable_statistic_collect" in only(found, "clusters.main")[1]


def test_an_announced_address_that_leads_nowhere(check, config, good, fe):
    fe.cluster.frontends[2].announced = ("127.0.0.9", 9)
    status, found = check()
    assert status == 0
    assert "frontend_addresses" in only(found, "clusters.main")[1]
    config["clusters"]["main"]["frontend_addresses"] = {"127.0.0.9:9": f"127.0.0.1:{fe.ports[2]}"}
    assert check()[1]["clusters.main"][0][0] == "good"


def test_a_clock_that_is_off(check, good, fe):
    fe.cluster.ahead = -3600
    status, found = check()
    verdict, text = only(found, "clusters.main")
    assert status == 0 and verdict == "warning" and re.search(r"clock .* is (3599|360\d) s behind this machine's", text)


def test_a_mariadb_is_looked_at_as_far_as_it_goes(check, config, server):
    config["clusters"]["main"] = {"jdbc_url": f"jdbc:mysql://127.0.0.1:{server.port}/"}
    for name in setting_up.DATABASES:
        server.sql(f"CREATE DATABASE IF NOT EXISTS {name}",
                   f"CREATE OR REPLACE USER {name}_rw@'127.0.0.1' IDENTIFIED BY 'it''s\\\\ a secret'",
                   f"GRANT ALL ON {name}.* TO {name}_rw@'127.0.0.1'")
    status, found = check()
    assert status == 0, found
    assert "no StarRocks" in only(found, "clusters.main")[1]
    assert only(found, "compute_sources.sales") == ("good", "'pv_sales_rw' is let in and may use 'pv_sales'")


def test_two_passwords_of_one_account_cannot_both_be_right(check, config, good, monkeypatch):
    monkeypatch.setenv("PV_OTHER", "x")
    config["compute_sources"]["dim"].update(username="pv_sales_rw", password="env:PV_OTHER")
    status, found = check()
    assert status == 1 and any("another password" in t for _, t in found["compute_sources.sales"])


def test_what_a_server_says_is_one_line(check, good, fe):
    fe.fault("error", match="^SHOW GRANTS", errno=1064, sqlstate="HY000", message="a\nclusters.main: good: b")
    status, found = check()
    assert status == 1 and "clusters.main: good: b" in found["compute_sources.dim"][0][1]
    assert only(found, "clusters.main")[0] == "good"


def test_a_configuration_with_errors_is_not_taken_to_its_clusters(check, config, fe):
    config["projects"]["sales"]["prod"] = "nothing"
    assert check()[0] == 1 and fe.record() == []
