"""Who gets in, how, and what those read who don't."""

import time

import pymysql
import pytest

import harness
import wire
import world
from harness import refusal, run, starbind, until


def denied(action, user, password="YES"):
    errno, message = refusal(action)
    assert errno == 1045
    assert message == f"Access denied for user '{user}'@'127.0.0.1' (using password: {password})"


def test_the_stock_client_logs_in_and_runs_statements(gateway):
    g = gateway()
    done = g.cli("SELECT side FROM t WHERE id = 2;\nSELECT 6 * 7 AS answer FROM t LIMIT 1;\n", "--table", database="sales")
    assert done.stderr == ""
    assert "| dw_sales |" in done.stdout and "|     42 |" in done.stdout


def test_pymysql_logs_in_and_runs_statements(gateway):
    assert gateway().query("SELECT id, side FROM sales.t ORDER BY id") == (
        (1, "dw_sales"), (2, "dw_sales"), (3, "dw_sales"))


def test_a_libmariadb_program_logs_in_and_runs_statements(gateway, program):
    g = gateway()
    sql = "SELECT * FROM sales.t ORDER BY id"
    done = run(program("checksum"), "127.0.0.1", g.port, "ana", "ana's", "sales", sql)
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith("rows 3 ")


def test_the_password_never_reaches_the_backend_and_the_account_does(gateway, recorder):
    gateway().query("SELECT * FROM sales.t")
    assert recorder.accounts() == {"sales_rw"}
    assert not any("ana" in s.text for s in recorder.all())


def test_a_wrong_password_and_an_unknown_user_read_the_same(gateway):
    g = gateway()
    denied(lambda: g.connect("ana", password="wrong"), "ana")
    denied(lambda: g.connect("who", password="wrong"), "who")
    denied(lambda: g.connect("ana", password=""), "ana", "NO")
    denied(lambda: g.connect("who", password=""), "who", "NO")


def test_a_wrong_password_and_an_unknown_user_take_the_same_packets(gateway):
    g = gateway()

    def packets(user, plugin):
        with g.wire() as client:
            client.greet()
            client.write(client.response(user, wire.scramble("wrong", client.greeting.salt), plugin=plugin))
            reply, kinds = client.read(), []
            if reply[:1] == b"\xfe":
                kinds.append(reply[:22])
                client.write(wire.scramble("wrong", reply[23:43]))
                reply = client.read()
            return kinds + [wire.Refused(reply).errno], client.sequence

    for plugin in ("mysql_native_password", "caching_sha2_password"):
        assert packets("ana", plugin) == packets("who", plugin)


def test_a_user_outside_its_networks_reads_what_a_wrong_password_reads(gateway):
    g = gateway()
    denied(lambda: g.connect("far"), "far")
    denied(lambda: g.connect("far", password="wrong"), "far")


def test_a_user_inside_its_networks_gets_in(gateway, config):
    config["users"]["far"]["from"] = ["10.0.0.0/8", "127.0.0.0/8"]
    assert gateway(config).query("SELECT COUNT(*) FROM sales.t", "far") == ((3,),)


def test_an_empty_password_works_for_the_user_that_has_one_only(gateway):
    g = gateway()
    g.connect("nobody", password="").close()
    denied(lambda: g.connect("nobody", password="some"), "nobody")


def test_a_second_hash_serves_during_a_rotation(gateway, config):
    config["users"]["bo"]["auth"]["mysql_native_password"] = [harness.native_hash("old"), harness.native_hash("new")]
    g = gateway(config)
    g.connect("bo", password="old").close()
    g.connect("bo", password="new").close()
    denied(lambda: g.connect("bo"), "bo")


@pytest.mark.parametrize("plugin", ["caching_sha2_password", "mysql_clear_password", "client_ed25519", ""])
def test_a_client_with_another_method_is_switched_to_native(gateway, plugin):
    with gateway().wire() as client:
        client.login("ana", "ana's", plugin=plugin)
        assert client.switched_to == b"mysql_native_password"
        assert client.alive()


def test_a_switched_client_with_a_wrong_password_is_refused(gateway):
    with gateway().wire() as client:
        with pytest.raises(wire.Refused) as e:
            client.login("ana", "wrong", plugin="caching_sha2_password")
        assert e.value.errno == 1045 and e.value.sqlstate == "28000"
        assert client.is_closed()


def test_a_client_that_names_no_method_answers_the_salt_of_the_greeting(gateway):
    with gateway().wire() as client:
        client.greet()
        answer = wire.scramble("ana's", client.greeting.salt)
        client.write(client.response("ana", answer, capabilities=wire.USUAL & ~wire.PLUGIN_AUTH & ~wire.LENENC_AUTH))
        assert client.read()[:1] == b"\0"


def test_the_greeting_offers_what_the_gateway_serves(gateway):
    with gateway().wire() as client:
        greeting = client.greet()
    assert greeting.protocol == 10
    assert greeting.capabilities & wire.PROTOCOL_41 and greeting.capabilities & wire.PLUGIN_AUTH
    for bit in (wire.SSL, wire.LOCAL_FILES, wire.COMPRESS, wire.QUERY_ATTRIBUTES):
        assert not greeting.capabilities & bit
    assert len(greeting.salt) == 20 and 0 not in greeting.salt
    assert greeting.plugin == "mysql_native_password"


