"""Users, roles and privileges of a cluster: as much of them as decides what an FE answers."""

import fnmatch

from .packets import Fault

NONE = "NONE"
ALL_TABLE = {"SELECT", "INSERT", "UPDATE", "DELETE", "ALTER", "DROP", "EXPORT", "REFRESH"}
ALL_DATABASE = {"CREATE TABLE", "CREATE VIEW", "CREATE FUNCTION", "CREATE MATERIALIZED VIEW", "ALTER", "DROP"}


class Grant:
    """privileges (a set, or {'ALL'}) on a kind of thing: TABLE or VIEW db.table, DATABASE db, SYSTEM, USER…"""

    def __init__(self, privileges, kind, database="", table="", text=""):
        self.privileges, self.kind, self.database, self.table, self.text = privileges, kind, database, table, text

    def covers(self, privilege, kind, database, table):
        if privilege != "ANY" and not self.privileges & {privilege, "ALL"}:
            return False
        if self.kind in ("TABLE", "VIEW") and kind == "TABLE":
            return self.database in ("*", database) and self.table in ("*", table)
        if kind == "DATABASE" and privilege == "ANY":
            return self.kind in ("TABLE", "VIEW", "DATABASE") and self.database in ("*", database)
        return self.kind == kind and self.database in ("*", database)


class User:
    def __init__(self, name, host="%", password=""):
        self.name, self.host, self.password = name, host, password
        self.stored = None  # the hash of its password, where the password itself is not known
        self.grants, self.roles, self.default_roles, self.properties = [], [], [], {}

    def __str__(self):
        return f"'{self.name}'@'{self.host}'"

    def matches(self, name, address):
        return self.name == name and fnmatch.fnmatchcase(address, self.host.replace("%", "*"))


class Accounts:
    def __init__(self):
        root = User("root")
        root.roles = root.default_roles = ["root"]
        self.users = [root]
        self.roles = {r: [] for r in ("root", "db_admin", "cluster_admin", "user_admin", "public", "security_admin")}
        self.builtin = set(self.roles)

    def find(self, name, address):
        """The user that a client from this address logs in as."""
        return next((u for u in self.users if u.matches(name, address)), None)

    def named(self, name, host="%"):
        user = next((u for u in self.users if (u.name, u.host) == (name, host)), None)
        if not user:
            raise Fault(1064, "HY000", f"Getting analyzing error. Detail message: cannot find user '{name}'@'{host}'!.")
        return user

    def holds(self, user, roles, privilege, kind, database="", table=""):
        if "root" in roles:
            return True
        grants = list(user.grants)
        for role in roles:
            grants += self.roles.get(role, [])
        return any(g.covers(privilege, kind, database, table) for g in grants)


def denied(user, roles, privilege, kind, thing):
    """ERR 5203."""
    active = f"[{', '.join(roles)}]" if roles else NONE
    idle = [r for r in user.roles if r not in roles]
    idle = f"[{', '.join(idle)}]" if idle else NONE
    return Fault(
        5203, "42000",
        f"Access denied; you need (at least one of) the {privilege} privilege(s) on {kind}{' ' + thing if thing else ''}"
        " for this operation. Please ask the admin to grant permission(s) or try activating existing roles using"
        f" <set [default] role>. Current role(s): {active}. Inactivated role(s): {idle}.")
