"""What the FE knows of tables.  MariaDB keeps it: a column's comment begins with its StarRocks type.

    fe:<type>|<key: 1 or 0>|<default, for COM_FIELD_LIST>|<comment>

A table made in MariaDB directly has no such comments; its types are derived.
"""

import re
import time

from . import kinds

TABLE = """TABLE_CATALOG:512 TABLE_SCHEMA:2048 TABLE_NAME:2048 TABLE_TYPE:2048 ENGINE:2048 VERSION:n ROW_FORMAT:10
 TABLE_ROWS:n AVG_ROW_LENGTH:n DATA_LENGTH:n MAX_DATA_LENGTH:n INDEX_LENGTH:n DATA_FREE:n AUTO_INCREMENT:n
 CREATE_TIME:t UPDATE_TIME:t CHECK_TIME:t TABLE_COLLATION:32 CHECKSUM:n CREATE_OPTIONS:255 TABLE_COMMENT:2048"""
FRESH = 1.0  # seconds that a table's columns are believed; a test may change it behind our back
LAYOUTS = {("information_schema", "tables"): TABLE}


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
    if (database, table) in LAYOUTS:
        kind = {"n": kinds.BIGINT, "t": kinds.DATETIME}
        pairs = (x.split(":") for x in LAYOUTS[database, table].split())
        return [Column(n, kind.get(k) or kinds.varchar(int(k))) for n, k in pairs]
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
    layout = (definition.schema, definition.table.lower())
    if definition.table and (definition.schema not in ("", "information_schema") or layout in LAYOUTS):
        known = columns(session, *(layout if layout in LAYOUTS else (definition.schema, definition.table)))
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
    rows = session.cluster.lookup(
        "SELECT table_name, table_type = 'VIEW' FROM information_schema.tables"
        f" WHERE BINARY table_schema = '{escaped(database)}' ORDER BY BINARY table_name")
    return [(name, view == "1") for name, view in rows if session.may("ANY", "TABLE", database, name)]
