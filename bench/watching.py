#!/usr/bin/python3
"""What it costs to be watched.

Point selects over 16 connections through one gateway, in turn: unwatched; with /metrics read once a second; with the console asked once a
second for the sessions by project and state. The latter two also while thousands of idle clients are connected. Besides, how
long one such question takes, and what CPU time.

    bench/watching.py BUILD [rounds [seconds]]

Two equal runs differ by some percent, more than what is looked for: the ratio is the median of many short rounds, with its quartiles
and with the standard error of the rounds' mean.

The bars: scraping costs no more than 1 % of the throughput; the console answers within 100 ms under 10,000 sessions.
"""

import pathlib
import statistics
import sys
import threading
import time
import urllib.request

import crowd
import results
import run
import stand

CLIENTS, CROWD, QUESTIONS, SCRAPES = 16, 10_000, 40, 100
QUESTION = "SELECT project, state, count(*) FROM sessions GROUP BY 1, 2"
UNWATCHED, SCRAPED, ASKED = "unwatched", "/metrics once a second", "console once a second"


class WatchedStand(stand.Alone):
    def starbind_config(self, port):
        config = super().starbind_config(port)
        self.http, self.console = stand.free_port(), stand.free_port()
        config["listeners"] += [
            {"protocol": "http", "address": f"127.0.0.1:{self.http}", "tls": "off"},
            {"protocol": "admin", "address": f"127.0.0.1:{self.console}", "tls": "off"},
        ]
        config["users"]["bench"]["admin"] = True
        config["settings"]["idle_timeout_ms"] = 3600000
        return config

    def scrape(self):
        return urllib.request.urlopen(f"http://127.0.0.1:{self.http}/metrics", timeout=20).read()

    def ask(self):
        return self.caller.ask(QUESTION)

    def open_console(self):
        self.caller = crowd.Client(self.console, "bench", stand.PASSWORD, "")


def gather(target, clients, count):
    """Clients that only log in, over a few threads."""
    def work(n):
        for _ in range(n):
            clients.append(crowd.Client(target.port, "bench", stand.PASSWORD, target.database))

    threads = [threading.Thread(target=work, args=[count // 8]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(clients) != count:
        raise SystemExit(f"{len(clients)} of {count} clients logged in")


def select(bench, target, watch, seconds):
    """One run, with this done once a second meanwhile."""
    over = threading.Event()

    def work():
        while watch and not over.wait(1.0):
            watch()

    thread = threading.Thread(target=work)
    thread.start()
    workload = run.Workload("point", f"point select, text, {CLIENTS} connections", run.SELECT, CLIENTS)
    try:
        return run.measure(bench, workload, target, seconds)
    finally:
        over.set()
        thread.join()


def compare(bench, target, rounds, seconds, found):
    watches = {UNWATCHED: None, SCRAPED: bench.scrape, ASKED: bench.ask}
    for number in range(rounds):
        for name in list(watches)[:: 1 if number % 2 else -1]:
            found.setdefault(name, []).append(select(bench, target, watches[name], seconds))


def time_of(action, count, process):
    """Milliseconds of each, and CPU milliseconds of the gateway for one."""
    before, times = run.cpu_seconds(process), []
    for _ in range(count):
        began = time.perf_counter()
        action()
        times.append(1000 * (time.perf_counter() - began))
    return times, 1000 * (run.cpu_seconds(process) - before) / count


def spread(ratios):
    """The median, its quartiles, and the mean with its standard error."""
    low, middle, high = statistics.quantiles(ratios, n=4)
    error = statistics.stdev(ratios) / len(ratios) ** 0.5
    return f"{middle:.3f} ({low:.3f} to {high:.3f}); {statistics.fmean(ratios):.3f} ± {error:.3f}"


def cpu(one):
    return one["watched"]["proxy"]["cpu_us"] / one["operations"]


def print_comparison(title, found):
    print(f"\n**{title}**\n")
    print("|  | ops/s | to unwatched | proxy CPU µs/op | to unwatched |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for name, got in found.items():
        line = [name]
        for value in (lambda r: r["per_second"], cpu):
            ratios = [value(r) / value(o) for r, o in zip(got, found[UNWATCHED])]
            line += [f"{statistics.median(map(value, got)):,.1f}", spread(ratios)]
        print("| " + " | ".join(line) + " |")


def print_times(title, times, cpu):
    print(f"| {title} | {statistics.median(times):.1f} | {max(times):.1f} | {cpu:.1f} |")


def main():
    if not run.is_wanted("watching"):
        return
    rounds = max(2, int(sys.argv[2])) if len(sys.argv) > 2 else 5
    seconds = float(sys.argv[3]) if len(sys.argv) > 3 else 3.0
    if stand.lift_limit() < CROWD + 500:
        raise SystemExit(f"{CROWD} clients need more open files")
    bench, clients, few, many, times = WatchedStand(pathlib.Path(sys.argv[1])), [], {}, {}, {}
    try:
        target = bench.targets[-1]
        bench.open_console()
        compare(bench, target, rounds, seconds, few)
        times["a scrape of /metrics, few sessions"] = time_of(bench.scrape, SCRAPES, target.process)
        gather(target, clients, CROWD)
        compare(bench, target, rounds, seconds, many)
        times[f"a scrape of /metrics, {CROWD:,} sessions"] = time_of(bench.scrape, SCRAPES, target.process)
        times[f"the question, {CROWD:,} sessions"] = time_of(bench.ask, QUESTIONS, target.process)
        counted = sum(int(row[2]) for row in bench.ask())
    finally:
        bench.stop()
    if counted < CROWD:
        raise SystemExit(f"only {counted} sessions were counted")
    with results.printed(sys.argv[1], "watching") as kept:
        kept["figures"]["question"] = results.figure(times[f"the question, {CROWD:,} sessions"][0])
        print_comparison(f"Point selects over {CLIENTS} connections while the gateway is watched, {rounds} rounds", few)
        print_comparison(f"The same with {CROWD:,} idle clients besides", many)
        print(f"\n`{QUESTION}`\n\n| | median ms | longest ms | CPU ms |\n| --- | ---: | ---: | ---: |")
        for title, got in times.items():
            print_times(title, *got)


if __name__ == "__main__":
    main()
