#!/usr/bin/python3
"""What a large configuration costs: loading it, and looking up names in it.

Three sizes take turns. Loading is `starbind check` from its start to its end; looking up is what a statement costs
`starbind explain` that names another project and another user than the one before, less the loading. CPU times of
the process, medians of the rounds; the bars are 2 s for the largest, and a look-up that does not depend on the size.

    bench/config.py BUILD [rounds]
"""

import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

import results
import run
import stand

SIZES = [(100, 200, 50), (1_000, 2_000, 500), (10_000, 20_000, 5_000)]  # projects, compute sources, users
STATEMENTS, MEMBERS, GROUP = 50_000, 5, 20
ENVIRONMENT = {"SECRET": "any"}


def configuration(projects, users):
    """Two sources for each project; each has five members of its own and a group of twenty."""
    sources = {
        f"p{i}{side}": {"cluster": "main", "database": f"dw_p{i}{side}", "username": f"p{i}{side}",
                        "password": "env:SECRET", "resource_groups": {"default": "rg_normal", "low": "rg_low"}}
        for i in range(projects) for side in ("", "_dev")
    }
    groups = max(1, users // GROUP)
    return {
        "listeners": [{"protocol": "mysql", "address": "127.0.0.1:9130"}],
        "clusters": {"main": {"jdbc_url": "jdbc:mysql://127.0.0.1:9030/"}},
        "compute_sources": sources,
        "projects": {
            f"p{i}": {"prod": f"p{i}", "dev": f"p{i}_dev", "members": {
                f"@g{i % groups}": "viewer", **{f"u{(MEMBERS * i + k) % users}": "developer" for k in range(MEMBERS)}}}
            for i in range(projects)
        },
        "groups": {f"g{g}": [f"u{(GROUP * g + k) % users}" for k in range(GROUP)] for g in range(groups)},
        "users": {
            f"u{i}": {"auth": {"mysql_native_password": stand.native_hash("any")}, "default_project": f"p{i % projects}"}
            for i in range(users)
        },
    }


def questions(projects, users):
    """Statements that jump from project to project, each by one of its members."""
    at = 0
    for i in range(STATEMENTS):
        at = (at + 7919) % projects
        yield json.dumps({"id": i, "user": f"u{MEMBERS * at % users}", "database": f"p{at}",
                          "sql": f"SELECT a.x FROM t JOIN p{at}_dev.u AS a USING (id)"}) + "\n"


def measure(command, text=""):
    """CPU and wall seconds of a process, and what it said."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(command, input=text, text=True, capture_output=True, env={**os.environ, **ENVIRONMENT})
    wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, wall, done.stdout


def main():
    if not run.is_wanted("config"):
        return
    starbind, rounds = pathlib.Path(sys.argv[1]) / "starbind", int(sys.argv[2]) if len(sys.argv) > 2 else 3
    load, wall, look = ({size: [] for size in SIZES} for _ in range(3))
    with tempfile.TemporaryDirectory(prefix="starbind-bench-") as folder:
        paths = {size: pathlib.Path(folder) / f"{size[0]}.json" for size in SIZES}
        for (projects, sources, users), path in paths.items():
            made = configuration(projects, users)
            assert (len(made["projects"]), len(made["compute_sources"]), len(made["users"])) == (projects, sources, users)
            path.write_text(json.dumps(made, indent=1))
        asked = {size: "".join(questions(size[0], size[2])) for size in SIZES}
        for _ in range(rounds):
            for size, path in paths.items():
                seconds, elapsed, _ = measure([starbind, "check", path])
                load[size].append(seconds)
                wall[size].append(elapsed)
                nothing = measure([starbind, "explain", "-c", path])[0]
                seconds, _, said = measure([starbind, "explain", "-c", path], asked[size])
                if said.count('"allow"') != STATEMENTS:
                    sys.exit("a statement was refused: " + next(x for x in said.splitlines() if '"allow"' not in x))
                look[size].append((seconds - nothing) / STATEMENTS * 1e6)
        bytes_of = {size: path.stat().st_size for size, path in paths.items()}
    with results.printed(sys.argv[1], "config") as kept:
        print(f"\n**a configuration: `starbind check`, and one statement of `starbind explain`, {rounds} rounds**\n")
        print("| projects | compute sources | users | MB | load, CPU ms | load, wall ms | µs per statement | to the smallest |")
        print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
        for size in SIZES:
            ratios = [a / b for a, b in zip(look[size], look[SIZES[0]])]
            print(f"| {size[0]:,} | {size[1]:,} | {size[2]:,} | {bytes_of[size] / 1e6:.1f} "
                  f"| {statistics.median(load[size]) * 1e3:.0f} | {statistics.median(wall[size]) * 1e3:.0f} "
                  f"| {statistics.median(look[size]):.1f} | {statistics.median(ratios):.2f} |")
        kept["figures"] = {"load": results.figure(1e3 * s for s in load[size]), "look": results.figure(look[size], ratios)}


if __name__ == "__main__":
    main()
