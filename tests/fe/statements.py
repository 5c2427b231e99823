"""Which statement goes where, and what may not run in a transaction."""

from . import (administration, dml, errors, explain, kill, lexer, query, references, schema, setting, show, textprepare,
               transactions)
from .reply import Ok

IN_TRANSACTION = {"INSERT", "UPDATE", "DELETE", "BEGIN", "COMMIT", "ROLLBACK"}
NEEDS_MORE = {"USE", "SET", "KILL", "EXPLAIN", "SHOW", "INSERT", "UPDATE", "CREATE", "DROP", "EXECUTE", "PREPARE"}
QUERIES = ("SELECT", "WITH", "VALUES")


def is_query(statement):
    return statement.word(0) in QUERIES or statement.value(0) == "(" and bool(statement.tokens)


def check_syntax(session, statement, alone):
    """What the FE's parser refuses before anything runs."""
    tokens = statement.tokens
    if not tokens:
        if statement.first and ";" not in statement.whole:
            raise errors.no_statement(statement)
        return
    word = statement.word(0)
    if statement.words("DROP", "PREPARE"):
        return
    if not is_query(statement) and word not in errors.STARTS:
        raise errors.no_statement(statement)
    if word in NEEDS_MORE and len(tokens) == 1:
        raise errors.no_viable(statement, 1)
    check = CHECKS.get(word)
    if check:
        check(statement)
    if is_query(statement) and not alone and not statement.params():
        query.check_syntax(session, statement)


def run_query(session, statement):
    return query.Query(session, statement).run()


def use(session, statement):
    if statement.tokens[1].kind == "string":
        catalog = statement.value(1).split()
        if len(catalog) != 2 or catalog[0].lower() != "catalog":
            raise errors.no_viable(statement, 1)
        session.use_catalog(catalog[1])
    else:
        parts, _ = references.name_at(statement.tokens, 1)
        if len(parts) == 1:
            if "." in parts[0]:
                raise errors.unknown_database(parts[0])
            session.use(parts[0])
        else:
            session.use(".".join(parts))
    return Ok()


def nothing(session, statement):
    return Ok()


def call(session, statement):
    raise errors.plain("This connector doesn't support getting procedure")


def load(statement):
    if statement.word(1) == "DATA":
        raise errors.no_viable(statement, 1)


def explained(statement):
    """The statement behind EXPLAIN."""
    at = 1 + (statement.word(1) in explain.LEVELS)
    inner = lexer.Statement(statement.whole, statement.tokens[at:], True)
    inner.hints = statement.hints
    return inner


def describe(session, statement):
    if statement.word(1) in QUERIES + ("INSERT", "UPDATE", "DELETE") + explain.LEVELS:
        return explain.run(session, explained(statement), statement.word(1))
    return show.describe(session, statement)


def explain_only(session, statement):
    return explain.run(session, explained(statement), statement.word(1))


def explain_check(statement):
    inner = explained(statement)
    if not is_query(inner) and inner.word(0) not in ("INSERT", "UPDATE", "DELETE", "CREATE"):
        raise errors.no_viable(statement, len(statement.tokens) - len(inner.tokens))


HANDLERS = {
    "SELECT": run_query, "WITH": run_query, "VALUES": run_query, "(": run_query,
    "USE": use, "SET": setting.run, "SHOW": show.run, "DESC": describe, "DESCRIBE": describe,
    "EXPLAIN": explain_only, "KILL": kill.run,
    "BEGIN": transactions.begin, "START": transactions.begin, "COMMIT": transactions.end,
    "ROLLBACK": transactions.end,
    "INSERT": dml.run, "UPDATE": dml.run, "DELETE": dml.run,
    "CREATE": schema.run, "DROP": schema.run, "ALTER": schema.run, "TRUNCATE": schema.run,
    "GRANT": administration.grant, "REVOKE": administration.grant, "ADMIN": administration.admin,
    "EXECUTE": textprepare.run, "PREPARE": textprepare.run, "DEALLOCATE": textprepare.run,
    "LOCK": nothing, "UNLOCK": nothing, "ANALYZE": schema.analyze, "REFRESH": nothing, "CALL": call, "HELP": show.help,
}
CHECKS = {"SET": setting.check_syntax, "KILL": kill.check_syntax, "START": transactions.check_syntax,
          "ROLLBACK": transactions.check_syntax, "COMMIT": transactions.check_syntax, "LOAD": load,
          "BEGIN": transactions.check_syntax, "SHOW": show.check_syntax, "EXPLAIN": explain_check}


def run(session, statement):
    if not statement.tokens:
        return Ok()
    word = statement.word(0) or statement.value(0)
    starts = word == "START" and statement.word(1) == "TRANSACTION"
    if session.transaction and word not in IN_TRANSACTION and not starts:
        raise errors.IN_TRANSACTION
    handler = HANDLERS.get("DEALLOCATE" if statement.words("DROP", "PREPARE") else word)
    if not handler:
        raise errors.plain(f"the emulator does not know {word}")
    return handler(session, statement)
