"""Command bytes: what each is answered with, and the faults that strike before an answer."""

import os
import time
import traceback

from . import catalogue, errors, login, packets, prepared
from .packets import Fault, Gone

UNSUPPORTED = {0x00: "Sleep", 0x05: "Create DB", 0x06: "Drop Db", 0x07: "Refresh", 0x08: "Shutdown",
               0x09: "Statistics", 0x0A: "Processlist", 0x0B: "Connect", 0x0C: "Kill", 0x0D: "Debug", 0x0F: "Time",
               0x10: "DELETE_INSERT", 0x18: "COM_STMT_SEND_LONG_DATA", 0x1D: "COM_DAEMON"}
NAMES = {0x01: "Quit", 0x02: "Init DB", 0x03: "Query", 0x04: "Field List", 0x0E: "Ping", 0x11: "Change user",
         0x16: "Prepare", 0x17: "Execute", 0x19: "Close stmt", 0x1A: "Reset stmt", 0x1F: "Reset connection",
         **UNSUPPORTED}


def run(session, payload):
    """Answers one command; False ends the connection."""
    code = payload[0]
    name, body = NAMES.get(code, f"0x{code:02x}"), payload[1:]
    # an EXECUTE is recorded with the text that it runs, by prepared.py
    text = body.decode("utf-8", "replace").rstrip("\0") if code in (2, 3, 4, 0x16) else ""
    if code != 0x17:
        session.cluster.note(session, name, text)
    try:
        strike(session, prepared.text_of(session, body) if code == 0x17 else text)
        if code in COMMANDS:
            return COMMANDS[code](session, body) is not False
        if code in UNSUPPORTED:
            raise errors.plain(f"Unsupported command({UNSUPPORTED[code]})")
        raise errors.plain("Unknown command(null)", 1047, "08S01")
    except Fault as e:
        session.channel.send(packets.err(e))
        return True
    except Gone:
        raise
    except Exception as e:  # a bug of the emulator should be seen, not hang a test
        traceback.print_exc()
        session.channel.out.clear()
        session.channel.send(packets.err(errors.plain(f"the emulator failed: {type(e).__name__}: {e}")))
        return True


def strike(session, text):
    """The faults ordered for statements."""
    faults = session.cluster.faults
    number, fault = faults.take(("hang", "close", "garbage", "delay", "error"), session.frontend.number,
                                session.user.name, text)
    if not fault:
        return
    kind = fault["kind"]
    if kind in ("hang", "delay"):
        end = time.monotonic() + fault.get("ms", 100) / 1000
        faults.wait_for_healing(number, lambda: session.killed or session.server.stopping
                                or kind == "delay" and time.monotonic() >= end)
        session.check_killed()
    elif kind == "garbage":
        session.channel.raw(bytes.fromhex(fault["bytes"]) if "bytes" in fault else os.urandom(fault.get("size", 64)))
        raise Gone("garbage was ordered")
    elif kind == "close":
        raise Gone("close was ordered")
    else:
        raise Fault(fault.get("errno", 1064), fault.get("sqlstate", "HY000"), fault.get("message", "ordered"))


def ok(session, _body=b""):
    session.channel.send(packets.ok())


def leave(session, _body):
    ok(session)
    return False


def init_db(session, body):
    name = body.decode("utf-8", "replace")
    words = name.split(" ")
    if not name:
        session.database = ""
    elif len(words) == 2 and words[1] and "\0" not in name:
        if words[0].lower() == "catalog":
            session.use_catalog(words[1])
        elif words[0].lower() == "warehouse" and words[1] != "default_warehouse":
            raise errors.plain(f"Warehouse {words[1]} not exist.")
    else:
        session.use(name)
    ok(session)


def run_query(session, body):
    session.query(body.rstrip(b"\0").decode("utf-8", "replace"))


def field_list(session, body):
    if b"\0" not in body:
        raise Gone("a table name without its end")
    table = body[:body.index(0)].decode("utf-8", "replace")
    if not table:
        raise errors.plain("Empty tableName")
    if not session.database:
        raise errors.plain(f"Unknown database({session.database})")
    columns = catalogue.columns(session, session.database, table)
    if columns is None:
        raise errors.plain(f"Unknown table({table})")
    for c in columns:
        session.channel.put(packets.column(c.name, c.kind, session.database, table, c.default))
    session.channel.send(packets.eof())


def change_user(session, body):
    try:
        for _ in range(login.change_user(session, b"\x11" + body)):
            ok(session)
    except Fault as e:
        session.channel.send(packets.err(e))
        session.channel.send(packets.err(e))


def reset_connection(session, _body):
    session.reset()
    ok(session)


COMMANDS = {0x01: leave, 0x02: init_db, 0x03: run_query, 0x04: field_list, 0x0E: ok, 0x11: change_user,
            0x16: prepared.prepare, 0x17: prepared.execute, 0x19: prepared.close, 0x1A: ok, 0x1F: reset_connection}
