"""SELECT: answered here when only constants, variables and information functions are asked for; else by MariaDB."""

from . import catalogue, errors, hints, kinds, labels, packets, translate
from .mariadb import Refused
from .reply import Ok, Rows, values_of

ENDS = {"FROM", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "UNION", "INTERSECT", "EXCEPT", "MINUS", "INTO"}


class Query:
    """One SELECT of a session, with the values of its parameters."""

    def __init__(self, session, statement, values=None):
        self.session, self.statement = session, statement
        marks = statement.params()
        self.values = values
        self.params = {t.start: v for t, v in zip(marks, values or [])}
        self.items, self.rest = [], []
        self._split()

    def _split(self):
        tokens = self.statement.tokens
        start = main_select(tokens)
        if start is None:
            return
        while tokens[start].text.upper() in ("DISTINCT", "ALL"):
            start += 1
        translation = translate.Translation(self.session, tokens)
        depth, part, i = 0, [], start
        for i in range(start, len(tokens) + 1):
            token = tokens[i] if i < len(tokens) else None
            ended = token is None or not depth and (
                token.kind == "word" and token.text.upper() in ENDS or token.text == ")")
            if ended or not depth and token.text == "," and token.kind == "op":
                if not part:
                    raise errors.unexpected(self.statement, token, "a legal identifier")
                self.items.append(labels.Item(self.session, part, translation, self.params))
                part = []
                if ended:
                    break
                continue
            depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(token.text, 0)
            part.append(token)
        self.rest = tokens[i:]
        self._refuse()

    def _refuse(self):
        """What MariaDB takes and the FE's grammar does not."""
        statement, tokens = self.statement, self.statement.tokens
        if self.rest and self.rest[0].text.upper() == "INTO" and len(self.rest) > 1 and self.rest[1].kind == "user":
            at = self.rest[1].start
            raise errors.syntax(statement, at, "Unexpected input '@', the most similar input is {'OUTFILE'}")
        if len(tokens) > 2 and statement.words("FOR", "UPDATE", at=len(tokens) - 2):
            raise errors.syntax(statement, tokens[-1].start, "No viable statement for input 'FOR UPDATE'")
        for i in range(1, len(tokens) - 1):
            if statement.words("CHARACTER", "SET", at=i) and statement.word(i - 1) in ("CHAR", "VARCHAR", "STRING"):
                raise errors.unexpected(statement, tokens[i], "')'")
        if statement.word(1) == "SQL_CALC_FOUND_ROWS" and self.rest:
            raise errors.unexpected(statement, self.rest[0], "a legal identifier")

    def is_constant(self):
        from_dual = [t.text.upper() for t in self.rest] == ["FROM", "DUAL"]
        return bool(self.items) and all(i.constant for i in self.items) and (not self.rest or from_dual) \
            and self.statement.word(0) == "SELECT"

    def run(self):
        if self.statement.params() and self.values is None:
            return Ok()  # as the FE does: taken for a prepared statement without a name
        hints.apply(self.session, self.statement)
        self.session.check_tables(self.statement, "SELECT")
        if self.is_constant():
            return Rows([(i.label, i.kind) for i in self.items], [[i.constant[1] for i in self.items]])
        return self._behind()

    def _behind(self):
        session = self.session
        sql = translate.to_mariadb(session, self.statement.tokens, self.values)
        seconds = hints.value(self.statement, "query_timeout") or session.values.get("query_timeout")
        prefix = f"SET STATEMENT max_statement_time={seconds} FOR " if seconds != "300" else ""
        limit = session.values.get("sql_select_limit")
        if limit != "9223372036854775807":
            prefix = (prefix[:-5] + ", " if prefix else "SET STATEMENT ") + f"sql_select_limit={limit} FOR "
        connection = session.behind()
        try:
            affected, definitions = connection.query(prefix + sql)
            if definitions is None:
                return Ok(affected)
            columns = self.columns(definitions)
            return Rows(columns, self._rows(connection, definitions, columns))
        except Refused as e:
            raise errors.translated(session, self.statement, e) from e

    def _rows(self, connection, definitions, columns):
        repair = [i for i, (d, (_, k)) in enumerate(zip(definitions, columns)) if k.code in (4, 5, 12) and not d.table]
        try:
            for row in connection.rows():
                if repair:
                    row = values_of(row)
                    for i in repair:
                        row[i] = moment(row[i]) if columns[i][1].code == 12 else floating(row[i])
                yield row
        except Refused as e:
            raise errors.translated(self.session, self.statement, e) from e

    def columns(self, definitions):
        items = self.items
        stars = [i for i, item in enumerate(items) if item.star]
        if len(stars) > 1 or not items:
            items = [None] * len(definitions)
        elif stars:
            spare = len(definitions) - len(items) + 1
            items = items[:stars[0]] + [None] * spare + items[stars[0] + 1:]
        if len(items) != len(definitions):
            items = [None] * len(definitions)
        return [self._column(item, d) for item, d in zip(items, definitions)]

    def _column(self, item, definition):
        label = definition.name if item is None else item.label
        if item is not None and item.tokens[0].text.upper() == "SUM" and definition.code == 246:
            return label, kinds.decimal(38, definition.decimals) if definition.decimals else kinds.BIGINT
        if item is not None and item.kind and (not item.column or not definition.table) and not self._is_open(item):
            return label, item.kind
        kind = catalogue.kind_of(self.session, definition)
        return label, kind

    def _is_open(self, item):
        """A NULL of a UNION's first part, which has the type of what comes behind it."""
        return item.constant and item.constant[1] is None and item.tokens[0].kind != "param" and any(t.text.upper() in ("UNION", "INTERSECT", "EXCEPT", "MINUS") for t in self.rest if t.kind == "word")

    def prepared_columns(self):
        """The columns that PREPARE announces: parameters are still without a type."""
        if self.is_constant():
            return [(i.label, kinds.NULL if i.constant[1] is None and i.tokens[0].kind != "user" else i.kind)
                    for i in self.items]
        marks = self.statement.params()
        sql = translate.to_mariadb(self.session, self.statement.tokens)
        try:
            definitions = self.session.behind().prepare(sql)
        except Refused as e:
            raise errors.translated(self.session, self.statement, e) from e
        columns = self.columns(definitions)
        if marks:
            columns = [(n, kinds.UNKNOWN if (k.name == "varbinary" or not d.length) and not d.table else k)
                       for (n, k), d in zip(columns, definitions)]
        if len(self.items) == len(columns):
            for i, item in enumerate(self.items):
                if len(item.tokens) == 1 and item.tokens[0].kind == "param":
                    columns[i] = (item.label, kinds.UNKNOWN)
                elif item.constant and item.constant[1] is None and not self._is_open(item):
                    columns[i] = (item.label, kinds.NULL)
        return columns


