"""Statements over the tables of warehouse.py, made by a seeded generator, and the two ways to say one.

In a template @project.table stands for a table and @project.table.column for a column of it.  `spell` writes
either what a client of the gateway may write (the project's name in several spellings, a macro, or nothing where
the project is the selected one) or the database's own name."""

import random
import re

NAME = re.compile(r"@(\w+)\.(\w+)(?:\.(\w+))?")
NUMBERS = ["price", "stock", "kind", "id"]
COUNTS = ["count(*)", "count(stock)", "sum(stock)", "min(price)", "max(price)", "count(distinct kind)", "avg(price)"]
WINDOWS = ["row_number()", "rank()", "dense_rank()", "sum(price)", "count(*)", "min(price)", "max(price)", "avg(stock)"]


def table_spellings(project, selected):
    spelled = [f"{project}.%s", f"`{project}`.`%s`", "${%s}.%%s" % project, f"{project.upper()}.%s", f"{project} . %s",
               f"{project}/* . */.%s", f"`{project.capitalize()}`.%s"]
    return spelled + ["%s", "`%s`", "%s"] if project == selected else spelled


def spell(template, databases, selected=None, r=None):
    """With r: a client's spelling, drawn from it.  Without: the physical one."""

    def name(match):
        project, table, column = match.groups()
        if r is None:
            said = f"{databases[project]}.{table}"
        else:
            said = r.choice(table_spellings(project, selected)) % table
        return f"{said}.{column}" if column else said

    return NAME.sub(name, template)


def condition(r, prefix=""):
    return prefix + r.choice([
        f"price > {r.randint(1, 900)}", f"stock IS {r.choice(['', 'NOT '])}NULL", f"kind IN ({r.randint(1, 3)}, {r.randint(4, 7)})",
        f"label LIKE '%{r.choice('aeilo')}%'", f"id BETWEEN {r.randint(1, 50)} AND {r.randint(51, 120)}",
        f"born >= '199{r.randint(2, 6)}-0{r.randint(1, 9)}-1{r.randint(0, 9)}'",
    ])


def filtered(r):
    return (f"SELECT id, label, price FROM @lab.item WHERE {condition(r)} {r.choice(['AND', 'OR'])} NOT ({condition(r)}) "
            f"ORDER BY price {r.choice(['', 'DESC'])}, id LIMIT {r.randint(3, 40)}")


def qualified_columns(r):
    return (f"SELECT @lab.item.id, @lab.item.{r.choice(NUMBERS)} AS n, item.label FROM @lab.item "
            f"WHERE @lab.item.{condition(r)} ORDER BY @lab.item.id")


def qualified_join(r):
    return (f"SELECT @lab.item.label, @dims.city.name, sum(@lab.sale.amount) AS s FROM @lab.sale "
            f"{r.choice(['JOIN', 'INNER JOIN', 'LEFT JOIN'])} @lab.item ON @lab.item.id = @lab.sale.item_id "
            f"JOIN @dims.city ON @dims.city.id = @lab.sale.city_id WHERE @lab.sale.amount > {r.randint(0, 400)} "
            f"GROUP BY @lab.item.label, @dims.city.name ORDER BY s DESC, 1, 2")


def stars(r):
    star = r.choice(["@lab.note.*", "note.*", "*", "@lab.note.*, @dims.kind.*"])
    return f"SELECT {star} FROM @lab.note, @dims.kind WHERE seq = kind.id - {r.randint(0, 2)} AND item_id < {r.randint(5, 60)}"


def outer_join(r):
    kind = r.choice(["LEFT", "RIGHT", "LEFT OUTER", "RIGHT OUTER"])
    return (f"SELECT s.id, i.label, c.name FROM @lab.sale s {kind} JOIN @lab.item i ON i.id = s.item_id "
            f"LEFT JOIN @dims.city c ON c.id = s.city_id AND c.id > {r.randint(1, 8)} WHERE s.id IS NULL OR s.id % {r.randint(5, 40)} = 0")


def shadowing_alias(r):
    alias = r.choice(["dims", "lab", "city", "item", "sale", "perf_lab"])
    return (f"SELECT {alias}.{r.choice(NUMBERS)} AS x, {alias}.label FROM @lab.item {r.choice(['AS', ''])} {alias} "
            f"WHERE {condition(r, alias + '.')} ORDER BY {alias}.id")


def shadowing_tables(r):
    """Aliases that are names of other tables and of projects."""
    return (f"SELECT sale.label, dims.amount FROM @lab.item sale JOIN @lab.sale dims ON dims.item_id = sale.id "
            f"WHERE dims.amount < {r.randint(20, 200)} AND sale.{condition(r)} ORDER BY dims.id")


def shadowing_cte(r):
    name = r.choice(["item", "sale", "city", "lab"])
    return (f"WITH {name} AS (SELECT id, price FROM @dims.city JOIN (SELECT {r.randint(1, 9)} AS price) p) "
            f"SELECT * FROM {name} ORDER BY id")


