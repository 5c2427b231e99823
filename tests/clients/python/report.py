"""How a client of the matrix tells what it saw: one line a row, `step TAB cell TAB cell …`; NULL is \\N.

Backslash, tab and newline are escaped in cells.  A step that fails is one line `!step TAB message`."""

import datetime
import json
import os
import sys

HOST, PORT, USER = os.environ["SB_HOST"], int(os.environ["SB_PORT"]), os.environ["SB_USER"]
PASSWORD, DATABASE = os.environ["SB_PASSWORD"], os.environ["SB_DATABASE"]
TEXT = "it's \"q\" \\ % ? 订单 😀"


def cell(value):
    if value is None:
        return "\\N"
    if isinstance(value, (bytes, bytearray, memoryview)):
        value = bytes(value).hex()
    elif isinstance(value, datetime.datetime):
        value = value.isoformat(" ")
    elif isinstance(value, (dict, list)):
        value = json.dumps(value)
    return str(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


def say(step, *rows):
    for row in rows or [()]:
        row = row if isinstance(row, (tuple, list)) or hasattr(row, "_fields") else (row,)
        print("\t".join([step, *map(cell, row)]), flush=True)


def steps(**functions):
    """Runs each; what it gives is a row or a list of rows.  One that fails does not stop the others."""
    failed = False
    for step, function in functions.items():
        try:
            got = function()
            say(step, *(got if isinstance(got, list) else [got]))
        except Exception as e:  # whatever the driver raises is the finding
            failed = True
            print("\t".join(["!" + step, cell(f"{type(e).__name__}: {e}")]), flush=True)
    sys.exit(failed)
