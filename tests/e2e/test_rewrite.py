"""tests/rewrite/*.txt: a context, SQL in, SQL or an error out, judged by `starbind explain`.

    @ USER [DATABASE]
    SQL                              a line that starts with a double quote is a JSON string
    = REWRITTEN                      or  ! ERRNO part of the message
    + account=… group=… cluster=…    optional, after '='

Nothing after '=' means that the gateway answers by itself.  Blank lines and lines with # in front stand
between cases.
"""

import json
import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
STARBIND = os.environ.get("STARBIND", str(ROOT / "build/release/starbind"))
WORLD = ROOT / "tests/rewrite/world.json"
PLACES = {"account": "account", "group": "resource_group", "cluster": "cluster"}


def text_of(line):
    return json.loads(line) if line.startswith('"') else line


def cases_of(path):
    lines = [
        (number, line)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if line.strip() and not line.startswith("#")
    ]
    at = 0
    while at < len(lines):
        number, who = lines[at]
        assert who.startswith("@ ") and at + 2 < len(lines), f"{path.name}:{number}: expected '@ user'"
        user, _, database = who[2:].partition(" ")
        expected = lines[at + 2][1]
        assert expected[0] in "=!", f"{path.name}:{number + 2}: expected '=' or '!'"
        case = {
            "name": f"{path.stem}:{number}",
            "ask": {"user": user, "database": database.strip(), "sql": text_of(lines[at + 1][1])},
            "expected": expected,
            "place": "",
        }
        at += 3
        if at < len(lines) and lines[at][1].startswith("+ "):
            case["place"] = lines[at][1][2:]
            at += 1
        yield case


CASES = [case for path in sorted((ROOT / "tests/rewrite").glob("*.txt")) for case in cases_of(path)]


def explain(questions, world=WORLD):
    asked = "".join(json.dumps(q, ensure_ascii=False) + "\n" for q in questions)
    run = subprocess.run(
        [STARBIND, "explain", "-c", str(world)], input=asked.encode(), capture_output=True, timeout=120
    )
    assert run.returncode == 0, run.stderr.decode()
    return [json.loads(line) for line in run.stdout.decode().splitlines()]


@pytest.fixture(scope="module")
def verdicts():
    answers = explain([dict(case["ask"], id=case["name"]) for case in CASES])
    assert len(answers) == len(CASES)
    return {answer["id"]: answer for answer in answers}


def physical_names():
    """Databases and accounts, but for those that are called as a project's dev side is."""
    world = json.loads(WORLD.read_text(encoding="utf-8"))
    sides = [*world["compute_sources"].values()]
    for source in world["data_sources"].values():
        sides += [source[side] for side in ("prod", "dev") if side in source]
    names = {side[key] for side in sides for key in ("database", "username") if key in side}
    return names - {f"{project}_dev" for project in world["projects"]}


def test_there_are_enough_cases():
    assert len(CASES) >= 150


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_rewrite(case, verdicts):
    got = verdicts[case["name"]]
    mark, wanted = case["expected"][0], case["expected"][1:].strip()
    if mark == "=":
        assert got["decision"] == "allow", got
        assert got["sql"] == text_of(wanted)
        for word in case["place"].split():
            key, _, value = word.partition("=")
            assert got[PLACES[key]] == value
        return
    number, _, part = wanted.partition(" ")
    assert got["decision"] == "deny", got
    assert (got["errno"], part in got["message"]) == (int(number), True), got["message"]
    assert got["references"] == []
    for name in physical_names():
        typed = case["ask"]["sql"] + case["ask"]["database"]
        assert not re.search(rf"\b{name}\b", got["message"]) or name in typed, got["message"]


def test_the_keys_stand_in_the_order_of_the_contract():
    allow, deny = explain(
        [
            {"id": 1, "user": "ana", "database": "sales", "sql": "SELECT * FROM sales.orders"},
            {"id": 2, "user": "ana", "database": "sales", "sql": "SELECT * FROM hr.salary"},
        ]
    )
    assert allow == {
        "id": 1,
        "decision": "allow",
        "kind": "query",
        "sql": "SELECT * FROM `dw_sales`.`orders`",
        "cluster": "main",
        "account": "sales_rw",
        "resource_group": "rg_low",
        "references": [
            {
                "kind": "table",
                "parts": ["sales", "orders"],
                "access": "read",
                "start": 14,
                "end": 26,
                "project": "sales",
                "environment": "prod",
                "database": "dw_sales",
            }
        ],
    }
    assert list(allow) == "id decision kind sql cluster account resource_group references".split()
    assert list(allow["references"][0]) == "kind parts access start end project environment database".split()
    assert list(deny) == "id decision kind errno sqlstate message references".split()
    assert (deny["errno"], deny["sqlstate"], deny["message"]) == (5501, "3F000", "Unknown database 'hr'")


def test_lines_that_are_no_questions_are_answered_in_order():
    lines = [
        b"not json",
        b"[]",
        b'{"id": 3}',
        b'{"id": 4, "user": "nosuch", "sql": "select 1"}',
        b'{"id": 5, "user": "ana", "database": "nosuch", "sql": "select 1"}',
        b'{"id": {"any": [6]}, "user": "ana", "sql_b64": "c2VsZWN0IDE="}',
        b'{"id": 7, "user": "ana", "sql_b64": "?"}',
        b'\xff\xfe',
        b'{"id": 9, "user": "ana", "sql": ""}',
    ]
    run = subprocess.run(
        [STARBIND, "explain", "-c", str(WORLD)], input=b"\n".join(lines), capture_output=True, timeout=60
    )
    got = [json.loads(line) for line in run.stdout.decode().splitlines()]
    assert [g["id"] for g in got] == [None, None, 3, 4, 5, {"any": [6]}, 7, None, 9]
    assert [g["decision"] for g in got] == ["deny"] * 5 + ["allow"] + ["deny"] * 3
    assert [g["errno"] for g in got if g["id"] in (4, 5, 9)] == [1045, 5501, 1064]


def test_user_and_database_may_come_from_the_command_line():
    run = subprocess.run(
        [STARBIND, "explain", "-c", str(WORLD), "--user", "ana", "--database", "sales_dev"],
        input=b'{"id": 1, "sql": "select * from t"}\n',
        capture_output=True,
        timeout=60,
    )
    assert json.loads(run.stdout)["sql"] == "select * from `dw_sales_dev`.`t`"


def test_a_wrong_command_line_says_what_is_right():
    for arguments in ([], ["--nosuch"], ["--plain", "-c", str(WORLD)], ["-c"]):
        run = subprocess.run([STARBIND, "explain", *arguments], capture_output=True, timeout=60)
        assert run.returncode == 2 and b"usage: starbind explain" in run.stderr
