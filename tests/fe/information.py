"""information_schema as the FE shows it: filtered by privilege, with the FE's tables, columns and types.

Each table becomes a derived table over MariaDB's own; what MariaDB does not have is empty.  A query of tables or
views that names no TABLE_SCHEMA sees the current database only.
"""

import functools
import pathlib

from . import catalogue, translate

NOTED = "column_comment LIKE 'fe:%'"
TYPE = f"IF({NOTED}, SUBSTRING_INDEX(SUBSTRING(column_comment, 4), '|', 1), column_type)"
WORD = f"SUBSTRING_INDEX(SUBSTRING_INDEX({TYPE}, '(', 1), '<', 1)"
# table: (the column that names the database, does the current database count, what differs from MariaDB's column)
VIEWS = {
    "TABLES": ("TABLE_SCHEMA", True, {"ENGINE": "IF(TABLE_TYPE = 'VIEW', NULL, 'StarRocks')", "VERSION": "NULL"}),
    "VIEWS": ("TABLE_SCHEMA", True, {"DEFINER": "''", "SECURITY_TYPE": "''"}),
    "COLUMNS": ("TABLE_SCHEMA", False, {
        "DATA_TYPE": WORD, "COLUMN_TYPE": TYPE, "COLUMN_SIZE": "NUMERIC_PRECISION", "DECIMAL_DIGITS": "NUMERIC_SCALE",
        "COLUMN_COMMENT": f"IF({NOTED}, SUBSTRING_INDEX(column_comment, '|', -1), column_comment)", "SRS_ID": "NULL"}),
    "SCHEMATA": ("SCHEMA_NAME", False, {}),
    "STATISTICS": ("TABLE_SCHEMA", False, {"EXPRESSION": "CAST(NULL AS CHAR)"}),
    "PARTITIONS": ("TABLE_SCHEMA", False, {}),
}
CATALOG = {"TABLE_CATALOG": "'def'", "CATALOG_NAME": "'def'"}
NO_ALIAS = {"WHERE", "ORDER", "GROUP", "LIMIT", "JOIN", "LEFT", "RIGHT", "INNER", "CROSS", "UNION", "HAVING", "ON",
            "USING", "FULL", "NATURAL"}
HIDDEN = "__fe"  # a database behind: what the FE's information_schema says of itself
CONSTANT = {"ENGINES": "ENGINE, SUPPORT, COMMENT, TRANSACTIONS, XA, SAVEPOINTS",
            "CHARACTER_SETS": "CHARACTER_SET_NAME, DEFAULT_COLLATE_NAME, DESCRIPTION, MAXLEN",
            "COLLATIONS": "COLLATION_NAME, CHARACTER_SET_NAME, ID, IS_DEFAULT, IS_COMPILED, SORTLEN"}


@functools.cache
def shapes():
    """Table, in capitals, to [(column, type, nullable)]."""
    found = {}
    for line in pathlib.Path(__file__).with_name("information.tsv").read_text().splitlines():
        if not line.startswith("#"):
            table, *column = line.split("\t")
            found.setdefault(table.upper(), []).append(column)
    return found


def prepare(cluster):
    """Puts the rows of information_schema about itself behind, once."""
    if cluster.lookup(f"SELECT 1 FROM information_schema.tables WHERE table_schema = '{HIDDEN}' AND table_name = 'ready'"):
        return
    rows = [(table.lower(), name, str(i), kind, null) for table, columns in shapes().items()
            for i, (name, kind, null) in enumerate(columns, 1)]
    listed = ", ".join("(" + ", ".join(translate.quoted(v) for v in row) + ")" for row in rows)
    tables = ", ".join(f"({translate.quoted(t.lower())})" for t in shapes())
    for sql in (f"CREATE DATABASE IF NOT EXISTS {HIDDEN} DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
                f"CREATE TABLE IF NOT EXISTS {HIDDEN}.columns (t VARCHAR(64), c VARCHAR(64), n INT, k VARCHAR(255),"
                " o VARCHAR(3), PRIMARY KEY (t, n))",
                f"CREATE TABLE IF NOT EXISTS {HIDDEN}.tables (t VARCHAR(64) PRIMARY KEY)",
                f"REPLACE INTO {HIDDEN}.columns VALUES {listed}", f"REPLACE INTO {HIDDEN}.tables VALUES {tables}",
                f"CREATE TABLE IF NOT EXISTS {HIDDEN}.ready (x INT)"):
        cluster.lookup(sql)


