"""A raw client's prepared statements."""

import struct

import wire

PREPARE, EXECUTE, LONG_DATA, CLOSE, RESET, FETCH = 0x16, 0x17, 0x18, 0x19, 0x1A, 0x1C
TINY, SHORT, LONG, FLOAT, DOUBLE, LONGLONG, DATE, DATETIME, VAR_STRING, BLOB = 1, 2, 3, 4, 5, 8, 10, 12, 253, 252


class Statement:
    """A statement prepared by a raw client."""

    def __init__(self, client, sql):
        client.command(PREPARE, sql)
        first = client.unless_refused()
        assert first[0] == 0
        self.client = client
        self.id, self.columns, self.parameters = struct.unpack_from("<IHH", first, 1)
        for count in (self.parameters, self.columns):
            for _ in range(count):
                client.unless_refused()
            if count:
                assert client.unless_refused()[:1] == b"\xfe"

    def long_data(self, parameter, piece):
        self.client.command(LONG_DATA, struct.pack("<IH", self.id, parameter) + piece)

    def send(self, *values, types=True, flags=0):
        """values: (type, bytes), None for NULL, or (type, None) for what came as long data."""
        nulls = bytearray((len(values) + 7) // 8)
        named, data = b"", b""
        for i, value in enumerate(values):
            if value is None:
                nulls[i // 8] |= 1 << i % 8
                named += struct.pack("<H", 6)
            else:
                named += struct.pack("<H", value[0])
                data += value[1] or b""
        body = bytes(nulls) + (b"\1" + named if types else b"\0") + data if values else b""
        self.client.command(EXECUTE, struct.pack("<IBI", self.id, flags, 1) + body)

    def execute(self, *values, **options):
        """Rows as raw binary payloads, or the OK payload."""
        self.send(*values, **options)
        return self.client.reply()

    def close(self):
        self.client.command(CLOSE, struct.pack("<I", self.id))


def text(value):
    return VAR_STRING, wire.lenenc(value.encode())


def number(value):
    return LONGLONG, struct.pack("<q", value)


def cells(row, count=1):
    """Length-encoded cells of a binary row without NULLs."""
    at = 1 + (count + 9) // 8
    return wire.fields(row[at:])
