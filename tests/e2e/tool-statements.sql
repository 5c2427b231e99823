# What further tools and libraries ask of a MySQL, one statement a line, by the tool.  smokedb is the database, t the
# table.  Written down from the tools' documentation and behaviour; test_client_statements.py runs them.
# mysql workbench
SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ
SHOW SESSION STATUS LIKE 'Ssl_cipher'
SHOW SESSION VARIABLES LIKE 'lower_case_table_names'
SHOW SESSION VARIABLES LIKE 'version_comment'
SHOW FULL TABLES FROM `smokedb`
SHOW FULL COLUMNS FROM `smokedb`.`t`
SHOW PROCEDURE STATUS WHERE Db='smokedb'
SHOW FUNCTION STATUS WHERE Db='smokedb'
SHOW INDEXES FROM `smokedb`.`t`
SHOW TRIGGERS FROM smokedb LIKE 't'
SHOW CREATE TABLE `smokedb`.`t`
SHOW GLOBAL VARIABLES
SHOW GLOBAL STATUS
SHOW PLUGINS
SHOW DATABASES
# navicat
SHOW VARIABLES LIKE 'lower_case_%'
SELECT COUNT(*) AS support_ndb FROM information_schema.ENGINES WHERE Engine = 'ndbcluster'
SELECT SCHEMA_NAME, DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA
SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'smokedb' ORDER BY TABLE_SCHEMA, TABLE_TYPE
SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, COLUMN_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'smokedb' ORDER BY TABLE_SCHEMA, TABLE_NAME
SELECT DISTINCT ROUTINE_SCHEMA, ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = 'smokedb' ORDER BY ROUTINE_SCHEMA, ROUTINE_NAME
SELECT event_object_table, trigger_name, event_manipulation, action_timing FROM information_schema.triggers WHERE event_object_schema = 'smokedb' AND event_object_table = 't'
SHOW TABLE STATUS LIKE 't'
SHOW FULL COLUMNS FROM t
SHOW INDEX FROM t
SHOW STATUS
SELECT * FROM `smokedb`.`t` LIMIT 0,1000
# heidisql
SHOW /*!50002 GLOBAL */ STATUS
SHOW VARIABLES
SELECT `DEFAULT_COLLATION_NAME` FROM `information_schema`.`SCHEMATA` WHERE `SCHEMA_NAME`='smokedb'
SHOW FUNCTION STATUS WHERE `Db`='smokedb'
SHOW TRIGGERS FROM `smokedb`
SELECT *, EVENT_SCHEMA AS `Db`, EVENT_NAME AS `Name` FROM information_schema.`EVENTS` WHERE `EVENT_SCHEMA`='smokedb'
SELECT * FROM `information_schema`.`COLUMNS` WHERE TABLE_SCHEMA='smokedb' AND TABLE_NAME='t' ORDER BY ORDINAL_POSITION
SHOW INDEXES FROM `t` FROM `smokedb`
SELECT * FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA='smokedb' AND TABLE_NAME='t' AND REFERENCED_TABLE_NAME IS NOT NULL
SELECT * FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA='smokedb' AND TABLE_NAME='t' AND REFERENCED_TABLE_NAME IS NOT NULL
SHOW ENGINES
SHOW COLLATION
SHOW CHARSET
SHOW CHARACTER SET
# tableau
SELECT TABLE_NAME,TABLE_COMMENT,IF(TABLE_TYPE='BASE TABLE', 'TABLE', TABLE_TYPE),TABLE_SCHEMA FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA LIKE 'smokedb' AND ( TABLE_TYPE='BASE TABLE' OR TABLE_TYPE='VIEW' ) ORDER BY TABLE_SCHEMA, TABLE_NAME
SHOW KEYS FROM `smokedb`.`t`
SELECT `table_name`, `column_name` FROM `information_schema`.`columns` WHERE `data_type`='enum' AND `table_schema`='smokedb'
SELECT `constraint_name`, `column_name`, `referenced_table_name` FROM `information_schema`.`key_column_usage` WHERE `table_schema` = 'smokedb' AND `referenced_table_name` IS NOT NULL ORDER BY `constraint_name`
SELECT NULL, NULL, NULL, SCHEMA_NAME FROM INFORMATION_SCHEMA.SCHEMATA WHERE SCHEMA_NAME LIKE '%' ORDER BY SCHEMA_NAME
SELECT 1 AS `COL`
SELECT SUM(1) AS `sum_Number_of_Records_ok` FROM `t` HAVING (COUNT(1) > 0)
SELECT `t`.`name` AS `name` FROM `smokedb`.`t` `t` GROUP BY 1
SHOW VARIABLES LIKE 'aurora\_version'
# power bi, mysql connector/net, mysqlconnector
SELECT CONNECTION_ID(), VERSION()
SELECT TIMEDIFF(NOW(), UTC_TIMESTAMP())
SET character_set_results=NULL
SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE FROM INFORMATION_SCHEMA.tables WHERE TABLE_SCHEMA NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys')
SELECT s.INDEX_SCHEMA, s.INDEX_NAME, s.TABLE_NAME, s.COLUMN_NAME, s.NON_UNIQUE FROM INFORMATION_SCHEMA.STATISTICS s WHERE s.TABLE_SCHEMA = 'smokedb' AND s.TABLE_NAME = 't' ORDER BY 1, 2, s.SEQ_IN_INDEX
SELECT COLUMN_NAME, ORDINAL_POSITION, IS_NULLABLE, DATA_TYPE, CASE WHEN NUMERIC_PRECISION IS NOT NULL THEN NUMERIC_PRECISION WHEN DATETIME_PRECISION IS NOT NULL THEN DATETIME_PRECISION END AS p, NUMERIC_SCALE FROM INFORMATION_SCHEMA.COLUMNS WHERE table_schema='smokedb' AND table_name = 't' ORDER BY 2
SELECT * FROM information_schema.character_sets
SHOW FULL TABLES FROM `smokedb` LIKE '%'
SHOW TABLES FROM smokedb
# metabase
SELECT TRUE AS `_` FROM `smokedb`.`t` WHERE 1 <> 1 LIMIT 0
SELECT table_schema, table_name, table_type FROM information_schema.tables WHERE table_schema = 'smokedb' AND table_type IN ('BASE TABLE', 'VIEW')
SELECT c.table_schema AS `table-schema`, c.table_name AS `table-name`, c.column_name AS name, c.ordinal_position - 1 AS `database-position`, c.column_comment AS `field-comment`, c.column_key = 'PRI' AS `pk?` FROM information_schema.columns c WHERE c.table_schema NOT IN ('information_schema', 'performance_schema', 'sys', 'mysql') ORDER BY 1, 2, 4
SELECT source.`name` AS `name`, COUNT(*) AS `count` FROM (SELECT `smokedb`.`t`.`name` AS `name` FROM `smokedb`.`t`) AS source GROUP BY source.`name`
# superset, sqlalchemy
SHOW CATALOGS
SELECT CAST('test plain returns' AS CHAR(60)) AS anon_1
SELECT 'x' AS some_label
SHOW VARIABLES LIKE 'sql_mode'
SHOW FULL TABLES FROM `smokedb` WHERE table_type = 'VIEW'
SELECT count(*) FROM information_schema.tables WHERE table_schema = 'smokedb' AND table_name = 't'
SELECT @@tx_isolation
EXPLAIN SELECT * FROM t
SHOW CREATE VIEW `smokedb`.`v`
# looker
SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.tables WHERE TABLE_SCHEMA NOT IN ('information_schema','performance_schema','mysql')
SHOW VARIABLES WHERE variable_name = 'version'
SHOW PROCESSLIST
SHOW FULL PROCESSLIST
SELECT DATABASE()
SELECT CONVERT_TZ('2012-01-01 00:00:00','UTC','America/Los_Angeles')
SELECT 'test' AS testcolumn
SHOW GRANTS
SHOW GRANTS FOR CURRENT_USER()
SHOW GRANTS FOR CURRENT_USER
# flink cdc, debezium, trino, spark
SHOW FULL TABLES IN `smokedb` WHERE Table_Type = 'BASE TABLE'
SHOW VARIABLES WHERE Variable_name IN ('character_set_server','collation_server')
SHOW GLOBAL VARIABLES LIKE 'version'
SELECT * FROM smokedb.t WHERE 1=0
SELECT 1 FROM t LIMIT 1
SELECT `id`,`name` FROM (SELECT * FROM smokedb.t) spark_gen_1 WHERE 1=0
SHOW TABLES FROM `smokedb` LIKE 't%'
SHOW SCHEMAS
SHOW DATABASES LIKE 'smoke%'
SHOW DATABASES WHERE `Database` NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys')
SHOW DATABASES WHERE `Database` = 'smokedb'
SHOW TABLES WHERE Tables_in_smokedb = 't'
SHOW TABLES FROM smokedb WHERE `Tables_in_smokedb` LIKE 't%'
SHOW FULL TABLES WHERE Tables_in_smokedb LIKE '%' AND Table_type <> 'VIEW'
# rails, django, sequelize, typeorm, prisma, gorm, hibernate
SET NAMES utf8mb4,  @@SESSION.sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES'),  @@SESSION.sql_auto_is_null = 0, @@SESSION.wait_timeout = 2147483
SET SQL_AUTO_IS_NULL = 0
SHOW FULL FIELDS FROM `t`
SHOW KEYS FROM `t`
SELECT table_name FROM (SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = database()) _subquery WHERE _subquery.table_name = 't' AND _subquery.table_type = 'BASE TABLE'
SELECT column_name FROM information_schema.statistics WHERE index_name = 'PRIMARY' AND table_schema = database() AND table_name = 't' ORDER BY seq_in_index
SELECT VERSION(), @@sql_mode, @@default_storage_engine, @@sql_auto_is_null, @@lower_case_table_names, CONVERT_TZ('2001-01-01 01:00:00', 'UTC', 'UTC') IS NOT NULL
SHOW FULL TABLES
SELECT column_name, data_type, character_maximum_length, numeric_precision, numeric_scale, extra, column_default FROM information_schema.columns WHERE table_name = 't' AND table_schema = DATABASE()
SELECT kc.`constraint_name`, kc.`column_name`, kc.`referenced_table_name`, kc.`referenced_column_name` FROM information_schema.key_column_usage AS kc WHERE kc.table_schema = DATABASE() AND kc.table_name = 't' ORDER BY kc.`ordinal_position`
SELECT VERSION() as `version`
SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_TYPE = 'BASE TABLE' AND TABLE_NAME = 't' AND TABLE_SCHEMA = 'smokedb'
SHOW INDEX FROM `t`
SELECT DATABASE() AS `db_name`
SELECT * FROM `INFORMATION_SCHEMA`.`COLUMNS` WHERE `TABLE_SCHEMA` = 'smokedb' AND `TABLE_NAME` = 't'
SELECT `s`.* FROM `INFORMATION_SCHEMA`.`STATISTICS` `s` LEFT JOIN (SELECT * FROM `INFORMATION_SCHEMA`.`REFERENTIAL_CONSTRAINTS` WHERE `CONSTRAINT_SCHEMA` = 'smokedb' AND `TABLE_NAME` = 't') `rc` ON `s`.`INDEX_NAME` = `rc`.`CONSTRAINT_NAME` AND `s`.`TABLE_SCHEMA` = `rc`.`CONSTRAINT_SCHEMA` WHERE `s`.`TABLE_SCHEMA` = 'smokedb' AND `s`.`TABLE_NAME` = 't' AND `s`.`INDEX_NAME` != 'PRIMARY' AND `rc`.`CONSTRAINT_NAME` IS NULL
SELECT @@version, @@GLOBAL.version
SELECT schema_name AS schema_name FROM information_schema.schemata WHERE schema_name = 'smokedb'
SELECT DISTINCT BINARY table_info.table_name AS table_name FROM information_schema.tables AS table_info WHERE table_info.table_schema = 'smokedb' AND table_info.table_type = 'BASE TABLE' ORDER BY 1
SELECT SCHEMA_NAME from Information_schema.SCHEMATA where SCHEMA_NAME LIKE 'smokedb%' ORDER BY SCHEMA_NAME='smokedb' DESC,SCHEMA_NAME limit 1
SELECT count(*) FROM information_schema.tables WHERE table_schema = 'smokedb' AND table_name = 't' AND table_type = 'BASE TABLE'
SELECT * FROM `t` LIMIT 1
SELECT COUNT(*) FROM information_schema.schemata s JOIN information_schema.tables t ON s.schema_name = t.table_schema WHERE s.schema_name NOT LIKE 'info%'
# quick bi, dataease, finebi, dataworks, dolphinscheduler
SELECT TABLE_NAME, TABLE_COMMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA='smokedb'
SELECT TABLE_NAME AS name, TABLE_COMMENT AS comment, 'x' AS t FROM information_schema.TABLES WHERE TABLE_SCHEMA = database() AND TABLE_TYPE LIKE '%TABLE%'
SELECT a.TABLE_NAME, b.COLUMN_NAME, b.COLUMN_COMMENT FROM information_schema.TABLES a LEFT JOIN information_schema.COLUMNS b ON a.TABLE_NAME = b.TABLE_NAME AND a.TABLE_SCHEMA = b.TABLE_SCHEMA WHERE a.TABLE_SCHEMA = 'smokedb' ORDER BY a.TABLE_NAME, b.ORDINAL_POSITION
SELECT TABLE_SCHEMA, SUM(DATA_LENGTH) FROM information_schema.TABLES GROUP BY TABLE_SCHEMA
SELECT PARTITION_NAME FROM information_schema.PARTITIONS WHERE TABLE_SCHEMA='smokedb' AND TABLE_NAME='t'
SELECT VIEW_DEFINITION FROM information_schema.VIEWS WHERE TABLE_SCHEMA = 'smokedb' AND TABLE_NAME = 'v'
SELECT * FROM information_schema.materialized_views WHERE TABLE_SCHEMA = 'smokedb'
SELECT * FROM information_schema.tables_config WHERE TABLE_SCHEMA = 'smokedb'
SELECT * FROM information_schema.loads WHERE DB_NAME = 'smokedb' ORDER BY CREATE_TIME DESC LIMIT 10
SELECT * FROM information_schema.partitions_meta WHERE DB_NAME = 'smokedb' LIMIT 1
SELECT * FROM information_schema.task_runs LIMIT 1
SHOW PARTITIONS FROM t
SHOW DATA
SHOW DATA FROM smokedb.t
SHOW LOAD
SHOW ROUTINE LOAD
SHOW MATERIALIZED VIEWS
SHOW FUNCTIONS
SHOW ALTER TABLE COLUMN
SHOW TABLET FROM t
SHOW RESOURCE GROUPS
SHOW CREATE DATABASE smokedb
SHOW WARNINGS
SHOW ERRORS
SHOW PRIVILEGES
SHOW OPEN TABLES
SHOW EVENTS
SHOW TEMPORARY TABLES
DESC t
DESCRIBE smokedb.t
DESC v
DESC information_schema.tables
SHOW TABLES FROM information_schema
SHOW COLUMNS FROM tables FROM information_schema
HELP 'x'
# mysqldump, mydumper
/*!40100 SET @@SQL_MODE='' */
LOCK TABLES `t` READ
UNLOCK TABLES
SELECT /*!40001 SQL_NO_CACHE */ * FROM `t`
START TRANSACTION WITH CONSISTENT SNAPSHOT
SHOW CREATE TABLE t
# what errors look like
SELECT nosuch FROM t
SELECT * FROM nosuch
SELECT * FROM smokedb.nosuch
SELECT * FROM mysql.user
USE mysql
