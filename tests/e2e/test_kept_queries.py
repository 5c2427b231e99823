"""Plans of queries that come again are kept and shared: never for others, never for longer, and never where they would
depend on anything but user, place, text and the settings that plans are made from."""

import json
import signal
import ssl

import pytest

import wire
import world
from harness import refusal, rows, starbind, until
from preparing import Statement, cells
from test_http import listener, port_of, series

SQL = "SELECT side FROM t WHERE id = 1"
SET_OPTION = 0x1B


@pytest.fixture(autouse=True)
def config(backend):
    made = world.config(backend.port)
    made["settings"]["workers"] = 1  # one shelf
    made["compute_sources"]["sales"]["allowed_resource_groups"] = ["rg"]
    made["listeners"].append(listener())
    return made


@pytest.fixture
def reused(config):
    """How many plans were at hand since the last call."""
    last = {"count": 0}

    def count():
        now = series(port_of(config))["starbind_plans_reused_total"]
        last["count"], before = now, last["count"]
        return now - before

    return count


def keep(client, sql, reused):
    """Sees to it that the plan of a query is kept."""
    for _ in range(2):
        client.query(sql)
    reused()
    client.query(sql)
    assert reused() == 1, "kept"


def test_from_the_third_time_on_a_query_is_not_planned(gateway, reused):
    with gateway().login("ana", "sales") as client:
        reused()
        for expected in (0, 0, 1, 1, 1):
            assert client.values(SQL) == [(b"dw_sales",)]
            assert reused() == expected


def test_sessions_that_would_come_to_the_same_plan_share_it(gateway, reused):
    g = gateway()
    with g.login("ana", "sales") as one, g.login("ana", "sales") as other:
        keep(one, SQL, reused)
        assert other.values(SQL) == [(b"dw_sales",)]
        assert reused() == 1


def query(*texts):
    return lambda client: [client.query(text) for text in texts]


CHANGES = {  # what makes it another plan, and what the query tells then
    "another project": (query("USE crm"), b"dw_crm"),
    "another environment": (query("USE sales_dev"), b"dw_sales_dev"),
    "a schema": (query("USE `orders.mart_two`"), b"mart_two"),
    "sql_mode": (query("SET sql_mode = 'PIPES_AS_CONCAT'"), b"dw_sales"),
    "autocommit": (query("SET autocommit = 0"), b"dw_sales"),
    "a priority": (query("SET starbind_priority = 'high'"), b"dw_sales"),
    "a resource group": (query("SET resource_group = 'rg'"), b"dw_sales"),
    "several statements": (lambda client: (client.command(SET_OPTION, b"\1\0"), client.unless_refused()), b"dw_sales"),
}
BACK = {"several statements": lambda client: (client.command(SET_OPTION, b"\0\0"), client.unless_refused())}


@pytest.mark.parametrize("change", CHANGES)
def test_what_a_plan_is_made_from_is_part_of_what_it_is_found_by(gateway, reused, change):
    act, expected = CHANGES[change]
    capabilities = wire.USUAL | wire.MULTI_STATEMENTS
    with gateway().login("ana", "sales", capabilities=capabilities) as client:
        keep(client, SQL, reused)
        act(client)
        reused()
        assert client.values(SQL) == [(expected,)]
        assert reused() == 0, "it was planned"
        assert [client.values(SQL) for _ in range(3)] == [[(expected,)]] * 3
        assert reused() >= 1, "and is kept in its turn"
        if change in BACK:
            BACK[change](client)
        else:
            client.command(wire.RESET_CONNECTION)
            client.unless_refused()
            client.query("USE sales")
        assert client.values(SQL) == [(b"dw_sales",)]
        assert reused() == 1, "both are there"


def test_schemas_of_one_data_source_are_told_apart(gateway, reused):
    with gateway().login("ana", "orders.mart") as client:
        keep(client, SQL, reused)
        client.query("USE `orders.mart_two`")
        assert client.values(SQL) == [(b"mart_two",)]
        assert reused() == 0


def test_a_byte_more_is_another_text(gateway, reused):
    with gateway().login("ana", "sales") as client:
        keep(client, SQL, reused)
        for other in (SQL + " ", SQL.lower(), SQL.replace("1", "2"), "/**/" + SQL, SQL + ";"):
            assert client.values(other) == [(b"dw_sales",)]
        assert reused() == 0


def test_nobody_else_gets_it(gateway, reused):
    sql = "SELECT side FROM crm.t WHERE id = 1"
    g = gateway()
    with g.login("ana", "sales") as ana, g.login("bo", "sales") as bo, g.login("own", "sales") as own:
        keep(ana, sql, reused)
        for _ in range(3):
            with pytest.raises(wire.Refused, match="Unknown database"):
                bo.query(sql)
        assert own.values(sql) == [(b"dw_crm",)]
        assert reused() == 0


