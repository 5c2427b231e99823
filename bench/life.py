#!/usr/bin/python3
"""What a gateway goes through while it serves: reloads, upgrades in place, and clients that are killed while their
statements are written down.

    bench/life.py BUILD [scale]

storm     1,000 reloads of a configuration of 2,000 projects, while 200 clients ask for one row after the other
upgrades  20 upgrades in place, one after the other, under 16 clients that connect, ask and leave, and 16 that stay
audit     100,000 statements and more over four load generators of which two are killed with SIGKILL, again and again; then
          the audit log is held against the server's own count

`scale`, below 1, makes each of them so much smaller. A load generator ends at the first refusal, error or lost connection:
each such end counts as a failure. The bars: no failure, memory flat, each statement in the log exactly once.
"""

import collections
import ctypes
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time

import results
import run
import stand

PROJECTS, RELOADS, CLIENTS = 2_000, 1_000, 200
UPGRADES = 20
STATEMENTS, KILLED_EVERY = 100_000, 0.7
QUIET = {"log_limit": 0, "probe_interval_ms": 3600000, "discovery_interval_ms": 3600000}


def resident(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) / 1024


class Log:
    """What the gateway says, as it comes."""

    def __init__(self, path):
        self.file, self.seen = open(path, errors="replace"), ""

    def await_line(self, pattern, seconds=60):
        deadline = time.monotonic() + seconds
        while True:
            self.seen += self.file.read()
            found = re.search(pattern, self.seen)
            if found:
                self.seen = self.seen[found.end():]
                return found
            if time.monotonic() > deadline:
                raise SystemExit(f"the gateway did not say {pattern!r}:\n{self.seen[-2000:]}")
            time.sleep(0.002)


class Load:
    """Load generators, one after the other, until stopped."""

    def __init__(self, bench, target, workload, connections):
        self.bench, self.target = bench, stand.Target("starbind", target.port, None, target.database, target.prefix)
        self.workload = run.Workload(workload, workload, run.SELECT, connections)
        self.operations = self.failures = 0
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.work)
        self.thread.start()

    def work(self):
        while not self.is_over.is_set():
            got = run.measure(self.bench, self.workload, self.target, 3.0, 0.0)
            self.operations += got["operations"] if got else 0
            self.failures += not got

    def stop(self):
        self.is_over.set()
        self.thread.join()


class LifeStand(stand.Alone):
    extra = {}

    def starbind_config(self, port):
        config = super().starbind_config(port)
        config["settings"].update(QUIET, **self.extra)
        config["compute_sources"]["shop"]["pool"].update(mode="transaction", max_connections=64)
        return config


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def row(*cells):
    print("| " + " | ".join(str(c) for c in cells) + " |")


# ---- reloads ----


class StormStand(LifeStand):
    def starbind_config(self, port):
        config = super().starbind_config(port)
        for i in range(PROJECTS):
            config["compute_sources"][f"s{i}"] = {"cluster": "main", "database": f"d{i}", "username": "u", "password": "p"}
            config["projects"][f"p{i}"] = {"prod": f"s{i}", "members": {"bench": "viewer"}}
        return config


def storm(build, scale):
    bench, took, sizes = StormStand(build), [], []
    try:
        target, path = bench.targets[-1], bench.dir / "starbind.json"
        config, log = json.loads(path.read_text()), Log(bench.dir / "starbind.log")
        texts = []
        for turn in range(2):
            config["projects"]["shop"]["description"] = f"turn {turn}"
            texts.append(json.dumps(config))
        load = Load(bench, target, "point", CLIENTS)
        for i in range(max(int(RELOADS * scale), 10)):
            draft = path.with_suffix(".draft")
            draft.write_text(texts[i % 2])
            draft.rename(path)
            began = time.monotonic()
            target.process.send_signal(signal.SIGHUP)
            log.await_line("reload: done: generation=")
            took.append(1000 * (time.monotonic() - began))
            sizes.append(resident(target.process.pid))
        load.stop()
    finally:
        bench.stop()
    print(f"\n**{len(took):,} reloads of {PROJECTS:,} projects under {CLIENTS} clients**\n")
    row("reload, median ms", "p99 ms", "statements", "failed", "MiB after a tenth", "MiB at the end")
    row("---:", "---:", "---:", "---:", "---:", "---:")
    row(f"{percentile(took, 0.5):.0f}", f"{percentile(took, 0.99):.0f}", f"{load.operations:,}", load.failures,
        f"{sizes[len(sizes) // 10]:.1f}", f"{sizes[-1]:.1f}")
    return load.failures == 0


