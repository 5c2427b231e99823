#!/usr/bin/env python3
"""Real clients against the gateway: matrix.py [NAME …], names or parts of them.

Prints a line for each client and kind of cluster; ends with 1 when one fails.  Who can't run here is named as skipped."""

import os
import sys
import tempfile

sys.dont_write_bytecode = True

import checks  # noqa: E402
import toolchains  # noqa: E402
from clients import CLIENTS  # noqa: E402
from stage import Stage  # noqa: E402


def mark(step, client, wrong):
    return "-" if step in client.lacks else "FAIL" if step in wrong else "ok"


class Report:
    """Prints as it goes, and counts."""

    def __init__(self):
        self.passed, self.failed, self.skipped = 0, 0, 0
        self.steps = [step for step in checks.STEPS if step != "version"]
        self.notes = {}
        self.row("client", "version", "cluster", *self.steps)

    def row(self, name, version, kind, *marks):
        print(f"{name:<28} {version:<12} {kind:<10} " + " ".join(f"{m:<{len(s)}}" for m, s in zip(marks, self.steps)),
              flush=True)

    def skip(self, client, why):
        self.skipped += 1
        print(f"{client.name:<28} skipped: not there: {why}", flush=True)

    def tell(self, client, kind, told, wrong, errors):
        version = told.get("version", [["?"]])[0][0]
        self.row(client.name, version, kind, *(mark(step, client, wrong) for step in self.steps))
        for step, what in wrong.items():
            if what:
                print(f"    {step}: {what}")
        if wrong and errors.strip():
            print("    " + errors.strip()[-800:].replace("\n", "\n    "))
        self.failed += bool(wrong)
        self.passed += not wrong
        if client.lacks:
            self.notes[client.name] = f"{client.name} ({', '.join(client.lacks)}): {client.why}"

    def close(self):
        for note in self.notes.values():
            print(f"  - {note}")
        print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped")
        return self.failed or not self.passed


def try_one(client, kind, stage):
    """(what it told, {step: what is wrong}, its standard error)."""
    stage.empty()
    done = client.run(kind, stage)
    told, failed = checks.read(done.stdout)
    return told, checks.judge(told, failed, client.steps), done.stderr


def main(words):
    chosen = [c for c in CLIENTS if not words or any(w.lower() in c.name.lower() for w in words)]
    report = Report()
    with tempfile.TemporaryDirectory(prefix="starbind-clients-") as folder, Stage(folder) as stage:
        for client in chosen:
            try:
                toolchains.prepare(client.tools)
            except toolchains.Missing as e:
                report.skip(client, e)
                continue
            for kind in client.kinds:
                report.tell(client, kind, *try_one(client, kind, stage))
        stage.stop()
    return 1 if report.close() else 0


if __name__ == "__main__":
    os.environ.setdefault("LC_ALL", "C.UTF-8")
    sys.exit(main(sys.argv[1:]))
