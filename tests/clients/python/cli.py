"""The mariadb command line against the gateway: each step is a run of the program, as a script would do it."""

import os
import re
import signal
import subprocess
import time

from report import DATABASE, HOST, PASSWORD, PORT, TEXT, USER, steps

COMMAND = ["mariadb", "--no-defaults", "--protocol=tcp", "-h", HOST, "-P", str(PORT), "-u", USER, "--batch", "--skip-ssl",
           "--default-character-set=utf8mb4"]
ENVIRONMENT = {**os.environ, "MYSQL_PWD": PASSWORD}
VALUES = ("1, -128, -32768, 2147483647, -9223372036854775808, 170141183460469231731687303715884105727, true, 0.5, 0.1, "
          "1234567890123456.7891, '2024-02-29', '2024-12-31 23:59:58', 'abc', 'it\\'s \"q\" \\\\ % ? 订单 😀'")


def run(sql, *options):
    """(rows, what it says on standard error)."""
    done = subprocess.run([*COMMAND, *options, DATABASE], input=sql, env=ENVIRONMENT, capture_output=True, encoding="utf-8",
                          timeout=90, check=False)
    unescaped = [[None if c == "NULL" else re.sub(r"\\(.)", lambda m: {"t": "\t", "n": "\n"}.get(m[1], m[1]), c)
                  for c in line.split("\t")] for line in done.stdout.split("\n")[:-1]]
    return unescaped, done.stderr


def rows(sql, *options):
    got, said = run(sql, "--skip-column-names", *options)
    assert "ERROR" not in said, said
    return got


def version():
    return re.search(r"[0-9]+\.[0-9]+\.[0-9]+", subprocess.run(["mariadb", "--version"], capture_output=True, text=True,
                                                               check=True).stdout)[0]


def table(sql):
    """Bytes come as they are, and are not for a terminal: HEX() of them."""
    return rows(sql.replace("*", "id, c_tiny, c_small, c_int, c_big, c_large, c_bool, c_float, c_double, c_dec, c_date, c_time, c_char, "
                            "c_text, c_json, HEX(c_bin)"))


def filtered():
    names = "id tiny small int big large bool float double dec date time char text".split()
    marks = " AND ".join(f"c_{name} = ?" for name in names[1:])
    values = re.split(r", (?=[^ ])", VALUES)[1:]
    sets = "".join(f"SET @v_{name} = {value};" for name, value in zip(names[1:], values, strict=True))
    return rows(f"PREPARE s FROM 'SELECT id FROM every WHERE {marks}'; {sets} "
                f"EXECUTE s USING {', '.join('@v_' + name for name in names[1:])};")


def inserted():
    rows(f"INSERT INTO sink VALUES ({VALUES}, '{{\"a\": 1}}', x'00ff5c27'); INSERT INTO sink (id) VALUES (2);")
    return table("SELECT * FROM sink ORDER BY id")


def batch():
    """Statement after statement, as from a file; then several statements in one packet (--delimiter)."""
    rows("".join(f"INSERT INTO sink (id, c_text) VALUES {', '.join(f'({n}, {n})' for n in range(start, start + 50))};\n"
                 for start in range(100, 1100, 50)))
    both = rows("SELECT COUNT(*) FROM sink WHERE id >= 100; SELECT 2;//", "--delimiter=//")
    assert both[1:] == [["2"]], both
    return both[0]


def refused():
    got, said = run("SELECT * FROM hidden.every; SELECT 1;", "--force", "--skip-column-names")
    return re.search(r"ERROR (\d+)", said)[1], got[0][0]


def transaction():
    return tuple(rows(f"BEGIN; INSERT INTO sink (id) VALUES (50); {end}; SELECT COUNT(*) FROM sink WHERE id = 50;")[0][0]
                 for end in ("ROLLBACK", "COMMIT"))


def cancelled():
    """Ctrl-C: the program opens a second connection and sends KILL QUERY."""
    running = subprocess.Popen([*COMMAND, "--force", "--skip-column-names", DATABASE], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=ENVIRONMENT, text=True)
    running.stdin.write("SELECT SLEEP(60);\nSELECT 1;\n")
    running.stdin.flush()
    while not any("SLEEP" in str(row) for row in rows("SHOW FULL PROCESSLIST") if "PROCESSLIST" not in str(row)):
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    told, said = running.communicate(timeout=30)
    return f"cancelled: {said}" if "ERROR" in said else f"went on: {told} {said}", told.split()[-1]


def reconnected():
    """The server ends the connection; the program's own command opens another."""
    running = subprocess.Popen([*COMMAND, "--force", "--unbuffered", "--skip-column-names", DATABASE], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=ENVIRONMENT, text=True, bufsize=1)
    running.stdin.write("SELECT CONNECTION_ID();\n")
    rows(f"KILL {running.stdout.readline().strip()}")
    told, _ = running.communicate(f"SELECT 1;\nconnect {DATABASE}\nSELECT DATABASE();\n", timeout=30)
    return told.split("\n")[-2]


assert TEXT in VALUES.replace("\\'", "'").replace("\\\\", "\\")
steps(
    version=version, projects=lambda: rows("SHOW DATABASES"), tables=lambda: [row[0] for row in rows("SHOW FULL TABLES")],
    columns=lambda: [row[0] for row in rows("SHOW FULL COLUMNS FROM every")],
    described=lambda: [[name] for name in run("SELECT * FROM every WHERE id = 2")[0][0]], text=lambda: table("SELECT * FROM every ORDER BY id"),
    filtered=filtered, inserted=inserted, batch=batch, refused=refused, transaction=transaction, cancelled=cancelled,
    reconnected=reconnected,
)
