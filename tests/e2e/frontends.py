"""Two databases on emulated frontends, and a gateway's configuration over them: for what only a StarRocks does.

    from frontends import config, fe  # noqa: F401      fixtures: one frontend, pools of mode transaction
"""

import contextlib
import sys

import pytest

import harness

sys.path.insert(0, str(harness.ROOT / "tests"))

from fe.emulator import Emulator  # noqa: E402

DATABASES = ("dw_sales", "dw_sales_dev")
GROUPS = ("rg_normal", "rg_low", "rg_etl")


@contextlib.contextmanager
def started(server, databases=DATABASES, rows=3, **options):
    """An emulator over a MariaDB of our own (harness.Backend); each database has an account of its name and a table t."""
    with Emulator(str(server.dir / "socket"), **options) as emulator:
        for name in databases:
            server.sql(f"DROP DATABASE IF EXISTS {name}")
            emulator.sql(
                f"CREATE DATABASE {name}",
                f"CREATE TABLE {name}.t (id INT, side VARCHAR(20)) DISTRIBUTED BY HASH(id) BUCKETS 1",
                f"INSERT INTO {name}.t VALUES " + ", ".join(f"({i + 1}, '{name}')" for i in range(rows)),
                f"CREATE USER {name} IDENTIFIED BY 'x'",
                f"GRANT ALL ON DATABASE {name} TO USER {name}",
                f"GRANT ALL ON ALL TABLES IN DATABASE {name} TO USER {name}",
            )
        for group in GROUPS:
            emulator.sql(f"CREATE RESOURCE GROUP {group} TO (user='nobody') WITH ('cpu_weight' = '1', 'mem_limit' = '10%')")
        emulator.clear()
        yield emulator


def source(database, **pool):
    return {"cluster": "main", "database": database, "username": database, "password": "x",
            "pool": {"max_wait_ms": 5000, **pool}}


def configured(port, **pool):
    """Over the server at this port; pool: keys of the pools of both sides."""
    return {
        "settings": {"workers": 1},
        "listeners": [{"protocol": "mysql", "address": f"127.0.0.1:{harness.free_port()}", "tls": "off"}],
        "clusters": {"main": {"jdbc_url": f"jdbc:mysql://127.0.0.1:{port}/"}},
        "compute_sources": {
            "sales": {**source("dw_sales", **pool), "allowed_resource_groups": list(GROUPS)},
            "sales_dev": source("dw_sales_dev", **pool),
        },
        "projects": {"sales": {"prod": "sales", "dev": "sales_dev", "members": {"ana": "owner", "bo": "owner"}}},
        "users": {
            "ana": {"auth": {"mysql_native_password": harness.native_hash("ana's")}},
            "bo": {"auth": {"mysql_native_password": harness.native_hash("bo's")}},
        },
    }


@pytest.fixture
def fe(server):
    with started(server) as emulator:
        yield emulator


@pytest.fixture
def config(fe):
    return configured(fe.port, max_connections=1)
