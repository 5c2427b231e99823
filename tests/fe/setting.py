"""SET in its forms: first everything that the analyzer sees, then one assignment after another."""

import re

from . import errors, kinds, lexer, variables
from .packets import Fault
from .reply import Ok

SCOPES = ("GLOBAL", "SESSION", "LOCAL", "VERBOSE")


class Assignment:
    """One `name = expression`."""

    def __init__(self, statement, tokens):
        self.statement, self.scope = statement, ""
        first = tokens[0]
        if first.kind == "system":
            scope, _, self.name = first.text[2:].replace(" ", "").rpartition(".")
            self.scope = scope.upper()
        elif first.kind == "user":
            self.name = first.text
        else:
            if first.text.upper() in SCOPES and len(tokens) > 1 and tokens[1].kind in ("word", "quoted"):
                self.scope, tokens = first.text.upper(), tokens[1:]
            self.name = tokens[0].value
        self.is_user = first.kind == "user"
        at = statement.tokens.index(tokens[0]) + 1
        if len(tokens) < 2 or tokens[1].text != "=":
            bad = tokens[1] if len(tokens) > 1 else None
            if bad is not None and bad.text == ":=":
                bad = lexer.Token("op", ":", ":", bad.start, bad.start + 1)
                statement.tokens[at] = bad
            raise errors.no_viable(statement, at)
        if len(tokens) < 3:
            raise errors.no_viable(statement, at + 1)
        self.tokens = tokens[2:]
        self.kind, self.text = None, None

    def default(self):
        return len(self.tokens) == 1 and self.tokens[0].kind == "word" and self.tokens[0].text.upper() == "DEFAULT"

    def evaluate(self, session):
        tokens = self.tokens
        if len(tokens) == 1 and tokens[0].kind in ("word", "quoted") and not self.is_user:
            self.text = tokens[0].value
        elif len(tokens) == 2 and tokens[0].text in "+-" and tokens[1].kind == "number" and not self.is_user:
            self.text = tokens[0].text.strip("+") + tokens[1].text
        else:
            inner = lexer.Statement(self.statement.whole, tokens, True)
            self.kind, self.text = session.evaluate(inner)
        if self.text is None and not self.is_user:
            self.text = "NULL"


def assignments(statement):
    parts, part, depth = [], [], 0
    for token in statement.tokens[1:]:
        depth += {"(": 1, ")": -1}.get(token.text, 0) if token.kind == "op" else 0
        if token.text == "," and token.kind == "op" and not depth:
            parts.append(part)
            part = []
        else:
            part.append(token)
    parts.append(part)
    if any(not p for p in parts):
        raise errors.no_viable(statement, len(statement.tokens))
    return [Assignment(statement, p) for p in parts]


def special(statement):
    """The handler of a SET that assigns no variable, or None."""
    for words, handler in SPECIAL.items():
        if statement.words(*words.split(), at=1) and statement.value(1 + len(words.split())) != "=":
            return handler
    return None


def check_syntax(statement):
    if not special(statement):
        assignments(statement)


def run(session, statement):
    handler = special(statement)
    if handler:
        return handler(session, statement)
    items = assignments(statement)
    for item in items:
        analyze(session, item)
    for item in items:
        apply(session, item)
    return Ok()


def analyze(session, item):
    if item.scope == "VERBOSE":
        raise Fault(1232, "42000", f"Incorrect argument type to variable '{item.name}'")
    if not item.default():
        item.evaluate(session)
    if item.is_user:
        return
    if item.scope == "GLOBAL":
        session.need("OPERATE", "SYSTEM")
    variable = variables.find(item.name)
    if not variable or item.default():
        return
    if variable.name == "resource_group" and item.text and item.text not in session.cluster.groups:
        raise errors.analysis(f"resource group not exists: {item.text}")
    if variable.name == "time_zone" and not variables.ZONES.match(item.text):
        raise errors.analysis(f"Unknown or incorrect time zone: '{item.text}'", 1298)
    if variable.name in variables.RANGES:
        low, high = variables.RANGES[variable.name]
        if not re.fullmatch(r"[+-]?\d+", item.text):
            raise errors.analysis(f"{variable.name} is not a number")
        if int(item.text) < low:
            raise errors.analysis(f"{variable.name} must be equal or greater than {low}")
        if int(item.text) > high:
            raise errors.analysis(f"{variable.name} must be equal or smaller than {high}")


