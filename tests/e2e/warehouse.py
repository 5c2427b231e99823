"""Small data for result tests: the tables of TPC-H and SSB in about 1/200 of scale 1, and a few of our own.

Made by a seeded generator, so every run has the same rows.  The distributions follow the specifications only as
far as the queries need it to find rows."""

import datetime
import random

REGIONS = ["AFRICA", "AMERICA", "ASIA", "EUROPE", "MIDDLE EAST"]
NATIONS = [
    ("ALGERIA", 0), ("ARGENTINA", 1), ("BRAZIL", 1), ("CANADA", 1), ("EGYPT", 4), ("ETHIOPIA", 0), ("FRANCE", 3),
    ("GERMANY", 3), ("INDIA", 2), ("INDONESIA", 2), ("IRAN", 4), ("IRAQ", 4), ("JAPAN", 2), ("JORDAN", 4),
    ("KENYA", 0), ("MOROCCO", 0), ("MOZAMBIQUE", 0), ("PERU", 1), ("CHINA", 2), ("ROMANIA", 3),
    ("SAUDI ARABIA", 4), ("VIETNAM", 2), ("RUSSIA", 3), ("UNITED KINGDOM", 3), ("UNITED STATES", 1),
]
SEGMENTS = ["AUTOMOBILE", "BUILDING", "FURNITURE", "MACHINERY", "HOUSEHOLD"]
PRIORITIES = ["1-URGENT", "2-HIGH", "3-MEDIUM", "4-NOT SPECIFIED", "5-LOW"]
MODES = ["REG AIR", "AIR", "RAIL", "SHIP", "TRUCK", "MAIL", "FOB"]
INSTRUCTIONS = ["DELIVER IN PERSON", "COLLECT COD", "NONE", "TAKE BACK RETURN"]
TYPES = [
    ["STANDARD", "SMALL", "MEDIUM", "LARGE", "ECONOMY", "PROMO"],
    ["ANODIZED", "BURNISHED", "PLATED", "POLISHED", "BRUSHED"],
    ["TIN", "NICKEL", "BRASS", "STEEL", "COPPER"],
]
CONTAINERS = [["SM", "LG", "MED", "JUMBO", "WRAP"], ["CASE", "BOX", "BAG", "JAR", "PKG", "PACK", "CAN", "DRUM"]]
COLOURS = ["almond", "azure", "blue", "chocolate", "cream", "forest", "green", "ivory", "lemon", "navy", "olive", "red"]
FIRST, LAST = datetime.date(1992, 1, 1), datetime.date(1998, 8, 2)
SUPPLIERS, PARTS, CUSTOMERS, ORDERS = 50, 1000, 750, 7500
LINEORDERS = 15000

TPCH = {
    "region": "r_regionkey INT PRIMARY KEY, r_name CHAR(25), r_comment VARCHAR(152)",
    "nation": "n_nationkey INT PRIMARY KEY, n_name CHAR(25), n_regionkey INT, n_comment VARCHAR(152)",
    "supplier": "s_suppkey INT PRIMARY KEY, s_name CHAR(25), s_address VARCHAR(40), s_nationkey INT, s_phone CHAR(15), "
                "s_acctbal DECIMAL(15,2), s_comment VARCHAR(101)",
    "part": "p_partkey INT PRIMARY KEY, p_name VARCHAR(55), p_mfgr CHAR(25), p_brand CHAR(10), p_type VARCHAR(25), "
            "p_size INT, p_container CHAR(10), p_retailprice DECIMAL(15,2), p_comment VARCHAR(23)",
    "partsupp": "ps_partkey INT, ps_suppkey INT, ps_availqty INT, ps_supplycost DECIMAL(15,2), ps_comment VARCHAR(199), "
                "PRIMARY KEY (ps_partkey, ps_suppkey), KEY (ps_suppkey)",
    "customer": "c_custkey INT PRIMARY KEY, c_name VARCHAR(25), c_address VARCHAR(40), c_nationkey INT, c_phone CHAR(15), "
                "c_acctbal DECIMAL(15,2), c_mktsegment CHAR(10), c_comment VARCHAR(117)",
    "orders": "o_orderkey INT PRIMARY KEY, o_custkey INT, o_orderstatus CHAR(1), o_totalprice DECIMAL(15,2), "
              "o_orderdate DATE, o_orderpriority CHAR(15), o_clerk CHAR(15), o_shippriority INT, o_comment VARCHAR(79), "
              "KEY (o_custkey)",
    "lineitem": "l_orderkey INT, l_partkey INT, l_suppkey INT, l_linenumber INT, l_quantity DECIMAL(15,2), "
                "l_extendedprice DECIMAL(15,2), l_discount DECIMAL(15,2), l_tax DECIMAL(15,2), l_returnflag CHAR(1), "
                "l_linestatus CHAR(1), l_shipdate DATE, l_commitdate DATE, l_receiptdate DATE, l_shipinstruct CHAR(25), "
                "l_shipmode CHAR(10), l_comment VARCHAR(44), PRIMARY KEY (l_orderkey, l_linenumber), "
                "KEY (l_partkey, l_suppkey)",
}

