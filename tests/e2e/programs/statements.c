/* A libmariadb program with server-side prepared statements; prints what came back, one line each.
 *
 *   statements HOST PORT USER PASSWORD DATABASE types       every parameter type, and back
 *   statements HOST PORT USER PASSWORD DATABASE long        one parameter in pieces
 *   statements HOST PORT USER PASSWORD DATABASE cursor SQL  rows by a read-only cursor */
#include <mariadb/mysql.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 512, CURSOR_ROWS = 7 };

struct value {
    const char *name;
    enum enum_field_types type;
    my_bool is_unsigned;
    const void *data;
    unsigned long size;
};

static const signed char tiny = -128;
static const unsigned char large_tiny = 255;
static const short small = -32768;
static const unsigned short large_small = 65535;
static const int middle = -2147483647;
static const unsigned large_middle = 4294967295u;
static const long long big = -9223372036854775807ll;
static const unsigned long long large_big = 18446744073709551615ull;
static const float single = 0.25f;
static const double twice = -1234567.0625;
static const MYSQL_TIME date = {
    .year = 2024, .month = 2, .day = 29, .time_type = MYSQL_TIMESTAMP_DATE};
static const MYSQL_TIME moment = {.year = 2024,
                                  .month = 12,
                                  .day = 31,
                                  .hour = 23,
                                  .minute = 59,
                                  .second = 58,
                                  .second_part = 123456,
                                  .time_type = MYSQL_TIMESTAMP_DATETIME};
static const MYSQL_TIME span = {
    .hour = 123, .minute = 4, .second = 5, .neg = 1, .time_type = MYSQL_TIMESTAMP_TIME};

#define TEXT(s)  s, sizeof(s) - 1
#define PLAIN(v) &v, sizeof(v)

static const struct value values[] = {
    {"tiny", MYSQL_TYPE_TINY, 0, PLAIN(tiny)},
    {"tiny unsigned", MYSQL_TYPE_TINY, 1, PLAIN(large_tiny)},
    {"short", MYSQL_TYPE_SHORT, 0, PLAIN(small)},
    {"short unsigned", MYSQL_TYPE_SHORT, 1, PLAIN(large_small)},
    {"year", MYSQL_TYPE_YEAR, 1, PLAIN(large_small)},
    {"int24", MYSQL_TYPE_INT24, 0, PLAIN(middle)},
    {"long", MYSQL_TYPE_LONG, 0, PLAIN(middle)},
    {"long unsigned", MYSQL_TYPE_LONG, 1, PLAIN(large_middle)},
    {"longlong", MYSQL_TYPE_LONGLONG, 0, PLAIN(big)},
    {"longlong unsigned", MYSQL_TYPE_LONGLONG, 1, PLAIN(large_big)},
    {"float", MYSQL_TYPE_FLOAT, 0, PLAIN(single)},
    {"double", MYSQL_TYPE_DOUBLE, 0, PLAIN(twice)},
    {"decimal", MYSQL_TYPE_DECIMAL, 0, TEXT("12.50")},
    {"newdecimal", MYSQL_TYPE_NEWDECIMAL, 0, TEXT("-99999999999999.999")},
    {"string", MYSQL_TYPE_STRING, 0, TEXT("it's \\ \"a\" ? 订单")},
    {"var_string", MYSQL_TYPE_VAR_STRING, 0, TEXT("")},
    {"varchar", MYSQL_TYPE_VARCHAR, 0, TEXT("varchar")},
    {"tiny_blob", MYSQL_TYPE_TINY_BLOB, 0, TEXT("tiny\n")},
    {"blob", MYSQL_TYPE_BLOB, 0, TEXT("blob")},
    {"medium_blob", MYSQL_TYPE_MEDIUM_BLOB, 0, TEXT("medium")},
    {"long_blob", MYSQL_TYPE_LONG_BLOB, 0, TEXT("long")},
    {"enum", MYSQL_TYPE_ENUM, 0, TEXT("one")},
    {"set", MYSQL_TYPE_SET, 0, TEXT("one,two")},
    {"bit", MYSQL_TYPE_BIT, 0, TEXT("b")},
    {"json", MYSQL_TYPE_JSON, 0, TEXT("{\"a\": [1, null]}")},
    {"date", MYSQL_TYPE_DATE, 0, PLAIN(date)},
    {"datetime", MYSQL_TYPE_DATETIME, 0, PLAIN(moment)},
    {"timestamp", MYSQL_TYPE_TIMESTAMP, 0, PLAIN(moment)},
    {"time", MYSQL_TYPE_TIME, 0, PLAIN(span)},
    {"null", MYSQL_TYPE_NULL, 0, NULL, 0},
};

