#!/usr/bin/env python3
"""The benchmark: run.py BUILD-DIRECTORY.  See bench/README.md.

    BENCH_SECONDS   measured time of one run          0.5
    BENCH_ROUNDS    rounds; medians are over these    3
    BENCH_ONLY      workloads, by the start of their titles or names, comma-separated; with the name of another
                    program of this folder among them, what that one measures
    BENCH_IDLE      clients of the memory workloads   1000
    BENCH_CROWD     idle clients of `mixed`           5000
    BENCH_RESULTS   a folder for what was measured:   BUILD-DIRECTORY/bench/results
"""

import json
import os
import signal
import subprocess
import sys
import time

import report
import results
import stand

SELECT = "SELECT id, label, price, note FROM {0}item WHERE id = "
LARGE = "SELECT i.id, i.label, i.price, i.note, t.n FROM {0}ten t CROSS JOIN {0}item i"
PAUSE, AFTER_CROWD = 0.2, 1.0  # seconds between runs, for connections to be gone


class Workload:
    def __init__(self, name, title, query, connections, kind="operations", load=None, idle=0, unread="", options=(), without=()):
        self.name, self.title, self.query = name, title, query
        self.connections, self.kind = connections, kind  # kind: what is reported
        self.load, self.idle, self.unread, self.options = load or name, idle, unread, options  # of the load generator
        self.without = without  # names of targets that cannot serve it


