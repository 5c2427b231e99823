/* SELECT over the tables: SQLite with one virtual table per row of tables.def.
 *
 *   prepare: the authorizer notes which tables and columns are read ──> survey
 *   the survey is answered                                          ──> question
 *   step: the virtual tables read the question's rows
 *
 * Nothing can be written, no file can be opened, nothing outlives a statement; a statement is
 * bounded in time, and all of them together in memory. */
#include <sqlite3.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/must.h"
#include "proxy/admin/admin_private.h"
#include "proxy/admin/sql.h"

enum {
    HEAP_MAX = 256 * 1024 * 1024, /* bytes, of both threads */
    OPS_BETWEEN_LOOKS = 10000,
    TEXT_MAX = 64 * 1024, /* bytes of a statement */
    VALUE_MAX = 1024 * 1024
};

/* ---- what a statement may do ---- */

/* Only the tables are read; whatever else SQLite can do is refused. */
static int authorize(void *owner, int action, const char *a, const char *b, const char *database,
                     const char *trigger)
{
    struct sql *sql = owner;

    (void)database, (void)trigger;
    if (action == SQLITE_SELECT || action == SQLITE_RECURSIVE)
        return SQLITE_OK;
    if (action == SQLITE_FUNCTION)
        return strcmp(b, "load_extension") == 0 ? SQLITE_DENY : SQLITE_OK;
    if (action != SQLITE_READ || !sql->survey)
        return SQLITE_DENY;
    enum table t = table_find(slice_of(a));
    if (t == TABLES)
        return *b ? SQLITE_DENY : SQLITE_OK; /* rows are counted: perhaps those of a WITH */
    size_t count, column = 0;
    const struct table_column *columns = table_columns(t, &count);
    while (column < count && strcasecmp(columns[column].name, b) != 0)
        column++;
    sql->survey->wanted[t] |= (uint64_t)1 << (column < count ? column : 0);
    return SQLITE_OK;
}

static int is_late(void *owner)
{
    const struct sql *sql = owner;

    return clock_now() > sql->deadline;
}

static void bound(sqlite3 *db)
{
    static const int limits[][2] = {
        {SQLITE_LIMIT_LENGTH, VALUE_MAX},
        {SQLITE_LIMIT_SQL_LENGTH, TEXT_MAX},
        {SQLITE_LIMIT_COLUMN, 250},
        {SQLITE_LIMIT_EXPR_DEPTH, 100},
        {SQLITE_LIMIT_COMPOUND_SELECT, 30},
        {SQLITE_LIMIT_VDBE_OP, 100000},
        {SQLITE_LIMIT_FUNCTION_ARG, 50},
        {SQLITE_LIMIT_ATTACHED, 0},
        {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 500},
        {SQLITE_LIMIT_VARIABLE_NUMBER, 1},
        {SQLITE_LIMIT_WORKER_THREADS, 0},
    };

    for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++)
        sqlite3_limit(db, limits[i][0], limits[i][1]);
}

struct sql *sql_open(void)
{
    struct sql *sql = memory_new(1, sizeof(*sql));

    sqlite3_hard_heap_limit64(HEAP_MAX);
    must(sqlite3_open_v2(":memory:", &sql->db,
                         SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX, NULL)
         == SQLITE_OK);
    sqlite3_db_config(sql->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    must(sqlite3_exec(sql->db, "PRAGMA temp_store = MEMORY", NULL, NULL, NULL) == SQLITE_OK);
    bound(sql->db);
    tables_register(sql);
    functions_register(sql);
    sqlite3_set_authorizer(sql->db, authorize, sql);
    sqlite3_progress_handler(sql->db, OPS_BETWEEN_LOOKS, is_late, sql);
    return sql;
}

void sql_set_asker(struct sql *sql, const struct sql_asker *asker)
{
    sql->asker = asker;
}

void sql_interrupt(struct sql *sql)
{
    sqlite3_interrupt(sql->db);
}

void sql_close(struct sql *sql)
{
    must(sqlite3_close(sql->db) == SQLITE_OK);
    free(sql);
}

/* ---- statements ---- */

static bool fail(struct sql *sql, int result, struct error *e)
{
    switch (result) {
    case SQLITE_AUTH:
        return refuse(e, ERROR_NOT_SUPPORTED,
                      "starbind: the console reads its tables only; SHOW TABLES lists them, HELP "
                      "tells what else it does");
    case SQLITE_INTERRUPT:
        return refuse(e, ERROR_TIME_LIMIT,
                      "starbind: the question was given up: it took longer than %d seconds",
                      SQL_BUDGET / 1000);
    case SQLITE_NOMEM:
    case SQLITE_TOOBIG:
        return refuse(e, ERROR_LIMIT, "starbind: the question needs too much memory");
    default:
        return refuse(e, ERROR_SYNTAX, "%s", sqlite3_errmsg(sql->db));
    }
}

bool sql_prepare(struct sql *sql, struct slice text, sqlite3_stmt **made, struct survey *survey,
                 struct error *e)
{
    const char *rest;

