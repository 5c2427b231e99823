"""What each step must give: STEPS[step] is (expected rows, how they are compared)."""

import re

import stage

FULL = [stage.VALUES, ["2", *[None] * (len(stage.COLUMNS) - 1)]]
TYPES = [kind.split("(")[0].split(" ")[0] for _, kind, *_ in stage.COLUMNS]


def value(shown, kind):
    """Drivers write the same value in several ways."""
    if shown is None:
        return None
    if kind == "BOOLEAN":
        return {"true": "1", "false": "0"}.get(shown.lower(), shown)
    if kind == "DATETIME":
        return re.sub(r"(\.0+)?( ?\+0000|Z| ?UTC)?$", "", shown.replace("T", " "))
    if kind == "DATE":
        return re.sub(r"[T ]00:00:00(\.0+)?( ?\+0000|Z| ?UTC)?$", "", shown)
    if kind == "VARBINARY":
        return shown.lower().removeprefix("0x")
    if kind == "JSON":
        return shown.replace(" ", "")
    if kind in ("FLOAT", "DOUBLE", "DECIMAL"):
        return re.sub(r"(\.\d*?)0+$", r"\1", shown)
    return shown


def table(rows):
    """Rows of `every` or `sink`."""
    return [[value(v, kind) for v, kind in zip(row, TYPES, strict=True)] for row in rows]


def names(rows):
    return sorted(row[:1] for row in rows)


def projects(rows):
    return [row for row in names(rows) if row != ["information_schema"]]


def listed(words):
    return [[word] for word in words]


def as_told(rows):
    return rows


def interrupted(rows):
    """Any wording, as long as the statement ended with an error and the connection went on."""
    return [[row[0][:9], *row[1:]] for row in rows]


STEPS = {
    "version": (None, as_told),
    "projects": (listed(stage.PROJECTS), projects),
    "tables": (listed(stage.TABLES), names),
    "columns": (listed(stage.NAMES), as_told),
    "described": (listed(stage.NAMES), as_told),
    "text": (table(FULL), table),
    "filtered": ([["1"]], as_told),
    "inserted": (table(FULL), table),
    "batch": ([["1000"]], as_told),
    "refused": ([["5501", "1"]], as_told),
    "transaction": ([["0", "1"]], as_told),
    "cancelled": ([["cancelled", "1"]], interrupted),
    "reset": ([[None, stage.PROJECT]], as_told),
    "reconnected": ([[stage.PROJECT]], as_told),
}


def unescaped(cell):
    if cell == "\\N":
        return None
    return re.sub(r"\\(.)", lambda m: {"t": "\t", "n": "\n"}.get(m.group(1), m.group(1)), cell)


def read(output):
    """What a client told: ({step: rows}, {step: message of its failure})."""
    told, failed = {}, {}
    for line in output.split("\n"):
        step, *cells = line.split("\t")
        if step.startswith("!"):
            failed[step[1:]] = " ".join(filter(None, map(unescaped, cells)))
        elif step in STEPS:
            told.setdefault(step, []).append([unescaped(c) for c in cells])
    return told, failed


def difference(got, expected):
    """The cells that differ, where the shapes are the same."""
    if [len(row) for row in got] != [len(row) for row in expected]:
        return f"got {got}, expected {expected}"
    return "; ".join(f"row {r} cell {c}: got {x!r}, expected {y!r}" for r, (a, b) in enumerate(zip(got, expected))
                     for c, (x, y) in enumerate(zip(a, b)) if x != y)


def judge(told, failed, promised):
    """{step: what is wrong}, for every step that the client promised."""
    if not told and not failed:
        return {step: "the client did not get in" for step in promised[:1]} | {step: "" for step in promised[1:]}
    wrong = dict(failed)
    for step in promised:
        expected, shape = STEPS[step]
        if step in failed:
            continue
        if step not in told:
            wrong[step] = "not told"
            continue
        try:
            got = shape(told[step])
        except (ValueError, IndexError) as e:
            wrong[step] = f"{e}: {told[step]}"
            continue
        if expected is not None and got != expected:
            wrong[step] = difference(got, expected)
    return wrong
