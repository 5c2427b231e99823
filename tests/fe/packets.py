"""Packets of the MySQL protocol as an FE writes them: framing, OK, ERR, EOF, columns, rows.

The FE ignores the client's flags: EOF packets always, session tracking never, and the text of an OK
with its own length before it.
"""

import select
import struct

MOST = 0xFFFFFF
CONNECT_WITH_DB, PROTOCOL_41, SSL, SECURE = 0x8, 0x200, 0x800, 0x8000
PLUGIN_AUTH, CONNECT_ATTRS, LENENC_AUTH = 1 << 19, 1 << 20, 1 << 21
MORE_RESULTS = 8


class Gone(Exception):
    """The client is not there any more, or has broken the protocol: nothing more is sent."""


class Fault(Exception):
    """An error for the client: errno, SQLSTATE, message."""

    def __init__(self, errno, sqlstate, message):
        super().__init__(errno, sqlstate, message)
        self.errno, self.sqlstate, self.message = errno, sqlstate, message


def number(n):
    """A length-encoded integer."""
    if n < 251:
        return bytes([n])
    if n < 1 << 16:
        return b"\xfc" + n.to_bytes(2, "little")
    if n < 1 << 24:
        return b"\xfd" + n.to_bytes(3, "little")
    return b"\xfe" + n.to_bytes(8, "little")


def counted(data):
    """Text or bytes with the length before them; None is NULL."""
    if data is None:
        return b"\xfb"
    if isinstance(data, str):
        data = data.encode("utf-8", "surrogateescape")
    return number(len(data)) + data


def take_number(data, at):
    first = data[at]
    if first < 251:
        return first, at + 1
    if first == 251:
        return None, at + 1
    size = {252: 2, 253: 3, 254: 8}[first]
    if at + 1 + size > len(data):
        raise IndexError("short integer")
    return int.from_bytes(data[at + 1:at + 1 + size], "little"), at + 1 + size


def take_counted(data, at):
    size, at = take_number(data, at)
    if size is None:
        return None, at
    if at + size > len(data):
        raise IndexError("short string")
    return bytes(data[at:at + size]), at + size


def take_fields(row):
    """The values of a text row."""
    values, at = [], 0
    while at < len(row):
        value, at = take_counted(row, at)
        values.append(value)
    return values


def ok(affected=0, info="", status=0):
    return b"\0" + number(affected) + b"\0" + struct.pack("<HH", status, 0) + (counted(info) if info else b"")


def err(fault):
    text = fault.message or "Unknown error"
    return b"\xff" + struct.pack("<H", fault.errno) + b"#" + fault.sqlstate.encode() + text.encode("utf-8", "replace")


def eof(status=0):
    return b"\xfe" + struct.pack("<HH", 0, status)


def column(name, kind, schema="", table="", default=False):
    """A column definition; `default` (text or None) is appended for COM_FIELD_LIST only."""
    names = [counted(x) for x in ("def", schema, table, table, name, name)]
    fixed = struct.pack("<BHIBHBH", 12, kind.charset, kind.length, kind.code, 0, kind.decimals, 0)
    return b"".join(names) + fixed + (counted(default or "") if default is not False else b"")


def row(values):
    return b"".join(counted(v) for v in values)


class Channel:
    """One client's socket: packets in and out, with the FE's strict sequence numbers."""

    def __init__(self, sock):
        self.sock, self.buffer, self.out = sock, bytearray(), bytearray()
        self.sequence = 0
        self.tls = False
        self.exact = False  # read no byte more than asked for: TLS may begin behind it
        self.start = 0

    def _fill(self, size):
        while len(self.buffer) - self.start < size:
            if self.start:
                del self.buffer[:self.start]
                self.start = 0
            try:
                missing = size - (len(self.buffer) - self.start)
                data = self.sock.recv(missing if self.exact else 1 << 18)
            except OSError as e:
                raise Gone(str(e)) from e
            if not data:
                raise Gone("end of stream")
            self.buffer += data

    def _take(self, size):
        self._fill(size)
        self.start += size
        return bytes(self.buffer[self.start - size:self.start])

    def read(self, sequence=None):
        """One payload, its parts joined.  A sequence number out of order ends the connection."""
        if sequence is not None:
            self.sequence = sequence
        parts = []
        while True:
            header = self._take(4)
            size = int.from_bytes(header[:3], "little")
            if header[3] != self.sequence & 0xFF:
                raise Gone("bad packet sequence")
            self.sequence += 1
            parts.append(self._take(size))
            if size < MOST:
                return b"".join(parts)

    def left_behind(self):
        """What TLS has decrypted ahead waits for new bytes from the network: an FE's quirk."""
        if self.tls and len(self.buffer) > self.start:
            poll = select.poll()
            poll.register(self.sock, select.POLLIN | select.POLLHUP)
            poll.poll()

    def put(self, payload):
        """Queues a packet; flush() sends."""
        while True:
            part, payload = payload[:MOST], payload[MOST:]
            self.out += len(part).to_bytes(3, "little") + bytes([self.sequence & 0xFF]) + part
            self.sequence += 1
            if len(part) < MOST:
                break
        if len(self.out) > 1 << 18:
            self.flush()

    def flush(self):
        data, self.out = self.out, bytearray()
        if data:
            self.raw(data)

    def raw(self, data):
        try:
            self.sock.sendall(data)
        except OSError as e:
            raise Gone(str(e)) from e

    def send(self, payload):
        self.put(payload)
        self.flush()
