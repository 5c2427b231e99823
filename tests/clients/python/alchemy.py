"""SQLAlchemy against the gateway: alchemy.py DIALECT+DRIVER"""

import datetime
import decimal
import importlib.metadata
import sys
import threading

import sqlalchemy
from report import DATABASE, HOST, PASSWORD, PORT, TEXT, USER, steps
from sqlalchemy import URL, bindparam, inspect, text

SCHEME = sys.argv[1]
URL = URL.create(SCHEME, USER, PASSWORD, HOST, PORT, DATABASE)
engine = sqlalchemy.create_engine(URL, pool_size=1, max_overflow=1, isolation_level="AUTOCOMMIT")
NAMES = "tiny small int big large bool float double dec date time char text".split()
VALUES = (-128, -32768, 2147483647, -(2**63), 2**127 - 1, True, 0.5, 0.1, decimal.Decimal("1234567890123456.7891"),
          datetime.date(2024, 2, 29), datetime.datetime(2024, 12, 31, 23, 59, 58), "abc", TEXT)


def rows(sql, connection=None, **parameters):
    if connection is None:
        with engine.connect() as own:
            return rows(sql, own, **parameters)
    result = connection.execute(text(sql), parameters)
    return [tuple(row) for row in result] if result.returns_rows else []


def value(sql, connection=None, **parameters):
    return rows(sql, connection, **parameters)[0][0]


def version():
    return f"{sqlalchemy.__version__}, {importlib.metadata.version('starrocks')}" if SCHEME == "starrocks" else sqlalchemy.__version__


def described():
    """What a model is made from: columns, keys, indexes, options, views."""
    with engine.connect() as own:
        look = inspect(own)
        table = sqlalchemy.Table("every", sqlalchemy.MetaData(), autoload_with=own)
        look.get_view_names(DATABASE), look.get_indexes("every", DATABASE), look.get_table_options("every", DATABASE)
        look.get_foreign_keys("every", DATABASE), look.get_table_comment("every", DATABASE), look.has_table("sink")
        return [column.name for column in table.columns]


def filtered():
    where = " AND ".join(f"c_{name} = :{name}" for name in NAMES)
    return value("SELECT id FROM every WHERE " + where, **dict(zip(NAMES, VALUES)))


def inserted():
    with engine.connect() as own:
        table = sqlalchemy.Table("sink", sqlalchemy.MetaData(), autoload_with=own)
        mine = dict(zip(["c_" + name for name in NAMES], VALUES))
        # bytes would be written into the text, which has to be UTF-8
        own.execute(table.insert().values(id=1, **mine, c_json=text("'{\"a\": 1}'"), c_bin=text("x'00ff5c27'")))
        own.execute(table.insert().values(id=2))
        return [tuple(row) for row in own.execute(sqlalchemy.select(table).where(table.c.id < bindparam("n")).order_by(table.c.id), {"n": 100})]


def batch():
    with engine.connect() as own:
        own.execute(text("INSERT INTO sink (id, c_text) VALUES (:id, :words)"),
                    [{"id": n, "words": f"row {n}"} for n in range(100, 1100)])
    return value("SELECT COUNT(*) FROM sink WHERE id >= 100")


def refused():
    try:
        rows("SELECT * FROM hidden.every")
    except sqlalchemy.exc.DBAPIError as e:
        return e.orig.args[0], value("SELECT 1")
    return "not refused"


def transaction():
    counts = []
    for end in ("ROLLBACK", "COMMIT"):
        with engine.connect() as own:
            rows("BEGIN", own)
            rows("INSERT INTO sink (id) VALUES (50)", own)
            rows(end, own)
            counts.append(value("SELECT COUNT(*) FROM sink WHERE id = 50", own))
    return tuple(counts)


def cancelled():
    with engine.connect() as own, engine.connect() as other:
        number = value("SELECT CONNECTION_ID()", own)
        timer = threading.Timer(0.5, lambda: rows(f"KILL QUERY {number}", other))
        timer.start()
        try:
            rows("SELECT SLEEP(60)", own)
            said = "not cancelled"
        except sqlalchemy.exc.DBAPIError as e:
            said = f"cancelled: {e.orig}"
        timer.join()
        return said, value("SELECT 1", own)


def reconnected():
    """The pool's pessimistic ping finds the dead connection and opens another."""
    pool = sqlalchemy.create_engine(URL, pool_size=1, pool_pre_ping=True)
    with pool.connect() as own:
        number = value("SELECT CONNECTION_ID()", own)
    rows(f"KILL {number}")
    with pool.connect() as own:
        return value("SELECT DATABASE()", own)


steps(
    version=version,
    projects=lambda: inspect(engine).get_schema_names(),
    tables=lambda: inspect(engine).get_table_names(DATABASE),
    columns=lambda: [column["name"] for column in inspect(engine).get_columns("every", DATABASE)],
    described=described, text=lambda: rows("SELECT * FROM every ORDER BY id"), filtered=filtered, inserted=inserted, batch=batch,
    refused=refused, transaction=transaction, cancelled=cancelled, reconnected=reconnected,
)
