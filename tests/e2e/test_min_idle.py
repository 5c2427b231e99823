"""pool.min_idle: connections that are ready before a client wants them, shared out among the workers."""

import pytest

from frontends import config, fe  # noqa: F401  (fixtures)
from harness import rows, until

ACCOUNT = "dw_sales"


@pytest.fixture(autouse=True)
def ready(config):  # noqa: F811
    config["settings"]["workers"] = 2
    config["clusters"]["main"]["monitor"] = {"username": "dw_sales_dev", "password": "x"}  # probes use another account
    config["compute_sources"]["sales"]["pool"].update(max_connections=8, min_idle=3)


def opened(fe, account=ACCOUNT):
    return [s for s in fe.sessions() if s.user and s.user.name == account]


def test_as_many_as_are_wanted_are_opened_without_a_client(gateway, config, fe):
    config["compute_sources"]["sales"]["pool"]["max_connections"] = 3  # none is made up for while it is lent
    g = gateway(config)
    assert until(lambda: len(opened(fe)) == 3)
    ready = {s.id for s in opened(fe)}
    with g.connect("ana", "sales") as ana, g.connect("ana", "sales") as other:
        for connection in (ana, other):
            assert rows(connection, "SELECT COUNT(*) FROM t") == ((3,),)
    used = {s.connection for s in fe.record(user=ACCOUNT, match="COUNT")}
    assert used and used <= ready
    assert len(opened(fe)) == 3


def test_one_that_is_lost_is_opened_again(gateway, config, fe):
    gateway(config)
    assert until(lambda: len(opened(fe)) == 3)
    lost = opened(fe)[0].id
    fe.kill(lost)
    assert until(lambda: len(opened(fe)) == 3 and lost not in {s.id for s in opened(fe)})


def test_what_is_lent_is_made_up_for_within_the_limit(gateway, config, fe):
    config["settings"]["workers"] = 1
    config["compute_sources"]["sales"]["pool"].update(mode="session", max_connections=5)
    g = gateway(config)
    assert until(lambda: len(opened(fe)) == 3)
    held = [g.connect("ana", "sales") for _ in range(4)]
    rows(held[0], "SELECT 1 FROM t")
    assert until(lambda: len(opened(fe)) == 4)
    for connection in held:
        rows(connection, "SELECT 1 FROM t")
    assert until(lambda: len(opened(fe)) == 5)
    for connection in held:
        connection.close()


def test_what_is_ready_makes_room_for_who_misses_a_connection(gateway, config, fe):
    """The cluster takes three: the ones that lie ready go when another source wants one."""
    config["clusters"]["main"]["limits"] = {"max_connections": 3}
    g = gateway(config)
    assert until(lambda: len(opened(fe)) == 3)
    with g.connect("ana", "sales_dev") as ana:
        assert rows(ana, "SELECT COUNT(*) FROM t") == ((3,),)
        assert until(lambda: len(opened(fe)) == 2)


def test_old_ones_are_replaced_one_after_the_other(gateway, config, fe):
    config["settings"].update(workers=1, connection_lifetime_ms=1000)
    gateway(config)
    assert until(lambda: len(opened(fe)) == 3)
    first = {s.id for s in opened(fe)}
    fewest = []

    def replaced():
        now = {s.id for s in opened(fe)}
        fewest.append(len(now))
        return not first & now

    assert until(replaced, 20)
    assert min(fewest) >= 2


def test_a_reload_changes_how_many(gateway, config, fe):
    config["compute_sources"]["sales"]["pool"].update(min_idle=0)
    g = gateway(config)
    g.query("SELECT 1 FROM t", database="sales", password="ana's")
    config["compute_sources"]["sales"]["pool"].update(min_idle=4)
    g.reload(config)
    assert until(lambda: len(opened(fe)) >= 4)


def test_an_account_that_is_refused_is_not_tried_again_and_again(gateway, config, fe):
    fe.fault("refuse_login", user=ACCOUNT)
    g = gateway(config)
    assert until(lambda: "login failed" in g.log())
    assert not until(lambda: g.log().count("login failed") > 6, 2.5), g.log()
    fe.heal()
