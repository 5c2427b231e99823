/* libmariadb's C interface against the gateway: text, server-side prepared statements, array of
 * errors, reset. What it prints: python/report.py. */
#include <mariadb/mysql.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COLUMNS = 16, ROOM = 256, FIRST = 100, ROWS = 1000 };

static const char text[] = "it's \"q\" \\ % ? 订单 😀";
static const char *const names[] = {"tiny",   "small", "int",  "big",  "large", "bool", "float",
                                    "double", "dec",   "date", "time", "char",  "text"};
static bool failed;

static MYSQL *dial(void)
{
    MYSQL *server = mysql_init(NULL);

    mysql_options(server, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    if (mysql_real_connect(server, getenv("SB_HOST"), getenv("SB_USER"), getenv("SB_PASSWORD"),
                           getenv("SB_DATABASE"), (unsigned)atoi(getenv("SB_PORT")), NULL,
                           CLIENT_MULTI_STATEMENTS))
        return server;
    fprintf(stderr, "%s\n", mysql_error(server));
    exit(1);
}

/* ---- telling ---- */

static void cell(const char *value, unsigned long size, bool is_binary)
{
    putchar('\t');
    if (!value)
        fputs("\\N", stdout);
    for (unsigned long i = 0; value && i < size; i++) {
        if (is_binary)
            printf("%02x", (unsigned char)value[i]);
        else if (value[i] == '\\')
            fputs("\\\\", stdout);
        else
            putchar(value[i]);
    }
}

static bool fail(const char *step, const char *why)
{
    failed = true;
    printf("!%s\t%s\n", step, why);
    return false;
}

/* Sends a text and tells the first `width` columns of its rows; 0: all. Without a step nothing is
 * told. */
static bool ask(MYSQL *server, const char *step, const char *sql, unsigned width)
{
    MYSQL_RES *result;
    MYSQL_ROW row;

    if (mysql_query(server, sql))
        return fail(step ? step : sql, mysql_error(server));
    result = mysql_use_result(server);
    while (result && (row = mysql_fetch_row(result))) {
        if (!step)
            continue;
        fputs(step, stdout);
        for (unsigned i = 0; i < (width ? width : mysql_num_fields(result)); i++)
            cell(row[i], mysql_fetch_lengths(result)[i], i == COLUMNS - 1);
        putchar('\n');
    }
    mysql_free_result(result);
    return true;
}

static void describe(MYSQL *server)
{
    MYSQL_RES *result;

    if (mysql_query(server, "SELECT * FROM every") || !(result = mysql_store_result(server))) {
        fail("described", mysql_error(server));
        return;
    }
    for (unsigned i = 0; i < mysql_num_fields(result); i++)
        printf("described\t%s\n", mysql_fetch_field_direct(result, i)->name);
    mysql_free_result(result);
}

/* ---- parameters ---- */

static signed char tiny = -128;
static short small = -32768;
static int number = 2147483647, yes = 1, id;
static long long big = -9223372036854775807ll - 1;
static float single = 0.5f;
static double twice = 0.1;
static MYSQL_TIME date = {.year = 2024, .month = 2, .day = 29, .time_type = MYSQL_TIMESTAMP_DATE};
static MYSQL_TIME moment = {.year = 2024,
                            .month = 12,
                            .day = 31,
                            .hour = 23,
                            .minute = 59,
                            .second = 58,
                            .time_type = MYSQL_TIMESTAMP_DATETIME};

#define PLAIN(type, variable)                                                                      \
    {                                                                                              \
        .buffer_type = (type), .buffer = &(variable)                                               \
    }
#define WORDS(type, words)                                                                         \
    {                                                                                              \
        .buffer_type = (type), .buffer = (void *)(size_t)(words),                                  \
        .buffer_length = sizeof(words) - 1                                                         \
    }

/* The columns of `every` in their order. */
static const MYSQL_BIND parameters[COLUMNS] = {
    PLAIN(MYSQL_TYPE_LONG, id),
    PLAIN(MYSQL_TYPE_TINY, tiny),
    PLAIN(MYSQL_TYPE_SHORT, small),
    PLAIN(MYSQL_TYPE_LONG, number),
    PLAIN(MYSQL_TYPE_LONGLONG, big),
    WORDS(MYSQL_TYPE_STRING, "170141183460469231731687303715884105727"),
    PLAIN(MYSQL_TYPE_LONG, yes),
    PLAIN(MYSQL_TYPE_FLOAT, single),
    PLAIN(MYSQL_TYPE_DOUBLE, twice),
    WORDS(MYSQL_TYPE_NEWDECIMAL, "1234567890123456.7891"),
    PLAIN(MYSQL_TYPE_DATE, date),
    PLAIN(MYSQL_TYPE_DATETIME, moment),
    WORDS(MYSQL_TYPE_STRING, "abc"),
    WORDS(MYSQL_TYPE_VAR_STRING, text),
    WORDS(MYSQL_TYPE_STRING, "{\"a\": 1}"),
    WORDS(MYSQL_TYPE_BLOB, "\0\xff\\'"),
};

static bool fail_statement(const char *step, MYSQL_STMT *s)
{
    fail(step, mysql_stmt_error(s));
    mysql_stmt_close(s);
    return false;
}

static bool tell_rows(const char *step, MYSQL_STMT *s)
{
    char room[COLUMNS][ROOM];
    unsigned long sizes[COLUMNS];
    my_bool nulls[COLUMNS];
    MYSQL_BIND into[COLUMNS] = {{0}};
    unsigned columns = mysql_stmt_field_count(s);

    for (unsigned i = 0; i < columns; i++)
        into[i] =
            (MYSQL_BIND){.buffer_type = i == COLUMNS - 1 ? MYSQL_TYPE_BLOB : MYSQL_TYPE_STRING,
                         .buffer = room[i],
                         .buffer_length = ROOM,
                         .length = &sizes[i],
                         .is_null = &nulls[i]};
    if (columns && mysql_stmt_bind_result(s, into))
        return fail_statement(step, s);
    while (columns && mysql_stmt_fetch(s) == 0) {
        fputs(step, stdout);
        for (unsigned i = 0; i < columns; i++)
            cell(nulls[i] ? NULL : room[i], sizes[i], i == COLUMNS - 1);
        putchar('\n');
    }
    mysql_stmt_close(s);
    return true;
}

static bool run(MYSQL *server, const char *step, const char *sql, const MYSQL_BIND *from)
{
    MYSQL_STMT *s = mysql_stmt_init(server);
    MYSQL_BIND copy[COLUMNS];

    if (mysql_stmt_prepare(s, sql, strlen(sql)))
        return fail_statement(step, s);
    memcpy(copy, from, mysql_stmt_param_count(s) * sizeof(*copy));
    if (mysql_stmt_bind_param(s, copy) || mysql_stmt_execute(s))
        return fail_statement(step, s);
    return tell_rows(step, s);
}

static void filter(MYSQL *server)
{
    char sql[1024] = "SELECT id FROM every WHERE c_tiny = ?";

    for (size_t i = 1; i < sizeof(names) / sizeof(*names); i++)
        sprintf(sql + strlen(sql), " AND c_%s = ?", names[i]);
    run(server, "filtered", sql, parameters + 1);
}

static void insert(MYSQL *server)
{
    static const char sql[] = "INSERT INTO sink VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
    MYSQL_BIND nulls[COLUMNS];

    for (unsigned i = 0; i < COLUMNS; i++)
        nulls[i] = i ? (MYSQL_BIND){.buffer_type = MYSQL_TYPE_NULL} : parameters[0];
    id = 1;
    if (!run(server, "inserted", sql, parameters))
        return;
    id = 2;
    if (!run(server, "inserted", sql, nulls))
        return;
    id = FIRST;
    run(server, "inserted", "SELECT * FROM sink WHERE id < ? ORDER BY id", parameters);
}

/* One statement, executed again and again; then two statements in one packet. */
static void batch(MYSQL *server)
{
    static const char sql[] = "INSERT INTO sink (id, c_int) VALUES (?, ?)";
    MYSQL_STMT *s = mysql_stmt_init(server);
    MYSQL_BIND from[2] = {PLAIN(MYSQL_TYPE_LONG, id), PLAIN(MYSQL_TYPE_LONG, id)};

    if (mysql_stmt_prepare(s, sql, sizeof(sql) - 1) || mysql_stmt_bind_param(s, from)) {
        fail_statement("batch", s);
        return;
    }
    for (id = FIRST; id < FIRST + ROWS; id++)
        if (mysql_stmt_execute(s)) {
            fail_statement("batch", s);
            return;
        }
    mysql_stmt_close(s);
    if (ask(server, NULL, "SELECT 1 FROM every; SELECT 2 FROM every", 0)
        && (mysql_next_result(server) || !mysql_store_result(server)
            || mysql_next_result(server) != -1))
        fail("batch", "not two results");
    ask(server, "batch", "SELECT COUNT(*) FROM sink WHERE id >= 100", 0);
}

/* ---- the rest ---- */

static void refused(MYSQL *server)
{
    if (mysql_query(server, "SELECT * FROM hidden.every") == 0) {
        fail("refused", "it was not");
        return;
    }
    printf("refused\t%u", mysql_errno(server));
    fputs(mysql_query(server, "SELECT 1") ? "\tgone\n" : "\t1\n", stdout);
    mysql_free_result(mysql_store_result(server));
}

static void transaction(MYSQL *server)
{
    static const char *const ends[] = {"ROLLBACK", "COMMIT"};

    fputs("transaction", stdout);
    for (int i = 0; i < 2; i++) {
        if (!ask(server, NULL, "BEGIN", 0)
            || !ask(server, NULL, "INSERT INTO sink (id) VALUES (50)", 0)
            || !ask(server, NULL, ends[i], 0)
            || mysql_query(server, "SELECT COUNT(*) FROM sink WHERE id = 50"))
            break;
        MYSQL_RES *result = mysql_store_result(server);
        printf("\t%s", mysql_fetch_row(result)[0]);
        mysql_free_result(result);
    }
    putchar('\n');
}

static void *kill_soon(void *victim)
{
    MYSQL *other = dial();
    char sql[64];

    usleep(500 * 1000);
    snprintf(sql, sizeof(sql), "KILL QUERY %lu", mysql_thread_id(victim));
    ask(other, NULL, sql, 0);
    mysql_close(other);
    return NULL;
}

static void cancelled(MYSQL *server)
{
    pthread_t other;

    pthread_create(&other, NULL, kill_soon, server);
    if (mysql_query(server, "SELECT SLEEP(60)") == 0)
        mysql_free_result(mysql_store_result(server));
    printf("cancelled\t%s%s", mysql_errno(server) ? "cancelled: " : "went on", mysql_error(server));
    pthread_join(other, NULL);
    fputs(mysql_query(server, "SELECT 1") ? "\tgone\n" : "\t1\n", stdout);
    mysql_free_result(mysql_store_result(server));
}

static void reset(MYSQL *server)
{
    if (ask(server, NULL, "SET @kept = 5", 0) && mysql_reset_connection(server) == 0
        && mysql_change_user(server, getenv("SB_USER"), getenv("SB_PASSWORD"),
                             getenv("SB_DATABASE"))
               == 0)
        ask(server, "reset", "SELECT @kept, DATABASE()", 0);
    else
        fail("reset", mysql_error(server));
}

/* With MYSQL_OPT_RECONNECT the statement after the one that failed has another connection. */
static void reconnected(MYSQL *server)
{
    MYSQL *other = dial();
    my_bool on = 1;
    char sql[64];

    mysql_options(server, MYSQL_OPT_RECONNECT, &on);
    snprintf(sql, sizeof(sql), "KILL %lu", mysql_thread_id(server));
    ask(other, NULL, sql, 0);
    mysql_close(other);
    while (mysql_ping(server))
        usleep(1000);
    ask(server, "reconnected", "SELECT DATABASE()", 0);
}

int main(void)
{
    MYSQL *server = dial();

    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("version\t%s\n", mysql_get_client_info());
    ask(server, "projects", "SHOW DATABASES", 0);
    ask(server, "tables", "SHOW FULL TABLES", 1);
    ask(server, "columns", "SHOW FULL COLUMNS FROM every", 1);
    describe(server);
    ask(server, "text", "SELECT * FROM every ORDER BY id", 0);
    filter(server);
    insert(server);
    batch(server);
    refused(server);
    transaction(server);
    cancelled(server);
    reset(server);
    reconnected(server);
    mysql_close(server);
    return failed;
}