# ---- upgrades ----


def is_running(pid):
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        pass
    return os.path.exists(f"/proc/{pid}")


def upgrades(build, scale):
    ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER: processes whose parent has ended become ours
    bench, took, pids = LifeStand(build), [], []
    try:
        target = bench.targets[-1]
        log, pids = Log(bench.dir / "starbind.log"), [target.process.pid]
        loads = [Load(bench, target, "visit", 16), Load(bench, target, "point", 16)]
        for _ in range(max(int(UPGRADES * scale), 2)):
            time.sleep(0.5)
            began = time.monotonic()
            os.kill(pids[-1], signal.SIGUSR2)
            pids.append(int(log.await_line(r"upgrade: process (\d+) serves now")[1]))
            took.append(1000 * (time.monotonic() - began))
        most = sum(map(is_running, pids))
        for load in loads:
            load.stop()
        deadline = time.monotonic() + 30
        while sum(map(is_running, pids)) > 1 and time.monotonic() < deadline:
            time.sleep(0.05)
        left = sum(map(is_running, pids)) - 1
    finally:
        for pid in pids[1:]:
            if is_running(pid):
                os.kill(pid, signal.SIGTERM)
        bench.stop()
    visits, stays = loads
    print(f"\n**{len(took)} upgrades in place under 16 clients that come and go and 16 that stay**\n")
    row("until it serves, median ms", "longest ms", "visits", "statements of those that stay", "failed",
        "processes, at most", "old ones left")
    row("---:", "---:", "---:", "---:", "---:", "---:", "---:")
    row(f"{percentile(took, 0.5):.0f}", f"{max(took):.0f}", f"{visits.operations:,}", f"{stays.operations:,}",
        visits.failures + stays.failures, most, left)
    return visits.failures + stays.failures + left == 0


# ---- the audit log ----


def selects(bench):
    done = subprocess.run(
        ["mariadb", "--no-defaults", f"--socket={bench.dir}/socket", "-u", "root", "-BNe",
         "SHOW GLOBAL STATUS LIKE 'Com_select'"], stdout=subprocess.PIPE, text=True, check=True)
    return int(done.stdout.split()[1])


def generator(bench, target):
    command = [bench.build / "bench/load", "--workload", "point", "--port", target.port, "--user", "bench", "--password",
               stand.PASSWORD, "--database", target.database, "--query", run.SELECT.format(target.prefix), "--keys",
               stand.KEYS, "--connections", 8, "--seconds", 600, "--warm", 0]
    return subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)


def judge(path):
    """(statements that went to the server, sessions, numbers that are missing or there twice)."""
    numbers, sent = collections.defaultdict(list), 0
    for line in open(path):
        told = json.loads(line)
        if told["command"] == "Query":
            _, session, number = told["request"].split("-")
            numbers[session].append(int(number))
            sent += "rows" in told
    wrong = sum(sorted(n) != list(range(1, len(n) + 1)) for n in numbers.values())
    return sent, len(numbers), wrong


def audit(build, scale):
    bench, killed, children = LifeStand.__new__(LifeStand), 0, []
    path = None
    try:
        folder = pathlib.Path(stand.tempfile.mkdtemp(prefix="starbind-audit-"))
        path = folder / "audit.log"
        bench.extra = {"audit_log": str(path), "workers": 2}
        bench.__init__(build)
        target, before = bench.targets[-1], selects(bench)
        children = [generator(bench, target) for _ in range(4)]
        while selects(bench) - before < STATEMENTS * scale:
            time.sleep(KILLED_EVERY)
            victim = killed % 2
            children[victim].kill()
            children[victim].wait()
            children[victim] = generator(bench, target)
            killed += 1
        for child in children:
            child.kill()
            child.wait()
        target.process.terminate()
        target.process.wait(30)
        counted = selects(bench) - before
    finally:
        for child in children:
            child.kill()
        bench.stop()
    sent, sessions, wrong = judge(path)
    stand.shutil.rmtree(folder)
    print(f"\n**The audit log of {counted:,} statements, {killed} times 8 clients killed in the middle of theirs**\n")
    row("counted by the server", "in the log as sent", "sessions", "sessions with a gap or a line twice")
    row("---:", "---:", "---:", "---:")
    row(f"{counted:,}", f"{sent:,}", f"{sessions:,}", wrong)
    return counted == sent and wrong == 0


def main():
    if not run.is_wanted("life"):
        return
    build, scale = pathlib.Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 1.0
    with results.printed(build, "life"):
        good = [part(build, scale) for part in (storm, upgrades, audit)]
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
