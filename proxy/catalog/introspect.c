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
    VALUE_LENGTH_MAX = 4096
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
            && strlen(row[1]) <= VALUE_LENGTH_MAX)
            learnt_add_variable(l, slice_of(row[0]), slice_of(row[1]));
    if (result)
        mysql_free_result(result);
}

/* Key, AliasNames, Value, …; only an account with OPERATE is told. */
static void learn_run_mode(MYSQL *client, struct learnt *l)
{
    MYSQL_RES *result = ask(client, "ADMIN SHOW FRONTEND CONFIG LIKE 'run_mode'");
    MYSQL_ROW row = result ? mysql_fetch_row(result) : NULL;
    unsigned count = result ? mysql_num_fields(result) : 0;

    for (unsigned i = 0; row && i < count; i++)
        if (strcasecmp(mysql_fetch_field_direct(result, i)->name, "Value") == 0 && is_name(row[i]))
            learnt_set_run_mode(l, slice_of(row[i]));
    if (result)
        mysql_free_result(result);
}

struct learnt *introspect(MYSQL *client, enum cluster_kind kind)
{
    struct learnt *l = learnt_new();

    learn_variables(client, l);
    if (kind == CLUSTER_STARROCKS) {
        learnt_set_starrocks(l);
        learn_run_mode(client, l);
    }
    learn_at_once(client, l);
    if (!learnt_count(l))
        learn_one_by_one(client, l);
    if (learnt_count(l))
        return l;
    learnt_unref(l);
    return NULL;
}
