/* Functions that clients of MySQL call when they open a connection. */
#include <sqlite3.h>

#include "base/must.h"
#include "proxy/admin/admin_private.h"
#include "proxy/admin/sql.h"

static void put_text(sqlite3_context *out, struct slice text)
{
    sqlite3_result_text(out, text.data, (int)text.size, SQLITE_TRANSIENT);
}

static void version(sqlite3_context *out, int count, sqlite3_value **values)
{
    (void)count, (void)values;
    put_text(out, SLICE("8.0.33-starbind"));
}

static void database(sqlite3_context *out, int count, sqlite3_value **values)
{
    (void)count, (void)values;
    put_text(out, SLICE("starbind"));
}

static void user(sqlite3_context *out, int count, sqlite3_value **values)
{
    const struct sql *sql = sqlite3_user_data(out);

    (void)count, (void)values;
    if (sql->asker)
        put_text(out, sql->asker->user);
}

static void connection_id(sqlite3_context *out, int count, sqlite3_value **values)
{
    const struct sql *sql = sqlite3_user_data(out);

    (void)count, (void)values;
    if (sql->asker)
        sqlite3_result_int64(out, sql->asker->connection);
}

/* What drivers ask for before anything else; NULL for all others. */
static void variable(sqlite3_context *out, int count, sqlite3_value **values)
{
    static const struct {
        const char *name, *text; /* NULL: the number */
        int number;
    } known[] = {
        {"autocommit", NULL, 1},
        {"auto_increment_increment", NULL, 1},
        {"character_set_client", "utf8mb4", 0},
        {"character_set_connection", "utf8mb4", 0},
        {"character_set_results", "utf8mb4", 0},
        {"character_set_server", "utf8mb4", 0},
        {"collation_connection", "utf8mb4_general_ci", 0},
        {"collation_server", "utf8mb4_general_ci", 0},
        {"init_connect", "", 0},
        {"interactive_timeout", NULL, 28800},
        {"license", "Apache-2.0", 0},
        {"lower_case_table_names", NULL, 0},
        {"max_allowed_packet", NULL, 65536},
        {"net_write_timeout", NULL, 60},
        {"sql_mode", "", 0},
        {"system_time_zone", "UTC", 0},
        {"time_zone", "+00:00", 0},
        {"transaction_isolation", "READ-COMMITTED", 0},
        {"tx_isolation", "READ-COMMITTED", 0},
        {"version", "8.0.33-starbind", 0},
        {"version_comment", "starbind, the admin console", 0},
        {"wait_timeout", NULL, 28800},
    };
    const char *name = (const char *)sqlite3_value_text(values[0]);
    const char *scope = name ? strchr(name, '.') : NULL;

    (void)count;
    name = scope ? scope + 1 : name;
    for (size_t i = 0; name && i < sizeof(known) / sizeof(*known); i++) {
        if (strcasecmp(known[i].name, name) != 0)
            continue;
        if (known[i].text)
            put_text(out, slice_of(known[i].text));
        else
            sqlite3_result_int(out, known[i].number);
    }
}

void functions_register(struct sql *sql)
{
    static const struct {
        const char *name;
        int arguments;
        void (*run)(sqlite3_context *out, int count, sqlite3_value **values);
    } functions[] = {
        {"version", 0, version},   {"database", 0, database}, {"schema", 0, database},
        {"user", 0, user},         {"current_user", 0, user}, {"connection_id", 0, connection_id},
        {"variable", 1, variable},
    };

    for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++)
        must(sqlite3_create_function(sql->db, functions[i].name, functions[i].arguments,
                                     SQLITE_UTF8, sql, functions[i].run, NULL, NULL)
             == SQLITE_OK);
}
