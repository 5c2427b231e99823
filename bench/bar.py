#!/usr/bin/env python3
"""The last run of the benchmark against the bar: bar.py BUILD-DIRECTORY [all|forget]

The last table of `make bench`; with `all` it follows the tables of all programs, which is `make bench-report`. Of what did
not run no figure is shown. With `forget` nothing has run any more.
"""

import functools
import statistics
import sys

import report
import results

PROGRAMS = ["run", "tls", "steady", "scale", "logins", "config", "limits", "stalled", "crowd", "watching", "life"]


class Row:
    """A figure that a program kept under a path of names. What is judged are its ratios; or its values, in the bar's unit."""

    def __init__(self, title, path, most, unit, judged="ratios", digits=1):
        self.title, self.path, self.most, self.unit = title, path.split("/"), most, unit
        self.judged, self.digits = judged, digits

    def found(self, figures):
        program, *names = self.path
        return functools.reduce(lambda at, name: at.get(name, {}), names, figures(program))

    def cells(self, figures):
        found = self.found(figures)
        judged = found.get(self.judged)
        bar = f"{self.most:.2f}" if self.judged == "ratios" else f"{self.most:,} {self.unit}".strip()
        if not judged:
            return [self.title, bar, "", "", "not measured"]
        ratio = report.ratio_text(judged) if self.judged == "ratios" else ""
        itself = f"{statistics.median(found['values']):,.{self.digits}f} {self.unit}".strip() if found.get("values") else ""
        return [self.title, bar, ratio, itself, "yes" if round(statistics.median(judged), 2) <= self.most else "no"]


def ratio(title, path, unit, most=1.0, digits=1):
    return Row(title, path, most, unit, digits=digits)


def value(title, path, unit, most, digits=0):
    return Row(title, path, most, unit, "values", digits)


TO_HAPROXY = [
    ratio("point select, text, 16 connections", "run/point", "µs"),
    ratio("point select, prepared, 16 connections", "run/prepared", "µs"),
    ratio("connect + login + point select + quit", "run/visit", "µs", 0.5),
    ratio("large result, for 100 MB", "run/large", "ms"),
    ratio("memory of a client after login", "run/idle", "KiB"),
    ratio("memory of a client after a point select", "run/used", "KiB"),
    ratio("latency added to a point select, 1 connection", "run/latency", "µs"),
    ratio("point select among 5,000 idle clients", "run/mixed", "µs"),
    *(ratio(f"TLS {version} by OpenSSL: {title}", f"tls/openssl/{name} {version}", unit) for version in ("1.3", "1.2")
      for title, name, unit in (("point select", "point", "µs"), ("large result, for 100 MB", "large", "ms"))),
]
OTHERS = [
    value("point select: system calls", "steady/point/calls", "", 5, 2),
    value("point select: allocations", "steady/point/allocations", "", 0, 2),
    ratio("point select, 10 to 10,000 projects, one of them busy", "scale/one", "µs", 1.05),
    ratio("the same, 10 of them busy", "scale/busy", "µs", 1.05),
    ratio("the same, 10 and 100 of them busy", "scale/spread", "µs", 1.05),
    ratio("point select, 1 to 10,000 idle clients", "scale/idle", "µs", 1.05),
    value("memory of an idle client with ten SETs behind it", "crowd/memory", "bytes", 2048),
    value("longest login among 5,000 stalled ones", "stalled/longest", "ms", 1000),
    ratio("p99 of point selects under 200 wrong logins/s", "logins/flooded", "µs", 1.5, 0),
    value("a configuration of 10,000 projects, loaded", "config/load", "ms of CPU", 2000),
    ratio("a look-up in it, to one of 100 projects", "config/look", "µs", 1.05),
    value("the sessions table of the console, 10,000 sessions", "watching/question", "ms", 100),
]


def tables(build):
    def figures(program):
        return (results.kept(build, program) or {}).get("figures", {})

    heads = ["at most", "ratio", "itself", "met"]
    for title, rows in (("CPU, memory and latency, as ratios to HAProxy", TO_HAPROXY), ("Other bars", OTHERS)):
        yield "**Against the bar**" if rows is TO_HAPROXY else ""
        yield report.aligned([[title, *heads], *(row.cells(figures) for row in rows)])


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: bar.py BUILD-DIRECTORY [all|forget]")
    build, wish = sys.argv[1], sys.argv[2:]
    if wish == ["forget"]:
        results.forget(build, PROGRAMS)
        return
    if wish == ["all"]:
        for kept in filter(None, (results.kept(build, program) for program in PROGRAMS)):
            print(f"\n{kept['text']}")
    print("\n" + "\n\n".join(filter(None, tables(build))) + "\n")


if __name__ == "__main__":
    main()
