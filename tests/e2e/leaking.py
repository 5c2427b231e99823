"""Client A leaves state behind, by whichever door, and client B looks for it: what the leak suites share."""

import struct

import pytest

import wire
from preparing import Statement

DOORS = ["stays", "quits", "vanishes", "resets", "becomes another"]


def look(client, questions):
    """Everything that B is told, as bytes: rows, refusals, status flags, and that A's statement ids mean nothing."""
    seen = []
    for sql in questions:
        try:
            seen.append((client.query(sql), client.last))
        except wire.Refused as e:
            seen.append(e.args)
    client.command(0x17, struct.pack("<IBI", 1 << 11, 0, 1))
    with pytest.raises(wire.Refused) as e:
        client.reply()
    return seen + [e.value.args, client.ping()]


def act(client, steps):
    for step in steps:
        try:
            if isinstance(step, str):
                client.query(step)
            elif step[0] == "init_db":
                client.command(wire.INIT_DB, step[1])
                client.reply()
            else:
                Statement(client, step[1])
        except wire.Refused:
            pass  # a failing statement is part of some scripts; test_each_script_does_what_it_is_for has the others


def leave(client, door):
    if door == "quits":
        client.command(wire.QUIT)
        client.close()
    elif door == "vanishes":
        client.abort()
    elif door == "resets":
        client.command(wire.RESET_CONNECTION)
        client.reply()
    elif door == "becomes another":
        client.command(wire.CHANGE_USER, b"nobody\0\0\0")


def no_leak(g, steps, questions, doors=tuple(DOORS)):
    """B is answered the same before A comes, and after A has done its worst and is gone, or still there."""
    with g.login("bo", "sales") as bo:
        before = look(bo, questions)
        for door in doors:
            client = g.login("ana", "sales")
            act(client, steps)
            if door == "stays" and client.query("SHOW PINS"):
                client.close()
                continue  # then B waits, for as long as the cause lasts: test_pins.py
            leave(client, door)
            assert look(bo, questions) == before, door
            with g.login("bo", "sales") as fresh:
                assert look(fresh, questions) == before, door
            client.close()


def unseen(g, scripts, questions):
    """Scripts that do nothing that A itself would notice: no difference, no pin."""
    with g.login("ana", "sales") as client:
        before = look(client, questions)
    names = set()
    for name, steps in scripts.items():
        with g.login("ana", "sales") as client:
            act(client, steps)
            if not client.query("SHOW PINS") and look(client, questions) == before:
                names.add(name)
    return names


def no_leak_in_session_mode(g, steps, questions):
    """A has the only connection for as long as it stays; whoever gets it then looks as before."""
    with g.login("bo", "sales") as bo:
        before = look(bo, questions)
    for door in ("quits", "vanishes"):
        client = g.login("ana", "sales")
        act(client, steps)
        leave(client, door)
        with g.login("bo", "sales") as bo:
            assert look(bo, questions) == before, door
