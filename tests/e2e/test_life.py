"""From start to end: systemd's sockets and notices, draining, and a process that takes over from another."""

import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import urllib.request

import pymysql
import pytest

import harness
import wire
from harness import rows, until


class Notices:
    """The socket that systemd would listen at."""

    def __init__(self, name):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(name)
        self.socket.settimeout(0.05)
        self.all = []

    def read(self):
        try:
            while True:
                self.all.append(self.socket.recv(4096).decode())
        except TimeoutError:
            return self.all

    def has(self, line, times=1):
        return until(lambda: sum(line in notice.split("\n") for notice in self.read()) >= times)


@pytest.fixture
def notices(tmp_path):
    made = Notices(str(tmp_path / "notify"))
    yield made
    made.socket.close()


# ---- systemd ----


def test_systemd_hears_of_start_reload_and_end(gateway, config, notices, tmp_path):
    g = gateway(config, NOTIFY_SOCKET=str(tmp_path / "notify"))
    assert notices.has("READY=1") and notices.has(f"MAINPID={g.process.pid}")
    g.reload(config)
    assert notices.has("RELOADING=1") and notices.has("READY=1", 2)
    assert any(line.startswith("MONOTONIC_USEC=") for notice in notices.read() for line in notice.split("\n"))
    g.stop()
    assert notices.has("STOPPING=1")
    assert not any("WATCHDOG=1" in notice for notice in notices.read())


def test_an_abstract_notify_socket(gateway, config):
    name = f"starbind-test-{os.getpid()}-{harness.free_port()}"
    notices = Notices("\0" + name)
    gateway(config, NOTIFY_SOCKET="@" + name)
    assert notices.has("READY=1")
    notices.socket.close()


def test_the_watchdog_is_fed_while_every_loop_turns(gateway, config, notices, tmp_path):
    config["settings"]["workers"] = 2
    g = gateway(config, NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="1000000")
    assert notices.has("WATCHDOG=1", 3)
    assert "does not turn" not in g.log()


def test_a_watchdog_that_is_meant_for_another_process_is_left_alone(gateway, config, notices, tmp_path):
    gateway(config, NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="100000", WATCHDOG_PID="1")
    assert notices.has("READY=1") and not any("WATCHDOG" in notice for notice in notices.read())


def listener(port=0):
    made = socket.create_server(("127.0.0.1", port))
    made.settimeout(10)
    return made


def activated(config, tmp_path, sockets):
    """The gateway with sockets in its hands, as systemd starts it."""
    file = tmp_path / "starbind.json"
    file.write_text(json.dumps(config))

    def hand_over():
        harness.with_parent()
        kept = [os.dup(s.fileno()) for s in sockets]
        for i, fd in enumerate(kept):
            os.dup2(fd, 3 + i)

    return subprocess.Popen(
        ["/bin/sh", "-c", 'LISTEN_PID=$$ exec "$@"', "sh", harness.STARBIND, "run", "-c", file], close_fds=False,
        stderr=open(tmp_path / "stderr", "wb"), preexec_fn=hand_over, env={**os.environ, "LISTEN_FDS": str(len(sockets))})


def test_sockets_of_systemd_are_found_by_their_address(config, tmp_path):
    config["settings"]["workers"] = 2
    doors = {d["environment"]: listener() for d in config["listeners"]}
    stray = listener()
    for door in config["listeners"]:
        door["address"] = "127.0.0.1:%d" % doors[door["environment"]].getsockname()[1]
    early = socket.create_connection(doors["prod"].getsockname())  # waits in the queue, before anybody is there
    process = activated(config, tmp_path, [stray, doors["dev"], doors["prod"]])
    try:
        log = tmp_path / "stderr"
        assert until(lambda: "is ready" in log.read_text(), 20)
        assert "1 inherited sockets are no listener's" in log.read_text()
        early.settimeout(10)
        assert early.recv(5)[4] == 10  # a greeting
        for environment, door in doors.items():
            for _ in range(8):  # whichever worker takes it
                with pymysql.connect(host="127.0.0.1", port=door.getsockname()[1], user="ana", password="ana's",
                                     database="sales") as connection:
                    assert rows(connection, "SELECT DATABASE()") == (("sales" if environment == "prod" else "sales_dev",),)
    finally:
        process.terminate()
        assert process.wait(20) == 0, (tmp_path / "stderr").read_text()
        early.close()
        for made in [stray, *doors.values()]:
            made.close()


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not here")
def test_the_unit_files_are_well_formed(tmp_path):
    units = tmp_path / "units"
    units.mkdir()
    for name in ("starbind.service", "starbind.socket"):
        text = (harness.ROOT / "etc" / name).read_text()
        (units / name).write_text(text.replace("/usr/sbin/starbind", harness.STARBIND))
    done = harness.run("systemd-analyze", "verify", "--man=no", units / "starbind.service", units / "starbind.socket",
                       env={**os.environ, "SYSTEMD_UNIT_PATH": f"{units}:"})
    ours = [line for line in (done.stdout + done.stderr).splitlines() if "starbind" in line]
    assert done.returncode == 0 and not ours, done.stderr


# ---- draining ----


def test_a_transaction_may_end_while_the_gateway_drains(gateway, config):
    g = gateway(config)
    with g.login("own", "sales") as busy, g.login("ana", "sales") as idle:
        busy.query("BEGIN")
        busy.query("INSERT INTO t VALUES (900, 'drain')")
        g.process.terminate()
        idle.sequence = 0
        with pytest.raises(wire.Refused) as e:
            idle.unless_refused()
        assert e.value.errno == 1053
        assert busy.values("SELECT COUNT(*) FROM t WHERE id = 900") == [(b"1",)]
        busy.query("ROLLBACK")
        busy.sequence = 0
        with pytest.raises(wire.Refused):
            busy.unless_refused()
    g.stop()


