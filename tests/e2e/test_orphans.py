"""What a gateway that dies, or that has no more time, leaves on the frontends: nothing."""

import json
import signal

import pymysql
import pytest

import harness
import wire
from frontends import config, fe  # noqa: F401
from harness import rows, until

HANGS = "FROM t /* hangs */"


@pytest.fixture
def hanging(fe):  # noqa: F811
    """Statements that hang on the frontend, whose client may leave: it does not notice."""
    number = fe.fault("hang", match="hangs")
    yield fe
    fe.heal(number)


@pytest.fixture
def state(config, tmp_path):  # noqa: F811
    folder = tmp_path / "state"
    folder.mkdir()
    config["settings"].update(state_folder=str(folder), probe_interval_ms=200)
    config["compute_sources"]["sales"]["pool"]["max_connections"] = 4
    return folder


def busy(fe):  # noqa: F811
    return [s for s in fe.sessions() if s.user and s.user.name == "dw_sales" and s.busy]


def begin(gateway, fe, count=2):  # noqa: F811
    """Clients that wait for a statement that hangs."""
    clients = [gateway.login("ana", "sales") for _ in range(count)]
    for client in clients:
        client.command(wire.QUERY, f"SELECT id {HANGS}")
    assert until(lambda: len(fe.record(match="hangs")) == count == len(busy(fe)))
    return clients


def die(gateway):
    gateway.process.kill()
    gateway.process.wait()
    gateway.process.returncode = 0  # as was wanted


def test_the_next_process_ends_what_a_dead_one_has_left(gateway, config, hanging, state):  # noqa: F811
    g = gateway(config)
    clients = begin(g, hanging)
    with pymysql.connect(host="127.0.0.1", port=hanging.port, user="dw_sales", password="x") as other:
        die(g)
        assert len(list(state.iterdir())) == 1 and len(busy(hanging)) == 2  # as a frontend behaves
        g = gateway(config)
        assert until(lambda: not busy(hanging))
        assert rows(other, "SELECT 1") == ((1,),)  # of the same account, and not ours
    assert until(lambda: "2 connections of a process that has died were still there" in g.log())
    assert until(lambda: len(list(state.iterdir())) == 1)
    assert g.query("SELECT COUNT(*) FROM t", database="sales") == ((3,),)
    for client in clients:
        client.close()
    g.stop()
    assert not list(state.iterdir())


def test_a_process_that_lives_is_left_alone(gateway, config, hanging, state):  # noqa: F811
    old = gateway(config)
    clients = begin(old, hanging, 1)
    new = old.upgrade()
    assert new and len(list(state.iterdir())) == 2
    probes = len(hanging.record(match="CATALOG"))
    assert until(lambda: len(hanging.record(match="CATALOG")) > probes + 3)
    assert busy(hanging)
    hanging.heal()
    assert len(clients[0].reply()) == 3
    clients[0].close()
    assert until(lambda: len(list(state.iterdir())) == 1)


def test_a_process_that_was_taken_over_from_and_dies_leaves_nothing_either(gateway, config, hanging, state):  # noqa: F811
    g = gateway(config)
    clients = begin(g, hanging, 1)
    g.upgrade().kill()
    assert until(lambda: not busy(hanging))
    g.older[0].wait()
    g.older[0].returncode = 0
    clients[0].close()


def test_a_frontend_that_is_away_is_asked_again(gateway, config, hanging, state):  # noqa: F811
    g = gateway(config)
    clients = begin(g, hanging, 1)
    die(g)
    away = hanging.fault("drop")
    gateway(config)
    assert len(list(state.iterdir())) == 2 and busy(hanging)
    hanging.heal(away)
    assert until(lambda: not busy(hanging) and len(list(state.iterdir())) == 1)
    clients[0].close()


def test_a_file_that_is_none_of_ours_does_no_harm(gateway, config, hanging, state):  # noqa: F811
    (state / "connections-abcdef").write_bytes(b"starbind connections 1\n")
    (state / "connections-fedcba").write_bytes(b"\xff" * 2097280)
    (state / "other").write_text("x")
    g = gateway(config)
    assert until(lambda: len(list(state.iterdir())) == 2)
    assert g.log().count("is not one of this version's files") == 2


def test_a_folder_that_is_not_there_stops_the_start(config, state, tmp_path):  # noqa: F811
    state.rmdir()
    file = tmp_path / "starbind.json"
    file.write_text(json.dumps(config))
    done = harness.starbind("run", "-c", file)
    assert done.returncode == 1 and "settings.state_folder: cannot make a file in" in done.stderr


@pytest.mark.parametrize("twice", [False, True])
def test_a_drain_that_runs_out_of_time_kills_what_still_runs(gateway, config, hanging, twice):  # noqa: F811
    config["settings"]["drain_timeout_ms"] = 60000 if twice else 200
    config["compute_sources"]["sales"]["pool"]["max_connections"] = 4
    g = gateway(config)
    clients = begin(g, hanging)
    if twice:
        g.process.send_signal(signal.SIGTERM)
        assert until(lambda: "running statements may finish" in g.log())
    g.stop()
    assert until(lambda: not busy(hanging))
    for client in clients:
        client.close()
