"""Prepared statements over emulated StarRocks frontends."""

from preparing import Statement, cells, number
from test_starrocks import config, fe, server  # noqa: F401


def prepared(fe, user="dw_sales"):
    return [len(s.prepared) for s in fe.sessions() if s.user and s.user.name == user]


def test_what_is_prepared_and_closed_without_an_execution_does_not_pile_up(gateway, config, fe):
    """Such a CLOSE does nothing on a frontend; the connection is replaced when too many have gathered."""
    config["settings"]["max_prepared_per_backend"] = 16
    with gateway(config).login("ana", "sales") as client:
        kept = Statement(client, "SELECT side FROM t WHERE id = ?")
        for i in range(100):
            Statement(client, f"SELECT side, {i} FROM t WHERE id = ?").close()
            assert all(count <= 2 * 16 + 1 for count in prepared(fe))
        assert [cells(r) for r in kept.execute(number(1))] == [(b"dw_sales",)]
        for i in range(100):
            Statement(client, f"SELECT side, {i} FROM t WHERE id = ?").close()
        assert client.alive()
        kept.execute(number(1))
        assert all(count <= 3 for count in prepared(fe))  # after an EXECUTE the frontend hears a CLOSE
