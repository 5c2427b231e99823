"""The MySQL protocol by hand, as a client that may misbehave: nothing here checks what it is told to send."""

import hashlib
import os
import socket
import struct

LONG_PASSWORD, FOUND_ROWS, LONG_FLAG, CONNECT_WITH_DB = 0x1, 0x2, 0x4, 0x8
COMPRESS, LOCAL_FILES, PROTOCOL_41, SSL = 0x20, 0x80, 0x200, 0x800
TRANSACTIONS, SECURE_CONNECTION, MULTI_STATEMENTS, MULTI_RESULTS = 0x2000, 0x8000, 0x10000, 0x20000
PLUGIN_AUTH, CONNECT_ATTRS, LENENC_AUTH, DEPRECATE_EOF = 0x80000, 0x100000, 0x200000, 0x1000000
QUERY_ATTRIBUTES = 0x8000000

USUAL = LONG_PASSWORD | LONG_FLAG | PROTOCOL_41 | TRANSACTIONS | SECURE_CONNECTION | PLUGIN_AUTH | LENENC_AUTH

QUIT, INIT_DB, QUERY, FIELD_LIST, STATISTICS, PING, CHANGE_USER, RESET_CONNECTION = 1, 2, 3, 4, 9, 14, 17, 31
MOST = 0xFFFFFF  # payload bytes of one packet


class Closed(Exception):
    """The other side closed the connection."""


class Refused(Exception):
    """An ERR packet."""

    def __init__(self, payload):
        self.errno = struct.unpack_from("<H", payload, 1)[0]
        self.sqlstate = payload[4:9].decode() if payload[3:4] == b"#" else ""
        self.message = payload[9 if self.sqlstate else 3:].decode(errors="replace")
        super().__init__(self.errno, self.sqlstate, self.message)


def scramble(password, salt):
    """The answer of mysql_native_password."""
    if not password:
        return b""
    inner = hashlib.sha1(password.encode()).digest()
    mask = hashlib.sha1(salt + hashlib.sha1(inner).digest()).digest()
    return bytes(a ^ b for a, b in zip(inner, mask))


def lenenc(data):
    """Bytes with their length before them."""
    n = len(data)
    if n < 251:
        return bytes([n]) + data
    if n < 1 << 16:
        return b"\xfc" + struct.pack("<H", n) + data
    if n < 1 << 24:
        return b"\xfd" + struct.pack("<I", n)[:3] + data
    return b"\xfe" + struct.pack("<Q", n) + data


def frame(payload, sequence=0):
    """Packets of one payload, split at 16 MiB."""
    out = []
    while True:
        part, payload = payload[:MOST], payload[MOST:]
        out.append(struct.pack("<I", len(part))[:3] + bytes([sequence & 0xFF]) + part)
        sequence += 1
        if len(part) < MOST:
            return b"".join(out)


class Greeting:
    def __init__(self, payload):
        self.protocol = payload[0]
        end = payload.index(0, 1)
        self.version = payload[1:end].decode()
        at = end + 1
        self.connection_id, first = struct.unpack_from("<I8s", payload, at)
        low, self.charset, self.status, high, self.salt_size = struct.unpack_from("<HBHHB", payload, at + 13)
        self.capabilities = low | high << 16
        rest = payload[at + 31:]
        self.salt = first + rest[:12]
        self.plugin = rest[13:].split(b"\0")[0].decode()


