"""The bypass corpus (attacks-README.md) through `starbind explain`: decisions, and no foreign name in what
would be sent.  The corpus lies beside the repository, or where STARBIND_SHARED says."""

import json
import os
import pathlib
import re

import pytest

from test_rewrite import ROOT, explain

CORPUS = pathlib.Path(os.environ.get("STARBIND_SHARED", ROOT.parent / "shared")) / "corpus"

pytestmark = pytest.mark.skipif(
    not (CORPUS / "attacks-dev.jsonl").exists(), reason=f"no attack corpus in {CORPUS}"
)


def load_all():
    if not (CORPUS / "attacks-dev.jsonl").exists():
        return []
    lines = (CORPUS / "attacks-dev.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def load():
    """Without those that need a session of several statements: test_attacks_wire.py has them."""
    return [case for case in load_all() if "setup" not in case and "revoke" not in case]


def question(case):
    session = case["session"]
    database = session["project"] + ("_dev" if session["env"] == "dev" else "")
    asked = {"id": case["id"], "user": session["user"], "database": database}
    return asked | {key: case[key] for key in ("sql", "sql_b64") if key in case}


def outside_literals(sql):
    """Without strings, comments and quoted names that hold a dot (each is one name)."""
    literal = r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"|/\*(?!\+).*?\*/|--[^\r\n]*|`[^`.]+[.][^`]*`"
    return re.sub(literal, " ", sql, flags=re.S)


@pytest.fixture(scope="module")
def verdicts():
    cases = load()
    answers = explain([question(case) for case in cases], CORPUS / "attacks-world.json")
    assert len(answers) == len(cases)
    return {answer["id"]: (case, answer) for case, answer in zip(cases, answers)}


def test_nothing_is_allowed_that_must_be_denied(verdicts):
    wrong = [
        id
        for id, (case, answer) in verdicts.items()
        if case["expect"] == "deny" and answer["decision"] == "allow" and not case.get("either")
    ]
    assert wrong == []


def test_nothing_is_denied_that_must_be_allowed(verdicts):
    wrong = [
        id
        for id, (case, answer) in verdicts.items()
        if case["expect"] == "allow" and answer["decision"] == "deny" and not case.get("either")
    ]
    assert wrong == []


def test_no_foreign_name_would_be_sent(verdicts):
    for id, (_, answer) in verdicts.items():
        sent = outside_literals(answer.get("sql", "")).lower()
        assert "hr_core" not in sent and "hr_d1" not in sent, (id, sent)
        for reference in answer["references"]:
            assert reference["project"] != "hr", id


def without_derived(sql):
    """Without the tables that stand for those of information_schema: their literals are the gateway's."""
    begun = re.search(r"\(SELECT (`|'[^']*' AS `)", sql)
    if not begun:
        return sql
    start, depth = begun.start(), 0
    for token in re.finditer(r"'(?:[^'\\]|\\.|'')*'|[()]", sql[start:], re.S):
        depth += {"(": 1, ")": -1}.get(token[0], 0)
        if depth == 0:
            return sql[:start] + without_derived(sql[start + token.end() :])


def database_of(project):
    """Of the side that a project's own name means."""
    world = json.loads((CORPUS / "attacks-world.json").read_text(encoding="utf-8"))
    return world["compute_sources"][world["projects"][project]["prod"]]["database"]


def test_literals_arrive_as_typed(verdicts):
    literal = re.compile(r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"", re.S)
    for id, (case, answer) in verdicts.items():
        if answer["decision"] == "allow" and answer["sql"]:
            sent = without_derived(answer["sql"])
            if "FROM information_schema.`" in sent:  # a look-up compares with the database
                project = case["session"]["project"]
                sent = sent.replace(f"= '{database_of(project)}'", f"= '{project}'", 1)
            assert literal.findall(sent) == literal.findall(case["sql"]), id
