"""A driver of Python's DB-API against the gateway: dbapi.py DRIVER"""

import sys

if sys.argv[1] == "mysql.connector-c":
    import _mysql_connector  # noqa: F401, before Python's own ssl: it brings a newer OpenSSL than Debian's

import datetime
import decimal
import importlib
import importlib.metadata
import re
import threading

import report
from report import DATABASE, HOST, PASSWORD, PORT, TEXT, USER

DRIVER = sys.argv[1]
VALUES = (-128, -32768, 2147483647, -(2**63), 2**127 - 1, True, 0.5, 0.1, decimal.Decimal("1234567890123456.7891"),
          datetime.date(2024, 2, 29), datetime.datetime(2024, 12, 31, 23, 59, 58), "abc", TEXT, '{"a": 1}',
          b"\x00\xff\x5c\x27")
LARGE = 4  # drivers that bind integers have none of 128 bits


def pymysql(**more):
    import pymysql as module
    return module.connect(host=HOST, port=PORT, user=USER, password=PASSWORD, database=DATABASE, charset="utf8mb4", **more)


def mysqldb():
    import MySQLdb
    return MySQLdb.connect(host=HOST, port=PORT, user=USER, password=PASSWORD, database=DATABASE, charset="utf8mb4")


def connector(**more):
    import mysql.connector
    return mysql.connector.connect(host=HOST, port=PORT, user=USER, password=PASSWORD, database=DATABASE,
                                   use_pure=DRIVER == "mysql.connector-pure", **more)


def odbc():
    import pyodbc
    return pyodbc.connect(f"DRIVER=MariaDB Unicode;SERVER={HOST};PORT={PORT};UID={USER};PWD={{{PASSWORD}}};DATABASE={DATABASE};"
                          "CHARSET=utf8mb4")


MODULE, PACKAGE, OPEN, MARK = {
    "pymysql": ("pymysql", "PyMySQL", pymysql, "%s"),
    "mysqldb": ("MySQLdb", "mysqlclient", mysqldb, "%s"),
    "mysql.connector-pure": ("mysql.connector", "mysql-connector-python", connector, "%s"),
    "mysql.connector-c": ("mysql.connector", "mysql-connector-python", connector, "%s"),
    "odbc": ("pyodbc", "pyodbc", odbc, "?"),
}[DRIVER]
module = importlib.import_module(MODULE)
own = OPEN()


def rows(sql, *parameters, connection=None, **cursor):
    with_cursor = (connection or own).cursor(**cursor)
    with_cursor.execute(sql.replace("?", MARK) if parameters else sql, *([parameters] if parameters else []))
    got = [tuple(row) for row in with_cursor.fetchall()] if with_cursor.description else []
    with_cursor.close()
    return got


def value(sql, *parameters, **options):
    return rows(sql, *parameters, **options)[0][0]


# mysql.connector prepares on the server when asked; the others write values into the text, or always prepare (odbc).
PREPARED = {"prepared": True} if DRIVER.startswith("mysql.connector") else {}


def version():
    if DRIVER == "odbc":
        return own.getinfo(module.SQL_DRIVER_VER)
    return importlib.metadata.version(PACKAGE)


def projects():
    if DRIVER == "odbc":
        return sorted({row.table_cat for row in own.cursor().tables(catalog="%", schema="", table="")})
    return sorted(name for name, in rows("SHOW DATABASES"))


def tables():
    if DRIVER == "odbc":
        return sorted(row.table_name for row in own.cursor().tables(catalog=DATABASE, tableType="TABLE"))
    return sorted(name for name, *_ in rows("SHOW FULL TABLES"))


def columns():
    if DRIVER == "odbc":
        return odbc_columns()
    return [name for name, *_ in rows("SHOW FULL COLUMNS FROM every")]


def odbc_columns():
    """SQLColumns; the other catalogue functions must answer (but SQLProcedureColumns: StarRocks has no table PARAMETERS)."""
    cursor, where = own.cursor(), {"table": "every", "catalog": DATABASE}
    types = {row.column_name: (row.data_type, row.column_size, row.buffer_length) for row in cursor.columns(**where)}
    assert types["c_int"] == (module.SQL_INTEGER, 10, 4), types
    assert types["c_date"] == (module.SQL_TYPE_DATE, 10, 6), types
    assert types["c_text"][:2] == (module.SQL_WVARCHAR, 200), types
    assert [row.column_name for row in cursor.columns(**where, column="c\\_t%")] == ["c_tiny", "c_time", "c_text"]
    for ask in (cursor.statistics, cursor.primaryKeys, cursor.rowIdColumns, cursor.rowVerColumns):
        ask(**where).fetchall()
    cursor.foreignKeys(**where).fetchall()
    cursor.procedures(catalog=DATABASE).fetchall()
    cursor.getTypeInfo().fetchall()
    return list(types)


