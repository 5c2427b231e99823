"""The soak of bench/statements.py, shortly: statements and memory do not pile up."""

import os
import subprocess
import sys

import harness


def test_statements_of_many_clients_do_not_pile_up_on_few_connections():
    growth = 400 if harness.SANITIZED else 25  # in percent; so early in a run memory is still being filled
    done = subprocess.run(
        [sys.executable, harness.ROOT / "bench/statements.py", os.path.dirname(harness.STARBIND), "--clients", "40",
         "--connections", "4", "--seconds", "3", "--texts", "3000", "--growth", str(growth)],
        capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
