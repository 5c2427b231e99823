"""EXPLAIN GATEWAY over the wire, the labels of rewritten columns, and SET values worked out from a session's own."""

import world
from harness import refusal, rows

COLUMNS = ["Decision", "Project", "Environment", "Resource Group", "Rule", "Class", "Message", "SQL", "Cluster", "Account"]


def explained(connection, sql):
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN GATEWAY " + sql)
        assert [d[0] for d in cursor.description] == COLUMNS
        (row,) = cursor.fetchall()
        return dict(zip(COLUMNS, row))


def labels(connection, sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [d[0] for d in cursor.description]


def test_everybody_sees_the_decision_and_nothing_physical(gateway, recorder):
    g = gateway()
    with g.connect("ana", "sales") as connection:
        recorder.clear()
        assert explained(connection, "SELECT * FROM sales_dev.t") == {
            "Decision": "sent", "Project": "sales", "Environment": "dev", "Resource Group": None,
            "Rule": "queryStatement", "Class": "query", "Message": None, "SQL": None, "Cluster": None, "Account": None,
        }
        denied = explained(connection, "DELETE FROM t")
        assert denied["Decision"] == "refused" and denied["Rule"] == "deleteStatement"
        assert denied["Message"].startswith("5203: starbind: user 'ana' lacks 'write' on project 'sales' (prod)")
        unknown = explained(connection, "SELECT * FROM dw_secret.t")
        assert unknown["Message"] == "5501: Unknown database 'dw_secret'"
        assert explained(connection, "SHOW DATABASES")["Decision"] == "answered by the gateway"
        assert explained(connection, "SELEC 1")["Rule"] is None
        assert recorder.queries() == []


def test_administrators_see_text_cluster_and_account(gateway, config):
    config["users"]["own"]["admin"] = True
    with gateway(config).connect("own", "sales") as connection:
        row = explained(connection, "SELECT t.id FROM sales_dev.t")
        assert (row["SQL"], row["Cluster"], row["Account"]) == (
            "SELECT t.id FROM `dw_sales_dev`.`t`", "main", "sales_dev",
        )
        assert explained(connection, "SELECT * FROM nosuch.t")["SQL"] is None


def test_statements_of_administrators_run_with_the_account_for_them(gateway, config, recorder):
    config["users"]["own"]["admin"] = True
    config["users"]["operator"] = {**config["users"]["own"], "admin": True}  # has no project
    g = gateway(config)
    with g.connect("own", "sales") as own, g.connect("operator", password="own's") as operator, g.connect("bo", "sales") as bo:
        refusal(rows, own, "SHOW BROKER")  # a frontend would know it
        assert recorder.account_of("SHOW BROKER") == {"sales_rw"}
        assert refusal(rows, operator, "SHOW BROKER")[0] == 1046
        config["clusters"]["main"]["admin"] = {"username": "mart_rw", "password": world.reference("mart_rw")}
        g.reload(config)
        recorder.clear()
        g.reach_workers()
        refusal(rows, own, "SHOW BROKER")
        refusal(rows, operator, "SHOW BACKENDS")
        assert refusal(rows, bo, "SHOW FRONTENDS")[0] == 1235
        assert rows(own, "SELECT side FROM t LIMIT 1") == (("dw_sales",),)
        assert recorder.account_of("SHOW BROKER") == recorder.account_of("SHOW BACKENDS") == {"mart_rw"}
        assert recorder.account_of("SELECT side") == {"sales_rw"} and not recorder.account_of("SHOW FRONTENDS")


def test_it_takes_one_statement_and_is_no_name(gateway):
    g = gateway()
    with g.connect("ana", "sales") as connection:
        assert refusal(rows, connection, "EXPLAIN GATEWAY")[0] == 1064
        assert refusal(rows, connection, "EXPLAIN GATEWAY EXPLAIN GATEWAY SELECT 1")[0] == 1064
        assert refusal(rows, connection, "DESC gateway")[0] != 1064  # a table of that name is described as ever


def test_labels_are_those_of_the_text_that_was_sent(gateway):
    g = gateway()
    with g.connect("ana", "sales") as connection, g.connect("ana") as other:
        assert labels(connection, "SELECT sales.t.id, t.side FROM sales.t") == ["id", "side"]
        assert labels(connection, "SELECT max(sales.t.id), min(sales.t.id) least FROM sales.t") == [
            "max(sales.t.id)", "least",
        ]
        assert labels(other, "SELECT count(*), sales.t.id + 1 FROM sales.t GROUP BY 2 ORDER BY 2") == [
            "count(*)", "sales.t.id + 1",
        ]
        assert labels(connection, "SELECT upper(sales.t.side) FROM sales.t UNION SELECT sales.t.side FROM sales.t") == [
            "upper(sales.t.side)",
        ]
        assert labels(connection, "SELECT DATABASE()") == ["DATABASE()"]
        for label in labels(connection, "SELECT (SELECT max(id) FROM t), CASE WHEN t.id > 1 THEN t.side END FROM sales.t"):
            assert "dw_" not in label


def test_a_set_may_build_on_what_the_session_has_set(gateway):
    with gateway().connect("ana", "sales") as connection:
        rows(connection, "SET sql_mode = 'NO_ZERO_DATE'")
        rows(connection, "SET sql_mode = CONCAT(@@sql_mode, ',STRICT_TRANS_TABLES')")
        assert "STRICT_TRANS_TABLES" in rows(connection, "SELECT @@sql_mode")[0][0]
        assert "NO_ZERO_DATE" in rows(connection, "SELECT @@sql_mode")[0][0]
        rows(connection, "SET @a = 'x', @n = 7")
        rows(connection, "SET @b = CONCAT(@a, '-', @n), @m = @n")
        assert rows(connection, "SELECT @b, @m") == (("x-7", 7),)
        rows(connection, "SET @me = CURRENT_USER")
        assert rows(connection, "SELECT @me, side FROM crm.t LIMIT 1") == (("'ana'@'%'", "dw_crm"),)
        rows(connection, "SET @c = @nosuch")  # what only the server can work out is sent there
        rows(connection, "SET @a = 'it\\'s'")
        rows(connection, "SET @d = @a")
        assert rows(connection, "SELECT @c, @d") == ((None, "it's"),)
