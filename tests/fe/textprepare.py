"""PREPARE name FROM …, EXECUTE name USING @a, DEALLOCATE PREPARE name; and EXECUTE AS."""

from . import errors, lexer, prepared, query, statements
from .reply import Ok


def run(session, statement):
    if statement.words("EXECUTE", "AS"):
        return impersonate(session, statement)
    handler = {"PREPARE": prepare, "EXECUTE": execute}.get(statement.word(0), deallocate)
    return handler(session, statement)


def prepare(session, statement):
    if statement.word(2) != "FROM" or len(statement.tokens) < 4:
        raise errors.no_viable(statement, 2)
    if statement.tokens[3].kind == "string":
        inner = session.parsed(statement.value(3))[0]
    else:
        inner = lexer.Statement(statement.whole, statement.tokens[3:], True)
    if not statements.is_query(inner):
        raise errors.analysis(errors.NOT_PREPARABLE.message, 1295)
    prepared.check_limit(inner)
    query.Query(session, inner).prepared_columns()
    session.named[statement.value(1)] = inner
    return Ok()


def execute(session, statement):
    name = statement.value(1)
    inner = session.named.get(name)
    if not inner:
        raise errors.plain(f"Could not execute, since `{name}` not exist")
    values = [session.user_value(t.text) for t in statement.tokens[2:] if t.kind == "user"]
    if len(values) != len(inner.params()):
        raise errors.analysis(f"Invalid arguments size {len(values)}, expected {len(inner.params())}")
    return query.Query(session, inner, values).run()


def deallocate(session, statement):
    name = statement.value(2)
    if session.named.pop(name, None) is None:
        raise errors.plain(f"PrepareStatement `{name}` not exist")
    return Ok()


def impersonate(session, statement):
    from .administration import user_at
    name, host, behind = user_at(statement, 2)
    if not statement.words("WITH", "NO", "REVERT", at=behind):
        raise errors.analysis("`EXECUTE AS` must use with `WITH NO REVERT` for now!")
    user = session.cluster.accounts.named(name, host)
    session.need("IMPERSONATE", "USER", name)
    session.effective, session.roles = user, list(user.default_roles)
    session.apply_properties(user) if "database" not in user.properties else None
    return Ok()
