"""Scripted conversations: what a client says, for a suite that compares what it is answered by a server and by the gateway.

A conversation is (name, steps).  A step is the text of a query, or a tuple: ("ping",), ("reset",), ("init_db", name),
("prepare", key, text), ("execute", key, value, …), ("close", key).  {own} in a text is a table of this conversation alone,
made before it, with the columns id INT and v VARCHAR(40).  The table `t` (id, side) has three rows and is only read.

Left out is what the gateway answers otherwise by contract: documents and test_replay_gateway.py have that.
"""


def variables():
    """Each is set, read, set again, and taken back."""
    values = {
        "query_timeout": (77, 78), "sql_select_limit": (2, 100), "time_zone": ("'+08:00'", "'Asia/Shanghai'"),
        "net_write_timeout": (600, 61), "wait_timeout": (2000, 3000), "interactive_timeout": (700, 800),
        "sql_mode": ("'ONLY_FULL_GROUP_BY'", "'PIPES_AS_CONCAT'"), "auto_increment_increment": (2, 3),
        "query_mem_limit": (1000000, 2000000), "pipeline_dop": (2, 4), "enable_profile": ("true", "false"),
        "enable_spill": ("true", "false"), "cbo_cte_reuse": ("false", "true"), "insert_timeout": (100, 200),
        "parallel_fragment_exec_instance_num": (2, 3), "disable_join_reorder": ("true", "false"),
        "enable_insert_strict": ("false", "true"), "big_query_profile_threshold": ("'1s'", "'2s'"),
        "enable_query_cache": ("true", "false"), "group_concat_max_len": (2048, 4096), "sql_safe_updates": (1, 0),
        "max_allowed_packet": (1048576, 2097152), "net_read_timeout": (50, 51),
        "new_planner_optimize_timeout": (4000, 5000), "statistic_collect_parallel": (2, 3),
    }
    for name, (first, second) in values.items():
        yield f"variable {name}", [
            f"SELECT @@{name}", f"SET {name} = {first}", f"SELECT @@{name}", f"SET SESSION {name} = {second}",
            f"SELECT @@session.{name}, id FROM t ORDER BY id", f"SET @@{name} = DEFAULT", f"SELECT @@{name}"]


def user_variables():
    values = ["1", "-5", "1.50", "'text'", "''", "NULL", "'it''s'", "'back\\\\slash'", "'数据'", "\"double\"", "1e3", "0",
              "9223372036854775807", "true"]
    for i, value in enumerate(values):
        yield f"user variable of {value}", [
            f"SET @v{i} = {value}", f"SELECT @v{i}", "SELECT 1", f"SELECT @v{i}, id FROM t WHERE id = 1",
            f"SET @v{i} = 'another'", f"SELECT @v{i}"]
    yield "user variable that was never set", ["SELECT @nothing"]
    yield "several user variables", ["SET @a = 1, @b = 'x', @c = NULL", "SELECT @a, @b, @c", "SET @b = 'y'", "SELECT @a, @b, @c"]
    yield "user variable from another", ["SET @a = 5", "SET @b = @a", "SELECT @b", "SET @c = CONCAT(@a, '-', @b)", "SELECT @c"]
    yield "user variable in a condition", ["SET @i = 2", "SELECT id FROM t WHERE id = @i", "SET @i = 3", "SELECT id FROM t WHERE id >= @i"]
    yield "user variable that only the server knows", [
        "SET @m = (SELECT MAX(id) FROM t)", "SELECT id FROM t WHERE id < @m ORDER BY id", "SET @m = 1", "SELECT id FROM t WHERE id < @m"]
    yield "user variable that is counted up", ["SET @n = 1", "SET @n = @n + 1", "SET @n = @n + 1", "SELECT id FROM t WHERE id = @n"]


