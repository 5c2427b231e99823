"""What a run of the benchmark found, kept in a folder: BENCH_RESULTS, or BUILD-DIRECTORY/bench/results.

A file for each program: its tables as they were printed, and the figures that bar.py judges.
"""

import contextlib
import io
import json
import os
import pathlib
import sys


class Both(io.StringIO):
    def write(self, text):
        sys.__stdout__.write(text)
        return super().write(text)

    def flush(self):
        sys.__stdout__.flush()


def folder(build):
    return pathlib.Path(os.environ.get("BENCH_RESULTS") or pathlib.Path(build) / "bench/results")


def figure(values, ratios=None):
    """Of all rounds: the figures themselves, and their ratios to what they are compared with."""
    return {"values": list(values), **({"ratios": list(ratios)} if ratios is not None else {})}


@contextlib.contextmanager
def printed(build, name):
    """Keeps what is printed within, and what is put into the dictionary that it gives: "figures" by name."""
    found, text = {"figures": {}}, Both()
    with contextlib.redirect_stdout(text):
        yield found
    folder(build).mkdir(parents=True, exist_ok=True)
    (folder(build) / f"{name}.json").write_text(json.dumps({"text": text.getvalue().strip(), **found}, indent=1))


def forget(build, names):
    for name in names:
        (folder(build) / f"{name}.json").unlink(missing_ok=True)


def kept(build, name):
    """None when this program did not run."""
    path = folder(build) / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else None
