"""A frontend of three dies, hangs or flaps: which statements are run elsewhere, and what the others hear."""

import json
import os
import signal
import struct
import threading
import time

import pytest

import wire
from harness import rows, until
from three import (  # noqa: F401  (fixtures among them)
    HOSTS, LOST, READ, STMT_EXECUTE, Relay, all_known, both, config, connect_many, fe, in_parallel, is_told, on_frontend, prepare,
    used)

FLAPPING_SECONDS = float(os.environ.get("FLAPPING_SECONDS", "3"))  # of each pool mode; the long run has 60


# ---- a frontend dies

@both
def test_killed_before_the_statement_reads_and_writes_go_elsewhere(gateway, config, fe):
    g = all_known(gateway(config), fe)
    clients = [on_frontend(g, fe, 2) for _ in range(2)]
    fe.down(2)
    fe.clear()
    assert clients[0].values(READ) == [(b"dw_sales",)]
    assert clients[1].query("INSERT INTO t VALUES (7, 'x')")[:1] == b"\0"
    assert 2 not in used(fe, "")


@both
@pytest.mark.parametrize("statement", [READ + " /* now */", "EXECUTE"])
def test_killed_before_the_reply_a_plain_read_is_run_elsewhere(gateway, config, fe, statement):
    g = all_known(gateway(config), fe)
    with on_frontend(g, fe, 2) as client:
        if statement == "EXECUTE":
            number = prepare(client, READ + " /* now */ WHERE id = ?")
        fe.clear()
        fault = fe.fault("hang", fe=2, match="now", times=1)
        if statement == "EXECUTE":
            client.command(STMT_EXECUTE, struct.pack("<IBIBBHi", number, 0, 1, 0, 1, 3, 1))
        else:
            client.command(wire.QUERY, statement)
        assert until(lambda: fe.cluster.faults.all()[fault]["times"] == 0)  # it hangs
        fe.down(2)
        client.reply()
        assert until(lambda: fe.record(match="now", fe=1) or fe.record(match="now", fe=3))
        assert "retry" in g.log()
        client.query(READ)


@both
def test_killed_before_the_reply_a_write_is_not_run_again(gateway, config, fe):
    g = all_known(gateway(config), fe)
    with on_frontend(g, fe, 2) as client:
        fe.clear()
        fe.fault("hang", fe=2, match="INSERT")
        client.command(wire.QUERY, "INSERT INTO t VALUES (8, 'x')")
        assert until(lambda: fe.record(fe=2, match="INSERT"))
        fe.down(2)
        with pytest.raises(wire.Refused) as e:
            client.reply()
        assert e.value.errno == LOST and "is not known" in e.value.message
        assert len(fe.record(match="INSERT")) == 1
        assert client.values(READ)


@both
def test_killed_in_a_transaction_the_client_hears_that_it_is_lost(gateway, config, fe):
    g = all_known(gateway(config), fe)
    with on_frontend(g, fe, 2) as client:
        client.query("BEGIN")
        client.query("INSERT INTO t VALUES (9, 'x')")
        fe.fault("hang", fe=2, match="again|COMMIT")
        client.command(wire.QUERY, "INSERT INTO t VALUES (9, 'again')")
        assert until(lambda: fe.record(fe=2, match="again"))
        fe.down(2)
        with pytest.raises(wire.Refused) as e:
            client.reply()
        assert e.value.errno == LOST and "transaction" in e.value.message
        assert client.values(READ)
        assert wire.status(client.last) & 1 == 0


@both
def test_killed_during_the_reply_it_is_not_sent_twice(gateway, config, fe):
    """Rows have gone out: an ERR in place of the next packet, or a closed connection, never an end."""
    fe.sql("INSERT INTO dw_sales.t VALUES (2, 'a'), (3, 'b'), (4, 'c')")
    g = all_known(gateway(config), fe)
    with on_frontend(g, fe, 2) as client:
        fe.clear()
        fe.fault("slow", fe=2, rows=1, ms=300, match="SELECT side")
        client.command(wire.QUERY, READ + " /* now */")
        for _ in range(4):  # count, definition, EOF, a row
            client.read()
        fe.down(2)
        with pytest.raises((wire.Refused, wire.Closed)) as e:
            while True:
                packet = client.read()
                if packet[:1] == b"\xff":
                    raise wire.Refused(packet)
                assert packet[:1] != b"\xfe" or len(packet) > 8, "looked complete"
        if isinstance(e.value, wire.Refused):
            assert e.value.errno == LOST and "in the middle" in e.value.message
        assert len(fe.record(match="now")) == 1


