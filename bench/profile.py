#!/usr/bin/env python3
"""Where the time of a proxy goes: profile.py BUILD-DIRECTORY WORKLOAD [TARGET...]

Samples each target (default: all proxies) with perf while the workload runs, then counts its system
calls with strace in a second run.  "point 1.3" and its like are workloads of tls.py, whose targets are haproxy,
openssl and mbedtls.  Needs linux-perf and strace, and the right to use them.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time

import report
import run
import stand
import tls

SECONDS = float(os.environ.get("BENCH_SECONDS", "3"))
LINE = re.compile(r"^\s*([\d.]+)%(?:\s+[\d.]+%)?\s+(.*\S)\s*$")


def perf_lines(data, *options):
    """(percent, text) for each line of a report."""
    done = subprocess.run(["perf", "report", "-i", data, "--stdio", "-g", "none", *options],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, stdin=subprocess.DEVNULL)
    return [(float(m[1]), m[2]) for m in map(LINE.match, done.stdout.splitlines()) if m]


def sample(bench, workload, target):
    """One run under perf; the path of its data, and what the load generator saw."""
    data = bench.dir / f"perf.{target.name}"
    perf = subprocess.Popen(
        ["perf", "record", "-q", "-e", "cpu-clock", "-F", "4000", "-g", "-p", str(target.process.pid), "-o", data,
         "--", "sleep", str(SECONDS)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    got = run.measure(bench, workload, target, SECONDS)
    perf.wait()
    return data, got


def traced(bench, workload, target, seconds):
    """One run under strace: what the load generator saw, and how many system calls there were meanwhile, by name."""
    out = bench.dir / f"strace.{target.name}"
    out.unlink(missing_ok=True)
    strace = subprocess.Popen(["strace", "-f", "-q", "-c", "-p", str(target.process.pid), "-o", out],
                              stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.3)
    got = run.measure(bench, workload, target, seconds, warm=0)
    strace.send_signal(signal.SIGINT)
    strace.wait()
    lines = [line.split() for line in out.read_text().splitlines()[2:]]
    return got, {x[-1]: int(x[3]) for x in lines if len(x) >= 5 and x[-1] != "total" and x[3].isdigit()}


def count_calls(bench, workload, target):
    """System calls by name, for each operation (or each MB of a large result)."""
    got, calls = traced(bench, workload, target, SECONDS)
    units = (got["all_bytes"] / 1e6 if workload.kind == "bytes" else got["operations"]) if got else 0
    found = [(count / units, name) for name, count in calls.items()] if units else []
    return sorted((c for c in found if c[0] >= 0.005), reverse=True)


def show(name, data, got, calls, workload):
    unit = "MB" if workload.kind == "bytes" else "operation"
    micros = report.cost(got, workload) * (10 if workload.kind == "bytes" else 1)
    own = [x for x in perf_lines(data, "--no-children", "--sort", "dso") if x[0] >= 0.3]
    inside = perf_lines(data, "--children", "--sort", "symbol")
    entries = {}
    for share, text in inside:
        call = re.search(r"\[k\] (?:__x64_sys|ksys|__sys)_(\w+)", text)
        if call and share >= 0.5:
            entries.setdefault(call[1], share)
    program = name if name in ("relay", "haproxy") else "starbind"
    binary = perf_lines(data, "--children", "--sort", "symbol", "--dso", program)
    functions = [(p, t.split("] ", 1)[-1].split()[0]) for p, t in binary if "[.]" in t and p >= 0.8]
    functions = [(p, t) for p, t in functions if not re.fullmatch(r"(0x)?[0-9a-f]{12,}", t)]
    print(f"\n**{name}**: {micros:.1f} µs of CPU per {unit}\n")
    print("- by place: " + ", ".join(f"{t.strip('[]').split('.')[0]} {p:.1f} %" for p, t in own))
    print("- system calls, all that they cause included: " +
          ", ".join(f"{t} {p:.1f} %" for t, p in entries.items()))
    print(f"- system calls per {unit}: " + (", ".join(f"{t} {n:.2f}" for n, t in calls) or "not counted"))
    print("- functions of its own, with what they call: " +
          (", ".join(f"{t} {p:.1f} %" for p, t in functions[:40]) or "none above 0.8 %"))


def main():
    if len(sys.argv) < 3:
        sys.exit("usage: profile.py BUILD-DIRECTORY WORKLOAD [TARGET...]")
    for tool in ("perf", "strace"):
        if not shutil.which(tool):
            sys.exit(f"{tool} is missing: apt-get install --no-install-recommends linux-perf strace")
    is_tls = " " in sys.argv[2]
    bench = (tls.TlsStand if is_tls else stand.Stand)(sys.argv[1])
    try:
        known = [w for version in tls.VERSIONS for w in tls.workloads(bench, version)] if is_tls else run.WORKLOADS
        workload = next((w for w in known if w.name == sys.argv[2] and w.kind != "memory"), None)
        if not workload:
            sys.exit(f"{sys.argv[2]} is no workload with operations")
        print(f"{workload.title}, {SECONDS:g} s")
        for target in bench.targets:
            if target.process and target.name in (sys.argv[3:] or [t.name for t in bench.targets]):
                data, got = sample(bench, workload, target)
                if got:
                    show(target.name, data, got, count_calls(bench, workload, target), workload)
                else:
                    print(f"\n**{target.name}**: not served")
    finally:
        bench.stop()


if __name__ == "__main__":
    main()
