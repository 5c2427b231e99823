"""Which tables a statement names, for privileges and for databases that are not there."""

from . import errors

BEFORE = {"FROM", "JOIN", "INTO", "UPDATE", "TABLE", "OVERWRITE"}
NO_NAME = {"SELECT", "VALUES", "SET", "WHERE", "ON", "USING", "UNNEST", "TABLE", "IF", "LATERAL", "DUAL"}


def name_at(tokens, i):
    """(parts, the token behind them) of a name with dots at token i."""
    parts = []
    while i < len(tokens) and tokens[i].kind in ("word", "quoted"):
        parts.append(tokens[i].value)
        if i + 1 < len(tokens) and tokens[i + 1].text == "." and tokens[i + 1].kind == "op":
            i += 2
            continue
        return parts, i + 1
    return parts, i


def _commas(tokens, i):
    """Where the names of a FROM list begin that follow a name ending at token i."""
    while i < len(tokens) and tokens[i].kind in ("word", "quoted", "string") and \
            tokens[i].text.upper() not in NO_NAME | BEFORE | {"GROUP", "ORDER", "LIMIT", "LEFT", "RIGHT", "INNER",
                                                              "CROSS", "UNION", "HAVING", "PARTITION"}:
        i += 1
    return i + 1 if i < len(tokens) and tokens[i].text == "," else None


def find(statement):
    """The names of tables, each as a list of parts; names of WITH are left out."""
    tokens, out, own = statement.tokens, [], set()
    for i, token in enumerate(tokens):
        word = token.text.upper() if token.kind == "word" else ""
        if statement.word(0) == "WITH" and i + 2 < len(tokens) and token.kind in ("word", "quoted") and \
                tokens[i + 1].text.upper() == "AS" and tokens[i + 2].text == "(":
            own.add(token.value)
        if word not in BEFORE or (i and tokens[i - 1].text == "."):
            continue
        at = i + 1
        while at is not None and at < len(tokens):
            if tokens[at].kind not in ("word", "quoted") or tokens[at].text.upper() in NO_NAME:
                break
            parts, behind = name_at(tokens, at)
            called = behind < len(tokens) and tokens[behind].text == "(" and word != "INTO"
            if parts and not called and not (len(parts) == 1 and parts[0] in own):
                out.append(parts)
            at = _commas(tokens, behind) if word == "FROM" else None
    return out


def folded(database):
    """The schemas of the system are found whatever the case of their letters."""
    return database.lower() if database.lower() in ("information_schema", "sys") else database


def resolved(session, parts, prefix=errors.ANALYSIS):
    """(database, table) of a name; refuses unknown catalogs and names without a database."""
    if len(parts) > 3:
        raise errors.plain(
            f"Getting syntax error. Detail message: Invalid table name format '{'.'.join(parts)}'.")
    if len(parts) == 3:
        if parts[0] not in session.cluster.catalogs:
            raise errors.unknown_catalog(parts[0], prefix)
        if parts[0] != "default_catalog":
            raise errors.unknown_database(parts[1], prefix)
        return folded(parts[1]), parts[2]
    if session.catalog != "default_catalog":
        raise errors.unknown_database(parts[0] if len(parts) == 2 else session.database, prefix)
    if len(parts) == 2:
        return folded(parts[0]), parts[1]
    if not session.database:
        raise errors.NO_DATABASE
    return session.database, parts[0]
