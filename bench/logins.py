#!/usr/bin/python3
"""What 200 wrong caching_sha2_password logins per second cost the clients of the same gateway.

The p99 of point selects of other clients is measured quiet; while another gateway of the same machine is
flooded (what the flood takes from the CPUs); while their own is; and while their own is, with the limit on
failed logins that a configuration has where it says nothing. But for that last row the limit is off, and each
wrong login goes the whole way: public key, RSA, 5,000 rounds of SHA-256. Interleaved rounds, medians.

    bench/logins.py BUILD [rounds]

Clients and server would have machines of their own: they run at real-time priority, so that nothing of
the gateway's or the attacker's takes a CPU from them, and the attacker is nice. The gateway runs as it does anywhere.

Twice: with clients that ask at their times, so that most of the machine is free, as it is where somebody
cares about a p99; and with clients that ask as soon as they were answered, who keep every CPU of a small machine
busy, together with their proxy and their server: there, any CPU time that is taken from them is felt. The bar is 1.5
times the quiet value of the first.
"""

import collections
import json
import pathlib
import statistics
import subprocess
import sys
import time

import results
import run
import stand

PER_SECOND, SECONDS, BEFORE = 200, 1.0, 0.3
AT_ONCE = ["chrt", "-r", "1"]
HASH = "$A$005$abcdefghijklmnopqrst" + "x" * 43  # of no password that anybody knows


class LoginStand(stand.Stand):
    """Gateways whose user `victim` logs in by caching_sha2_password: one that others flood, one of the clients'
    own, and one more of those that refuses most attempts unseen."""

    limit = {"max_login_failures": 0}

    def __init__(self, build):
        self.elsewhere = AT_ONCE if subprocess.run([*AT_ONCE, "true"], stderr=subprocess.DEVNULL).returncode == 0 else []
        super().__init__(build)

    def start_targets(self):
        self.targets = [self.start_starbind(), self.start_starbind()]
        self.limit = {}
        self.targets.append(self.start_starbind())

    def starbind_config(self, port):
        config = super().starbind_config(port)
        config["settings"].update(self.limit)
        config["users"]["victim"] = {"auth": {"caching_sha2_password": HASH}}
        return config


class Flood:
    """Wrong logins at a steady pace, until left; `pace` is of those that were checked."""

    def __init__(self, bench, port, is_limited=False):
        self.is_limited = is_limited
        self.command = [bench.build / "bench/flood", port, "victim", PER_SECOND, SECONDS + 2 * BEFORE]

    def __enter__(self):
        self.process = subprocess.Popen([str(c) for c in self.command], stdout=subprocess.PIPE, text=True,
                                        stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL if self.is_limited else None)
        time.sleep(BEFORE)
        return self

    def __exit__(self, *_):
        said, _ = self.process.communicate(timeout=60)
        if self.process.returncode != 0 and not self.is_limited:
            sys.exit("the flood of wrong logins was none")
        self.pace = json.loads(said)["per_second"]


class Load:
    """Clients, and how often they ask."""

    def __init__(self, name, title, clients, options=()):
        self.name, self.title = name, title  # name: behind those of the figures
        self.workload = run.Workload("point", title, run.SELECT, clients, "latency", options=options)

    def select(self, bench, target):
        return run.measure(bench, self.workload, target, SECONDS)


LOADS = [Load("", "16 clients that ask 2,000 times a second", 16, ("--pace", 2000)),
         Load(", all the time", "4 clients that ask all the time", 4)]
ROWS = ("quiet", "another is flooded", "flooded", "flooded, with the usual limit")


def one_round(bench, load, other, own, limited, found):
    found["quiet"].append(load.select(bench, own))
    for name, asked, flooded in zip(ROWS[1:], (own, own, limited), (other, own, limited)):
        with Flood(bench, flooded.port, flooded is limited) as flood:
            found[name].append(load.select(bench, asked))
        found["pace " + name].append(flood.pace)


def show(load, found, rounds, kept):
    print(f"\n**Point selects of {load.title}, under {PER_SECOND} wrong logins per second, {rounds} rounds**\n")
    print("|  | selects/s | p50 µs | p99 µs | p99 to quiet | checked/s | gateway's CPU % |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name in ROWS:
        runs, values = found[name], [r["p99"] for r in found[name]]
        ratios = sorted(v / q["p99"] for v, q in zip(values, found["quiet"]))
        quarter = len(ratios) // 4
        kept["figures"][name + load.name] = results.figure(values, ratios)
        pace = found.get("pace " + name)
        rate, p50 = (statistics.median(r[x] for r in runs) for x in ("per_second", "p50"))
        cpu = statistics.median(r["watched"]["proxy"]["cpu_us"] / r["seconds"] / 1e4 for r in runs)
        print(f"| {name} | {rate:,.0f} | {p50:,.0f} | {statistics.median(values):,.0f} | {statistics.median(ratios):.2f} "
              f"({ratios[quarter]:.2f} to {ratios[-1 - quarter]:.2f}) | {statistics.median(pace) if pace else 0:.0f} "
              f"| {cpu:.0f} |")


def main():
    if not run.is_wanted("logins"):
        return
    build, rounds = pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 12
    found = {load: collections.defaultdict(list) for load in LOADS}
    bench = LoginStand(build)
    try:
        for _ in range(rounds):
            for load in LOADS:
                one_round(bench, load, *bench.targets, found[load])
    finally:
        bench.stop()
    with results.printed(build, "logins") as kept:
        if not bench.elsewhere:
            print("\nNot allowed to give clients and server real-time priority: they stand in line with all others.")
        for load in LOADS:
            show(load, found[load], rounds, kept)


if __name__ == "__main__":
    main()
