"""The connection to the MariaDB behind: one for every client that needs it."""

import hashlib
import socket
import struct

from . import packets

FLAGS = 0x1 | 0x2 | 0x4 | packets.PROTOCOL_41 | 0x2000 | packets.SECURE | packets.PLUGIN_AUTH
SETUP = ("SET NAMES utf8mb4 COLLATE utf8mb4_bin, sql_mode = 'ONLY_FULL_GROUP_BY,NO_ENGINE_SUBSTITUTION',"
         " max_statement_time = 0")


class Refused(Exception):
    """An ERR of MariaDB."""

    def __init__(self, payload):
        self.errno = struct.unpack_from("<H", payload, 1)[0]
        self.message = payload[9 if payload[3:4] == b"#" else 3:].decode("utf-8", "replace")
        super().__init__(self.errno, self.message)


class Definition:
    """A column of a result."""

    def __init__(self, payload):
        at, names = 0, []
        for _ in range(6):
            value, at = packets.take_counted(payload, at)
            names.append(value.decode("utf-8", "replace"))
        _, self.schema, self.alias, self.table, self.name, self.column = names
        self.charset, self.length, self.code, self.flags, self.decimals = struct.unpack_from("<HIBHB", payload, at + 1)


def scramble(password, salt):
    """The answer of mysql_native_password."""
    if not password:
        return b""
    inner = hashlib.sha1(password.encode()).digest()
    mask = hashlib.sha1(salt + hashlib.sha1(inner).digest()).digest()
    return bytes(a ^ b for a, b in zip(inner, mask))


def proves(answer, stored, salt):
    """Whether an answer is that of the password whose hash is `stored`: bytes, SHA1 of SHA1."""
    mask = hashlib.sha1(salt + stored).digest()
    return hashlib.sha1(bytes(a ^ b for a, b in zip(answer, mask))).digest() == stored


class Connection:
    """address: a path (Unix socket) or (host, port)."""

    def __init__(self, address, user="root", password="", setup=SETUP):
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        sock = socket.socket(family)
        sock.connect(address if isinstance(address, str) else tuple(address))
        self.channel = packets.Channel(sock)
        self.database = ""
        self._login(user, password)
        if setup:
            self.run(setup)

    def _login(self, user, password):
        greeting = self.channel.read(0)
        if greeting[:1] == b"\xff":
            raise Refused(greeting)
        end = greeting.index(0, 1)
        self.id = struct.unpack_from("<I", greeting, end + 1)[0]
        salt = greeting[end + 5:end + 13] + greeting[end + 32:end + 44]
        self.channel.send(
            struct.pack("<IIB23x", FLAGS, 1 << 30, 45) + user.encode() + b"\0"
            + packets.counted(scramble(password, salt)) + b"mysql_native_password\0")
        reply = self.channel.read()
        if reply[:1] == b"\xfe":
            self.channel.send(scramble(password, reply[1:].split(b"\0", 1)[1][:20]))
            reply = self.channel.read()
        if reply[:1] != b"\0":
            raise Refused(reply)

    def close(self):
        self.channel.sock.close()

    def _command(self, code, text):
        self.channel.sequence = 0
        self.channel.send(bytes([code]) + text.encode("utf-8", "replace"))
        return self._reply()

    def _reply(self):
        payload = self.channel.read()
        if payload[:1] == b"\xff":
            raise Refused(payload)
        return payload

    def use(self, database):
        if database != self.database:
            self._command(2, database)
            self.database = database

    def query(self, sql):
        """(affected rows, None) for an OK, (None, columns) for a result: then rows() gives the rest."""
        payload = self._command(3, sql)
        if payload[:1] == b"\0":
            return packets.take_number(payload, 1)[0], None
        definitions = [Definition(self.channel.read()) for _ in range(packets.take_number(payload, 0)[0])]
        self.channel.read()
        return None, definitions

    def rows(self):
        """Row payloads until the end of the result."""
        while True:
            payload = self._reply()
            if payload[:1] == b"\xfe" and len(payload) < 9:
                return
            yield payload

    def run(self, sql):
        """All rows of one statement, as lists of text."""
        _, definitions = self.query(sql)
        if definitions is None:
            return []
        return [[None if v is None else v.decode("utf-8", "replace") for v in packets.take_fields(r)]
                for r in self.rows()]

    def prepare(self, sql):
        """The columns that a statement would have."""
        payload = self._command(0x16, sql)
        statement, columns, parameters = struct.unpack_from("<IHH", payload, 1)
        if parameters:
            for _ in range(parameters + 1):
                self.channel.read()
        definitions = [Definition(self.channel.read()) for _ in range(columns)]
        if columns:
            self.channel.read()
        self.channel.sequence = 0
        self.channel.send(b"\x19" + struct.pack("<I", statement))
        return definitions
