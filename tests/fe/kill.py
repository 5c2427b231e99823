"""KILL: by id on this FE only, or KILL QUERY '<query id>'."""

import re

from . import accounts, errors
from .packets import Fault, Gone
from .reply import Ok


def _target(statement):
    """(the text of the command, the token that says whom)."""
    at = 2 if statement.word(1) in ("QUERY", "CONNECTION") else 1
    return statement.word(1) == "QUERY", at


def check_syntax(statement):
    query, at = _target(statement)
    if at >= len(statement.tokens):
        raise errors.no_viable(statement, at)
    token = statement.tokens[at]
    if not (token.kind == "number" or token.kind == "string" and query):
        raise errors.no_viable(statement, at)
    if at + 1 < len(statement.tokens):
        raise errors.surplus(statement, at + 1)


def run(session, statement):
    query, at = _target(statement)
    token = statement.tokens[at]
    if token.kind == "string":
        victim = next((s for s in session.cluster.sessions() if s.busy and s is not session
                       and s.query_id == token.value), None)
        if not victim:
            raise errors.plain(f"Unknown query id: {token.value}")
        text = f"KILL QUERY '{token.value}'"
    else:
        if not re.fullmatch(r"\d+", token.text) or int(token.text) >= 1 << 63:
            raise errors.plain(f'For input string: "{token.text}"')
        victim = session.frontend.sessions.get(int(token.text))
        if not victim or not victim.user:
            raise Fault(1094, "HY000", f"Unknown thread id: {token.text}")
        text = f"KILL {'QUERY ' if query else ''}{token.text}"
    if victim.user.name != session.user.name and not session.may("OPERATE", "SYSTEM"):
        raise accounts.denied(session.effective, session.roles, "OPERATE", "SYSTEM", "")
    if victim is session:
        from . import packets
        session.channel.send(packets.ok())
        raise Gone("killed by itself")
    victim.kill(text, not query)
    return Ok()
