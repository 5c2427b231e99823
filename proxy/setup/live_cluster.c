/* What is asked of frontends: whether they are there, what they are, what time it is with them, and
 * which others they know. Columns are found by name (facts/fe-metadata.md, section 1). */
#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "proxy/setup/live_private.h"

enum { CLOCK_SLACK = 5 }; /* seconds; frontends of one cluster allow each other as many */

/* 3.0.6 is the first release whose accounts, groups and metadata are those that the gateway reads.
 */
static const unsigned oldest[] = {3, 0, 6};

int live_version(struct slice version)
{
    char text[64], *at = text;

    snprintf(text, sizeof(text), "%.*s", SHOW(version));
    for (size_t i = 0; i < 3; i++) {
        if (*at < '0' || *at > '9')
            return -1;
        unsigned long number = strtoul(at, &at, 10);
        if (number != oldest[i])
            return number > oldest[i];
        if (i < 2 && *at++ != '.')
            return -1;
    }
    return 1;
}

static struct slice place_of(const struct live *l)
{
    return arena_print(l->arena, "clusters.%.*s", SHOW(l->cluster->name));
}

static struct slice name_of(const struct live *l, const struct endpoint *at)
{
    return arena_print(l->arena, "%.*s:%u", SHOW(at->host), at->port);
}

/* The account for questions of the whole cluster: the monitor, else a binding's. */
static const struct account *spokesman(const struct live *l)
{
    if (l->cluster->monitor.username.size)
        return &l->cluster->monitor;
    for (size_t i = 0; i < l->config->source_count; i++)
        if (l->config->sources[i].cluster == l->cluster)
            return &l->config->sources[i].account;
    return NULL;
}

static void check_version(struct live *l, struct slice name, struct slice version)
{
    int verdict = live_version(version);

    if (verdict == 0)
        live_tell(l, place_of(l), LIVE_ERROR,
                  "frontend %.*s is StarRocks %.*s; 3.0.6 or later is needed", SHOW(name),
                  SHOW(version));
    else if (verdict < 0)
        live_tell(l, place_of(l), LIVE_WARNING,
                  "frontend %.*s calls its version '%.*s', which is no release: see to it that it "
                  "is 3.0.6 or later",
                  SHOW(name), SHOW(version));
}

static struct slice ask_one(struct live *l, struct inquiry *q, const char *sql, const char *column)
{
    struct reply_table t;

    if (!inquiry_ask(q, sql, l->arena, &t) || t.rows == 0)
        return (struct slice){0};
    return column ? reply_cell(&t, 0, column) : t.cells[0];
}

static void check_clock(struct live *l, struct inquiry *q, struct slice name)
{
    struct slice told = ask_one(l, q, "SELECT UNIX_TIMESTAMP()", NULL);
    long long theirs = told.size ? strtoll(told.data, NULL, 10) : 0;
    long long ahead = theirs - (long long)clock_wall();

    if (theirs && llabs(ahead) > CLOCK_SLACK)
        live_tell(l, place_of(l), LIVE_WARNING,
                  "the clock of frontend %.*s is %lld s %s this machine's: let both follow one "
                  "time server, or logs and tokens will not agree",
                  SHOW(name), llabs(ahead), ahead > 0 ? "ahead of" : "behind");
}

/* One that is listed. False when it does not let the spokesman in. */
static bool check_frontend(struct live *l, const struct endpoint *at, enum verdict if_not)
{
    struct slice name = name_of(l, at);
    char reason[INQUIRY_REASON] = "";
    unsigned error;
    struct inquiry *q = inquiry_open(l->config, l->cluster, at, spokesman(l), &error, reason);

    if (!q && error > 0 && error < 2000)
        return true; /* somebody is there: the account's own line tells why it is refused */
    if (!q) {
        live_tell(l, place_of(l), if_not,
                  "frontend %.*s: %s; is it up, and is this its query port?", SHOW(name), reason);
        return false;
    }
    l->kind = inquiry_kind(q);
    if (l->kind == CLUSTER_UNKNOWN)
        live_tell(l, place_of(l), LIVE_ERROR, "frontend %.*s: %s", SHOW(name), reason);
    if (l->kind == CLUSTER_STARROCKS)
        check_version(l, name, ask_one(l, q, "SHOW VARIABLES LIKE 'version_comment'", "Value"));
    check_clock(l, q, name);
    inquiry_close(q);
    return true;
}