class Client:
    def __init__(self, host, port, timeout=20, receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout)
        self.socket.connect((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray()
        self.start = 0
        self.sequence = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def abort(self):
        """Closes with a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    # bytes

    def send(self, data):
        try:
            self.socket.sendall(data)
        except (ConnectionResetError, BrokenPipeError) as e:
            raise Closed(str(e))

    def take(self, size):
        while len(self.buffer) - self.start < size:
            if self.start > 1 << 20:
                del self.buffer[:self.start]
                self.start = 0
            try:
                data = self.socket.recv(1 << 18)
            except ConnectionResetError as e:
                raise Closed(str(e))
            if not data:
                raise Closed(f"{len(self.buffer) - self.start} of {size} bytes")
            self.buffer += data
        self.start += size
        return bytes(self.buffer[self.start - size:self.start])

    def is_closed(self):
        """Reads until the end; False when it does not come within the timeout."""
        try:
            while self.socket.recv(1 << 16):
                pass
            return True
        except ConnectionResetError:
            return True
        except socket.timeout:
            return False

    def secure(self, context, session=None, behind=b"", capabilities=USUAL):
        """Greeting, the wish for TLS, the handshake; `behind` goes out in clear in the same segment."""
        self.greet()
        self.write(struct.pack("<IIB23x", capabilities | SSL, 1 << 30, 45), behind=behind)
        self.socket = context.wrap_socket(self.socket, session=session, server_hostname="localhost")
        return self

    # packets

    def read(self):
        """One payload, its parts joined; the sequence must be the next."""
        payload = b""
        while True:
            header = self.take(4)
            size = int.from_bytes(header[:3], "little")
            assert header[3] == self.sequence & 0xFF, f"sequence {header[3]}, not {self.sequence & 0xFF}"
            self.sequence += 1
            part = self.take(size)
            payload = payload + part if payload else part
            if size < MOST:
                return payload

    def write(self, payload, sequence=None, behind=b""):
        if sequence is not None:
            self.sequence = sequence
        data = frame(payload, self.sequence)
        self.sequence += len(payload) // MOST + 1
        self.send(data + behind)

    # login

    def greet(self):
        self.greeting = Greeting(self.unless_refused())
        return self.greeting

    def response(self, user, answer, database=None, capabilities=USUAL, plugin="mysql_native_password",
                 charset=45, attributes=None, packet=1 << 30):
        """A HandshakeResponse41."""
        if database is not None:
            capabilities |= CONNECT_WITH_DB
        if attributes is not None:
            capabilities |= CONNECT_ATTRS
        out = struct.pack("<IIB23x", capabilities, packet, charset) + user.encode() + b"\0"
        if capabilities & LENENC_AUTH:
            out += lenenc(answer)
        else:
            out += bytes([len(answer)]) + answer
        if capabilities & CONNECT_WITH_DB:
            out += (database or "").encode() + b"\0"
        if capabilities & PLUGIN_AUTH:
            out += plugin.encode() + b"\0"
        if capabilities & CONNECT_ATTRS:
            pairs = b"".join(lenenc(k.encode()) + lenenc(v.encode()) for k, v in (attributes or {}).items())
            out += lenenc(pairs)
        return out

    def login(self, user, password="", database=None, **options):
        """Through greeting (or what secure() has left of it) and login, auth switch included; raises Refused or returns the OK payload."""
        if not hasattr(self, "greeting"):
            self.greet()
        plugin = options.get("plugin", "mysql_native_password")
        answer = scramble(password, self.greeting.salt)
        if plugin != "mysql_native_password":
            answer = os.urandom(32)
        self.write(self.response(user, answer, database, **options))
        reply = self.unless_refused()
        if reply[:1] == b"\xfe":
            self.switched_to, salt = reply[1:].split(b"\0", 1)
            self.write(scramble(password, salt[:20]))
            reply = self.unless_refused()
        assert reply[:1] == b"\0", reply
        return reply

    # commands

    def command(self, code, argument=b""):
        if isinstance(argument, str):
            argument = argument.encode()
        self.write(bytes([code]) + argument, 0)

    def unless_refused(self):
        payload = self.read()
        if payload[:1] == b"\xff":
            raise Refused(payload)
        return payload

    def reply(self):
        """One reply: the OK payload, or a list of row payloads; raises Refused."""
        first = self.unless_refused()
        if first[:1] in (b"\0", b"\xfb"):
            return first
        self.columns = [self.unless_refused() for _ in range(first[0])]
        assert self.unless_refused()[:1] == b"\xfe"
        rows = []
        while True:
            row = self.unless_refused()
            if row[:1] == b"\xfe" and len(row) < 9:
                self.last = row
                return rows
            rows.append(row)

    def query(self, sql):
        self.command(QUERY, sql)
        return self.reply()

    def refusal(self, sql):
        """The number of the error that a query is refused with, or None."""
        try:
            self.query(sql)
        except Refused as e:
            return e.errno
        return None

    def values(self, sql):
        """Rows as tuples of bytes or None."""
        return [fields(row) for row in self.query(sql)]

    def ping(self):
        self.command(PING)
        return self.reply()

    def alive(self):
        """Whether the connection serves a ping."""
        try:
            return self.ping()[:1] == b"\0"
        except (Closed, Refused, OSError):
            return False


def fields(row):
    out, at = [], 0
    while at < len(row):
        n, at = row[at], at + 1
        if n == 251:
            out.append(None)
            continue
        if n > 251:
            size = {252: 2, 253: 3, 254: 8}[n]
            n, at = int.from_bytes(row[at:at + size], "little"), at + size
        out.append(row[at:at + n])
        at += n
    return tuple(out)


def status(ok):
    """Status flags of an OK payload (of small counters)."""
    return struct.unpack_from("<H", ok, 3)[0]