def test_a_drain_has_a_deadline(gateway, config):
    config["settings"]["drain_timeout_ms"] = 300
    g = gateway(config)
    with g.login("ana", "sales") as client:
        client.command(wire.QUERY, "SELECT SLEEP(60) FROM numbers WHERE n = 1")
        assert until(lambda: any(row[8] == "runs" for row in g.query("SHOW PROCESSLIST")))
        g.stop(10)


# ---- upgrades ----


def test_another_process_takes_over_and_nobody_is_refused(gateway, config, tmp_path):
    """The short form of bench/life.py."""
    config["settings"].update(workers=2, audit_log=str(tmp_path / "audit.log"))
    g = gateway(config)
    stop, failures, counts = threading.Event(), [], [0] * 4

    def work(i):
        try:
            while not stop.is_set():
                with g.connect("ana", "sales") as connection:
                    for _ in range(5):
                        assert rows(connection, "SELECT COUNT(*) FROM t") == ((3,),)
                        counts[i] += 1
        except Exception as e:
            failures.append(e)

    threads = [threading.Thread(target=work, args=[i]) for i in range(4)]
    for thread in threads:
        thread.start()
    try:
        with g.login("ana", "sales") as stays:
            for _ in range(3):
                before, _ = sum(counts), g.upgrade()
                assert until(lambda: sum(counts) > before + 50 or failures)
                assert stays.values("SELECT COUNT(*) FROM t") == [(b"3",)]  # by the process that took it in
            assert g.older[0].poll() is None
        assert until(lambda: all(process.poll() == 0 for process in g.older))  # they end with their last client
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not failures
    g.stop()
    told = [json.loads(line) for line in (tmp_path / "audit.log").read_text().splitlines()]
    requests = [line["request"] for line in told if line["command"] == "Query" and "rows" in line]
    assert len(set(requests)) == len(requests) == sum(counts) + 3  # of all four processes, each once


def test_session_ids_go_on_where_the_process_before_has_stopped(gateway, config):
    g = gateway(config)
    with g.connect("ana") as old:
        first = rows(old, "SELECT CONNECTION_ID()")[0][0]
        g.upgrade()
        assert g.query("SELECT CONNECTION_ID()")[0][0] > first


def test_the_pages_are_taken_over_too(gateway, config):
    port = harness.free_port()
    config["listeners"].append({"protocol": "http", "address": f"127.0.0.1:{port}"})
    g = gateway(config)

    def is_well():
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=10) as page:
            return page.status == 200

    assert until(is_well)
    with g.login("ana", "sales") as stays:
        old = g.upgrade()
        assert is_well() and stays.alive() and old.poll() is None
    assert until(lambda: old.poll() == 0)
    assert is_well()


@pytest.mark.parametrize("protocol", ["mysql", "http"])
def test_a_second_gateway_does_not_share_the_port(gateway, config, tmp_path, protocol):
    """Each worker binds for itself, so the kernel would let another process in, and give it some of the clients."""
    taken = harness.free_port()
    config["listeners"].append({"protocol": protocol, "address": f"127.0.0.1:{taken}"})
    gateway(config)
    for listener in config["listeners"][:2]:
        listener["address"] = f"127.0.0.1:{harness.free_port()}"
    second = tmp_path / "second.json"
    second.write_text(json.dumps(config))
    done = harness.starbind("run", "-c", second)
    assert done.returncode == 1 and f"cannot listen on 127.0.0.1:{taken}: Address already in use" in done.stderr


def test_systemd_hears_who_serves_now(gateway, config, notices, tmp_path):
    g = gateway(config, NOTIFY_SOCKET=str(tmp_path / "notify"))
    old = g.upgrade()
    assert notices.has(f"MAINPID={g.process.pid}", 2)  # from the old one, which may say so, and from itself
    assert until(lambda: old.poll() == 0)
    assert not any("STOPPING=1" in notice for notice in notices.read())


def test_a_new_process_that_does_not_start_changes_nothing(gateway, config):
    g = gateway(config)
    good = g.path.read_text()
    g.path.write_text("{")
    g.process.send_signal(signal.SIGUSR2)
    assert until(lambda: "has ended before it was ready; this one goes on serving" in g.log())
    assert g.query("SELECT 1", database="sales") == ((1,),)
    g.path.write_text(good)
    g.upgrade()  # the next one does
    assert g.query("SELECT 1", database="sales") == ((1,),)


def test_a_program_that_is_gone_changes_nothing(config, tmp_path, gateway, monkeypatch):
    own = tmp_path / "starbind"
    shutil.copy(harness.STARBIND, own)
    monkeypatch.setattr(harness, "STARBIND", str(own))
    g = gateway(config)
    own.unlink()
    g.process.send_signal(signal.SIGUSR2)
    assert until(lambda: "cannot start" in g.log())
    assert g.query("SELECT 1", database="sales") == ((1,),)


def test_the_time_of_the_old_process_ends(gateway, config):
    config["settings"]["handover_ms"] = 300
    g = gateway(config)
    with g.login("ana", "sales") as idle:
        old = g.upgrade()
        idle.sequence = 0
        with pytest.raises(wire.Refused) as e:
            idle.unless_refused()
        assert e.value.errno == 1053
        assert until(lambda: old.poll() == 0)
