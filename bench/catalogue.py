#!/usr/bin/python3
"""What metadata costs with 200 projects of 500 tables each: SHOW DATABASES, and look-ups in information_schema.

A MariaDB with 200 databases of 500 tables; a gateway of one worker, whose user is a member of all 200 projects.
SHOW DATABASES is answered by the gateway; each look-up is asked of the server directly, on the project's database by
its physical name, of the server through a bare relay, and of the gateway by the project's name, in turn, on one
connection each, again and again for a second.  Ratios are those of the medians of one run.  The relay's says what any
hop costs, the last one what the gateway adds to it.  Where the tables take turns no text comes again before all others.

All of it runs on one CPU: one waits for the other, so that a second would only add the time that it takes to wake up,
which on a virtual one is as long as a small look-up, and comes or not as the kernel spreads the processes.

    bench/catalogue.py BUILD [projects tables rounds]

The bars: SHOW DATABASES under 5 ms, each ratio under 1.5.
"""

import contextlib
import itertools
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/release").resolve()
os.environ["STARBIND"] = str(BUILD / "starbind")
sys.path.insert(0, str(ROOT / "tests/e2e"))

import harness  # noqa: E402
import pymysql  # noqa: E402
from stand import greets  # noqa: E402

PROJECTS, TABLES, ROUNDS = (int(n) for n in (sys.argv[2:5] + ["200", "500", "30"][len(sys.argv[2:5]):]))
SHOW_MAX, RATIO_MAX, SECONDS = 5.0, 1.5, 1.0
ASKED = "p0007"  # whose metadata is looked up
COLUMNS = "id INT, name VARCHAR(20), amount DECIMAL(10,2), born DATE, note VARCHAR(100)"
LOOKUPS = {
    "tables of a schema": "SELECT TABLE_NAME, TABLE_TYPE, TABLE_COMMENT FROM information_schema.tables WHERE TABLE_SCHEMA = '{s}' ORDER BY TABLE_NAME",
    "one table": "SELECT TABLE_NAME FROM information_schema.tables WHERE TABLE_SCHEMA = '{s}' AND TABLE_NAME = '{t}'",
    "columns of a table": "SELECT COLUMN_NAME, DATA_TYPE, ORDINAL_POSITION FROM information_schema.columns WHERE TABLE_SCHEMA = '{s}' AND TABLE_NAME = '{t}' ORDER BY 3",
    "columns of a schema": "SELECT TABLE_NAME, COLUMN_NAME FROM information_schema.columns WHERE TABLE_SCHEMA = '{s}'",
    "of the selected one": "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()",
    "the schema itself": "SELECT SCHEMA_NAME FROM information_schema.schemata WHERE SCHEMA_NAME = '{s}'",
    "all of one table": "SELECT * FROM information_schema.tables WHERE TABLE_SCHEMA = '{s}' AND TABLE_NAME = '{t}'",
    "all of its columns": "SELECT * FROM information_schema.columns WHERE TABLE_SCHEMA = '{s}' AND TABLE_NAME = '{t}'",
    "all of the schema": "SELECT * FROM information_schema.schemata WHERE SCHEMA_NAME = '{s}'",
}
BY_TURNS = {f"{what}, by turns": LOOKUPS[what] for what in ("one table", "columns of a table")}


def names():
    return [f"p{i:04}" for i in range(PROJECTS)]


def furnish(server):
    for name in names():
        server.sql(f"CREATE DATABASE dw_{name}", f"USE dw_{name}",
                   *[f"CREATE TABLE t{i:04} ({COLUMNS}) ENGINE=MEMORY" for i in range(TABLES)])
    server.sql("CREATE USER bench@'127.0.0.1' IDENTIFIED BY 'x'", "GRANT SELECT ON *.* TO bench@'127.0.0.1'")


def configuration(port):
    return {
        "settings": {"workers": 1},
        "listeners": [{"protocol": "mysql", "address": f"127.0.0.1:{harness.free_port()}", "tls": "off"}],
        "clusters": {"main": {"jdbc_url": f"jdbc:mysql://127.0.0.1:{port}/", "metadata": {"username": "bench", "password": "x"}}},
        "compute_sources": {n: {"cluster": "main", "database": f"dw_{n}", "username": "bench", "password": "x"} for n in names()},
        "projects": {n: {"prod": n, "members": {"ana": "viewer"}} for n in names()},
        "users": {"ana": {"auth": {"mysql_native_password": ""}}},
    }


def milliseconds(connection, sql):
    start = time.perf_counter()
    rows = harness.rows(connection, sql)
    return (time.perf_counter() - start) * 1000, rows


@contextlib.contextmanager
def relayed(server):
    """A connection to the server through the bare relay."""
    port = harness.free_port()
    relay = subprocess.Popen([BUILD / "bench/relay", str(port), str(server.port)], stdin=subprocess.DEVNULL)
    try:
        harness.until(lambda: greets(port))
        with pymysql.connect(host="127.0.0.1", port=port, user="bench", password="x", database=f"dw_{ASKED}") as c:
            yield c
    finally:
        relay.terminate()
        relay.wait()


def measure(server, g):
    good = True
    with g.connect("ana", ASKED) as here, server.connect("bench", "x", f"dw_{ASKED}") as there, relayed(server) as hop:
        harness.until(lambda: len(harness.rows(here, "SELECT * FROM information_schema.schemata")) > PROJECTS)
        times = sorted(milliseconds(here, "SHOW DATABASES")[0] for _ in range(ROUNDS * 5))
        assert len(harness.rows(here, "SHOW DATABASES")) == PROJECTS + 1
        say(f"SHOW DATABASES, {PROJECTS} projects: median {statistics.median(times):.2f} ms, "
              f"99 of 100 within {times[len(times) * 99 // 100]:.2f} ms (bar {SHOW_MAX})")
        good &= statistics.median(times) < SHOW_MAX
        say("\n| look-up | rows | direct, ms | relay, ms | gateway, ms | relay / direct | "
            f"gateway / direct (bar {RATIO_MAX}) | gateway / relay |\n|---|--:|--:|--:|--:|--:|--:|--:|")
        for what, sql in {**LOOKUPS, **BY_TURNS}.items():
            took, order = {here: [], there: [], hop: []}, [here, there, hop]
            ends, turns = time.monotonic() + SECONDS, what in BY_TURNS
            for i in itertools.count():
                if i >= ROUNDS and time.monotonic() >= ends:
                    break
                rows, table = {}, f"t{i % TABLES if turns else TABLES - 1:04}"
                order = order[1:] + order[:1]  # the first finds nothing cached
                for c in order:
                    schema = ASKED if c is here else f"dw_{ASKED}"
                    time_taken, rows[c] = milliseconds(c, sql.format(s=schema, t=table))
                    took[c].append(time_taken)
                assert len(rows[here]) == len(rows[there]) == len(rows[hop]), what
            a, r, b = (statistics.median(took[c]) for c in (there, hop, here))
            say(f"| {what} | {len(rows[here])} | {a:.2f} | {r:.2f} | {b:.2f} | {r / a:.2f} | {b / a:.2f} | {b / r:.2f} |")
            good &= b / a < RATIO_MAX
    return good


def say(text):
    print(text, flush=True)


def main():
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    server = harness.Backend()
    try:
        furnish(server)
        with tempfile.TemporaryDirectory() as folder:
            g = harness.Gateway(configuration(server.port), folder, {})
            try:
                good = measure(server, g)
            finally:
                g.stop()
    finally:
        server.stop()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
