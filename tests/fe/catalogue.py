"""What the FE knows of tables.  MariaDB keeps it: a column's comment begins with its StarRocks type.

    fe:<type>|<key: 1 or 0>|<default, for COM_FIELD_LIST>|<comment>

A table made in MariaDB directly has no such comments; its types are derived.
"""

import re
import time

from . import kinds

FRESH = 1.0  # seconds that a table's columns are believed; a test may change it behind our back


class Column:
    def __init__(self, name, kind, nullable=True, key=False, default="", comment="", primary=True):
        self.name, self.kind, self.nullable, self.key = name, kind, nullable, key
        self.primary = primary  # part of a primary key, or of a table whose kind is not known
        self.default, self.comment = default, comment


def note(kind, key, default, comment):
    return f"fe:{kind.name}|{int(key)}|{default}|{comment}"


def _column(row):
    name, text, nullable, index, comment = row
    found = re.match(r"fe:(.*?)\|([01])\|(.*?)\|(.*)$", comment or "", re.DOTALL)
    if found:
        kind, key, default, comment = kinds.named(found.group(1)), found.group(2) == "1", found.group(3), found.group(4)
    else:
        kind, key, default = from_mariadb(text), index == "PRI", ""
    if kind.name in ("hll", "bitmap"):
        default = "\0"
    return Column(name, kind, nullable == "YES", key, default, comment, index == "PRI" if found else True)


def from_mariadb(text):
    text = text.lower()
    if text.startswith("tinyint(1)"):
        return kinds.BOOLEAN
    word = re.match(r"\w+", text).group()
    if word in ("tinytext", "text", "mediumtext", "longtext", "enum", "set"):
        return kinds.varchar(65533)
    if word.endswith("blob") or word.endswith("binary"):
        return kinds.named("varbinary")
    if word in ("mediumint", "year"):
        return kinds.INT
    return kinds.named(re.sub(r"^(tinyint|smallint|int|bigint)\(\d+\)|\(\d\)$| unsigned", r"\1", text))


def columns(session, database, table):
    """The columns of a table, or None."""
    if database.lower() == "information_schema":
        from . import information
        known = information.shapes().get(table.upper())
        return known and [Column(name, kinds.named(kind), null == "YES") for name, kind, null in known]
    if (database, table) in session.temporary:
        return session.temporary[database, table]
    tables = session.cluster.tables
    known_at, known = tables.get((database, table), (0, None))
    if time.monotonic() - known_at > FRESH:
        rows = session.cluster.lookup(
            "SELECT column_name, column_type, is_nullable, column_key, column_comment FROM information_schema.columns"
            f" WHERE table_schema = '{escaped(database)}' AND table_name = '{escaped(table)}' ORDER BY ordinal_position")
        if not rows:
            return None
        known = [_column(r) for r in rows]
        tables[database, table] = time.monotonic(), known
    return known


def kind_of(session, definition):
    """The type of a result's column."""
    if definition.table and definition.schema not in ("", "__fe"):
        known = columns(session, definition.schema, definition.table)
        for column in known or ():
            if column.name.lower() == definition.column.lower():
                return column.kind
    kind = kinds.of_mariadb(definition.code, definition.length, definition.decimals, definition.charset,
                            definition.flags)
    if not definition.table and kind.code in (253, 254) and kind.name.startswith(("varchar", "char")):
        return kinds.TEXT
    return kind


def escaped(text):
    return text.replace("\\", "\\\\").replace("'", "''")


def databases(session):
    """All databases that this session may see, in order."""
    from .cluster import BUILTIN_DATABASES, HIDDEN_DATABASES
    rows = session.cluster.lookup("SELECT schema_name FROM information_schema.schemata")
    names = {r[0] for r in rows} - HIDDEN_DATABASES | BUILTIN_DATABASES
    return sorted(n for n in names if n == "information_schema" or session.may("ANY", "DATABASE", n))


def exists(session, database):
    from .cluster import BUILTIN_DATABASES, HIDDEN_DATABASES
    if database in BUILTIN_DATABASES:
        return True
    return database not in HIDDEN_DATABASES and bool(session.cluster.lookup(
        f"SELECT 1 FROM information_schema.schemata WHERE BINARY schema_name = '{escaped(database)}'"))


def tables(session, database):
    """(name, is a view) of the tables that this session may see."""
    if database.lower() == "information_schema":
        from . import information
        return [(name.lower(), True) for name in sorted(information.shapes())]
    rows = session.cluster.lookup(
        "SELECT table_name, table_type = 'VIEW' FROM information_schema.tables"
        f" WHERE BINARY table_schema = '{escaped(database)}' ORDER BY BINARY table_name")
    return [(name, view == "1") for name, view in rows if session.may("ANY", "TABLE", database, name)]
