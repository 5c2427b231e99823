"""What an FE calls the columns of a SELECT, and which types it gives to expressions without a table."""

from . import kinds, translate

KEYWORDS = {"AND", "OR", "NOT", "NULL", "TRUE", "FALSE", "IS", "IN", "LIKE", "BETWEEN", "CASE", "WHEN", "THEN", "ELSE",
            "END", "AS", "DISTINCT", "INTERVAL", "DIV", "DAY", "HOUR", "MINUTE", "SECOND", "MONTH", "YEAR", "EXISTS",
            "SELECT", "FROM", "WHERE", "CAST", "DATE", "DATETIME", "MOD"}
BINARY = {"=", "<", ">", "<=", ">=", "<>", "!=", "<=>", "+", "*", "/", "%", "||", "&&", "<<", ">>", "|", "&", "^"}
COMPARISONS = {"=", "<", ">", "<=", ">=", "<>", "!=", "<=>", "AND", "OR", "NOT", "IS", "IN", "LIKE", "BETWEEN", "||",
               "&&", "EXISTS"}
CLOCK = {"CURRENT_TIMESTAMP", "CURRENT_DATE", "LOCALTIME", "LOCALTIMESTAMP"}
# functions of a known type; the others take MariaDB's
FUNCTIONS = {"sleep": kinds.BOOLEAN, "now": kinds.DATETIME, "current_timestamp": kinds.DATETIME,
             "curdate": kinds.DATE, "current_date": kinds.DATE, "unix_timestamp": kinds.BIGINT,
             "length": kinds.INT, "char_length": kinds.INT, "rand": kinds.DOUBLE, "count": kinds.BIGINT,
             "date_add": kinds.DATETIME, "date_sub": kinds.DATETIME, "avg": kinds.DOUBLE, "concat": kinds.TEXT,
             "row_number": kinds.BIGINT, "hll_union_agg": kinds.BIGINT, "bitmap_union_count": kinds.BIGINT}


class Item:
    """One expression of a select list: its tokens without the alias, its label, its type if that is clear."""

    def __init__(self, session, tokens, translation, params):
        self.session, self.translation, self.params = session, translation, params
        self.alias, self.tokens = split_alias(tokens)
        while len(self.tokens) > 2 and wrapped(self.tokens):
            self.tokens = self.tokens[1:-1]
        self.star = self.tokens and self.tokens[-1].text == "*" and len(self.tokens) in (1, 3, 5) and (
            len(self.tokens) == 1 or self.tokens[-2].text == ".")
        self.column = self.tokens[0].text.upper() not in CLOCK and dotted(self.tokens)
        self.label = self.alias if self.alias is not None else label(self.tokens)
        self.constant = self._constant()
        self.kind = self.constant[0] if self.constant else infer(self.session, self.tokens, self.params)

    def _constant(self):
        """(kind, text) when the value is known without the server behind."""
        tokens = self.tokens
        sign = tokens[0].text if len(tokens) == 2 and tokens[0].text in "+-" and tokens[1].kind == "number" else ""
        token = tokens[-1] if sign or len(tokens) == 1 else None
        if token is None:
            if len(tokens) == 3 and (i := self.translation.tokens.index(tokens[0])) >= 0 and self.translation.call(i):
                return self.translation.information(i)
            return None
        if token.kind == "system":
            return translate.system_value(self.session, token)
        if token.kind == "user":
            return self.session.user_value(token.text)
        if token.kind == "param" and self.params:
            return self.params[token.start]
        if token.kind == "string":
            return kinds.TEXT, token.value
        return literal(token, "" if sign == "+" else sign)


def dotted(tokens):
    """Is it a name, perhaps with dots?"""
    return all(t.kind in ("word", "quoted") if i % 2 == 0 else t.text == "." for i, t in enumerate(tokens))


def literal(token, sign=""):
    if token.kind == "number":
        text = sign + token.text
        if token.text.isdigit():
            return kinds.of_integer(int(text)), text
        return (kinds.of_decimal(text), text) if "e" not in text.lower() else None
    return {"NULL": (kinds.BOOLEAN, None), "TRUE": (kinds.BOOLEAN, "1"), "FALSE": (kinds.BOOLEAN, "0")}.get(
        token.text.upper() if token.kind == "word" else "")


def wrapped(tokens):
    if tokens[0].text != "(" or tokens[-1].text != ")" or tokens[1].text.upper() == "SELECT":
        return False
    depth = 0
    for i, token in enumerate(tokens):
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if not depth:
            return i == len(tokens) - 1
    return False