def forms_of_set():
    yield "SET of several", ["SET query_timeout = 50, sql_select_limit = 2", "SELECT id FROM t ORDER BY id", "SELECT @@query_timeout, id FROM t ORDER BY id"]
    yield "SET of several, both kinds", ["SET query_timeout = 51, @x = 'y'", "SELECT @@query_timeout, @x"]
    yield "SET SESSION and LOCAL", ["SET SESSION query_timeout = 52, LOCAL sql_select_limit = 1", "SELECT @@query_timeout, @@sql_select_limit, id FROM t"]
    yield "SET @@session", ["SET @@session.query_timeout = 53", "SELECT @@local.query_timeout, id FROM t ORDER BY id"]
    yield "SET with comments", ["/* tool */ SET /* a */ query_timeout = /* b */ 54", "SELECT @@query_timeout, id FROM t ORDER BY id"]
    yield "SET in capitals", ["set QUERY_TIMEOUT = 55", "SELECT @@Query_Timeout, id FROM t ORDER BY id"]
    yield "SET of a word", ["SET sql_mode = PIPES_AS_CONCAT", "SELECT id FROM t WHERE id = 1"]
    yield "SET of CONCAT", ["SET sql_mode = 'PIPES_AS_CONCAT'", "SET sql_mode = CONCAT(@@sql_mode, ',ONLY_FULL_GROUP_BY')", "SELECT 'a' || 'b'"]
    yield "SET of an expression", ["SET query_timeout = 60 * 5", "SELECT @@query_timeout, id FROM t ORDER BY id", "SET query_timeout = 10", "SELECT @@query_timeout, id FROM t ORDER BY id"]
    yield "SET NAMES", ["SET NAMES utf8mb4", "SELECT 'é'"]
    yield "SET NAMES COLLATE", ["SET NAMES 'utf8' COLLATE 'utf8_general_ci'", "SELECT 1"]
    yield "SET autocommit", ["SET autocommit = 1", "SELECT 1", "SET autocommit=1"]
    yield "SET TRANSACTION", ["SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED", "SELECT 1"]
    yield "SET to a wrong value", ["SET query_timeout = 'x'", "SELECT @@query_timeout, id FROM t ORDER BY id", "SET query_timeout = 5", "SELECT @@query_timeout, id FROM t ORDER BY id"]
    yield "SET and an error between", ["SET query_timeout = 56", "SELECT nothing FROM t", "SELECT @@query_timeout, id FROM t ORDER BY id"]
    yield "SET twenty times", [f"SET query_timeout = {i}" for i in range(1, 21)] + ["SELECT @@query_timeout, id FROM t ORDER BY id"]
    yield "a limit that is set and lifted", ["SET sql_select_limit = 1", "SELECT id FROM t", "SET sql_select_limit = DEFAULT", "SELECT id FROM t ORDER BY id"]


def transactions():
    insert = "INSERT INTO {own} VALUES (1, 'a')"
    read = "SELECT id, v FROM {own} ORDER BY id"
    yield "COMMIT", ["BEGIN", insert, "COMMIT", read]
    yield "ROLLBACK", ["BEGIN", insert, "ROLLBACK", read]
    yield "START TRANSACTION", ["START TRANSACTION", insert, "COMMIT", read]
    yield "BEGIN twice", ["BEGIN", "BEGIN", insert, "COMMIT", read]
    yield "two transactions", ["BEGIN", insert, "COMMIT", "BEGIN", "INSERT INTO {own} VALUES (2, 'b')", "ROLLBACK", read]
    yield "an empty transaction", ["BEGIN", "COMMIT", read]
    yield "an empty transaction that is rolled back", ["BEGIN", "ROLLBACK", read]
    yield "COMMIT of nothing", ["COMMIT", read]
    yield "ROLLBACK of nothing", ["ROLLBACK", read]
    yield "a transaction after SET", ["SET query_timeout = 60", "BEGIN", insert, "COMMIT", "SELECT @@query_timeout, id FROM t ORDER BY id"]
    yield "several rows in one transaction", ["BEGIN", "INSERT INTO {own} VALUES (1, 'a'), (2, 'b')", "COMMIT", read]
    yield "an error in a transaction", ["BEGIN", insert, "INSERT INTO {own} VALUES (1)", "ROLLBACK", read]
    yield "a ping in a transaction", ["BEGIN", insert, ("ping",), "COMMIT", read]
    yield "a reset in a transaction", ["BEGIN", insert, ("reset",), "SELECT 1"]