/* ---- what the cluster says of itself ---- */

static void check_announced(struct live *l, const struct reply_table *t, size_t row)
{
    struct slice host = reply_cell(t, row, "IP"), port = reply_cell(t, row, "QueryPort");
    struct endpoint at = frontend_reached(l->cluster, host,
                                          (uint16_t)(port.size ? strtoul(port.data, NULL, 10) : 0));
    char reason[INQUIRY_REASON] = "";
    unsigned error;

    if (slice_equal_nocase(reply_cell(t, row, "Alive"), SLICE("false"))) {
        live_tell(l, place_of(l), LIVE_WARNING, "frontend %.*s is not alive, says the cluster",
                  SHOW(host));
        return;
    }
    check_version(l, host, reply_cell(t, row, "Version"));
    struct inquiry *q =
        inquiry_open(l->config, l->cluster, &at, &l->cluster->monitor, &error, reason);
    if (!q && error >= 2000)
        live_tell(l, place_of(l), LIVE_WARNING,
                  "a frontend announces itself as %.*s:%.*s, where nobody answers (%s): open the "
                  "way there, or say in \"frontend_addresses\" where it is",
                  SHOW(host), SHOW(port), reason);
    inquiry_close(q);
}

static void check_statistics(struct live *l, struct inquiry *q)
{
    struct slice value =
        ask_one(l, q, "ADMIN SHOW FRONTEND CONFIG LIKE 'enable_statistic_collect'", "Value");

    if (slice_equal_nocase(value, SLICE("false")))
        live_tell(l, place_of(l), LIVE_WARNING,
                  "statistics are not collected, so plans of joins will be poor: ADMIN SET "
                  "FRONTEND CONFIG ('enable_statistic_collect' = 'true')");
}

/* As the monitor. */
static size_t ask_cluster(struct live *l)
{
    char reason[INQUIRY_REASON];
    unsigned error;
    struct reply_table t;
    size_t rows = 0;
    struct inquiry *q =
        inquiry_open(l->config, l->cluster, NULL, &l->cluster->monitor, &error, reason);

    if (!q)
        return 0; /* told with the account */
    if (!inquiry_ask(q, "SHOW FRONTENDS", l->arena, &t)) {
        live_tell(l, place_of(l), LIVE_ERROR,
                  "SHOW FRONTENDS is refused: the monitor account lacks OPERATE; `starbind "
                  "provision` prints the GRANT");
    } else {
        rows = t.rows;
        for (size_t i = 0; i < t.rows; i++)
            check_announced(l, &t, i);
    }
    check_statistics(l, q);
    inquiry_close(q);
    return rows;
}

bool live_frontends(struct live *l)
{
    size_t errors = l->errors, warnings = l->warnings, answered = 0, announced = 0;

    if (!spokesman(l)) {
        live_tell(l, place_of(l), LIVE_WARNING, "nothing in the configuration uses it");
        return false;
    }
    for (size_t i = 0; i < l->cluster->query_count; i++) {
        bool is_last_hope = answered == 0 && i + 1 == l->cluster->query_count;
        answered +=
            check_frontend(l, &l->cluster->query[i], is_last_hope ? LIVE_ERROR : LIVE_WARNING);
    }
    if (answered && l->kind == CLUSTER_OTHER)
        live_tell(l, place_of(l), LIVE_WARNING,
                  "this is no StarRocks: versions, grants and resource groups are not looked at");
    if (answered && l->kind == CLUSTER_STARROCKS && l->cluster->monitor.username.size)
        announced = ask_cluster(l);
    if (l->kind != CLUSTER_UNKNOWN && errors == l->errors && warnings == l->warnings)
        live_tell(l, place_of(l), LIVE_GOOD, "%zu listed frontend%s, %zu known to the cluster",
                  l->cluster->query_count, l->cluster->query_count == 1 ? "" : "s",
                  announced ? announced : l->cluster->query_count);
    return answered;
}
