#!/usr/bin/python3
"""How long a good login takes while 5,000 clients hold theirs half done.

Each of them has sent the first bytes of its login and no more. A good client then connects, logs in and runs one point
select, again and again. Median and longest, without the stalled ones and among them.

    bench/stalled.py BUILD

The bar is 1 s for the longest.
"""

import pathlib
import socket
import statistics
import sys
import time

import crowd
import results
import run
import stand

STALLED, LOGINS = 5_000, 100


class StalledStand(stand.Alone):
    def starbind_config(self, port):
        config = super().starbind_config(port)
        config["settings"].update(max_unauthenticated=STALLED + 100, login_timeout_ms=120000)
        return config


def login(port):
    began = time.monotonic()
    client = crowd.Client(port, "bench", stand.PASSWORD, "shop")
    assert len(client.ask("SELECT label FROM item WHERE id = 7")) == 1
    client.socket.close()
    return 1000 * (time.monotonic() - began)


def measure(bench, figures):
    try:
        port = bench.targets[-1].port
        print(f"\n**A login and a point select among {STALLED:,} stalled logins, {LOGINS} times**\n")
        print("| stalled | median ms | longest ms |")
        print("| ---: | ---: | ---: |")
        stalled = []
        for number in (0, STALLED):
            for _ in range(number):
                stalled.append(socket.create_connection(("127.0.0.1", port), timeout=20))
                stalled[-1].sendall(b"\x40\0\0\1" + b"\0" * 32)
            took = [login(port) for _ in range(LOGINS)]
            print(f"| {number:,} | {statistics.median(took):.1f} | {max(took):.1f} |")
        figures["longest"] = results.figure([max(took)])
        for client in stalled:
            client.close()
    finally:
        bench.stop()


def main():
    if not run.is_wanted("stalled"):
        return
    with results.printed(sys.argv[1], "stalled") as kept:
        measure(StalledStand(pathlib.Path(sys.argv[1])), kept["figures"])


if __name__ == "__main__":
    main()
