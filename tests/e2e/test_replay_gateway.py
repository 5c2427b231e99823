"""The conversations recorded on a real FE, held with the gateway in front of the FE emulator.

tests/fe/gateway-differences.tsv lists every place where the gateway answers otherwise, each with the kind
of its reason; a kind says what may differ, so that nothing else hides behind a listed place.  A surplus
packet, a silence and a socket that closes where the frontend kept it open are failures that no list excuses.
"""

import importlib.util
import json
import os
import pathlib
import select
import socket
import sys

import pytest

import harness

sys.path.insert(0, str(harness.ROOT / "tests"))

from fe import sample  # noqa: E402
from fe.emulator import Emulator  # noqa: E402

SHARED = pathlib.Path(os.environ.get("STARBIND_SHARED", harness.ROOT.parent / "shared"))
LIVE = SHARED / "facts/fe-live"
LISTED = harness.ROOT / "tests/fe/gateway-differences.tsv"
PATIENCE = 6.0  # a reply that takes longer is a hang
CLOSING = 0.3  # how long a socket that the FE closed is watched
IN_TRANS, AUTOCOMMIT = 1, 2
QUIT = b"\1\0\0\0\1"
LOGIN, FINAL = "login", "ping"  # places of a conversation beside its steps


# ---- the gateway

def source(database, **keys):
    return {"cluster": "main", "database": database, "username": "root", "password": "env:REPLAY_ROOT",
            "allowed_resource_groups": ["rg_sales", "rg_sales_dev", "rg_dim", "default_wg", "default_mv_wg"], **keys}


def user(password, **keys):
    return {"auth": {"mysql_native_password": harness.native_hash(password) if password else ""}, **keys}


def configuration(port):
    """The recordings' users and databases: root owns all, sales_prod writes sales and reads dim, nopw reads sales."""
    return {
        "settings": {"workers": 2},
        "listeners": [{"protocol": "mysql", "address": f"127.0.0.1:{harness.free_port()}", "environment": "prod",
                       "tls": "off"}],
        "clusters": {"main": {"jdbc_url": f"jdbc:mysql://127.0.0.1:{port}/"}},
        "compute_sources": {d: source(d) for d in ("sales", "sales_dev", "dim")},
        "projects": {
            "sales": {"prod": "sales", "dev": "sales_dev",
                      "members": {"root": "owner", "sales_prod": "prod_owner", "sales_dev": "dev_owner", "nopw": "prod_viewer"}},
            "dim": {"prod": "dim", "members": {"root": "owner", "sales_prod": "viewer", "dim_ro": "viewer"}},
        },
        "roles": {
            "prod_owner": {"prod": ["read", "write", "ddl", "load", "share"]},
            "prod_viewer": {"prod": ["read"]},
            "dev_owner": {"dev": ["read", "write", "ddl", "load", "share"]},
        },
        "users": {
            "root": user("", admin=True), "sales_prod": user("Prod#1"), "sales_dev": user("Dev#1"), "nopw": user(""),
            "nopriv": user("NoPriv#1"), "dim_ro": user("Dim#1", **{"from": ["127.0.0.1/32"]}),
            "loc": user("x", **{"from": ["10.1.2.3/32"]}),
        },
    }


# ---- holding a conversation

def load_replay():
    if not (LIVE / "replay.py").exists():
        pytest.skip(f"no recorded conversations: {LIVE} is not there (STARBIND_SHARED names the folder)")
    spec = importlib.util.spec_from_file_location("replay", LIVE / "replay.py")
    replay = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(replay)
    return replay


def wire_of(replay, late):
    """replay's socket, which says QUIT at the end and then listens for what nobody asked for."""
    class Wire(replay.Wire):
        leaves = False

        def write(self, data):
            self.leaves = data == QUIT
            super().write(data)

        def close(self):
            if self.leaves and not self.dead:
                try:
                    late.append(f"surplus: {self.packet(PATIENCE)} behind the last reply")
                except replay.Closed:
                    pass
                except replay.Late:
                    late.append("hang: the socket stays open after COM_QUIT")
            super().close()
    return Wire


def runner_of(replay):
    """replay's runner, which would wait long for packets that are missing, and looks for those that are too many."""
    class Runner(replay.Run):
        def strays(self, w, out, expect):
            if not (expect and expect[1]):
                return False
            try:
                sequence, b = w.packet(CLOSING)
                out.append(replay.pack(sequence, b, {"kind": "surplus"}))
            except replay.Closed:
                return True
            except replay.Late:
                pass
            return False

        def reply(self, w, payload, step, rec):
            command = payload[0] if payload else None
            was_dead = w.dead
            if command in BY_HAND:
                result = by_hand(replay, w, command, step)
            else:
                result = super().reply(w, payload, step, rec)
            return {**result, "surplus": surplus(w), "dead": was_dead}

        def connect(self, name, login, rec):
            result = super().connect(name, login, {**rec, "closed": False} if rec else rec)
            w = self.conns[name]
            result["surplus"] = surplus(w)
            if rec and rec.get("closed") and not result.get("closed"):
                result["closed"] = self.strays(w, result["receive"], (0, True))
            packets = result["receive"]
            w.dead = w.dead or bool(result.get("closed")) or bool(packets and packets[-1]["kind"] == "ERR")
            return result
    return Runner


