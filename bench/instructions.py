#!/usr/bin/env python3
"""What starbind itself does for an operation: instructions.py BUILD-DIRECTORY [WORKLOAD...]

Runs it under callgrind and counts, in user space, instructions and allocations for each operation (each MB
of a large result).  Slow, but it gives the same figures however busy the machine is.  Needs valgrind.
"""

import re
import shutil
import subprocess
import sys

import run
import stand

LINE = re.compile(r"^\s*([\d,]+) \(\s*([\d.]+)%\)\s+\S*?:(\S+) \[.*/(\S+)\]")
CALLEE = re.compile(r"^cfn=\((\d+)\)(?: (\S+))?")
NAME = re.compile(r"^fn=\((\d+)\) (\S+)")
ALLOCATORS = {"malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc"}
SECONDS = 2


class CountedStand(stand.Stand):
    """The same, with starbind under callgrind."""

    def spawn(self, name, *command):
        if name == "starbind":
            self.out = self.dir / "callgrind"
            command = ("valgrind", "--tool=callgrind", f"--callgrind-out-file={self.out}", "--instr-atstart=no",
                       *command)
        return super().spawn(name, *command)


def control(pid, *what):
    subprocess.run(["callgrind_control", *what, str(pid)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                   stdin=subprocess.DEVNULL, check=True)


def allocations(path):
    """Calls of the allocator, from the edges of the call graph."""
    names, count, callee = {}, 0, None
    for line in open(path, errors="replace"):
        found = NAME.match(line) or CALLEE.match(line)
        if found:
            if found[2]:
                names[found[1]] = found[2]
            callee = names.get(found[1]) if line.startswith("cfn=") else callee
        elif line.startswith("calls=") and callee in ALLOCATORS:
            count += int(line[6:].split()[0])
    return count


def functions(path):
    """(share, name, object) of each function with what it calls."""
    done = subprocess.run(["callgrind_annotate", "--inclusive=yes", "--auto=no", path], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True, stdin=subprocess.DEVNULL)
    total = int(re.search(r"([\d,]+) \(100\.0%\)\s+PROGRAM TOTALS", done.stdout)[1].replace(",", ""))
    return total, [(float(m[2]), m[3], m[4]) for m in map(LINE.match, done.stdout.splitlines()) if m]


def count(bench, workload, dump):
    target = bench.targets[-1]
    run.measure(bench, workload, target, 0.5, warm=0)  # so that what is made once is made
    pid = target.process.pid
    control(pid, "-z")
    control(pid, "-i", "on")
    got = run.measure(bench, workload, target, SECONDS, warm=0)
    control(pid, "-i", "off")
    control(pid, "-d")
    if not got:
        print(f"\n**{workload.title}**: not served")
        return
    path = f"{bench.out}.{dump}"
    total, found = functions(path)
    units, unit = (got["all_bytes"] / 1e6, "MB") if workload.kind == "bytes" else (got["operations"], "operation")
    own = [f"{name} {share:.1f} %" for share, name, where in found if where == "starbind" and share >= 1.5]
    print(f"\n**{workload.title}**: {total / units:,.0f} instructions and {allocations(path) / units:.2f} allocations "
          f"per {unit}\n\n" + ", ".join(own[:45]))


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: instructions.py BUILD-DIRECTORY [WORKLOAD...]")
    if not shutil.which("valgrind"):
        sys.exit("valgrind is missing: apt-get install --no-install-recommends valgrind")
    wanted = sys.argv[2:] or ["point", "large", "visit"]
    bench = CountedStand(sys.argv[1])
    try:
        if bench.targets[-1].name != "starbind":
            sys.exit("there is no starbind to look at")
        for dump, name in enumerate(wanted, 1):
            count(bench, next(w for w in run.WORKLOADS if w.name == name), dump)
    finally:
        bench.stop()


if __name__ == "__main__":
    main()
