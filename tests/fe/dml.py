"""INSERT, UPDATE, DELETE."""

from . import catalogue, errors, hints, references, translate
from .mariadb import Refused
from .reply import Ok

SAME_TABLE = errors.plain("NOT allowed to read or write tables that have been subjected to DML operations before",
                          5303, "25P01")
OTHER_DATABASE = errors.plain("Cannot execute cross-database transactions. All DML target tables must belong to the"
                              " same db", 5304, "25P01")


def target(session, statement):
    """((database, table), the index of the token behind the name)."""
    at = 1
    while statement.word(at) in ("INTO", "FROM", "OVERWRITE", "TABLE"):
        at += 1
    parts, behind = references.name_at(statement.tokens, at)
    if not parts:
        raise errors.no_viable(statement, at)
    return references.resolved(session, parts), behind


def run(session, statement):
    hints.apply(session, statement)
    verb = statement.word(0)
    (database, table), behind = target(session, statement)
    if not session.may(verb, "TABLE", database, table):
        from .accounts import denied
        raise denied(session.effective, session.roles, verb, "TABLE", table)
    read = [references.resolved(session, p) for p in references.find(statement)]
    for other in read:
        if other != (database, table):
            session.need("SELECT", "TABLE", *other)
    check_shape(session, statement, database, table, behind)
    transaction = session.transaction
    if transaction:
        check_transaction(transaction, database, table)
    label, tokens = without_label(statement, behind)
    try:
        affected = perform(session, tokens, verb, (database, table))
    except Refused as e:
        raise errors.translated(session, statement, e) from e
    if transaction:
        transaction.written.add((database, table))
        transaction.database = database
        return Ok(affected, transaction.info("PREPARE"))
    if verb == "DELETE" and not any(c.key for c in catalogue.columns(session, database, table) or ()):
        return Ok(affected)
    label = label or f"{verb.lower()}_{session.cluster.new_id()}"
    number = session.cluster.next("txn")
    return Ok(affected, f"{{'label':'{label}', 'status':'VISIBLE', 'txnId':'{number}'}}")


def check_shape(session, statement, database, table, behind):
    verb, columns = statement.word(0), catalogue.columns(session, database, table)
    if columns is None:
        raise errors.not_found(table) if verb == "INSERT" else errors.unknown_table(table)
    if verb == "UPDATE":
        check_update(statement, table, columns)
    if verb == "DELETE" and not any(t.text.upper() == "WHERE" for t in statement.tokens):
        raise errors.analysis("Delete must specify where clause to prevent full table delete")
    at = behind + (2 if statement.words("WITH", "LABEL", at=behind) else 0)
    at += at > behind
    if verb == "INSERT" and statement.word(at) == "VALUES" and statement.value(at + 1) == "(":
        given = count_values(statement.tokens[at + 1:])
        if given != len(columns):
            raise errors.analysis(f"Inserted target column count: {len(columns)} doesn't match select/value column"
                                  f" count: {given}", 5604, "42601")


def check_update(statement, table, columns):
    if not any(c.primary for c in columns):
        raise errors.plain(f"table {table} does not support update")
    keys = {c.name for c in columns if c.key and c.primary}
    for i, token in enumerate(statement.tokens[:-1]):
        if token.text.upper() == "WHERE":
            break
        before = statement.value(i - 1).upper()
        if token.value in keys and statement.value(i + 1) == "=" and before in ("SET", ","):
            raise errors.analysis(f"primary key column cannot be updated: {token.value}")


def count_values(tokens):
    depth, commas = 0, 0
    for token in tokens:
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(token.text, 0) if token.kind == "op" else 0
        if not depth:
            return commas + 1
        commas += depth == 1 and token.text == "," and token.kind == "op"
    return commas + 1


def check_transaction(transaction, database, table):
    if transaction.database not in (None, database):
        raise OTHER_DATABASE
    if (database, table) in transaction.written:
        raise SAME_TABLE


def without_label(statement, behind):
    """(label, tokens) of an INSERT … WITH LABEL x."""
    tokens = statement.tokens
    if statement.words("WITH", "LABEL", at=behind):
        return statement.value(behind + 2), tokens[:behind] + tokens[behind + 3:]
    return None, tokens


def perform(session, tokens, verb, name):
    sql = translate.to_mariadb(session, tokens)
    if verb == "INSERT":
        if tokens[1].text.upper() == "OVERWRITE":
            session.behind().query("DELETE FROM `{}`.`{}`".format(*name))
            sql = sql.replace(tokens[1].text, "INTO", 1)
        sql = "REPLACE" + sql[len("INSERT"):]  # a row with a known primary key replaces the old one
    affected, definitions = session.behind().query(sql)
    if definitions is not None:
        for _ in session.behind().rows():
            pass
    return affected or 0
