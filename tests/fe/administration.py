"""Users, roles, grants, resource groups, catalogs."""

import re

from . import accounts, errors, variables
from .accounts import Grant, User
from .reply import Ok, shown


def user_at(tokens_of, at):
    """(name, host, the index behind) of a user such as 'u'@'%' at token `at`."""
    statement = tokens_of
    name, host = statement.value(at), "%"
    following = statement.tokens[at + 1] if at + 1 < len(statement.tokens) else None
    if following is not None and following.kind == "user":  # the lexer takes @'%' for a variable
        return name, following.text[1:].strip("'\"`"), at + 2
    return name, host, at + 1


def behind_if(statement, at):
    """Past IF [NOT] EXISTS; and whether it was there."""
    if statement.words("IF", "NOT", "EXISTS", at=at):
        return at + 3, True
    if statement.words("IF", "EXISTS", at=at):
        return at + 2, True
    return at, False


def create_user(session, statement):
    session.need("GRANT", "SYSTEM")
    at, mild = behind_if(statement, 2)
    name, host, at = user_at(statement, at)
    known = session.cluster.accounts
    if any((u.name, u.host) == (name, host) for u in known.users):
        if mild:
            return Ok()
        raise errors.analysis(f"user '{name}'@'{host}' already exists!")
    user = User(name, host)
    _set_password(user, statement, at)
    for i in range(at, len(statement.tokens)):
        if statement.words("DEFAULT", "ROLE", at=i):
            user.roles = [statement.value(i + 2)]
            user.default_roles = list(user.roles)
    known.users.append(user)
    return Ok()


def _set_password(user, statement, at):
    """IDENTIFIED BY 'password', or WITH mysql_native_password AS 'its hash'."""
    for i in range(at, len(statement.tokens)):
        if statement.word(i) == "BY":
            user.password, user.stored = statement.value(i + 1), None
        elif statement.word(i) == "AS":
            hash = statement.value(i + 1)
            user.password, user.stored = (None, bytes.fromhex(hash[1:])) if hash[:1] == "*" else (hash, None)


def drop_user(session, statement):
    session.need("GRANT", "SYSTEM")
    at, mild = behind_if(statement, 2)
    name, host, _ = user_at(statement, at)
    known = session.cluster.accounts
    if mild and not any((u.name, u.host) == (name, host) for u in known.users):
        return Ok()
    user = known.named(name, host)
    known.users.remove(user)
    user.grants, user.roles = [], []  # open sessions stay, with nothing to see
    return Ok()


def alter_user(session, statement):
    name, host, at = user_at(statement, 2)
    user = session.cluster.accounts.named(name, host)
    if user is not session.user:
        session.need("GRANT", "SYSTEM")
    if statement.words("SET", "PROPERTIES", at=at):
        texts = [t.value for t in statement.tokens[at:] if t.kind == "string"]
        for key, value in zip(texts[::2], texts[1::2]):
            if key.startswith("session.") and not variables.find(key[8:]):
                raise errors.plain(variables.unknown(key[8:]), 1193)
            user.properties[key] = value
        return Ok()
    if statement.words("DEFAULT", "ROLE", at=at):
        user.default_roles = [t.value for t in statement.tokens[at + 2:] if t.text != ","]
        return Ok()
    _set_password(user, statement, at)
    return Ok()


def create_role(session, statement):
    session.need("GRANT", "SYSTEM")
    at, mild = behind_if(statement, 2)
    name = statement.value(at)
    if name in session.cluster.accounts.roles and not mild:
        raise errors.analysis(f"Operation CREATE ROLE failed for {name} : role already exists")
    session.cluster.accounts.roles.setdefault(name, [])
    return Ok()


def drop_role(session, statement):
    session.need("GRANT", "SYSTEM")
    at, mild = behind_if(statement, 2)
    name = statement.value(at)
    if session.cluster.accounts.roles.pop(name, None) is None and not mild:
        raise errors.analysis(f"Operation DROP ROLE failed for {name} : role not exists")
    return Ok()