@both
def test_killed_after_the_reply_nobody_notices(gateway, config, fe):
    g = all_known(gateway(config), fe)
    clients = connect_many(g, 9)
    fe.down(2)
    for connection in clients:
        assert rows(connection, READ) == (("dw_sales",),)


@both
def test_a_restarted_frontend_gets_work_again(gateway, config, fe):
    g = all_known(gateway(config), fe)
    fe.down(2)
    assert until(lambda: is_told(g, fe, 2, "down"))
    fe.up(2)
    assert until(lambda: is_told(g, fe, 2, "up"))
    fe.clear()
    assert until(lambda: connect_many(g, 9) and used(fe).count(2) >= 2)


@both
def test_killed_after_a_reload_what_was_planned_before_is_not_sent_on(gateway, config, fe):
    """A source of the earlier configuration means nothing to the pools of the new one."""
    g = all_known(gateway(config), fe)
    with on_frontend(g, fe, 2) as client:
        fe.fault("hang", fe=2, match="now")
        client.command(wire.QUERY, READ + " /* now */")
        assert until(lambda: fe.record(fe=2, match="now"))
        g.path.write_text(json.dumps({**config, "compute_sources": {
            "another": {**config["compute_sources"]["sales"], "database": "dw_another"}, **config["compute_sources"]},
        }))
        g.process.send_signal(signal.SIGHUP)
        assert until(lambda: "reload: done" in g.log()), g.log()
        g.reach_workers()
        fe.down(2)
        try:
            client.reply()
        except wire.Refused as e:
            assert e.errno == 2003 and "just changed" in e.message
        assert client.values(READ) == [(b"dw_sales",)]


# ---- a frontend hangs

def hang(fe, number):
    """It accepts connections and answers nothing."""
    fe.fault("freeze", fe=number)
    fe.fault("hang", fe=number, match="")


@both
def test_a_frontend_that_hangs_holds_no_plain_read(gateway, config, fe):
    g = all_known(gateway(config), fe)
    with on_frontend(g, fe, 2) as client, on_frontend(g, fe, 2) as other:
        hang(fe, 2)
        client.command(wire.QUERY, READ)
        assert len(client.reply()) == 1
        assert until(lambda: is_told(g, fe, 2, "down"))
        assert len(other.query(READ)) == 1  # it leaves its connection there by itself
        fe.clear()
        connect_many(g, 4)
        assert 2 not in used(fe)


@both
def test_half_open_tcp_holds_no_plain_read(gateway, config, fe):
    relay = Relay((HOSTS[1], fe.ports[2]))
    fe.cluster.frontends[2].announced = ("127.0.0.1", relay.port)
    try:
        g = gateway(config)
        assert until(lambda: f"127.0.0.1:{relay.port} number=2 is up" in g.log())
        with on_frontend(g, fe, 2) as client:
            relay.is_cut = True
            fe.clear()
            assert len(client.query(READ)) == 1
            assert used(fe) and 2 not in used(fe)
    finally:
        relay.stop()


# ---- a frontend flaps

@both
def test_one_of_three_flaps_and_no_plain_read_fails(gateway, config, fe):
    config["settings"]["ejection_ms"] = 10  # else it is left out for most of the time
    g = all_known(gateway(config), fe)
    end = time.monotonic() + FLAPPING_SECONDS
    flaps = []

    def flap():
        while time.monotonic() < end or len(flaps) <= 2:
            fe.down(2)
            time.sleep(0.2)
            fe.up(2)
            flaps.append(2)
            time.sleep(0.3)

    def work(number):
        count = 0
        while time.monotonic() < end or count <= 20 or len(flaps) <= 2:
            with g.connect("ana", "sales") as connection:
                for _ in range(20):
                    assert rows(connection, READ) == (("dw_sales",),)
                    count += 1
        return count

    flapper = threading.Thread(target=flap)
    flapper.start()
    try:
        counts = in_parallel(6, work, FLAPPING_SECONDS + 30)
    finally:
        flapper.join()
    print(f"{sum(counts)} plain reads while a frontend went {len(flaps)} times, 0 failed")
    assert min(counts) > 20 and len(flaps) > 2
    assert used(fe).count(2), "it had work while it was there"
