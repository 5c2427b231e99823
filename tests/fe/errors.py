"""Refusals in the FE's words: its own, and what MariaDB's refusals become."""

import re

from . import catalogue
from .packets import Fault

ANALYSIS = "Getting analyzing error. Detail message: "
STARTS = ("ADD ADMIN ALTER ANALYZE BACKUP BEGIN CACHE CALL CANCEL CLEAN CLEAR COMMIT CREATE DEALLOCATE DELETE DESC"
          " DESCRIBE DISABLE DROP ENABLE EXECUTE EXPLAIN EXPORT GRANT HELP INSERT INSTALL KILL LOAD LOCK PAUSE PREPARE"
          " RECOVER REFRESH RESTORE RESUME REVOKE ROLLBACK SELECT SET SHOW START STOP SUBMIT SUSPEND SYNC TRACE"
          " TRANSLATE TRUNCATE UNINSTALL UNLOCK UPDATE USE VALUES WITH").split()
# What the FE proposes for words that begin no statement; its measure is not known, these answers were seen.
PROPOSED = {
    "SELEC": "SELECT DELETE ENABLE EXECUTE DEALLOCATE", "SAVEPOINT": "EXPORT EXPLAIN ADMIN BEGIN GRANT",
    "RELEASE": "DELETE PREPARE REFRESH RESTORE TRANSLATE", "<EOF>": "EXPORT REVOKE RECOVER REFRESH RESTORE",
    "FLUSH": "REFRESH USE SHOW PAUSE UNINSTALL", "OPTIMIZE": "UPDATE DROP ALTER PAUSE TRACE",
    "XA": "ADD CALL LOAD ADMIN ALTER", "REPLACE": "TRACE CREATE EXPLAIN RECOVER ROLLBACK",
    "RENAME": "CREATE ENABLE RESUME PREPARE TRUNCATE", "CHECK": "DESC HELP LOCK CACHE CLEAN",
    "DO": "DROP DEALLOCATE DESC LOAD SHOW"}


def analysis(message, errno=1064, sqlstate="HY000"):
    return Fault(errno, sqlstate, f"{ANALYSIS}{message}.")


def plain(message, errno=1064, sqlstate="HY000"):
    return Fault(errno, sqlstate, message)


def unknown_database(name, prefix=""):
    return Fault(5501, "3F000", f"{prefix}Unknown database '{name}'" + ("." if prefix else ""))


def unknown_catalog(name, prefix=""):
    return Fault(5078, "42000", f"{prefix}Unknown catalog '{name}'" + ("." if prefix else ""))


def unknown_table(name):
    return analysis(f"Unknown table '{name}'", 5502, "42602")


def not_found(name):
    return analysis(f"Table {name} is not found")


NO_DATABASE = Fault(1046, "3D000", ANALYSIS + "No database selected.")
NOT_PREPARABLE = Fault(1295, "HY000", "This command is not supported in the prepared statement protocol yet")
IN_TRANSACTION = Fault(5305, "25P01", "Explicit transaction only support insert statement")


def syntax(statement, offset, detail):
    return plain(f"Getting syntax error at {statement.place(offset)}. Detail message: {detail}.")


def unexpected(statement, token, expected):
    """token None is the end of the text."""
    offset = token.start if token else len(statement.whole)
    return syntax(statement, offset, f"Unexpected input '{token.text if token else '<EOF>'}',"
                                     f" the most similar input is {{{expected}}}")


def surplus(statement, i):
    return unexpected(statement, statement.tokens[i], "<EOF>, ';'")


def no_viable(statement, i):
    """The statement cannot go on at token i, or at its end when there is no such token."""
    tokens = statement.tokens
    if i < len(tokens):
        offset, last = tokens[i].start, tokens[i]
    else:
        offset, last = len(statement.whole), tokens[-1]
    return syntax(statement, offset, f"No viable statement for input '{statement.whole[tokens[0].start:last.end]}'")


def no_statement(statement):
    """Its first word begins no statement."""
    token = statement.tokens[0] if statement.tokens else None
    word = token.text.upper() if token else "<EOF>"
    names = PROPOSED.get(word, "SELECT DELETE SET DESC SHOW").split()
    expected = ", ".join([f"'{n}'" for n in names] + ([] if statement.first else ["<EOF>"]) + ["'('", "';'"])
    return unexpected(statement, token, expected)


def _no_table(session, statement, found):
    database, table = found.group(1), found.group(2)
    head = statement.word(0)
    if not catalogue.exists(session, database):
        return unknown_database(database, ANALYSIS)
    if head in ("INSERT", "TRUNCATE", "ANALYZE") or statement.words("SHOW", "CREATE"):
        return not_found(table)
    if head in ("SELECT", "WITH", "("):
        return unknown_table(f"{database}.{table}")
    typed = f"{database}.{table}" if re.search(rf"{database}[`\s.]", statement.text) else table
    return unknown_table(typed)


