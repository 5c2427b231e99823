"""How the FE reads SQL text: tokens and statements.

Not MySQL's rules: `#`, a backslash and control bytes outside quotes are dropped, `--` needs no blank behind
it, `/*! */` is a plain comment, backquotes vanish from names, `"` always quotes a string.
"""

import collections
import re

Token = collections.namedtuple("Token", "kind text value start end")  # value: what it stands for

WORD = re.compile(r"[A-Za-z0-9_$\u0080-\uffff]+")
NUMBER = re.compile(r"(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?")
VARIABLE = re.compile(r"@@(?:[A-Za-z]+\s*\.\s*)?[A-Za-z0-9_$]+|@(?:[A-Za-z0-9_$.]+|'[^']*'|`[^`]*`|\"[^\"]*\")")
OPERATORS = ("<=>", "<=", ">=", "<>", "!=", "||", "&&", "->", "<<", ">>", ":=")
STOPS = {"'": re.compile(r"['\\\\]"), '"': re.compile(r'["\\\\]'), "`": re.compile("`")}
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "Z": "\x1a"}


class Unterminated(Exception):
    """A quote or a comment without its end; `at` is the offset where it was missed."""

    def __init__(self, at):
        super().__init__(at)
        self.at = at


def _quoted(text, at):
    quote, out, i = text[at], [], at + 1
    stops = STOPS[quote]
    while True:
        found = stops.search(text, i)
        if not found:
            raise Unterminated(len(text))
        out.append(text[i:found.start()])
        i, c = found.start(), found.group()
        if c == "\\" and quote != "`":
            following = text[i + 1:i + 2]
            out.append(ESCAPES.get(following, "\\" + following if following in "%_" else following))
            i += 2
        else:
            if text[i + 1:i + 2] != quote:
                return "".join(out), i + 1
            out.append("" if quote == "`" else quote)
            i += 2


def _skipped(text, at):
    """The end of a blank, a dropped character or a comment at `at`; None when there is none."""
    c = text[at]
    if c in " \t\r\n\u3000#\\" or c < " " or c == "\x7f":
        return at + 1
    if text.startswith("--", at):
        end = text.find("\n", at)
        return len(text) if end < 0 else end + 1
    if text.startswith("/*", at) and not text.startswith("/*+", at):
        end = text.find("*/", at + 2)
        if end < 0:
            raise Unterminated(len(text))
        return end + 2
    return None


def _token(text, at):
    c = text[at]
    if text.startswith("/*+", at):
        end = text.find("*/", at)
        if end < 0:
            raise Unterminated(len(text))
        return Token("hint", text[at:end + 2], text[at + 3:end], at, end + 2)
    if c in "'\"`":
        value, end = _quoted(text, at)
        return Token("quoted" if c == "`" else "string", text[at:end], value, at, end)
    if c in "xX" and text[at + 1:at + 2] in ("'", '"'):
        value, end = _quoted(text, at + 1)
        return Token("hex", text[at:end], value, at, end)
    if c == "@" and (m := VARIABLE.match(text, at)):
        return Token("system" if m.group().startswith("@@") else "user", m.group(), m.group(), at, m.end())
    number, word = NUMBER.match(text, at), WORD.match(text, at)
    if number and not (word and word.end() > number.end()):
        return Token("number", number.group(), number.group(), at, number.end())
    if word:
        return Token("word", word.group(), word.group(), at, word.end())
    for operator in OPERATORS:
        if text.startswith(operator, at):
            return Token("op", operator, operator, at, at + len(operator))
    return Token("param" if c == "?" else "op", c, c, at, at + 1)


def tokens(text):
    out, at = [], 0
    while at < len(text):
        end = _skipped(text, at)
        if end is None:
            out.append(_token(text, at))
            end = out[-1].end
        at = end
    return out


class Statement:
    """Some of a text's tokens, between semicolons.  Hints stand apart."""

    def __init__(self, text, all_tokens, first):
        self.whole, self.first = text, first
        self.hints = [t for t in all_tokens if t.kind == "hint"]
        self.tokens = [t for t in all_tokens if t.kind != "hint"]

    @property
    def text(self):
        return self.whole[self.tokens[0].start:self.tokens[-1].end] if self.tokens else ""

    def word(self, i, upper=True):
        """Token i as an upper-case word, '' when there is none or it is quoted."""
        if not 0 <= i < len(self.tokens) or self.tokens[i].kind != "word":
            return ""
        return self.tokens[i].text.upper() if upper else self.tokens[i].text

    def words(self, *names, at=0):
        """Do these words stand from token `at` on?"""
        return all(self.word(at + i) == n for i, n in enumerate(names))

    def value(self, i):
        return self.tokens[i].value if 0 <= i < len(self.tokens) else ""

    def params(self):
        return [t for t in self.tokens if t.kind == "param"]

    def place(self, offset):
        """`line L, column C` of an offset in the whole text."""
        before = self.whole[:offset]
        return f"line {before.count(chr(10)) + 1}, column {offset - before.rfind(chr(10)) - 1}"


def statements(text):
    """The statements of a text.  A part without tokens counts only when a semicolon ends it."""
    out, part = [], []
    for token in tokens(text):
        if token.kind == "op" and token.text == ";":
            out.append(Statement(text, part, not out))
            part = []
        else:
            part.append(token)
    if any(t.kind != "hint" for t in part) or not out:
        out.append(Statement(text, part, not out))
    return out
