/* Tells StarRocks from a plain MySQL by CATALOG(), a function that a frontend computes by itself
 * for any account and that MySQL and MariaDB do not have (facts/fe-metadata.md). */
#include "proxy/catalog/probe.h"

#include <mysql.h>

enum {
    DIAL_SECONDS = 3,
    REPLY_SECONDS = 5,
    ACCOUNTS = 4,            /* tried per probe */
    ACCESS_DENIED = 1045,    /* ER_ACCESS_DENIED_ERROR */
    NO_SUCH_FUNCTION = 1305, /* ER_SP_DOES_NOT_EXIST */
    NO_DATABASE = 1046,      /* MariaDB looks a stored function up in the current database */
    CLIENT_ERRORS = 2000,    /* libmariadb's own numbers start here: no server answered */
    CLIENT_ERRORS_END = 3000
};

static MYSQL *client_new(void)
{
    MYSQL *client = mysql_init(NULL);
    unsigned dial = DIAL_SECONDS, reply = REPLY_SECONDS, off = 0;

    if (!client)
        return NULL;
    mysql_options(client, MYSQL_OPT_CONNECT_TIMEOUT, &dial);
    mysql_options(client, MYSQL_OPT_READ_TIMEOUT, &reply);
    mysql_options(client, MYSQL_OPT_WRITE_TIMEOUT, &reply);
    mysql_options(client, MYSQL_OPT_LOCAL_INFILE, &off);
    mysql_options(client, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    /* else a server may ask for the password in clear, and the library would tell it */
    mysql_options(client, MARIADB_OPT_RESTRICTED_AUTH,
                  "mysql_native_password,caching_sha2_password");
    return client;
}

static enum cluster_kind kind_of(MYSQL *client, char *reason, size_t size)
{
    if (mysql_query(client, "SELECT CATALOG()") == 0) {
        MYSQL_RES *result = mysql_store_result(client);
        if (result)
            mysql_free_result(result);
        return CLUSTER_STARROCKS;
    }
    unsigned number = mysql_errno(client);
    if (number == NO_SUCH_FUNCTION || number == NO_DATABASE)
        return CLUSTER_OTHER;
    snprintf(reason, size, "the probe was answered with error %u", number);
    return CLUSTER_UNKNOWN;
}

/* False when nothing can be learnt from another account either. */
static bool try_account(struct probe_result *result, const struct endpoint *at,
                        const struct account *account)
{
    MYSQL *client = client_new();

    if (!client)
        return false;
    const char *password = account->password.data ? account->password.data : "";
    if (mysql_real_connect(client, at->host.data, account->username.data, password, NULL, at->port,
                           NULL, 0)) {
        result->is_up = true;
        result->kind = kind_of(client, result->reason, sizeof(result->reason));
    } else {
        unsigned number = mysql_errno(client);
        result->is_up = number < CLIENT_ERRORS || number >= CLIENT_ERRORS_END;
        snprintf(result->reason, sizeof(result->reason), "error %u at login as '%.*s'", number,
                 SHOW(account->username));
    }
    mysql_close(client);
    return result->is_up && result->kind == CLUSTER_UNKNOWN;
}

struct probe_result probe_frontend(const struct config *c, const struct cluster *cluster,
                                   const struct endpoint *at)
{
    struct probe_result result = {.reason = "no account is configured for it"};
    unsigned tried = 0;

    if (cluster->monitor.username.size) {
        tried++;
        if (!try_account(&result, at, &cluster->monitor))
            return result;
    }
    for (size_t i = 0; i < c->source_count && tried < ACCOUNTS; i++) {
        if (c->sources[i].cluster != cluster)
            continue;
        tried++;
        if (!try_account(&result, at, &c->sources[i].account))
            return result;
    }
    return result;
}
