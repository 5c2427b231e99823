"""The databases, accounts, projects and users that most integration tests share.

    project   prod            dev            members
    sales     dw_sales        dw_sales_dev   ana developer, etl operator, own owner, bo viewer
    crm       dw_crm          dw_crm_dev     ana and etl viewer, own owner
    dim       dw_dim          (shared)       ana, bo, etl viewer, own owner
    secret    dw_secret       -              own owner
    orders    mart, mart_two  mart_dev       data source; ana viewer, own owner

Every database has the tables t (id, side) and numbers (n); `side` says which database a row is of.
"""

import os

import harness

DATABASES = {
    "dw_sales": "sales_rw",
    "dw_sales_dev": "sales_dev",
    "dw_crm": "crm_rw",
    "dw_crm_dev": "crm_dev",
    "dw_dim": "dim_rw",
    "dw_secret": "secret_rw",
    "mart": "mart_rw",
    "mart_two": "mart_rw",
    "mart_dev": "mart_dev",
}
MONITOR = "starbind_monitor"  # whom the gateway's probes log in as
PASSWORDS = {"ana": "ana's", "bo": "bo's", "etl": "etl's", "own": "own's", "nobody": "", "far": "far's"}


def account_password(account):
    return account + "-secret"


def reference(account):
    """How the configuration names that password: every program of the tests has it in its environment."""
    return "env:" + account.upper()


os.environ.update({account.upper(): account_password(account) for account in [*DATABASES.values(), MONITOR]})


def fill(backend):
    """Databases with their tables, one account each; every account may read every database."""
    for database, account in DATABASES.items():
        backend.sql(
            f"DROP DATABASE IF EXISTS {database}",
            f"CREATE DATABASE {database}",
            f"CREATE TABLE {database}.t (id INT PRIMARY KEY, side VARCHAR(20))",
            f"INSERT INTO {database}.t SELECT seq, '{database}' FROM {database}.seq_1_to_3",
            f"CREATE TABLE {database}.numbers (n INT PRIMARY KEY)",
            f"INSERT INTO {database}.numbers SELECT seq FROM {database}.seq_1_to_100",
            f"CREATE USER IF NOT EXISTS {account}@'127.0.0.1' IDENTIFIED BY '{account_password(account)}'",
        )
    backend.sql(f"CREATE USER IF NOT EXISTS {MONITOR}@'127.0.0.1' IDENTIFIED BY '{account_password(MONITOR)}'")
    for database, account in DATABASES.items():
        backend.sql(f"GRANT ALL ON {database}.* TO {account}@'127.0.0.1'")
        for other in DATABASES:
            backend.sql(f"GRANT SELECT ON {other}.* TO {account}@'127.0.0.1'")


def source(database, **keys):
    account = DATABASES[database]
    return {
        "cluster": "main",
        "database": database,
        "username": account,
        "password": reference(account),
        "pool": {"max_connections": 32, "max_wait_ms": 5000},
        **keys,
    }


def side(port, database, **keys):
    account = DATABASES[database]
    return {
        "jdbc_url": f"jdbc:mysql://127.0.0.1:{port}/" + ("" if "databases" in keys else database),
        "username": account,
        "password": reference(account),
        **keys,
    }


def user(name, **keys):
    password = PASSWORDS[name]
    return {"auth": {"mysql_native_password": harness.native_hash(password) if password else ""}, **keys}


def config(port):
    """A configuration over a server on this port, on two free ports of its own."""
    return {
        "settings": {"workers": 2, "login_timeout_ms": 2000},
        "listeners": [
            {"protocol": "mysql", "address": f"127.0.0.1:{harness.free_port()}", "environment": "prod", "tls": "off"},
            {"protocol": "mysql", "address": f"127.0.0.1:{harness.free_port()}", "environment": "dev", "tls": "off"},
        ],
        "clusters": {
            "main": {
                "jdbc_url": f"jdbc:mysql://127.0.0.1:{port}/",
                "monitor": {"username": MONITOR, "password": reference(MONITOR)},
            }
        },
        "compute_sources": {
            "sales": source("dw_sales"),
            "sales_dev": source("dw_sales_dev"),
            "crm": source("dw_crm"),
            "crm_dev": source("dw_crm_dev"),
            "dim": source("dw_dim"),
            "secret": source("dw_secret"),
        },
        "projects": {
            "sales": {
                "prod": "sales", "dev": "sales_dev",
                "members": {"ana": "developer", "etl": "operator", "own": "owner", "bo": "viewer", "far": "viewer"},
            },
            "crm": {
                "prod": "crm", "dev": "crm_dev",
                "members": {"ana": "viewer", "etl": "viewer", "own": "owner"},
            },
            "dim": {
                "prod": "dim", "shared": True,
                "members": {"ana": "viewer", "bo": "viewer", "etl": "viewer", "own": "owner"},
            },
            "secret": {"prod": "secret", "members": {"own": "owner"}},
        },
        "data_sources": {
            "订单库": {
                "code": "orders",
                "prod": side(port, "mart", databases=["mart", "mart_two"]),
                "dev": side(port, "mart_dev"),
                "members": {"ana": "viewer", "own": "owner"},
            }
        },
        "users": {
            "ana": user("ana", default_project="sales"),
            "bo": user("bo"),
            "etl": user("etl"),
            "own": user("own"),
            "nobody": user("nobody"),
            "far": user("far", **{"from": ["10.0.0.0/8", "2001:db8::/32"]}),
        },
    }


def readable(config):
    """Metadata is read with an account that sees the tables."""
    config["clusters"]["main"]["metadata"] = {"username": "sales_rw", "password": reference("sales_rw")}
    return config
