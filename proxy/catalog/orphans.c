/* Ends what a dead process has left on the frontends: for each compute source and frontend in its
 * ledger one login as the source's account, one SHOW PROCESSLIST, and a KILL for each connection
 * that is still listed under the same number, the same account and the same port of our end.
 * Numbers are given anew after a frontend's restart, so the number alone would not do.
 *
 * A frontend that cannot be reached keeps its lines in the file, and is tried again. */
#include "proxy/catalog/catalog_private.h"

#include <mysql.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/must.h"

static const struct log_context who = {.worker = "orphans"};

enum { LINE_GOOD = 2 };

struct columns {
    int id, user, host;
};

static bool find_columns(MYSQL_RES *result, struct columns *c)
{
    const MYSQL_FIELD *fields = mysql_fetch_fields(result);

    *c = (struct columns){-1, -1, -1};
    for (unsigned i = 0; i < mysql_num_fields(result); i++) {
        if (strcmp(fields[i].name, "Id") == 0)
            c->id = (int)i;
        else if (strcmp(fields[i].name, "User") == 0)
            c->user = (int)i;
        else if (strcmp(fields[i].name, "Host") == 0)
            c->host = (int)i;
    }
    return c->id >= 0 && c->user >= 0 && c->host >= 0;
}

static bool is_of(const struct ledger_line *line, const struct ledger_line *first)
{
    return atomic_load(&line->state) == LINE_GOOD && line->source == first->source
           && line->port == first->port && strcmp(line->host, first->host) == 0;
}

static bool is_listed_as(const struct ledger_line *line, const char *id, const char *host)
{
    const char *colon = strrchr(host, ':');

    return strtoul(id, NULL, 10) == line->connection && colon
           && strtoul(colon + 1, NULL, 10) == line->from;
}

static bool kill_one(MYSQL *client, uint32_t connection)
{
    char statement[32];

    snprintf(statement, sizeof(statement), "KILL %u", connection);
    return mysql_query(client, statement) == 0;
}

/* How many were killed. */
static size_t kill_listed(MYSQL *client, MYSQL_RES *result, const struct account *account,
                          const struct ledger_line *lines, const struct ledger_line *first)
{
    struct columns c;
    size_t killed = 0;

    if (!find_columns(result, &c))
        return 0;
    for (MYSQL_ROW row; (row = mysql_fetch_row(result));) {
        const char *id = row[c.id], *user = row[c.user], *host = row[c.host];
        if (!id || !user || !host || !slice_equal(slice_of(user), account->username))
            continue;
        for (const struct ledger_line *line = first; line < lines + LEDGER_LINES; line++)
            if (is_of(line, first) && is_listed_as(line, id, host))
                killed += kill_one(client, line->connection);
    }
    return killed;
}

static const struct compute_source *source_named(const struct config *c, uint64_t name)
{
    for (size_t i = 0; i < c->source_count; i++)
        if (ledger_name(c->sources[i].name) == name)
            return &c->sources[i];
    return NULL;
}

static bool clean_up(const struct config *config, const struct compute_source *source,
                     const struct ledger_line *lines, const struct ledger_line *first)
{
    struct endpoint at = {slice_of(first->host), first->port};
    char reason[REASON_MAX] = "";
    unsigned error;
    MYSQL *client = probe_login(config, source->cluster, &at, &source->account, &error, reason);

    if (!client)
        return false;
    MYSQL_RES *result =
        mysql_query(client, "SHOW PROCESSLIST") == 0 ? mysql_store_result(client) : NULL;
    size_t killed = result ? kill_listed(client, result, &source->account, lines, first) : 0;
    bool is_done = result != NULL;
    if (killed)
        log_warning(&who, "orphans",
                    "source=%.*s frontend=%s:%u %zu connections of a process that has died were "
                    "still there and were killed",
                    SHOW(source->name), first->host, first->port, killed);
    mysql_free_result(result);
    probe_logout(client);
    return is_done;
}

static void strike_alike(struct ledger_line *lines, struct ledger_line *first)
{
    for (struct ledger_line *line = lines + LEDGER_LINES - 1; line >= first; line--)
        if (is_of(line, first))
            ledger_strike(line);
}

/* Lines of a source that could not be served now are looked at only once in a round: the others of
 * its kind are marked by the first. */
static void settle(const struct config *config, struct estate *e)
{
    const struct ledger_line *unreachable[TASKS_MAX];
    size_t count = 0;

    for (size_t i = 0; i < LEDGER_LINES; i++) {
        struct ledger_line *line = &e->lines[i];
        bool is_left = false;
        if (atomic_load(&line->state) != LINE_GOOD)
            continue;
        line->host[LEDGER_HOST_MAX] = '\0';
        for (size_t n = 0; n < count; n++)
            is_left |= is_of(line, unreachable[n]);
        if (is_left)
            continue;
        const struct compute_source *source = source_named(config, line->source);
        if (!source || clean_up(config, source, e->lines, line))
            strike_alike(e->lines, line);
        else if (count < TASKS_MAX)
            unreachable[count++] = line;
        else
            return; /* the next round goes on */
    }
}

static void *run(void *argument)
{
    struct orphans *o = argument;
    uint64_t one = 1;

    mysql_thread_init();
    settle(o->config, &o->estate);
    estate_close(&o->estate);
    mysql_thread_end();
    atomic_store(&o->is_done, true);
    (void)!write(o->wake, &one, sizeof(one));
    return NULL;
}

void orphans_end(struct orphans *o)
{
    if (!o->is_running)
        return;
    pthread_join(o->thread, NULL);
    config_unref(o->config);
    o->is_running = false;
}

void orphans_look(struct orphans *o, struct config *config, millis now)
{
    if (o->is_running && atomic_load(&o->is_done))
        orphans_end(o);
    if (!o->ledger || o->is_running || now < o->due)
        return;
    o->due = now + config->settings.probe_interval_ms;
    if (!estate_find(&o->estate, o->ledger))
        return;
    o->is_running = true;
    atomic_store(&o->is_done, false);
    o->config = config_ref(config);
    must(pthread_create(&o->thread, NULL, run, o) == 0); /* it inherits blocked signals */
}
