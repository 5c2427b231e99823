"""What live traffic tells of frontends: who has how much to do, who fails; all workers know it."""

import pytest

import wire
from harness import rows, until
from three import READ, all_known, both, config, fe, used  # noqa: F401  (fixtures among them)


@pytest.fixture(autouse=True)
def many_workers(config):  # noqa: F811
    config["settings"].update(workers=4, ejection_ms=60000)


def read_often(g, count=24):
    """Each client is in some worker."""
    for _ in range(count):
        with g.connect("ana", "sales") as connection:
            assert rows(connection, READ) == (("dw_sales",),)


@both
def test_statements_under_way_are_counted_over_all_workers(gateway, config, fe):
    """Each of a few clients may be in another worker, which has nothing under way itself."""
    g = all_known(gateway(config), fe)
    fault = fe.fault("hang", match="held")
    clients = []
    for i in range(6):
        clients.append(g.login("ana", "sales"))
        clients[-1].command(wire.QUERY, READ + f" /* held {i} */")
        assert until(lambda: fe.record(match=f"held {i}"))
    assert used(fe, "held") == [1, 1, 2, 2, 3, 3]
    fe.heal(fault)
    for client in clients:
        client.reply()
        client.close()


@both
@pytest.mark.parametrize("kind", ["close", "garbage"])
def test_one_whose_connections_break_under_statements_is_left_out_by_all(gateway, config, fe, kind):
    """Its probes are well. Plain reads that it closes on are run elsewhere; garbage is told."""
    g = all_known(gateway(config), fe)
    fe.fault(kind, fe=2, match="SELECT side")

    def is_left_out():
        try:
            read_often(g, 4)
        except Exception:
            assert kind == "garbage"
        return f"frontend={fe.addresses[2]} is left out" in g.log()

    assert until(is_left_out, 20)
    fe.clear()
    read_often(g)
    assert used(fe) and 2 not in used(fe)
    assert g.log().count(f"frontend={fe.addresses[2]} is left out") == 1


def test_one_that_refuses_connections_to_one_worker_is_left_out_by_all(gateway, config, fe):
    g = all_known(gateway(config), fe)
    fe.fault("drop", fe=2, user="dw_sales")
    fe.fault("too_many", fe=2, user="dw_sales")
    assert until(lambda: read_often(g, 4) or "is left out" in g.log())
    read_often(g)  # a dial of another worker, begun before that, may still be under way
    fe.clear()
    before = g.log().count("login failed") + g.log().count("cannot be reached")
    read_often(g)
    assert g.log().count("login failed") + g.log().count("cannot be reached") == before
    assert 2 not in used(fe)


def test_the_time_out_grows_and_ends(gateway, config, fe):
    config["settings"].update(ejection_ms=100)
    g = all_known(gateway(config), fe)
    fault = fe.fault("close", fe=2, match="SELECT side")
    assert until(lambda: read_often(g, 4) or g.log().count(f"{fe.addresses[2]} is left out") >= 2, 20)
    fe.heal(fault)
    fe.clear()
    assert until(lambda: read_often(g, 6) or 2 in used(fe))
