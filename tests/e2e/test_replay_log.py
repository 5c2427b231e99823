"""`starbind replay`: an audit log, written by a real gateway, judged by other configurations."""

import copy
import json
import re

import pymysql
import pytest

import harness
from harness import starbind

STATEMENTS = [  # user, database, statement
    ("ana", "sales", "SELECT side FROM t WHERE id = 1 AND side <> 'it''s'"),
    ("ana", "sales", "SELECT side FROM t WHERE id = 2 AND side <> 'b'"),
    ("ana", "sales", "SELECT COUNT(*) FROM t JOIN crm.t c USING (id) WHERE id IN (1, 2, 3) LIMIT 5"),
    ("ana", "sales_dev", "INSERT INTO w2 VALUES (1, 'a', NULL), (2, 'b', -5)"),
    ("ana", "sales", "DELETE FROM t WHERE id = 7"),  # refused: a developer does not write to prod
    ("ana", "orders.mart_two", "SELECT COUNT(*) FROM t"),
    ("etl", "sales", "SET @x = 5"),
    ("etl", "sales", "SHOW DATABASES"),
    ("own", "secret", "SELECT COUNT(*) FROM numbers WHERE n > 3"),
]


@pytest.fixture(params=["masked", "full"])
def audited(request, gateway, config, backend, tmp_path):
    """(the log of a gateway that has run STATEMENTS, its configuration, how texts are in the log)"""
    backend.sql("CREATE OR REPLACE TABLE dw_sales_dev.w2 (id INT, s VARCHAR(10), n INT)")
    log = tmp_path / "audit.log"
    config["settings"].update(audit_log=str(log), audit_text=request.param)
    g = gateway(config)
    for user, database, sql in STATEMENTS:
        with g.connect(user, database) as connection:
            try:
                harness.rows(connection, sql)
            except pymysql.err.MySQLError as e:
                assert e.args[0] == 5203, e
    g.stop()
    return log, config, request.param


@pytest.fixture
def replay(audited, tmp_path):
    """(exit status, lines) of a replay against a changed copy of the configuration."""

    def run(change=lambda config: None, log=None):
        config = copy.deepcopy(audited[1])
        change(config)
        path = tmp_path / "new.json"
        path.write_text(json.dumps(config))
        done = starbind("replay", "--log", log or audited[0], "--against", path)
        assert not done.stderr, done.stderr
        return done.returncode, done.stdout.splitlines()

    return run


def test_the_same_configuration_decides_the_same(replay, audited):
    status, said = replay()
    assert status == 0, said
    judged = int(re.match(r"0 of (\d+) statements that were judged", said[0])[1])
    masked = [line for line in said if "masked" in line]
    if audited[2] == "masked":
        assert masked == ["1 were not judged: they are masked, and cannot be read without their values"]  # SET
    assert judged == len(STATEMENTS) - len(masked)
    assert f"{len(STATEMENTS)} were not judged: they are logins or commands without SQL" in said


def test_a_member_who_is_no_member_any_more(replay):
    status, said = replay(lambda c: c["projects"]["sales"]["members"].pop("ana"))
    assert status == 1
    assert any(re.match(r"ana on sales \(prod\), (masked )?statement [0-9a-f]{16}, 2 times: was allowed, now is refused \(5501: "
                        r".*\): SELECT side FROM t WHERE ", line) for line in said), said
    assert not any(line.startswith("own on secret") for line in said)


def test_a_new_right(replay):
    status, said = replay(lambda c: c["projects"]["sales"]["members"].update(ana="owner"))
    assert status == 1 and len([line for line in said if line.startswith("ana")]) == 1
    assert "was refused (DENIED), now is allowed: DELETE FROM t" in said[0]


def test_another_database_and_another_source(replay):
    status, said = replay(lambda c: c["compute_sources"]["sales"].update(database="dw_other"))
    changed = [line for line in said if "its names now stand for other databases" in line]
    assert status == 1 and len(changed) == 2, said  # with two values of one statement

    def move(config):
        config["compute_sources"]["sales_two"] = config["compute_sources"].pop("sales")
        config["projects"]["sales"]["prod"] = "sales_two"

    status, said = replay(move)
    assert status == 1 and any("ran in 'sales', now in 'sales_two'" in line for line in said), said


def test_a_user_who_is_gone(replay):
    def drop(config):
        del config["users"]["etl"]
        for project in config["projects"].values():
            project["members"].pop("etl", None)

    status, said = replay(drop)
    assert status == 1 and any(line.startswith("etl on sales (prod)") and "there is no user 'etl'" in line for line in said)


def test_what_cannot_be_judged_is_counted_by_its_reason(replay, audited, tmp_path):
    log = tmp_path / "odd.log"
    lines = [{"lost": 3}, {"command": "Query", "decision": "allow", "user": "ana"},
             {"command": "Query", "decision": "allow", "user": "ana", "text": "SELECT 1", "cut": True},
             {"command": "Query", "decision": "deny", "reason": "LIMIT", "user": "ana", "text": "SELECT 1"},
             {"command": "Login", "decision": "allow", "user": "ana"}, {"x": 1}, []]
    log.write_text("\n".join(map(json.dumps, lines)) + "\nno JSON\n\n")
    status, said = replay(log=log)
    assert status == 0
    assert said == ["0 of 0 statements that were judged would be decided otherwise; 8 lines in all",
                    "3 were not judged: they are no lines of an audit log",
                    "1 were not judged: they are logins or commands without SQL",
                    '1 were not judged: they have no text ("audit_text": "none")',
                    '1 were not judged: they have a text that was cut ("audit_text_bytes")',
                    "1 were not judged: they were refused for what happened then, such as a limit",
                    "3 are missing in the log, as it says itself"]


def test_texts_of_clients_do_not_write_lines(replay, tmp_path):
    log = tmp_path / "evil.log"
    log.write_text(json.dumps({"command": "Query", "decision": "allow", "user": "gone\n", "text": "SELECT 1\nroot on x", "digest": "0"}))
    status, said = replay(log=log)
    assert status == 1 and len(said) == 2 and said[0].startswith("gone , statement")


def test_wrong_use_and_missing_files(tmp_path):
    assert starbind("replay", "--log", tmp_path / "none").returncode == 2
    done = starbind("replay", "--log", tmp_path / "none", "--against", tmp_path / "none")
    assert done.returncode == 2 and "No such file" in done.stderr
