/* The names of rules, classes, kinds and the rest, as listings and corpora spell them. */
#include "protocol/sql/sql.h"

#include "base/must.h"

static const struct {
    const char *name;
    enum sql_class class;
} rules[SQL_RULES] = {
#define STATEMENT(rule, class, pattern) [RULE_##rule] = {#rule, class},
#include "protocol/sql/statements.def"
#undef STATEMENT
};

static const char *const classes[SQL_CLASSES] = {
    [CLASS_EMPTY] = "empty",         [CLASS_QUERY] = "query",
    [CLASS_WRITE] = "write",         [CLASS_DDL] = "ddl",
    [CLASS_SESSION] = "session",     [CLASS_METADATA] = "metadata",
    [CLASS_ADMIN] = "cluster-admin", [CLASS_DANGEROUS] = "dangerous-always",
};

static const char *const kinds[SQL_KINDS] = {
    [KIND_TABLE] = "table",
    [KIND_VIEW] = "view",
    [KIND_MV] = "mv",
    [KIND_CTE] = "cte",
    [KIND_DATABASE] = "database",
    [KIND_CATALOG] = "catalog",
    [KIND_COLUMN] = "column",
    [KIND_FUNCTION] = "function",
    [KIND_TASK] = "task",
    [KIND_PIPE] = "pipe",
    [KIND_ROUTINE_LOAD] = "routine_load",
    [KIND_STREAM_LOAD] = "stream_load",
    [KIND_LOAD_LABEL] = "load_label",
    [KIND_SNAPSHOT] = "snapshot",
    [KIND_PROCEDURE] = "procedure",
    [KIND_TABLE_IN_STRING] = "table_in_string",
    [KIND_DICTIONARY] = "dictionary",
    [KIND_RESOURCE_GROUP] = "resource_group",
    [KIND_RESOURCE] = "resource",
    [KIND_REPOSITORY] = "repository",
    [KIND_BROKER] = "broker",
    [KIND_STORAGE_VOLUME] = "storage_volume",
    [KIND_WAREHOUSE] = "warehouse",
    [KIND_USER] = "user",
    [KIND_ROLE] = "role",
    [KIND_SYSTEM] = "system",
};

static const char *const accesses[SQL_ACCESSES] = {
    [ACCESS_READ] = "read",   [ACCESS_WRITE] = "write", [ACCESS_DDL] = "ddl",
    [ACCESS_SHOW] = "show",   [ACCESS_USE] = "use",     [ACCESS_ANALYZE] = "analyze",
    [ACCESS_ADMIN] = "admin", [ACCESS_GRANT] = "grant", [ACCESS_AUTHZ] = "authz",
    [ACCESS_CALL] = "call",   [ACCESS_LOCK] = "lock",
};

static const char *const scopes[] = {
    [SCOPE_NONE] = "",
    [SCOPE_DB] = "db",
    [SCOPE_DB_MAYBE] = "db?",
    [SCOPE_CATALOG] = "catalog",
    [SCOPE_CATALOG_MAYBE] = "catalog?",
    [SCOPE_REL] = "rel",
    [SCOPE_FIELD] = "field",
    [SCOPE_LAMBDA] = "lambda",
};

const char *sql_rule_name(enum sql_rule rule)
{
    must(rule < SQL_RULES);
    return rules[rule].name;
}

enum sql_class sql_rule_class(enum sql_rule rule)
{
    must(rule < SQL_RULES);
    return rules[rule].class;
}

const char *sql_class_name(enum sql_class class)
{
    must(class < SQL_CLASSES);
    return classes[class];
}

const char *sql_kind_name(enum sql_kind kind)
{
    must(kind < SQL_KINDS);
    return kinds[kind];
}

const char *sql_access_name(enum sql_access access)
{
    must(access < SQL_ACCESSES);
    return accesses[access];
}

const char *sql_scope_name(enum sql_scope scope)
{
    must(scope <= SCOPE_LAMBDA);
    return scopes[scope];
}
