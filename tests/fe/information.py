"""information_schema as the FE shows it: filtered by privilege, with the FE's types.

Each table becomes a derived table over MariaDB's own.  A query of tables or views that names no
TABLE_SCHEMA sees the current database only.
"""

from . import catalogue, translate

NOTED = "column_comment LIKE 'fe:%'"
TYPE = f"IF({NOTED}, SUBSTRING_INDEX(SUBSTRING(column_comment, 4), '|', 1), column_type)"
WORD = f"SUBSTRING_INDEX(SUBSTRING_INDEX({TYPE}, '(', 1), '<', 1)"
COLUMNS = ("'def' AS TABLE_CATALOG, TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, ORDINAL_POSITION, COLUMN_DEFAULT, IS_NULLABLE,"
           f" {WORD} AS DATA_TYPE, CHARACTER_MAXIMUM_LENGTH, CHARACTER_OCTET_LENGTH, NUMERIC_PRECISION, NUMERIC_SCALE,"
           " DATETIME_PRECISION, CHARACTER_SET_NAME, COLLATION_NAME,"
           f" {TYPE} AS COLUMN_TYPE, COLUMN_KEY, EXTRA, PRIVILEGES,"
           f" IF({NOTED}, SUBSTRING_INDEX(column_comment, '|', -1), column_comment) AS COLUMN_COMMENT,"
           " NUMERIC_PRECISION AS COLUMN_SIZE, NUMERIC_SCALE AS DECIMAL_DIGITS, GENERATION_EXPRESSION, NULL AS SRID")
# table: (its columns, the column that names the database, does the current database count)
VIEWS = {"TABLES": ("*", "table_schema", True), "VIEWS": ("*", "table_schema", True),
         "COLUMNS": (COLUMNS, "table_schema", False), "SCHEMATA": ("*", "schema_name", False),
         "STATISTICS": ("*", "table_schema", False), "PARTITIONS": ("*", "table_schema", False)}
EMPTY = {"MATERIALIZED_VIEWS": "SELECT '' AS MATERIALIZED_VIEW_ID, '' AS TABLE_SCHEMA, '' AS TABLE_NAME,"
                               " '' AS MATERIALIZED_VIEW_DEFINITION",
         "TABLES_CONFIG": "SELECT '' AS TABLE_SCHEMA, '' AS TABLE_NAME, '' AS TABLE_ENGINE, '' AS TABLE_MODEL",
         "BE_TABLETS": "SELECT 0 AS BE_ID, 0 AS TABLE_ID", "TASKS": "SELECT '' AS TASK_NAME, '' AS `DATABASE`"}
NO_ALIAS = {"WHERE", "ORDER", "GROUP", "LIMIT", "JOIN", "LEFT", "RIGHT", "INNER", "CROSS", "UNION", "HAVING", "ON",
            "USING", "FULL", "NATURAL"}


def derived(session, tokens, i, used, table):
    """The text for a name of information_schema that ends before token i + used; None to leave it alone."""
    table = table.upper()
    if table in EMPTY:
        text = EMPTY[table] + " LIMIT 0"
    elif table in VIEWS:
        columns, schema, only_here = VIEWS[table]
        names = catalogue.databases(session)
        if only_here and not any(t.value.upper() == "TABLE_SCHEMA" for t in tokens):
            names = [n for n in names if n == session.database]
        listed = ", ".join(translate.quoted(n) for n in names) or "''"
        text = f"SELECT {columns} FROM information_schema.{table} WHERE BINARY {schema} IN ({listed})"
    else:
        return None
    following = tokens[i + used] if i + used < len(tokens) else None
    named = following is not None and (following.kind == "quoted" or following.kind == "word"
                                       and following.text.upper() not in NO_ALIAS)
    return f"({text})" + ("" if named else f" AS `{tokens[i + used - 1].value}`")
