"""Plans of prepared statements are kept and shared, and never for longer or for others than they are right for."""

import json
import signal

import pytest

import wire
import world
from harness import until
from preparing import Statement, cells, number


@pytest.fixture(autouse=True)
def config(backend):
    made = world.config(backend.port)
    made["settings"]["workers"] = 1  # one shelf
    return made


def refusal(statement, *values):
    statement.send(*values)
    try:
        statement.client.reply()
    except wire.Refused as e:
        return e.errno
    return None


def executed(client, sql, times=4):
    """The side that each of so many executions tells."""
    s = Statement(client, sql)
    return [cells(row) for _ in range(times) for row in s.execute(number(1))]


def test_executions_give_what_planning_gives(gateway):
    sql = "SELECT side FROM ${sales}.t WHERE id = ?"
    g = gateway()
    with g.login("ana", "sales") as one, g.login("ana", "sales_dev") as other, g.login("ana", "crm") as third:
        for _ in range(3):
            assert executed(one, sql) == [(b"dw_sales",)] * 4
            assert executed(other, sql) == [(b"dw_sales_dev",)] * 4
            assert executed(third, "SELECT side FROM t WHERE id = ?") == [(b"dw_crm",)] * 4
            assert executed(one, "SELECT side FROM t WHERE id = ?") == [(b"dw_sales",)] * 4


def test_a_kept_plan_is_nobody_elses(gateway):
    sql = "SELECT side FROM crm.t WHERE id = ?"
    g = gateway()
    with g.login("ana", "sales") as ana, g.login("bo", "sales") as bo:
        assert executed(ana, sql) == [(b"dw_crm",)] * 4
        with pytest.raises(wire.Refused, match="Unknown database"):
            Statement(bo, sql)


def test_a_permission_that_is_withdrawn_is_felt_while_its_plan_is_kept(gateway, config):
    g = gateway(config)
    with g.login("bo", "sales") as client, g.login("bo", "sales") as other:
        statements = [Statement(c, "SELECT side FROM t WHERE id = ?") for c in (client, other)]
        for s in statements * 5:
            assert len(s.execute(number(1))) == 1
        config["projects"]["sales"]["members"]["bo"] = "blind"
        config["roles"] = {**config.get("roles", {}), "blind": {"prod": ["load"], "dev": []}}
        g.path.write_text(json.dumps(config))
        g.process.send_signal(signal.SIGHUP)
        for s in statements:
            assert until(lambda s=s: refusal(s, number(1))) == 5203
        assert [refusal(s, number(1)) for s in statements] == [5203, 5203]


def test_a_binding_that_moves_is_felt_while_its_plan_is_kept(gateway, config):
    g = gateway(config)
    with g.login("ana", "sales") as client:
        s = Statement(client, "SELECT side FROM ${sales}.t WHERE id = ?")
        for _ in range(5):
            assert [cells(r) for r in s.execute(number(1))] == [(b"dw_sales",)]
        config["compute_sources"]["sales"]["database"] = "dw_secret"
        config["projects"].pop("secret")
        g.path.write_text(json.dumps(config))
        g.process.send_signal(signal.SIGHUP)
        assert until(lambda: [cells(r) for r in s.execute(number(1))] == [(b"dw_secret",)])


def test_who_one_is_is_never_kept(gateway):
    g = gateway()
    with g.login("ana", "sales") as one, g.login("ana", "sales") as other:
        seen = {executed(c, "SELECT CONCAT(CONNECTION_ID(), '') FROM t WHERE id = ?")[-1] for c in (one, other, one)}
    assert len(seen) == 2


def test_more_statements_than_the_shelf_holds(gateway):
    with gateway().login("ana", "sales") as client:
        for i in range(600):
            assert executed(client, f"SELECT side FROM t WHERE id = ? AND {i} = {i}", times=3) == [(b"dw_sales",)] * 3