def test_a_listener_of_another_environment_has_its_own(gateway, reused):
    sql = "SELECT side FROM ${crm}.t WHERE id = 1"
    g = gateway()
    with g.login("ana", environment="prod") as prod, g.login("ana", environment="dev") as dev:
        for client in (prod, dev):
            client.query("USE crm")  # which is its dev side on the one for dev
        keep(prod, sql, reused)
        assert dev.values(sql) == [(b"dw_crm_dev",)]
        assert reused() == 0
        for _ in range(4):
            assert (prod.values(sql), dev.values(sql)) == ([(b"dw_crm",)], [(b"dw_crm_dev",)])


def test_a_user_with_a_token_for_one_project_is_planned_for_by_itself(gateway, config, certificates, reused, tmp_path):
    key = tmp_path / "token.key"
    key.touch(0o600)
    key.write_text("k" * 32)
    config["settings"]["token_keys"] = [f"file:{key}"]
    config["users"]["ana"]["auth"]["token"] = True
    config["listeners"][0]["tls"] = {"mode": "optional", "certificate": certificates("server.pem"),
                                     "key": "file:" + certificates("server.key")}
    sql = "SELECT side FROM crm.t WHERE id = 1"
    g = gateway(config)
    token = starbind("token", "-c", g.path, "--user", "ana", "--project", "sales").stdout.strip()
    context = ssl.create_default_context(cafile=certificates("ca.pem"))
    with g.login("ana", "sales") as whole, g.connect("ana", "sales", password=token, ssl=context) as narrowed:
        keep(whole, sql, reused)
        keep(whole, SQL, reused)
        assert "Unknown database" in refusal(rows, narrowed, sql)[1]
        for _ in range(4):
            assert rows(narrowed, SQL) == (("dw_sales",),)
        assert reused() == 0


def rewrite(g, config):
    g.path.write_text(json.dumps(config))
    g.process.send_signal(signal.SIGHUP)


def test_a_permission_that_is_withdrawn_is_felt_by_the_next_query(gateway, config, reused):
    g = gateway(config)
    with g.login("bo", "sales") as client, g.login("bo", "sales") as other:
        keep(client, SQL, reused)
        config["projects"]["sales"]["members"]["bo"] = "blind"
        config["roles"] = {**config.get("roles", {}), "blind": {"prod": ["load"], "dev": []}}
        rewrite(g, config)
        assert until(lambda: client.refusal(SQL) == 5203)
        assert [c.refusal(SQL) for c in (client, other)] == [5203, 5203]


def test_a_role_that_is_limited_to_tables_is_felt_by_the_next_query(gateway, config, reused):
    g = gateway(config)
    with g.login("bo", "sales") as client:
        keep(client, SQL, reused)
        config["roles"] = {**config.get("roles", {}), "viewer": {"prod": [{"privileges": ["read"], "tables": ["numbers"]}]}}
        rewrite(g, config)
        assert until(lambda: client.refusal(SQL) == 5203)


def test_a_binding_that_moves_is_felt_by_the_next_query(gateway, config, reused):
    g = gateway(config)
    with g.login("ana", "sales") as client:
        keep(client, SQL, reused)
        config["compute_sources"]["sales"]["database"] = "dw_secret"
        config["projects"].pop("secret")
        rewrite(g, config)
        assert until(lambda: client.values(SQL) == [(b"dw_secret",)])


def test_a_new_configuration_begins_with_none(gateway, config, reused):
    g = gateway(config)
    with g.login("ana", "sales") as client:
        keep(client, SQL, reused)
        g.reload_everywhere(config)
        reused()
        client.query(SQL)
        assert reused() == 0


PERSONAL = [
    "SELECT CONNECTION_ID() FROM t", "SELECT USER() FROM t", "SELECT CURRENT_USER() FROM t", "SELECT DATABASE() FROM t",
    "SELECT @mine FROM t", "SELECT @@sql_mode FROM t", "SELECT 1", "SELECT 1 + 1 AS two",
    "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()", "SHOW VARIABLES LIKE 'sql_mode'",
    "SHOW DATABASES", "SET @mine = 1", "SELECT side FROM t; SELECT side FROM t",
]


@pytest.mark.parametrize("sql", PERSONAL)
def test_what_depends_on_more_is_never_kept(gateway, reused, sql):
    with gateway().login("ana", "sales", capabilities=wire.USUAL | wire.MULTI_STATEMENTS) as client:
        reused()
        for _ in range(4):
            client.query(sql)
            for _ in range(sql.count(";")):
                client.reply()
        assert reused() == 0


METADATA = {
    "SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema = 'sales' AND table_name = 't'":
        [(b"sales", b"t")],
    "SELECT schema_name FROM information_schema.schemata WHERE schema_name IN ('sales', 'secret')": [(b"sales",)],
    "SELECT side, schema_name FROM t, information_schema.schemata WHERE schema_name = 'sales' AND id = 1":
        [(b"dw_sales", b"sales")],
    "SELECT t.side FROM t, information_schema.engines e WHERE id = 1 AND engine = 'InnoDB'": [(b"dw_sales",)],
}


def known(client):
    """Before the cluster has told its columns nothing is kept that was made by a guess at them."""
    sql = "SELECT temporary FROM information_schema.tables WHERE table_schema = 'sales' AND table_name = 't'"
    assert until(lambda: client.refusal(sql) is None)  # MariaDB's


