"""CREATE, DROP, ALTER, TRUNCATE of databases, tables and views, in MariaDB's words."""

import re

from . import accounts, administration, catalogue, errors, kinds, references, translate
from .cluster import BUILTIN_DATABASES
from .mariadb import Refused
from .reply import Ok

AGGREGATES = {"SUM", "MIN", "MAX", "REPLACE", "REPLACE_IF_NOT_NULL", "HLL_UNION", "BITMAP_UNION", "PERCENTILE_UNION"}
KEYS = ("DUPLICATE", "UNIQUE", "PRIMARY", "AGGREGATE")
LONGEST = 1000  # a longer VARCHAR becomes LONGTEXT


def stored(kind):
    """MariaDB's type for one of StarRocks."""
    name = kind.name
    if name == "boolean":
        return "tinyint(1)"
    if name == "largeint":
        return "decimal(39,0)"
    if kind.code == 253:
        return name if kind.length <= 3 * LONGEST else "longtext"
    if name in ("hll", "bitmap") or name.startswith("varbinary"):
        return "longblob"
    if kind.code == 254 and not name.startswith("char"):
        return "longtext"
    return "datetime(6)" if name == "datetime" else name


class ColumnText:
    """A column as CREATE TABLE writes it."""

    def __init__(self, session, tokens, keys):
        self.name, depth, i = tokens[0].value, 0, 1
        while i < len(tokens):
            depth += {"(": 1, "<": 1, ")": -1, ">": -1, ">>": -2}.get(tokens[i].text, 0)
            i += 1
            if not depth and not (i < len(tokens) and tokens[i].text in ("(", "<")):
                break
        text = "".join((" " if a.end != b.start and b.kind == "word" else "") + b.text
                       for a, b in zip([tokens[1]] + tokens[1:i], tokens[1:i]))
        self.kind, self.nullable, self.comment, self.default = kinds.named(text), True, "", None
        self.key, aggregate = self.name in keys, ""
        while i < len(tokens):
            word = tokens[i].text.upper()
            if word in AGGREGATES:
                aggregate = word
            elif word == "NOT":
                self.nullable, i = False, i + 1
            elif word == "KEY":
                self.key = True
            elif word == "COMMENT" and i + 1 < len(tokens):
                self.comment, i = tokens[i + 1].value, i + 1
            elif word == "DEFAULT" and i + 1 < len(tokens):
                rest = tokens[i + 1:i + 4]
                call = len(rest) == 3 and rest[1].text == "("
                self.default = translate.to_mariadb(session, rest if call else rest[:1])
                i += 3 if call else 1
            i += 1
        self.shown_default = self.default.strip("'") if self.default not in (None, "NULL") else (
            "0" if aggregate == "SUM" and self.kind in kinds.LADDER else "")

    def column(self):
        return catalogue.Column(self.name, self.kind, self.nullable, self.key, self.shown_default, self.comment)

    def text(self, primary):
        null = "NOT NULL" if not self.nullable or self.key and primary else "NULL"
        default = f" DEFAULT {self.default}" if self.default is not None else ""
        note = catalogue.note(self.kind, self.key, self.shown_default, self.comment)
        return f"`{self.name}` {stored(self.kind)} {null}{default} COMMENT {translate.quoted(note)}"


def split(tokens):
    """Tokens between commas, outside brackets."""
    parts, part, depth = [], [], 0
    for token in tokens:
        depth += {"(": 1, "<": 1, "[": 1, ")": -1, ">": -1, "]": -1, ">>": -2}.get(token.text, 0) \
            if token.kind == "op" else 0
        if token.text == "," and not depth:
            parts.append(part)
            part = []
        else:
            part.append(token)
    return parts + [part]


def closing(tokens, at):
    depth = 0
    for i in range(at, len(tokens)):
        depth += {"(": 1, ")": -1}.get(tokens[i].text, 0)
        if not depth:
            return i
    return len(tokens) - 1


def perform(session, statement, sql):
    session.cluster.tables.clear()
    try:
        affected, definitions = session.behind().query(sql)
        if definitions is not None:
            for _ in session.behind().rows():
                pass
    except Refused as e:
        raise errors.translated(session, statement, e) from e
    session.cluster.tables.clear()
    return affected or 0


def create_table(session, statement):
    tokens, at = statement.tokens, 1
    while statement.word(at) in ("TEMPORARY", "EXTERNAL"):
        at += 1
    at += 1
    if statement.words("IF", "NOT", "EXISTS", at=at):
        at += 3
    head = translate.to_mariadb(session, tokens[:at])
    parts, at = references.name_at(tokens, at)
    database, table = references.resolved(session, parts)
    session.need_database("CREATE TABLE", database)
    tail = tokens[at:]
    columns, primary = [], []
    if at < len(tokens) and tokens[at].text == "(" and statement.word(at + 1) != "SELECT":
        end = closing(tokens, at)
        tail = tokens[end + 1:]
        keys, unique = key_names(tail)
        defined = [ColumnText(session, p, keys) for p in split(tokens[at + 1:end])
                   if p and p[0].text.upper() not in ("INDEX", "KEY")]
        if not keys:
            for column in defined[:3]:
                column.key = True
        primary = keys if unique else []
        columns = [c.text(primary) for c in defined]
        if primary:
            columns.append(f"PRIMARY KEY (`{'`, `'.join(primary)}`)")
    sql = f"{head} `{database}`.`{table}`" + (f" ({', '.join(columns)})" if columns else "") + table_tail(session, tail)
    affected = perform(session, statement, sql)
    if statement.word(1) == "TEMPORARY":
        session.temporary[database, table] = [c.column() for c in defined] if columns else []
    selects = any(t.text.upper() == "AS" for t in tail)
    if not selects:
        return Ok()
    label, number = session.cluster.new_id(), session.cluster.next("txn")
    return Ok(affected, f"{{'label':'insert_{label}', 'status':'VISIBLE', 'txnId':'{number}'}}")


