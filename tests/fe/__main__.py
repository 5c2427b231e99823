"""Starts the emulator by hand: python3 tests/fe --help"""

import argparse
import pathlib
import signal
import sys
import threading

if not __package__:
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from fe.emulator import Emulator  # noqa: E402


def numbers(text):
    return [int(n) for n in text.split(",") if n]


def main():
    parser = argparse.ArgumentParser(prog="python3 tests/fe", description="StarRocks frontends for tests.")
    parser.add_argument("--backend", required=True, help="MariaDB: a Unix socket, or host:port")
    parser.add_argument("--user", default="root", help="the emulator's account there")
    parser.add_argument("--password", default="")
    parser.add_argument("--ports", type=numbers, default=[9030], help="one FE for each, e.g. 9030,9031")
    parser.add_argument("--numbers", type=numbers, help="their FE ids; default 1,2,…")
    parser.add_argument("--peer", action="append", default=[], help="number:host:port of an FE in another process")
    parser.add_argument("--control", type=int, default=0, help="control port; default any")
    parser.add_argument("--tls", nargs=2, metavar=("CERTIFICATE", "KEY"))
    parser.add_argument("--run", action="append", default=[], help="a file of SQL to begin with, one statement a line")
    options = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    host, colon, port = options.backend.rpartition(":")
    backend = (host, int(port)) if colon and port.isdigit() else options.backend
    peers = [(int(n), h, int(p)) for n, h, p in (x.split(":") for x in options.peer)]
    emulator = Emulator(backend, options.user, options.password, ports=options.ports, peers=peers, tls=options.tls,
                        numbers=options.numbers or range(1, len(options.ports) + 1), control=options.control)
    for path in options.run:
        lines = pathlib.Path(path).read_text().split("\n")
        emulator.sql(*[line for line in lines if line.strip() and not line.startswith("--")])
    for number, port in emulator.ports.items():
        print(f"FE {number} on 127.0.0.1:{port}")
    print(f"control on 127.0.0.1:{emulator.control_port}", flush=True)
    stop.wait()
    emulator.stop()


if __name__ == "__main__":
    main()