@pytest.mark.parametrize("sql", METADATA)
def test_look_ups_of_metadata_are_kept_too(gateway, config, reused, sql):
    with gateway(world.readable(config)).login("ana", "sales") as client:
        known(client)
        keep(client, sql, reused)
        assert client.values(sql) == METADATA[sql]
        assert reused() == 1


def test_nobody_else_gets_what_was_kept_of_metadata(gateway, config, reused):
    sql = "SELECT table_schema FROM information_schema.tables WHERE table_schema IN ('sales', 'crm') AND table_name = 't'"
    g = gateway(world.readable(config))
    with g.login("ana", "sales") as ana, g.login("bo", "sales") as bo:
        known(ana)
        keep(ana, sql, reused)
        assert bo.values(sql) == [(b"sales",)]
        assert reused() == 0


def test_a_role_that_is_limited_to_tables_is_felt_by_the_next_look_up(gateway, config, reused):
    sql = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'sales' AND table_name = 't'"
    g = gateway(world.readable(config))
    with g.login("bo", "sales") as client:
        known(client)
        keep(client, sql, reused)
        assert client.values(sql) == [(b"t",)]
        config["roles"] = {**config.get("roles", {}), "viewer": {"prod": [{"privileges": ["read"], "tables": ["numbers"]}]}}
        rewrite(g, config)
        assert until(lambda: client.values(sql) == [])


def test_who_one_is_and_what_one_has_set_is_told_each_time(gateway):
    g = gateway()
    with g.login("ana", "sales") as one, g.login("ana", "sales") as other:
        assert len({c.values("SELECT CONNECTION_ID() FROM t")[0] for c in (one, other) * 4}) == 2
        for value in (b"1", b"2", b"3", b"4"):
            one.query(b"SET @mine = " + value)
            assert one.values("SELECT @mine FROM t WHERE id = 1") == [(value,)]


def test_a_table_that_has_come_is_listed(gateway, config, backend):
    sql = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'sales' AND table_name = 'come'"
    with gateway(world.readable(config)).login("ana", "sales") as client:
        try:
            assert [client.values(sql) for _ in range(4)] == [[]] * 4
            backend.sql("CREATE TABLE dw_sales.come (id INT)")
            assert client.values(sql) == [(b"come",)]
        finally:
            backend.sql("DROP TABLE IF EXISTS dw_sales.come")


def test_statements_by_name_keep_their_project(gateway, reused):
    """EXECUTE has a text of its own, and what it runs another, which may also come as a query."""
    sql = "SELECT side FROM t WHERE id = 1"
    with gateway().login("ana", "sales") as client:
        client.query(f"PREPARE mine FROM '{sql}'")
        s = Statement(client, sql)
        client.query("USE crm")
        for _ in range(5):
            assert client.values("EXECUTE mine") == [(b"dw_sales",)]
            assert client.values(sql) == [(b"dw_crm",)]
            assert [cells(r) for r in s.execute()] == [(b"dw_sales",)]


def test_writes_of_the_same_text_are_all_made_and_undone(gateway, backend, reused):
    backend.sql("CREATE OR REPLACE TABLE dw_sales_dev.repeated (id INT) ENGINE=InnoDB")
    try:
        sql, count = "INSERT INTO repeated VALUES (1)", "SELECT COUNT(*) FROM repeated"
        with gateway().login("ana", "sales_dev") as client:
            for end, expected in (("ROLLBACK", b"0"), ("COMMIT", b"5"), ("ROLLBACK", b"5")):
                client.query("BEGIN")
                for _ in range(5):
                    client.query(sql)
                client.query(end)
                assert client.values(count) == [(expected,)]
            assert reused() >= 10
    finally:
        backend.sql("DROP TABLE dw_sales_dev.repeated")


def test_a_name_in_an_error_is_the_projects(gateway, reused):
    with gateway().login("ana", "sales") as client:
        for _ in range(5):
            with pytest.raises(wire.Refused, match="sales.nothing") as e:
                client.query("SELECT * FROM nothing")
            assert "dw_sales" not in str(e.value)
        assert reused() >= 2


def test_more_texts_than_are_kept(gateway, reused):
    with gateway().login("ana", "sales") as client:
        reused()
        for i in range(600):
            client.query(f"SELECT side FROM t WHERE id = 1 AND {i} = {i}")
        assert reused() == 0, "none came twice"
        for i in range(600):
            sql = f"SELECT side FROM t WHERE id = 1 AND {i} = {i}"
            assert [client.values(sql) for _ in range(4)] == [[(b"dw_sales",)]] * 4
        assert 600 * 2 <= reused() <= 600 * 3


def test_a_long_text_is_not_kept(gateway, reused):
    sql = SQL + " AND id IN (" + ", ".join(str(i) for i in range(5000)) + ")"
    with gateway().login("ana", "sales") as client:
        reused()
        for _ in range(4):
            assert client.values(sql) == [(b"dw_sales",)]
        assert reused() == 0
