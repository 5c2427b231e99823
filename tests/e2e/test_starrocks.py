"""The gateway in front of emulated StarRocks frontends: what only a frontend does."""

import pytest

import frontends
import wire
from harness import refusal, rows, until

IN_TRANS, AUTOCOMMIT = 1, 2


@pytest.fixture
def fe(server):
    """Two frontends of one cluster; databases dw_sales and dw_sales_dev, each with an account and a table t."""
    with frontends.started(server, rows=1, frontends=2) as emulator:
        yield emulator


@pytest.fixture
def config(fe):
    made = frontends.configured(fe.port)
    made["compute_sources"]["sales"].update(resource_groups={"default": "rg_normal", "low": "rg_low"},
                                            allowed_resource_groups=["rg_etl"])
    made["users"]["bo"]["priority"] = "low"
    return made


def groups_set(fe, user="dw_sales"):
    return [t for t in fe.texts(user=user) if t.startswith("SET resource_group")]


def test_the_resource_group_is_set_before_the_statement(gateway, config, fe):
    g = gateway(config)
    assert g.query("SELECT side FROM t", database="sales") == (("dw_sales",),)
    texts = fe.statements("dw_sales")
    at = texts.index("SELECT side FROM `dw_sales`.`t`")
    assert texts[at - 1] == "SET resource_group = 'rg_normal'"


def test_the_users_priority_chooses_the_group_and_set_overrides_it(gateway, config, fe):
    g = gateway(config)
    with g.connect("bo", "sales") as connection:
        rows(connection, "SELECT 1 FROM t")
        assert groups_set(fe) == ["SET resource_group = 'rg_low'"]
        rows(connection, "SET starbind_priority = 'medium'")
        rows(connection, "SELECT 1 FROM t")
        rows(connection, "SELECT 2 FROM t")
        rows(connection, "SET resource_group = 'rg_etl'")
        rows(connection, "SELECT 1 FROM t")
        assert refusal(rows, connection, "SET resource_group = 'rg_of_others'")
        rows(connection, "SELECT 1 FROM t")
        rows(connection, "SET resource_group = ''")
        rows(connection, "SELECT 1 FROM t")
        assert groups_set(fe) == [f"SET resource_group = '{g}'" for g in ("rg_low", "rg_normal", "rg_etl", "rg_normal")]


def test_a_source_without_groups_leaves_the_choice_to_starrocks(gateway, config, fe):
    assert gateway(config).query("SELECT side FROM t", database="sales_dev") == (("dw_sales_dev",),)
    assert not groups_set(fe, "dw_sales_dev")


def test_the_client_sees_true_flags_though_a_frontend_sends_none(gateway, config, fe):
    with gateway(config).login("ana", "sales") as client:
        def flags(sql):
            client.query(sql)
            return int.from_bytes(client.last[3:5], "little")

        assert flags("SELECT 1 FROM t") & (AUTOCOMMIT | IN_TRANS) == AUTOCOMMIT
        assert wire.status(client.query("SET autocommit = 0")) & AUTOCOMMIT == 0
        assert flags("SELECT 1 FROM t") & (AUTOCOMMIT | IN_TRANS) == 0
        assert wire.status(client.query("BEGIN")) & IN_TRANS
        assert wire.status(client.query("INSERT INTO t VALUES (2, 'x')")) & IN_TRANS
        assert wire.status(client.query("ROLLBACK")) & IN_TRANS == 0


def test_begin_goes_out_with_the_first_write_and_nothing_between(gateway, config, fe):
    with gateway(config).connect("ana", "sales") as connection:
        rows(connection, "SELECT 1 FROM t")
        fe.clear()
        rows(connection, "BEGIN")
        assert fe.statements("dw_sales") == []
        rows(connection, "INSERT INTO t VALUES (3, 'x')")
        assert refusal(rows, connection, "SELECT 1 FROM t")[0] == 5305  # as on a frontend itself
        rows(connection, "COMMIT")
        assert fe.statements("dw_sales") == [
            "BEGIN", "INSERT INTO `dw_sales`.`t` VALUES (3, 'x')", "SELECT 1 FROM `dw_sales`.`t`", "COMMIT"]
        rows(connection, "SELECT 1 FROM t")


def test_a_transaction_writes_to_one_side_only(gateway, config, fe):
    config["settings"]["cross_environment"] = "write"
    with gateway(config).connect("ana", "sales") as connection:
        rows(connection, "BEGIN")
        rows(connection, "INSERT INTO t VALUES (5, 'x')")
        assert refusal(rows, connection, "INSERT INTO sales_dev.t VALUES (5, 'x')")[0] == 5304
        rows(connection, "ROLLBACK")
        rows(connection, "INSERT INTO sales_dev.t VALUES (5, 'x')")


def test_a_frontends_own_errors_arrive(gateway, config, fe):
    with gateway(config).connect("ana", "sales") as connection:
        number, text = refusal(rows, connection, "SELECT nothing FROM t")
        assert number == 1064 and "nothing" in text
        assert rows(connection, "SELECT 1 FROM t") == ((1,),)


def test_the_statement_of_a_client_that_left_is_killed_on_its_frontend(gateway, config, fe):
    g = gateway(config)
    fe.fault("delay", ms=20000, match="leaving")
    client = g.login("ana", "sales")
    client.command(wire.QUERY, "SELECT 1 /* leaving */ FROM t")
    assert until(lambda: any("leaving" in t for t in fe.texts(user="dw_sales")))
    client.close()
    assert until(lambda: any(t.startswith("KILL QUERY ") for t in fe.texts(user="dw_sales")), 5)


def test_what_mysql_would_read_differently_is_served_by_starrocks(gateway, config, fe):
    """On a MariaDB these are refused, since it would cut them into other words."""
    with gateway(config).connect("ana", "sales") as connection:
        assert rows(connection, "SELECT 5--1\n FROM t") == ((5,),)
        assert rows(connection, "SELECT 6 /*! , 7 */ FROM t") == ((6,),)
