/* A libmariadb program over TLS: prints the version of TLS and the first field of a statement.
 *
 *   secure HOST PORT USER PASSWORD VERSION CA CERTIFICATE KEY METHOD SQL      (an empty word: none)
 *
 * Exit status 1 and the server's error when it was refused. */
#include <mariadb/mysql.h>
#include <stdio.h>
#include <stdlib.h>

static const char *word(const char *text)
{
    return *text ? text : NULL;
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
    const char *version = "?";
    my_bool yes = 1;

    if (count != 11 || !server)
        return 2;
    mysql_options(server, MYSQL_OPT_SSL_ENFORCE, &yes);
    mysql_options(server, MARIADB_OPT_TLS_VERSION, words[5]);
    mysql_options(server, MYSQL_OPT_SSL_CA, word(words[6]));
    mysql_options(server, MYSQL_OPT_SSL_CERT, word(words[7]));
    mysql_options(server, MYSQL_OPT_SSL_KEY, word(words[8]));
    if (*words[9])
        mysql_options(server, MYSQL_DEFAULT_AUTH, words[9]);
    mysql_options(server, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &yes);
    if (!mysql_real_connect(server, words[1], words[3], words[4], NULL,
                            (unsigned)strtoul(words[2], NULL, 10), NULL, 0)
        || mysql_query(server, words[10]))
        return fail(server);
    MYSQL_RES *result = mysql_store_result(server);
    MYSQL_ROW row = result ? mysql_fetch_row(result) : NULL;
    if (!row)
        return fail(server);
    mariadb_get_infov(server, MARIADB_CONNECTION_TLS_VERSION, &version);
    printf("%s %s\n", version, row[0]);
    mysql_free_result(result);
    mysql_close(server);
    return 0;
}
