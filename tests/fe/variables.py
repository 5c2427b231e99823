"""System variables: the table of all names (variables.tsv), what a session has set, what SET refuses."""

import pathlib
import re

from . import kinds
from .packets import Fault

DEPRECATED = {"codegen_level", "max_execution_time", "profiling", "batch_size", "foreign_key_checks", "enable_cbo",
              "enable_vectorized_engine", "disable_bucket_join", "enable_local_replica_selection"}
RANGES = {"query_timeout": (1, 259200), "insert_timeout": (1, 259200)}
SHOWN_KINDS = {"autocommit": kinds.BIGINT, "sql_mode_v2": kinds.TEXT}
KINDS = {"boolean": kinds.BOOLEAN, "int": kinds.INT, "long": kinds.BIGINT, "float": kinds.FLOAT,
         "double": kinds.DOUBLE, "string": kinds.TEXT}
SQL_MODES = {1: "REAL_AS_FLOAT", 2: "PIPES_AS_CONCAT", 4: "ANSI_QUOTES", 8: "IGNORE_SPACE", 32: "ONLY_FULL_GROUP_BY",
             64: "NO_UNSIGNED_SUBTRACTION", 128: "NO_DIR_IN_CREATE", 1 << 21: "STRICT_TRANS_TABLES",
             1 << 22: "STRICT_ALL_TABLES", 1 << 23: "NO_ZERO_IN_DATE", 1 << 24: "NO_ZERO_DATE", 1 << 25: "ANSI",
             1 << 26: "ERROR_FOR_DIVISION_BY_ZERO", 1 << 27: "TRADITIONAL", 1 << 28: "NO_AUTO_CREATE_USER",
             1 << 29: "HIGH_NOT_PRECEDENCE", 1 << 30: "NO_ENGINE_SUBSTITUTION", 1 << 31: "PAD_CHAR_TO_FULL_LENGTH",
             1 << 32: "SORT_NULLS_LAST", 1 << 33: "ERROR_IF_OVERFLOW", 1 << 34: "GROUP_CONCAT_LEGACY",
             1 << 35: "FORBID_INVALID_DATE", 1 << 36: "MODE_DOUBLE_LITERAL", 1 << 37: "ALLOW_THROW_EXCEPTION"}
ZONES = re.compile(r"(?:[+-]\d\d?:\d\d|UTC|GMT|CST|SYSTEM|"
                   r"(?:Etc|Asia|Europe|America|Africa|Australia|Pacific)/[\w/+-]+)$")


class Variable:
    def __init__(self, line):
        names, self.scope, self.type, marks, self.default = line.split("\t")
        self.names = re.split(r"[/|]", names)
        self.name = self.names[0]
        self.shown = self.names[0] if "|" in names else self.names[-1]
        self.read_only, self.hidden = "r" in marks, "h" in marks
        self.kind = SHOWN_KINDS.get(self.name, KINDS[self.type])

    def selected(self, text):
        """The value as SELECT gives it."""
        if self.type == "boolean":
            return "1" if text == "true" else "0"
        return text

    def accept(self, text):
        """The value as it is stored; raises Fault for what does not fit."""
        wrong_value = Fault(1231, "42000", f"Variable '{self.shown}' can't be set to the value of '{text}'")
        if self.type == "boolean":
            value = {"on": "true", "true": "true", "1": "true", "off": "false", "false": "false", "0": "false"}.get(
                text.lower())
            if value is None:
                raise wrong_value
            return value
        if self.name == "sql_mode_v2":
            return sql_mode(text, wrong_value)
        if self.type in ("int", "long") and not re.fullmatch(r"[+-]?\d+", text):
            raise Fault(1232, "42000", f"Incorrect argument type to variable '{self.shown}'")
        if self.type in ("float", "double"):
            try:
                return str(float(text))
            except ValueError:
                raise Fault(1232, "42000", f"Incorrect argument type to variable '{self.shown}'") from None
        return text


def sql_mode(text, wrong):
    if re.fullmatch(r"\d+", text):
        return ",".join(name for bit, name in SQL_MODES.items() if int(text) & bit)
    names = [n.strip().upper() for n in text.split(",") if n.strip()]
    if any(n not in SQL_MODES.values() for n in names):
        raise wrong
    return ",".join(names)


def _table():
    lines = pathlib.Path(__file__).with_name("variables.tsv").read_text().split("\n")
    return [Variable(line) for line in lines if line and not line.startswith("#")]


ALL = _table()
BY_NAME = {name.lower(): v for v in ALL for name in v.names}


def find(name):
    return BY_NAME.get(name.lower())


def unknown(name):
    """The text of ERR 1193, with the three names that look most like it."""
    names = sorted((n for v in ALL for n in v.names[:1]), key=lambda n: -likeness(n.upper(), name.upper()))
    near = ", ".join(f"'{n}'" for n in names[:3])
    return f"Unknown system variable '{name}', the most similar variables are {{{near}}}"


def likeness(a, b):
    """Jaro and Winkler's measure."""
    short, long = sorted((a, b), key=len)
    reach, used, matches = max(len(long) // 2 - 1, 0), set(), []
    for i, c in enumerate(short):
        for j in range(max(i - reach, 0), min(i + reach + 1, len(long))):
            if j not in used and long[j] == c:
                used.add(j)
                matches.append(c)
                break
    if not matches:
        return 0
    m, other = len(matches), [long[j] for j in sorted(used)]
    swapped = sum(x != y for x, y in zip(matches, other)) / 2
    jaro = (m / len(a) + m / len(b) + (m - swapped) / m) / 3
    prefix = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), len(short))
    return jaro if jaro < 0.7 else jaro + min(0.1, 1 / len(long)) * prefix * (1 - jaro)


class Values:
    """What one session sees.  Session values start as a copy of the global ones."""

    def __init__(self, shared):
        self.shared, self.own = shared, {}
        self.reset()

    def reset(self):
        self.own = dict(self.shared)

    def text(self, variable, scope=""):
        values = self.shared if variable.scope == "g" or scope == "GLOBAL" else self.own
        return values.get(variable.name, variable.default)

    def get(self, name):
        return self.text(find(name))

    def put(self, variable, text, everywhere=False):
        if everywhere or variable.scope == "g":
            self.shared[variable.name] = text
        self.own[variable.name] = text
