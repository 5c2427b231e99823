"""The emulator as a test uses it.

    with Emulator(backend=server.socket, frontends=2) as emulator:
        emulator.sql("CREATE USER ana IDENTIFIED BY 'x'", "CREATE RESOURCE GROUP …")
        … connect to emulator.port or emulator.ports[2] …
        assert "SELECT 1" in emulator.texts(user="ana")
        emulator.fault("delay", ms=200, match="orders")
"""

import json
import re
import socket

from . import health, mariadb
from .cluster import Cluster, Frontend
from .control import Control
from .server import Server, tls_context


class Emulator:
    """A cluster of FEs in this process, over one MariaDB.

    backend: the path of its Unix socket, or (host, port); user and password: whom the emulator is there.
    ports: fixed ports for the FEs, else free ones are taken.  numbers: their FE ids (1, 2, …).
    peers: FEs of other processes, (number, host, port) each, for SHOW FRONTENDS only.
    hosts: an address for each FE (127.0.0.1, 127.0.0.2, …), else all are on `host`; http: with an HTTP port, the same
    one everywhere, as a cluster has it.
    """

    def __init__(self, backend, user="root", password="", frontends=1, ports=(), numbers=None, peers=(), tls=None,
                 tls_quirks=True, control=0, host="127.0.0.1", version=None, hosts=(), http=False):
        self.cluster = Cluster(backend, user, password)
        self.cluster.peers = list(peers)
        if version:
            self.cluster.globals["version"] = version
        context = tls_context(*tls) if tls else None
        self.servers = {}
        for i, number in enumerate(numbers or range(1, frontends + 1)):
            frontend = Frontend(self.cluster, number, ports[i] if i < len(ports) else 0, hosts[i] if hosts else host)
            self.cluster.frontends[number] = frontend
            self.servers[number] = Server(frontend, frontend.host, context, tls_quirks)
        self.health = health.serve(list(self.cluster.frontends.values())) if http else []
        self.control = Control(self, control)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.heal()
        self.control.stop()
        for listener in self.health:
            listener.stop()
        for server in self.servers.values():
            server.stop()
        self.cluster.close()

    # ---- where it listens

    @property
    def ports(self):
        return {number: server.frontend.port for number, server in self.servers.items()}

    @property
    def addresses(self):
        return {number: f"{f.host}:{f.port}" for number, f in self.cluster.frontends.items()}

    @property
    def port(self):
        return next(iter(self.ports.values()))

    @property
    def control_port(self):
        return self.control.port

    # ---- set-up

    def sql(self, *statements, user="root", password=None, database=""):
        """Runs statements as a client of the first FE; the rows of the last.  They are not recorded."""
        account = self.cluster.accounts.find(user, "127.0.0.1")
        secret = account.password if password is None else password
        connection = mariadb.Connection(("127.0.0.1", self.port), user, secret, setup=None)
        try:
            if database:
                connection.use(database)
            return [connection.run(s) for s in statements][-1]
        finally:
            connection.close()
            self.cluster.record.keep(lambda s: s.connection != connection.id)

    # ---- what it saw

    def record(self, fe=None, user=None, match=""):
        """The commands that came, oldest first: (fe, connection, user, database, command, text, at)."""
        return [s for s in self.cluster.record.all() if fe in (None, s.fe) and user in (None, s.user)
                and re.search(match, s.text)]

    def texts(self, fe=None, user=None, match=""):
        """The SQL of what came as query, prepare or execute."""
        return [s.text for s in self.record(fe, user, match) if s.command in ("Query", "Prepare", "Execute")]

    def statements(self, user):
        """texts() without those of a gateway's probes, which come at any time and over any account."""
        return [s.text for s in self.record(user=user)
                if s.command in ("Query", "Prepare", "Execute") and s.connection not in self.cluster.record.probes]

    def clear(self):
        self.cluster.record.keep(lambda s: False)

    def sessions(self, fe=None):
        return [s for s in self.cluster.sessions() if s.user and fe in (None, s.frontend.number)]

    # ---- faults

    def fault(self, kind, **details):
        """Orders a fault of faults.py; returns its number for heal()."""
        return self.cluster.faults.add({"kind": kind, **details})

    def heal(self, number=None):
        self.cluster.faults.heal(number)

    def down(self, fe):
        self.servers[fe].down()

    def up(self, fe):
        self.servers[fe].up()

    def drain(self, fe):
        """The graceful exit of an FE: /api/health says 500, and each connection is closed after its statement."""
        self.cluster.frontends[fe].draining = True

    def kill(self, connection):
        """Ends a connection as KILL does."""
        for session in self.cluster.sessions():
            if session.id == connection:
                session.kill(f"KILL {connection}", True)


class Remote:
    """A client of the control port, for an emulator in another process."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.file = self.socket.makefile("rwb")

    def __call__(self, do, **details):
        self.file.write(json.dumps({"do": do, **details}).encode() + b"\n")
        self.file.flush()
        answer = json.loads(self.file.readline())
        if not answer.pop("ok"):
            raise RuntimeError(answer["error"])
        return answer

    def close(self):
        self.file.close()
        self.socket.close()