def surplus(w):
    """Whether something came that nobody asked for."""
    if w.buf:
        return True
    return bool(not w.dead and select.select([w.s], [], [], 0)[0] and w.s.recv(1, socket.MSG_PEEK))


def by_hand(replay, w, command, step):
    out = []
    result = {"receive": out}
    try:
        BY_HAND[command](replay, w, step, out)
        if out and out[-1]["kind"] == "ERR" and command == CHANGE_USER:
            w.packet(CLOSING)
    except replay.Closed:
        result["closed"] = True
    except replay.Late:
        result["timeout"] = not out
    return result


def packet(replay, w, out):
    sequence, b = w.packet()
    decoded = {"kind": "text"}
    if b[0] in (0, 0xFF):
        decoded = replay.d_err(b) if b[0] else replay.d_ok(b)
    elif b[0] == 0xFE:
        decoded = {"kind": "auth_switch"}
    out.append(replay.pack(sequence, b, decoded))
    return sequence, b


def statistics(replay, w, step, out):
    packet(replay, w, out)


def change_user(replay, w, step, out):
    """The gateway's exchange is a login with a salt of its own; the FE asks nothing back."""
    sequence, b = packet(replay, w, out)
    if b[:1] != b"\xfe":
        return
    salt = b[1:].partition(b"\0")[2].rstrip(b"\0")
    password = [part["native"] for part in step.get("build", ()) if isinstance(part, dict) and "native" in part]
    w.write(w.frame(replay.scramble(password[0] if password else "", salt), sequence + 1))
    packet(replay, w, out)


def long_data(replay, w, step, out):
    """It has no answer.  An FE's ERR would be taken for that of the next command."""


STATISTICS, CHANGE_USER, LONG_DATA = 0x09, 0x11, 0x18
BY_HAND = {STATISTICS: statistics, CHANGE_USER: change_user, LONG_DATA: long_data}


# ---- comparing

def places(talk, got):
    """(place, what was recorded, what came), but not what was asked on a socket that had closed before."""
    login, steps, _ = got
    if talk.get("login"):
        yield LOGIN, talk["login"], login
    for i, (step, r) in enumerate(zip(talk["steps"], steps), 1):
        if not r.get("dead"):
            yield str(i), step, r


def breaches(talk, got):
    """Surplus packets, silences, closed sockets: what no list excuses."""
    for place, step, r in places(talk, got):
        packets = r["receive"]
        refused = packets and packets[-1]["kind"] == "ERR"
        is_login = place == LOGIN or step.get("op") == "connect" or step.get("command") == "COM_CHANGE_USER"
        if r.get("surplus") or any(p["kind"] == "surplus" for p in packets):
            yield f"{place}: surplus packet"
        if r.get("timeout") and not step.get("timeout"):
            yield f"{place}: hang"
        if r.get("closed") and not step.get("closed") and not (is_login and refused):
            yield f"{place}: closed socket"
        for a, b in zip(packets, packets[1:]):
            large = a.get("payload_len", 0) >= 0xFFFFFF
            if b["seq"] != (a["seq"] + 1) % 256 and not large and not is_login and not step.get("op") == "pipeline":
                yield f"{place}: sequence {a['seq']}, then {b['seq']}"
    for name, answer in got[2].items():
        if answer != [(1, "OK")]:
            yield f"{FINAL} on {name}: {answer}"


def plain(packets):
    """Packets without what differs everywhere: two flags, which the gateway tells by its own session."""
    out = []
    for p in packets:
        if "status" in p:
            p = {**p, "status": p["status"] & ~(IN_TRANS | AUTOCOMMIT)}
        out.append({**p, "raw": p.get("payload")} if p["kind"] in ("text", "undecoded") else p)
    return out


def differences(replay, talk, got):
    """place: (what was recorded, what came, how they differ)."""
    found, ids = {}, [{}, {}]
    for place, recorded, r in places(talk, got):
        conn = "a" if place == LOGIN else recorded.get("conn", "a")
        if recorded.get("greeting") and r.get("greeting"):
            ids[0][conn], ids[1][conn] = recorded["greeting"]["connection_id"], r["greeting"]["connection_id"]
    for place, recorded, r in places(talk, got):
        masks = [*recorded.get("mask", ()), "statement_id", "salt"]
        if recorded.get("simulated"):
            masks += ["rows", "affected", "info"]
        two = [{**x, "receive": plain(x["receive"])} for x in (recorded, r)]
        if different := replay.compare(*two, masks, *ids):
            found[place] = (*two, different)
    return found


