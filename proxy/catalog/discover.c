/* SHOW FRONTENDS: which frontends a cluster has, as the cluster itself says. What comes is not
 * believed further than needed: columns are found by name, an address must look like one, and
 * whether it can be reached is for the probes to find out (facts/fe-metadata.md, section 1.1). */
#include "proxy/catalog/catalog_private.h"
#include "proxy/catalog/inquiry.h"

#include <mysql.h>
#include <sys/socket.h>

enum { HOST_MAX = 255, COLUMNS_MAX = 64, VALUE_MAX = 4096, ROWS_MAX = 4096 };

static size_t column(const struct slice *names, size_t count, const char *name)
{
    size_t i = 0;

    while (i < count && !slice_equal_nocase(names[i], slice_of(name)))
        i++;
    return i;
}

bool discovery_columns_find(struct discovery_columns *c, const struct slice *names, size_t count,
                            char reason[REASON_MAX])
{
    *c = (struct discovery_columns){.id = column(names, count, "Id"),
                                    .ip = column(names, count, "IP"),
                                    .http_port = column(names, count, "HttpPort"),
                                    .query_port = column(names, count, "QueryPort"),
                                    .role = column(names, count, "Role"),
                                    .count = count};
    if (c->id < count && c->ip < count && c->query_port < count && c->role < count)
        return true;
    snprintf(reason, REASON_MAX, "SHOW FRONTENDS lacks a column: Id, IP, QueryPort or Role");
    return false;
}

static uint64_t number_in(struct slice text, uint64_t most)
{
    uint64_t n = 0;

    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9' || n > most)
            return 0;
        n = n * 10 + (uint64_t)(text.data[i] - '0');
    }
    return n > most ? 0 : n;
}

/* Letters, digits and what else names and addresses have; an IPv6 address comes bare. */
static bool is_host(struct slice host)
{
    for (size_t i = 0; i < host.size; i++) {
        char c = ascii_lower(host.data[i]);
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_'
              || c == ':' || c == '%'))
            return false;
    }
    return host.size > 0 && host.size <= HOST_MAX;
}

/* The address as we reach it: a mapping of host and port comes before one of the host. */
struct endpoint frontend_reached(const struct cluster *cluster, struct slice host, uint16_t port)
{
    struct endpoint found = {host, port};
    bool is_exact = false;

    for (size_t i = 0; i < cluster->address_count && !is_exact; i++) {
        const struct address *a = &cluster->addresses[i];
        if (!slice_equal_nocase(a->announced.host, host)
            || (a->announced.port && a->announced.port != port))
            continue;
        is_exact = a->announced.port != 0;
        found.host = a->reached.host;
        found.port = a->reached.port ? a->reached.port : port;
    }
    return found;
}

static struct endpoint kept(struct discovery *d, const struct cluster *cluster, struct slice host,
                            uint16_t port)
{
    struct endpoint at = frontend_reached(cluster, host, port);

    at.host = slice_of(arena_text(&d->arena, at.host));
    return at;
}

void discovery_take(struct discovery *d, const struct discovery_columns *c,
                    const struct slice *values, const struct cluster *cluster)
{
    struct slice host = values[c->ip];
    uint16_t port = (uint16_t)number_in(values[c->query_port], UINT16_MAX);
    uint16_t http =
        c->http_port < c->count ? (uint16_t)number_in(values[c->http_port], UINT16_MAX) : 0;

    if (!is_host(host) || !port || d->count == ANNOUNCED_MAX) {
        d->skipped++;
        return;
    }
    if (!d->at)
        d->at = arena_array(&d->arena, ANNOUNCED_MAX, sizeof(*d->at));
    struct announced *a = &d->at[d->count++];
    a->query = kept(d, cluster, host, port);
    if (http && cluster->load_count) /* else the operator has not said that HTTP can be reached */
        a->http = kept(d, cluster, host, http);
    a->number = (uint32_t)number_in(values[c->id], UINT32_MAX);
    a->is_leader = slice_equal_nocase(values[c->role], SLICE("LEADER"));
}

static bool read_rows(struct discovery *d, MYSQL *client, MYSQL_RES *result,
                      const struct cluster *cluster)
{
    unsigned count = mysql_num_fields(result);
    MYSQL_FIELD *fields = mysql_fetch_fields(result);
    struct slice cells[COLUMNS_MAX];
    struct discovery_columns columns;
    MYSQL_ROW row;

    if (count > COLUMNS_MAX)
        count = COLUMNS_MAX;
    for (unsigned i = 0; i < count; i++)
        cells[i] = slice_of(fields[i].name);
    if (!discovery_columns_find(&columns, cells, count, d->reason))
        return false;
    for (unsigned rows = 0; (row = mysql_fetch_row(result)); rows++) {
        if (rows == ROWS_MAX) { /* and who knows how many more: an end is made of it */
            shutdown((int)mysql_get_socket(client), SHUT_RDWR);
            snprintf(d->reason, REASON_MAX, "SHOW FRONTENDS has no end");
            return false;
        }
        const unsigned long *sizes = mysql_fetch_lengths(result);
        for (unsigned i = 0; i < count; i++)
            cells[i] = slice_make(row[i], row[i] && sizes[i] <= VALUE_MAX ? sizes[i] : 0);
        discovery_take(d, &columns, cells, cluster);
    }
    if (d->count == 0)
        snprintf(d->reason, REASON_MAX, "SHOW FRONTENDS names no frontend that can be used");
    return d->count > 0;
}

static bool ask(struct discovery *d, MYSQL *client, const struct cluster *cluster)
{
    MYSQL_RES *result = NULL;

    if (mysql_query(client, "SHOW FRONTENDS") == 0)
        result = mysql_use_result(client);
    if (!result) {
        snprintf(d->reason, REASON_MAX, "SHOW FRONTENDS was answered with error %u",
                 mysql_errno(client));
        return false;
    }
    bool is_good = read_rows(d, client, result, cluster);
    if (is_good && mysql_errno(client)) { /* it broke off: some may be missing */
        snprintf(d->reason, REASON_MAX, "SHOW FRONTENDS broke off with error %u",
                 mysql_errno(client));
        is_good = false;
    }
    mysql_free_result(result);
    return is_good;
}

bool discover_frontends(struct discovery *d, const struct config *config,
                        const struct cluster *cluster, const struct endpoint *at)
{
    unsigned error;

    *d = (struct discovery){0};
    arena_init(&d->arena, NULL);
    MYSQL *client = probe_login(config, cluster, at, &cluster->monitor, &error, d->reason);
    if (!client)
        return false;
    bool is_good = ask(d, client, cluster);
    probe_logout(client);
    return is_good;
}