SECONDS = float(os.environ.get("BENCH_SECONDS", "0.5"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
IDLE = int(os.environ.get("BENCH_IDLE", "1000"))
STALLED = 20  # clients that do not read
CROWD = int(os.environ.get("BENCH_CROWD", "5000"))
WORKLOADS = [
    Workload("point", "point select, text, 16 connections", SELECT, 16),
    Workload("prepared", "point select, prepared, 16 connections", SELECT, 16),
    Workload("latency", "point select, text, 1 connection", SELECT, 1, "latency", "point"),
    Workload("large", "a result of 1,000,000 rows, 1 connection", LARGE, 1, "bytes"),
    Workload("churn", "connect + login + SELECT 1 + quit, 16 at a time", "SELECT 1", 16),
    Workload("visit", "connect + login + point select + quit, 16 at a time", SELECT, 16),
    Workload("mixed", f"point select, text, 16 connections, and {CROWD:,} idle clients", SELECT, 16, "operations", "point", CROWD, without=["direct"]),
    Workload("unread", f"point select, text, 16 connections, and {STALLED} clients that do not read a large result", SELECT, 16,
             "stalled", "point", STALLED, LARGE),
    Workload("idle", f"memory, {IDLE:,} clients after login", "", IDLE, "memory"),
    Workload("used", f"memory, {IDLE:,} clients after login and a point select", SELECT, IDLE, "memory"),
]


OTHERS = {"logins", "config", "tls", "limits", "crowd", "stalled", "watching", "life", "scale", "steady"}  # programs of their own


def wanted_words():
    return [w for w in os.environ.get("BENCH_ONLY", "").split(",") if w]


def is_wanted(other):
    return not wanted_words() or other in wanted_words()


def chosen():
    wanted = wanted_words()
    found = [w for w in WORKLOADS if not wanted or any(w.title.startswith(x) or w.name == x for x in wanted)]
    if not found and OTHERS.intersection(wanted):
        sys.exit(0)
    if not found:
        sys.exit(f"BENCH_ONLY={os.environ['BENCH_ONLY']} names no workload")
    return found


class Machine:
    """How busy the machine was with work that is not ours."""

    TICK = os.sysconf("SC_CLK_TCK")

    def __init__(self, ours):
        self.ours = ours  # gives the CPU seconds of our own processes so far
        self.at = self.read()

    def read(self):
        fields = [int(f) for f in open("/proc/stat").readline().split()[1:9]]
        idle, stolen = fields[3] + fields[4], fields[7]
        busy = sum(fields) - idle - stolen
        return {"all": sum(fields), "busy": busy, "stolen": stolen, "ours": self.ours(), "at": time.monotonic()}

    def since(self):
        """Shares of all CPUs, in percent."""
        a, b = self.at, self.read()
        total = max(b["all"] - a["all"], 1)
        others = b["busy"] - a["busy"] - (b["ours"] - a["ours"]) * self.TICK
        return {
            "load": os.getloadavg()[0],
            "others": max(100 * others / total, 0),
            "stolen": 100 * (b["stolen"] - a["stolen"]) / total,
            "seconds": b["at"] - a["at"],
        }


def cpu_seconds(process):
    """CPU time of a running process, from /proc/PID/stat."""
    fields = open(f"/proc/{process.pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / Machine.TICK


def our_cpu(bench):
    t = os.times()
    return t.user + t.system + t.children_user + t.children_system + sum(
        cpu_seconds(c) for c in bench.children if c.poll() is None)


def measure(bench, workload, target, seconds, warm=0.3):
    """One run of the load generator; None when the target does not serve this.  A proxy that died ends it all."""
    command = [
        *bench.elsewhere, bench.build / "bench/load", "--workload", workload.load, "--port", target.port,
        "--user", "bench", "--password", stand.PASSWORD, "--database", target.database,
        "--query", workload.query.format(target.prefix), "--keys", stand.KEYS,
        "--connections", workload.connections, "--seconds", seconds * (3 if workload.kind == "bytes" else 1),
        "--warm", min(warm, seconds * 0.3), "--idle", workload.idle,
        "--unread", workload.unread.format(target.prefix), "--watch", f"server={bench.server.pid}",
        *workload.options, *target.options,
    ]
    if target.process:
        command += ["--watch", f"proxy={target.process.pid}"]
    done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          stdin=subprocess.DEVNULL, timeout=200)
    time.sleep(PAUSE if workload.idle < 1000 else AFTER_CROWD)
    if target.process and target.process.poll() is not None:
        raise SystemExit(f"\n{workload.title}: {target.name} ended with status {target.process.returncode}:\n"
                         + bench.log_of(target.name))
    if done.returncode != 0:
        print(f"\n{workload.title}, {target.name}: {done.stderr.strip()}", file=sys.stderr)
        return None
    got = json.loads(done.stdout)
    return got if got["served"] else None


def progress(text):
    if sys.stderr.isatty():
        print("\r" + text.ljust(100) + "\r", end="", file=sys.stderr, flush=True)


def one_round(bench, workloads, number, seconds, runs):
    """Every workload on every target; the order of the targets turns by one each round.  Memory is
    measured once, on processes that have done nothing before: they keep what they once had."""
    turn = number % len(bench.targets)
    order = bench.targets[turn:] + bench.targets[:turn]
    for workload in workloads:
        if workload.kind == "memory" and number > 0:
            continue
        for target in order:
            if target.name in workload.without:
                continue
            progress(f"round {number + 1}: {workload.title}, {target.name}")
            if workload.kind in ("memory", "stalled"):
                with bench.fresh(target) as one:
                    got = measure(bench, workload, one, seconds)
            else:
                got = measure(bench, workload, target, seconds)
            runs.setdefault((workload.title, target.name), []).append(got)


def go(bench, workloads, rounds=ROUNDS, seconds=SECONDS):
    """All rounds: {(title, target): runs}, and what the machine did meanwhile."""
    runs, machine = {}, []
    for number in range(rounds):
        before = Machine(lambda: our_cpu(bench))
        one_round(bench, workloads, number, seconds, runs)
        machine.append(before.since())
    progress("")
    return runs, machine


def end_well():
    """So that everything is ended and removed."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: run.py BUILD-DIRECTORY")
    workloads = chosen()
    end_well()
    bench = stand.Stand(sys.argv[1])
    try:
        versions = bench.versions()
        runs, machine = go(bench, workloads)
    finally:
        bench.stop()
    names = [t.name for t in bench.targets]
    with results.printed(sys.argv[1], "run") as found:
        report.print_report(runs, workloads, names, machine)
        print("\n".join(f"- {key}: {value}" for key, value in versions.items()))
        found["figures"] = report.figures(runs, workloads, names[-1])
        found["runs"] = [{"workload": w, "target": t, "rounds": r} for (w, t), r in runs.items()]


if __name__ == "__main__":
    main()
