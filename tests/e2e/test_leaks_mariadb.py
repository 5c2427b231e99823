"""The leak suite over a plain MariaDB, for what such a connection can carry: test_leaks.py has the frontends' own.

Here SET has other words and effects, COM_RESET_CONNECTION is used, and statements that a frontend would not prepare are."""

import pytest

import frontends
from leaking import no_leak, no_leak_in_session_mode, unseen

LOOKS = [
    "SELECT @@sql_select_limit, @@time_zone, @@sql_mode, @@wait_timeout, @@net_write_timeout, @@group_concat_max_len",
    "SELECT @@autocommit", "SELECT DATABASE()", "SELECT CURRENT_USER()", "SELECT @mine, @Mine, @`quoted name`",
    "SELECT id, side FROM t ORDER BY id", "SELECT 'a' || 'b'", "SHOW VARIABLES LIKE 'net_%'",
]
LEAKS = {
    "session variables": ["SET sql_select_limit = 1, time_zone = '+03:00', wait_timeout = 9999, group_concat_max_len = 5000"],
    "a session variable of unknown value": ["SET net_write_timeout = 60 + 17"],
    "a session variable set and put to its default": ["SET net_write_timeout = 77", "SET net_write_timeout = DEFAULT"],
    "how text is read": ["SET sql_mode = 'PIPES_AS_CONCAT'"],
    "autocommit": ["SET autocommit = 0"],
    "the first half of a SET that failed": ["SET net_write_timeout = 77, sql_select_limit = 'x'"],
    "the current database": ["USE sales_dev", "SELECT * FROM t", ("init_db", "sales_dev")],
    "user variables": ["SET @mine = 'A''s', @Mine = 2, @`quoted name` = 3"],
    "user variables of unknown value": ["SET @mine = (SELECT MAX(id) FROM t), @`quoted name` = 1 + 1"],
    "a prepared statement": [("prepare", "SELECT id FROM t WHERE id = ?"), ("prepare", "INSERT INTO t VALUES (?, ?)")],
    "a temporary table": ["CREATE TEMPORARY TABLE t (id INT, side VARCHAR(20))", "INSERT INTO t VALUES (7, 'A''s')"],
    "a transaction": ["BEGIN", "INSERT INTO t VALUES (7, 'A''s')"],
    "a transaction in which a statement failed": ["BEGIN", "INSERT INTO t VALUES (7, 'A''s')", "INSERT INTO t VALUES (1)"],
    "a transaction of a name only": ["BEGIN"],
}


def start(gateway, server, mode="transaction"):
    server.sql(*[sql for name in frontends.DATABASES for sql in (
        f"CREATE OR REPLACE DATABASE {name}", f"CREATE TABLE {name}.t (id INT, side VARCHAR(20)) ENGINE=InnoDB",
        f"INSERT INTO {name}.t VALUES (1, '{name}'), (2, '{name}'), (3, '{name}')",
        f"CREATE OR REPLACE USER {name}@'127.0.0.1' IDENTIFIED BY 'x'", f"GRANT ALL ON {name}.* TO {name}@'127.0.0.1'")])
    config = frontends.configured(server.port, mode=mode, max_connections=1)
    return gateway(config)


@pytest.mark.parametrize("kind", LEAKS)
def test_what_one_client_leaves_the_next_does_not_see(gateway, server, kind):
    no_leak(start(gateway, server), LEAKS[kind], LOOKS)
    assert server.sql("SELECT COUNT(*) FROM dw_sales.t") == ((3,),)


@pytest.mark.parametrize("kind", LEAKS)
def test_in_session_mode_too(gateway, server, kind):
    no_leak_in_session_mode(start(gateway, server, "session"), LEAKS[kind], LOOKS)


def test_each_script_does_what_it_is_for(gateway, server):
    assert unseen(start(gateway, server), LEAKS, LOOKS) == {
        "the first half of a SET that failed",  # nothing of it is A's, either
        "a session variable set and put to its default",
        "a prepared statement",  # A's own by its number, which look() does not use
    }
