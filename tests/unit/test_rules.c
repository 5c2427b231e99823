/* Every rule of the grammar is reached, and by nothing that belongs to another. */
#include "sql_case.h"

/* clang-format off */
static const struct {
    enum sql_rule rule;
    const char *text;
} cases[] = {
    {RULE_emptyStatement, ";"},
    {RULE_queryStatement, "WITH x AS (SELECT 1) SELECT * FROM x"},
    {RULE_queryStatement, "TRACE TIMES optimizer SELECT 1"},
    {RULE_queryStatement, "DESC ANALYZE (SELECT 1)"},
    {RULE_useDatabaseStatement, "USE c.d"},
    {RULE_useCatalogStatement, "USE 'catalog c'"},
    {RULE_setCatalogStatement, "SET CATALOG c"},
    {RULE_showDatabasesStatement, "SHOW SCHEMAS WHERE `Database` = 'x'"},
    {RULE_alterDbQuotaStatement, "ALTER DATABASE d SET REPLICA QUOTA 7"},
    {RULE_createDbStatement, "CREATE SCHEMA IF NOT EXISTS d DEFAULT CHARSET = utf8 COLLATE 'x' PROPERTIES ('a'='b')"},
    {RULE_dropDbStatement, "DROP DATABASE IF EXISTS c.d FORCE"},
    {RULE_showCreateDbStatement, "SHOW CREATE SCHEMA d"},
    {RULE_alterDatabaseRenameStatement, "ALTER DATABASE d RENAME e"},
    {RULE_recoverDbStmt, "RECOVER DATABASE d"},
    {RULE_showDataStmt, "SHOW DATA FROM d.t"},
    {RULE_showDataDistributionStmt, "SHOW DATA DISTRIBUTION FROM d.t PARTITION (p)"},
    {RULE_createTableStatement, "CREATE EXTERNAL TABLE d.t (x INT) ENGINE = file"},
    {RULE_createTableAsSelectStatement, "CREATE TABLE t (x, y) AS SELECT 1, 2"},
    {RULE_createTableLikeStatement, "CREATE TABLE t PROPERTIES ('a'='b') LIKE u"},
    {RULE_showCreateTableStatement, "SHOW CREATE MATERIALIZED VIEW d.m"},
    {RULE_dropTableStatement, "DROP TEMPORARY TABLE t"},
    {RULE_cleanTemporaryTableStatement, "CLEAN TEMPORARY TABLE ON SESSION 's'"},
    {RULE_recoverTableStatement, "RECOVER TABLE d.t"},
    {RULE_truncateTableStatement, "TRUNCATE TABLE d.t PARTITION(p, q)"},
    {RULE_showTableStatement, "SHOW FULL TABLES IN d LIKE 'x'"},
    {RULE_descTableStatement, "DESCRIBE d.t ALL"},
    {RULE_descTableStatement, "DESC pipe"},
    {RULE_showTableStatusStatement, "SHOW TABLE STATUS FROM d"},
    {RULE_showColumnStatement, "SHOW FULL FIELDS IN t IN d LIKE 'x'"},
    {RULE_refreshTableStatement, "REFRESH EXTERNAL TABLE c.d.t PARTITION ('a')"},
    {RULE_alterTableStatement, "ALTER TABLE d.t ADD INDEX i (x) USING BITMAP"},
    {RULE_cancelAlterTableStatement, "CANCEL ALTER TABLE ROLLUP FROM d.t (1, 2)"},
    {RULE_showAlterStatement, "SHOW ALTER TABLE COLUMN FROM d WHERE x = 1 ORDER BY y LIMIT 1"},
    {RULE_showTemporaryTablesStatement, "SHOW TEMPORARY TABLES FROM d"},
    {RULE_createViewStatement, "CREATE VIEW v COMMENT 'x' SECURITY INVOKER AS SELECT 1"},
    {RULE_alterViewStatement, "ALTER VIEW v SET SECURITY NONE"},
    {RULE_dropViewStatement, "DROP VIEW d.v"},
    {RULE_showPartitionsStatement, "SHOW PARTITIONS FROM d.t WHERE x = 1 LIMIT 2"},
    {RULE_recoverPartitionStatement, "RECOVER PARTITION p FROM d.t"},
    {RULE_createIndexStatement, "CREATE INDEX i ON d.t (x, y) USING GIN ('a'='b') COMMENT 'c'"},
    {RULE_dropIndexStatement, "DROP INDEX i ON d.t"},
    {RULE_showIndexStatement, "SHOW KEYS FROM t IN d"},
    {RULE_submitTaskStatement, "SUBMIT TASK d.k SCHEDULE EVERY (INTERVAL 1 DAY) AS CREATE TABLE d.t AS SELECT 1"},
    {RULE_submitTaskStatement, "SUBMIT TASK PROPERTIES('a'='b') AS CACHE SELECT x FROM d.t"},
    {RULE_dropTaskStatement, "DROP TASK IF EXISTS k FORCE"},
    {RULE_createMaterializedViewStatement, "CREATE MATERIALIZED VIEW m PARTITION BY x REFRESH MANUAL AS SELECT 1"},
    {RULE_showMaterializedViewsStatement, "SHOW MATERIALIZED VIEWS FROM d"},
    {RULE_dropMaterializedViewStatement, "DROP MATERIALIZED VIEW d.m"},
    {RULE_alterMaterializedViewStatement, "ALTER MATERIALIZED VIEW m REFRESH ASYNC EVERY (INTERVAL 1 HOUR)"},
    {RULE_refreshMaterializedViewStatement, "REFRESH MATERIALIZED VIEW m PARTITION START ('a') END ('b') FORCE WITH SYNC MODE"},
    {RULE_refreshMaterializedViewStatement, "TRACE LOGS REFRESH MATERIALIZED VIEW m"},
    {RULE_cancelRefreshMaterializedViewStatement, "CANCEL REFRESH MATERIALIZED VIEW m FORCE"},
    {RULE_createExternalCatalogStatement, "CREATE EXTERNAL CATALOG c COMMENT 'x' PROPERTIES ('a'='b')"},
    {RULE_dropExternalCatalogStatement, "DROP CATALOG 'c'"},
    {RULE_showCatalogsStatement, "SHOW CATALOGS LIKE 'x'"},
    {RULE_showCreateExternalCatalogStatement, "SHOW CREATE CATALOG c"},
    {RULE_alterCatalogStatement, "ALTER CATALOG c SET ('a'='b')"},
    {RULE_insertStatement, "EXPLAIN INSERT INTO t BY NAME PROPERTIES('a'='b') SELECT 1"},
    {RULE_updateStatement, "EXPLAIN UPDATE t SET x = DEFAULT"},
    {RULE_deleteStatement, "DELETE FROM t WHERE x = 1"},
    {RULE_createRoutineLoadStatement, "CREATE ROUTINE LOAD d.j ON t COLUMNS TERMINATED BY ',', COLUMNS (a, b = c + 1), WHERE x > 1, PARTITION (p) PROPERTIES ('a'='b') FROM KAFKA ('c'='d')"},
    {RULE_alterRoutineLoadStatement, "ALTER ROUTINE LOAD FOR d.j PROPERTIES ('a'='b') FROM KAFKA ('c'='d')"},
    {RULE_stopRoutineLoadStatement, "STOP ROUTINE LOAD FOR j"},
    {RULE_resumeRoutineLoadStatement, "RESUME ROUTINE LOAD FOR j"},
    {RULE_pauseRoutineLoadStatement, "PAUSE ROUTINE LOAD FOR j"},
    {RULE_showRoutineLoadStatement, "SHOW ALL ROUTINE LOAD FOR d.j FROM d WHERE x = 1"},
    {RULE_showRoutineLoadTaskStatement, "SHOW ROUTINE LOAD TASK FROM d WHERE x = 'y'"},
    {RULE_showCreateRoutineLoadStatement, "SHOW CREATE ROUTINE LOAD d.j"},
    {RULE_showStreamLoadStatement, "SHOW ALL STREAM LOAD FROM d"},
    {RULE_adminSetConfigStatement, "ADMIN SET FRONTEND CONFIG ('a'='b') WITH PERSISTENT"},
    {RULE_adminSetReplicaStatusStatement, "ADMIN SET REPLICA STATUS PROPERTIES ('a'='b')"},
    {RULE_adminShowConfigStatement, "ADMIN SHOW FRONTEND CONFIG"},
    {RULE_adminShowReplicaDistributionStatement, "ADMIN SHOW REPLICA DISTRIBUTION FROM d.t"},
    {RULE_adminShowReplicaStatusStatement, "ADMIN SHOW REPLICA STATUS FROM d.t PARTITION (p) WHERE x = 1"},
    {RULE_adminRepairTableStatement, "ADMIN REPAIR TABLE d.t PARTITION p"},
    {RULE_adminCancelRepairTableStatement, "ADMIN CANCEL REPAIR TABLE d.t"},
    {RULE_adminCheckTabletsStatement, "ADMIN CHECK TABLETS (1, 2) PROPERTIES ('a'='b')"},
    {RULE_adminSetPartitionVersion, "ADMIN SET TABLE d.t PARTITION (p) VERSION TO 3"},
    {RULE_killStatement, "KILL CONNECTION 3"},
    {RULE_syncStatement, "SYNC"},
    {RULE_executeScriptStatement, "ADMIN EXECUTE ON 1 'x'"},
    {RULE_adminSetAutomatedSnapshotOnStatement, "ADMIN SET AUTOMATED CLUSTER SNAPSHOT ON STORAGE VOLUME v"},
    {RULE_adminSetAutomatedSnapshotOffStatement, "ADMIN SET AUTOMATED CLUSTER SNAPSHOT OFF"},
    {RULE_alterSystemStatement, "ALTER SYSTEM ADD COMPUTE NODE 'a', 'b' INTO WAREHOUSE w"},
    {RULE_cancelAlterSystemStatement, "CANCEL DECOMMISSION BACKEND 'a', 'b'"},
    {RULE_showComputeNodesStatement, "SHOW COMPUTE NODES"},
    {RULE_analyzeStatement, "ANALYZE SAMPLE TABLE d.t (x, s.y) WITH ASYNC MODE PROPERTIES ('a'='b')"},
    {RULE_analyzeStatement, "ANALYZE TABLE d.t PROPERTIES ('a'='b')"},
    {RULE_dropStatsStatement, "DROP MULTIPLE COLUMNS STATS d.t"},
    {RULE_createAnalyzeStatement, "CREATE ANALYZE FULL TABLE d.t (x) PROPERTIES ('a'='b')"},
    {RULE_createAnalyzeStatement, "CREATE ANALYZE ALL"},
    {RULE_dropAnalyzeJobStatement, "DROP ALL ANALYZE JOB"},
    {RULE_analyzeHistogramStatement, "ANALYZE TABLE d.t UPDATE HISTOGRAM ON x, y WITH 3 BUCKETS PROPERTIES ('a'='b') WITH SYNC MODE"},
    {RULE_dropHistogramStatement, "ANALYZE TABLE d.t DROP HISTOGRAM ON x, y"},
    {RULE_showAnalyzeStatement, "SHOW ANALYZE JOB WHERE x = 1"},
    {RULE_showStatsMetaStatement, "SHOW MULTIPLE COLUMNS STATS META"},
    {RULE_showHistogramMetaStatement, "SHOW HISTOGRAM META WHERE x = 1"},
    {RULE_killAnalyzeStatement, "KILL ALL PENDING ANALYZE"},
    {RULE_analyzeProfileStatement, "ANALYZE PROFILE FROM 'q', 1, 2"},
    {RULE_createResourceGroupStatement, "CREATE RESOURCE GROUP g TO (user = 'x', db = 'd'), (role = 'y') WITH ('a'='b')"},
    {RULE_dropResourceGroupStatement, "DROP RESOURCE GROUP IF EXISTS g"},
    {RULE_alterResourceGroupStatement, "ALTER RESOURCE GROUP g DROP (1, 2)"},
    {RULE_showResourceGroupStatement, "SHOW VERBOSE RESOURCE GROUP g"},
    {RULE_showResourceGroupUsageStatement, "SHOW USAGE RESOURCE GROUPS"},
    {RULE_createResourceStatement, "CREATE EXTERNAL RESOURCE 'r' PROPERTIES ('a'='b')"},
    {RULE_alterResourceStatement, "ALTER RESOURCE r SET PROPERTIES ('a'='b')"},
    {RULE_dropResourceStatement, "DROP RESOURCE 'r'"},
    {RULE_showResourceStatement, "SHOW RESOURCES"},
    {RULE_showFunctionsStatement, "SHOW FULL GLOBAL FUNCTIONS FROM d LIKE 'x'"},
    {RULE_dropFunctionStatement, "DROP GLOBAL FUNCTION f(INT, ...)"},
    {RULE_createFunctionStatement, "CREATE OR REPLACE AGGREGATE FUNCTION d.f(INT) RETURNS ARRAY<INT> PROPERTIES ('a'='b')"},
    {RULE_loadStatement, "LOAD LABEL d.l (DATA INFILE('x') INTO TABLE t PARTITION (p) COLUMNS TERMINATED BY ',' FORMAT AS 'csv' (SKIP_HEADER = 1) (a, b) SET (c = a + 1) WHERE a > 1) WITH BROKER 'b' ('a'='b') PROPERTIES ('c'='d')"},
    {RULE_loadStatement, "LOAD LABEL l (DATA FROM TABLE s INTO TABLE t) WITH RESOURCE 'r'"},
    {RULE_showLoadStatement, "SHOW LOAD ALL FROM d WHERE x = 1 ORDER BY y LIMIT 3"},
    {RULE_showLoadWarningsStatement, "SHOW LOAD WARNINGS ON 'http://x'"},
    {RULE_cancelLoadStatement, "CANCEL LOAD FROM d WHERE x = 1"},
    {RULE_alterLoadStatement, "ALTER LOAD FOR d.l PROPERTIES ('a'='b')"},
    {RULE_showAuthorStatement, "SHOW AUTHORS"},
    {RULE_showBackendsStatement, "SHOW BACKENDS"},
    {RULE_showBrokerStatement, "SHOW BROKER"},
    {RULE_showCharsetStatement, "SHOW CHAR SET WHERE x = 1"},
    {RULE_showCollationStatement, "SHOW COLLATION"},
    {RULE_showDeleteStatement, "SHOW DELETE IN d"},
    {RULE_showDynamicPartitionStatement, "SHOW DYNAMIC PARTITION TABLES FROM d"},
    {RULE_showEventsStatement, "SHOW EVENTS LIKE 'x'"},
    {RULE_showEnginesStatement, "SHOW ENGINES"},
    {RULE_showFrontendsStatement, "SHOW FRONTENDS"},
    {RULE_showPluginsStatement, "SHOW PLUGINS"},
    {RULE_showRepositoriesStatement, "SHOW REPOSITORIES"},
    {RULE_showOpenTableStatement, "SHOW OPEN TABLES"},
    {RULE_showPrivilegesStatement, "SHOW PRIVILEGES"},
    {RULE_showProcedureStatement, "SHOW FUNCTION STATUS LIKE 'x'"},
    {RULE_showProcStatement, "SHOW PROC '/'"},
    {RULE_showProcesslistStatement, "SHOW FULL PROCESSLIST FOR 'u'"},
    {RULE_showProfilelistStatement, "SHOW PROFILELIST LIMIT 3"},
    {RULE_showRunningQueriesStatement, "SHOW RUNNING QUERIES"},
    {RULE_showStatusStatement, "SHOW SESSION STATUS LIKE 'x'"},
    {RULE_showTabletStatement, "SHOW TABLETS FROM d.t PARTITION (p) ORDER BY x LIMIT 1, 2"},
    {RULE_showTransactionStatement, "SHOW TRANSACTION FROM d WHERE id = 1"},
    {RULE_showTriggersStatement, "SHOW FULL TRIGGERS IN d"},
    {RULE_showUserPropertyStatement, "SHOW PROPERTIES FOR 'u' LIKE 'x'"},
    {RULE_showVariablesStatement, "SHOW GLOBAL VARIABLES WHERE variable_name = 'x'"},
    {RULE_showWarningStatement, "SHOW ERRORS LIMIT 1, 2"},
    {RULE_helpStatement, "HELP x"},
    {RULE_createUserStatement, "CREATE USER u@['h'] IDENTIFIED WITH p AS 'x' DEFAULT ROLE r, 's' PROPERTIES ('a'='b')"},
    {RULE_dropUserStatement, "DROP USER IF EXISTS 'u'@'h'"},
    {RULE_alterUserStatement, "ALTER USER u DEFAULT ROLE ALL"},
    {RULE_showUserStatement, "SHOW USERS"},
    {RULE_showAuthenticationStatement, "SHOW AUTHENTICATION FOR u"},
    {RULE_executeAsStatement, "EXECUTE AS u WITH NO REVERT"},
    {RULE_createRoleStatement, "CREATE ROLE IF NOT EXISTS r, s COMMENT 'x'"},
    {RULE_alterRoleStatement, "ALTER ROLE r SET COMMENT = 'x'"},
    {RULE_dropRoleStatement, "DROP ROLE r"},
    {RULE_showRolesStatement, "SHOW ROLES"},
    {RULE_grantRoleStatement, "GRANT r, 's' TO EXTERNAL GROUP g"},
    {RULE_revokeRoleStatement, "REVOKE r FROM ROLE s"},
    {RULE_setRoleStatement, "SET ROLE ALL EXCEPT r"},
    {RULE_setDefaultRoleStatement, "SET DEFAULT ROLE NONE TO u"},
    {RULE_grantPrivilegeStatement, "GRANT SELECT, INSERT ON ALL TABLES IN DATABASE d TO ROLE r WITH GRANT OPTION"},
    {RULE_grantPrivilegeStatement, "GRANT USAGE ON GLOBAL FUNCTION f(INT), g() TO u"},
    {RULE_revokePrivilegeStatement, "REVOKE IMPERSONATE ON USER u, v FROM w"},
    {RULE_showGrantsStatement, "SHOW GRANTS FOR ROLE r"},
    {RULE_createSecurityIntegrationStatement, "CREATE SECURITY INTEGRATION i PROPERTIES ('a'='b')"},
    {RULE_alterSecurityIntegrationStatement, "ALTER SECURITY INTEGRATION i SET ('a'='b')"},
    {RULE_dropSecurityIntegrationStatement, "DROP SECURITY INTEGRATION i"},
    {RULE_showSecurityIntegrationStatement, "SHOW SECURITY INTEGRATIONS"},
    {RULE_showCreateSecurityIntegrationStatement, "SHOW CREATE SECURITY INTEGRATION i"},
    {RULE_createGroupProviderStatement, "CREATE GROUP PROVIDER g PROPERTIES ('a'='b')"},
    {RULE_dropGroupProviderStatement, "DROP GROUP PROVIDER IF EXISTS g"},
    {RULE_showGroupProvidersStatement, "SHOW GROUP PROVIDERS"},
    {RULE_showCreateGroupProviderStatement, "SHOW CREATE GROUP PROVIDER g"},
    {RULE_backupStatement, "BACKUP EXTERNAL CATALOGS (c) DATABASE d SNAPSHOT s TO r ON (TABLE t PARTITION (p), ALL VIEWS, u AS v) PROPERTIES ('a'='b')"},
    {RULE_cancelBackupStatement, "CANCEL BACKUP FOR EXTERNAL CATALOG"},
    {RULE_showBackupStatement, "SHOW BACKUP IN d"},
    {RULE_restoreStatement, "RESTORE SNAPSHOT d.s FROM r EXTERNAL CATALOG (c AS k) ON (MATERIALIZED VIEW m)"},
    {RULE_cancelRestoreStatement, "CANCEL RESTORE FROM d"},
    {RULE_showRestoreStatement, "SHOW RESTORE FROM d WHERE x = 1"},
    {RULE_showSnapshotStatement, "SHOW SNAPSHOT ON r WHERE x = 1"},
    {RULE_createRepositoryStatement, "CREATE READ ONLY REPOSITORY r WITH BROKER b ON LOCATION 's3://x'"},
    {RULE_dropRepositoryStatement, "DROP REPOSITORY r"},
    {RULE_addSqlBlackListStatement, "ADD SQLBLACKLIST 'x'"},
    {RULE_delSqlBlackListStatement, "DELETE SQLBLACKLIST 1, 2"},
    {RULE_showSqlBlackListStatement, "SHOW SQLBLACKLIST"},
    {RULE_showWhiteListStatement, "SHOW WHITELIST"},
    {RULE_addBackendBlackListStatement, "ADD BACKEND BLACKLIST 1, 2"},
    {RULE_delBackendBlackListStatement, "DELETE BACKEND BLACKLIST 1"},
    {RULE_showBackendBlackListStatement, "SHOW BACKEND BLACKLIST"},
    {RULE_addComputeNodeBlackListStatement, "ADD COMPUTE NODE BLACKLIST 1"},
    {RULE_delComputeNodeBlackListStatement, "DELETE COMPUTE NODE BLACKLIST 1"},
    {RULE_showComputeNodeBlackListStatement, "SHOW COMPUTE NODE BLACKLIST"},
    {RULE_createDataCacheRuleStatement, "CREATE DATACACHE RULE c.*.'t' WHERE x = 1 PRIORITY = -1 PROPERTIES ('a'='b')"},
    {RULE_showDataCacheRulesStatement, "SHOW DATACACHE RULES"},
    {RULE_dropDataCacheRuleStatement, "DROP DATACACHE RULE 1"},
    {RULE_clearDataCacheRulesStatement, "CLEAR DATACACHE RULES"},
    {RULE_dataCacheSelectStatement, "CACHE SELECT * FROM d.t WHERE x = 1"},
    {RULE_exportStatement, "EXPORT TABLE d.t PARTITION (p) (x, y) TO 's3://x' PROPERTIES ('a'='b') WITH BROKER"},
    {RULE_cancelExportStatement, "CANCEL EXPORT FROM d WHERE x = 1"},
    {RULE_showExportStatement, "SHOW EXPORT FROM d WHERE x = 1 ORDER BY y LIMIT 2"},
    {RULE_installPluginStatement, "INSTALL PLUGIN FROM 'x' PROPERTIES ('a'='b')"},
    {RULE_uninstallPluginStatement, "UNINSTALL PLUGIN x"},
    {RULE_createFileStatement, "CREATE FILE 'f' IN d PROPERTIES ('a'='b')"},
    {RULE_dropFileStatement, "DROP FILE 'f' FROM d PROPERTIES ('a'='b')"},
    {RULE_showSmallFilesStatement, "SHOW FILE FROM d"},
    {RULE_setStatement, "SET @x = 1, SESSION y = ON, @@global.z = (SELECT 1), NAMES utf8"},
    {RULE_setStatement, "SET WAREHOUSE = w"},
    {RULE_setUserPropertyStatement, "SET PROPERTY FOR 'u' 'a' = 'b', 'c' = 'd'"},
    {RULE_createStorageVolumeStatement, "CREATE STORAGE VOLUME v TYPE = S3 LOCATIONS = ('x', 'y') COMMENT 'c' PROPERTIES ('a'='b')"},
    {RULE_alterStorageVolumeStatement, "ALTER STORAGE VOLUME v SET ('a'='b'), COMMENT = 'c'"},
    {RULE_dropStorageVolumeStatement, "DROP STORAGE VOLUME v"},
    {RULE_showStorageVolumesStatement, "SHOW STORAGE VOLUMES LIKE 'x'"},
    {RULE_descStorageVolumeStatement, "DESC STORAGE VOLUME v"},
    {RULE_setDefaultStorageVolumeStatement, "SET v AS DEFAULT STORAGE VOLUME"},
    {RULE_createPipeStatement, "CREATE OR REPLACE PIPE d.p PROPERTIES ('a'='b') AS INSERT INTO d.t SELECT * FROM FILES('x'='y')"},
    {RULE_dropPipeStatement, "DROP PIPE d.p"},
    {RULE_alterPipeStatement, "ALTER PIPE p RETRY FILE 'x'"},
    {RULE_showPipeStatement, "SHOW PIPES FROM d ORDER BY x"},
    {RULE_descPipeStatement, "DESC PIPE d.p"},
    {RULE_cancelCompactionStatement, "CANCEL COMPACTION WHERE x = 1"},
    {RULE_updateFailPointStatusStatement, "ADMIN ENABLE FAILPOINT 'f' WITH 0.5 PROBABILITY ON BACKEND 'b'"},
    {RULE_showFailPointStatement, "SHOW FAILPOINTS LIKE 'x' ON BACKEND 'b'"},
    {RULE_prepareStatement, "PREPARE p FROM SELECT ?"},
    {RULE_executeStatement, "EXECUTE p USING @x, @'y'"},
    {RULE_deallocateStatement, "DROP PREPARE p"},
    {RULE_createDictionaryStatement, "CREATE DICTIONARY d USING e.t (x KEY, y VALUE) PROPERTIES ('a'='b')"},
    {RULE_dropDictionaryStatement, "DROP DICTIONARY d CACHE"},
    {RULE_refreshDictionaryStatement, "REFRESH DICTIONARY d"},
    {RULE_showDictionaryStatement, "SHOW DICTIONARY"},
    {RULE_cancelRefreshDictionaryStatement, "CANCEL REFRESH DICTIONARY d"},
    {RULE_alterPlanAdvisorAddStatement, "ALTER PLAN ADVISOR ADD SELECT 1"},
    {RULE_truncatePlanAdvisorStatement, "TRUNCATE PLAN ADVISOR"},
    {RULE_alterPlanAdvisorDropStatement, "ALTER PLAN ADVISOR DROP 'x'"},
    {RULE_showPlanAdvisorStatement, "SHOW PLAN ADVISOR"},
    {RULE_createWarehouseStatement, "CREATE WAREHOUSE IF NOT EXISTS 'w' COMMENT 'c' PROPERTIES ('a'='b')"},
    {RULE_dropWarehouseStatement, "DROP WAREHOUSE w"},
    {RULE_suspendWarehouseStatement, "SUSPEND WAREHOUSE IF EXISTS w"},
    {RULE_resumeWarehouseStatement, "RESUME WAREHOUSE w"},
    {RULE_setWarehouseStatement, "SET SESSION WAREHOUSE w"},
    {RULE_showWarehousesStatement, "SHOW WAREHOUSES"},
    {RULE_showClustersStatement, "SHOW CNGROUPS FROM WAREHOUSE w"},
    {RULE_showNodesStatement, "SHOW NODES FROM WAREHOUSE w CNGROUP g"},
    {RULE_alterWarehouseStatement, "ALTER WAREHOUSE w SET ('a'='b')"},
    {RULE_createCNGroupStatement, "ALTER WAREHOUSE w ADD CNGROUP IF NOT EXISTS g COMMENT 'c'"},
    {RULE_dropCNGroupStatement, "ALTER WAREHOUSE w DROP CNGROUP g FORCE"},
    {RULE_enableCNGroupStatement, "ALTER WAREHOUSE w ENABLE CNGROUP g"},
    {RULE_disableCNGroupStatement, "ALTER WAREHOUSE w DISABLE CNGROUP g"},
    {RULE_alterCNGroupStatement, "ALTER WAREHOUSE w MODIFY CNGROUP g SET ('a'='b')"},
    {RULE_beginStatement, "START TRANSACTION WITH CONSISTENT SNAPSHOT"},
    {RULE_beginStatement, "BEGIN"},
    {RULE_commitStatement, "COMMIT WORK AND NO CHAIN NO RELEASE"},
    {RULE_rollbackStatement, "ROLLBACK"},
    {RULE_translateStatement, "TRANSLATE trino SELECT * FROM a.b; anything"},
    {RULE_createBaselinePlanStatement, "CREATE GLOBAL BASELINE ON SELECT x FROM d.t USING SELECT x FROM d.t PROPERTIES ('a'='b')"},
    {RULE_dropBaselinePlanStatement, "DROP BASELINE 1, 2"},
    {RULE_showBaselinePlanStatement, "SHOW BASELINE ON SELECT 1"},
    {RULE_disableBaselinePlanStatement, "DISABLE BASELINE 1"},
    {RULE_enableBaselinePlanStatement, "ENABLE BASELINE 1"},
    {RULE_callProcedureStatement, "CALL c.d.f(x => 1, 'y')"},
    {RULE_unsupportedStatement, "LOCK TABLES t AS a READ LOCAL, u LOW_PRIORITY WRITE, v WRITE"},
    {RULE_unsupportedStatement, "UNLOCK TABLES"},
};
/* clang-format on */

