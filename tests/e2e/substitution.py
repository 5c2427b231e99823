"""A corpus statement said in project codes, and the answer of `starbind explain` mapped back.

Every database name that the corpus' oracle found becomes a code of its own, every foreign catalog becomes
default_catalog; the physical database of a code is the name it stands for.  So what would be sent must be
the statement as it was, but for quotes around names, the database in front of bare ones, and labels."""

import re

CODED = {"table", "view", "mv", "function", "task", "pipe", "routine_load", "stream_load", "load_label"}
SYSTEM = {"information_schema", "sys", "_statistics_", "mysql"}
TOKEN = re.compile(
    rb"`(?:[^`]|``)*`|\$\{[^}]*\}|'[^']*'|\"[^\"]*\"|/\*.*?\*/|--[^\r\n]*|\s+|[.()]|[^\s`.()/'\"-]+", re.S
)
HERE = "here"  # the project that statements without a name of their own run in
HERE_DATABASE = "here_db"
LABEL = re.compile(rb" AS `[^`]*`")
SIDE = re.compile(rb" FROM `%s`" % HERE_DATABASE.encode())  # SHOW … of the selected database
CODE = re.compile(rb"\bp\d+q\b")
SELECTED = re.compile(rb"(?:database|schema|(?:current_|session_)?user|catalog|current_(?:role|group)|last_query_id)"
                      rb"\s*\(\s*\)|current_(?:user|role|group)\b", re.I)


class Skipped(Exception):
    """A statement that cannot be said in codes."""


class Codes:
    """Database names and the codes that stand for them."""

    def __init__(self):
        self.of = {}

    def code(self, name):
        if name.lower() in SYSTEM or not name or len(name.encode()) > 200 or re.search(r"[`\x00-\x1f\x7f]", name):
            raise Skipped("a name that can be no project")
        return self.of.setdefault(name, f"p{len(self.of)}q")


def is_name(token):
    return not re.match(rb"[.()\s]|/\*|--", token)


def value(token):
    """What a name denotes: all backquotes go."""
    return token.replace(b"`", b"").decode()


def qualifier(reference):
    """The index of the part that names a database, or None; and whether a catalog stands before it."""
    kind, _, _, _, parts, *extra = reference
    res = extra[0].get("res") if extra else None
    if kind == "database":
        return len(parts) - 1, len(parts) > 1
    if kind == "column":
        return (0, False) if res in ("db", "db?") else (1, True) if res in ("catalog", "catalog?") else (None, False)
    if kind in CODED and 2 <= len(parts) <= 3:
        return len(parts) - 2, len(parts) == 3
    return None, False


def said(text, reference, codes):
    """The bytes of one reference with a code in place of its database."""
    at, has_catalog = qualifier(reference)
    tokens = TOKEN.findall(text)
    if b"".join(tokens) != text:
        raise Skipped("a reference that is no dotted name")
    names = [i for i, token in enumerate(tokens) if is_name(token)]
    if at >= len(names):
        raise Skipped("a reference that is no dotted name")
    name, macro = value(tokens[names[at]]), re.fullmatch(rb"\$\{(.*)\}", tokens[names[at]])
    tokens[names[at]] = b"${%s}" % codes.code(macro[1].decode()).encode() if macro else codes.code(name).encode()
    if has_catalog:
        tokens[names[at - 1]] = b"default_catalog"
    return b"".join(tokens)


def substitute(case, sql, codes):
    """The statement in codes, and the code that its session has selected or None."""
    pieces, at, selected = [], 0, None
    try:
        sql.decode()
    except UnicodeDecodeError:
        raise Skipped("no UTF-8") from None
    for reference in sorted((r for s in case["expect"]["st"] for r in s["r"]), key=lambda r: (r[2], r[3])):
        start, end = reference[2], reference[3]
        if qualifier(reference)[0] is None or start < at:
            continue
        new = said(sql[start:end], reference, codes)
        if reference[0] == "column" and reference[5]["res"].endswith("?"):
            selected = codes.code(reference[4][qualifier(reference)[0]])
        pieces += [sql[at:start], new]
        at = end
    return b"".join(pieces) + sql[at:], selected


class Differs(Exception):
    pass


def common(a, b):
    """How many bytes two texts begin with in common."""
    return next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))


def added(sent, at, same):
    """A label, or the database that SHOW was to ask of, within the bytes that are the same, or behind them."""
    for place in range(at + same, at - 1, -1):
        found = LABEL.match(sent, place) or SIDE.match(sent, place)
        if found:
            return place - at, found.end()
    return None


def take(sent, at, piece):
    """Steps over bytes that were to stay, and over what the gateway adds between them."""
    while not sent.startswith(piece, at):
        same = common(piece, sent[at : at + len(piece)])
        call = SELECTED.match(piece, same)
        told = re.match(rb"'(?:[^']|'')*'|NULL", sent[at + same :])  # DATABASE() tells the selection, USER() the user
        more = added(sent, at, same)
        if call and told:
            piece, at = piece[call.end() :], at + same + told.end()
        elif more:
            piece, at = piece[more[0] :], more[1]
        else:
            raise Differs(f"{piece[same:][:40]!r} became {sent[at + same:][:40]!r}")
    return at + len(piece)


def take_string(sent, at, typed, database):
    """A table's name inside a string: the database comes before it."""
    return take(sent, at, typed[:1] + database + b"." + typed[1:])


def take_reference(sent, at, typed, reference):
    """Steps over one reference: the same separators, the database's real name, all else as typed."""
    database = reference["database"].encode()
    if reference["kind"] == "table_in_string":
        return take_string(sent, at, typed, database)
    tokens = TOKEN.findall(typed)
    names = [i for i, token in enumerate(tokens) if is_name(token)]
    if len(names) < 2 and reference["kind"] != "database":
        if sent.startswith(b"`%s`." % database, at):  # else the grammar takes no qualifier here
            at = take(sent, at, b"`%s`." % database)
        return take_same(sent, at, typed)
    replaced = 1 if len(names) > 1 and value(tokens[names[0]]).lower() == "default_catalog" else 0
    for i, token in enumerate(tokens):
        at = take(sent, at, b"`%s`" % database) if i == names[replaced] else take_same(sent, at, token)
    return at


def take_same(sent, at, token):
    """The token as it was, or the name in quotes."""
    quoted = b"`%s`" % value(token).encode()
    return at + len(quoted) if sent.startswith(quoted, at) else take(sent, at, token)


def compare(asked, answer):
    """Raises Differs where what would be sent is not what was asked but for its references."""
    sent, at, done = answer["sql"].encode(), 0, 0
    for r in answer["references"]:
        if r["start"] < done:
            raise Differs("references overlap")
        at = take(sent, at, asked[done : r["start"]])
        at = take_reference(sent, at, asked[r["start"] : r["end"]], r)
        done = r["end"]
    at = take(sent, at, asked[done:])
    if CODE.search(LABEL.sub(b"", sent)):
        raise Differs("a code is sent")
    while at != len(sent):
        more = added(sent, at, 0)
        if not more:
            raise Differs(f"{sent[at:][:40]!r} was added")
        at = more[1]
