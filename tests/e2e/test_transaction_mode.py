"""Pool mode transaction over emulated frontends: one connection, several clients, and what is sent between their statements."""

import threading
import time

import pytest

import wire
from frontends import config, fe  # noqa: F401  (fixtures)
from harness import refusal, rows, until

SALES = "dw_sales"


def connections(fe, user=SALES):
    """Those that ran statements; the gateway's probes come over connections of their own."""
    return {s.connection for s in fe.record(user=user) if s.command == "Query"} - fe.cluster.record.probes


def sent(fe, user=SALES):
    return fe.statements(user)


def test_a_connection_is_lent_for_a_statement(gateway, config, fe):
    g = gateway(config)
    with g.connect("ana", "sales") as ana, g.connect("bo", "sales") as bo:
        for _ in range(3):
            assert rows(ana, "SELECT COUNT(*) FROM t") == ((3,),)
            assert rows(bo, "SELECT COUNT(*) FROM t") == ((3,),)
    assert len(connections(fe)) == 1


def test_each_client_has_its_own_variables(gateway, config, fe):
    g = gateway(config)
    with g.connect("ana", "sales") as ana, g.connect("bo", "sales") as bo:
        rows(ana, "SET query_timeout = 77, @mine = 'ana''s'")
        rows(bo, "SET sql_select_limit = 1")
        for _ in range(2):
            assert rows(ana, "SELECT @@query_timeout, @@sql_select_limit > 1, @mine") == ((77, 1, "ana's"),)
            assert rows(bo, "SELECT @@query_timeout, @@sql_select_limit, @mine") == ((300, 1, None),)
            assert len(rows(ana, "SELECT id FROM t")) == 3
            assert len(rows(bo, "SELECT id FROM t")) == 1
    assert len(connections(fe)) == 1


def test_only_the_difference_is_sent_and_only_when_there_is_one(gateway, config, fe):
    g = gateway(config)
    with g.connect("ana", "sales") as ana, g.connect("bo", "sales") as bo:
        rows(ana, "SET query_timeout = 77")
        rows(bo, "SET query_timeout = 77")
        rows(ana, "SET @a = 1")
        fe.clear()
        rows(ana, "SELECT 1 FROM t")
        rows(bo, "SELECT 2 FROM t")
        rows(bo, "SELECT 3 FROM t")
        rows(ana, "SELECT 4 FROM t")
    texts = [t for t in sent(fe)]
    assert [t for t in texts if t.startswith("SET")] == ["SET @a = NULL", "SET @a = 1"], texts


def test_what_the_login_had_comes_back_and_not_the_default(gateway, config, fe):
    fe.sql(f"ALTER USER {SALES} SET PROPERTIES ('session.query_timeout' = '55')", "SET GLOBAL sql_select_limit = 2")
    g = gateway(config)
    try:
        with g.connect("ana", "sales") as ana, g.connect("bo", "sales") as bo:
            assert rows(bo, "SELECT @@query_timeout, @@sql_select_limit FROM t LIMIT 1") == ((55, 2),)
            rows(ana, "SET query_timeout = 77, sql_select_limit = 3")
            assert rows(bo, "SELECT @@query_timeout, @@sql_select_limit FROM t LIMIT 1") == ((55, 2),)
            rows(ana, "SET query_timeout = DEFAULT")
            assert rows(ana, "SELECT @@query_timeout FROM t LIMIT 1") == ((300,),)
            assert rows(bo, "SELECT @@query_timeout FROM t LIMIT 1") == ((55,),)
    finally:
        fe.sql("SET GLOBAL sql_select_limit = DEFAULT")
    assert len(connections(fe)) == 1


def test_the_group_of_each_statement_goes_with_it(gateway, config, fe):
    config["compute_sources"]["sales"]["resource_groups"] = {"default": "rg_normal"}
    g = gateway(config)
    with g.connect("ana", "sales") as ana, g.connect("bo", "sales") as bo:
        rows(ana, "SET resource_group = 'rg_low'")
        for _ in range(2):
            assert rows(ana, "SELECT @@resource_group") == (("rg_low",),)
            assert rows(bo, "SELECT @@resource_group") == (("rg_normal",),)


