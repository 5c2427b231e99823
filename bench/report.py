#!/usr/bin/env python3
"""Rounds to a table: medians of the rounds, and ratios to HAProxy made within each round."""

import statistics

import results

PEER = "haproxy"


def median(values):
    values = [v for v in values if v is not None]
    return statistics.median(values) if values else None


def figure(value, digits=1):
    return "" if value is None else f"{value:,.{digits}f}"


def aligned(rows):
    """A table for a terminal that is a table in Markdown too; the first column is text."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0])] + [c.rjust(w) for c, w in zip(row[1:], widths[1:])]
        lines.append("| " + " | ".join(cells) + " |")
    rule = ["-" * widths[0]] + ["-" * (w - 1) + ":" for w in widths[1:]]
    lines.insert(1, "| " + " | ".join(rule) + " |")
    return "\n".join(lines)


def cost(run, workload):
    """What the proxy spends: µs of CPU per operation, ms of CPU per 100 MB, or KiB of memory per client."""
    proxy = run["watched"].get("proxy")
    if not proxy:
        return None
    if workload.kind == "memory":
        return max(proxy["memory_kib"], 0) / (run["connections"] * 9 // 10)
    if workload.kind == "bytes":
        return proxy["cpu_us"] / 1e3 / (run["bytes"] / 100e6) if run["bytes"] else None
    return proxy["cpu_us"] / run["operations"] if run["operations"] else None


def held(run, workload):
    """KiB of memory of the proxy for each client that does not read."""
    proxy = run["watched"].get("proxy")
    return proxy and max(proxy["memory_kib"], 0) / workload.idle


def ratios(runs, workload, name, value):
    """Within each round: this target's value over the peer's."""
    found = []
    for mine, peer in zip(runs[workload.title, name], runs[workload.title, PEER]):
        a, b = mine and value(mine), peer and value(peer)
        if a is not None and b:
            found.append(a / b)
    return found


def ratio_text(found):
    if not found:
        return ""
    middle = f"{statistics.median(found):.2f}"
    if min(found) == max(found):
        return middle
    low, _, high = statistics.quantiles(found, n=4, method="inclusive")
    return f"{middle} ({low:.2f} to {high:.2f})"


def added_latency(runs, workload, name):
    """Median latency over that of the direct way, within each round, and its ratio to the peer's."""
    direct = runs[workload.title, "direct"]

    def added(target):
        pairs = zip(runs[workload.title, target], direct)
        return [mine["p50"] - base["p50"] if mine and base else None for mine, base in pairs]

    mine, peer = added(name), added(PEER)
    found = [a / b for a, b in zip(mine, peer) if a is not None and b and b > 0]
    return median(mine), found


def speed(done, kind):
    if kind == "bytes":
        return [figure(median(r["bytes"] / 1e6 / r["seconds"] for r in done)),
                figure(median(r["p50"] / 1e3 or None for r in done), 0)]
    times = [figure(median(r[p] for r in done), 0) for p in ("p50", "p95", "p99", "max")]
    return [figure(median(r["per_second"] for r in done), 0), *times]


def row(runs, workload, name):
    done = [r for r in runs[workload.title, name] if r]
    if not done:
        return [name, "not served"] + [""] * (len(HEADS[workload.kind]) - 1)
    spent = median(cost(r, workload) for r in done)
    spending = [figure(spent), ratio_text(ratios(runs, workload, name, lambda r: cost(r, workload)))]
    if workload.kind == "memory":
        busy = [r["watched"]["proxy"]["cpu_us"] / 1e4 / r["seconds"] for r in done if "proxy" in r["watched"]]
        return [name, *spending, figure(median(busy), 2)]
    cells = [name, *speed(done, workload.kind)]
    if workload.kind == "stalled":
        spending.append(figure(median(held(r, workload) for r in done), 0))
    if workload.kind == "latency":
        extra, found = added_latency(runs, workload, name)
        cells += ["", ""] if name == "direct" else [figure(extra, 0), ratio_text(found)]
    return cells + spending + [figure(median(100 * r["own_cpu"] for r in done), 0)]


TIMES = ["ops/s", "p50 µs", "p95", "p99", "max"]
CPU = ["CPU µs per op", "to HAProxy", "load's CPU %"]
HEADS = {
    "operations": [*TIMES, *CPU],
    "latency": [*TIMES, "added p50", "to HAProxy", *CPU],
    "bytes": ["MB/s", "p50 ms", "CPU ms per 100 MB", "to HAProxy", "load's CPU %"],
    "stalled": [*TIMES, "CPU µs per op", "to HAProxy", "KiB per reader", "load's CPU %"],
    "memory": ["KiB per client", "to HAProxy", "idle CPU %"],
}


def section(runs, workload, names):
    rows = [["", *HEADS[workload.kind]]] + [row(runs, workload, name) for name in names if name not in workload.without]
    return f"**{workload.title}**\n\n{aligned(rows)}\n"


def load_of_machine(rounds):
    rows = [["round", "load average", "others' CPU %", "stolen CPU %", "seconds"]]
    for i, r in enumerate(rounds, 1):
        rows.append([str(i), f"{r['load']:.2f}", f"{r['others']:.0f}", f"{r['stolen']:.1f}", f"{r['seconds']:.0f}"])
    return aligned(rows)


def print_report(runs, workloads, names, machine):
    print()
    for workload in workloads:
        print(section(runs, workload, names))
    print(load_of_machine(machine) + "\n")


def figures(runs, workloads, name):
    """What is judged of this target: by workload its ratios to the peer, and the figures themselves, of all rounds."""
    found = {}
    for workload in workloads:
        if name in workload.without:
            continue
        if workload.kind == "latency":
            extra, of_rounds = added_latency(runs, workload, name)
            found[workload.name] = results.figure([extra], of_rounds)
        else:
            values = [cost(r, workload) for r in runs[workload.title, name] if r]
            found[workload.name] = results.figure(values, ratios(runs, workload, name, lambda r, w=workload: cost(r, w)))
    return found