OWN = {  # the FE's rows about information_schema itself
    "TABLES": ("tables", {"TABLE_NAME": "t", "TABLE_TYPE": "'SYSTEM VIEW'", "TABLE_SCHEMA": "'information_schema'"}),
    "COLUMNS": ("columns", {"TABLE_NAME": "t", "COLUMN_NAME": "c", "ORDINAL_POSITION": "n", "COLUMN_TYPE": "k",
                            "DATA_TYPE": "SUBSTRING_INDEX(SUBSTRING_INDEX(k, '(', 1), '<', 1)", "IS_NULLABLE": "o",
                            "TABLE_SCHEMA": "'information_schema'"}),
}


def own_rows(table):
    if table not in OWN:
        return ""
    source, known = OWN[table]
    columns = ", ".join((CATALOG | known).get(name, "NULL") for name, _, _ in shapes()[table])
    return f" UNION ALL SELECT {columns} FROM {HIDDEN}.{source}"


def variable_rows(session):
    from . import variables
    rows = " UNION ALL ".join(
        f"SELECT {translate.quoted(v.shown)}, {translate.quoted(session.values.text(v, 'SESSION'))}"
        for v in variables.ALL if not v.hidden)
    return f"SELECT VARIABLE_NAME, VARIABLE_VALUE FROM (SELECT '' AS VARIABLE_NAME, '' AS VARIABLE_VALUE UNION ALL {rows}) v WHERE VARIABLE_NAME <> ''"


def text_of(session, tokens, table):
    if table in ("SESSION_VARIABLES", "GLOBAL_VARIABLES", "VERBOSE_SESSION_VARIABLES"):
        more = ", '' AS DEFAULT_VALUE, 0 AS IS_CHANGED" if table.startswith("VERBOSE") else ""
        return f"SELECT v.*{more} FROM ({variable_rows(session)}) v"
    if table in CONSTANT:
        return f"SELECT {CONSTANT[table]} FROM information_schema.{table}"
    if table not in VIEWS:
        empty = ", ".join(f"'' AS `{name}`" for name, _, _ in shapes()[table])
        return f"SELECT {empty} LIMIT 0"
    schema, only_here, differs = VIEWS[table]
    columns = ", ".join(f"{(CATALOG | differs).get(name, name)} AS `{name}`" for name, _, _ in shapes()[table])
    names = catalogue.databases(session)
    if only_here and not any(t.value.upper() == "TABLE_SCHEMA" for t in tokens):
        names = [n for n in names if n == session.database]
    listed = ", ".join(translate.quoted(n) for n in names if n != "information_schema") or "''"
    text = f"SELECT {columns} FROM information_schema.{table} WHERE BINARY {schema} IN ({listed})"
    words = {t.value.upper() for t in tokens}
    if "information_schema" not in names or (schema in words and not any(
            t.kind == "string" and t.value.lower() == "information_schema" for t in tokens)):
        return text
    if table == "SCHEMATA":
        return text + " OR schema_name = 'information_schema'"
    prepare(session.cluster)
    return text + own_rows(table)


def derived(session, tokens, i, used, table):
    """The text for a name of information_schema that ends before token i + used; None to leave it alone."""
    table = table.upper()
    if table not in shapes():
        return None
    text = text_of(session, tokens, table)
    following = tokens[i + used] if i + used < len(tokens) else None
    named = following is not None and (following.kind == "quoted" or following.kind == "word"
                                       and following.text.upper() not in NO_ALIAS)
    return f"({text})" + ("" if named else f" AS `{tokens[i + used - 1].value}`")