def text():
    return rows("SELECT * FROM every ORDER BY id")


def described():
    cursor = own.cursor()
    cursor.execute("SELECT * FROM every WHERE id = 1")
    names = [column[0] for column in cursor.description]
    cursor.fetchall()
    return names


def bound():
    """VALUES as the driver takes them."""
    values = [*VALUES]
    if PREPARED or DRIVER == "odbc":
        values[LARGE] = str(values[LARGE])
    if DRIVER == "mysql.connector-c":
        # it writes floats, dates and times into memory that it has freed (26.10.0, seen with valgrind and any server)
        values = [v if isinstance(v, (int, bytes)) else str(v) for v in values]
    return values


def filtered():
    """A parameter of each type in a query."""
    names = ("c_tiny", "c_small", "c_int", "c_big", "c_large", "c_bool", "c_float", "c_double", "c_dec", "c_date", "c_time",
             "c_char", "c_text")
    return value("SELECT id FROM every WHERE " + " AND ".join(f"{name} = ?" for name in names), *bound()[:13], **PREPARED)


def inserted():
    marks, values = ["?"] * 16, bound()
    if DRIVER in ("pymysql", "mysqldb"):  # they would write the bytes into the text, which has to be UTF-8
        marks[-1] = f"x'{values.pop().hex()}'"
    rows(f"INSERT INTO sink VALUES ({', '.join(marks)})", 1, *values, **PREPARED)
    rows("INSERT INTO sink VALUES (" + ", ".join("?" * 16) + ")", 2, *[None] * 15, **PREPARED)
    own.commit()
    # the pure mysql.connector gives what it has prepared as bytes, where a MariaDB counts characters
    return [[v.decode() if isinstance(v, (bytes, bytearray)) and i < 15 else v for i, v in enumerate(row)]
            for row in rows("SELECT * FROM sink WHERE id < ? ORDER BY id", 100, **PREPARED)]


def batch():
    cursor = own.cursor()
    cursor.executemany(f"INSERT INTO sink (id, c_text) VALUES ({MARK}, {MARK})", [(n, f"row {n}") for n in range(100, 1100)])
    own.commit()
    return value("SELECT COUNT(*) FROM sink WHERE id >= 100")


def refused():
    """The number of the error, and that the connection goes on."""
    try:
        rows("SELECT * FROM hidden.every")
    except module.Error as e:
        number = re.search(r"\((\d+)\)", e.args[1])[1] if DRIVER == "odbc" else e.args[0]
        return number, value("SELECT 1")
    return "not refused"


def transaction():
    counts = []
    for end in (own.rollback, own.commit):
        rows("START TRANSACTION")
        rows("INSERT INTO sink (id) VALUES (50)")
        end()
        counts.append(value("SELECT COUNT(*) FROM sink WHERE id = 50"))
        own.commit()
    return tuple(counts)


def cancelled():
    """KILL QUERY from another connection, as every driver cancels."""
    number, other = value("SELECT CONNECTION_ID()"), OPEN()
    timer = threading.Timer(0.5, lambda: rows(f"KILL QUERY {number}", connection=other))
    timer.start()
    try:
        rows("SELECT SLEEP(60)")
        said = "not cancelled"
    except module.Error as e:
        said = f"cancelled: {e}"
    timer.join()
    other.close()
    return said, value("SELECT 1")


def reset():
    rows("SET @kept = 5")
    {
        "mysqldb": lambda: own.change_user(USER, PASSWORD, DATABASE),
        "mysql.connector-pure": lambda: own.reset_session(),
        "mysql.connector-c": lambda: own.reset_session(),
    }[DRIVER]()
    return value("SELECT @kept"), value("SELECT DATABASE()")


def reconnected():
    """The connection is ended by the server; the next statement fails, and the one after reconnecting goes."""
    global own
    number, other = value("SELECT CONNECTION_ID()"), OPEN()
    rows(f"KILL {number}", connection=other)
    other.close()
    try:
        while True:
            rows("SELECT 1")
    except module.Error:
        pass
    if DRIVER == "pymysql" or DRIVER.startswith("mysql.connector"):
        own.ping(reconnect=True)
    else:
        own = OPEN()
    return value("SELECT DATABASE()")


known = {"version": version, "projects": projects, "tables": tables, "columns": columns, "described": described, "text": text,
         "filtered": filtered, "inserted": inserted, "batch": batch, "refused": refused, "transaction": transaction,
         "cancelled": cancelled, "reset": reset, "reconnected": reconnected}
if DRIVER in ("pymysql", "odbc"):  # they have no such call
    del known["reset"]
report.steps(**known)
