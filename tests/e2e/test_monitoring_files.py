"""The dashboard and the alert rules of etc/ speak of metrics and labels that there are."""

import json
import re
import shutil

import pytest

import harness
from harness import free_port, run
from test_http import fetch

ALERTS, DASHBOARD = harness.ROOT / "etc/prometheus-alerts.yml", harness.ROOT / "etc/grafana-dashboard.json"


def expressions():
    dashboard = json.loads(DASHBOARD.read_text())
    assert len({p["id"] for p in dashboard["panels"]}) == len(dashboard["panels"])
    found = [t["expr"] for p in dashboard["panels"] for t in p["targets"]]
    found += [v["query"] for v in dashboard["templating"]["list"] if v["type"] == "query"]
    return found + [ALERTS.read_text()]


def test_every_metric_that_is_asked_for_is_there(gateway, config):
    port = free_port()
    config["listeners"].append({"protocol": "http", "address": f"127.0.0.1:{port}", "tls": "off"})
    gateway(config).query("SELECT * FROM t", database="sales")
    samples = fetch(port, "/metrics")[1]
    names = set(re.findall(r"^([a-z_]+)[{ ]", samples, re.M))
    labels = set(re.findall(r'[{,]([a-z]+)="', samples))
    for expression in expressions():
        asked = set(re.findall(r"\b(?:starbind|process)_[a-z_]+", expression))
        assert asked and asked <= names, asked - names
        for group in re.findall(r"\bby \(([a-z, ]+)\)", expression):
            assert set(group.split(", ")) <= labels | {"instance"}, group


def test_promtool_accepts_the_rules():
    promtool = shutil.which("promtool")
    if not promtool:
        pytest.skip("promtool is missing (package prometheus): the alert rules were not checked")
    checked = run(promtool, "check", "rules", ALERTS)
    assert checked.returncode == 0 and "11 rules found" in checked.stdout, checked.stdout + checked.stderr