def apply(session, item):
    if item.is_user:
        session.user_values[item.name.lstrip("@").strip("'`\"").lower()] = (
            kinds.UNKNOWN if item.text is None else item.kind, item.text)
        return
    if item.name.lower() in variables.DEPRECATED:
        return
    variable = variables.find(item.name)
    if not variable:
        raise errors.plain(variables.unknown(item.name), 1193)
    if variable.read_only:
        raise errors.plain(f"Variable '{item.name}' is a read only variable", 1621)
    if item.scope == "GLOBAL" and variable.scope == "o":
        raise errors.plain(f"Variable '{item.name}' is a SESSION variable and can't be used with SET GLOBAL", 1228)
    if item.scope != "GLOBAL" and variable.scope == "g":
        raise errors.plain(f"Variable '{item.name}' is a GLOBAL variable and should be set with SET GLOBAL", 1229)
    text = variable.default if item.default() else variable.accept(item.text)
    if variable.name == "catalog":
        session.use_catalog(text)
    session.values.put(variable, text, item.scope == "GLOBAL")


# ---- the other forms

def names(session, statement):
    charset = statement.value(2).lower()
    if charset == "gbk":
        raise errors.analysis("charset name gbk is not supported yet")
    if not charset.startswith("utf8") and charset != "default":
        raise errors.analysis(f"Unknown character set: '{statement.value(2)}'", 1115, "42000")
    return Ok()


def ignored(session, statement):
    return Ok()


def catalog(session, statement):
    session.use_catalog(statement.value(2))
    return Ok()


def warehouse(session, statement):
    raise errors.analysis("unsupported statement in shared_nothing mode", 5907, "42000")


def role(session, statement):
    user, wanted = session.effective, statement.word(2)
    if wanted == "ALL":
        session.roles = list(user.roles)
    elif wanted == "NONE":
        session.roles = []
    elif wanted == "DEFAULT":
        session.roles = list(user.default_roles)
    else:
        roles = [t.value for t in statement.tokens[2:] if t.text != ","]
        for name in roles:
            if name not in session.cluster.accounts.roles:
                raise errors.analysis(f"Cannot set role: cannot find role {name}!")
            if name not in user.roles:
                raise errors.plain(f"Role {name} is not granted to {user}")
        session.roles = roles
    return Ok()


def default_role(session, statement):
    from .administration import user_at
    at = next(i for i, t in enumerate(statement.tokens) if t.text.upper() == "TO")
    name, host, _ = user_at(statement, at + 1)
    user = session.cluster.accounts.named(name, host)
    if user is not session.user:
        session.need("GRANT", "SYSTEM")
    roles = [t.value for t in statement.tokens[3:at] if t.text != ","]
    user.default_roles = {"ALL": list(user.roles), "NONE": []}.get(roles[0].upper(), roles)
    return Ok()


def password(session, statement):
    from .administration import user_at
    user, at = session.user, 2
    if statement.word(2) == "FOR":
        name, host, at = user_at(statement, 3)
        user = session.cluster.accounts.named(name, host)
        if name == "root" and session.user.name != "root":
            raise errors.analysis("Can not set password for root user, except root itself")
        if user is not session.user:
            session.need("GRANT", "SYSTEM")
    user.password = next(t.value for t in statement.tokens[at:] if t.kind == "string")
    return Ok()


SPECIAL = {"NAMES": names, "CHARACTER SET": ignored, "CHARSET": ignored, "TRANSACTION": ignored,
           "SESSION TRANSACTION": ignored, "GLOBAL TRANSACTION": ignored, "CATALOG": catalog, "WAREHOUSE": warehouse,
           "ROLE": role, "DEFAULT ROLE": default_role, "PASSWORD": password, "PROPERTY": ignored}
