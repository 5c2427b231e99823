"""The greeting and the login, with the FE's order of checks."""

import random
import string
import struct

from . import errors, packets
from .mariadb import proves, scramble
from .packets import Fault, Gone

CAPABILITIES = 0x0038820C
NATIVE = "mysql_native_password"
TOO_OLD = Fault(1251, "08004", "Client does not support authentication protocol requested by server;"
                               " consider upgrading MySQL client")


def greeting(session):
    capabilities = CAPABILITIES | (packets.SSL if session.server.tls else 0)
    session.salt = "".join(random.choices(string.ascii_letters, k=20)).encode()
    version = session.values.get("version").encode()
    return (b"\x0a" + version + b"\0" + struct.pack("<I", session.id) + session.salt[:8] + b"\0"
            + struct.pack("<HBHHB", capabilities & 0xFFFF, 33, 0, capabilities >> 16, 21) + bytes(10)
            + session.salt[8:] + b"\0" + NATIVE.encode() + b"\0")


class Response:
    """A HandshakeResponse41; raises IndexError or ValueError when it is cut short."""

    def __init__(self, payload):
        if len(payload) < 32:
            raise IndexError("short login")
        self.flags = struct.unpack_from("<I", payload)[0]
        if not self.flags & packets.PROTOCOL_41:
            raise TOO_OLD
        end = payload.index(0, 32)
        self.user, at = payload[32:end].decode("utf-8", "replace"), end + 1
        if self.flags & packets.LENENC_AUTH:
            self.answer, at = packets.take_counted(payload, at)
        elif self.flags & packets.SECURE:
            self.answer, at = payload[at + 1:at + 1 + payload[at]], at + 1 + payload[at]
        else:
            end = payload.index(0, at)
            self.answer, at = payload[at:end], end + 1
        self.database, self.plugin = "", NATIVE
        if self.flags & packets.CONNECT_WITH_DB and at < len(payload):
            end = payload.index(0, at)
            self.database, at = payload[at:end].decode("utf-8", "replace"), end + 1
        if self.flags & packets.PLUGIN_AUTH and at < len(payload):
            end = payload.find(b"\0", at)
            self.plugin = payload[at:end if end >= 0 else len(payload)].decode("utf-8", "replace")


def refused(user, answer):
    used = "YES" if answer else "NO"
    return Fault(1045, "28000", f"Access denied for user '{user}' (using password: {used})")


def is_password(user, answer, salt):
    return proves(answer, user.stored, salt) if user.stored else answer == scramble(user.password, salt)


def _read(session):
    session.channel.exact = bool(session.server.tls)
    payload = session.channel.read()
    session.channel.exact = False
    if len(payload) == 32 and struct.unpack_from("<I", payload)[0] & packets.SSL:
        if not session.server.tls:
            raise Gone("TLS is not configured")
        try:
            session.channel.sock = session.server.tls.wrap_socket(session.channel.sock, server_side=True)
        except OSError as e:
            raise Gone(f"TLS: {e}") from e
        session.channel.tls = session.server.tls_quirks
        payload = session.channel.read()
    try:
        return Response(payload)
    except (IndexError, ValueError) as e:
        raise Gone("broken login") from e


def login(session):
    """Greets and logs in; raises Fault for an ERR, Gone to close without a word."""
    channel, cluster = session.channel, session.cluster
    channel.sequence = 0
    channel.send(greeting(session))
    response = _read(session)
    name, address = response.user, session.address
    user = cluster.accounts.find(name, address)
    answer = response.answer
    if user and response.plugin.lower() != NATIVE:
        channel.send(b"\xfe" + NATIVE.encode() + b"\0" + session.salt + b"\0")
        answer = channel.read()
    _limits(session, name, user)
    _, fault = cluster.faults.take(("refuse_login",), session.frontend.number, name)
    if fault:
        raise Fault(fault.get("errno", 1045), fault.get("sqlstate", "28000"),
                    fault.get("message", refused(name, answer).message))
    if not user or not is_password(user, answer, session.salt):
        raise refused(name, answer)
    session.become(user)
    session.apply_properties(user)
    if response.database:
        enter(session, response.database)
    cluster.note(session, "Connect", response.database)
    channel.send(packets.ok())


def enter(session, database):
    """The database of a login: without privilege the FE says nothing and closes."""
    try:
        session.use(database)
    except Fault as e:
        if e.errno == 5203:
            raise Gone("no privilege on the database") from e
        raise


def _limits(session, name, user):
    cluster = session.cluster
    node = f"127.0.0.1:{session.frontend.port}"
    others = [s for s in session.frontend.sessions.values() if s.user and s is not session]
    _, fault = cluster.faults.take(("too_many",), session.frontend.number, name)
    if fault or len(others) >= cluster.max_connections:
        raise errors.plain(f"Reach cluster-wide connection limit, qe_max_connection={cluster.max_connections},"
                           f" connectionMap.size={len(others)}, node={node}")
    most = int(user.properties.get("max_user_connections", 1024)) if user else 1024
    same = sum(s.user.name == name for s in others)
    if same >= most:
        raise errors.plain(
            f"Reach user-level(qualifiedUser: {name}) connection limit, currentUserMaxConn={most},"
            f" connectionMap.size={len(others)}, connByUser.totConn={len(others)}, user.currConn={same}, node={node}")


def change_user(session, payload):
    """COM_CHANGE_USER: the number of OK packets, or a Fault (which is sent twice)."""
    try:
        end = payload.index(0, 1)
        name, at = payload[1:end].decode("utf-8", "replace"), end + 1
        answer, at = payload[at + 1:at + 1 + payload[at]], at + 1 + payload[at]
        end = payload.index(0, at)
        database = payload[at:end].decode("utf-8", "replace")
    except (IndexError, ValueError):
        raise TOO_OLD from None
    user = session.cluster.accounts.find(name, session.address)
    if not user or not is_password(user, answer, session.salt):
        return 2  # the old identity stays
    before = session.user, session.effective, session.roles
    session.become(user)
    try:
        if database:
            enter(session, database)
    except Fault:
        session.user, session.effective, session.roles = before
        raise
    session.values.reset()
    session.catalog = "default_catalog"
    return 1
