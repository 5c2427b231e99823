"""SHOW and DESC.  Shapes with nothing to tell stand in tables; the rest are functions."""

import re
import time

from . import accounts, catalogue, errors, kinds, references, show_cluster, variables
from .reply import Rows, shown

ROUTINE = ("Db:64,Name:10,Type:80,Definer:64,Modified:80,Created:80,Security_type:80,Comment:80,"
           "character_set_client:80,collation_connection:80,Database Collation:80")
# always the same answer: columns, rows, the width of columns that name none
FIXED = {
    "WARNINGS": ("Level,Code,Message", [], 20), "ERRORS": ("Level,Code,Message", [], 20),
    "STATUS": ("Variable_name,Value", [], 20), "GLOBAL STATUS": ("Variable_name,Value", [], 20),
    "SESSION STATUS": ("Variable_name,Value", [], 20),
    "PRIVILEGES": ("Privilege:64,Context:64,Comment:200", [], 30),
    "PROCEDURE STATUS": (ROUTINE, [], 80), "FUNCTION STATUS": (ROUTINE, [], 80),
    "TRIGGERS": ("Trigger:64,Event:10,Table:80,Statement:64,Timing:80,Created:80,sql_mode:80,Definer:80,"
                 "character_set_client:80,collation_connection:80,Database Collation:80", [], 80),
    "EVENTS": ("Db:20,Name:30,Definer:20,Time:20,Type:20,Execute at:20,Interval value:30,Interval field:30,"
               "Status:30,Ends:30,Status:30,Originator:30,character_set_client:30,collation_connection:30,"
               "Database Collation:30", [], 30),
    "OPEN TABLES": ("Database:64,Table:10,In_use:80,Name_locked:64", [], 30),
    "BROKER": ("Name,IP,Port,Alive,LastStartTime,LastUpdateTime,ErrMsg", [], 30),
    "ENGINES": ("Engine:64,Support:8,Comment:80,Transactions:3,XA:3,Savepoints:3",
                [[n, "YES", c, "NO", "NO", "NO"] for n, c in (
                    ("OLAP", "Default storage engine of StarRocks"), ("MySQL", "MySQL server which data is in it"),
                    ("ELASTICSEARCH", "ELASTICSEARCH cluster which data is in it"),
                    ("HIVE", "HIVE database which data is in it"),
                    ("ICEBERG", "ICEBERG data lake which data is in it"))], 30),
    "COLLATION": ("Collation,Charset,Id:n,Default,Compiled,Sortlen:n",
                  [["utf8_general_ci", "utf8", "33", "Yes", "Yes", "1"], ["binary", "binary", "63", "Yes", "Yes", "1"],
                   ["gbk_chinese_ci", "gbk", "28", "Yes", "Yes", "1"]], 20),
    "CHARSET": ("Charset,Description,Default collation,Maxlen", [["utf8", "UTF-8 Unicode", "utf8_general_ci", "3"]], 20),
    "PLUGINS": ("Name:64,Type:10,Description:200,Version:20,JavaVersion:20,ClassName:64,SoName:64,Sources:200,"
                "Status:20,Properties:250",
                [["__builtin_AuditLogBuilder", "AUDIT", "builtin audit logger", "0.12.0", "1.8.31",
                  "com.starrocks.qe.AuditLogBuilder", None, "Builtin", "INSTALLED", "{}"]], 30),
    "ALTER TABLE COLUMN": ("JobId,TableName,CreateTime,FinishTime,IndexName,IndexId,OriginIndexId,SchemaVersion,TransactionId,"
                           "State,Msg,Progress,Timeout", [], 30),
    "RUNNING QUERIES": ("QueryId,WarehouseId,ResourceGroupId,StartTime,PendingTimeout,QueryTimeout,State,Slots,"
                        "Fragments,DOP,Frontend,FeStartTime", [], 64),
}
FIXED["CHARACTER SET"] = FIXED["CHARSET"]
INDEX = ("Table:64,Non_unique:10,Key_name:80,Seq_in_index:64,Column_name:80,Collation:80,Cardinality:80,Sub_part:80,"
         "Packed:80,Null:80,Index_type:80,Comment:80")


