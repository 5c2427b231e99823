/* Tells StarRocks from a plain MySQL by CATALOG(), a function that a frontend computes by itself
 * for any account and that MySQL and MariaDB do not have (facts/fe-metadata.md). The connection id
 * tells which frontend answered: its top byte is the frontend's number (facts/fe-live/multi-fe.md).
 */
#include "proxy/catalog/catalog_private.h"

#include <mysql.h>

#include "protocol/sql/sql.h"

enum {
    ACCOUNTS = 4,            /* tried per probe */
    OPEN_SOURCES = 32,       /* with databases "*": each is a login more */
    PACKET_MAX = 1 << 20,    /* bytes that a server may make us hold */
    NO_SUCH_FUNCTION = 1305, /* ER_SP_DOES_NOT_EXIST */
    NO_DATABASE = 1046,      /* MariaDB looks a stored function up in the current database */
    CLIENT_ERRORS = 2000,    /* libmariadb's own numbers start here: no server answered */
    CLIENT_ERRORS_END = 3000,
    CANNOT_CONNECT = 2002, /* CR_CONNECTION_ERROR */
    NUMBER_SHIFT = 24
};

/* libmariadb counts in seconds. */
static unsigned seconds(const struct config *c)
{
    return (unsigned)((c->settings.probe_timeout_ms + 999) / 1000);
}