# ---- GRANT and REVOKE

ON = [(r"ALL (TABLES|VIEWS|MATERIALIZED VIEWS|FUNCTIONS) IN ALL DATABASES", lambda m: (m[1][:-1], "*", "*")),
      (r"ALL (TABLES|VIEWS|MATERIALIZED VIEWS|FUNCTIONS) IN DATABASE (\S+)", lambda m: (m[1][:-1], m[2], "*")),
      (r"ALL DATABASES", lambda m: ("DATABASE", "*", "")),
      (r"DATABASE (\S+)", lambda m: ("DATABASE", m[1], "")),
      (r"(?:TABLE |VIEW )?(\S+)\.(\S+)", lambda m: ("TABLE", m[1], m[2])),
      (r"SYSTEM", lambda m: ("SYSTEM", "*", "")), (r"CATALOG (\S+)", lambda m: ("CATALOG", "*", "")),
      (r"USER (\S+)", lambda m: ("USER", m[1], "")), (r"RESOURCE GROUP (\S+)", lambda m: ("GROUP", m[1], ""))]


def grant(session, statement):
    session.need("GRANT", "SYSTEM")
    words = [t.value if t.kind != "op" else t.text for t in statement.tokens]
    upper = [w.upper() for w in words]
    giving = upper[0] == "GRANT"
    to = len(upper) - 1 - upper[::-1].index("TO" if giving else "FROM")
    holder, shown_as = _holder(session, statement, to + 1)
    if "ON" not in upper[:to]:
        for name in (w for w in words[1:to] if w != ","):
            (holder.roles.append if giving else holder.roles.remove)(name)
        return Ok()
    on = upper.index("ON")
    text = re.sub(r" ?\. ?", ".", " ".join(words[on + 1:to]))
    named = [p.strip() for p in " ".join(upper[1:on]).split(",")]
    privileges = set(named)
    kind, database, table = _object(session, text)
    if privileges & {"ALL", "ALL PRIVILEGES"}:
        privileges = {"ALL"}
    grants = holder if isinstance(holder, list) else holder.grants
    if giving:
        grants.append(Grant(privileges, kind, database, table,
                            f"GRANT {', '.join(named)} ON {text} TO {shown_as}"))
        return Ok()
    for g in [g for g in grants if (g.kind, g.database, g.table) == (kind, database, table)]:
        g.privileges -= set(g.privileges) if "ALL" in privileges else privileges
        named, on, rest = g.text.removeprefix("GRANT ").partition(" ON ")
        g.text = f"GRANT {', '.join(p for p in named.split(', ') if p in g.privileges)}{on}{rest}"
        if not g.privileges:
            grants.remove(g)
    return Ok()


def _object(session, text):
    for pattern, make in ON:
        found = re.fullmatch(pattern, text, re.IGNORECASE)
        if found:
            kind, database, table = make([g.strip("`'") if g else g for g in (found.group(), *found.groups())])
            return kind.upper(), database, table
    return "TABLE", session.database, text.split()[-1]


def _holder(session, statement, at):
    known = session.cluster.accounts
    if statement.word(at) == "ROLE":
        name = statement.value(at + 1)
        if name not in known.roles:
            raise errors.analysis(f"cannot find role {name}!")
        return known.roles[name], f"ROLE '{name}'"
    at += statement.word(at) == "USER"
    name, host, _ = user_at(statement, at)
    return known.named(name, host), f"USER '{name}'@'{host}'"


# ---- resource groups and catalogs

