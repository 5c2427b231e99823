"""`explain --plain` over the corpus of statements with known references: nothing may be missed.

What is refused or found too much is listed in tests/corpus/refused.tsv, each with its reason.

The corpus stands beside the tree: STARBIND_SHARED (default ../shared) names its folder."""

import collections
import json
import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = pathlib.Path(os.environ.get("STARBIND_SHARED", ROOT.parent / "shared"))
STARBIND = os.environ.get("STARBIND", str(ROOT / "build/release/starbind"))

LISTED = ROOT / "tests/corpus/refused.tsv"
CLASSES = {"QUERY", "WRITE", "DDL", "METADATA"}  # in which so few may be refused
MOST = 0.002

TABLES = {"table": "table", "view": "table", "mv": "table", "database": "database", "catalog": "catalog"}
QUALIFIED = {"db", "db?", "catalog", "catalog?"}  # columns whose first parts name a database


def lines(name):
    path = SHARED / "corpus" / name
    if not path.exists():
        pytest.skip(f"no corpus: {path} does not exist (STARBIND_SHARED names its folder)")
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f if line.strip()]


def answers(cases):
    """What starbind says, by id."""
    asked = "".join(json.dumps({k: c[k] for k in ("id", "sql", "sql_b64") if k in c}) + "\n" for c in cases)
    done = subprocess.run([STARBIND, "explain", "--plain"], input=asked.encode(), stdout=subprocess.PIPE, timeout=300)
    assert done.returncode == 0
    told = {}
    for line in done.stdout.splitlines():
        answer = json.loads(line)
        told[answer["id"]] = answer
    assert len(told) == len(cases)
    return told


def expected(case):
    """The references that must be found, and the kinds of the statements."""
    found = collections.Counter()
    for s in case["expect"]["st"]:
        for kind, _, start, end, parts, *extra in s["r"]:
            count(found, kind, parts, start, end, extra[0].get("res") if extra else None)
    return found, [s["k"] for s in case["expect"]["st"]]


def given(answer):
    found = collections.Counter()
    for s in answer["statements"]:
        for r in s["refs"]:
            count(found, r["kind"], r["parts"], r["start"], r["end"], r.get("res"))
    return found, [s["kind"] for s in answer["statements"]]


def count(found, kind, parts, start, end, res):
    if kind in TABLES:
        found[(TABLES[kind], tuple(parts), start, end)] += 1
    elif kind == "column" and res in QUALIFIED:
        found[(kind, tuple(parts), start, end)] += 1


def listed(name):
    """What the list says of a set: {(id, fault)}."""
    found = set()
    for number, line in enumerate(LISTED.read_text(encoding="utf-8").splitlines(), 1):
        if not line.startswith("#"):
            of, case, fault, reason = line.split("\t")
            assert fault in ("refused", "extra") and reason, f"{LISTED.name}:{number}"
            if of == name:
                found.add((case, fault))
    return found


def rule_classes():
    """The class of each rule, as the front end has it."""
    text = (ROOT / "protocol/sql/statements.def").read_text(encoding="utf-8")
    return dict(re.findall(r"^STATEMENT\((\w+), CLASS_(\w+),", text, re.M))


def in_classes(case, classes):
    return any(classes.get(s["k"]) in CLASSES for s in case["expect"]["st"])


def judge(name):
    """Cases that StarRocks' grammar takes, missed references, wrong kinds, faults to be listed."""
    cases = lines(name)
    told = answers(cases)
    accepted = [c for c in cases if c["expect"]["ok"]]
    missed, kinds, faults = [], [], []
    for case in accepted:
        answer = told[case["id"]]
        if not answer["ok"]:
            faults.append((case, "refused"))
            continue
        want, want_kinds = expected(case)
        have, have_kinds = given(answer)
        missed += [(case["id"], key) for key in want - have]
        if have - want:
            faults.append((case, "extra"))
        if want_kinds != have_kinds:
            kinds.append((case["id"], want_kinds, have_kinds))
    return accepted, missed, kinds, faults


def test_no_reference_of_a_real_statement_is_missed():
    accepted, missed, kinds, faults = judge("sql-dev.jsonl")
    assert missed == []
    assert kinds == []
    classes = rule_classes()
    judged = [c for c in accepted if in_classes(c, classes)]
    assert len(judged) > 0.8 * len(accepted)
    few = [(c["id"], fault) for c, fault in faults if in_classes(c, classes)]
    assert len(few) <= MOST * len(judged), few
    assert {(c["id"], fault) for c, fault in faults} == listed("sql-dev.jsonl")


def is_lost(case):
    """The frontend would drop bytes of it, or read something else than stands there."""
    return "sql_b64" in case or case["expect"].get("dropped") or set(case["sql"]) & {"\u017f", "\u0131", "\0"}


def test_no_reference_of_a_tricky_text_is_missed():
    _, missed, kinds, faults = judge("tricky-dev.jsonl")
    assert missed == []
    assert kinds == []
    rest = {(c["id"], fault) for c, fault in faults if fault == "extra" or not is_lost(c)}
    assert rest == listed("tricky-dev.jsonl")
