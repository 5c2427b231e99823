#!/usr/bin/env python3
"""System calls, instructions and allocations for each point select in the steady state, with everything on.

    bench/steady.py BUILD-DIRECTORY

System calls of all threads under strace, as the difference of a short run and a long one, so that logins are not in it;
instructions and allocations of the workers under callgrind, amid a run. Needs strace and valgrind, and the right to trace.
"""

import shutil
import sys

import instructions
import profile
import report
import results
import run
import stand

SHORT, LONG = 0.5, 2.5


def calls(bench, workload, target):
    """By name, for each operation."""
    run.measure(bench, workload, target, SHORT, warm=0)
    (few, first), (many, second) = (profile.traced(bench, workload, target, s) for s in (SHORT, LONG))
    return {name: (second[name] - first.get(name, 0)) / (many["operations"] - few["operations"]) for name in second}


class CountedStand(instructions.CountedThreads, stand.Alone):
    pass


def counted(build, workloads):
    bench = CountedStand(build)
    try:
        return [instructions.steady(bench, w, bench.targets[0]) for w in workloads]
    finally:
        bench.stop()


def traced_all(build, workloads):
    bench = stand.Alone(build)
    try:
        return [calls(bench, w, bench.targets[0]) for w in workloads]
    finally:
        bench.stop()


def main():
    if not run.is_wanted("steady"):
        return
    for tool in ("strace", "valgrind"):
        if not shutil.which(tool):
            print(f"\nSystem calls and allocations are not counted: apt-get install --no-install-recommends {tool}")
            return
    run.end_well()
    build, workloads = sys.argv[1], [w for w in run.WORKLOADS if w.name in ("point", "prepared")]
    table, figures = [["each", "system calls", "instructions", "allocations", "of the calls"]], {}
    for workload, by_name, own in zip(workloads, traced_all(build, workloads), counted(build, workloads)):
        total = sum(by_name.values())
        of = ", ".join(f"{n} {v:.2f}" for n, v in sorted(by_name.items(), key=lambda x: -x[1]) if v >= 0.005)
        table.append([workload.title, f"{total:.2f}", f"{own['instructions']:,.0f}", f"{own['allocations']:.3f}", of])
        figures[workload.name] = {"calls": results.figure([total]), "allocations": results.figure([own["allocations"]])}
    with results.printed(build, "steady") as found:
        print("\n**What a point select takes of the gateway in the steady state, with everything on**\n\n" + report.aligned(table))
        found["figures"] = figures


if __name__ == "__main__":
    main()
