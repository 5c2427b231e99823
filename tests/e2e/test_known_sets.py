"""Every SET that is known: of each session variable of a StarRocks (tests/fe/variables.tsv), and those that real clients send
(clients/queries.jsonl beside the tree). None of them pins, and each holds when another client had the connection between."""

import json
import os
import pathlib
import re
import sys

import pytest

import frontends
import harness
import wire

sys.path.insert(0, str(harness.ROOT / "tests"))

from fe import variables  # noqa: E402

SHARED = pathlib.Path(os.environ.get("STARBIND_SHARED", harness.ROOT.parent / "shared"))
COMMENTS = re.compile(r"/\*.*?\*/", re.S)
POLICY = set("""analyze_mv_v2 audit_execute_stmt catalog cbo_debug_alive_backend_number custom_query_id disable_spill_to_local_disk
    enable_dialect_downgrade enable_execution_only enable_query_debug_trace enable_query_dump enable_query_queue
    enable_spill_to_remote_storage enable_write_hive_external_table follower_query_forward_mode forward_to_leader
    hive_temp_staging_dir parse_tokens_limit prefer_compute_node query_debug_options query_excluding_mv_names
    query_including_mv_names resource_group spill_storage_volume sql_dialect sql_mode_v2 thrift_plan_protocol trace_log_mode
    tvr_target_mvid use_compute_nodes warehouse workgroup_id""".split())  # what the policy of statements refuses
VALUES = {"boolean": ("true", "false"), "int": ("7", "8"), "long": ("70", "80"), "float": ("0.25", "0.5"),
          "double": ("0.25", "0.5"), "string": ("'7s'", "'8s'")}
SPECIAL = {"sql_mode_v2": ("'ONLY_FULL_GROUP_BY'", "'PIPES_AS_CONCAT'"), "time_zone": ("'+03:00'", "'Asia/Shanghai'")}
for name in ("client", "connection", "results", "server"):
    SPECIAL[f"character_set_{name}"] = ("utf8", "'utf8mb4'")
for name in ("connection", "database", "server"):
    SPECIAL[f"collation_{name}"] = ("utf8_general_ci", "'utf8mb4_unicode_ci'")


@pytest.fixture(scope="module")
def fe(server):
    with frontends.started(server) as emulator:
        yield emulator


@pytest.fixture
def pair(gateway, fe):
    """Two clients of one connection."""
    g = gateway(frontends.configured(fe.port, max_connections=1))
    with g.login("ana", "sales") as ana, g.login("bo", "sales") as bo:
        yield ana, bo


def settable():
    return [v for v in variables.ALL if v.scope != "g" and not v.read_only]


def answer(client, sql):
    try:
        return client.query(sql)
    except wire.Refused as e:
        return e.errno


def test_each_known_variable_takes_a_literal_that_holds(pair, fe):
    ana, bo = pair
    bad, refused, seen = [], set(), 0
    for v in settable():
        first, second = SPECIAL.get(v.name) or VALUES[v.type]
        for name, literal in ((v.names[0], first), (v.names[-1], second)):
            said = answer(ana, f"SET {name} = {literal}")
            if isinstance(said, int):
                assert said in (1235, 5203), (name, literal, said)
                refused.add(v.name)
                continue
            mine = answer(ana, f"SELECT @@{name} FROM t LIMIT 1")
            theirs = answer(bo, f"SELECT @@{name} FROM t LIMIT 1")
            again = answer(ana, f"SELECT @@{name} FROM t LIMIT 1")
            seen += mine != theirs
            if answer(ana, "SHOW PINS") != [] or mine != again or isinstance(mine, int):
                bad.append((name, literal, mine, theirs, again))
        ana.command(wire.RESET_CONNECTION)
        ana.reply()
    assert not bad, bad
    assert refused == POLICY, refused ^ POLICY
    assert seen > 500, "each differs from what the other client has, but for few whose value is the default"


def clients_sets():
    path = SHARED / "clients/queries.jsonl"
    if not path.exists():
        pytest.skip(f"no statements of clients: {path} does not exist (STARBIND_SHARED names its folder)")
    texts = [json.loads(line)["sql"] for line in path.read_text().splitlines()]
    return sorted({t for t in texts if COMMENTS.sub("", t).lstrip().upper().startswith("SET ")})


def test_no_set_of_a_client_pins(pair):
    ana, bo = pair
    refused = []
    texts = clients_sets()
    assert len(texts) > 40
    for sql in texts:
        if isinstance(answer(ana, sql), int):
            refused.append(sql)
        assert ana.query("SHOW PINS") == [], sql
        assert bo.values("SELECT COUNT(*) FROM t") == [(b"3",)], sql
    assert refused == ["SET SESSION query_timeout=300,SESSION resource_group='rg'"], "that group is not open here"
