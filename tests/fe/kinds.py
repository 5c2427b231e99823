"""StarRocks types: their names and how an FE announces them in column definitions."""

import collections
import re

Kind = collections.namedtuple("Kind", "name code length charset decimals")

BOOLEAN = Kind("boolean", 1, 1, 63, 0)
TINYINT = Kind("tinyint", 1, 4, 63, 0)
SMALLINT = Kind("smallint", 2, 6, 63, 0)
INT = Kind("int", 3, 11, 63, 0)
BIGINT = Kind("bigint", 8, 20, 63, 0)
LARGEINT = Kind("largeint", 254, 40, 33, 0)
FLOAT = Kind("float", 4, 12, 63, 31)
DOUBLE = Kind("double", 5, 22, 63, 31)
DATE = Kind("date", 10, 10, 63, 0)
DATETIME = Kind("datetime", 12, 19, 63, 0)
TIME = Kind("time", 11, 60, 63, 0)
JSON = Kind("json", 254, 60, 33, 0)
HLL = Kind("hll", 254, 49155, 33, 0)
BITMAP = Kind("bitmap", 254, 192, 33, 0)
UNKNOWN = Kind("varchar(1048576)", 253, 3145728, 33, 0)  # a parameter, or a variable without a value
NULL = Kind("null_type", 254, 60, 63, 0)
TEXT = Kind("varchar(64)", 253, 192, 33, 0)  # of no known length

LADDER = [TINYINT, SMALLINT, INT, BIGINT, LARGEINT]
_PLAIN = {k.name: k for k in LADDER + [BOOLEAN, FLOAT, DOUBLE, DATE, DATETIME, TIME, JSON, HLL, BITMAP]}
_SAME = {"bool": "boolean", "integer": "int", "string": "varchar(65533)", "text": "varchar(65533)",
         "jsonb": "json", "timestamp": "datetime", "date": "date", "bytes": "varbinary"}


def varchar(n):
    return Kind(f"varchar({n})", 253, 3 * n, 33, 0)


def char(n):
    return Kind(f"char({n})", 254, 3 * n, 33, 0)


def decimal(precision, scale):
    return Kind(f"decimal({precision},{scale})", 246, precision + (1 if scale else 0) + 3, 63, scale)


def named(text):
    """The type that a name such as `varchar(32)` or `array<int>` stands for."""
    text = re.sub(r"\s+", " ", text.strip().lower())
    text = _SAME.get(text, text)
    if text in _PLAIN:
        return _PLAIN[text]
    m = re.match(r"(\w+)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?", text)
    word, first, second = m.group(1), m.group(2), m.group(3)
    if text.startswith(("array<", "map<", "struct<")):
        return Kind(text, 254, 60, 33, 0)
    if word in ("decimal", "decimalv2", "decimal32", "decimal64", "decimal128", "numeric", "number"):
        return decimal(int(first or 10), int(second or 0))
    if word == "varchar":
        return varchar(int(first or 1))
    if word == "char":
        return char(int(first or 1))
    if word in ("varbinary", "binary"):
        return Kind("varbinary" + (f"({first})" if first else ""), 252, 192, 63, 0)
    return _PLAIN.get(word, _PLAIN.get(_SAME.get(word, ""), TEXT))


def sized(kind):
    """The type as SHOW CREATE TABLE writes it."""
    if kind in LADDER:
        return f"{kind.name}({kind.length})"
    return kind.name.replace(",", ", ") if kind.code == 246 else kind.name


def of_integer(value):
    for kind, bits in zip(LADDER, (7, 15, 31, 63)):
        low = -(1 << bits)
        if low < value < 1 << bits or (value == low and kind is not BIGINT):
            return kind
    return LARGEINT


def of_decimal(text):
    whole, _, part = text.lstrip("+-").partition(".")
    return decimal(max(len(whole.lstrip("0")) + len(part), 1), len(part))


def of_mariadb(code, length, decimals, charset, flags):
    """What a column of the server behind is announced as, when no table says it better."""
    plain = {1: TINYINT, 2: SMALLINT, 13: SMALLINT, 9: INT, 8: BIGINT, 4: FLOAT, 5: DOUBLE, 10: DATE, 14: DATE,
             12: DATETIME, 7: DATETIME, 11: TIME, 6: BOOLEAN, 16: BOOLEAN}
    if code == 3:
        return TINYINT if length <= 2 else INT
    if code in plain:
        return plain[code]
    if code in (0, 246):
        precision = length - (1 if decimals else 0) - (0 if flags & 32 else 1)
        return decimal(max(precision, 1), decimals)
    if charset == 63 and not length:
        return BOOLEAN  # NULL
    if charset == 63:
        return Kind("varbinary", 252, 192, 63, 0)
    if code in (249, 250, 251, 252):
        return varchar(65533)
    n = max(length // 4, 1)
    return char(n) if code == 254 else varchar(n)