def _signature(session, statement, found):
    name = found.group(1).split(".")[-1].lower().replace("no_such_function_", "")
    for i, token in enumerate(statement.tokens):
        if token.value.lower() == name and statement.value(i + 1) == "(":
            depth, end = 0, i + 1
            while end < len(statement.tokens):
                depth += {"(": 1, ")": -1}.get(statement.tokens[end].text, 0)
                if not depth:
                    break
                end += 1
            argument = "" if end == i + 2 else "tinyint(4)"
            close = statement.tokens[min(end, len(statement.tokens) - 1)].start
            return plain(f"Getting analyzing error from {statement.place(token.start)} to {statement.place(close)}."
                         f" Detail message: No matching function with signature: {name}({argument}).")
    return analysis(f"No matching function with signature: {name}()")


def _column(session, statement, found):
    name = found.group(1)
    if name.isdigit() and "group" in found.string.lower():
        return analysis(f"Group by position {name} is not in select list")
    if statement.word(0) == "INSERT":
        return analysis(f"Unknown column '{name}' in '{statement.value(2)}'")
    name = "`" + "`.`".join(name.split(".")) + "`" if "." in name else name
    return analysis(f"Column '{name}' cannot be resolved")


def _timeout(session, statement, found):
    seconds = session.values.get("query_timeout")
    return Fault(5024, "53400", f"Query reached its timeout of {seconds} seconds,"
                                " please increase the 'query_timeout' session variable and retry")


def _syntax(session, statement, found):
    near = found.group(1)
    at = statement.whole.rfind(near.strip()[:20].split("'")[0].strip() or "\0") if near.strip() else -1
    token = next((t for t in statement.tokens if at >= 0 and t.end > at), None)
    tokens = statement.tokens
    if token is None and tokens[-1].text.upper() == "FROM":
        return syntax(statement, len(statement.whole), f"No viable statement for input '{tokens[-1].text}'")
    if token is None and tokens[-1].text == ")" and re.search(r"(?i)from\s*\(\s*select", statement.text):
        return analysis("Every derived table must have its own alias", 1248, "42000")
    if token is None:
        return unexpected(statement, None, "a legal identifier")
    return unexpected(statement, token, "<EOF>, ';'")


# errno of MariaDB: a pattern on its message, and what makes the FE's refusal of it
FROM_MARIADB = {
    1146: (r"Table '(.*)\.(.*)' doesn't exist", _no_table),
    1051: (r"Unknown table '(.*)\.(.*)'", _no_table),
    4092: (r"Unknown VIEW: '(.*)\.(.*)'", _no_table),
    1049: (r"Unknown database '(.*)'", lambda s, st, m: unknown_database(m.group(1), ANALYSIS)),
    1008: (r"Can't drop database '(.*)'; ", lambda s, st, m: plain(m.string, 1008)),
    1007: (r"Can't create database", lambda s, st, m: plain(m.string, 1007)),
    1046: (r"", lambda s, st, m: NO_DATABASE),
    1050: (r"Table '(.*)' already exists",
           lambda s, st, m: analysis(f"Table '{m.group(1)}' already exists", 1050, "42S01")),
    1052: (r"Column '(.*)' in", lambda s, st, m: analysis(f"Column '{m.group(1)}' is ambiguous")),
    1054: (r"Unknown column '(.*)' in", _column),
    1066: (r"alias: '(.*)'", lambda s, st, m: analysis(f"Not unique table/alias: '{m.group(1)}'", 1066, "42000")),
    1248: (r"", lambda s, st, m: analysis("Every derived table must have its own alias", 1248, "42000")),
    1222: (r"", lambda s, st, m: analysis("Operands have unequal number of columns")),
    1305: (r"FUNCTION (\S+) does not exist", _signature),
    1064: (r"near '(.*)' at line", _syntax),
    1136: (r"", lambda s, st, m: analysis(
        "Inserted target column count doesn't match select/value column count", 5604, "42601")),
    1347: (r"'(.*)\.(.*)' is not of type", lambda s, st, m: analysis(
        f"'{m.group(1)}'.'{m.group(2)}' is not 'TABLE'", 1347, "HY000")),
    1965: (r"'(.*)\.(.*)' is a view", lambda s, st, m: analysis(
        f"'{m.group(1)}'.'{m.group(2)}' is not 'TABLE'", 1347, "HY000")),
    1969: (r"", _timeout),
}


def translated(session, statement, refused):
    """The FE's refusal for one of MariaDB's."""
    session.check_killed()
    pattern, make = FROM_MARIADB.get(refused.errno, (None, None))
    found = re.search(pattern, refused.message, re.DOTALL) if make else None
    return make(session, statement, found) if found else plain(refused.message)
