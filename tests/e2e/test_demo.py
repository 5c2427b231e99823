"""The demo's tour is right, leaves nothing behind, and two of them get along."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import time

import pymysql

import harness
from harness import STARBIND, starbind, until

DEMO = [str(harness.ROOT / "scripts/demo.sh"), STARBIND]


def processes_in(folder):
    """Processes whose command line names the folder."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if str(folder) in open(f"/proc/{pid}/cmdline").read():
                found.append(pid)
        except OSError:
            pass
    return found


def test_two_tours_at_once_and_nothing_left(tmp_path):
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    both = [subprocess.Popen(DEMO, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             env=environment, text=True, preexec_fn=harness.with_parent) for _ in range(2)]
    for tour in both:
        said = tour.communicate(timeout=120)[0]
        assert tour.returncode == 0, said
        assert "steps did what they should" in said
    assert os.listdir(tmp_path) == [] and processes_in(tmp_path) == []


def lists_alike(port):
    """A tool lists what SHOW DATABASES does, whichever project is selected."""
    for user in ("ana", "bo"):
        with pymysql.connect(host="127.0.0.1", port=port, user=user, password=user, database="sales") as connection:
            shown = {name for (name,) in harness.rows(connection, "SHOW DATABASES")}
            assert {"sales", "sales_dev", "crm"} <= shown
            assert {name for (name,) in harness.rows(connection, "SELECT schema_name FROM information_schema.schemata")} == shown
            assert {name for (name,) in harness.rows(connection, "SELECT table_schema FROM information_schema.tables")} == shown


def test_on_a_terminal_it_stays_until_interrupted(tmp_path):
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(DEMO[0], DEMO, {**os.environ, "TMPDIR": str(tmp_path), "TERM": "dumb"})
    said, deadline = "", time.monotonic() + 60
    try:
        ready = select.poll()  # select() takes no descriptor above 1023
        ready.register(terminal, select.POLLIN)
        while "Ctrl-C ends it" not in said and time.monotonic() < deadline:
            if ready.poll(1000):
                try:
                    said += os.read(terminal, 65536).decode(errors="replace")
                except OSError:
                    break
        assert "Ctrl-C ends it" in said, said
        assert os.listdir(tmp_path) != []
        lists_alike(int(re.search(r"-P (\d+) -u ana .*prod", said)[1]))
        time.sleep(0.3)
        os.write(terminal, b"\x03")
        assert until(lambda: os.waitpid(pid, os.WNOHANG)[0] == pid, 60), "still there"
    except BaseException:
        os.kill(pid, signal.SIGTERM)
        raise
    assert until(lambda: os.listdir(tmp_path) == [] and processes_in(tmp_path) == [])


def test_its_configuration_passes_the_check():
    path = harness.ROOT / "etc/demo.json"
    done = starbind("check", path, env={**os.environ, "DEMO_PASSWORD": "any"})
    assert done.returncode == 0, done.stderr
    assert "error" not in done.stderr and "warning" not in done.stderr
    users = json.loads(path.read_text())["users"]
    for user, keys in users.items():
        assert keys["auth"]["mysql_native_password"] == harness.native_hash(user)