def moment(text):
    return text + " 00:00:00" if text and len(text) == 10 else text


def floating(text):
    if text is None:
        return None
    value = repr(float(text)).replace("e+", "e")
    return value if "." in value or "e" not in value else value.replace("e", ".0e")


def main_select(tokens):
    """Where the select list of the first main SELECT starts."""
    depth = 0
    opening = 0
    while opening < len(tokens) and tokens[opening].text == "(":
        opening += 1
    for i in range(opening, len(tokens)):
        if not depth and tokens[i].kind == "word" and tokens[i].text.upper() == "SELECT":
            return i + 1
        depth += {"(": 1, ")": -1}.get(tokens[i].text, 0)
    return None


def check_syntax(session, statement):
    """In a text of several statements all are parsed before the first runs."""
    try:
        session.behind().prepare(translate.to_mariadb(session, statement.tokens))
    except Refused as e:
        if e.errno == 1064:
            raise errors.translated(session, statement, e) from e
    except packets.Fault:
        pass


def evaluate(session, statement):
    """(kind, text) of a single expression; the statement's tokens are the expression."""
    item = labels.Item(session, statement.tokens, translate.Translation(session, statement.tokens), {})
    if item.constant:
        return item.constant
    sql = "SELECT " + translate.to_mariadb(session, statement.tokens)
    try:
        connection = session.behind()
        _, definitions = connection.query(sql)
        rows = [values_of(r) for r in connection.rows()]
    except Refused as e:
        raise errors.translated(session, statement, e) from e
    kind = item.kind or catalogue.kind_of(session, definitions[0])
    return kind, rows[0][0] if rows else None
