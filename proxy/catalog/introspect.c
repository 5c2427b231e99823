/* Asks a frontend for its variables and for the tables of its information_schema: these in one
 * query; where that gives nothing, since a frontend needs a backend to scan, by SHOW TABLES and
 * DESC, which it answers alone. */
#include "proxy/catalog/catalog_private.h"

#include <mysql.h>
#include <strings.h>

enum {
    TABLES_MAX = 512, /* a schema of the system has fewer */
    COLUMNS_MAX_OF_ALL = 16384,
    NAME_LENGTH_MAX = 256,
    VARIABLES_MAX = 2048, /* a frontend has some 350 */
    VALUE_LENGTH_MAX = 4096,
    HOSTS_MAX = 4096,
    DATABASES_MAX = 8192 /* of one account */
};

static const char all_columns[] =
    "SELECT TABLE_NAME, COLUMN_NAME FROM information_schema.columns"
    " WHERE TABLE_SCHEMA = 'information_schema' ORDER BY TABLE_NAME, ORDINAL_POSITION";

static MYSQL_RES *ask(MYSQL *client, const char *sql)
{
    return mysql_query(client, sql) == 0 ? mysql_store_result(client) : NULL;
}

static bool is_name(const char *text)
{
    return text && *text && strlen(text) <= NAME_LENGTH_MAX && !strchr(text, '`');
}

static void learn_at_once(MYSQL *client, struct learnt *l)
{
    MYSQL_RES *result = ask(client, all_columns);
    MYSQL_ROW row;

    for (size_t i = 0; result && i < COLUMNS_MAX_OF_ALL && (row = mysql_fetch_row(result)); i++)
        if (mysql_num_fields(result) == 2 && is_name(row[0]) && is_name(row[1]))
            learnt_add_column(l, slice_of(row[0]), slice_of(row[1]));
    if (result)
        mysql_free_result(result);
}

static void learn_table(MYSQL *client, struct learnt *l, const char *table)
{
    char sql[NAME_LENGTH_MAX + 64];
    MYSQL_RES *result;
    MYSQL_ROW row;

    snprintf(sql, sizeof(sql), "DESC information_schema.`%s`", table);
    result = ask(client, sql);
    while (result && (row = mysql_fetch_row(result)))
        if (is_name(row[0]))
            learnt_add_column(l, slice_of(table), slice_of(row[0]));
    if (result)
        mysql_free_result(result);
}

static void learn_one_by_one(MYSQL *client, struct learnt *l)
{
    MYSQL_RES *result = ask(client, "SHOW TABLES FROM information_schema");
    MYSQL_ROW row;

    for (size_t i = 0; result && i < TABLES_MAX && (row = mysql_fetch_row(result)); i++)
        if (is_name(row[0]))
            learn_table(client, l, row[0]);
    if (result)
        mysql_free_result(result);
}

/* A value that is too long is not known, no more than a variable that is not shown. */
static void learn_variables(MYSQL *client, struct learnt *l)
{
    MYSQL_RES *result = ask(client, "SHOW VARIABLES");
    MYSQL_ROW row;

    for (size_t i = 0; result && i < VARIABLES_MAX && (row = mysql_fetch_row(result)); i++)
        if (mysql_num_fields(result) == 2 && is_name(row[0]) && row[1]
            && strlen(row[1]) <= VALUE_LENGTH_MAX) {
            learnt_note(l, LEARNT_VARIABLES, slice_of(row[0]));
            learnt_note(l, LEARNT_VARIABLES, slice_of(row[1]));
        }
    if (result)
        mysql_free_result(result);
}

/* One column of a reply, by its header; what only an account with OPERATE is told is else not
 * known. */
static void learn_column(MYSQL *client, struct learnt *l, const char *sql, const char *header,
                         enum learnt_list list)
{
    MYSQL_RES *result = ask(client, sql);
    unsigned count = result ? mysql_num_fields(result) : 0, at = 0;
    MYSQL_ROW row;

    while (at < count && strcasecmp(mysql_fetch_field_direct(result, at)->name, header) != 0)
        at++;
    for (size_t i = 0; at < count && i < HOSTS_MAX && (row = mysql_fetch_row(result)); i++)
        if (is_name(row[at]))
            learnt_note(l, list, slice_of(row[at]));
    if (result)
        mysql_free_result(result);
}

void introspect_databases(MYSQL *client, struct learnt *l, struct slice account)
{
    MYSQL_RES *result = ask(client, "SHOW DATABASES");
    MYSQL_ROW row;

    for (size_t i = 0; result && i < DATABASES_MAX && (row = mysql_fetch_row(result)); i++)
        if (is_name(row[0])) {
            learnt_note(l, LEARNT_DATABASES, account);
            learnt_note(l, LEARNT_DATABASES, slice_of(row[0]));
        }
    if (result)
        mysql_free_result(result);
}

static void learn_starrocks(MYSQL *client, struct learnt *l, bool is_monitor)
{
    static const char run_mode[] = "ADMIN SHOW FRONTEND CONFIG LIKE 'run_mode'";

    if (!is_monitor) /* only with OPERATE it is told */
        return;
    learn_column(client, l, run_mode, "Value", LEARNT_RUN_MODE);
    learn_column(client, l, "SHOW FRONTENDS", "IP", LEARNT_HOSTS);
    learn_column(client, l, "SHOW BACKENDS", "IP", LEARNT_HOSTS);
    learn_column(client, l, "SHOW COMPUTE NODES", "IP", LEARNT_HOSTS);
}

struct learnt *introspect(MYSQL *client, enum cluster_kind kind, bool is_monitor)
{
    struct learnt *l = learnt_new();

    learn_variables(client, l);
    if (kind == CLUSTER_STARROCKS) {
        learnt_set_starrocks(l);
        learn_starrocks(client, l, is_monitor);
    }
    learn_at_once(client, l);
    if (!learnt_count(l))
        learn_one_by_one(client, l);
    if (learnt_count(l))
        return l;
    learnt_unref(l);
    return NULL;
}
