"""Databases whose names are those of other projects, of tables and of aliases, and one that is bound to nothing."""

import sys

import pymysql
import pytest

import harness
import world

sys.path.insert(0, str(harness.ROOT / "tests"))

from fe.emulator import Emulator  # noqa: E402

#           database      project     account (which may be called as a project)
BINDINGS = (("phys_sales", "sales", "acct_sales"), ("sales", "old", "crm"), ("phys_crm", "crm", "acct_crm"),
            ("orders", "shop", "acct_shop"), ("hidden", "secret", "acct_secret"))
SCHEMA, UNBOUND = "ods", "phys_zzz"  # of the data source lake; of nobody
DATABASES = [database for database, *_ in BINDINGS] + [SCHEMA, UNBOUND]
ACCOUNTS = [account for *_, account in BINDINGS] + ["acct_lake", "acct_meta"]
VIEWS = {
    "v_all": "SELECT a.id, b.id AS b, c.id AS c FROM phys_sales.t a JOIN sales.t b ON a.id = b.id JOIN phys_crm.t c ON b.id = c.id",
    "v_other": "SELECT x.id FROM hidden.t x JOIN phys_zzz.t y ON x.id = y.id",
    "v_lake": "SELECT a.id FROM ods.t a JOIN ods.orders b ON a.id = b.id",
    "v_tick": "SELECT REPLACE(a.id, '`', '') AS s, b.id FROM phys_sales.t a JOIN hidden.t b ON a.id = b.id WHERE a.id <> 'x'",
    "v_none": "SELECT id FROM phys_zzz.t",
}


def furnish(sql, kind):
    end = "DISTRIBUTED BY HASH(id) BUCKETS 1" if kind == "frontends" else ""
    for account in ACCOUNTS:
        sql(f"CREATE USER {account} IDENTIFIED BY 'x'")
    for database in DATABASES:
        sql(f"CREATE DATABASE {database}", *[f"CREATE TABLE {database}.{t} (id INT PRIMARY KEY) {end}" for t in ("t", "orders")])
        for account in ACCOUNTS:
            sql(f"GRANT ALL ON ALL TABLES IN DATABASE {database} TO USER {account}" if kind == "frontends"
                else f"GRANT ALL ON {database}.* TO {account}")
        if kind == "frontends":
            sql(*[f"GRANT CREATE TABLE ON DATABASE {database} TO USER {account}" for account in ACCOUNTS])
    sql(*[f"CREATE VIEW phys_sales.{name} AS {text}" for name, text in VIEWS.items()],
        "CREATE VIEW orders.v_self AS SELECT orders.id FROM orders.orders")
    for view in ["phys_sales." + name for name in VIEWS] + ["orders.v_self"]:
        if kind == "frontends":
            sql(*[f"GRANT SELECT ON VIEW {view} TO USER {account}" for account in ACCOUNTS])


@pytest.fixture(scope="module", params=["frontends", "mariadb"])
def cluster(request):
    """(which, a function that runs SQL as root, the port)"""
    backend = harness.Backend()
    try:
        if request.param == "mariadb":
            furnish(backend.sql, request.param)
            yield request.param, backend.sql, backend.port
        else:
            with Emulator(str(backend.dir / "socket")) as emulator:
                furnish(emulator.sql, request.param)
                yield request.param, emulator.sql, emulator.ports[1]
    finally:
        backend.stop()


@pytest.fixture
def g(gateway, cluster):
    def account(name):
        return {"username": name, "password": "x"}

    return gateway({
        "settings": {"workers": 1},
        "listeners": [{"protocol": "mysql", "address": f"127.0.0.1:{harness.free_port()}", "tls": "off"}],
        "clusters": {"main": {"jdbc_url": f"jdbc:mysql://127.0.0.1:{cluster[2]}/", "metadata": account("acct_meta")}},
        "compute_sources": {project: {"cluster": "main", "database": database, **account(name)}
                            for database, project, name in BINDINGS},
        "projects": {project: {"prod": project, "members": {"own": "owner"} if project == "secret" else
                               {"ana": "owner", "own": "owner", "bo": "viewer"}} for _, project, _ in BINDINGS},
        "data_sources": {"lake": {"code": "lake", "members": {"ana": "viewer"},
                                  "prod": {"cluster": "main", "databases": [SCHEMA], **account("acct_lake")}}},
        "users": {name: {"auth": {"mysql_native_password": harness.native_hash(world.PASSWORDS[name])}}
                  for name in ("ana", "own", "bo")},
    })


def definitions(g, view, user="ana", project="sales"):
    """As information_schema and SHOW CREATE VIEW tell it, without what they may differ in."""
    ((told,),) = g.query("SELECT view_definition FROM information_schema.views"
                         f" WHERE table_schema = '{project}' AND table_name = '{view}'", user)
    shown = g.query(f"SHOW CREATE VIEW {project}.{view}", user)[0][1]
    return told, shown


def error(g, sql, user="ana", database="sales"):
    with pytest.raises(pymysql.MySQLError) as caught:
        g.query(sql, user, database)
    return caught.value.args[1]


def test_the_name_of_one_project_is_another_ones_database(g, cluster):
    for text in definitions(g, "v_all"):
        assert "`sales`.`t`" in text and "`old`.`t`" in text and "`crm`.`t`" in text and "`?`." not in text
    assert error(g, "SELECT * FROM old.nosuch", database="old").count("old.nosuch") == 1


def test_the_schema_of_a_data_source(g, cluster):
    for text in definitions(g, "v_lake"):
        assert text.count("`lake.ods`.`") == text.count("ods") > 1


