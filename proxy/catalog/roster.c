/* What probes and discoveries add up to: the frontends of a cluster that statements may go to.
 *
 *   listed     addresses of the configuration: seeds, and all there is without a monitor account
 *   announced  what SHOW FRONTENDS names
 *
 * An announced frontend may be listed under another name. Its number shows that (the top byte of
 * the connection ids that it gives): then the listed address is the one used, since the operator
 * has written it. An address by which several numbers answer is a balancer, and stands for none.
 * A listed address that stands for no announced frontend serves only when no other does. */
#include "proxy/catalog/catalog_private.h"

#include <stdlib.h>

#include "base/memory.h"

enum { SILENCES_MAX = 2, NUMBERS = 256 };

/* ---- members ---- */

static struct endpoint copied(const struct endpoint *e)
{
    return (struct endpoint){.host = slice_of(memory_copy(e->host)), .port = e->port};
}

static void forget(struct endpoint *e)
{
    free((char *)(uintptr_t)e->host.data);
    *e = (struct endpoint){0};
}

struct member *roster_find(const struct roster *r, const struct endpoint *query)
{
    list_each(&r->members, struct member, link, m)
    {
        if (m->query.port == query->port && slice_equal(m->query.host, query->host))
            return m;
    }
    return NULL;
}

static struct member *find_or_add(struct roster *r, const struct endpoint *query)
{
    struct member *m = roster_find(r, query);

    if (m)
        return m;
    m = memory_new(1, sizeof(*m));
    m->query = copied(query);
    m->traffic = traffic_new();
    snprintf(m->reason, sizeof(m->reason), "not probed yet");
    link_init(&m->link);
    list_push_back(&r->members, &m->link);
    return m;
}

static void set_http(struct member *m, const struct endpoint *http)
{
    forget(&m->http);
    if (http && http->port)
        m->http = copied(http);
}

static void drop_strangers(struct roster *r)
{
    list_each(&r->members, struct member, link, m)
    {
        if (m->is_listed || m->is_announced)
            continue;
        list_remove(&r->members, &m->link);
        forget(&m->query);
        forget(&m->http);
        traffic_unref(m->traffic);
        free(m);
    }
}

/* ---- the configuration ---- */

/* The first HTTP port of a host goes with its first query port, and so on. */
static const struct endpoint *listed_http(const struct cluster *cluster, size_t which)
{
    struct slice host = cluster->query[which].host;
    size_t before = 0;

    for (size_t i = 0; i < which; i++)
        before += slice_equal(cluster->query[i].host, host);
    for (size_t i = 0; i < cluster->load_count; i++)
        if (slice_equal(cluster->load[i].host, host) && before-- == 0)
            return &cluster->load[i];
    return NULL;
}

static void list_configured(struct roster *r)
{
    for (size_t i = 0; i < r->cluster->query_count; i++) {
        struct member *m = find_or_add(r, &r->cluster->query[i]);
        m->is_listed = true;
        set_http(m, listed_http(r->cluster, i));
    }
}

void roster_init(struct roster *r, uint64_t id, const struct cluster *cluster)
{
    *r = (struct roster){.id = id, .cluster = cluster};
    snprintf(r->reason, sizeof(r->reason), "not probed yet");
    list_init(&r->members);
    list_configured(r);
}

void roster_renew(struct roster *r, const struct cluster *cluster)
{
    r->cluster = cluster;
    r->discovery_due = 0;
    list_each(&r->members, struct member, link, m)
    {
        m->due = 0;
        m->is_listed = false;
        if (!cluster->monitor.username.size)
            m->is_announced = false;
    }
    r->has_discovery &= cluster->monitor.username.size != 0;
    list_configured(r);
    drop_strangers(r);
}

void roster_fini(struct roster *r)
{
    list_each(&r->members, struct member, link, m)
    {
        m->is_listed = m->is_announced = false;
    }
    drop_strangers(r);
    learnt_unref(r->learnt);
    r->learnt = NULL;
}

/* ---- news ---- */

static void note_number(struct member *m, unsigned number)
{
    if (m->answers_as && number && m->answers_as != number)
        m->is_balancer = true;
    if (number)
        m->answers_as = number;
}

/* A frontend that answers nothing may only be busy: that counts when it happens twice in a row,
 * unless it never answered at all. */
static enum frontend_health judge(struct member *m, const struct probe_result *result)
{
    m->silences = result->is_silent ? m->silences + 1 : 0;
    if (result->is_up)
        return result->is_ending ? FRONTEND_DRAINS : FRONTEND_UP;
    if (result->is_silent && m->silences < SILENCES_MAX && m->is_probed)
        return m->health;
    return FRONTEND_DOWN;
}