static MYSQL *client_new(const struct config *c)
{
    MYSQL *client = mysql_init(NULL);
    unsigned timeout = seconds(c), off = 0, tcp = MYSQL_PROTOCOL_TCP;
    size_t longest = PACKET_MAX;

    if (!client)
        return NULL;
    mysql_options(client, MYSQL_OPT_PROTOCOL, &tcp); /* "localhost" means a Unix socket else */
    mysql_options(client, MYSQL_OPT_CONNECT_TIMEOUT, &timeout);
    mysql_options(client, MYSQL_OPT_READ_TIMEOUT, &timeout);
    mysql_options(client, MYSQL_OPT_WRITE_TIMEOUT, &timeout);
    mysql_options(client, MYSQL_OPT_LOCAL_INFILE, &off);
    mysql_options(client, MYSQL_OPT_MAX_ALLOWED_PACKET, &longest);
    mysql_options(client, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    return client;
}

/* Else a server may ask for the password in clear, and the library would tell it; or ask for one
 * under a key of whomever. */
static void restrict_methods(MYSQL *client, const struct cluster *cluster, enum vouch vouch)
{
    bool is_proven = vouch == VOUCH_GOOD && cluster->tls.mode >= TLS_VERIFY_CA;

    mysql_options(client, MARIADB_OPT_RESTRICTED_AUTH,
                  is_proven || cluster->public_key.size
                      ? "mysql_native_password,caching_sha2_password"
                      : "mysql_native_password");
    if (cluster->public_key.size)
        mysql_options(client, MYSQL_SERVER_PUBLIC_KEY, cluster->public_key.data);
}

/* With a fingerprint the library speaks TLS with the owner of that certificate or not at all. */
static bool encrypt(MYSQL *client, const struct config *c, const struct cluster *cluster,
                    const struct endpoint *at, unsigned *error, char reason[REASON_MAX])
{
    const struct tls_settings *tls = &cluster->tls;
    char fingerprint[VOUCH_HEX] = "";
    enum vouch vouch = VOUCH_CLEAR;
    my_bool yes = 1;

    if (tls->mode != TLS_OFF)
        vouch = vouch_frontend(c, cluster, at, c->settings.probe_timeout_ms, fingerprint, error,
                               reason);
    restrict_methods(client, cluster, vouch);
    if (vouch != VOUCH_GOOD)
        return vouch == VOUCH_CLEAR;
    mysql_options(client, MYSQL_OPT_SSL_ENFORCE, &yes);
    mysql_options(client, MARIADB_OPT_TLS_PEER_FP, fingerprint);
    if (tls->certificate.size) {
        mysql_options(client, MYSQL_OPT_SSL_CERT, tls->certificate.data);
        mysql_options(client, MYSQL_OPT_SSL_KEY, tls->key.data);
    }
    return true;
}

/* The library forgets to free the path of the key, unless it is replaced while it is known: that is
 * why a login that fails must not drop the options, either. */
void probe_logout(MYSQL *client)
{
    mysql_options(client, MYSQL_SERVER_PUBLIC_KEY, NULL);
    mysql_close(client);
}

MYSQL *probe_login(const struct config *c, const struct cluster *cluster, const struct endpoint *at,
                   const struct account *account, unsigned *error, char reason[REASON_MAX])
{
    const char *password = account->password.data ? account->password.data : "";
    MYSQL *client = client_new(c);

    *error = CANNOT_CONNECT;
    if (!client)
        return NULL;
    bool may_try = encrypt(client, c, cluster, at, error, reason);
    if (may_try
        && mysql_real_connect(client, at->host.data, account->username.data, password, NULL,
                              at->port, NULL, CLIENT_REMEMBER_OPTIONS))
        return client;
    if (may_try) {
        *error = mysql_errno(client);
        snprintf(reason, REASON_MAX, "error %u at login as '%.*s'", *error,
                 SHOW(account->username));
    }
    probe_logout(client);
    return NULL;
}

/* What a MySQL or MariaDB starts sessions with must let it read texts as we do. */
static bool has_plain_mode(MYSQL *client, char reason[REASON_MAX])
{
    MYSQL_RES *result = mysql_query(client, "SELECT @@SESSION.sql_mode, @@GLOBAL.sql_mode") == 0
                            ? mysql_store_result(client)
                            : NULL;
    MYSQL_ROW row = result && mysql_num_fields(result) == 2 ? mysql_fetch_row(result) : NULL;
    bool is_plain = row && row[0] && row[1] && sql_mode_reads_alike(slice_of(row[0]))
                    && sql_mode_reads_alike(slice_of(row[1]));

    if (!row)
        snprintf(reason, REASON_MAX, "it does not tell its sql_mode (error %u)",
                 mysql_errno(client));
    else if (!is_plain)
        snprintf(reason, REASON_MAX,
                 "its sql_mode makes it read texts differently: SET GLOBAL sql_mode without "
                 "ANSI_QUOTES, NO_BACKSLASH_ESCAPES and words for several modes");
    mysql_free_result(result);
    return is_plain;
}

enum cluster_kind probe_kind(MYSQL *client, char reason[REASON_MAX])
{
    if (mysql_query(client, "SELECT CATALOG()") == 0) {
        MYSQL_RES *result = mysql_store_result(client);
        if (result)
            mysql_free_result(result);
        return CLUSTER_STARROCKS;
    }
    unsigned number = mysql_errno(client);
    if (number == NO_SUCH_FUNCTION || number == NO_DATABASE)
        return has_plain_mode(client, reason) ? CLUSTER_OTHER : CLUSTER_UNKNOWN;
    snprintf(reason, REASON_MAX, "the probe was answered with error %u", number);
    return CLUSTER_UNKNOWN;
}

static bool is_of_client(unsigned error)
{
    return error >= CLIENT_ERRORS && error < CLIENT_ERRORS_END;
}

/* Refused at once tells more than a connection on which nothing comes. */
static void judge_failure(struct probe_result *result, unsigned error, millis took,
                          const struct config *c)
{
    result->is_up = !is_of_client(error);
    result->is_silent = !result->is_up && took + 100 >= c->settings.probe_timeout_ms;
}

/* False when nothing can be learnt from another account either. */
static bool try_account(struct probe_result *result, const struct config *c,
                        const struct cluster *cluster, const struct endpoint *at,
                        const struct account *account, bool wants_learning)
{
    millis began = clock_now();
    unsigned error;
    MYSQL *client = probe_login(c, cluster, at, account, &error, result->reason);

    if (!client) {
        judge_failure(result, error, clock_now() - began, c);
        return result->is_up;
    }
    result->is_up = true;
    result->kind = probe_kind(client, result->reason);
    if (result->kind == CLUSTER_STARROCKS)
        result->number = (unsigned)(mysql_thread_id(client) >> NUMBER_SHIFT) & 0xff;
    else if (result->kind == CLUSTER_UNKNOWN && is_of_client(mysql_errno(client)))
        judge_failure(result, mysql_errno(client), clock_now() - began, c);
    else if (result->kind == CLUSTER_UNKNOWN && mysql_errno(client) == 0)
        result->is_up = false; /* its sql_mode: nothing may be sent there */
    if (wants_learning && result->kind != CLUSTER_UNKNOWN)
        result->learnt = introspect(client, result->kind, account == &cluster->monitor);
    probe_logout(client);
    return result->is_up && result->kind == CLUSTER_UNKNOWN;
}

static void learn_databases(struct learnt *l, const struct config *c, const struct cluster *cluster,
                            const struct endpoint *at, const struct account *account)
{
    char reason[REASON_MAX];
    unsigned error;
    MYSQL *client =
        account->username.size ? probe_login(c, cluster, at, account, &error, reason) : NULL;

    if (!client)
        return;
    introspect_databases(client, l, account->username);
    probe_logout(client);
}

/* What is listed of data sources that name no schemas, and what messages of the cluster may hold
 * besides the databases of the configuration. */
static void learn_all_databases(struct learnt *l, const struct config *c,
                                const struct cluster *cluster, const struct endpoint *at)
{
    unsigned open = 0;

    learn_databases(l, c, cluster, at,
                    cluster->metadata.username.size ? &cluster->metadata : &cluster->monitor);
    for (size_t i = 0; i < c->source_count && open < OPEN_SOURCES; i++)
        if (c->sources[i].cluster == cluster && c->sources[i].any_database) {
            learn_databases(l, c, cluster, at, &c->sources[i].account);
            open++;
        }
}

static void try_accounts(struct probe_result *result, const struct config *c,
                         const struct cluster *cluster, const struct endpoint *at,
                         bool wants_learning)
{
    unsigned tried = 0;

    if (cluster->monitor.username.size) {
        tried++;
        if (!try_account(result, c, cluster, at, &cluster->monitor, wants_learning))
            return;
    }
    for (size_t i = 0; i < c->source_count && tried < ACCOUNTS; i++) {
        if (c->sources[i].cluster != cluster)
            continue;
        tried++;
        if (!try_account(result, c, cluster, at, &c->sources[i].account, wants_learning))
            return;
    }
}

struct probe_result probe_frontend(const struct config *c, const struct cluster *cluster,
                                   const struct endpoint *query, const struct endpoint *http,
                                   bool wants_learning)
{
    struct probe_result result = {.reason = "no account is configured for it"};

    try_accounts(&result, c, cluster, query, wants_learning);
    if (result.learnt && result.kind == CLUSTER_STARROCKS)
        learn_all_databases(result.learnt, c, cluster, query);
    if (result.is_up && http->port
        && health_ask(http, c->settings.probe_timeout_ms) == HEALTH_ENDING) {
        result.is_ending = true;
        snprintf(result.reason, sizeof(result.reason), "its HTTP port says that it is ending");
    }
    return result;
}
