"""What the frontends of one cluster share, and what each of them has of its own."""

import collections
import itertools
import threading
import time
import uuid

from . import accounts, faults, mariadb

BUILTIN_DATABASES = {"information_schema", "sys", "_statistics_"}
HIDDEN_DATABASES = {"mysql", "performance_schema", "information_schema", "sys", "__fe"}  # of the server behind
KEPT = 200000  # statements in the record

Seen = collections.namedtuple("Seen", "fe connection user database command text at")


class Record:
    """Every command that came, oldest first."""

    def __init__(self):
        self._seen, self._lock = collections.deque(maxlen=KEPT), threading.Lock()
        self.probes = set()  # connections of a gateway's probes, of which that is the first statement

    def add(self, seen):
        with self._lock:
            self._seen.append(seen)
            if seen.text == "SELECT CATALOG()":
                self.probes.add(seen.connection)

    def all(self):
        with self._lock:
            return list(self._seen)

    def keep(self, wanted):
        """Forgets what wanted() does not want."""
        with self._lock:
            kept = [s for s in self._seen if wanted(s)]
            self._seen.clear()
            self._seen.extend(kept)


class Group:
    """A resource group."""

    def __init__(self, name, number, cpu="1", mem="100.0%", limit="null", spill="100%", classifiers=(), cpu_limit="0"):
        self.name, self.id, self.cpu, self.mem, self.cpu_limit = name, number, cpu, mem, cpu_limit
        self.limit, self.spill, self.classifiers = limit, spill, list(classifiers)


class Frontend:
    """One FE: its number, its address, its connections."""

    def __init__(self, cluster, number, port=0, host="127.0.0.1"):
        self.cluster, self.number, self.port, self.host = cluster, number, port, host
        self.http_port = 0      # 0: it has none
        self.announced = None   # (host, port) in SHOW FRONTENDS, when that is another address
        self.sessions, self.alive = {}, True
        self.draining = False   # in its graceful exit
        self.started = time.time()
        self._counter = itertools.count(1)

    def connection_id(self):
        return (self.number & 0xFF) << 24 | next(self._counter) & 0xFFFFFF

    @property
    def role(self):
        return "LEADER" if self.cluster.leader == self.number else "FOLLOWER"


class Cluster:
    def __init__(self, backend, user="root", password=""):
        self.backend = (backend, user, password)
        self.accounts = accounts.Accounts()
        self.globals = {}
        self.config = {"enable_statistic_collect": "true", "run_mode": "shared_nothing"}  # of ADMIN SHOW FRONTEND CONFIG
        self.catalogs = {"default_catalog": (
            "Internal", "An internal catalog contains this cluster's self-managed tables.")}
        self.groups = {}
        self.add_group("default_wg", 2, "16")
        self.add_group("default_mv_wg", 3, "1", "80.0%", spill="80%")
        self.frontends, self.leader = {}, 1
        self.rows = None  # of SHOW FRONTENDS, instead of the true ones
        self.peers = []  # FEs of other processes, as (number, host, port)
        self.record = Record()
        self.faults = faults.Faults()
        self.tables = {}  # (database, table) -> (when, columns), until the next DDL
        self.max_connections = 4096
        self.ahead = 0  # seconds by which its clock is ahead
        self.lock = threading.RLock()
        self._own = None
        self._numbers = {"statement": itertools.count(100), "txn": itertools.count(1000),
                         "id": itertools.count(10074)}

    def next(self, what):
        return next(self._numbers[what])

    def add_group(self, name, number=None, *details, **more):
        self.groups[name] = Group(name, number or self.next("id"), *details, **more)

    def connect(self):
        address, user, password = self.backend
        connection = mariadb.Connection(address, user, password)
        if self.ahead:
            connection.run(f"SET timestamp = {time.time() + self.ahead}")
        return connection

    def lookup(self, sql):
        """Rows of a question of the emulator itself, on a connection of its own."""
        with self.lock:
            if self._own is None:
                self._own = self.connect()
            return self._own.run(sql)

    def close(self):
        with self.lock:
            if self._own:
                self._own.close()
                self._own = None

    def note(self, session, command, text):
        self.record.add(Seen(session.frontend.number, session.id, session.user.name, session.database, command, text,
                             time.time()))

    def sessions(self):
        return [s for fe in self.frontends.values() for s in list(fe.sessions.values())]

    @staticmethod
    def new_id():
        return str(uuid.uuid4())
