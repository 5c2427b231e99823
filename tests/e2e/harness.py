"""What the integration tests stand on: a throw-away MariaDB server, a gateway, free ports.

The server plays the frontend.  Its general log is the witness of what reached it, and over which
account.  Everything lives in a temporary directory; every process is ended by its pid.
"""

import ctypes
import datetime
import fcntl
import hashlib
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import pymysql
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

import wire

ROOT = pathlib.Path(__file__).resolve().parents[2]
STARBIND = os.environ.get("STARBIND", str(ROOT / "build/release/starbind"))
SANITIZED = "asan" in STARBIND or "tsan" in STARBIND
PROBE = "SELECT CATALOG()"  # how the control thread asks a server whether it is a StarRocks frontend
SHOWN = 100000  # what is kept of a line of the general log
REPORTS = re.compile(r"AddressSanitizer|LeakSanitizer|ThreadSanitizer|runtime error:|MemorySanitizer|must\(")


def native_hash(password):
    """The hash that mysql_native_password stores."""
    inner = hashlib.sha1(password.encode()).digest()
    return "*" + hashlib.sha1(inner).hexdigest().upper()


def certificate(folder, name):
    """Makes a self-signed certificate of that common name; paths of certificate and key."""
    key, named = rsa.generate_private_key(65537, 2048), x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.utcnow()
    signed = (x509.CertificateBuilder().subject_name(named).issuer_name(named).public_key(key.public_key())
              .serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=2))
              .sign(key, hashes.SHA256()))
    (folder / "cert.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return str(folder / "cert.pem"), str(folder / "key.pem")


PORTS = range(10000, 32000)  # below those that the kernel hands out by itself
given_ports = set()
claims = open(pathlib.Path(tempfile.gettempdir()) / f"starbind-ports-{os.getuid()}", "ab")


def is_claimed(port):
    """A byte of the file is a port: its lock is ours until this process ends."""
    try:
        fcntl.lockf(claims, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
        return True
    except BlockingIOError:
        return False


def free_port():
    """A port that nobody listens at, and that was not given to anybody in this run or in another one beside it: two
    gateways on one port would share its clients, for each worker binds with SO_REUSEPORT."""
    while True:
        port = random.choice(PORTS)
        if port in given_ports or not is_claimed(port):
            continue
        given_ports.add(port)
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass  # another program's


def until(condition, seconds=10.0, every=0.02):
    """Waits until condition() gives something true, and returns it; or what it gave last."""
    deadline = time.monotonic() + seconds
    while True:
        got = condition()
        if got or time.monotonic() > deadline:
            return got
        time.sleep(every)


def accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


def serves(port):
    """Whether a listener for clients greets one.  It takes connections before anybody is there to serve them."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as s:
            return bool(s.recv(1))
    except OSError:
        return False


def with_parent():
    """In a child: end with SIGTERM when the parent is gone."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def clients_of(port):
    """Local ports of the connections to 127.0.0.1:port whose client has not closed its end."""
    to, found = f"0100007F:{port:04X}", set()
    for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, state = line.split()[:4]
        if remote == to and state == "01":  # established
            found.add(int(local.split(":")[1], 16))
    return found


def run(*command, **options):
    """A command to its end, text in and out; never hangs."""
    options = {"stdin": subprocess.DEVNULL, "timeout": 120, **options}
    if "input" in options:
        options.pop("stdin")
    return subprocess.run(
        [str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )


def starbind(*arguments, **options):
    return run(STARBIND, *arguments, **options)


class Statement:
    """One record of the general log."""

    def __init__(self, connection, account, command, text):
        self.connection, self.account, self.command, self.text = connection, account, command, text

    def __repr__(self):
        return f"{self.account}: {self.command} {self.text}"


class Backend:
    """A MariaDB server of our own."""

    RECORD = re.compile(r"^(?:\d{6} +\d+:\d\d:\d\d)?\t+ *(\d+) ([A-Z][A-Za-z ]*?)\t(.*)$")

    def __init__(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="starbind-server-"))
        script = ROOT / "scripts/mariadb.sh"
        subprocess.run([script, "init", self.dir], check=True, stdin=subprocess.DEVNULL)
        for _ in range(5):  # another program may be quicker to take a port
            self.port = free_port()
            self.process = subprocess.Popen(
                [script, "run", self.dir, str(self.port)], stdin=subprocess.DEVNULL, preexec_fn=with_parent
            )
            if until(lambda: self.process.poll() is not None or self.lets_root_in(), 30) and self.process.poll() is None:
                break
        else:
            raise RuntimeError((self.dir / "server.log").read_text())
        self.log_offset, self.accounts, self.statements = 0, {}, []

    def lets_root_in(self):
        """The port may accept before the socket does, or be another program's."""
        try:
            self.root = pymysql.connect(unix_socket=str(self.dir / "socket"), user="root", autocommit=True)
        except pymysql.err.OperationalError:
            return False
        return accepts(self.port)

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)

    def sql(self, *statements):
        """Runs statements as the server's root; returns the rows of the last."""
        with self.root.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall()

    def connect(self, user, password, database=None):
        return pymysql.connect(
            host="127.0.0.1", port=self.port, user=user, password=password, database=database, autocommit=True
        )

    def connections(self, account=None):
        """How many connections the server holds, not counting our own and those of the gateway's probes."""
        return len([u for (u,) in self.sql("SELECT user FROM information_schema.processlist "
                                           "WHERE user NOT IN ('root', 'starbind_monitor')")
                    if account in (None, u)])

    def held(self, account):
        """How many connections the account holds, by both ends: the server may see a moment later that one was closed."""
        hosts = self.sql("SELECT host FROM information_schema.processlist WHERE user = %r" % account)
        return len({int(host.rsplit(":", 1)[1]) for (host,) in hosts} & clients_of(self.port))

    def log(self):
        """The general log so far, as a list of Statement.  Reads what is new since the last time."""
        with open(self.dir / "general.log", "rb") as file:
            file.seek(self.log_offset)
            new = file.read()
        whole = new.rfind(b"\n") + 1
        self.log_offset += whole
        for line in new[:whole].decode(errors="replace").split("\n")[:-1]:
            record = self.RECORD.match(line[:SHOWN])
            if record:
                connection, command, argument = record.groups()
                if command == "Connect" and "@" in argument:
                    self.accounts[connection] = argument.split("@")[0]
                self.statements.append(Statement(connection, self.accounts.get(connection, ""), command, argument))
            elif self.statements:
                self.statements[-1].text += "\n" + line[:SHOWN]
        return self.statements


class Recorder:
    """What reached the server since the recorder was made or last cleared, but for our own root's, and for
    the gateway's probes, which come at any time."""

    def __init__(self, backend):
        self.backend = backend
        self.clear()

    def clear(self):
        self.seen = len(self.backend.log())

    def all(self):
        every = self.backend.log()
        probes = {s.connection for s in every if s.text == PROBE}
        return [s for s in every[self.seen:] if s.account != "root" and s.connection not in probes]

    def queries(self, account=None):
        return [s.text for s in self.all() if s.command == "Query" and account in (None, s.account)]

    def accounts(self):
        """Accounts that ran a statement."""
        return {s.account for s in self.all() if s.command == "Query"}

    def account_of(self, text):
        """The account that ran the statements which hold this text."""
        return {s.account for s in self.all() if s.command == "Query" and text in s.text}


class Adopted:
    """A process that another one has started, as subprocess.Popen would show it."""

    def __init__(self, pid):
        self.pid, self.returncode = pid, None

    def poll(self):
        if self.returncode is None:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                if pid:
                    self.returncode = os.waitstatus_to_exitcode(status)
            except ChildProcessError:  # not ours yet, or no longer anybody's
                if not os.path.exists(f"/proc/{self.pid}"):
                    self.returncode = 0
        return self.returncode

    def wait(self, seconds=30):
        if until(lambda: self.poll() is not None, seconds) is False:
            raise subprocess.TimeoutExpired("starbind", seconds)
        return self.returncode

    def send_signal(self, number):
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self):
        self.send_signal(signal.SIGTERM)

    def kill(self):
        self.send_signal(signal.SIGKILL)