def check_syntax(statement):
    for i, token in enumerate(statement.tokens[:-1]):
        if token.text.upper() == "LIKE" and token.kind == "word" and statement.tokens[i + 1].kind != "string":
            raise errors.unexpected(statement, statement.tokens[i + 1], "SINGLE_QUOTED_TEXT, DOUBLE_QUOTED_TEXT")


def help(session, statement):
    return shown("name:64,is_it_category:1", [])


def like(pattern):
    text = "".join({"%": ".*", "_": "."}.get(p, re.escape(p)) for p in re.split(r"(%|_)", pattern))
    return lambda name: re.fullmatch(text, name, re.IGNORECASE | re.DOTALL)


def pattern_of(statement):
    """A test for the LIKE of a SHOW."""
    for i, token in enumerate(statement.tokens):
        if token.kind == "word" and token.text.upper() == "LIKE" and i + 1 < len(statement.tokens):
            return like(statement.value(i + 1))
    return lambda name: True


def wants_where(statement):
    return any(t.kind == "word" and t.text.upper() == "WHERE" for t in statement.tokens)


def header_fits(statement, prefix, header):
    """A test for what WHERE says of that column by = or LIKE; refuses another one with this prefix."""
    tests = []
    for i, token in enumerate(statement.tokens):
        if token.kind in ("word", "quoted") and token.value.lower().startswith(prefix):
            if token.value.lower() != header.lower():
                raise errors.analysis(f"Column '{token.value}' cannot be resolved")
            following = statement.tokens[i + 1:i + 3]
            if len(following) == 2 and following[0].text.upper() in ("=", "LIKE") and following[1].kind == "string":
                value = following[1].value
                tests.append((lambda n, v=value: n == v) if following[0].text == "=" else like(value))
    return lambda name: all(test(name) for test in tests)


def name_behind(statement, *words):
    """The parts of the name behind FROM or IN, the last if there are two."""
    found = []
    for i, token in enumerate(statement.tokens):
        if token.kind == "word" and token.text.upper() in words:
            parts, _ = references.name_at(statement.tokens, i + 1)
            if parts:
                found.append(parts)
    return found


def database_of(session, statement):
    """The database that SHOW TABLES and the like look at."""
    names = name_behind(statement, "FROM", "IN")
    if names:
        parts = names[0]
        if len(parts) == 2 and parts[0] not in session.cluster.catalogs:
            raise errors.unknown_catalog(parts[0], errors.ANALYSIS)
        database = references.folded(parts[-1])
    else:
        database = session.database
    if not database:
        raise errors.NO_DATABASE
    if session.catalog != "default_catalog" and not names or not catalogue.exists(session, database):
        raise errors.unknown_database(database, errors.ANALYSIS)
    return database


def databases(session, statement):
    catalogs = name_behind(statement, "FROM")
    if catalogs and catalogs[0][0] not in session.cluster.catalogs:
        raise errors.unknown_catalog(catalogs[0][0], errors.ANALYSIS)
    fits = header_fits(statement, "database", "Database") if wants_where(statement) else pattern_of(statement)
    return shown("Database:64", [[n] for n in catalogue.databases(session) if fits(n)])


