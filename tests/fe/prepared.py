"""Prepared statements: only queries, ids that lag behind, binary rows, and a CLOSE that often does nothing."""

import struct

from . import errors, kinds, packets, query, statements
from .packets import Gone

REFUSED = "AnalysisException, msg: unknown mysql type code {}"
TEXTS = (15, 253, 254)


class Prepared:
    def __init__(self, statement, database):
        self.statement, self.database, self.types = statement, database, None


def prepare(session, body):
    text = body.decode("utf-8", "replace")
    for part in session.parsed(text):
        number = session.next_statement()
        if session.transaction:
            raise errors.IN_TRANSACTION
        if not statements.is_query(part) and not part.words("EXPLAIN"):
            raise errors.NOT_PREPARABLE
        check_limit(part)
        inner = statements.explained(part) if part.words("EXPLAIN") else part
        columns = query.Query(session, inner).prepared_columns()
        session.prepared[number] = Prepared(part, session.database)
        marks = part.params()
        session.channel.put(b"\0" + struct.pack("<IHHBH", number, len(columns), len(marks), 0, 0))
        for i in range(len(marks)):
            session.channel.put(packets.column(f"${i}", kinds.UNKNOWN))
        if marks:
            session.channel.put(packets.eof())
        for label, kind in columns:
            session.channel.put(packets.column(label, kind))
        if columns:
            session.channel.put(packets.eof())
    session.channel.flush()


def check_limit(part):
    for i, token in enumerate(part.tokens):
        if token.kind == "param" and part.word(i - 1) in ("LIMIT", "OFFSET"):
            raise errors.plain("Getting syntax error. Detail message:"
                               " using parameter(?) as limit or offset not supported.")


def text_of(session, body):
    """The text that an EXECUTE would run; empty when there is none."""
    known = session.prepared.get(struct.unpack_from("<I", body.ljust(4, b"\0"))[0])
    return known.statement.text if known else ""


def execute(session, body):
    number = struct.unpack_from("<I", body.ljust(4, b"\0"))[0]
    session.executed = True
    known = session.prepared.get(number)
    session.next_statement()
    if not known:
        session.cluster.note(session, "Execute", "")
        shown = number - (1 << 32 if number >> 31 else 0)
        raise errors.plain(f"msg: Not Found prepared statement, stmtName: {shown}")
    session.cluster.note(session, "Execute", known.statement.text)
    session.text = known.statement.text
    if session.transaction:
        raise errors.IN_TRANSACTION
    values = Parameters(known, body[9:]).values() if known.statement.params() else []
    here, session.database = session.database, known.database
    try:
        if known.statement.words("EXPLAIN"):
            result = statements.run(session, known.statement)
        else:
            result = query.Query(session, known.statement, values).run()
        session.write(result, binary=True)
    finally:
        session.database = here
    session.channel.flush()


class Parameters:
    """The values of an EXECUTE, as (kind, text) pairs."""

    def __init__(self, known, body):
        self.known, self.body, self.count = known, body, len(known.statement.params())
        self.at = (self.count + 7) // 8

    def values(self):
        if len(self.body) <= self.at:
            raise Gone("parameters are missing")
        new = self.body[self.at]
        self.at += 1
        try:
            if new:
                self.known.types = struct.unpack_from(f"<{self.count}H", self.body, self.at)
                self.at += 2 * self.count
            return [self.value(i) for i in range(self.count)]
        except (struct.error, IndexError):
            raise errors.plain("BufferUnderflowException, msg: null") from None

    def value(self, i):
        if self.body[i // 8] >> i % 8 & 1:
            return kinds.BOOLEAN, None
        if self.known.types is None:
            raise errors.plain("ValidateException, msg: Invalid floating literal: 0")
        code = self.known.types[i]
        numbers = {1: ("<b", kinds.TINYINT), 2: ("<H", kinds.SMALLINT), 3: ("<i", kinds.INT), 8: ("<q", kinds.BIGINT),
                   4: ("<f", kinds.FLOAT), 5: ("<d", kinds.DOUBLE)}
        if code in numbers:
            form, kind = numbers[code]
            value = struct.unpack_from(form, self.body, self.at)[0]
            self.at += struct.calcsize(form)
            return kind, repr(value)
        if code in (7, 10, 12):
            return self.moment(code)
        if code in TEXTS or code == 0:
            text = self.text()
            return (kinds.of_decimal(text), text) if code == 0 else (kinds.TEXT, text)
        raise errors.plain(REFUSED.format(code))

    def text(self):
        size, at = packets.take_number(self.body, self.at)
        self.at = at + (size or 0)
        return self.body[at:at + (size or 0)].decode("utf-8", "replace")

    def moment(self, code):
        size = self.body[self.at]
        data = self.body[self.at + 1:self.at + 1 + size]
        self.at += 1 + size
        if size == 11:
            raise errors.plain("Invalid date type: DECIMAL(6,0)")
        year, month, day, *clock = struct.unpack("<HBBBBB", data.ljust(7, b"\0"))
        date = f"{year:04}-{month:02}-{day:02}"
        if code == 10:
            return kinds.DATE, date
        return kinds.DATETIME, date + " {:02}:{:02}:{:02}".format(*clock)


def close(session, body):
    """Until an EXECUTE came the id is read in the wrong byte order."""
    number = struct.unpack_from("<I" if session.executed else ">I", body.ljust(4, b"\0"))[0]
    session.prepared.pop(number, None)
