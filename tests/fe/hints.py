"""Hints `/*+ SET_VAR(a=b) */`: names and types are checked, an unknown resource group is not."""

import re

from . import errors, lexer, variables
from .packets import Fault

ASSIGNMENT = re.compile(r"set_var\s*\((.*)\)\s*$", re.IGNORECASE | re.DOTALL)


def assignments(statement):
    """The (name, value) pairs of all SET_VAR hints."""
    out = []
    for hint in statement.hints:
        found = ASSIGNMENT.match(hint.value.strip())
        if not found:
            continue
        tokens = lexer.tokens(found.group(1))
        for i, token in enumerate(tokens):
            if token.text == "=" and 0 < i < len(tokens) - 1:
                out.append((tokens[i - 1].value.lower(), tokens[i + 1].value))
    return out


def value(statement, name):
    return dict(assignments(statement)).get(name)


def apply(session, statement):
    """Refuses what an FE refuses."""
    for name, text in assignments(statement):
        variable = variables.find(name)
        if not variable:
            raise errors.plain(variables.unknown(name), 1193)
        if variable.read_only or variable.scope == "g":
            raise Fault(1238, "HY000", f"Variable '{name}' is a read only variable")
        variable.accept(text)