def tables(session, statement):
    database, fits = database_of(session, statement), pattern_of(statement)
    width = 2048 if wants_where(statement) else 20
    names = [(n, v) for n, v in catalogue.tables(session, database) if wants_where(statement) or fits(n)]
    if wants_where(statement):  # the FE asks its information_schema here
        fits = header_fits(statement, "tables_in_", f"Tables_in_{database}")
        names = [(n, v) for n, v in names if fits(n)]
        names = [(n, v) for n, v in names if not v or "VIEW" not in statement.text.upper()]
    if statement.word(1) == "FULL":
        view = "SYSTEM VIEW" if database == "information_schema" else "VIEW"
        rows = [[n, view if v else "BASE TABLE"] for n, v in names]
        return shown([f"Tables_in_{database}:{width}", f"Table_type:{width}"], rows)
    return shown([f"Tables_in_{database}:{width}"], [[n] for n, _ in names])


def temporary_tables(session, statement):
    return shown([f"Tables_in_{database_of(session, statement)}:20"],
                 [[table] for database, table in session.temporary if database == database_of(session, statement)])


def table_status(session, statement):
    database, fits = database_of(session, statement), pattern_of(statement)
    columns = [(n, kinds.BIGINT) if n.startswith("*") else n for n in (
        "Name:64,Engine:10,*Version,Row_format:64,*Rows,*Avg_row_length,*Data_length,*Max_data_length,*Index_length,"
        "*Data_free,*Auto_increment").split(",")]
    columns = [(c[0][1:], c[1]) if isinstance(c, tuple) else c for c in columns]
    columns += [(n, kinds.DATETIME) for n in ("Create_time", "Update_time", "Check_time")]
    columns += ["Collation:64", ("Checksum", kinds.BIGINT), "Create_options:64", "Comment:64"]
    now = time.strftime("%Y-%m-%d %H:%M:%S")
    comments = dict(session.cluster.lookup(
        f"SELECT table_name, table_comment FROM information_schema.tables WHERE table_schema = '{database}'"))
    rows = []
    for name, view in catalogue.tables(session, database):
        if fits(name):
            size = "-1" if view else "0"
            rows.append([name, None if view else "StarRocks", None, "", size, size, size, None, None, None, None, now,
                         "1969-12-31 23:59:59" if view else now, None, "utf8_general_ci", None, "",
                         "" if view else comments.get(name, "")])
    return shown(columns, rows)


def table_of(session, parts):
    """(database, table, its columns) of a table that one may see."""
    database, table = references.resolved(session, parts)
    columns = catalogue.columns(session, database, table)
    if columns is None:
        if database != "information_schema" and not catalogue.exists(session, database):
            raise errors.unknown_database(database, errors.ANALYSIS)
        raise errors.unknown_table(".".join(parts))
    if not session.may("ANY", "TABLE", database, table):
        raise accounts.denied(session.effective, session.roles, "ANY", "TABLE", table)
    return database, table, columns


def default_of(column):
    return column.default if column.default and column.default != "\0" else None


def describe(session, statement):
    parts, behind = references.name_at(statement.tokens, 1)
    if not parts:
        raise errors.no_viable(statement, 1)
    if statement.tokens[behind:] and statement.word(behind) != "ALL":
        raise errors.unexpected(statement, statement.tokens[behind], "<EOF>, ';'")
    _, _, columns = table_of(session, parts)
    rows = [[c.name, c.kind.name, "YES" if c.nullable else "NO", "true" if c.key else "false", default_of(c), ""]
            for c in columns]
    return shown("Field,Type,Null,Key,Default,Extra", rows)


def columns_of(session, statement):
    full, names = statement.word(1) == "FULL", name_behind(statement, "FROM", "IN")
    if not names:
        raise errors.no_viable(statement, len(statement.tokens))
    parts = names[0] if len(names) == 1 else [names[1][-1], names[0][-1]]
    _, _, columns = table_of(session, parts)
    fits = pattern_of(statement)
    rows = []
    for c in (c for c in columns if fits(c.name)):
        key, null = "YES" if c.key else "NO", "YES" if c.nullable else "NO"
        more = [c.name, c.kind.name, "", null, key, default_of(c), "", "", c.comment]
        rows.append(more if full else [c.name, c.kind.name, null, key, default_of(c), ""])
    if full:
        return shown("Field,Type,Collation,Null,Key,Default,Extra,Privileges:80,Comment", rows, 20)
    return shown("Field,Type,Null,Key,Default,Extra", rows, 20)


