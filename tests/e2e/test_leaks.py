"""Whatever a connection can carry (docs/pools.md), client A sets it and client B does not see it.

A and B share the only backend connection.  B is asked before A comes and after A has done its worst, in the middle of A's
session or after A has left, by whichever door; its answers are equal.  What the gateway does not let A do at all is listed
too: the refusal is the reason that there is nothing to see."""

import pytest

import frontends
import wire
from harness import until
from leaking import no_leak, no_leak_in_session_mode, unseen

LOOKS = [
    "SELECT @@query_timeout, @@sql_select_limit, @@time_zone, @@sql_mode, @@enable_profile, @@wait_timeout",
    "SELECT @@resource_group, @@autocommit", "SELECT @@catalog, @@warehouse, @@sql_dialect, @@custom_query_id",
    "SELECT CATALOG()", "SELECT DATABASE()", "SELECT CURRENT_USER()", "SELECT USER()", "SELECT CURRENT_ROLE()",
    "SELECT LAST_QUERY_ID()",
    "SELECT @mine, @Mine, @`quoted name`", "SELECT id, side FROM t ORDER BY id", "SELECT 'a' || 'b'", "SHOW VARIABLES LIKE 'query%'",
]

LEAKS = {  # what A does; each may be refused where REFUSED says so
    "session variables": ["SET query_timeout = 77, sql_select_limit = 1, time_zone = '+03:00', enable_profile = true, wait_timeout = 9999"],
    "a session variable by another name": ["SET is_report_success = true"],
    "a session variable of unknown value": ["SET query_timeout = 70 + 7"],
    "a session variable set and put to its default": ["SET query_timeout = 77", "SET query_timeout = DEFAULT"],
    "how text is read": ["SET sql_mode = 'PIPES_AS_CONCAT'"],
    "autocommit": ["SET autocommit = 0"],
    "the first half of a SET that failed": ["SET query_timeout = 77, sql_select_limit = 'x'"],
    "the current database": ["USE sales_dev", "SELECT * FROM t", ("init_db", "sales_dev")],
    "the current catalog": ["USE 'catalog default_catalog'", "SET CATALOG default_catalog", "USE default_catalog.sales_dev"],
    "the resource group": ["SET resource_group = 'rg_low'", "SELECT 1 FROM t"],
    "the resource group of a hint": ["SELECT /*+ SET_VAR(resource_group = 'rg_low', query_timeout = 5) */ 1 FROM t"],
    "user variables": ["SET @mine = 'A''s', @Mine = 2, @`quoted name` = 3"],
    "user variables of unknown value": ["SET @mine = (SELECT MAX(id) FROM t), @`quoted name` = 1 + 1"],
    "a prepared statement": [("prepare", "SELECT id FROM t WHERE id = ?")],
    "a temporary table": ["CREATE TEMPORARY TABLE t (id INT, side VARCHAR(20))", "INSERT INTO t VALUES (7, 'A''s')"],
    "a transaction": ["BEGIN", "INSERT INTO t VALUES (7, 'A''s')"],
    "a transaction in which a statement failed": ["BEGIN", "INSERT INTO t VALUES (7, 'A''s')", "INSERT INTO t VALUES (1)"],
    "a transaction of a name only": ["BEGIN"],
}
REFUSED = {  # what would change a connection that is shared
    "the catalog by SET": "SET catalog = 'x'",
    "the warehouse": "SET WAREHOUSE x",
    "the warehouse by SET": "SET warehouse = 'x'",
    "the effective identity": "EXECUTE AS root WITH NO REVERT",
    "roles": "SET ROLE ALL",
    "the parser": "SET sql_dialect = 'trino'",
    "the parser by a hint": "SELECT /*+ SET_VAR(sql_dialect = 'trino') */ 1",
    "the query id": "SET custom_query_id = 'x'",
    "a user variable of a hint": "SELECT /*+ SET_USER_VARIABLE(@mine = 1) */ 1",
    "a baseline": "CREATE BASELINE USING SELECT 1",
    "a default of all": "SET GLOBAL query_timeout = 1",
    "the account's password": "SET PASSWORD = PASSWORD('x')",
    "another catalog": "USE 'catalog hive'",
    "a lasting default role": "SET DEFAULT ROLE ALL TO dw_sales",
}


@pytest.fixture(scope="module")
def fe(server):
    with frontends.started(server) as emulator:
        yield emulator


def start(gateway, fe, mode="transaction"):
    config = frontends.configured(fe.port, mode=mode, max_connections=1)
    config["compute_sources"]["sales"]["pool"]["max_wait_ms"] = 5000
    return gateway(config)


def is_clean(session):
    """A connection as the frontend sees it, after B was there."""
    return (not session.transaction and not session.temporary and session.effective is session.user
            and session.database == "dw_sales" and session.catalog == "default_catalog"
            and all(value is None for _, value in session.user_values.values()))


@pytest.mark.parametrize("kind", LEAKS)
def test_what_one_client_leaves_the_next_does_not_see(gateway, fe, kind):
    no_leak(start(gateway, fe), LEAKS[kind], LOOKS)
    assert until(lambda: all(map(is_clean, [s for s in fe.sessions() if s.user.name == "dw_sales"])))


@pytest.mark.parametrize("kind", LEAKS)
def test_in_session_mode_too(gateway, fe, kind):
    no_leak_in_session_mode(start(gateway, fe, "session"), LEAKS[kind], LOOKS)


def test_each_script_does_what_it_is_for(gateway, fe):
    """Else there would be nothing to leak: A itself sees a difference, or has a pin, a statement, a flag."""
    assert unseen(start(gateway, fe), LEAKS, LOOKS) == {
        "the resource group of a hint",  # it holds for one statement
        "the first half of a SET that failed",  # nothing of it is A's, either
        "a session variable set and put to its default",  # the emulator's login has the defaults
        "a prepared statement",  # A's own by its number, which look() does not use
    }


@pytest.mark.parametrize("kind", REFUSED)
def test_what_could_not_be_taken_back_is_refused(gateway, fe, kind):
    g = start(gateway, fe)
    with g.login("ana", "sales") as client:
        with pytest.raises(wire.Refused):
            client.query(REFUSED[kind])
    assert not [t for t in fe.texts() if t == REFUSED[kind]]
