"""mycli against the gateway: its completions as its own classes gather them, and the program itself on a terminal."""

import csv
import io
import os
import pty
import re
import select
import signal
import subprocess
import tempfile
import time

import mycli
from mycli.completion_refresher import CompletionRefresher
from mycli.sqlexecute import SQLExecute
from report import DATABASE, HOST, PASSWORD, PORT, USER, steps

HOME = tempfile.mkdtemp(prefix="mycli-", dir=".")
COMMAND = ["mycli", "--no-warn", "-h", HOST, "-P", str(PORT), "-u", USER, "-D", DATABASE]
ENVIRONMENT = {**os.environ, "MYSQL_PWD": PASSWORD, "HOME": HOME, "TERM": "vt100"}
COLUMNS = ("id, c_tiny, c_small, c_int, c_big, c_large, c_bool, c_float, c_double, c_dec, c_date, c_time, c_char, c_text, c_json, "
           "HEX(c_bin)")
executor = SQLExecute(DATABASE, USER, PASSWORD, HOST, PORT, None, "utf8mb4", False, None, None, None, None, None, None)


def rows(sql, options=("--csv",)):
    done = subprocess.run([*COMMAND, *options], input=sql, env=ENVIRONMENT, capture_output=True, encoding="utf-8", timeout=90,
                          check=False)
    assert done.returncode == 0, done.stderr
    return [[None if value in ("", "<null>") else value for value in row]
            for row in csv.reader(io.StringIO(done.stdout), escapechar=None)][1:]


def completer():
    found = []
    refresher = CompletionRefresher()
    refresher.refresh(executor, found.append)
    refresher._completer_thread.join(60)
    return found[0]


completions = completer()
known = completions.dbmetadata["tables"][DATABASE]


def inserted():
    rows("INSERT INTO sink SELECT * FROM every;")
    return rows(f"SELECT {COLUMNS} FROM sink ORDER BY id;")


def batch():
    rows("".join(f"INSERT INTO sink (id, c_text) VALUES {', '.join(f'({n}, {n})' for n in range(start, start + 50))};\n"
                 for start in range(100, 1100, 50)))
    return rows("SELECT COUNT(*) FROM sink WHERE id >= 100;")[0]


def refused():
    done = subprocess.run([*COMMAND, "-e", "SELECT * FROM hidden.every"], env=ENVIRONMENT, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=90, check=False)
    return re.search(r"\((\d+),", done.stderr + done.stdout)[1], rows("SELECT 1;")[0][0]


def transaction():
    return tuple(rows(f"BEGIN; INSERT INTO sink (id) VALUES (50); {end}; SELECT COUNT(*) FROM sink WHERE id = 50;")[-1][0]
                 for end in ("ROLLBACK", "COMMIT"))


class Terminal:
    """The program with a person in front of it."""

    def __init__(self):
        self.pid, self.file = pty.fork()
        if self.pid == 0:
            os.execvpe(COMMAND[0], COMMAND, ENVIRONMENT)
        self.shown = ""

    def type(self, text):
        os.write(self.file, text.encode())

    def until(self, pattern, seconds=40):
        deadline, start = time.monotonic() + seconds, len(self.shown)
        while not re.search(pattern, self.shown[start:]):
            assert time.monotonic() < deadline, self.shown[-2000:]
            if select.select([self.file], [], [], 0.2)[0]:
                self.shown += os.read(self.file, 65536).decode(errors="replace")

    def close(self):
        os.kill(self.pid, signal.SIGTERM)
        os.waitpid(self.pid, 0)
        os.close(self.file)


def cancelled():
    """Ctrl-C: the program opens another connection, closes the first and sends KILL with its number.  The gateway has
    often ended the statement of a client that left before that KILL comes, and doesn't know the number any more."""
    terminal = Terminal()
    sleeps = lambda: "SLEEP(60)" in str(rows("SHOW FULL PROCESSLIST;"))
    try:
        terminal.until(f"{DATABASE}>")
        terminal.type("SELECT SLEEP(60);\r")
        while not sleeps():
            time.sleep(0.05)
        terminal.type("\x03")
        terminal.until("cancelled query|Unknown thread id")
        while sleeps():
            time.sleep(0.05)
        terminal.type("SELECT 40 + 2;\r")
        terminal.until("42")
        return "cancelled", 1
    finally:
        terminal.close()


def reconnected():
    """The server ends the connection; the program opens another one and says the statement again."""
    number = executor.connection_id or next(iter(executor.run("SELECT CONNECTION_ID()")))[1].fetchone()[0]
    rows(f"KILL {number};")
    executor.connect()
    return [row for _, got, *_ in executor.run("SELECT DATABASE()") for row in got][0]


steps(
    version=lambda: mycli.__version__, projects=lambda: [name.strip("`") for name in completions.databases],
    tables=lambda: list(known), columns=lambda: [name for name in known["every"] if name != "*"],
    text=lambda: rows(f"SELECT {COLUMNS} FROM every ORDER BY id;"), inserted=inserted, batch=batch, refused=refused,
    transaction=transaction, cancelled=cancelled, reconnected=reconnected,
)
