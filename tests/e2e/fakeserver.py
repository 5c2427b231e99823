"""A scripted server: logs clients in as a frontend does, then answers as its handler says.

    def handler(c, command, argument):      # c is a Connection, one thread each
        if argument == b"SELECT 1":
            c.result(["1"], [[b"1"]])
            return True                     # answered; anything else gets the usual answer

    server = FakeServer(handler, version="8.0.33", greet=None, login=None, tls=None)

`greet(c)` and `login(c, response)` replace the greeting and the answer to the login.  `tls` is a context of
module ssl, to be changed at any time; c.is_encrypted tells who has come over it.
"""

import os
import socket
import struct
import threading

import harness
import wire

FRONTEND = 0x0038820C  # what a StarRocks FE offers


class Connection:
    def __init__(self, server, sock):
        self.server, self.socket = server, sock
        self.sequence = 0
        self.account = None
        self.is_encrypted = False
        self.commands = []

    # bytes

    def send(self, data):
        self.socket.sendall(data)

    def take(self, size):
        data = b""
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def die(self, reset=False):
        """Closes now, politely or with a reset, and ends the thread."""
        if reset:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()
        raise EOFError

    # packets

    def read(self):
        payload = b""
        while True:
            header = self.take(4)
            size = int.from_bytes(header[:3], "little")
            self.sequence = header[3] + 1
            payload += self.take(size)
            if size < wire.MOST:
                return payload

    def packet(self, payload):
        """The bytes of the next packet, for a script that sends only a part of them."""
        data = wire.frame(payload, self.sequence)
        self.sequence += len(payload) // wire.MOST + 1
        return data

    def write(self, payload):
        self.send(self.packet(payload))

    # replies

    def ok(self, status=0, info=b""):
        self.write(b"\0\0\0" + struct.pack("<HH", status, 0) + info)

    def error(self, errno=1064, message="no", state="HY000"):
        self.write(b"\xff" + struct.pack("<H", errno) + b"#" + state.encode() + message.encode())

    def eof(self, status=0):
        self.write(b"\xfe" + struct.pack("<HH", 0, status))

    def columns(self, names):
        self.write(bytes([len(names)]))
        for name in names:
            text = [b"def", b"", b"", b"", name.encode(), name.encode()]
            self.write(b"".join(map(wire.lenenc, text)) + b"\x0c" + struct.pack("<HIBHBxx", 33, 60, 254, 0, 0))
        self.eof()

    def row(self, values):
        self.write(b"".join(b"\xfb" if v is None else wire.lenenc(v) for v in values))

    def result(self, names, values):
        self.columns(names)
        for row in values:
            self.row(row)
        self.eof()

    # the way of a connection

    def greet(self):
        capabilities = self.server.capabilities | (wire.SSL if self.server.tls else 0)
        self.salt = bytes(1 + b % 127 for b in os.urandom(20))
        self.write(
            b"\x0a" + self.server.version.encode() + b"\0" + struct.pack("<I", self.server.serial) + self.salt[:8]
            + b"\0" + struct.pack("<HBHHB10x", capabilities & 0xFFFF, 33, 0, capabilities >> 16, 21)
            + self.salt[8:] + b"\0" + self.server.plugin.encode() + b"\0"
        )

    def serve(self):
        (self.server.greet or Connection.greet)(self)
        response = self.read()
        if len(response) == 32 and self.server.tls:
            self.socket = self.server.tls.wrap_socket(self.socket, server_side=True)
            self.is_encrypted = True
            response = self.read()
        self.account = response[32:].split(b"\0")[0].decode()
        if self.server.login:
            self.server.login(self, response)
        else:
            self.ok()
        while True:
            payload = self.read()
            if not payload:
                return
            self.commands.append(payload)
            command, argument = payload[0], payload[1:]
            if command == wire.QUIT:
                return
            if self.server.handler and self.server.handler(self, command, argument):
                continue
            self.usual(command, argument)

    def usual(self, command, argument):
        text = argument.upper()
        if text == b"SELECT @@SESSION.SQL_MODE, @@GLOBAL.SQL_MODE":  # a probe's
            self.result(["a", "b"], [[b"", b"STRICT_TRANS_TABLES"]])
        elif command == wire.QUERY and text.startswith(b"SELECT"):
            self.result(["1"], [[b"1"]])
        elif command == wire.QUERY and text.startswith(b"SHOW"):
            self.error(1064, "the scripted server shows nothing")
        else:
            self.ok()


class FakeServer:
    def __init__(self, handler=None, version="8.0.33", capabilities=FRONTEND, plugin="mysql_native_password",
                 greet=None, login=None, tls=None):
        self.tls = tls
        self.handler, self.version, self.capabilities, self.plugin = handler, version, capabilities, plugin
        self.greet, self.login = greet, login
        self.serial = 0
        self.connections = []
        self.port = harness.free_port()  # which nobody takes when the server has stopped
        self.listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.serial += 1
            connection = Connection(self, sock)
            self.connections.append(connection)
            threading.Thread(target=self.one, args=[connection], daemon=True).start()

    def one(self, connection):
        try:
            connection.serve()
        except (EOFError, OSError):
            pass
        finally:
            connection.socket.close()

    def queries(self):
        """All texts of COM_QUERY so far."""
        return [p[1:] for c in self.connections for p in c.commands if p[0] == wire.QUERY]

    def stop(self):
        self.listener.close()
        for connection in self.connections:
            try:
                connection.socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