    *made = NULL;
    if (text.size > TEXT_MAX)
        return refuse(e, ERROR_PACKET_SIZE, "starbind: the statement is longer than %d bytes",
                      TEXT_MAX);
    sql->survey = survey;
    sql->deadline = clock_now() + SQL_BUDGET;
    int result = sqlite3_prepare_v2(sql->db, text.data, (int)text.size, made, &rest);
    sql->survey = NULL;
    if (result != SQLITE_OK)
        return fail(sql, result, e);
    struct slice more = slice_after(text, (size_t)(rest - text.data));
    while (more.size && strchr(" \t\r\n;", more.data[0]))
        more = slice_after(more, 1);
    if (!more.size)
        return true;
    sql_finish(*made);
    *made = NULL;
    return refuse(e, ERROR_NOT_SUPPORTED, "starbind: the console takes one statement at a time");
}

enum sql_step sql_step(struct sql *sql, sqlite3_stmt *statement, const struct question *q,
                       millis *budget, struct error *e)
{
    millis began = clock_now();

    sql->question = q;
    sql->deadline = began + *budget;
    int result = sqlite3_step(statement);
    sql->question = NULL;
    millis took = clock_now() - began;
    *budget = took < *budget ? *budget - took : 0;
    if (result == SQLITE_ROW)
        return SQL_ROW;
    if (result == SQLITE_DONE)
        return SQL_DONE;
    fail(sql, result, e);
    return SQL_FAILED;
}

size_t sql_columns(sqlite3_stmt *statement)
{
    return (size_t)sqlite3_column_count(statement);
}

struct slice sql_column_name(sqlite3_stmt *statement, size_t column)
{
    return slice_of(sqlite3_column_name(statement, (int)column));
}

static enum cell_kind kind_of(int type)
{
    switch (type) {
    case SQLITE_INTEGER:
        return CELL_INTEGER;
    case SQLITE_FLOAT:
        return CELL_REAL;
    case SQLITE_NULL:
        return CELL_NULL;
    default:
        return CELL_TEXT;
    }
}

/* By its declaration, as far as it has one; else by the value at hand. */
enum cell_kind sql_column_kind(sqlite3_stmt *statement, size_t column)
{
    const char *declared = sqlite3_column_decltype(statement, (int)column);

    if (!declared)
        return kind_of(sqlite3_column_type(statement, (int)column));
    return *declared == 'I' ? CELL_INTEGER : *declared == 'R' ? CELL_REAL : CELL_TEXT;
}

struct cell sql_cell(sqlite3_stmt *statement, size_t column)
{
    int at = (int)column;
    struct cell c = {.kind = kind_of(sqlite3_column_type(statement, at))};

    if (c.kind == CELL_INTEGER)
        c.integer = sqlite3_column_int64(statement, at);
    else if (c.kind == CELL_REAL)
        c.real = sqlite3_column_double(statement, at);
    if (c.kind != CELL_TEXT)
        return c;
    c.text = (const char *)sqlite3_column_text(statement, at);
    c.size = (uint32_t)sqlite3_column_bytes(statement, at);
    c.text = c.text ? c.text : "";
    return c;
}

void sql_finish(sqlite3_stmt *statement)
{
    sqlite3_finalize(statement);
}

void sql_survey(struct sql *sql, const char *text, struct survey *survey)
{
    struct sqlite3_stmt *statement;
    struct error e;

    must(sql_prepare(sql, slice_of(text), &statement, survey, &e));
    sql_finish(statement);
}

void sql_run(struct sql *sql, const char *text, const struct question *q,
             void (*row)(void *owner, sqlite3_stmt *statement), void *owner)
{
    static const struct log_context who = {.worker = "http"};
    millis budget = SQL_BUDGET;
    struct survey unused = {{0}};
    sqlite3_stmt *statement;
    enum sql_step step;
    struct error e;

    must(sql_prepare(sql, slice_of(text), &statement, &unused, &e));
    while ((step = sql_step(sql, statement, q, &budget, &e)) == SQL_ROW)
        row(owner, statement);
    if (step == SQL_FAILED)
        log_warning(&who, "page", "%s", e.text);
    sql_finish(statement);
}