SSB = {
    "dates": "d_datekey INT PRIMARY KEY, d_date VARCHAR(20), d_dayofweek VARCHAR(10), d_month VARCHAR(11), d_year INT, "
             "d_yearmonthnum INT, d_yearmonth VARCHAR(9), d_weeknuminyear INT",
    "customer": "c_custkey INT PRIMARY KEY, c_name VARCHAR(26), c_city VARCHAR(11), c_nation VARCHAR(16), "
                "c_region VARCHAR(13), c_mktsegment VARCHAR(11)",
    "supplier": "s_suppkey INT PRIMARY KEY, s_name VARCHAR(26), s_city VARCHAR(11), s_nation VARCHAR(16), "
                "s_region VARCHAR(13)",
    "part": "p_partkey INT PRIMARY KEY, p_name VARCHAR(23), p_mfgr VARCHAR(7), p_category VARCHAR(8), p_brand VARCHAR(10), "
            "p_color VARCHAR(12), p_size INT",
    "lineorder": "lo_orderkey INT, lo_linenumber INT, lo_custkey INT, lo_partkey INT, lo_suppkey INT, lo_orderdate INT, "
                 "lo_quantity INT, lo_extendedprice INT, lo_ordtotalprice INT, lo_discount INT, lo_revenue INT, "
                 "lo_supplycost INT, lo_tax INT, lo_shipmode VARCHAR(11), PRIMARY KEY (lo_orderkey, lo_linenumber)",
}

# What generated statements and the unit tests of StarRocks read: t0 to t2 of three numbers each.
LAB = {
    "item": "id INT PRIMARY KEY, kind INT, price DECIMAL(10,2), stock INT, label VARCHAR(20), born DATE",
    "sale": "id INT PRIMARY KEY, item_id INT, city_id INT, amount INT, at DATE, KEY (item_id)",
    "note": "item_id INT, seq INT, body VARCHAR(30), PRIMARY KEY (item_id, seq)",
    "t0": "v1 BIGINT, v2 BIGINT, v3 BIGINT",
    "t1": "v4 BIGINT, v5 BIGINT, v6 BIGINT",
    "t2": "v7 BIGINT, v8 BIGINT, v9 BIGINT",
    "t3": "v10 BIGINT, v11 BIGINT, v12 BIGINT",
    "test_all_type": "t1a VARCHAR(20), t1b SMALLINT, t1c INT, t1d BIGINT, t1e FLOAT, t1f DOUBLE, t1g BIGINT, "
                     "id_datetime DATETIME, id_date DATE, id_decimal DECIMAL(10,2)",
}
DIMS = {"city": "id INT PRIMARY KEY, name VARCHAR(20), country VARCHAR(20)", "kind": "id INT PRIMARY KEY, name VARCHAR(20)"}


def day(number):
    return FIRST + datetime.timedelta(days=number)


