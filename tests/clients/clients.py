"""The clients of the matrix: what each is made by, how it is run, which steps it can't do.

A client is a program that is told in SB_… where to go (stage.py) and prints what it saw (python/report.py says how)."""

import dataclasses

import toolchains
from checks import STEPS

DEBIAN = "/usr/bin/python3"  # with Debian's modules


@dataclasses.dataclass
class Client:
    name: str
    tools: str  # a tool chain of toolchains.py
    command: list  # "{build}" stands for the tool chain's folder
    lacks: tuple = ()  # steps
    why: str = ""  # it lacks them
    kinds: tuple = ("starrocks", "mariadb")  # of clusters that it is made for
    environment: dict = dataclasses.field(default_factory=dict)

    @property
    def steps(self):
        return [step for step in STEPS if step not in self.lacks]

    def run(self, kind, stage):
        """Runs it against one gateway: the output of the finished process."""
        build = toolchains.folder(self.tools)
        command = [part.format(build=build, here=toolchains.HERE) for part in self.command]
        environment = {name: text.format(build=build) for name, text in self.environment.items()}
        return toolchains.run(*command, environment={**stage.address(kind), **environment}, cwd=stage.folder)


PACKAGES = {"PYTHONPATH": "{build}"}  # of the registry
NONE = {"lacks": ("reset",), "why": "has no call for it"}


def dbapi(name, driver, tools="python", **more):
    if tools == "python":
        return Client(name, tools, ["python3", "{here}/python/dbapi.py", driver], environment=PACKAGES, **more)
    return Client(name, tools, [DEBIAN, "{here}/python/dbapi.py", driver], **more)


def alchemy(name, scheme, kind):
    return Client(name, "python", ["python3", "{here}/python/alchemy.py", scheme], environment=PACKAGES, lacks=("reset",),
                  why="its pool rolls back, and no more", kinds=(kind,))


def jdbc(name, jar, scheme, *options, **more):
    return Client(name, "java", ["java", "-Dfile.encoding=UTF-8", "-Dstdout.encoding=UTF-8", "-cp", "{build}:{build}/" + jar,
                                 "Jdbc", scheme, "&".join(options)], **more)


def mariadb_jdbc(name, jar, *options):
    return jdbc(name, jar, "mariadb", *options, lacks=("reset",), why="sends nothing to a server that calls itself MySQL")


PREPARING = ("useServerPrepStmts=true", "cachePrepStmts=true", "rewriteBatchedStatements=true")
PLAIN = "useSSL=false"

def mysql2(name, mode):
    return Client(name, "node", ["node", "{here}/node/mysql2.js", mode], environment={"NODE_PATH": "{build}/node_modules"})


def golang(name, *options):
    return Client(name, "go", ["{build}/clients", *options], lacks=("reset",), why="a pooled connection is used as it is")


def php(name, mode, **more):
    return Client(name, "php", ["php", "{here}/php/clients.php", mode], **more)


BROWSED = {"version", "projects", "tables", "columns", "text"}

CLIENTS = [
    Client("mariadb", "mariadb", [DEBIAN, "{here}/python/cli.py"], **NONE),
    Client("libmariadb", "libmariadb", ["{build}/client"]),
    Client("mycli", "mycli", [DEBIAN, "{here}/python/my_cli.py"], lacks=("described", "filtered", "reset"), why="has no calls for them"),
    dbapi("ODBC, MariaDB's", "odbc", "odbc", **NONE),
    dbapi("PyMySQL (Debian)", "pymysql", "pymysql", **NONE),
    dbapi("mysqlclient (Debian)", "mysqldb", "mysqldb"),
    dbapi("PyMySQL", "pymysql", **NONE),
    dbapi("mysqlclient", "mysqldb"),
    dbapi("mysql-connector-python", "mysql.connector-pure"),
    dbapi("mysql-connector-python, C", "mysql.connector-c"),
    alchemy("SQLAlchemy, StarRocks", "starrocks", "starrocks"),
    alchemy("SQLAlchemy, MySQL", "mysql+pymysql", "mariadb"),
    Client("dbt-starrocks", "dbt", ["python3", "{here}/python/my_dbt.py"], environment=PACKAGES, kinds=("starrocks",),
           lacks=tuple(step for step in STEPS if step not in ("version", "columns", "batch")), why="it builds models, and no more"),
    Client("Adminer in Chromium", "browser", [DEBIAN, "{here}/python/browser.py"], lacks=tuple(step for step in STEPS if step not in BROWSED),
           why="somebody looks at tables and rows"),
    php("PHP PDO", "pdo", **NONE),
    php("PHP PDO, prepares", "pdo-prepares", **NONE),
    php("PHP mysqli", "mysqli"),
    jdbc("Connector/J 5.1", "mysql-connector-java-5.1.49.jar", "mysql", PLAIN),
    jdbc("Connector/J 5.1, prepares", "mysql-connector-java-5.1.49.jar", "mysql", PLAIN, *PREPARING),
    jdbc("Connector/J 8", "mysql-connector-j-8.4.0.jar", "mysql"),
    jdbc("Connector/J 8, prepares", "mysql-connector-j-8.4.0.jar", "mysql", *PREPARING),
    Client("Flink's and Spark's statements", "java", ["java", "-cp", "{build}:{build}/mysql-connector-j-8.4.0.jar", "Flink"],
           kinds=("starrocks",), lacks=("described", "filtered", "inserted", "batch", "transaction", "cancelled", "reset", "reconnected"),
           why="what these connectors send; they write by Stream Load"),
    jdbc("Connector/J 9", "mysql-connector-j-9.7.0.jar", "mysql"),
    jdbc("Connector/J 9, prepares", "mysql-connector-j-9.7.0.jar", "mysql", *PREPARING),
    mariadb_jdbc("MariaDB Connector/J 2", "mariadb-java-client-2.7.13.jar"),
    mariadb_jdbc("MariaDB Connector/J 3", "mariadb-java-client-3.5.11.jar"),
    mariadb_jdbc("MariaDB Connector/J 3, prepares", "mariadb-java-client-3.5.11.jar", "useServerPrepStmts=true"),
    mysql2("mysql2", "text"),
    mysql2("mysql2, prepares", "prepares"),
    Client("mysql_async", "rust", ["{build}/debug/mysql_async"]),
    Client("sqlx", "rust", ["{build}/debug/sqlx"], lacks=("reset",), why="a pooled connection is used as it is"),
    golang("go-sql-driver", "interpolateParams=true"),
    golang("go-sql-driver, prepares"),
]