# ---- the list, and what each kind of reason allows

def shape(packets):
    """Kinds of packets, rows folded."""
    out = []
    for p in packets:
        if out[-1:] != [p["kind"]] or "row" not in p["kind"]:
            out.append(p["kind"])
    return out


def fits(kind, talk, recorded, got):
    """Whether a difference is one that this kind of reason explains."""
    r, g = recorded["receive"], got["receive"]
    refused = bool(g) and g[-1]["kind"] == "ERR"
    if kind == "login":
        return "auth_switch" in shape(g) and "auth_switch" not in shape(r)
    if kind == "wording":
        return "ERR" in shape(g) and shape(r) == shape(g)
    if kind == "refusal":
        return refused and shape(r) != ["ERR"]
    if kind == "repair":
        return not r or r[-1]["kind"] == "ERR" or bool(recorded.get("closed")) or len(r) > len(g)
    if kind == "transaction":
        return not refused and (r[0].get("errno") == 5305 or "txnId" in str(r[0].get("info")) or "BEGIN" in str(talk))
    if kind in ("ids", "names"):
        return shape(r) == shape(g) and not refused
    if kind == "odd-db":
        return "odd-db" in str(talk)
    if kind == "catalog":
        return "_ext" in str(talk)
    return kind in ("effect", "emulator", "pending")


def listed():
    """(conversation, place): kind."""
    out = {}
    for line in LISTED.read_text().split("\n"):
        if line and not line.startswith("#"):
            conversation, where, kind, reason = line.split("\t")
            assert reason
            out.update({(conversation, place): kind for place in where.split(",")})
    return out


class Held:
    """What came of all conversations."""

    def __init__(self):
        self.run, self.breaches, self.differences = 0, [], {}

    def hold(self, replay, talk, port, late):
        got = runner_of(replay)("127.0.0.1", port, None, PATIENCE).conversation(talk)
        self.run += 1
        self.breaches += [f"{talk['id']} {b}" for b in [*breaches(talk, got), *late]]
        late.clear()
        self.differences.update({(talk["id"], p): (talk, *d) for p, d in differences(replay, talk, got).items()})


@pytest.fixture(scope="module")
def held(tmp_path_factory):
    replay, late, result = load_replay(), [], Held()
    replay.Wire = wire_of(replay, late)
    server = harness.Backend()
    try:
        with Emulator(str(server.dir / "socket")) as emulator:
            sample.furnish(emulator)
            gateway = harness.Gateway(configuration(emulator.port), tmp_path_factory.mktemp("replay"), {},
                                      {"REPLAY_ROOT": ""})
            try:
                for line in (LIVE / "transcripts.jsonl").read_text().splitlines():
                    talk = json.loads(line)
                    if talk["group"] != "http":
                        result.hold(replay, talk, gateway.port, late)
            finally:
                gateway.stop()
    finally:
        server.stop()
    assert result.run > 600
    return result


def test_no_surplus_packet_no_silence_no_closed_socket(held):
    assert not held.breaches, "\n".join(held.breaches)


def test_every_difference_is_listed(held):
    known = listed()
    extra = [f"{i}\t{place}\t{how[-1]}" for (i, place), how in held.differences.items() if (i, place) not in known]
    assert not extra, "not in gateway-differences.tsv:\n" + "\n".join(extra)


def test_the_list_is_no_longer_than_it_has_to_be(held):
    gone = [where for where, kind in listed().items() if kind != "pending" and where not in held.differences]
    assert not gone, f"equal by now: {gone}"


def test_each_difference_is_of_its_kind(held):
    known = listed()
    odd = [f"{where} is no {known[where]}: {how}" for where, (talk, recorded, got, how) in held.differences.items()
           if where in known and not fits(known[where], talk, recorded, got)]
    assert not odd, "\n".join(odd)


# ---- the detectors themselves

OK = {"seq": 1, "kind": "OK"}


@pytest.mark.parametrize("reply, found", [
    ({"receive": [OK]}, []),
    ({"receive": [OK], "surplus": True}, ["1: surplus packet"]),
    ({"receive": [], "timeout": True}, ["1: hang"]),
    ({"receive": [OK], "closed": True}, ["1: closed socket"]),
    ({"receive": [{**OK, "kind": "ERR"}], "closed": True}, ["1: closed socket"]),
    ({"receive": [OK, {**OK, "seq": 3}]}, ["1: sequence 1, then 3"]),
])
def test_what_no_list_excuses_is_found(reply, found):
    talk = {"login": None, "steps": [{"command": "COM_QUERY", "receive": [OK]}]}
    assert list(breaches(talk, (None, [reply], {}))) == found


@pytest.mark.parametrize("answer", ["closed", "silent", [(1, "ERR")], [(2, "OK")]])
def test_a_last_ping_that_goes_wrong_is_found(answer):
    assert list(breaches({"login": None, "steps": []}, (None, [], {"a": answer}))) == [f"ping on a: {answer}"]
