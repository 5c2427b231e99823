"""Programs as users have them, by either login method: what they print in front of the gateway is what they
print in front of the server itself."""

import datetime
import decimal
import json

import pymysql
import pytest

import world
from harness import cli, refusal, run, starbind

QUIET = ("--batch", "--skip-column-names", "--skip-ssl")


def sha2(password):
    done = starbind("passwd", "-m", "sha2", input=password + "\n")
    assert done.returncode == 0, done.stderr
    return json.loads("{" + done.stdout + "}")["auth"]


@pytest.fixture(params=["mysql_native_password", "caching_sha2_password"])
def g(request, gateway, config):
    """A gateway whose user own logs in by one method only."""
    if request.param == "caching_sha2_password":
        config["users"]["own"]["auth"] = sha2("own's")
    return gateway(config)


def both(g, backend, binary, *words):
    """What a program prints in front of the gateway, and in front of the server."""
    account = world.DATABASES["dw_sales"]
    seen = [
        run(binary, "127.0.0.1", port, user, password, database, *words)
        for port, user, password, database in (
            (g.port, "own", "own's", "sales"),
            (backend.port, account, world.account_password(account), "dw_sales"),
        )
    ]
    for done in seen:
        assert done.returncode == 0, done.stdout + done.stderr
    return [done.stdout for done in seen]


def test_libmariadb_sends_every_type_of_parameter(g, backend, program):
    ours, theirs = both(g, backend, program("statements"), "types")
    assert ours == theirs
    lines = dict(line.split(": ", 1) for line in ours.replace("\n]", "]").splitlines())
    assert lines["tiny"] == "[-128] [1]"
    assert lines["longlong unsigned"] == "[18446744073709551615] [1]"
    assert lines["string"] == "[it's \\ \"a\" ? 订单] [1]"
    assert lines["datetime"].startswith("[2024-12-31 23:59:58")
    assert lines["null"] == "[NULL] [1]"


def test_libmariadb_sends_long_data(g, backend, program):
    ours, theirs = both(g, backend, program("statements"), "long")
    assert ours == theirs
    assert ours.count("long: [59") == 2


@pytest.mark.parametrize("sql", ["SELECT n FROM numbers ORDER BY n", "SELECT n FROM numbers WHERE n < 0"])
def test_libmariadb_cannot_do_without_a_cursor_that_it_asked_for(g, program, sql):
    """The gateway clears the flag, as an FE does, and all rows come.  libmariadb stores them and then asks its own
    state for a cursor: 2014 comes from the library, with an FE as well.  The connection serves the next EXECUTE."""
    done = run(program("statements"), "127.0.0.1", g.port, "own", "own's", "sales", "cursor", sql)
    assert done.returncode == 0
    assert [line.split()[:2] for line in done.stdout.splitlines()] == [["error", "2014"]] * 2


def test_the_stock_client_prints_what_statements_give(g):
    done = cli(g.port, "own", "own's", "SELECT side, id FROM t ORDER BY id; SELECT DATABASE(); USE crm; SELECT 'a\tb', NULL;",
               *QUIET, "sales")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["dw_sales\t1", "dw_sales\t2", "dw_sales\t3", "sales", "a\\tb\tNULL"]


def test_the_stock_client_lists_names_to_complete(g):
    """With --auto-rehash it asks SHOW TABLES and COM_FIELD_LIST of each."""
    done = cli(g.port, "own", "own's", "SELECT 1;", "--auto-rehash", *QUIET, "sales")
    assert (done.returncode, done.stdout) == (0, "1\n"), done.stderr


def test_pymysql_escapes_every_type(g):
    values = (1, -2**63, 1.5, decimal.Decimal("1.50"), "it's \\ \"a\" 订单 %s", None, True, b"\x00'\\",
              datetime.date(2024, 2, 29), datetime.datetime(2024, 12, 31, 23, 59, 58), datetime.timedelta(hours=5))
    with pymysql.connect(host="127.0.0.1", port=g.port, user="own", password="own's", database="sales") as connection:
        with connection.cursor() as cursor:
            cursor.execute("SELECT " + ", ".join(["%s"] * len(values)) + ", side FROM t WHERE id = %s", (*values, 1))
            row = cursor.fetchone()
    assert row[:6] == values[:6] and row[6] == 1 and row[-1] == "dw_sales"
    assert row[8:11] == ("2024-02-29", "2024-12-31 23:59:58", "05:00:00")


def test_bytes_that_are_no_text_are_sent_as_parameters_not_in_the_text(g):
    """PyMySQL puts bytes into the text as they are; a frontend would replace what is not UTF-8."""
    with pymysql.connect(host="127.0.0.1", port=g.port, user="own", password="own's", database="sales") as connection:
        assert refusal(connection.cursor().execute, "SELECT %s FROM t", (b"\xff",))[0] == 1300