static void every_rule_is_told_from_the_others(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const struct sql_statement *s = case_statement(cases[i].text);
        if (s->rule != cases[i].rule)
            fail_msg("%s was read as %s", cases[i].text, sql_rule_name(s->rule));
        assert_int_equal(s->class, sql_rule_class(s->rule));
    }
}

static void every_rule_has_a_case(void **state)
{
    bool seen[SQL_RULES] = {false};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        seen[cases[i].rule] = true;
    for (unsigned rule = 0; rule < SQL_RULES; rule++)
        if (!seen[rule])
            fail_msg("%s has none", sql_rule_name((enum sql_rule)rule));
}

static void leftovers_refuse_a_statement(void **state)
{
    char text[1024];

    (void)state;
    for (size_t i = 1; i < sizeof(cases) / sizeof(*cases); i++) {
        if (cases[i].rule == RULE_translateStatement)
            continue;
        snprintf(text, sizeof(text), "%s ) x.y", cases[i].text);
        assert_refused(text);
    }
}

static void what_other_servers_know_is_refused(void **state)
{
    (void)state;
    assert_refused("REPLACE INTO t VALUES (1)");
    assert_refused("SELECT 1 FOR UPDATE");
    assert_refused("SELECT * FROM t LOCK IN SHARE MODE");
    assert_refused("WITH RECURSIVE x AS (SELECT 1) SELECT * FROM x");
    assert_refused("FLUSH TABLES");
    assert_refused("SELECT @x := 1");
    assert_refused("TABLE t");
    assert_refused("TRUNCATE t");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule_is_told_from_the_others),
        cmocka_unit_test(every_rule_has_a_case),
        cmocka_unit_test(leftovers_refuse_a_statement),
        cmocka_unit_test(what_other_servers_know_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, case_teardown);
}
