"""COM_CHANGE_USER, COM_STATISTICS, COM_SET_OPTION."""

import struct

import pytest

import wire
import world

SET_OPTION = 0x1B


def change_user(client, user, password, database="", plugin="mysql_native_password"):
    """The whole exchange; the OK payload, or raises Refused or Closed."""
    client.command(
        wire.CHANGE_USER,
        user.encode() + b"\0" + bytes([20]) + b"x" * 20 + database.encode() + b"\0" + struct.pack("<H", 45)
        + plugin.encode() + b"\0",
    )
    reply = client.unless_refused()
    if reply[:1] == b"\xfe":
        plugin, salt = reply[1:].split(b"\0", 1)
        assert plugin == b"mysql_native_password"
        client.write(wire.scramble(password, salt[:20]))
        reply = client.unless_refused()
    return reply


def test_change_user_is_a_whole_login(gateway):
    with gateway().login("ana", "sales") as client:
        assert client.values("SELECT DISTINCT side FROM t") == [(b"dw_sales",)]
        assert change_user(client, "own", world.PASSWORDS["own"], "secret")[:1] == b"\0"
        assert client.values("SELECT DISTINCT side FROM t") == [(b"dw_secret",)]
        assert change_user(client, "ana", world.PASSWORDS["ana"], "crm")[:1] == b"\0"
        with pytest.raises(wire.Refused) as e:
            client.query("SELECT * FROM secret.t")
        assert e.value.errno == 5501


def test_change_user_answers_to_the_salt_of_the_greeting(gateway):
    """libmariadb knows no other: mysqlclient, ODBC and all else that is built on it could not change the user."""
    with gateway().login("ana", "sales") as client:
        client.command(wire.CHANGE_USER, b"own\0\0\0" + struct.pack("<H", 45) + b"mysql_native_password\0")
        assert client.unless_refused()[1:].split(b"\0", 1)[1][:20] == client.greeting.salt
        client.write(wire.scramble(world.PASSWORDS["own"], client.greeting.salt))
        assert client.unless_refused()[:1] == b"\0"


def test_nothing_of_the_former_user_remains(gateway, recorder):
    with gateway().login("own", "sales") as client:
        client.query("SET @mine = 42")
        assert client.values("SELECT @mine FROM t LIMIT 1") == [(b"42",)]
        assert change_user(client, "ana", world.PASSWORDS["ana"])[:1] == b"\0"
        assert client.values("SELECT @mine FROM sales.t LIMIT 1") == [(None,)]


@pytest.mark.parametrize("user, password", [("own", "wrong"), ("nobody-of-ours", "x"), ("own", "")])
def test_a_failed_change_user_ends_the_connection(gateway, user, password):
    with gateway().login("ana", "sales") as client:
        with pytest.raises(wire.Refused) as e:
            change_user(client, user, password)
        assert e.value.errno == 1045
        assert client.is_closed()


@pytest.mark.parametrize("cut", range(0, 40, 3))
def test_a_truncated_change_user_is_refused(gateway, cut):
    whole = b"own\0" + bytes([20]) + b"x" * 20 + b"sales\0" + struct.pack("<H", 45)
    with gateway().login("ana", "sales") as client:
        client.command(wire.CHANGE_USER, whole[:cut])
        try:
            reply = client.unless_refused()
            assert reply[:1] == b"\xfe"  # what is there makes a login; the password decides
            client.write(b"")
            client.unless_refused()
            pytest.fail("logged in")
        except (wire.Refused, wire.Closed):
            assert client.is_closed()


def test_statistics_is_a_text(gateway):
    with gateway().login("ana") as client:
        client.command(wire.STATISTICS)
        text = client.read()
        assert text.startswith(b"Uptime: ") and b"Threads: 1" in text
        assert client.alive()


def test_set_option_switches_several_statements_on_and_off(gateway):
    with gateway().login("ana", "sales") as client:
        for option, served in ((0, True), (1, False), (0, True)):
            client.command(SET_OPTION, struct.pack("<H", option))
            assert client.read()[:1] == b"\xfe"
            client.command(wire.QUERY, "SELECT id FROM t WHERE id = 1; SELECT id FROM t WHERE id = 2")
            if not served:
                with pytest.raises(wire.Refused) as e:
                    client.reply()
                assert e.value.errno == 1235
                continue
            assert [wire.fields(row) for row in client.reply()] == [(b"1",)]
            assert [wire.fields(row) for row in client.reply()] == [(b"2",)]
        client.command(SET_OPTION, struct.pack("<H", 2))
        with pytest.raises(wire.Refused):
            client.reply()
        client.command(SET_OPTION, b"\0")
        with pytest.raises(wire.Refused):
            client.reply()
        assert client.alive()


def fields_of(client, table, pattern=b""):
    """(schema, table, name, type) of each definition."""
    client.command(wire.FIELD_LIST, table.encode() + b"\0" + pattern)
    found = []
    while True:
        payload = client.unless_refused()
        if payload[:1] == b"\xfe" and len(payload) < 9:
            return found
        _, schema, name, _, column, _ = wire.fields(payload)[:6]
        at = payload.index(b"\x0c", len(schema) + len(name) + 2 * len(column))
        found.append((schema.decode(), name.decode(), column.decode(), payload[at + 7]))


def test_field_list_gives_the_columns_in_project_names(gateway):
    with gateway().login("ana", "sales_dev") as client:
        assert fields_of(client, "t") == [("sales_dev", "t", "id", 3), ("sales_dev", "t", "side", 253)]
        assert fields_of(client, "numbers", b"%") == [("sales_dev", "numbers", "n", 3)]
        assert client.alive()


@pytest.mark.parametrize("user, database, table, errno", [
    ("ana", "sales", "nothing", 1146), ("bo", None, "t", 1046), ("ana", "sales", "a`b", 1235), ("ana", "sales", "", 1235),
])
def test_field_list_of_what_is_not_there_is_refused(gateway, user, database, table, errno):
    with gateway().login(user, database) as client:
        client.command(wire.FIELD_LIST, table.encode() + b"\0")
        with pytest.raises(wire.Refused) as e:
            client.reply()
        assert e.value.errno == errno
        assert client.alive()


def test_field_list_asks_for_the_right_to_read(gateway, config):
    config["roles"] = {**config.get("roles", {}), "one": {"prod": [{"privileges": ["read"], "tables": ["numbers"]}]}}
    config["projects"]["sales"]["members"]["bo"] = "one"
    with gateway(config).login("bo", "sales") as client:
        assert fields_of(client, "numbers")
        client.command(wire.FIELD_LIST, b"t\0")
        with pytest.raises(wire.Refused) as e:
            client.reply()
        assert e.value.errno == 5203
