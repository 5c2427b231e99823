"""For the tests of limits.  Frontends are emulated: a statement with /* NAME */ in it hangs there until the test lets it
go."""

import pytest

import harness
import wire
from test_starrocks import config, fe  # noqa: F401  the cluster of those tests


@pytest.fixture
def limited(config, fe):
    """Three workers, users ana, bo and cy, an administrator; pools are no bottleneck."""
    config["settings"]["workers"] = 3
    for source in config["compute_sources"].values():
        source["pool"] = {"mode": "session", "max_connections": 32, "max_wait_ms": 10000}
    for name in ("cy", "root"):
        config["users"][name] = {"auth": {"mysql_native_password": harness.native_hash(name + "'s")}}
        config["projects"]["sales"]["members"][name] = "owner"
    config["users"]["root"]["admin"] = True
    return config


def login(g, user="ana", database="sales", **options):
    client = g.wire(**options)
    client.login(user, user + "'s", database)
    return client


def connect(g, user="ana", database="sales"):
    return g.connect(user, database, password=user + "'s")


def sql(name):
    return f"SELECT /* {name} */ side FROM t"


class Cluster:
    """The emulator, as these tests use it."""

    def __init__(self, fe):
        self.fe, self.hanging = fe, {}

    def hang(self, *names):
        for name in names:
            self.hanging[name] = self.fe.fault("hang", match=f"/\\* {name} \\*/")

    def let_go(self, *names):
        for name in names:
            self.fe.heal(self.hanging.pop(name))

    def running(self):
        """Names of the statements that have reached a frontend, in the order of their coming."""
        return [t.split("/* ")[1].split(" */")[0] for t in self.fe.texts(match=r"/\* \w+ \*/")]

    def busy(self):
        return sum(s.busy for s in self.fe.sessions())


@pytest.fixture
def cluster(fe):
    return Cluster(fe)


def start(client, name):
    client.command(wire.QUERY, sql(name))


def finish(client):
    """The rows of the statement that was started."""
    return client.reply()


def processes(connection):
    with connection.cursor() as cursor:
        cursor.execute("SHOW PROCESSLIST")
        return {row[1]: row for row in cursor.fetchall()}


STATE, PENDING = 8, 10


def waiting(connection):
    """State of each session that waits, by id."""
    return {number: row[STATE] for number, row in processes(connection).items() if row[PENDING] == "true"}