def cte_and_table(r):
    """A name that is a CTE when bare and a table when qualified."""
    return (f"WITH item AS (SELECT id FROM @dims.kind WHERE id > {r.randint(1, 4)}) "
            f"SELECT (SELECT count(*) FROM item) AS few, (SELECT count(*) FROM @lab.sale s WHERE s.amount > {r.randint(1, 400)}) AS many")


def nested_cte(r):
    return (f"WITH a AS (SELECT kind, price FROM @lab.item WHERE {condition(r)}), b AS (SELECT kind, {r.choice(['max', 'min', 'sum'])}"
            f"(price) AS p FROM a GROUP BY kind), c AS (WITH d AS (SELECT * FROM b) SELECT * FROM d) "
            f"SELECT c.kind, c.p, k.name FROM c LEFT JOIN @dims.kind k ON k.id = c.kind ORDER BY c.kind")


def derived(r):
    return (f"SELECT x.kind, x.n, y.m FROM (SELECT kind, {r.choice(COUNTS)} AS n FROM @lab.item GROUP BY kind) x "
            f"JOIN (SELECT i.kind, count(*) AS m FROM @lab.sale s, @lab.item i WHERE s.item_id = i.id "
            f"AND s.amount > {r.randint(1, 450)} GROUP BY i.kind) AS y ON x.kind = y.kind ORDER BY x.kind")


def exists(r):
    return (f"SELECT i.id FROM @lab.item i WHERE {r.choice(['', 'NOT '])}EXISTS (SELECT 1 FROM @lab.sale s WHERE s.item_id = i.id "
            f"AND s.amount > {r.randint(1, 480)}) AND i.{condition(r)} ORDER BY 1")


def correlated_by_name(r):
    return (f"SELECT id FROM @lab.item WHERE price > (SELECT avg(amount) * {r.randint(1, 3)} FROM @lab.sale "
            f"WHERE @lab.sale.item_id = @lab.item.id) ORDER BY id")


def membership(r):
    return (f"SELECT label, price FROM @lab.item WHERE id {r.choice(['', 'NOT '])}IN (SELECT item_id FROM @lab.sale WHERE city_id IN "
            f"(SELECT id FROM @dims.city WHERE name <> 'city {r.randint(1, 8)}') AND amount > {r.randint(100, 490)}) ORDER BY id")


def scalar(r):
    return (f"SELECT c.name, (SELECT sum(amount) FROM @lab.sale s WHERE s.city_id = c.id AND s.item_id < {r.randint(9, 120)}) AS total, "
            f"(SELECT count(*) FROM @dims.kind) AS kinds FROM @dims.city c ORDER BY c.id")


def set_operation(r):
    op = r.choice(["UNION", "UNION ALL", "EXCEPT", "INTERSECT"])
    return (f"SELECT kind AS n FROM @lab.item WHERE {condition(r)} {op} SELECT id FROM @dims.kind WHERE id < {r.randint(2, 6)} "
            f"{r.choice(['UNION', 'UNION ALL'])} SELECT city_id FROM @lab.sale WHERE amount > {r.randint(300, 499)} ORDER BY n")


def parenthesised(r):
    return (f"(SELECT id, label FROM @lab.item WHERE {condition(r)} ORDER BY id LIMIT {r.randint(1, 9)}) UNION ALL "
            f"(SELECT id, name FROM @dims.city ORDER BY id DESC LIMIT {r.randint(1, 5)})")


def windows(r):
    over = f"OVER (PARTITION BY {r.choice(['kind', 'label'])} ORDER BY price, id)"
    return (f"SELECT id, {r.choice(WINDOWS)} {over} AS w, lag(price, {r.randint(1, 3)}) {over} AS before_it FROM @lab.item "
            f"WHERE {condition(r)} ORDER BY id")


def window_frame(r):
    return (f"SELECT s.id, sum(s.amount) OVER (PARTITION BY s.city_id ORDER BY s.id ROWS BETWEEN {r.randint(1, 5)} PRECEDING "
            f"AND CURRENT ROW) AS moving FROM @lab.sale s JOIN @dims.city c ON c.id = s.city_id WHERE s.id < {r.randint(30, 300)}")


def top_of_each(r):
    return (f"SELECT * FROM (SELECT i.*, row_number() OVER (PARTITION BY kind ORDER BY {r.choice(NUMBERS)} DESC, id) AS rn "
            f"FROM @lab.item i) ranked WHERE rn <= {r.randint(1, 4)} ORDER BY kind, rn")


def grouped(r):
    return (f"SELECT kind, {r.choice(COUNTS)} AS a, {r.choice(COUNTS)} AS b FROM @lab.item WHERE {condition(r)} GROUP BY kind "
            f"HAVING count(*) > {r.randint(0, 6)} ORDER BY kind")