def split_alias(tokens):
    """(alias or None, the expression)."""
    if len(tokens) < 2:
        return None, tokens
    last, before = tokens[-1], tokens[-2]
    if before.kind == "word" and before.text.upper() == "AS" and len(tokens) > 2:
        return last.value, tokens[:-2]
    ends_operand = before.text == ")" or before.kind in ("number", "string", "quoted", "system", "user", "param") or (
        before.kind == "word" and before.text.upper() not in KEYWORDS - {"NULL", "TRUE", "FALSE", "END"})
    if ends_operand and last.kind in ("quoted", "string") or (
            ends_operand and last.kind == "word" and last.text.upper() not in KEYWORDS):
        return last.value, tokens[:-1]
    return None, tokens


def quoted(value):
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def word(tokens, i):
    text, upper = tokens[i].text, tokens[i].text.upper()
    following = tokens[i + 1].text if i + 1 < len(tokens) else ""
    if following == "(" and upper in translate.SPECIAL | {"CONNECTION_ID"}:
        return upper
    if upper in KEYWORDS:
        return upper
    if upper in CLOCK and following != "(":
        return text.lower() + "()"
    return text.lower() if following == "(" else text


def label(tokens):
    """The text of an expression as the FE prints it."""
    if dotted(tokens):
        if len(tokens) == 1 and tokens[0].kind == "word":
            return word(tokens, 0)
        return tokens[-1].value
    out = ""
    for i, token in enumerate(tokens):
        piece = quoted(token.value) if token.kind in ("string", "hex") else token.value
        piece = word(tokens, i) if token.kind == "word" else piece
        if token.kind == "system":
            scope, dot, name = token.text[2:].rpartition(".")
            piece = "@@" + scope.strip().upper() + dot + name.strip()
        if token.kind == "param" and operand(tokens, i):
            piece = "(?)"
        unary = token.text == "-" and (i == 0 or tokens[i - 1].text in BINARY | {"(", ","})
        out += glued(tokens, i, out, piece, unary)
    return out


def glued(tokens, i, out, piece, unary):
    """A token's text with the blanks that the FE puts around it."""
    token = tokens[i]
    if token.kind == "op" and token.text == ",":
        return ", "
    star = token.text == "*" and out.endswith("(")
    if token.kind == "op" and (token.text in BINARY and not star or token.text == "-" and not unary):
        return f"{'' if out.endswith(' ') else ' '}{token.text} "
    if token.kind == "op" and token.text == "(":
        return " (" if i and tokens[i - 1].text.upper() in ("IN", "EXISTS") else "("
    close = not out or out[-1] in " (.-" or token.text in (")", ".")
    return piece if close else " " + piece


def operand(tokens, i):
    """Does an operator stand beside token i?"""
    beside = [tokens[j].text.upper() for j in (i - 1, i + 1) if 0 <= j < len(tokens)]
    return any(b in BINARY | {"-", "IS"} for b in beside)


def top_level(tokens):
    depth = 0
    for token in tokens:
        if token.text == ")":
            depth -= 1
        if not depth:
            yield token
        if token.text == "(":
            depth += 1


def infer(session, tokens, params=None):
    """The type of an expression, or None when the server behind has to say."""
    if not tokens:
        return None
    first = tokens[0].text.upper() if tokens[0].kind == "word" else ""
    words = {t.text.upper() for t in top_level(tokens) if t.kind in ("word", "op")}
    if first == "CASE":
        return None
    if words & COMPARISONS:
        return kinds.BOOLEAN
    if first in CLOCK and len(tokens) == 1:
        return kinds.DATE if first == "CURRENT_DATE" else kinds.DATETIME
    if len(tokens) > 2 and tokens[1].text == "(" and wrapped(tokens[1:]):
        if first == "CAST":
            at = max(i for i, t in enumerate(tokens) if t.text.upper() == "AS")
            return cast(" ".join(t.text for t in tokens[at + 1:-1]))
        return FUNCTIONS.get(tokens[0].text.lower())
    operators = [t.text.upper() for t in top_level(tokens) if t.text in "+-*/%" and t.kind == "op"
                 or t.text.upper() == "DIV"]
    if operators and all(t.kind in ("number", "user", "system", "param") or t.text in "+-*/%" or t.text.upper() == "DIV"
                         for t in tokens):
        return arithmetic(session, tokens, set(operators), params)
    return None


def cast(name):
    kind = kinds.named(name)
    return kinds.TEXT if kind.code in (253, 254) and kind.name.startswith(("varchar", "char")) else kind


def arithmetic(session, tokens, operators, params):
    operands = []
    for token in tokens:
        if token.kind == "user":
            operands.append(session.user_value(token.text)[0])
        elif token.kind == "system":
            operands.append(translate.system_value(session, token)[0])
        elif token.kind == "param" and params:
            operands.append(params[token.start][0])
        elif token.kind == "number" and (known := literal(token)):
            operands.append(known[0])
    if "/" in operators:
        return kinds.DOUBLE
    if not operands or any(k not in kinds.LADDER[:4] for k in operands):
        return None
    widest = max(kinds.LADDER.index(k) for k in operands)
    return kinds.LADDER[widest if operators <= {"%", "DIV"} else min(widest + 1, 3)]