def test_databases_of_others_and_of_nobody_are_hidden(g, cluster):
    for view in ("v_other", "v_none", "v_tick"):
        for text in definitions(g, view):
            assert "`?`.`t`" in text and "hidden" not in text and "zzz" not in text
    assert "`secret`.`t`" in definitions(g, "v_other", "own")[0]


def test_a_table_called_as_its_database(g, cluster):
    told, shown = definitions(g, "v_self", project="shop")
    assert "`shop`.`orders`" in told and "from `shop`.`orders`" in shown.lower() or cluster[0] == "mariadb"
    assert "`shop`.`shop`" not in told + shown


@pytest.mark.parametrize("sql, kept", [
    ("CREATE TABLE orders (id INT) DISTRIBUTED BY HASH(id) BUCKETS 1", "'orders' already exists"),
    ("SELECT orders.nosuch FROM shop.orders", "orders.nosuch"),
    ("SELECT orders FROM shop.orders", "'orders'"),
])
def test_what_the_client_has_typed_as_a_table_or_a_column_stays(g, cluster, sql, kept):
    if cluster[0] == "mariadb":
        sql = sql.replace(" DISTRIBUTED BY HASH(id) BUCKETS 1", "")
    text = error(g, sql, database="shop")
    assert kept in text.replace("`", "") and "shop" not in text, text


@pytest.fixture
def mariadb(cluster):
    if cluster[0] != "mariadb":
        pytest.skip("a frontend has none of it")
    return cluster[1]


def test_foreign_keys_of_a_mariadb(g, mariadb):
    mariadb("CREATE TABLE phys_zzz.par (id INT PRIMARY KEY)",
            "CREATE TABLE phys_sales.child (id INT, CONSTRAINT c FOREIGN KEY (id) REFERENCES phys_zzz.par (id))",
            "CREATE TABLE phys_sales.par (id INT PRIMARY KEY)", "INSERT INTO phys_sales.par VALUES (1)",
            "CREATE TABLE phys_zzz.child (id INT, CONSTRAINT c FOREIGN KEY (id) REFERENCES phys_sales.par (id))",
            "INSERT INTO phys_zzz.child VALUES (1)")
    try:
        shown = g.query("SHOW CREATE TABLE sales.child")[0][1]
        assert "REFERENCES `?`.`par`" in shown
        for sql in ("INSERT INTO sales.child VALUES (1)", "DELETE FROM sales.par"):
            text = error(g, sql)
            assert "`?`.`" in text and "`sales`.`" in text and "zzz" not in text, text
    finally:
        mariadb("DROP TABLE phys_sales.child", "DROP TABLE phys_zzz.child", "DROP TABLE phys_zzz.par", "DROP TABLE phys_sales.par")


def test_names_without_quotes_in_bodies_of_a_mariadb(g, mariadb):
    mariadb("CREATE TRIGGER phys_sales.tr BEFORE INSERT ON phys_sales.t FOR EACH ROW BEGIN INSERT INTO hidden.t VALUES (1);"
            " INSERT INTO phys_zzz.t VALUES (1); INSERT INTO phys_crm . t VALUES (1.5); DELETE sales.t FROM sales.t, phys_crm.orders; END")
    try:
        ((text,),) = g.query("SELECT action_statement FROM information_schema.triggers WHERE trigger_schema = 'sales'")
        assert text == ("BEGIN INSERT INTO `?`.t VALUES (1); INSERT INTO `?`.t VALUES (1); INSERT INTO crm. t VALUES (1.5);"
                        " DELETE old.t FROM old.t, crm.orders; END")
    finally:
        mariadb("DROP TRIGGER phys_sales.tr")


def test_who_has_defined_a_view_is_not_told(g, cluster):
    text = definitions(g, "v_all")[1]
    assert "DEFINER" not in text or "DEFINER=`?`@`%`" in text
    if cluster[0] == "mariadb":
        cluster[1]("CREATE DEFINER = acct_sales VIEW phys_sales.v_own AS SELECT id FROM phys_sales.t")
        assert "DEFINER=`ana`@`%`" in definitions(g, "v_own")[1]
        cluster[1]("DROP VIEW phys_sales.v_own")


def test_comments_are_their_owners_words(g, mariadb):
    comment = "made from phys_crm.t, `hidden`.x"
    mariadb(f"CREATE TABLE phys_sales.noted (id INT COMMENT '{comment}') COMMENT '{comment}'",
            "CREATE TABLE phys_sales.gone (id INT)", "CREATE VIEW phys_sales.broken AS SELECT id FROM phys_sales.gone",
            "DROP TABLE phys_sales.gone")
    try:
        assert g.query("SELECT table_comment FROM information_schema.tables WHERE table_schema = 'sales' AND table_name = 'noted'") == ((comment,),)
        assert g.query("SELECT column_comment FROM information_schema.columns WHERE table_schema = 'sales' AND table_name = 'noted'") == ((comment,),)
        assert g.query("SHOW FULL COLUMNS FROM sales.noted")[0][-1] == comment
        assert g.query("SHOW CREATE TABLE sales.noted")[0][1].count(f"COMMENT '{comment}'") == 1
        assert f"COMMENT='{comment}'" in g.query("SHOW CREATE TABLE sales.noted")[0][1]
        assert g.query("SHOW TABLE STATUS FROM sales LIKE 'noted'")[0][17] == comment
        broken = g.query("SHOW TABLE STATUS FROM sales LIKE 'broken'")[0][17]
        assert broken.startswith("View 'sales.broken' references")
    finally:
        mariadb("DROP TABLE phys_sales.noted", "DROP VIEW phys_sales.broken")


def test_rights_of_the_account_are_not_told(g, cluster):
    assert set(g.query("SELECT DISTINCT privileges FROM information_schema.columns WHERE table_schema = 'sales'", "bo")) <= {("",), (None,)}