def changes():
    read = "SELECT id, v FROM {own} ORDER BY id"
    yield "INSERT", ["INSERT INTO {own} VALUES (1, 'a')", read]
    yield "INSERT of several", ["INSERT INTO {own} VALUES (1, 'a'), (2, NULL), (3, '')", read]
    yield "INSERT with columns", ["INSERT INTO {own} (v, id) VALUES ('b', 2)", read]
    yield "INSERT SELECT", ["INSERT INTO {own} SELECT id, side FROM t", read]
    yield "DELETE", ["INSERT INTO {own} VALUES (1, 'a'), (2, 'b')", "DELETE FROM {own} WHERE id = 1", read]
    yield "INSERT of text in other letters", ["INSERT INTO {own} VALUES (1, '数据 ünï')", read]
    yield "INSERT that fails", ["INSERT INTO {own} VALUES (1, 'a', 2)", read]
    yield "TRUNCATE", ["INSERT INTO {own} VALUES (1, 'a')", "TRUNCATE TABLE {own}", read]
    yield "a temporary table", ["CREATE TEMPORARY TABLE mine_{own} (id INT)", "INSERT INTO mine_{own} VALUES (7)", "SELECT * FROM mine_{own}",
                                "DROP TABLE mine_{own}", "SELECT 1"]
    yield "a temporary table that stays", ["CREATE TEMPORARY TABLE kept_{own} (id INT)", "SELECT COUNT(*) FROM kept_{own}"]


def queries():
    texts = [
        "SELECT 1", "SELECT 1 AS a, 'x' AS b", "SELECT id, side FROM t ORDER BY id", "SELECT COUNT(*) FROM t", "SELECT * FROM t WHERE 1 = 0",
        "SELECT NULL", "SELECT ''", "SELECT 'a', 'b' UNION ALL SELECT 'c', 'd'", "SELECT id FROM t ORDER BY id DESC LIMIT 1",
        "SELECT MAX(id), MIN(id), SUM(id) FROM t", "SELECT side, COUNT(*) FROM t GROUP BY side", "SELECT a.id FROM t a JOIN t b ON a.id = b.id ORDER BY 1",
        "WITH x AS (SELECT id FROM t) SELECT * FROM x ORDER BY id", "SELECT (SELECT MAX(id) FROM t)", "SELECT CAST(1 AS CHAR)",
        "SELECT CAST('2026-01-02' AS DATE)", "SELECT 1.25", "SELECT 1/4", "SELECT 'it''s'", "SELECT REPEAT('x', 3000)",
        "SELECT CASE WHEN id = 1 THEN 'one' ELSE 'more' END FROM t ORDER BY id", "SELECT 1;", "SELECT DATABASE()", "SELECT VERSION()",
        "SELECT t.id FROM t WHERE t.id IN (SELECT id FROM t WHERE id > 1) ORDER BY 1", "SELECT id FROM t x WHERE EXISTS (SELECT 1 FROM t)",
        "SELECT CONCAT('a', id) FROM t ORDER BY id", "SELECT id + 1 AS n FROM t ORDER BY n", "SELECT DISTINCT side FROM t",
        "SELECT COALESCE(NULL, 'x')", "SELECT UPPER(side) FROM t ORDER BY id", "SELECT id FROM t WHERE side LIKE 'sh%' ORDER BY id",
        "SELECT id FROM t WHERE id BETWEEN 2 AND 3 ORDER BY id", "SELECT 1 = 1, 1 > 2", "SELECT -1", "SELECT ABS(-3)", "SELECT LENGTH('数据')", "SELECT 1 -- comment", "/* c */ SELECT /* d */ 2", "SELECT 'a\nb'",
    ]
    for text in texts:
        yield text[:40], [text, "SELECT 2", text]
    for name, text in (("syntax", "SELEC 1"), ("table", "SELECT * FROM nothing_there"), ("column", "SELECT nothing_there FROM t"),
                       ("function", "SELECT no_such_function(1)"), ("arguments", "SELECT id FROM t WHERE")):
        yield f"an error of {name}", ["SELECT 1", text, "SELECT 2", text, "SELECT 3"]


