"""Replies before they are packets: OK, rows, and how rows become text or binary packets."""

import struct

from . import kinds, packets


class Ok:
    def __init__(self, affected=0, info=""):
        self.affected, self.info = affected, info


class Rows:
    """columns: (label, Kind) pairs; rows: lists of text or None, or payloads of text rows."""

    def __init__(self, columns, rows):
        self.columns, self.rows = columns, rows


def shown(names, rows, width=30):
    """A result of SHOW: all columns VARCHAR(width), or `name:width`, or (name, Kind)."""
    columns = []
    for name in names.split(",") if isinstance(names, str) else names:
        if isinstance(name, str):
            label, _, own = name.partition(":")
            name = (label, kinds.BIGINT if own == "n" else kinds.varchar(int(own or width)))
        columns.append(name)
    return Rows(columns, rows)


def _temporal(text, short):
    date, _, clock = text.replace("T", " ").partition(" ")
    year, month, day = (int(x) for x in date.split("-"))
    out = struct.pack("<HBB", year, month, day)
    if not short:
        clock, _, micro = (clock or "00:00:00").partition(".")
        out += bytes(int(x) for x in clock.split(":"))
        if micro.strip("0"):
            out += struct.pack("<I", int(micro.ljust(6, "0")[:6]))
    return bytes([len(out)]) + out


def _clock(text):
    sign = text.startswith("-")
    clock, _, micro = text.lstrip("-").partition(".")
    hours, minutes, seconds = (int(x) for x in clock.split(":"))
    out = struct.pack("<BIBBB", sign, hours // 24, hours % 24, minutes, seconds)
    if micro.strip("0"):
        out += struct.pack("<I", int(micro.ljust(6, "0")[:6]))
    return bytes([len(out)]) + out


def _binary(kind, text):
    formats = {1: "<b", 2: "<h", 3: "<i", 8: "<q"}
    if kind.code in formats:
        size = {1: 1, 2: 2, 3: 4, 8: 8}[kind.code]
        value = int(float(text)) & ((1 << 8 * size) - 1)
        return value.to_bytes(size, "little")
    if kind.code in (4, 5):
        return struct.pack("<f" if kind.code == 4 else "<d", float(text))
    if kind.code in (10, 12):
        return _temporal(text, kind.code == 10)
    if kind.code == 11:
        return _clock(text)
    return packets.counted(text)


def values_of(row):
    """A row as texts (or bytes where they are no UTF-8)."""
    if not isinstance(row, bytes):
        return row
    out = []
    for value in packets.take_fields(row):
        out.append(None if value is None else value.decode("utf-8", "surrogateescape"))
    return out


def text_row(row):
    return row if isinstance(row, bytes) else packets.row(row)


def binary_row(columns, row):
    values = values_of(row)
    bitmap = bytearray((len(columns) + 9) // 8)
    body = b""
    for i, ((_, kind), value) in enumerate(zip(columns, values)):
        if value is None:
            bitmap[(i + 2) // 8] |= 1 << (i + 2) % 8
        else:
            body += _binary(kind, value)
    return b"\0" + bytes(bitmap) + body
