/* The statement kinds that are open, and what each asks. A kind is opened by a row, never by a
 * fallback: whatever is not listed is refused. facts/statement-policy.md has the reasons. */
#include "auth/grant.h"

/* clang-format off */
static const struct policy policies[] = {
    /* rule                                        target          source flags */
    {RULE_queryStatement,                          0,              READ,  0},
    {RULE_dataCacheSelectStatement,                0,              READ,  POLICY_NAMED},
    {RULE_insertStatement,                         WRITE,          READ,  POLICY_NAMED},
    {RULE_updateStatement,                         WRITE | READ,   READ,  POLICY_NAMED}, /* WHERE reads the target */
    {RULE_deleteStatement,                         WRITE | READ,   READ,  POLICY_NAMED},
    {RULE_truncateTableStatement,                  WRITE,          READ,  POLICY_NAMED},
    {RULE_refreshMaterializedViewStatement,        WRITE,          READ,  POLICY_NAMED},
    {RULE_cancelRefreshMaterializedViewStatement,  WRITE,          READ,  POLICY_NAMED},
    {RULE_createTableStatement,                    DDL,            READ,  POLICY_NAMED},
    {RULE_createTableAsSelectStatement,            DDL,            READ,  POLICY_NAMED},
    {RULE_createTableLikeStatement,                DDL,            READ,  POLICY_NAMED},
    {RULE_alterTableStatement,                     DDL,            READ,  POLICY_NAMED | POLICY_ONE_DATABASE},
    {RULE_cancelAlterTableStatement,               DDL,            READ,  POLICY_NAMED},
    {RULE_dropTableStatement,                      DDL,            READ,  POLICY_NAMED},
    {RULE_recoverTableStatement,                   DDL,            READ,  POLICY_NAMED},
    {RULE_recoverPartitionStatement,               DDL,            READ,  POLICY_NAMED},
    {RULE_createIndexStatement,                    DDL,            READ,  POLICY_NAMED},
    {RULE_dropIndexStatement,                      DDL,            READ,  POLICY_NAMED},
    {RULE_createViewStatement,                     DDL,            READ,  POLICY_NAMED | POLICY_SHARES},
    {RULE_alterViewStatement,                      DDL,            READ,  POLICY_NAMED | POLICY_SHARES},
    {RULE_dropViewStatement,                       DDL,            READ,  POLICY_NAMED},
    {RULE_createMaterializedViewStatement,         DDL,            READ,  POLICY_NAMED | POLICY_SHARES},
    {RULE_alterMaterializedViewStatement,          DDL,            READ,  POLICY_NAMED | POLICY_ONE_DATABASE},
    {RULE_dropMaterializedViewStatement,           DDL,            READ,  POLICY_NAMED},
    {RULE_descTableStatement,                      0,              0,     POLICY_NAMED},
    {RULE_showCreateTableStatement,                0,              0,     POLICY_NAMED},
    {RULE_showColumnStatement,                     0,              0,     POLICY_NAMED},
    {RULE_showIndexStatement,                      0,              0,     POLICY_NAMED},
    {RULE_showPartitionsStatement,                 0,              0,     POLICY_NAMED},
    {RULE_showTableStatement,                      0,              0,     POLICY_SESSION_SIDE},
    {RULE_showTableStatusStatement,                0,              0,     POLICY_SESSION_SIDE},
    {RULE_showDatabasesStatement,                  0,              0,     0},
    {RULE_showCatalogsStatement,                   0,              0,     0},
    {RULE_showVariablesStatement,                  0,              READ,  0},
    {RULE_showCharsetStatement,                    0,              READ,  0},
    {RULE_showCollationStatement,                  0,              READ,  0},
    {RULE_showEnginesStatement,                    0,              READ,  0},
    {RULE_showWarningStatement,                    0,              READ,  0}, /* these six are always empty */
    {RULE_showStatusStatement,                     0,              READ,  0},
    {RULE_showTriggersStatement,                   0,              0,     0},
    {RULE_showEventsStatement,                     0,              0,     0},
    {RULE_showProcedureStatement,                  0,              0,     0},
    {RULE_showPrivilegesStatement,                 0,              0,     0},
    {RULE_useDatabaseStatement,                    0,              0,     POLICY_NAMED},
    {RULE_useCatalogStatement,                     0,              0,     0},
    {RULE_setCatalogStatement,                     0,              0,     0},
    {RULE_setStatement,                            0,              READ,  0},
    {RULE_beginStatement,                          0,              0,     0},
    {RULE_commitStatement,                         0,              0,     0},
    {RULE_rollbackStatement,                       0,              0,     0},
    {RULE_unsupportedStatement,                    0,              0,     0}, /* LOCK TABLES: does nothing */
    {RULE_createDbStatement,                       0,              0,     0}, /* IF NOT EXISTS own one: OK */
    {RULE_showProcStatement,                       0,              0,     POLICY_SWITCHED},
};

static const struct {
    enum sql_rule rule;
    const char *hint;
} hints[] = {
    {RULE_executeAsStatement,    "log in as that user instead"},
    {RULE_submitTaskStatement,   "run the INSERT itself with a larger query_timeout"},
    {RULE_dropTaskStatement,     "tasks are not served; run the INSERT itself with a larger query_timeout"},
    {RULE_killStatement,         "it is not served yet; close the connection, or set query_timeout"},
    {RULE_showProcesslistStatement, "it is not served yet"},
    {RULE_prepareStatement,      "it is not served yet; use the driver's prepared statements or send the text itself"},
    {RULE_executeStatement,      "it is not served yet; use the driver's prepared statements or send the text itself"},
    {RULE_deallocateStatement,   "it is not served yet; use the driver's prepared statements or send the text itself"},
    {RULE_createDbStatement,     "databases belong to the projects of the configuration"},
    {RULE_dropDbStatement,       "databases belong to the projects of the configuration"},
    {RULE_alterDatabaseRenameStatement, "databases belong to the projects of the configuration"},
    {RULE_grantPrivilegeStatement,  "rights are roles of the configuration; ask the project's owner"},
    {RULE_revokePrivilegeStatement, "rights are roles of the configuration; ask the project's owner"},
    {RULE_grantRoleStatement,    "rights are roles of the configuration; ask the project's owner"},
    {RULE_revokeRoleStatement,   "rights are roles of the configuration; ask the project's owner"},
    {RULE_setRoleStatement,      "rights are roles of the configuration; they are always on"},
    {RULE_setWarehouseStatement, "the project's compute source decides where a statement runs"},
    {RULE_exportStatement,       "read the rows with SELECT; statements that write files outside are closed"},
    {RULE_loadStatement,         "use INSERT or Stream Load"},
    {RULE_createRoutineLoadStatement, "use INSERT or Stream Load"},
    {RULE_createPipeStatement,   "use INSERT or Stream Load"},
};
/* clang-format on */

const struct policy *policy_find(enum sql_rule rule)
{
    for (size_t i = 0; i < sizeof policies / sizeof *policies; i++)
        if (policies[i].rule == rule)
            return &policies[i];
    return NULL;
}

const char *policy_hint(enum sql_rule rule)
{
    for (size_t i = 0; i < sizeof hints / sizeof *hints; i++)
        if (hints[i].rule == rule)
            return hints[i].hint;
    switch (sql_rule_class(rule)) {
    case CLASS_ADMIN:
        return "it concerns the whole cluster; ask its administrator";
    case CLASS_DANGEROUS:
        return "it could reach beyond the projects; \"allow_statements\" may open it for "
               "administrators";
    default:
        return "this build does not serve it yet";
    }
}