static void fail(MYSQL_STMT *s)
{
    printf("error %u %s %s\n", mysql_stmt_errno(s), mysql_stmt_sqlstate(s), mysql_stmt_error(s));
}

static MYSQL_STMT *prepare(MYSQL *server, const char *sql)
{
    MYSQL_STMT *s = mysql_stmt_init(server);

    if (!s || mysql_stmt_prepare(s, sql, strlen(sql))) {
        printf("error %u %s\n", mysql_errno(server), mysql_error(server));
        exit(1);
    }
    return s;
}

/* Prints all rows, two columns at most. */
static void print_rows(MYSQL_STMT *s, const char *name)
{
    char room[2][ROOM];
    unsigned long sizes[2] = {0};
    my_bool nulls[2] = {0};
    MYSQL_BIND into[2] = {{0}};
    unsigned columns = mysql_stmt_field_count(s);
    int state;

    for (unsigned i = 0; i < 2; i++) {
        into[i].buffer_type = MYSQL_TYPE_STRING;
        into[i].buffer = room[i];
        into[i].buffer_length = ROOM;
        into[i].length = &sizes[i];
        into[i].is_null = &nulls[i];
    }
    if (columns > 2 || mysql_stmt_bind_result(s, into)) {
        fail(s);
        return;
    }
    while ((state = mysql_stmt_fetch(s)) == 0) {
        printf("%s:", name);
        for (unsigned i = 0; i < columns; i++)
            printf(" [%.*s]", nulls[i] ? 4 : (int)sizes[i], nulls[i] ? "NULL" : room[i]);
        printf("\n");
    }
    if (state != MYSQL_NO_DATA)
        fail(s);
    mysql_stmt_free_result(s);
}

static void run_types(MYSQL *server)
{
    MYSQL_STMT *s = prepare(server, "SELECT ? AS v, id FROM t WHERE id = 1");

    for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
        const struct value *v = &values[i];
        unsigned long size = v->size;
        MYSQL_BIND from = {.buffer_type = v->type,
                           .is_unsigned = v->is_unsigned,
                           .buffer = (void *)(size_t)v->data,
                           .buffer_length = size,
                           .length = &size};
        if (mysql_stmt_bind_param(s, &from) || mysql_stmt_execute(s)) {
            printf("%s: ", v->name);
            fail(s);
        } else {
            print_rows(s, v->name);
        }
    }
    mysql_stmt_close(s);
}

static void run_long(MYSQL *server)
{
    MYSQL_STMT *s = prepare(server, "SELECT LENGTH(?), MD5(?) FROM t WHERE id = 1");
    char piece[40000];
    MYSQL_BIND from[2] = {{.buffer_type = MYSQL_TYPE_LONG_BLOB},
                          {.buffer_type = MYSQL_TYPE_LONG_BLOB}};

    for (int round = 0; round < 2; round++) {
        memset(piece, 'a' + round, sizeof(piece));
        if (mysql_stmt_bind_param(s, from))
            fail(s);
        for (unsigned i = 0; i < 30; i++)
            if (mysql_stmt_send_long_data(s, i % 2, piece, sizeof(piece) - i))
                fail(s);
        if (mysql_stmt_execute(s))
            fail(s);
        else
            print_rows(s, "long");
    }
    mysql_stmt_close(s);
}

static void run_cursor(MYSQL *server, const char *sql)
{
    MYSQL_STMT *s = prepare(server, sql);
    unsigned long type = CURSOR_TYPE_READ_ONLY, rows = CURSOR_ROWS;

    mysql_stmt_attr_set(s, STMT_ATTR_CURSOR_TYPE, &type);
    mysql_stmt_attr_set(s, STMT_ATTR_PREFETCH_ROWS, &rows);
    for (int round = 0; round < 2; round++) {
        if (mysql_stmt_execute(s))
            fail(s);
        else
            print_rows(s, "row");
    }
    mysql_stmt_close(s);
}

int main(int count, char **words)
{
    MYSQL *server = mysql_init(NULL);

    if (count < 7 || !server)
        return 2;
    if (!mysql_real_connect(server, words[1], words[3], words[4], words[5],
                            (unsigned)strtoul(words[2], NULL, 10), NULL, 0)) {
        printf("error %u %s\n", mysql_errno(server), mysql_error(server));
        return 1;
    }
    if (!strcmp(words[6], "types"))
        run_types(server);
    else if (!strcmp(words[6], "long"))
        run_long(server);
    else if (count > 7)
        run_cursor(server, words[7]);
    mysql_close(server);
    return 0;
}