def comma_join(r):
    return (f"SELECT count(*) AS n, max(a.price) AS m FROM @lab.item a, @lab.note b, @dims.kind c WHERE a.id = b.item_id "
            f"AND a.kind = c.id AND b.seq < {r.randint(1, 3)} AND a.{condition(r)}")


def using(r):
    return (f"SELECT item_id, count(*) AS n FROM @lab.note {r.choice(['JOIN', 'LEFT JOIN'])} @lab.sale USING (item_id) "
            f"WHERE item_id < {r.randint(10, 120)} GROUP BY item_id ORDER BY item_id")


def self_join(r):
    return (f"SELECT a.id, b.id AS other FROM @lab.item a JOIN @lab.item b ON a.kind = b.kind AND a.id < b.id "
            f"AND b.id - a.id < {r.randint(2, 9)} WHERE a.{condition(r)} ORDER BY 1, 2")


def joins_in_brackets(r):
    return (f"SELECT i.id, c.name FROM @lab.item i LEFT JOIN (@lab.sale s JOIN @dims.city c ON c.id = s.city_id) "
            f"ON s.item_id = i.id AND s.amount > {r.randint(100, 499)} WHERE i.{condition(r)} ORDER BY 1, 2")


def strings_and_comments(r):
    """Names in strings, comments and labels stay."""
    return (f"SELECT 'lab.item' AS `lab.item`, '${{lab}}.item' AS m, concat(label, ' @lab') AS l /* from lab.sale */ "
            f"FROM @lab.item -- dims.city\nWHERE {condition(r)} AND label <> 'lab.item' ORDER BY id")


def case_of(r):
    return (f"SELECT id, CASE WHEN stock IS NULL THEN 'none' WHEN stock < {r.randint(3, 35)} THEN 'few' ELSE 'many' END AS much, "
            f"coalesce(stock, {r.randint(0, 9)}) AS s, if(price > {r.randint(1, 999)}, label, NULL) AS l FROM @lab.item ORDER BY id")


def dates(r):
    return (f"SELECT extract(year FROM at) AS y, month(at) AS m, sum(amount) AS s FROM @lab.sale WHERE at < "
            f"date_add('199{r.randint(2, 5)}-01-31', INTERVAL {r.randint(1, 40)} {r.choice(['DAY', 'MONTH', 'WEEK'])}) GROUP BY 1, 2 ORDER BY 1, 2")


def lists(r):
    return (f"SELECT i.id, v.n, c.name FROM @lab.item i JOIN (SELECT {r.randint(1, 4)} AS n UNION ALL SELECT {r.randint(5, 8)}) v "
            f"ON v.n <> i.kind JOIN @dims.city c ON c.id = v.n WHERE (i.id, v.n) NOT IN ((1, 2), (3, {r.randint(1, 8)})) "
            f"AND i.{condition(r)} ORDER BY 1, 2")


TEMPLATES = [filtered, qualified_columns, qualified_join, stars, outer_join, shadowing_alias, shadowing_tables, shadowing_cte,
             cte_and_table, nested_cte, derived, exists, correlated_by_name, membership, scalar, set_operation, parenthesised,
             windows, window_frame, top_of_each, grouped, comma_join, using, self_join, joins_in_brackets,
             strings_and_comments, case_of, dates, lists]


def sentences(count, seed=7):
    """Different texts, the same on each run."""
    r, found, turn = random.Random(seed), {}, 0
    while len(found) < count:
        template = TEMPLATES[turn % len(TEMPLATES)]
        turn += 1
        found.setdefault(template(r), template.__name__)
    return list(found.items())


# Each leaves its mark on @lab.scratch, which starts as numbers 1 to 20 and their squares.
WRITES = [
    "INSERT INTO @lab.scratch SELECT id + 100, price, label FROM @lab.item WHERE kind = 2",
    "INSERT INTO @lab.scratch (n, label) VALUES (21, 'lab.scratch'), (22, '${lab}.scratch')",
    "INSERT INTO @lab.scratch (n, q) WITH c AS (SELECT id FROM @dims.city) SELECT id + 200, id FROM c",
    "INSERT INTO @lab.scratch (n, q) SELECT a.n + 300, b.n FROM @lab.scratch a JOIN @lab.scratch b ON a.n = b.q",
    "UPDATE @lab.scratch SET q = q + 1 WHERE n IN (SELECT id FROM @dims.kind)",
    "UPDATE @lab.scratch SET label = 'x' WHERE @lab.scratch.n > 10",
    "UPDATE @lab.scratch SET q = (SELECT max(id) FROM @dims.city), label = concat(label, n) WHERE n % 2 = 0",
    "DELETE FROM @lab.scratch WHERE n IN (SELECT kind FROM @lab.item WHERE price > 500)",
    "DELETE FROM @lab.scratch WHERE q BETWEEN 20 AND 200",
    "TRUNCATE TABLE @lab.scratch",
]
