#!/usr/bin/python3
"""What limits that are not met cost a statement: point selects through a gateway without any limit, and through
one that has every limit on all four levels, in turn.

    bench/limits.py BUILD [rounds]
"""

import copy
import pathlib
import statistics
import sys

import results
import run
import stand

SECONDS, CLIENTS = 2.0, 16
LIMITS = {"max_connections": 1000, "max_concurrent_queries": 500, "max_queued": 500, "max_query_seconds": 600}


class LimitStand(stand.Stand):
    """Two gateways: the first has no limits, the second has them all."""

    limits = {}

    def start_targets(self):
        self.targets = [self.start_starbind()]
        self.limits = LIMITS
        self.targets.append(self.start_starbind())

    def starbind_config(self, port):
        config = super().starbind_config(port)
        for objects in ("clusters", "compute_sources", "projects", "users"):
            for entry in config[objects].values():
                entry["limits"] = copy.copy(self.limits)
        return config


def select(bench, target):
    workload = run.Workload("point", f"point select, text, {CLIENTS} connections", run.SELECT, CLIENTS)
    return run.measure(bench, workload, target, SECONDS)


def main():
    if not run.is_wanted("limits"):
        return
    build, rounds = pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 7
    found = {"no limits": [], "limits on all levels": []}
    bench = LimitStand(build)
    try:
        targets = dict(zip(found, bench.targets))
        for number in range(rounds):
            for name in list(found)[:: 1 if number % 2 else -1]:
                found[name].append(select(bench, targets[name]))
    finally:
        bench.stop()
    with results.printed(build, "limits"):
        print(f"\n**Point selects over {CLIENTS} connections, with limits that are not met, {rounds} rounds**\n")
        print("|  | ops/s | to none | proxy CPU µs/op | to none |")
        print("| --- | ---: | ---: | ---: | ---: |")
        for name, got in found.items():
            line = [name]
            for value in (lambda r: r["per_second"], cpu):
                values = [value(r) for r in got]
                ratios = [v / value(o) for v, o in zip(values, found["no limits"])]
                line += [f"{statistics.median(values):,.1f}", f"{statistics.median(ratios):.3f}"]
            print("| " + " | ".join(line) + " |")


def cpu(one):
    return one["watched"]["proxy"]["cpu_us"] / one["operations"]


if __name__ == "__main__":
    main()
