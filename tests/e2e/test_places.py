"""Where the MariaDB behind a gateway is, in its variables: no spelling tells it, to the byte."""

import os
import re

import pytest

import wire
from preparing import Statement
from world import PASSWORDS

HIDDEN = "datadir port pid_file tmpdir general_log_file slow_query_log_file server_id plugin_dir basedir log_error".split()
FORMS = ["SELECT @@{v}", "SELECT @@global.{v}", "SELECT @@GLOBAL /* c */ . {v}", "SELECT @@`{v}`", "SELECT @@session.`{v}` AS x",
         "SELECT @ @{v}", "SELECT CONCAT(@@{v}, '')", "SELECT (SELECT @@{v})", "SELECT n FROM numbers WHERE @@{v} = 1", "SET @a = @@{v}",
         "SELECT n, @@{v} FROM numbers"]
EMPTY = ["SHOW VARIABLES LIKE '{v}'", "SHOW GLOBAL VARIABLES LIKE '{v}'", "SHOW SESSION VARIABLES WHERE Variable_name = '{v}'",
         "SHOW VARIABLES WHERE Variable_name IN ('{v}') OR 1 = 2",
         "SELECT * FROM information_schema.global_variables WHERE variable_name = '{v}'",
         "SELECT variable_value FROM INFORMATION_SCHEMA.session_variables v WHERE v.variable_name = '{v}'"]


class Listening(wire.Client):
    """Keeps all that it hears."""

    heard = b""

    def read(self):
        payload = super().read()
        self.heard += payload + b"\n"
        return payload


@pytest.fixture
def client(gateway):
    g = gateway()
    with Listening("127.0.0.1", g.port) as c:
        c.login("own", PASSWORDS["own"], "sales", capabilities=wire.USUAL | wire.MULTI_STATEMENTS | wire.MULTI_RESULTS)
        yield c


@pytest.mark.parametrize("name", HIDDEN)
def test_a_place_is_no_variable(client, backend, name):
    for form in FORMS:
        assert client.refusal(form.format(v=name)) == 1193, form
    for form in EMPTY:
        assert client.query(form.format(v=name)) == [], form
    tells_nothing(client, backend)


def tells_nothing(client, backend):
    for secret in (str(backend.dir).encode(), rb"\b%d\b" % backend.port, rb"\b%s\b" % re.escape(os.uname().nodename.encode())):
        assert not re.search(secret, client.heard), secret


def test_listings_of_variables_leave_places_out(client, backend):
    for sql in ("SHOW VARIABLES", "SHOW GLOBAL VARIABLES", "SHOW VARIABLES LIKE '%'", "SELECT * FROM information_schema.global_variables",
                "SELECT * FROM information_schema.session_variables"):
        names = {wire.fields(row)[0].decode().lower() for row in client.query(sql)}
        assert "version" in names and not names & {*HIDDEN, "hostname", "socket"}, sql
    tells_nothing(client, backend)


def test_what_drivers_ask_for_is_the_gateways(client, backend):
    for sql in ("SELECT @@hostname", "SELECT @@global.hostname AS h", "SELECT @@hostname, @@socket", "SELECT @@`hostname`",
                "SELECT @@hostname, @@version", "SELECT @@hostname FROM numbers", "SELECT CONCAT(@@Session . hostname, @@socket)",
                "SELECT h FROM (SELECT @ @hostname AS h) x", "SELECT IF(@@innodb_page_size > 1, @@local.hostname, '')"):
        assert wire.fields(client.query(sql)[0])[0] == b"starbind", sql
        assert b"\x08starbind" in Statement(client, sql).execute()[0], sql
    assert client.query("SELECT @@hostname, @@version_comment, @@hostname h, CONCAT(@@hostname, '!')")
    labels = [wire.fields(column[:-13])[4] for column in client.columns]
    assert labels == [b"@@hostname", b"@@version_comment", b"h", b"concat(@@hostname, '!')"]
    assert wire.fields(client.query("SELECT @@hostname; SELECT n FROM numbers LIMIT 1")[0])[0] == b"starbind"
    client.reply()
    for sql in ("SET @a = @@hostname", "SELECT @@ſocket", "INSERT INTO numbers SELECT @@hostname"):
        assert client.refusal(sql) == 1193, sql
    tells_nothing(client, backend)


def test_the_variable_that_is_not_there_is_the_one_that_is_named(client):
    for sql in ("SELECT @@hostname, @@version, @@port", "SELECT CONCAT(@@socket, @@global.`port`)"):
        with pytest.raises(wire.Refused) as e:
            client.query(sql)
        assert e.value.errno == 1193 and "'port'" in str(e.value), e.value


def test_other_variables_are_the_servers(client):
    assert wire.fields(client.query("SELECT @@session.sql_mode, @@version_comment, @@innodb_page_size FROM numbers LIMIT 1")[0])[2] == b"16384"
