"""From the FE's SQL to MariaDB's: token by token, with what MariaDB lacks in tables."""

from . import errors, variables

SPECIAL = {"DATABASE", "SCHEMA", "CATALOG", "CURRENT_USER", "USER", "SESSION_USER", "CURRENT_ROLE", "CURRENT_GROUP",
           "SESSION_ID"}  # two of these in one SELECT all show the last one's value
INFORMATION = SPECIAL | {"CONNECTION_ID", "VERSION", "CURRENT_VERSION", "LAST_QUERY_ID"}
CASTS = {"TINYINT": "SIGNED", "SMALLINT": "SIGNED", "INT": "SIGNED", "BIGINT": "SIGNED", "BOOLEAN": "SIGNED",
         "LARGEINT": "DECIMAL(39,0)", "STRING": "CHAR", "VARCHAR": "CHAR", "JSON": "CHAR", "VARBINARY": "BINARY"}
RESERVED_THERE = {"SQL"}  # MariaDB reserves them, the FE does not
UNKNOWN_FUNCTIONS = {"FOUND_ROWS", "LAST_INSERT_ID", "ROW_COUNT"}  # MariaDB has them, the FE does not


def literal(kind, text):
    """A value as MariaDB reads it."""
    if text is None:
        return "NULL"
    if kind.code in (1, 2, 3, 8, 4, 5, 246) or kind.name == "largeint":
        return text
    return quoted(text)


def quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\0", "\\0") + "'"


def system_value(session, token):
    """(kind, text) of an @@variable."""
    scope, _, name = token.text[2:].replace(" ", "").rpartition(".")
    variable = variables.find(name)
    if not variable:
        raise errors.analysis(variables.unknown(name), 1193)
    return variable.kind, variable.selected(session.values.text(variable, scope.upper()))


class Translation:
    """The MariaDB text of some tokens; `params` are (kind, text) pairs for the question marks."""

    def __init__(self, session, tokens, params=None):
        self.session, self.tokens = session, tokens
        self.params = None if params is None else iter(params)
        self.casts, self.depth = [], 0
        calls = [i for i in range(len(tokens)) if self.call(i) in SPECIAL]
        self.shown_by_all = self.call(calls[-1]) if len(calls) > 1 else None

    def call(self, i):
        """The upper-case name of the information function called at token i, or None."""
        following = [t.text for t in self.tokens[i + 1:i + 3]]
        word = self.tokens[i].text.upper()
        return word if self.tokens[i].kind == "word" and word in INFORMATION and following == ["(", ")"] else None

    def information(self, i):
        name = self.call(i)
        return self.session.information(self.shown_by_all if name in SPECIAL and self.shown_by_all else name)

    def text(self):
        out, i, last_end, apart = [], 0, None, False
        while i < len(self.tokens):
            token = self.tokens[i]
            piece, used = self.piece(i)
            apart = apart or last_end not in (None, token.start)
            if piece:
                out.append(" " + piece if apart else piece)
                apart = False
            last_end = self.tokens[i + used - 1].end
            i += used
        return "".join(out)

    def piece(self, i):
        """The MariaDB text for token i, and how many tokens it stands for."""
        token = self.tokens[i]
        if token.kind == "string":
            following = self.tokens[i + 1] if i + 1 < len(self.tokens) else None
            return quoted(token.value) + (" AS" if following and following.kind == "string" else ""), 1
        if token.kind == "quoted":
            return self.information_table(i) or (f"`{token.value}`", 1)
        if token.kind == "hex":
            return f"x'{token.value}'", 1
        if token.kind == "system":
            return literal(*system_value(self.session, token)), 1
        if token.kind == "user":
            return literal(*self.session.user_value(token.text)), 1
        if token.kind == "param" and self.params is not None:
            return literal(*next(self.params)), 1
        if token.kind == "word":
            return self.word(i)
        self.depth += {"(": 1, ")": -1}.get(token.text, 0)
        return token.text, 1

    def word(self, i):
        token = self.tokens[i]
        word = token.text.upper()
        following = self.tokens[i + 1].text if i + 1 < len(self.tokens) else ""
        found = self.information_table(i)
        if found:
            return found
        if self.call(i):
            return literal(*self.information(i)), 3
        if following == "." and token.text == "default_catalog":
            return "", 2
        if following == "(" and word == "CAST":
            self.casts.append(self.depth + 1)
        if following == "(" and word in UNKNOWN_FUNCTIONS:
            return "no_such_function_" + token.text, 1
        if self.casts and self.depth == self.casts[-1] and word == "AS":
            self.casts.pop()
            return "AS", 1
        if i and self.tokens[i - 1].text.upper() == "AS" and word in CASTS and following in ("(", ")"):
            return CASTS[word], 1
        if word == "COLLATE" and self.tokens[i + 1:]:
            return "", 2  # the FE reads it and goes on
        return (f"`{token.text}`" if token.text[0].isdigit() or word in RESERVED_THERE else token.text), 1

    def information_table(self, i):
        """A table of information_schema at token i: its text and its tokens, or None."""
        from . import information
        if not i or self.tokens[i - 1].text.upper() not in ("FROM", "JOIN", ","):
            return None
        parts = [t.value for t in self.tokens[i:i + 5]]
        if parts[:2] == ["default_catalog", "."]:
            i, parts, skipped = i + 2, parts[2:], 2
        else:
            skipped = 0
        here = self.session.database == "information_schema" and parts[1:2] != ["."]
        if not here and not (parts[0].lower() == "information_schema" and parts[1:2] == ["."] and len(parts) > 2):
            return None
        used = 1 if here else 3
        text = information.derived(self.session, self.tokens, i, used, parts[used - 1])
        if not text and not here and self.tokens[i - 1].text != ",":
            raise errors.unknown_table(f"information_schema.{parts[2]}")
        return (text, used + skipped) if text else None


def to_mariadb(session, tokens, params=None):
    return Translation(session, tokens, params).text()