def create_group(session, statement):
    at, mild = behind_if(statement, 3)
    name, text = statement.value(at), statement.text
    classifiers = re.findall(r"\(((?:[^()]|\([^()]*\))*)\)", re.split(r"(?i)\bwith\b", text)[0])
    if "root" not in session.roles:
        users = re.findall(r"user\s*=\s*'([^']*)'", text)
        if users:
            raise errors.analysis(f"Illegal classifier specifier 'user': 'user = '{users[0]}''")
        session.need("CREATE RESOURCE GROUP", "SYSTEM")
    if name in session.cluster.groups:
        if mild:
            return Ok()
        raise errors.plain(f"RESOURCE_GROUP({name}) already exists")
    found = dict(re.findall(r"['\"](\w+)['\"]\s*=\s*['\"]([^'\"]*)['\"]", text))
    session.cluster.add_group(
        name, None, found.get("cpu_weight", found.get("cpu_core_limit", "1")), f"{float(found.get('mem_limit', '100%').rstrip('%')):.1f}%",
        found.get("concurrency_limit", "null"), classifiers=[_classifier(c) for c in classifiers],
        cpu_limit=found.get("big_query_cpu_second_limit", "0"))
    group = session.cluster.groups[name]
    group.classifiers = [(session.cluster.next("id"), c) for c in group.classifiers]
    return Ok()


def _classifier(text):
    """(weight, how it is shown) of a classifier."""
    weight, out = 0.0, []
    for key, value, listed in re.findall(r"(\w+)\s*(?:=\s*'([^']*)'|in\s*\(([^()]*)\))", text):
        if key == "query_type":
            kinds = [k.strip(" '\"").upper() for k in listed.split(",")]
            weight += 1 + 0.1 / len(kinds)
            out.append(f"query_type in ({', '.join(kinds)})")
        elif key == "source_ip":
            weight += 1 + int(value.partition("/")[2] or 32) / 64
            out.append(f"source_ip={value}")
        else:
            weight += {"user": 1.0, "role": 1.0, "db": 10.0}.get(key, 0)
            out.append(f"db='{value}'" if key == "db" else f"{key}={value}")
    return round(weight, 3), ", ".join(out)


def drop_group(session, statement):
    name = statement.value(3)
    session.need("DROP", "GROUP", name)
    if session.cluster.groups.pop(name, None) is None:
        raise errors.plain(f"RESOURCE_GROUP({name}) does not exist")
    return Ok()


def alter_group(session, statement):
    session.need("ALTER", "GROUP", statement.value(3))
    if statement.value(3) not in session.cluster.groups:
        raise errors.plain(f"RESOURCE_GROUP({statement.value(3)}) does not exist")
    return Ok()


def create_catalog(session, statement):
    at = next(i for i, t in enumerate(statement.tokens) if t.text.upper() == "CATALOG")
    kind = re.search(r"['\"]type['\"]\s*=\s*['\"](\w+)", statement.text)
    comment = next((statement.value(i + 1) for i in range(at, len(statement.tokens))
                    if statement.word(i) == "COMMENT"), None)
    session.cluster.catalogs[statement.value(at + 1)] = ((kind.group(1) if kind else "hive").capitalize(), comment)
    return Ok()


def drop_catalog(session, statement):
    if statement.value(2) == "default_catalog":
        raise errors.analysis("Can't drop the default internal catalog")
    session.cluster.catalogs.pop(statement.value(2), None)
    return Ok()


def admin(session, statement):
    if not session.may("OPERATE", "SYSTEM"):
        raise accounts.denied(session.effective, session.roles, "OPERATE", "SYSTEM", "")
    if statement.words("SHOW", "FRONTEND", "CONFIG", at=1):
        like = re.search(r"LIKE\s+'([^']*)'", statement.text, re.IGNORECASE)
        return shown("Key,AliasNames,Value,Type,IsMutable,Comment",
                     [[key, "[]", value, "boolean", "true", ""] for key, value in session.cluster.config.items()
                      if not like or key == like[1]])
    return Ok()


ROUTES = [(r"CREATE USER", create_user), (r"DROP USER", drop_user), (r"ALTER USER", alter_user),
          (r"CREATE ROLE", create_role), (r"DROP ROLE", drop_role), (r"CREATE RESOURCE GROUP", create_group),
          (r"DROP RESOURCE GROUP", drop_group), (r"ALTER RESOURCE GROUP", alter_group),
          (r"CREATE (EXTERNAL )?CATALOG", create_catalog), (r"DROP CATALOG", drop_catalog)]
