/* A libmariadb program: logs in, runs one statement, prints rows and a checksum of every field.
 *
 *   checksum HOST PORT USER PASSWORD DATABASE SQL
 *
 * Exit status 1 and the server's error when it was refused. */
#include <inttypes.h>
#include <mariadb/mysql.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t mix(uint64_t sum, const char *bytes, unsigned long size)
{
    for (unsigned long i = 0; i < size; i++)
        sum = (sum ^ (unsigned char)bytes[i]) * 1099511628211u;
    return (sum ^ size) * 1099511628211u;
}

static int fail(MYSQL *server)
{
    printf("error %u %s %s\n", mysql_errno(server), mysql_sqlstate(server), mysql_error(server));
    mysql_close(server);
    return 1;
}

int main(int count, char **words)
{
    MYSQL *server = mysql_init(NULL);
    uint64_t sum = 14695981039346656037u, rows = 0;
    MYSQL_RES *result;
    MYSQL_ROW row;

    if (count != 7 || !server)
        return 2;
    const char *database = *words[5] ? words[5] : NULL;
    if (!mysql_real_connect(server, words[1], words[3], words[4], database,
                            (unsigned)strtoul(words[2], NULL, 10), NULL, 0))
        return fail(server);
    if (mysql_query(server, words[6]))
        return fail(server);
    result = mysql_use_result(server);
    if (!result && mysql_field_count(server))
        return fail(server);
    while (result && (row = mysql_fetch_row(result))) {
        unsigned long *sizes = mysql_fetch_lengths(result);
        for (unsigned i = 0; i < mysql_num_fields(result); i++)
            sum = row[i] ? mix(sum, row[i], sizes[i]) : mix(sum, "NULL", 4);
        rows++;
    }
    if (mysql_errno(server))
        return fail(server);
    mysql_free_result(result);
    printf("rows %" PRIu64 " checksum %016" PRIx64 " affected %llu\n", rows, sum,
           (unsigned long long)mysql_affected_rows(server));
    mysql_close(server);
    return 0;
}
