"""One client's connection: its state, its commands, and how replies are written."""

import time

from . import accounts, catalogue, commands, errors, kinds, lexer, login, packets, query, reply, statements, variables
from .cluster import BUILTIN_DATABASES
from .mariadb import Refused
from .packets import MORE_RESULTS, Fault, Gone

SLEEP_AFTER_KILL = 1.0


class Session:
    def __init__(self, server, sock, address):
        self.server, self.frontend, self.cluster = server, server.frontend, server.frontend.cluster
        self.channel, (self.address, self.port) = packets.Channel(sock), address
        self.id = self.frontend.connection_id()
        self.values = variables.Values(self.cluster.globals)
        self.user, self.effective, self.roles = None, None, []
        self.database, self.catalog = "", "default_catalog"
        self.temporary = {}  # tables of this connection only: (database, table) -> columns
        self.user_values, self.prepared, self.named = {}, {}, {}
        self.transaction, self.executed = None, False
        self.last_statement, self.query_id, self.last_query_id = 0, "", ""
        self.busy, self.killed, self.rows_sent, self.text = False, None, 0, ""
        self.since = time.time()
        self.uuid = self.cluster.new_id()
        self._behind = None

    # ---- the way of a connection

    def serve(self):
        try:
            try:
                login.login(self)
            except Fault as e:
                self.channel.send(packets.err(e))
                return
            while not self.server.stopping:
                self.channel.left_behind()
                self.channel.sock.settimeout(int(self.values.get("wait_timeout")))
                payload = self.channel.read(0)
                self.channel.sock.settimeout(None)
                if not payload:
                    return
                self.busy, self.rows_sent, self.since = True, 0, time.time()
                try:
                    if not commands.run(self, payload):
                        return
                    ends = self.killed and self.killed[1] or self.frontend.draining
                finally:
                    self.busy = False  # only now: who drains an idle frontend does not close this one
                if ends:
                    return
                self.killed = None
        except Gone:
            pass

    def close(self):
        if self._behind:
            self._behind.close()
            self._behind = None

    # ---- identity and state

    def become(self, user):
        self.user, self.effective, self.roles = user, user, list(user.default_roles)

    def apply_properties(self, user):
        for name, text in user.properties.items():
            if name.startswith("session."):
                variable = variables.find(name[8:])
                self.values.put(variable, variable.accept(text))
        if user.properties.get("database"):
            self.use(user.properties["database"])

    def may(self, privilege, kind, database="", table=""):
        if kind == "DATABASE" and database == "information_schema" or database in BUILTIN_DATABASES and kind == "TABLE":
            return privilege in ("ANY", "SELECT")
        return self.cluster.accounts.holds(self.effective, self.roles, privilege, kind, database, table)

    def need(self, privilege, kind, database="", table=""):
        if not self.may(privilege, kind, database, table):
            raise accounts.denied(self.effective, self.roles, privilege, kind, table or database)

    def need_database(self, privilege, database):
        """For what is made inside a database; it has to be there first."""
        if database not in BUILTIN_DATABASES and not catalogue.exists(self, database):
            raise errors.unknown_database(database, errors.ANALYSIS)
        self.need(privilege, "DATABASE", database)

    def need_catalog(self, privilege):
        if not self.may(privilege, "CATALOG"):
            raise accounts.denied(self.effective, self.roles, privilege, "CATALOG", "default_catalog")

    def use(self, name, prefix=""):
        """Enters `db` or `catalog.db`; the catalog is switched even when the database is not there."""
        catalog, dot, database = name.partition(".")
        if not dot:
            catalog, database = self.catalog, name
        if catalog not in self.cluster.catalogs:
            raise errors.unknown_catalog(catalog, prefix)
        self.catalog = catalog
        if catalog != "default_catalog" or not catalogue.exists(self, database):
            raise errors.unknown_database(database, prefix)
        self.need("ANY", "DATABASE", database)
        self.database = database

    def use_catalog(self, name):
        if name not in self.cluster.catalogs:
            raise errors.unknown_catalog(name)
        self.catalog, self.database = name, ""

    def reset(self):
        """COM_RESET_CONNECTION: session variables and the catalog, nothing else."""
        self.values.reset()
        self.catalog = "default_catalog"

    def information(self, name):
        """(kind, text) of an information function."""
        values = {
            "DATABASE": self.database, "SCHEMA": self.database, "CATALOG": self.catalog,
            "CURRENT_USER": str(self.effective), "USER": f"'{self.user.name}'@'{self.address}'",
            "CURRENT_ROLE": ", ".join(self.roles) or "NONE", "CURRENT_GROUP": "NONE", "SESSION_ID": self.uuid,
            "VERSION": self.values.get("version"), "CURRENT_VERSION": self.values.get("version_comment"),
            "LAST_QUERY_ID": self.last_query_id}
        values["SESSION_USER"] = values["USER"]
        if name == "CONNECTION_ID":
            return kinds.BIGINT, str(self.id)
        return kinds.TEXT, values[name]

    def user_value(self, text):
        return self.user_values.get(text.lstrip("@").strip("'`\"").lower(), (kinds.UNKNOWN, None))

    def next_statement(self):
        """The number that a PREPARE here would get: it lags one statement behind."""
        number, self.last_statement = self.last_statement, self.cluster.next("statement")
        return number

    # ---- the server behind

    def behind(self):
        """The connection to MariaDB, in this session's database."""
        if self._behind is None:
            self._behind = self.cluster.connect()
        if self.database and (self.database not in BUILTIN_DATABASES or self.database == "information_schema"):
            try:
                self._behind.use(self.database)
            except Refused as e:
                if e.errno == 1049:
                    raise errors.unknown_database(self.database, errors.ANALYSIS) from e
                raise
        return self._behind

    def need_backend_transaction(self):
        self.behind().query("START TRANSACTION")

    def check_tables(self, statement, privilege):
        from . import references
        for parts in references.find(statement):
            database, table = references.resolved(self, parts)
            if not self.may(privilege, "TABLE", database, table):
                raise accounts.denied(self.effective, self.roles, privilege, "TABLE", table)

    # ---- statements

    def query(self, text):
        """COM_QUERY: everything is parsed, then run in turn; the first failure ends the rest."""
        try:
            parts = self.parsed(text)
            for i, part in enumerate(parts):
                more = MORE_RESULTS if i + 1 < len(parts) else 0
                self.run(part, more)
        except Fault as e:
            self.channel.put(packets.err(e))
        self.channel.flush()

    def parsed(self, text):
        try:
            parts = lexer.statements(text)
        except lexer.Unterminated as e:
            raise errors.unexpected(lexer.Statement(text, [], True), None, "a legal identifier") from e
        for part in parts:
            statements.check_syntax(self, part, alone=len(parts) == 1)
        return parts

    def run(self, part, status=0):
        self.next_statement()
        self.last_query_id, self.query_id = self.query_id, self.cluster.new_id()
        self.text = part.text
        self.write(statements.run(self, part), status)
        self.check_killed()

    def write(self, result, status=0, binary=False):
        channel = self.channel
        if isinstance(result, reply.Ok):
            channel.put(packets.ok(result.affected, result.info, status))
            return
        rows = self.faulty(iter(result.rows))
        try:
            self._write_rows(result, rows, status, binary)
        except Fault:
            for _ in result.rows:  # MariaDB's connection has to be usable for the next statement
                pass
            raise
        except Gone:
            self.close()
            raise

    def _write_rows(self, result, rows, status, binary):
        channel = self.channel
        first = next(rows, None)  # a failure before the first row is a lone ERR
        self.check_killed()
        channel.put(packets.number(len(result.columns)))
        for label, kind in result.columns:
            channel.put(packets.column(label, kind))
        channel.put(packets.eof())  # "more results" shows at the end only
        encode = (lambda r: reply.binary_row(result.columns, r)) if binary else reply.text_row
        while first is not None:
            channel.put(encode(first))
            self.rows_sent += 1
            if self.killed:
                self.check_killed()
            first = next(rows, None)
        self.check_killed()
        channel.put(packets.eof(status))

    def faulty(self, rows):
        """Rows with the faults that were ordered for results."""
        _, fault = self.cluster.faults.take(("slow", "die", "fail"), self.frontend.number, self.user.name, self.text)
        if not fault:
            yield from rows
            return
        at = fault.get("rows", 1)
        for i, row in enumerate(rows):
            if fault["kind"] == "slow" and i % at == 0:
                self.channel.flush()
                time.sleep(fault.get("ms", 100) / 1000)
            elif fault["kind"] != "slow" and i == at:
                break
            yield row
        if fault["kind"] == "die":
            self.channel.flush()
            raise Gone("ordered to die")
        if fault["kind"] == "fail":
            raise errors.plain(fault.get("message", "Backend node not found. Check if any backend node is down."))

    def check_killed(self):
        """Ends a statement that was killed: with an ERR, or without a word when KILL met it before its first row."""
        if not self.killed:
            return
        text, closing = self.killed
        if closing and not self.rows_sent:
            raise Gone("killed")
        raise errors.plain(f"killed manually: {text}")

    def kill(self, text, closing):
        """From another connection: ends the running statement, and with `closing` the connection."""
        if not self.busy and not closing:
            return
        self.killed = (text, closing)
        if not self.busy:
            self.shutdown()
            return
        behind = self._behind  # the session's own thread may close it meanwhile
        if behind:
            other = self.cluster.connect()
            try:
                other.run(f"KILL QUERY {behind.id}")
            except Refused:
                pass
            other.close()
        if closing:
            self.server.later(SLEEP_AFTER_KILL, self.shutdown)

    def shutdown(self):
        try:
            self.channel.sock.shutdown(2)
        except OSError:
            pass

    def evaluate(self, statement):
        return query.evaluate(self, statement)