def test_a_failed_set_of_several_changes_nothing_for_anybody(gateway, config, fe):
    g = gateway(config)
    with g.connect("ana", "sales") as ana, g.connect("bo", "sales") as bo:
        refusal(rows, ana, "SET query_timeout = 77, resource_group = 'rg_low', sql_select_limit = 'abc'")
        assert rows(ana, "SELECT @@query_timeout FROM t LIMIT 1") == ((300,),)
        assert rows(bo, "SELECT @@query_timeout FROM t LIMIT 1") == ((300,),)


def test_a_transaction_keeps_its_connection_and_nothing_comes_between(gateway, config, fe):
    config["compute_sources"]["sales"]["pool"]["max_wait_ms"] = 500
    fe.sql(f"CREATE TABLE {SALES}.u (id INT) DISTRIBUTED BY HASH(id) BUCKETS 1",
           f"GRANT ALL ON TABLE {SALES}.u TO USER {SALES}")
    g = gateway(config)
    with g.connect("ana", "sales") as ana, g.connect("bo", "sales") as bo:
        rows(ana, "SET query_timeout = 77")
        rows(ana, "BEGIN")
        assert rows(bo, "SELECT COUNT(*) FROM t") == ((3,),)  # nothing is kept for a BEGIN alone
        fe.clear()
        rows(ana, "INSERT INTO t VALUES (4, 'x')")
        assert refusal(rows, bo, "SELECT COUNT(*) FROM t")[0] == 1040
        rows(ana, "INSERT INTO sales.u VALUES (5)")
        rows(ana, "COMMIT")
        assert rows(bo, "SELECT COUNT(*) FROM t") == ((4,),)
    texts = sent(fe)
    assert texts[texts.index("BEGIN"):texts.index("COMMIT") + 1] == [
        "BEGIN", "INSERT INTO `dw_sales`.`t` VALUES (4, 'x')", "INSERT INTO `dw_sales`.`u` VALUES (5)", "COMMIT"]
    assert len(connections(fe)) == 1


@pytest.mark.parametrize("end", ["close", "abort", "reset", "change user"])
def test_a_transaction_that_is_left_open_is_rolled_back(gateway, config, fe, end):
    g = gateway(config)
    client = g.login("ana", "sales")
    client.query("BEGIN")
    client.query("INSERT INTO t VALUES (4, 'x')")
    if end == "close":
        client.close()
    elif end == "abort":
        client.abort()
    elif end == "reset":
        client.command(wire.RESET_CONNECTION)
        client.reply()
    else:
        client.command(wire.CHANGE_USER, b"nobody\0\0\0")
    assert until(lambda: "ROLLBACK" in sent(fe))
    assert until(lambda: not [s for s in fe.sessions() if s.transaction])
    assert g.query("SELECT COUNT(*) FROM t", "bo", "sales", password="bo's") == ((3,),)
    client.close()


def test_a_client_that_leaves_in_the_middle_of_a_write_has_its_transaction_rolled_back(gateway, config, fe):
    g = gateway(config)
    client = g.login("ana", "sales")
    client.query("BEGIN")
    client.query("INSERT INTO t VALUES (4, 'x')")
    fe.fault("delay", ms=700, match="VALUES .5")
    client.command(wire.QUERY, "INSERT INTO t VALUES (5, 'x')")
    time.sleep(0.2)
    client.abort()
    assert until(lambda: "ROLLBACK" in sent(fe))
    assert until(lambda: not [s for s in fe.sessions() if s.transaction])
    assert g.query("SELECT COUNT(*) FROM t", "bo", "sales", password="bo's") == ((3,),)


def test_a_transaction_in_which_nothing_happens_for_long_is_rolled_back_and_told(gateway, config, fe):
    config["settings"]["idle_in_transaction_ms"] = 1000
    g = gateway(config)
    with g.login("ana", "sales") as client:
        client.query("BEGIN")
        client.query("INSERT INTO t VALUES (4, 'x')")
        client.sequence = 0  # nobody has asked
        with pytest.raises(wire.Refused) as e:
            client.reply()
        assert "idle" in e.value.message
        assert client.is_closed()
    assert until(lambda: sent(fe)[-1] == "ROLLBACK")
    assert g.query("SELECT COUNT(*) FROM t", "bo", "sales", password="bo's") == ((3,),)