def words(r, count):
    return " ".join(r.choice(["careful", "final", "quick", "regular", "special", "express", "pending", "ironic"])
                    for _ in range(count))


def phone(r, nation):
    return f"{nation + 10}-{r.randint(100, 999)}-{r.randint(100, 999)}-{r.randint(1000, 9999)}"


def suppliers_of(part):
    return [(part + i * (SUPPLIERS // 4)) % SUPPLIERS + 1 for i in range(4)]


def line(r, order, number, ordered):
    part = r.randint(1, PARTS)
    quantity, shipped = r.randint(1, 50), ordered + datetime.timedelta(days=r.randint(1, 121))
    received = shipped + datetime.timedelta(days=r.randint(1, 30))
    now = datetime.date(1995, 6, 17)
    return (order, part, r.choice(suppliers_of(part)), number, quantity, quantity * (900 + part % 200), r.randint(0, 10) / 100,
            r.randint(0, 8) / 100, r.choice("RA") if received <= now else "N", "O" if shipped > now else "F", shipped,
            ordered + datetime.timedelta(days=r.randint(30, 90)), received, r.choice(INSTRUCTIONS), r.choice(MODES), words(r, 3))


def tpch():
    r = random.Random(1)
    yield "region", [(i, name, words(r, 5)) for i, name in enumerate(REGIONS)]
    yield "nation", [(i, name, region, words(r, 5)) for i, (name, region) in enumerate(NATIONS)]
    yield "supplier", [
        (i, f"Supplier#{i:09}", words(r, 2), n, phone(r, n), r.randint(-99999, 999999) / 100,
         "slow Customer of many Complaints" if i % 17 == 0 else words(r, 6))
        for i in range(1, SUPPLIERS + 1) for n in [r.randrange(25)]
    ]
    yield "part", [
        (i, " ".join(r.sample(COLOURS, 3)), f"Manufacturer#{m}", f"Brand#{m}{r.randint(1, 5)}",
         " ".join(r.choice(syllables) for syllables in TYPES), r.randint(1, 50),
         " ".join(r.choice(syllables) for syllables in CONTAINERS), 900 + i % 200, words(r, 2))
        for i in range(1, PARTS + 1) for m in [r.randint(1, 5)]
    ]
    yield "partsupp", [(p, s, r.randint(1, 9999), r.randint(100, 100000) / 100, words(r, 8))
                       for p in range(1, PARTS + 1) for s in suppliers_of(p)]
    yield "customer", [
        (i, f"Customer#{i:09}", words(r, 2), n, phone(r, n), r.randint(-99999, 999999) / 100, r.choice(SEGMENTS), words(r, 6))
        for i in range(1, CUSTOMERS + 1) for n in [r.randrange(25)]
    ]
    orders, lines = [], []
    for key in range(1, ORDERS + 1):
        ordered = day(r.randrange((LAST - FIRST).days - 151))
        # every fifth order is a large one
        mine = [line(r, key, n, ordered) for n in range(1, r.randint(1, 7) + (4 if key % 50 == 0 else 1))]
        status = {row[9] for row in mine}
        orders.append((key, r.randrange(1, CUSTOMERS // 3) * 3 + 1, "P" if len(status) > 1 else status.pop(),
                       sum(row[5] for row in mine), ordered, r.choice(PRIORITIES), f"Clerk#{r.randint(1, 1000):09}", 0,
                       words(r, 3) + (" special old requests" if key % 31 == 0 else "")))
        lines += mine
    yield "orders", orders
    yield "lineitem", lines


def city(nation, r):
    return f"{nation:<9.9}{r.choice('15')}"


def ssb():
    r = random.Random(2)
    days = [day(n) for n in range((datetime.date(1998, 12, 31) - FIRST).days + 1)]
    yield "dates", [
        (int(d.strftime("%Y%m%d")), d.isoformat(), d.strftime("%A"), d.strftime("%B"), d.year, d.year * 100 + d.month,
         d.strftime("%b%Y"), d.timetuple().tm_yday // 7 + 1) for d in days
    ]
    places = [(name, REGIONS[region]) for name, region in NATIONS]
    places += [("UNITED KINGDOM", "EUROPE"), ("UNITED STATES", "AMERICA")] * 3
    yield "customer", [(i, f"Customer#{i:09}", city(n, r), n, g, r.choice(SEGMENTS))
                       for i in range(1, 601) for n, g in [r.choice(places)]]
    yield "supplier", [(i, f"Supplier#{i:09}", city(n, r), n, g) for i in range(1, 301) for n, g in [r.choice(places)]]
    yield "part", [
        (i, " ".join(r.sample(COLOURS, 2)), f"MFGR#{m}", f"MFGR#{m}{c}", f"MFGR#{m}{c}{r.randint(20, 39)}",
         r.choice(COLOURS), r.randint(1, 50)) for i in range(1, 801) for m, c in [(r.randint(1, 5), r.randint(1, 5))]
    ]
    yield "lineorder", [
        (i // 4, i % 4 + 1, r.randint(1, 600), r.randint(1, 800), r.randint(1, 300), int(r.choice(days).strftime("%Y%m%d")),
         r.randint(1, 50), price, price * 3, discount, price * (100 - discount) // 100, price * 6 // 10, r.randint(0, 8),
         r.choice(MODES)) for i in range(LINEORDERS) for price, discount in [(r.randint(90000, 5000000), r.randint(0, 10))]
    ]


def lab():
    r = random.Random(3)
    yield "item", [(i, r.randint(1, 6), r.randint(100, 99999) / 100, r.choice([None, *range(40)]), r.choice(COLOURS),
                    day(r.randrange(2000))) for i in range(1, 121)]
    yield "sale", [(i, r.randint(1, 130), r.randint(1, 9), r.randint(1, 500), day(r.randrange(2000))) for i in range(1, 901)]
    yield "note", [(i, n, words(r, 2)) for i in range(1, 121) for n in range(r.randint(0, 3))]
    for i, table in enumerate(["t0", "t1", "t2", "t3"]):
        yield table, [tuple(r.choice([None, *range(12)]) for _ in range(3)) for _ in range(15 + i)]
    yield "test_all_type", [
        (r.choice(COLOURS), r.randrange(9), r.randrange(9), r.randrange(99), r.randrange(9), r.randrange(9), r.randrange(99),
         f"{day(r.randrange(2000))} 10:11:12", day(r.randrange(2000)), r.randint(0, 9999) / 100) for _ in range(20)
    ]


def dims():
    r = random.Random(4)
    yield "city", [(i, f"city {i}", r.choice(NATIONS)[0]) for i in range(1, 9)]
    yield "kind", [(i, f"kind {i}") for i in range(1, 6)]


# physical database: project, account, tables, rows
DATABASES = {
    "perf_tpch": ("tpch", "tpch_rw", TPCH, tpch),
    "perf_ssb": ("ssb", "ssb_rw", SSB, ssb),
    "perf_lab": ("lab", "lab_rw", LAB, lab),
    "perf_dims": ("dims", "dims_rw", DIMS, dims),
}


def literal(value):
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, (int, float)) else f"'{value}'"


def fill(backend, password):
    """Databases, tables and rows; each account owns its database and may read the others."""
    for database, (_, account, tables, rows) in DATABASES.items():
        backend.sql(f"CREATE DATABASE {database}",
                    f"CREATE USER {account}@'127.0.0.1' IDENTIFIED BY '{password(account)}'",
                    *(f"CREATE TABLE {database}.{name} ({columns})" for name, columns in tables.items()))
        for table, found in rows():
            for at in range(0, len(found), 2000):
                values = ",".join("(" + ",".join(map(literal, row)) + ")" for row in found[at : at + 2000])
                backend.sql(f"INSERT INTO {database}.{table} VALUES {values}")
    for database, (_, account, _, _) in DATABASES.items():
        backend.sql(f"GRANT ALL ON {database}.* TO {account}@'127.0.0.1'",
                    *(f"GRANT SELECT ON {other}.* TO {account}@'127.0.0.1'" for other in DATABASES))