def commands():
    yield "ping", [("ping",), "SELECT 1", ("ping",)]
    yield "INIT_DB", [("init_db", "shop"), "SELECT DATABASE()", "SELECT COUNT(*) FROM t"]
    yield "USE", ["USE shop", "SELECT DATABASE()"]
    yield "reset", ["SET query_timeout = 62", ("reset",), "SELECT @@query_timeout, id FROM t ORDER BY id", ("ping",)]
    yield "reset of several", ["SET query_timeout = 62, sql_select_limit = 1", "SELECT id FROM t", ("reset",), "SELECT id FROM t ORDER BY id"]


def prepared():
    yield "prepared SELECT", [("prepare", "a", "SELECT id, side FROM t WHERE id = ?"), ("execute", "a", 1), ("execute", "a", 2), ("execute", "a", 99)]
    yield "prepared without parameters", [("prepare", "a", "SELECT COUNT(*) FROM t"), ("execute", "a"), "SELECT 1", ("execute", "a")]
    yield "prepared with text", [("prepare", "a", "SELECT id FROM t WHERE side = ? AND id > ?"), ("execute", "a", "shop", 1), ("execute", "a", "x", 0)]
    yield "prepared with NULL", [("prepare", "a", "SELECT id FROM t WHERE id = ?"), ("execute", "a", None), ("execute", "a", 3)]
    yield "two prepared", [("prepare", "a", "SELECT id FROM t WHERE id = ?"), ("prepare", "b", "SELECT side FROM t WHERE id = ?"),
                           ("execute", "b", 1), ("execute", "a", 2), ("execute", "b", 3)]
    yield "prepared and closed", [("prepare", "a", "SELECT id FROM t WHERE id = ?"), ("execute", "a", 1), ("close", "a"),
                                  ("prepare", "b", "SELECT id FROM t WHERE id = ?"), ("execute", "b", 2)]
    yield "prepared and SET", [("prepare", "a", "SELECT id FROM t ORDER BY id"), ("execute", "a"), "SET sql_select_limit = 1", ("execute", "a")]
    yield "prepared in many rounds", [("prepare", "a", "SELECT side FROM t WHERE id = ?")] + [("execute", "a", i % 4) for i in range(12)]
    yield "prepared of what is not there", [("prepare", "a", "SELECT nothing FROM t"), "SELECT 1"]


def multiple():
    yield "two statements", ["SELECT 1; SELECT 2"]
    yield "two statements of tables", ["SELECT id FROM t WHERE id = 1; SELECT COUNT(*) FROM t"]
    yield "two statements, the second fails", ["SELECT 1; SELECT nothing FROM t", "SELECT 3"]
    yield "two inserts", ["INSERT INTO {own} VALUES (1, 'a'); INSERT INTO {own} VALUES (2, 'b')", "SELECT id FROM {own} ORDER BY id"]


def hints():
    yield "a hint", ["SELECT /*+ SET_VAR(query_timeout = 99) */ id FROM t ORDER BY id", "SELECT @@query_timeout, id FROM t ORDER BY id"]
    yield "two hints", ["SELECT /*+ SET_VAR(query_timeout = 99, pipeline_dop = 2) */ 1", "SELECT @@pipeline_dop"]


GROUPS = [variables, user_variables, forms_of_set, transactions, changes, queries, commands, prepared, multiple, hints]
ALL = [conversation for group in GROUPS for conversation in group()]
