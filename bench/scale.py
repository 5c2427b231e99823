#!/usr/bin/env python3
"""Whether a query costs the same in a large gateway: scale.py BUILD-DIRECTORY [counted]

Two gateways take turns: one with 10 projects, one with 10,000 projects of two compute sources each and 5,000 users. The
same point select goes through both: always in one project; from 100 clients with the users of 10 projects; and from 100
clients that have a user and a project of their own each in the large one, where ten times as many projects are busy.
Then through the small one while 1 and 10,000 idle clients are connected.

With `counted`, the instructions of the first three are counted under callgrind instead: the same on a busy machine.
"""

import statistics
import subprocess
import sys

import config
import instructions
import report
import results
import run
import stand

PROJECTS, USERS, SMALL = 10_000, 5_000, 10  # small: projects, and users, of the small gateway
CLIENTS, SPREAD, CROWD = 16, 100, 10_000
STEP = 7919  # between the numbers of two clients: the load generator's


def databases(projects):
    return sorted({place * STEP % projects for place in range(SPREAD)})


class ScaleStand(stand.Alone):
    """The server with a database for each project that is asked, and the two gateways."""

    def start_targets(self):
        views = "".join(f"CREATE DATABASE dw_p{n}; CREATE VIEW dw_p{n}.item AS SELECT * FROM bench_shop.item;\n"
                        for n in sorted({*databases(SMALL), *databases(USERS)}))
        subprocess.run(["mariadb", "--no-defaults", f"--socket={self.dir}/socket", "-u", "root"], text=True, check=True,
                       input=views + "GRANT ALL ON `dw_p%`.* TO bench@'127.0.0.1';\n", stdout=subprocess.DEVNULL)
        self.small, self.large = self.gateway(SMALL, SMALL), self.gateway(PROJECTS, USERS)
        self.targets = [self.small, self.large]

    def gateway(self, projects, users):
        self.size = projects, users
        return self.start_starbind()

    def starbind_config(self, port):
        """The stand's settings around the objects of config.py, each user being a developer in the project of the same number."""
        projects, users = self.size
        usual = super().starbind_config(port)
        made = {**config.configuration(projects, users), **{key: usual[key] for key in ("settings", "listeners", "clusters")}}
        for source in made["compute_sources"].values():
            source.update(username="bench", password=stand.PASSWORD, pool={"mode": "transaction", "max_connections": 200})
            del source["resource_groups"]
        for number in range(min(projects, users)):
            made["projects"][f"p{number}"]["members"][f"u{number}"] = "developer"
        hash_ = stand.native_hash(stand.PASSWORD)
        for user in made["users"].values():
            user["auth"] = {"mysql_native_password": hash_}
        return made


def asked(target, number="0", users=1):
    """The target as clients of this project see it; with "#" each has a project of its own, of as many as there are users."""
    return stand.Target(target.name, target.port, target.process, f"p{number}", f"${{p{number}}}.",
                        ["--user", f"u{number}", "--many", users])


def select(connections=CLIENTS, idle=0):
    return run.Workload("point", "point select", run.SELECT, connections, idle=idle)


class Row:
    """A line of the table: a run on the left, which is the base, and a run on the right."""

    def __init__(self, key, title, left, right):
        self.key, self.title, self.sides = key, title, (left, right)
        self.runs = ([], [])

    def measure(self, bench, number):
        """A round counts when both sides got somewhere: a machine that others use may stand still for as long as a run."""
        pair = [None, None]
        for side in (0, 1) if number % 2 else (1, 0):
            target, load = self.sides[side]
            pair[side] = run.measure(bench, load, target, run.SECONDS)
            if not pair[side]:
                sys.exit("a point select was not served")
        if all(one["operations"] for one in pair):
            for kept, one in zip(self.runs, pair):
                kept.append(one)

    def ratios(self, value):
        return [value(b) / value(a) for a, b in zip(*self.runs)]

    def cells(self):
        left, right = (statistics.median(map(cpu, side)) for side in self.runs)
        busy = max(100 * r["own_cpu"] for side in self.runs for r in side)
        return [self.title, f"{left:.1f}", f"{right:.1f}", report.ratio_text(self.ratios(cpu)),
                report.ratio_text(self.ratios(lambda r: r["per_second"])), f"{busy:.0f}"]


def cpu(one):
    return one["watched"]["proxy"]["cpu_us"] / one["operations"]


def rows(bench):
    sizes = f"{SMALL} to {PROJECTS:,} projects"
    one, spread = select(), select(SPREAD)
    small, large = asked(bench.small), asked(bench.large)
    few, many = asked(bench.small, "#", SMALL), asked(bench.large, "#", USERS)
    return [
        Row("one", f"{sizes}, {CLIENTS} clients, all of one project", (small, one), (large, one)),
        Row("busy", f"{sizes}, {SPREAD} clients of {SMALL} projects", (few, spread), (asked(bench.large, "#", SMALL), spread)),
        Row("spread", f"{sizes}, {SPREAD} clients of {SMALL} to {SPREAD} projects", (few, spread), (many, spread)),
        Row("idle", f"1 to {CROWD:,} idle clients, {CLIENTS} active ones", (small, select(idle=1)), (small, select(idle=CROWD))),
    ]


def measured(build):
    bench = ScaleStand(build)
    machine = []
    try:
        found = rows(bench)
        for target, load in (side for row in found[:3] for side in row.sides):
            run.measure(bench, load, target, 0.3)  # so that pools have what they need
        for number in range(run.ROUNDS):
            before = run.Machine(lambda: run.our_cpu(bench))
            for row in found:
                run.progress(f"round {number + 1}: {row.title}")
                row.measure(bench, number)
            machine.append(before.since())
        run.progress("")
    finally:
        bench.stop()
    heads = [f"CPU µs per query, {run.ROUNDS} rounds", "before", "after", "ratio", "ratio of ops/s", "load's CPU %"]
    with results.printed(build, "scale") as kept:
        print("\n**A query in a large gateway**\n\n" + report.aligned([heads, *(row.cells() for row in found)]))
        print("\n" + report.load_of_machine(machine))
        kept["figures"] = {row.key: results.figure(map(cpu, row.runs[1]), row.ratios(cpu)) for row in found}


class CountedScale(instructions.CountedThreads, ScaleStand):
    pass


def counted(build):
    instructions.need_valgrind()
    bench = CountedScale(build)
    table = [["instructions per query, in user space", "before", "after", "ratio"]]
    try:
        for row in rows(bench)[:3]:
            left, right = (instructions.steady(bench, load, target)["instructions"] for target, load in row.sides)
            table.append([row.title, f"{left:,.0f}", f"{right:,.0f}", f"{right / left:.3f}"])
    finally:
        bench.stop()
    print("\n" + report.aligned(table))


def main():
    if not run.is_wanted("scale"):
        return
    run.end_well()
    if sys.argv[2:] == ["counted"]:
        counted(sys.argv[1])
    else:
        measured(sys.argv[1])


if __name__ == "__main__":
    main()