/* Another release, perhaps, when a frontend came back; or somebody has SET GLOBAL. */
static void note_learnt(struct roster *r, struct learnt *learnt)
{
    r->learnt_at = clock_now();
    if (r->learnt && learnt_is_same(r->learnt, learnt))
        return;
    learnt_unref(r->learnt);
    r->learnt = learnt_ref(learnt);
}

void roster_probed(struct roster *r, struct member *m, const struct probe_result *result)
{
    m->health = judge(m, result);
    m->is_probed = true;
    memcpy(m->reason, result->reason, sizeof(m->reason));
    note_number(m, result->number);
    if (result->learnt)
        note_learnt(r, result->learnt);
    if (result->kind != CLUSTER_UNKNOWN) /* what it is, once known, it stays while it is away */
        r->kind = result->kind;
    if (m->health != FRONTEND_UP || r->kind == CLUSTER_UNKNOWN)
        memcpy(r->reason, result->reason, sizeof(r->reason));
}

void roster_discovered(struct roster *r, const struct discovery *d)
{
    list_each(&r->members, struct member, link, m)
    {
        m->is_announced = m->is_leader = false;
        m->number = 0;
    }
    for (size_t i = 0; i < d->count; i++) {
        const struct announced *a = &d->at[i];
        struct member *m = find_or_add(r, &a->query);
        m->is_announced = true;
        m->number = a->number;
        m->is_leader = a->is_leader;
        if (a->http.port && !(m->is_listed && m->http.port))
            set_http(m, &a->http);
    }
    r->has_discovery = true;
    drop_strangers(r);
}

const struct member *roster_spokesman(const struct roster *r)
{
    const struct member *best = NULL;

    list_each(&r->members, struct member, link, m)
    {
        if (m->is_probed && m->health != FRONTEND_DOWN && (!best || m->is_leader))
            best = m;
    }
    return best;
}

/* ---- the view ---- */

/* The listed address of an announced frontend; NULL when it has none that answers. */
static const struct member *listed_for(const struct roster *r, const struct member *announced)
{
    if (announced->number % NUMBERS == 0)
        return NULL;
    list_each(&r->members, struct member, link, m)
    {
        if (m->is_listed && !m->is_announced && !m->is_balancer && m->health != FRONTEND_DOWN
            && m->answers_as == announced->number % NUMBERS)
            return m;
    }
    return NULL;
}

bool member_is_covered(const struct roster *r, const struct member *m)
{
    return m->is_announced && !m->is_listed && listed_for(r, m);
}

static void put(struct topology *t, size_t cluster, const struct member *m, bool is_leader,
                uint32_t number)
{
    struct frontend f = {.query = m->query,
                         .http = m->http,
                         .number = number,
                         .health = m->health,
                         .is_leader = is_leader,
                         .traffic = m->traffic};

    memcpy(f.reason, m->reason, sizeof(f.reason));
    topology_put(t, cluster, &f);
}

/* True when one of those written can be used. */
static bool put_announced(const struct roster *r, struct topology *t, size_t cluster)
{
    bool is_served = false;

    list_each(&r->members, struct member, link, m)
    {
        if (!m->is_announced)
            continue;
        const struct member *listed = m->is_listed ? NULL : listed_for(r, m);
        const struct member *used = listed ? listed : m;
        if (!used->is_probed) /* nobody knows yet whether it can be reached */
            continue;
        put(t, cluster, used, m->is_leader, m->number);
        is_served |= used->health != FRONTEND_DOWN;
    }
    return is_served;
}

static void put_listed(const struct roster *r, struct topology *t, size_t cluster)
{
    list_each(&r->members, struct member, link, m)
    {
        if (m->is_listed && !(r->has_discovery && m->is_announced))
            put(t, cluster, m, false, 0);
    }
}

/* While one has not been, it may be the one that serves. */
static bool is_probed(const struct roster *r)
{
    list_each(&r->members, struct member, link, m)
    {
        if (!m->is_probed)
            return false;
    }
    return true;
}

void roster_write(const struct roster *r, struct topology *t, size_t cluster)
{
    struct cluster_view *view = &t->clusters[cluster];

    view->kind = r->kind;
    view->learnt = learnt_ref(r->learnt);
    view->is_probed = is_probed(r);
    memcpy(view->reason, r->reason, sizeof(view->reason));
    if (!r->has_discovery || !put_announced(r, t, cluster))
        put_listed(r, t, cluster);
}