class Gateway:
    """A running `starbind run`."""

    def __init__(self, config, directory, passwords, environment=None, options=()):
        self.dir = pathlib.Path(directory)
        self.path = self.dir / "starbind.json"
        self.passwords = passwords
        self.older = []  # processes that were taken over from
        self.path.write_text(json.dumps(config, indent=1))
        self.ports, checks = {}, []
        for listener in config["listeners"]:
            port = int(listener["address"].rsplit(":", 1)[1])
            checks.append((accepts if listener["protocol"] == "http" else serves, port))
            if listener["protocol"] == "mysql":
                self.ports[listener.get("environment", "prod")] = port
        self.process = subprocess.Popen(
            [STARBIND, "run", *options, "-c", str(self.path)],
            stdin=subprocess.DEVNULL,
            stdout=open(self.dir / "stdout", "wb"),
            stderr=open(self.dir / "stderr", "wb"),
            env={**os.environ, **(environment or {})},
            preexec_fn=with_parent,
        )
        up = until(lambda: self.process.poll() is not None or all(check(port) for check, port in checks), 20)
        if not up or self.process.poll() is not None:
            self.kill()
            raise RuntimeError("the gateway did not come up:\n" + self.log())

    @property
    def port(self):
        return self.ports.get("prod") or next(iter(self.ports.values()))

    def log(self):
        return (self.dir / "stderr").read_text(errors="replace") + (self.dir / "stdout").read_text(errors="replace")

    def reload(self, config, says="reload: done"):
        """Writes the configuration and waits for the gateway to say what came of it."""
        before = self.log().count(says)
        self.path.write_text(json.dumps(config, indent=1))
        self.process.send_signal(signal.SIGHUP)
        assert until(lambda: self.log().count(says) > before), self.log()[-2000:]

    def reach_workers(self, user="ana", **options):
        """All workers have taken what was sent to them until now: behind it, each is asked for its sessions."""
        self.query("SHOW PROCESSLIST", user, **options)

    def reload_everywhere(self, config, user="ana"):
        """And every worker has it."""
        self.reload(config)
        self.reach_workers(user)

    def upgrade(self):
        """SIGUSR2; self.process is the new process then. Gives the old one."""
        ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER: the new one becomes ours when the old one ends
        told = r"upgrade: process (\d+) serves now"
        before = len(re.findall(told, self.log()))
        self.process.send_signal(signal.SIGUSR2)
        pids = until(lambda: re.findall(told, self.log())[before:], 30)
        assert pids, self.log()[-2000:]
        self.older.append(self.process)
        self.process = Adopted(int(pids[0]))
        return self.older[-1]

    def processes(self):
        return [*self.older, self.process]

    def kill(self):
        for process in self.processes():
            if process.poll() is None:
                process.kill()
            process.wait()

    def stop(self, seconds=20):
        """Ends it with SIGTERM; asserts a clean exit and no sanitizer's report."""
        running = [process for process in self.processes() if process.poll() is None]
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError("the gateway did not end with SIGTERM:\n" + self.log()[-1500:])
        log = self.log()
        assert not REPORTS.search(log), log[-6000:]
        for process in self.processes():
            assert process.returncode == 0, f"exit status {process.returncode}:\n{log[-1500:]}"

    def rss(self):
        """Bytes of memory that the process holds."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) * 1024

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def connect(self, user="ana", database=None, environment="prod", password=None, **options):
        """A PyMySQL connection."""
        options = {"autocommit": True, "connect_timeout": 20, "read_timeout": 60, **options}
        return pymysql.connect(
            host="127.0.0.1",
            port=self.ports[environment],
            user=user,
            password=self.passwords.get(user, "") if password is None else password,
            database=database,
            **options,
        )

    def query(self, sql, user="ana", database=None, environment="prod", **options):
        """The rows of one statement on a connection of its own."""
        with self.connect(user, database, environment, **options) as connection:
            return rows(connection, sql)

    def wire(self, environment="prod", **options):
        """A raw connection that has read nothing yet."""
        return wire.Client("127.0.0.1", self.ports[environment], **options)

    def login(self, user="ana", database=None, environment="prod", **options):
        """A raw connection, logged in."""
        client = self.wire(environment)
        client.login(user, self.passwords.get(user, ""), database, **options)
        return client

    def cli(self, sql, *options, user="ana", database=None, environment="prod", password=None):
        """The stock client, with its text output; sql goes to its standard input."""
        return cli(
            self.ports[environment],
            user,
            self.passwords.get(user, "") if password is None else password,
            sql,
            *options,
            *([database] if database else []),
        )


def rows(connection, sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def refusal(action, *arguments, **options):
    """The (errno, message) that an action is refused with; fails when it is not."""
    try:
        got = action(*arguments, **options)
    except pymysql.MySQLError as e:
        return e.args[0], e.args[1]
    raise AssertionError(f"not refused: {got!r}")


def cli(port, user, password, sql, *options):
    return run(
        "mariadb", "--no-defaults", "--protocol=tcp", "-h", "127.0.0.1", "-P", port, "-u", user, *options,
        input=sql, env={**os.environ, "MYSQL_PWD": password},
    )
