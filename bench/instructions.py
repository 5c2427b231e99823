#!/usr/bin/env python3
"""What starbind itself does for an operation: instructions.py BUILD-DIRECTORY [WORKLOAD...]

Runs it under callgrind and counts, in user space, instructions and allocations for each operation (each MB
of a large result).  Slow, but it gives the same figures however busy the machine is.  Needs valgrind.

The C library is told to clear and copy in a loop: callgrind takes each byte of rep stosb for an instruction.
"""

import contextlib
import re
import shutil
import subprocess
import sys
import threading
import time

import run
import stand

LINE = re.compile(r"^\s*([\d,]+) \(\s*([\d.]+)%\)\s+\S*?:(\S+) \[.*/(\S+)\]")
CALLEE = re.compile(r"^cfn=\((\d+)\)(?: (\S+))?")
NAME = re.compile(r"^fn=\((\d+)\) (\S+)")
ALLOCATORS = {"malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc"}
SECONDS = 2
BY_LOOP = "GLIBC_TUNABLES=glibc.cpu.x86_rep_stosb_threshold=100000000:glibc.cpu.x86_rep_movsb_threshold=100000000"


class Counted:
    """Put before a stand: its gateways run under callgrind."""

    options = ()

    def spawn(self, name, *command):
        if name != "starbind":
            return super().spawn(name, *command)
        out = self.dir / f"callgrind-{len(self.children)}"
        child = super().spawn(name, "env", BY_LOOP, "valgrind", "--tool=callgrind", f"--callgrind-out-file={out}",
                              "--instr-atstart=no", *self.options, *command)
        child.dumps, child.out = 0, out
        return child


class CountedThreads(Counted):
    """The same, each thread for itself."""

    options = ("--separate-threads=yes",)


class CountedStand(Counted, stand.Alone):
    """The gateway with everything on."""


def control(pid, *what):
    subprocess.run(["callgrind_control", *what, str(pid)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                   stdin=subprocess.DEVNULL, check=True)


def calls(path, wanted):
    """Calls of these functions, from the edges of the call graph."""
    names, count, callee = {}, 0, None
    for line in open(path, errors="replace"):
        found = NAME.match(line) or CALLEE.match(line)
        if found:
            if found[2]:
                names[found[1]] = found[2]
            callee = names.get(found[1]) if line.startswith("cfn=") else callee
        elif line.startswith("calls=") and callee in wanted:
            count += int(line[6:].split()[0])
    return count


@contextlib.contextmanager
def counting(target):
    """Counts what happens within; gives the path of callgrind's file, to be read afterwards."""
    process = target.process
    process.dumps += 1
    control(process.pid, "-z")
    control(process.pid, "-i", "on")
    yield process.out.with_name(f"{process.out.name}.{process.dumps}")
    control(process.pid, "-i", "off")
    control(process.pid, "-d")


def steady(bench, workload, target):
    """Instructions and allocations for each statement amid a run, in the threads that serve sessions: others work by the clock.
    The stand has its threads counted apart."""
    run.measure(bench, workload, target, 0.5, warm=0)  # so that what is made once is made
    load = threading.Thread(target=run.measure, args=(bench, workload, target, 2 * SECONDS + 2), kwargs={"warm": 0})
    load.start()
    time.sleep(1)
    with counting(target) as path:
        time.sleep(SECONDS)
    load.join()
    statements = total = allocated = 0
    for thread in path.parent.glob(f"{path.name}-*"):
        served = calls(thread, {"settle"})  # the phase that ends each statement
        if served:
            statements += served
            total += int(re.search(r"^totals: (\d+)", thread.read_text(errors="replace"), re.M)[1])
            allocated += calls(thread, ALLOCATORS)
    return {"instructions": total / statements, "allocations": allocated / statements, "statements": statements}


def functions(path):
    """(share, name, object) of each function with what it calls."""
    done = subprocess.run(["callgrind_annotate", "--inclusive=yes", "--auto=no", path], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True, stdin=subprocess.DEVNULL)
    total = int(re.search(r"([\d,]+) \(100\.0%\)\s+PROGRAM TOTALS", done.stdout)[1].replace(",", ""))
    return total, [(float(m[2]), m[3], m[4]) for m in map(LINE.match, done.stdout.splitlines()) if m]


def count(bench, workload, target):
    run.measure(bench, workload, target, 0.5, warm=0)  # so that what is made once is made
    with counting(target) as path:
        got = run.measure(bench, workload, target, SECONDS, warm=0)
    if not got:
        print(f"\n**{workload.title}**: not served")
        return
    total, found = functions(path)
    units, unit = (got["all_bytes"] / 1e6, "MB") if workload.kind == "bytes" else (got["operations"], "operation")
    own = [f"{name} {share:.1f} %" for share, name, where in found if where == "starbind" and share >= 1.5]
    print(f"\n**{workload.title}**: {total / units:,.0f} instructions and {calls(path, ALLOCATORS) / units:.2f} allocations "
          f"per {unit}\n\n" + ", ".join(own[:45]))


def need_valgrind():
    if not shutil.which("valgrind"):
        sys.exit("valgrind is missing: apt-get install --no-install-recommends valgrind")


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: instructions.py BUILD-DIRECTORY [WORKLOAD...]")
    need_valgrind()
    wanted = sys.argv[2:] or ["point", "large", "visit"]
    bench = CountedStand(sys.argv[1])
    try:
        for name in wanted:
            count(bench, next(w for w in run.WORKLOADS if w.name == name), bench.targets[-1])
    finally:
        bench.stop()


if __name__ == "__main__":
    main()
