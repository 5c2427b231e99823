"""What the clients meet: one MariaDB, emulated StarRocks frontends over it, and a gateway in front of each.

    project   database      dev           member
    shop      dw_shop       dw_shop_dev   tool, owner
    geo       dw_geo        (shared)      tool, viewer
    hidden    dw_hidden     -             somebody else

`shop` holds `every` (a column of every type, one row of values and one of NULLs) and `sink` (the same columns, empty).
"""

import contextlib
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/e2e"), str(ROOT / "tests")]

import harness  # noqa: E402
from fe.emulator import Emulator  # noqa: E402

USER, PASSWORD, PROJECT = "tool", "tool's", "shop"
TEXT = "it's \"q\" \\ % ? 订单 😀"

# name, type, value as SQL, value as a client shows it
COLUMNS = [
    ("id", "INT NOT NULL", "1", "1"),
    ("c_tiny", "TINYINT", "-128", "-128"),
    ("c_small", "SMALLINT", "-32768", "-32768"),
    ("c_int", "INT", "2147483647", "2147483647"),
    ("c_big", "BIGINT", "-9223372036854775808", "-9223372036854775808"),
    ("c_large", "LARGEINT", "170141183460469231731687303715884105727", "170141183460469231731687303715884105727"),
    ("c_bool", "BOOLEAN", "1", "1"),
    ("c_float", "FLOAT", "0.5", "0.5"),
    ("c_double", "DOUBLE", "0.1", "0.1"),
    ("c_dec", "DECIMAL(20,4)", "1234567890123456.7891", "1234567890123456.7891"),
    ("c_date", "DATE", "'2024-02-29'", "2024-02-29"),
    ("c_time", "DATETIME", "'2024-12-31 23:59:58'", "2024-12-31 23:59:58"),
    ("c_char", "CHAR(10)", "'abc'", "abc"),
    ("c_text", "VARCHAR(200)", "'it\\'s \"q\" \\\\ % ? 订单 😀'", TEXT),
    ("c_json", "JSON", "'{\"a\": 1}'", '{"a": 1}'),
    ("c_bin", "VARBINARY", "x'00ff5c27'", "00ff5c27"),
]
NAMES = [name for name, *_ in COLUMNS]
VALUES = [shown for *_, shown in COLUMNS]
PROJECTS = ["geo", "shop", "shop_dev"]  # what `tool` may see
TABLES = ["every", "sink"]
DATABASES = {"dw_shop": "shop_rw", "dw_shop_dev": "shop_dev", "dw_geo": "geo_rw", "dw_hidden": "hidden_rw"}
METADATA = "metadata"
SECRET = "account-secret"


def fill(server, emulator):
    """Databases, tables and accounts, as the emulator has them and as the MariaDB itself has them."""
    columns = ", ".join(f"{name} {kind}" for name, kind, *_ in COLUMNS)
    values, nulls = ", ".join(sql for _, _, sql, _ in COLUMNS), ", ".join(["2"] + ["NULL"] * (len(COLUMNS) - 1))
    emulator.sql(f"CREATE USER {METADATA} IDENTIFIED BY '{SECRET}'")
    server.sql(f"CREATE USER {METADATA}@'127.0.0.1' IDENTIFIED BY '{SECRET}'",
               f"GRANT SELECT, SHOW VIEW ON *.* TO {METADATA}@'127.0.0.1'")
    for database, account in DATABASES.items():
        emulator.sql(
            f"CREATE DATABASE {database}",
            *(f"CREATE TABLE {database}.{table} ({columns}) PRIMARY KEY(id) DISTRIBUTED BY HASH(id) BUCKETS 1"
              for table in TABLES),
            f"INSERT INTO {database}.every VALUES ({values}), ({nulls})",
            f"CREATE USER {account} IDENTIFIED BY '{SECRET}'",
            f"GRANT ALL ON ALL TABLES IN DATABASE {database} TO USER {account}",
            f"GRANT ALL ON DATABASE {database} TO USER {account}",
            f"GRANT SELECT ON ALL TABLES IN DATABASE {database} TO USER {METADATA}",
        )
        server.sql(f"CREATE USER {account}@'127.0.0.1' IDENTIFIED BY '{SECRET}'",
                   f"GRANT ALL ON {database}.* TO {account}@'127.0.0.1'")


def config(port, listener):
    """A configuration over the cluster on this port; `listener` has the keys of the one listener beside its address."""
    def source(database):
        return {"cluster": "main", "database": database, "username": DATABASES[database], "password": SECRET}

    def user():
        return {"auth": {"mysql_native_password": harness.native_hash(PASSWORD)}}

    return {
        "settings": {"workers": 2, "max_login_failures": 0},
        "listeners": [{"protocol": "mysql", "address": f"127.0.0.1:{harness.free_port()}", "tls": "off", **listener}],
        "clusters": {"main": {"jdbc_url": f"jdbc:mysql://127.0.0.1:{port}/",
                              "metadata": {"username": METADATA, "password": SECRET}}},
        "compute_sources": {database.removeprefix("dw_"): source(database) for database in DATABASES},
        "projects": {
            "shop": {"prod": "shop", "dev": "shop_dev", "members": {USER: "owner"}},
            "geo": {"prod": "geo", "shared": True, "members": {USER: "viewer"}},
            "hidden": {"prod": "hidden", "members": {"other": "owner"}},
        },
        "users": {USER: user(), "other": user()},
    }


class Stage:
    """.gateways: {"starrocks": Gateway, "mariadb": Gateway}, both over the same rows; .folder for whatever a client writes."""

    def __init__(self, folder, **listener):
        self.folder, self.gateways, self.closing = pathlib.Path(folder), {}, contextlib.ExitStack()
        try:
            self.server = harness.Backend()
            self.closing.callback(self.server.stop)
            self.emulator = self.closing.enter_context(Emulator(str(self.server.dir / "socket"), frontends=2))
            fill(self.server, self.emulator)
            for kind, port in (("starrocks", self.emulator.port), ("mariadb", self.server.port)):
                (self.folder / kind).mkdir(parents=True, exist_ok=True)
                self.gateways[kind] = harness.Gateway(config(port, listener), self.folder / kind, {USER: PASSWORD})
                self.closing.callback(self.gateways[kind].kill)
        except BaseException:
            self.closing.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.closing.close()

    def stop(self):
        """Ends the gateways as an operator would, and wants a clean end."""
        for gateway in self.gateways.values():
            gateway.stop()

    def empty(self):
        """Before a client: nothing of the one before it."""
        self.server.sql("DELETE FROM dw_shop.sink")
        for name, kind in self.server.sql("SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = 'dw_shop'"):
            if name not in TABLES:
                self.emulator.sql(f"DROP {'VIEW' if kind == 'VIEW' else 'TABLE'} dw_shop.{name}")

    def address(self, kind):
        """What a client is told, as environment variables."""
        return {"SB_HOST": "127.0.0.1", "SB_PORT": str(self.gateways[kind].port), "SB_USER": USER, "SB_PASSWORD": PASSWORD,
                "SB_DATABASE": PROJECT}