def index(session, statement):
    table_of(session, name_behind(statement, "FROM", "IN")[0])
    return shown(INDEX, [])


def show_variables(session, statement):
    scope, fits = statement.word(1), pattern_of(statement)
    names = sorted((v for v in variables.ALL if not v.hidden and fits(v.shown)), key=lambda v: v.shown)
    if wants_where(statement):
        wanted = {t.value.lower() for t in statement.tokens if t.kind == "string"}
        names = [v for v in names if v.shown in wanted]
        return shown("Variable_name:64,Value:1024", [[v.shown, session.values.text(v, scope)] for v in names])
    return shown("Variable_name,Value", [[v.shown, session.values.text(v, scope)] for v in names], 20)


def create_database(session, statement):
    name = statement.value(3)
    if not catalogue.exists(session, name):
        raise errors.unknown_database(name, errors.ANALYSIS)
    session.need("ANY", "DATABASE", name)
    return shown("Database:20,Create Database:30", [[name, f"CREATE DATABASE `{name}`"]])


def create_table(session, statement):
    """The FE's form; key, buckets and properties are not known here and are left out."""
    parts, _ = references.name_at(statement.tokens, 3)
    database, table = references.resolved(session, parts)
    columns = catalogue.columns(session, database, table)
    if columns is None:
        raise errors.not_found(".".join(parts))
    if not session.may("ANY", "TABLE", database, table):
        raise accounts.denied(session.effective, session.roles, "ANY", "TABLE", table)
    lines = [f'  `{c.name}` {kinds.sized(c.kind)} {"NULL" if c.nullable else "NOT NULL"} COMMENT "{c.comment}"'
             for c in columns]
    keys = ", ".join(f"`{c.name}`" for c in columns if c.key)
    text = f"CREATE TABLE `{table}` (\n" + ",\n".join(lines) + f"\n) ENGINE=OLAP \nDUPLICATE KEY({keys})\n;"
    return shown("Table:20,Create Table:30", [[table, text]])


def create_view(session, statement):
    parts, _ = references.name_at(statement.tokens, 3)
    database, table, columns = table_of(session, parts)
    text = session.cluster.lookup("SELECT view_definition FROM information_schema.views"
                                  f" WHERE table_schema = '{database}' AND table_name = '{table}'")
    names = ", ".join(f"`{c.name}`" for c in columns)
    text = f"CREATE VIEW `{table}` ({names}) SECURITY NONE AS {text[0][0] if text else ''};"
    return shown("View:20,Create View,character_set_client,collation_connection",
                 [[table, text, "utf8", "utf8_general_ci"]])


ROUTES = [
    (r"(DATABASES|SCHEMAS)", databases), (r"TEMPORARY TABLES", temporary_tables), (r"(FULL )?TABLES", tables),
    (r"TABLE STATUS", table_status), (r"(FULL )?(COLUMNS|FIELDS)", columns_of), (r"(INDEX|INDEXES|KEYS)", index),
    (r"((GLOBAL|SESSION|LOCAL) )?VARIABLES", show_variables), (r"CREATE (DATABASE|SCHEMA)", create_database),
    (r"CREATE TABLE", create_table), (r"CREATE VIEW", create_view)] + show_cluster.ROUTES


def run(session, statement):
    words = " ".join(statement.word(i) for i in range(1, 4)).strip()
    for known, (columns, rows, width) in FIXED.items():
        if words == known or words.startswith(known + " "):
            return shown(columns, rows, width)
    for pattern, handler in ROUTES:
        if re.match(pattern + r"\b", words):
            return handler(session, statement)
    raise errors.no_viable(statement, 1)


__all__ = ["Rows", "describe", "help", "run"]
