"""A sample cluster: databases, tables, users and resource groups, for tests that want a furnished FE."""

ORDERS = """CREATE TABLE {}.orders (order_id BIGINT NOT NULL COMMENT 'order id', dt DATE NOT NULL, customer_id INT,
 region VARCHAR(32), amount DECIMAL(18,2), qty SMALLINT, flag BOOLEAN, created_at DATETIME, note STRING COMMENT 'free text')
 DUPLICATE KEY(order_id, dt) COMMENT 'orders fact' DISTRIBUTED BY HASH(order_id) BUCKETS 3"""
ITEMS = """CREATE TABLE {}.order_items (order_id BIGINT NOT NULL, item_no INT NOT NULL, sku VARCHAR(64),
 price DECIMAL(10,2), qty INT) PRIMARY KEY(order_id, item_no) DISTRIBUTED BY HASH(order_id) BUCKETS 2"""
ALL_TYPES = """CREATE TABLE sales.all_types (c_tiny TINYINT NOT NULL, c_small SMALLINT, c_int INT, c_big BIGINT,
 c_large LARGEINT, c_bool BOOLEAN, c_float FLOAT, c_double DOUBLE, c_d32 DECIMAL(9,3), c_d64 DECIMAL(18,4),
 c_d128 DECIMAL(38,9), c_date DATE, c_dt DATETIME, c_char CHAR(10), c_vchar VARCHAR(200), c_str STRING, c_json JSON,
 c_arr ARRAY<INT>, c_map MAP<VARCHAR(65533),INT>, c_struct STRUCT<a INT(11), b VARCHAR(65533)>, c_varbin VARBINARY)
 DUPLICATE KEY(c_tiny) DISTRIBUTED BY HASH(c_tiny) BUCKETS 1"""
AGGREGATED = """CREATE TABLE sales.daily_agg (dt DATE NOT NULL, region VARCHAR(32), total BIGINT SUM,
 uniq HLL HLL_UNION, users BITMAP BITMAP_UNION) AGGREGATE KEY(dt, region) DISTRIBUTED BY HASH(dt) BUCKETS 1"""
VIEW = """CREATE VIEW sales.v_orders AS SELECT o.order_id, o.dt, o.amount, r.region_name FROM sales.orders o
 LEFT JOIN dim.region r ON o.region = r.region"""
ROWS = 20  # in sales.orders
STATEMENTS = [
    "CREATE DATABASE sales", "CREATE DATABASE sales_dev", "CREATE DATABASE dim", "CREATE DATABASE `odd-db`",
    ORDERS.format("sales"), ITEMS.format("sales"), ALL_TYPES, AGGREGATED, ORDERS.format("sales_dev"),
    "CREATE TABLE dim.region (region VARCHAR(32) NOT NULL, region_name VARCHAR(64), country CHAR(2)) UNIQUE KEY(region)",
    "CREATE TABLE dim.customer (customer_id INT NOT NULL, name VARCHAR(100), email VARCHAR(200), birthday DATE,"
    " vip BOOLEAN) PRIMARY KEY(customer_id)",
    "CREATE TABLE `odd-db`.`sel``ect` (`from` INT, `a b` VARCHAR(10), `中文` INT)", VIEW,
    "CREATE EXTERNAL CATALOG hive_ext COMMENT 'lab hive' PROPERTIES ('type'='hive')",
    "CREATE EXTERNAL CATALOG ice_ext PROPERTIES ('type'='iceberg')",
    "CREATE ROLE r_sales_ro", "GRANT SELECT ON ALL TABLES IN DATABASE sales TO ROLE r_sales_ro",
    "CREATE USER sales_prod IDENTIFIED BY 'Prod#1'",
    "GRANT DELETE, DROP, INSERT, SELECT, ALTER, EXPORT, UPDATE, REFRESH ON ALL TABLES IN DATABASE sales TO USER sales_prod",
    "GRANT SELECT ON ALL TABLES IN DATABASE dim TO USER sales_prod",
    "GRANT CREATE TABLE, DROP, ALTER, CREATE VIEW, CREATE FUNCTION, CREATE MATERIALIZED VIEW, CREATE PIPE"
    " ON DATABASE sales TO USER sales_prod",
    "GRANT SELECT ON ALL VIEWS IN DATABASE sales TO USER sales_prod",
    "GRANT ALTER ON RESOURCE GROUP rg_sales TO USER sales_prod",
    "CREATE USER 'loc'@'10.1.2.3' IDENTIFIED BY 'x'",
    "CREATE USER 'dim_ro'@'127.0.0.1' IDENTIFIED BY 'Dim#1'",
    "GRANT SELECT ON ALL TABLES IN DATABASE dim TO USER 'dim_ro'@'127.0.0.1'",
    "CREATE USER sales_dev IDENTIFIED BY 'Dev#1'",
    "GRANT ALL ON ALL TABLES IN DATABASE sales_dev TO USER sales_dev",
    "GRANT ALL ON DATABASE sales_dev TO USER sales_dev",
    "CREATE USER nopw", "GRANT r_sales_ro TO USER nopw", "CREATE USER nopriv IDENTIFIED BY 'NoPriv#1'",
    "CREATE RESOURCE GROUP rg_sales TO (user='sales_prod'), (db='sales')"
    " WITH ('cpu_weight'='4', 'mem_limit'='30%', 'concurrency_limit'='20')",
    "CREATE RESOURCE GROUP rg_sales_dev TO (user='sales_dev')"
    " WITH ('cpu_weight'='1', 'mem_limit'='10%', 'concurrency_limit'='5', 'big_query_cpu_second_limit'='100')",
    "CREATE RESOURCE GROUP rg_dim TO (query_type in ('select'), source_ip='10.0.0.0/8')"
    " WITH ('cpu_weight'='2', 'mem_limit'='20%')",
    "INSERT INTO sales.orders VALUES (1, '2024-01-01', 10, 'east', 12.50, 2, TRUE, '2024-01-01 10:20:30', 'first'), "
    + ", ".join(f"({n}, '2024-01-{n:02}', 11, 'west', {n}.25, 1, FALSE, '2024-01-{n:02} 10:20:30', NULL)"
                for n in range(2, ROWS + 1)),
    "INSERT INTO sales.all_types VALUES (1, 2, 3, 4, 5, TRUE, 0.5, 0.25, 1.125, 1.5, 1.5, '2024-01-31',"
    " '2024-01-31 10:20:30', 'c', 'v', 's', '{}', '[1]', '{}', '{}', x'00ff')",
    "INSERT INTO sales.daily_agg VALUES ('2024-01-01', 'east', 5, NULL, NULL)",
    "INSERT INTO `odd-db`.`sel``ect` VALUES (1, 'b', 2)",
    "INSERT INTO sales_dev.orders VALUES (1, '2024-01-01', 10, 'dev', 1.00, 1, TRUE, '2024-01-01 00:00:00', 'dev')",
    "INSERT INTO sales.order_items VALUES (1, 1, 'a', 2.50, 5)",
    "INSERT INTO dim.region VALUES ('east', 'The East', 'CN'), ('west', 'The West', 'CN')",
]


def furnish(emulator):
    emulator.sql(*STATEMENTS)