def test_salts_and_connection_ids_differ(gateway):
    g = gateway()
    clients = [g.wire() for _ in range(20)]
    greetings = [c.greet() for c in clients]
    assert len({x.salt for x in greetings}) == 20 and len({x.connection_id for x in greetings}) == 20


def test_connection_attributes_are_taken(gateway):
    with gateway().wire() as client:
        client.login("ana", "ana's", "sales", attributes={"_client_name": "tests", "program_name": "x" * 300})
        assert client.values("SELECT side FROM t WHERE id = 1") == [(b"dw_sales",)]


def test_a_client_without_protocol_41_is_told_so(gateway):
    with gateway().wire() as client:
        client.greet()
        client.write(client.response("ana", b"", capabilities=wire.USUAL & ~wire.PROTOCOL_41))
        reply = client.read()
        assert reply[:1] == b"\xff" and wire.Refused(reply).errno in (1043, 1251)
        assert client.is_closed()


def test_an_unknown_database_at_login_is_refused(gateway):
    g = gateway()
    for database in ("nothing", "dw_sales", "secret", "mysql"):
        errno, message = refusal(g.connect, "ana", database)
        assert errno == 5501 and database in message


def test_a_failed_login_never_reaches_the_backend(gateway, recorder):
    g = gateway()
    recorder.clear()
    denied(lambda: g.connect("ana", "sales", password="wrong"), "ana")
    assert not [s for s in recorder.all() if s.account in world.DATABASES.values()]


def test_no_password_hash_or_scramble_is_logged(gateway):
    g = gateway()
    g.query("SELECT * FROM sales.t WHERE side <> 'a literal of mine'")
    refusal(g.connect, "ana", password="a wrong one")
    g.stop()
    log = g.log()
    for secret in ("ana's", "a wrong one", "sales_rw-secret", "a literal of mine", harness.native_hash("ana's")[1:]):
        assert secret not in log


def test_a_stalled_login_is_closed_in_time(gateway, config):
    config["settings"]["login_timeout_ms"] = 500
    g = gateway(config)
    silent, half, dribble = g.wire(), g.wire(), g.wire()
    began = time.monotonic()
    half.greet()
    half.send(wire.frame(half.response("ana", b"x" * 20), 1)[:30])
    for byte in wire.frame(dribble.response("ana", b"x" * 20), 1):
        try:
            dribble.send(bytes([byte]))
        except (wire.Closed, OSError):
            break
        time.sleep(0.05)
        if time.monotonic() - began > 3:
            break
    assert dribble.is_closed() and silent.is_closed() and half.is_closed()
    assert time.monotonic() - began < 3
    assert g.query("SELECT 1 FROM sales.t LIMIT 1") == ((1,),)


def test_a_hundred_sessions_at_once(gateway):
    g = gateway()
    connections = [g.connect("ana", "sales") for _ in range(100)]
    for c in connections:
        assert c.ping() is None
    for c in connections:
        c.close()


def test_login_at_the_dev_port_selects_the_dev_side(gateway):
    g = gateway()
    assert g.query("SELECT DISTINCT side FROM t", database="sales", environment="dev") == (("dw_sales_dev",),)
    assert g.query("SELECT DISTINCT side FROM t", database="sales_dev") == (("dw_sales_dev",),)
    assert g.query("SELECT DISTINCT side FROM t") == (("dw_sales",),)  # default_project
    assert refusal(g.connect, "own", "secret", "dev")[0] in (1046, 5501)  # it has no dev side


def test_passwd_makes_a_hash_that_logs_in(gateway, config):
    done = starbind("passwd", input="a new password\n")
    assert done.returncode == 0, done.stderr
    assert harness.native_hash("a new password") in done.stdout


def test_clients_that_come_and_go_leave_nothing(gateway):
    g = gateway()
    g.query("SELECT 1 FROM sales.t LIMIT 1")
    before = g.descriptors()
    for i in range(60):
        client = g.wire()
        if i % 3:
            client.greet()
        if i % 3 == 2:
            client.write(client.response("ana", b"x" * 20))
        client.abort() if i % 2 else client.close()
    assert until(lambda: g.descriptors() <= before + 1), (before, g.descriptors())


def test_secrets_come_from_the_environment_and_from_files(gateway, config, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("sales_rw-secret\n")
    config["compute_sources"]["sales"]["password"] = f"file:{secret}"
    config["compute_sources"]["crm"]["password"] = "env:CRM_SECRET"
    g = gateway(config, CRM_SECRET="crm_rw-secret")
    assert g.query("SELECT COUNT(*) FROM sales.t") == ((3,),)
    assert g.query("SELECT COUNT(*) FROM crm.t", database="crm") == ((3,),)


def test_the_accounts_own_error_hides_its_password(gateway, config):
    config["compute_sources"]["sales"]["password"] = "not-the-one"
    g = gateway(config)
    errno, message = refusal(g.query, "SELECT * FROM sales.t")
    assert errno in (1045, 2003) and "not-the-one" not in message
    assert "not-the-one" not in g.log()


def test_pymysql_is_told_the_truth_about_autocommit(gateway):
    with gateway().connect("ana", "sales", autocommit=None) as connection:
        assert connection.get_autocommit()
        assert connection.server_status & pymysql.constants.SERVER_STATUS.SERVER_STATUS_AUTOCOMMIT