def key_names(tail):
    for i, token in enumerate(tail):
        if token.text.upper() in KEYS and i + 2 < len(tail) and tail[i + 1].text.upper() == "KEY":
            names = [t.value for t in tail[i + 3:closing(tail, i + 2)] if t.text != ","]
            return names, token.text.upper() in ("UNIQUE", "PRIMARY")
    return [], False


def table_tail(session, tail):
    """The comment and AS SELECT; distribution, partitions and properties mean nothing to MariaDB."""
    out, depth = "", 0
    for i, token in enumerate(tail):
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        word = token.text.upper()
        if not depth and word == "COMMENT" and i + 1 < len(tail):
            out += f" COMMENT {translate.quoted(tail[i + 1].value)}"
        if not depth and word == "AS":
            return out + " " + translate.to_mariadb(session, tail[i:])
        if not depth and word == "LIKE":
            return " " + translate.to_mariadb(session, tail[i:])
    return out


def create_database(session, statement):
    session.need_catalog("CREATE DATABASE")
    tokens = [t for t in statement.tokens if t.text != ";"]
    at = 5 if statement.words("IF", "NOT", "EXISTS", at=2) else 2
    name = tokens[at].value
    perform(session, statement,
            translate.to_mariadb(session, tokens[:at]) + f" `{name}` DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
    return Ok()


def drop_database(session, statement):
    at = 4 if statement.words("IF", "EXISTS", at=2) else 2
    name = statement.value(at)
    if name in BUILTIN_DATABASES:
        raise accounts.denied(session.effective, session.roles, "DROP", "DATABASE", name)
    if catalogue.exists(session, name):
        session.need("DROP", "DATABASE", name)
    perform(session, statement, translate.to_mariadb(session, statement.tokens[:at]) + f" `{name}`")
    return Ok()


def drop_table(session, statement):
    at = 2 + (statement.word(1) == "TEMPORARY")
    if statement.words("IF", "EXISTS", at=at):
        at += 2
    parts, behind = references.name_at(statement.tokens, at)
    database, table = references.resolved(session, parts)
    if not session.may("DROP", "TABLE", database, table):
        raise accounts.denied(session.effective, session.roles, "DROP", "TABLE", table)
    perform(session, statement, translate.to_mariadb(session, statement.tokens[:at]) + f" `{database}`.`{table}`")
    session.temporary.pop((database, table), None)
    return Ok()


def drop_view(session, statement):
    if not statement.words("IF", "EXISTS", at=2):
        parts, _ = references.name_at(statement.tokens, 2)
        database, table = references.resolved(session, parts)
        if (table, True) not in catalogue.tables(session, database):
            raise errors.unknown_table(".".join(parts))
    return passed(session, statement)


def alter_table(session, statement):
    parts, at = references.name_at(statement.tokens, 2)
    database, table = references.resolved(session, parts)
    session.need("ALTER", "TABLE", database, table)
    tokens = statement.tokens
    if statement.words("ADD", "COLUMN", at=at):
        column = ColumnText(session, tokens[at + 2:], ())
        known = next((c for c in catalogue.columns(session, database, table) or () if c.name == column.name), None)
        if known:
            null = "NULL" if known.nullable else "NOT NULL"
            raise errors.plain(
                f"Can not add column which already exists in column id: {column.name}, you can remove `{known.name}`"
                f' {kinds.sized(known.kind)} {null} COMMENT "{known.comment}" and try again.')
        perform(session, statement, f"ALTER TABLE `{database}`.`{table}` ADD COLUMN {column.text(())}")
        return Ok()
    return passed(session, statement)


def passed(session, statement):
    tokens = [t for t in statement.tokens if t.text.upper() != "FORCE"]
    perform(session, statement, translate.to_mariadb(session, tokens))
    return Ok()


def truncate(session, statement):
    parts, _ = references.name_at(statement.tokens, 2)
    session.need("DELETE", "TABLE", *references.resolved(session, parts))
    return passed(session, statement)


def analyze(session, statement):
    at = next((i + 1 for i, t in enumerate(statement.tokens) if t.text.upper() == "TABLE"), 1)
    parts, _ = references.name_at(statement.tokens, at)
    if parts and catalogue.columns(session, *references.resolved(session, parts)) is None:
        raise errors.not_found(parts[-1])
    return Ok()


ROUTES = [(r"CREATE (TEMPORARY |EXTERNAL )?TABLE", create_table), (r"CREATE (DATABASE|SCHEMA)", create_database),
          (r"DROP (DATABASE|SCHEMA)", drop_database), (r"DROP (TEMPORARY )?TABLE", drop_table),
          (r"ALTER TABLE", alter_table), (r"(CREATE|ALTER) (OR REPLACE )?VIEW", passed), (r"DROP VIEW", drop_view),
          (r"TRUNCATE TABLE", truncate)]


def run(session, statement):
    head = " ".join(statement.word(i) for i in range(4))
    for pattern, handler in ROUTES + administration.ROUTES:
        if re.match(pattern + r"\b", head):
            return handler(session, statement)
    raise errors.no_viable(statement, 1)
