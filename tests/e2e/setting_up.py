"""A bare cluster of emulated frontends, and a configuration that wants something of it: for provision, check --live and init."""

import contextlib
import sys

import harness
from harness import native_hash

sys.path.insert(0, str(harness.ROOT / "tests"))

from fe.emulator import Emulator  # noqa: E402

DATABASES = ("pv_sales", "pv_sales_dev", "pv_dim")
SECRET, ROOT = "it's\\ a secret", "root's"


@contextlib.contextmanager
def start(server, **options):
    """Frontends without those databases; root has a password."""
    for name in DATABASES:
        server.sql(f"DROP DATABASE IF EXISTS {name}")
    with Emulator(str(server.dir / "socket"), **options) as emulator:
        emulator.sql("ALTER USER root IDENTIFIED BY 'root''s'")
        yield emulator


def secrets(monkeypatch):
    monkeypatch.setenv("PV_PASSWORD", SECRET)
    monkeypatch.setenv("ROOT_PASSWORD", ROOT)


def config(fe):
    def source(name, **keys):
        return {"cluster": "main", "database": f"pv_{name}", "username": f"pv_{name}_rw", "password": "env:PV_PASSWORD", **keys}

    return {
        "listeners": [{"protocol": "mysql", "address": "127.0.0.1:9130"}],
        "clusters": {"main": {"jdbc_url": f"jdbc:mysql://127.0.0.1:{fe.ports[1]}/",
                              "monitor": {"username": "pv_monitor", "password": "env:PV_PASSWORD"}}},
        "compute_sources": {
            "sales": source("sales", resource_groups={"default": "rg_normal", "low": "rg_low"}),
            "sales_dev": source("sales_dev"), "dim": source("dim")},
        "projects": {
            "sales": {"prod": "sales", "dev": "sales_dev", "members": {"ana": "developer", "etl": "operator"}},
            "dim": {"prod": "dim", "shared": True, "members": {"ana": "viewer"}}},
        "users": {u: {"auth": {"mysql_native_password": native_hash(u)}} for u in ("ana", "etl")},
    }