def test_a_transaction_whose_end_fails_is_rolled_back(gateway, config, fe):
    g = gateway(config)
    with g.connect("ana", "sales") as ana:
        rows(ana, "BEGIN")
        rows(ana, "INSERT INTO t VALUES (4, 'x')")
        fe.fault("error", match="COMMIT", times=1, message="no quorum")
        refusal(rows, ana, "COMMIT")
        assert until(lambda: sent(fe)[-1] == "ROLLBACK", 5)
        assert until(lambda: not [s for s in fe.sessions() if s.transaction])
        assert rows(ana, "SELECT COUNT(*) FROM t") == ((3,),)
    assert "given up" not in g.log()


def test_a_transaction_whose_frontend_was_silent_is_rolled_back(gateway, config, fe):
    config["compute_sources"]["sales"]["socket_timeout_ms"] = 500
    g = gateway(config)
    with g.connect("ana", "sales") as ana:
        rows(ana, "BEGIN")
        rows(ana, "INSERT INTO t VALUES (4, 'x')")
        fe.fault("hang", match="VALUES .5", times=1)
        assert "was silent" in refusal(rows, ana, "INSERT INTO t VALUES (5, 'x')")[1]
        assert until(lambda: "ROLLBACK" in sent(fe))
        assert until(lambda: not [s for s in fe.sessions() if s.transaction])
    assert g.query("SELECT COUNT(*) FROM t", "bo", "sales", password="bo's") == ((3,),)


@pytest.mark.parametrize("is_known", [True, False])
def test_a_set_that_the_frontend_refuses_later_ends_in_an_error_and_not_in_a_result(gateway, config, fe, is_known):
    """is_known: this connection has taken the assignment before; then both go out in one write."""
    g = gateway(config)
    with g.connect("ana", "sales") as ana, g.connect("bo", "sales") as bo:
        rows(ana, "SET query_timeout = 77")
        rows(bo, "SELECT 1 FROM t")
        if not is_known:
            rows(bo, "SET @lost = 1")
            fe.fault("close", match="@lost = 2", times=1)
            refusal(rows, bo, "SET @lost = 2")
            rows(bo, "SELECT 1 FROM t")
        fe.clear()
        fe.fault("error", match="query_timeout = 77", times=1)
        errno, message = refusal(rows, ana, "SELECT @@query_timeout FROM t LIMIT 1")
        assert errno == 2013 and "variables were refused" in message, message
        assert ("may have run" in message) == is_known
        assert until(lambda: any("@@query_timeout" in t for t in sent(fe)[1:]) == is_known)
        assert rows(ana, "SELECT @@query_timeout FROM t LIMIT 1") == ((300,),)


def test_session_mode_keeps_the_connection_and_its_next_borrower_finds_nothing(gateway, config, fe):
    config["compute_sources"]["sales"]["pool"].update(mode="session", max_wait_ms=1000)
    g = gateway(config)
    with g.connect("ana", "sales") as ana:
        rows(ana, "SET query_timeout = 77, @mine = 1")
        with g.connect("bo", "sales") as bo:
            assert refusal(rows, bo, "SELECT 1 FROM t")[0] == 1040
    assert g.query("SELECT @@query_timeout, @mine", "bo", "sales", password="bo's") == ((300, None),)
    assert len(connections(fe)) == 1


def test_busy_workers_share_a_connection(gateway, config, fe):
    """Neither keeps the only one for ever while its own clients queue for it."""
    config["settings"]["workers"] = 2
    config["compute_sources"]["sales"]["pool"]["max_wait_ms"] = 4000
    g = gateway(config)
    failures, served, until = [], [], time.monotonic() + 3

    def work():
        try:
            with g.connect("ana", "sales") as connection:
                while time.monotonic() < until:
                    rows(connection, "SELECT 1 FROM t")
                    served.append(1)
        except Exception as e:
            failures.append(e)

    threads = [threading.Thread(target=work) for _ in range(16)]  # some in each worker, all but never all in one
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not failures and served, failures[:2]
