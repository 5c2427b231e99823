"""Users without a project, over a MariaDB: what drivers begin with, which a frontend's cluster answers here."""

import pytest

import harness
import world
from harness import rows

OPENING = ["SELECT 1", "SELECT DATABASE(), @@version_comment, VERSION()", "SELECT CONCAT('a', @@hostname)", "SET NAMES utf8mb4",
           "SET sql_mode = CONCAT(@@sql_mode, ',STRICT_TRANS_TABLES')", "SHOW VARIABLES LIKE 'version%'", "SHOW COLLATION LIKE 'utf8mb4_bin'",
           "SHOW CHARSET LIKE 'utf8%'", "SHOW ENGINES", "SELECT table_name FROM information_schema.tables LIMIT 1"]


def user_without_project(backend, **keys):
    config = world.config(backend.port)
    config["clusters"]["main"]["metadata"] = {"username": "mart_rw", "password": "env:MART_RW"}
    config["users"]["nobody"] = world.user("nobody", **keys)
    return config


@pytest.mark.parametrize("keys", [{"metadata": "all"}, {"admin": True}])
def test_a_user_of_all_metadata_needs_no_project_to_begin(gateway, backend, recorder, keys):
    """It runs where the metadata are read, and nothing else does."""
    g = gateway(user_without_project(backend, **keys))
    with g.connect("nobody") as connection:
        recorder.clear()
        for sql in OPENING:
            with connection.cursor() as cursor:
                cursor.execute(sql)
        assert recorder.account_of("SELECT CONCAT") == {"mart_rw"}
        assert rows(connection, "SELECT @@sql_mode LIKE '%STRICT_TRANS_TABLES%'") == ((1,),)
        for sql in ("SELECT * FROM t", "SHOW TABLES", "SHOW FULL COLUMNS FROM t", "SELECT 1 FROM mart.t", "SELECT 1; SHOW TABLES"):
            assert harness.refusal(rows, connection, sql), sql


def test_others_without_a_project_are_told_what_they_need(gateway, backend):
    g = gateway(user_without_project(backend))
    number, text = harness.refusal(g.query, "SELECT 1", "nobody")
    assert number == 1046 and "a role on one is needed" in text and "admin" not in text
    g = gateway(user_without_project(backend, admin=True))
    number, text = harness.refusal(g.query, "SHOW FRONTENDS", "nobody")
    assert number == 1046 and "clusters.NAME.admin" in text
