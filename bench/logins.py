#!/usr/bin/python3
"""What 200 wrong caching_sha2_password logins per second cost the clients of the same gateway.

Each wrong login goes the whole way: public key, RSA, 5,000 rounds of SHA-256. The p99 of point selects of
other clients is measured quiet; while another gateway of the same machine is flooded (what the flood takes
from the CPUs); and while their own is. Interleaved rounds, medians.

    bench/logins.py BUILD [rounds]

The bar is 1.5 times the quiet value. Where both CPUs of a small machine are busy with the clients, their proxy and
their server, the second row tells how much of the third is the CPU time that the checks take, wherever they run.
"""

import json
import pathlib
import statistics
import subprocess
import sys
import time

import results
import run
import stand

PER_SECOND, SECONDS, BEFORE, CLIENTS = 200, 2.0, 0.3, 4
HASH = "$A$005$abcdefghijklmnopqrst" + "x" * 43  # of no password that anybody knows


class LoginStand(stand.Stand):
    """Two gateways whose user `victim` logs in by caching_sha2_password."""

    def start_targets(self):
        self.targets = [self.start_starbind(), self.start_starbind()]

    def starbind_config(self, port):
        config = super().starbind_config(port)
        config["settings"]["max_login_failures"] = 0  # else most attempts would be refused unseen
        config["users"]["victim"] = {"auth": {"caching_sha2_password": HASH}}
        return config


class Flood:
    """Wrong logins at a steady pace, until left."""

    def __init__(self, bench, port):
        self.command = [bench.build / "bench/flood", port, "victim", PER_SECOND, SECONDS + 2 * BEFORE]

    def __enter__(self):
        self.process = subprocess.Popen([str(c) for c in self.command], stdout=subprocess.PIPE, text=True,
                                        stdin=subprocess.DEVNULL)
        time.sleep(BEFORE)
        return self

    def __exit__(self, *_):
        said, _ = self.process.communicate(timeout=60)
        if self.process.returncode != 0:
            sys.exit("the flood of wrong logins was none")
        self.pace = json.loads(said)["per_second"]


def select(bench, target):
    workload = run.Workload("point", f"point select, text, {CLIENTS} connections",
                            run.SELECT, CLIENTS, "latency")
    return run.measure(bench, workload, target, SECONDS)


def one_round(bench, flooded, other, found):
    found["quiet"].append(select(bench, flooded))
    for name, target in (("another is flooded", other), ("flooded", flooded)):
        with Flood(bench, target.port) as flood:
            found[name].append(select(bench, flooded))
        found["pace " + name].append(flood.pace)


def main():
    if not run.is_wanted("logins"):
        return
    build, rounds = pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 7
    found = {name: [] for name in ("quiet", "another is flooded", "flooded", "pace another is flooded", "pace flooded")}
    bench = LoginStand(build)
    try:
        for _ in range(rounds):
            one_round(bench, *bench.targets, found)
    finally:
        bench.stop()
    with results.printed(build, "logins") as kept:
        print(f"\n**p99 of point selects over {CLIENTS} connections under {PER_SECOND} wrong logins per second, {rounds} rounds**\n")
        print("|  | p99 µs | to quiet | wrong logins/s |")
        print("| --- | ---: | ---: | ---: |")
        for name in ("quiet", "another is flooded", "flooded"):
            values = [r["p99"] for r in found[name]]
            ratios = [v / q["p99"] for v, q in zip(values, found["quiet"])]
            kept["figures"][name] = results.figure(values, ratios)
            pace = found.get("pace " + name)
            print(f"| {name} | {statistics.median(values):,.0f} | {statistics.median(ratios):.2f} | {statistics.median(pace) if pace else 0:.0f} |")


if __name__ == "__main__":
    main()
