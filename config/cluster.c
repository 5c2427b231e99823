/* Clusters: frontends, accounts, TLS, limits. A source with its own jdbc_url joins the cluster of
 * the same endpoints, or makes one. */
#include "config/fields.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof(*(rows)))

/* --- secrets --- */

static void read_password(struct load *l, const struct field *f, json_t *value, void *member)
{
    struct account *account = member;

    if (load_expects(l, value, JSON_STRING, f->type->what))
        reference_read(l, json_slice(value), &account->password, &account->reference);
}

static json_t *write_password(const struct field *f, const void *member, struct arena *scratch)
{
    const struct account *account = member;

    (void)f, (void)scratch;
    if (account->username.size == 0)
        return NULL;
    if (account->reference.size)
        return slice_json(account->reference);
    return json_string(account->password.size ? "***" : "");
}

static json_t *schema_password(const struct field *f)
{
    (void)f;
    return json_pack("{s:s}", "type", "string");
}

const struct field_type type_password = {"env:NAME or file:PATH", NULL, read_password,
                                         write_password, schema_password};

/* --- frontend_addresses: an object, announced address to the one that reaches it --- */

struct addresses { /* the pair (addresses, address_count) of the model */
    struct address *at;
    size_t count;
};
_Static_assert(offsetof(struct cluster, address_count)
                   == offsetof(struct cluster, addresses) + offsetof(struct addresses, count),
               "the member pair is read as struct addresses");

static bool take_address(struct load *l, struct slice text, struct endpoint *to)
{
    const char *problem = address_read(text, to);

    if (problem)
        load_wrong(l, "%s: %s", shown(l, text), problem);
    to->host = arena_copy(l->arena, to->host);
    return !problem;
}

static void read_addresses(struct load *l, const struct field *f, json_t *value, void *member)
{
    struct addresses *list = member;
    const char *key;
    size_t size;
    json_t *reached;

    if (!load_expects(l, value, JSON_OBJECT, f->type->what))
        return;
    list->at = arena_array(l->arena, json_object_size(value), sizeof(*list->at));
    json_object_keylen_foreach(value, key, size, reached)
    {
        size_t at = load_enter_name(l, slice_make(key, size));
        struct address *a = &list->at[list->count];
        if (load_expects(l, reached, JSON_STRING, "an address")
            && take_address(l, slice_make(key, size), &a->announced)
            && take_address(l, json_slice(reached), &a->reached))
            list->count++;
        load_leave(l, at);
    }
}

static struct slice address_text(const struct endpoint *e, struct arena *scratch)
{
    return e->port ? endpoints_text(scratch, e, 1, AS_WRITTEN) : e->host;
}

static json_t *write_addresses(const struct field *f, const void *member, struct arena *scratch)
{
    const struct addresses *list = member;
    json_t *json = list->count ? json_object() : NULL;

    (void)f;
    for (size_t i = 0; i < list->count; i++)
        json_object_set_new(json,
                            arena_text(scratch, address_text(&list->at[i].announced, scratch)),
                            slice_json(address_text(&list->at[i].reached, scratch)));
    return json;
}

static json_t *schema_addresses(const struct field *f)
{
    (void)f;
    return json_pack("{s:s, s:{s:s, s:i}}", "type", "object", "additionalProperties", "type",
                     "string", "minLength", 1);
}

const struct field_type type_addresses = {"an object, address to address", NULL, read_addresses,
                                          write_addresses, schema_addresses};

/* clang-format off */
static const struct field account_fields[] = {
    {"username", &type_text, offsetof(struct account, username), NULL, 1, 64, NULL, NEEDED, "Name of the StarRocks account."},
    {"password", &type_password, 0, NULL, 0, 0, NULL, NEEDED, "Its password as env:NAME or file:PATH; \"\" for none."},
};
const struct object object_account = {"an account", account_fields, COUNT_OF(account_fields)};

#define LIMIT(member) #member, FIELD_TYPE(struct limits, member), offsetof(struct limits, member), NULL
static const struct field limit_fields[] = {
    {LIMIT(max_connections), 0, 1000000, NULL, OPTIONAL,
     "Client sessions (of a cluster: backend connections); 0 is no limit."},
    {LIMIT(max_concurrent_queries), 0, 1000000, NULL, OPTIONAL, "Statements that run at once; 0 is no limit."},
    {LIMIT(max_queued), 0, 1000000, NULL, OPTIONAL, "Statements that wait for their turn; 0 is no limit."},
    {LIMIT(max_query_seconds), 0, 31536000, NULL, OPTIONAL, "Longest run of one statement; 0 is no limit."},
};
const struct object object_limits = {"limits", limit_fields, COUNT_OF(limit_fields)};

#define AT(member) offsetof(struct cluster_draft, member)
static const struct field fields[] = {
    {"jdbc_url", &type_text, AT(jdbc_url), NULL, 1, 0, NULL, NEEDED,
     "Query ports of the frontends: jdbc:mysql://host:port,host:port/."},
    {"load_url", &type_text, AT(load_url), NULL, 1, 0, NULL, OPTIONAL, "HTTP ports of the frontends: host:port;host:port."},
    {"frontend_addresses", &type_addresses, AT(it.addresses), NULL, 0, 0, NULL, OPTIONAL,
     "Where frontends are reached that announce themselves otherwise: host or host:port to host or host:port."},
    {"monitor", &type_object, AT(it.monitor), NULL, 0, 0, &object_account, OPTIONAL,
     "Account with OPERATE that asks for SHOW FRONTENDS; without it the listed frontends are used as they are."},
    {"metadata", &type_object, AT(it.metadata), NULL, 0, 0, &object_account, OPTIONAL,
     "Account that may see all bound databases; default: monitor."},
    {"admin", &type_object, AT(it.admin), NULL, 0, 0, &object_account, OPTIONAL,
     "Account that runs cluster-admin statements; default: the session's."},
    {"tls", &type_tls, AT(it.tls), NULL, 0, 0, &object_cluster_tls, OPTIONAL,
     "TLS with the frontends; a bare string is the mode."},
    {"public_key", &type_file, AT(it.public_key), NULL, 1, 0, NULL, OPTIONAL,
     "RSA key, a PEM file, that a frontend must show before it is given a caching_sha2_password without checked TLS."},
    {"limits", &type_object, AT(it.limits), NULL, 0, 0, &object_limits, OPTIONAL, "Limits of the whole cluster."},
};
/* clang-format on */
const struct object object_cluster = {"a cluster", fields, COUNT_OF(fields)};

/* Registers the endpoint set; false when another cluster has it. */
static void join(struct load *l, struct named *n)
{
    struct cluster *cluster = n->object;
    struct slice key = endpoints_text(&l->scratch, cluster->query, cluster->query_count, SORTED);
    struct named *other = map_find(&l->url_clusters, key);
    size_t at = load_enter(l, "jdbc_url");

    if (other)
        load_blame(l, load_place(l), other->place, "cluster %s has the same frontends",
                   shown(l, other->name));
    else
        map_put(&l->url_clusters, key, n);
    load_leave(l, at);
}

static void take_url(struct load *l, struct slice text, bool has_tls, struct cluster *cluster)
{
    struct url url = {0};
    size_t at = load_enter(l, "jdbc_url");

    if (url_read(l, text, false, &url) && url.database.size)
        load_warn(l, "the database %s of the URL has no effect in a cluster",
                  shown(l, url.database));
    load_leave(l, at);
    cluster->query = url.endpoints;
    cluster->query_count = url.count;
    cluster->connect_timeout = url.connect_timeout;
    cluster->socket_timeout = url.socket_timeout;
    if (!has_tls && url.has_tls)
        cluster->tls.mode = url.tls;
}

void cluster_define(struct load *l, struct named *n)
{
    struct cluster_draft draft = {0};
    struct cluster *cluster = n->object;
    bool has_tls = json_object_get(n->json, "tls");

    object_read(l, &object_cluster, n->json, &draft);
    draft.it.name = cluster->name;
    draft.it.index = cluster->index;
    *cluster = draft.it;
    if (draft.load_url.size) {
        size_t at = load_enter(l, "load_url");
        endpoints_read(l, draft.load_url, ";,", &cluster->load, &cluster->load_count);
        load_leave(l, at);
    }
    if (draft.jdbc_url.size)
        take_url(l, draft.jdbc_url, has_tls, cluster);
    tls_settle(l, &object_cluster_tls, has_tls ? "tls" : "jdbc_url", &cluster->tls);
    cluster->public_key_pem = load_text(l, cluster->public_key);
    if (cluster->query_count)
        join(l, n);
}

static struct named *cluster_make(struct load *l, const struct url *url, struct slice key)
{
    struct config *c = l->config;
    struct cluster *cluster = &c->clusters[c->cluster_count];
    struct named *n = arena_alloc(&l->scratch, sizeof(*n));

    *cluster = (struct cluster){.index = c->cluster_count++, .is_made = true};
    object_preset(&object_cluster_tls, &cluster->tls);
    cluster->name = endpoints_text(l->arena, url->endpoints, url->count, AS_WRITTEN);
    cluster->query = url->endpoints;
    cluster->query_count = url->count;
    cluster->tls.mode = url->tls;
    tls_settle(l, &object_cluster_tls, "jdbc_url", &cluster->tls);
    *n = (struct named){.name = cluster->name, .place = load_place(l), .object = cluster};
    map_put(&l->url_clusters, key, n);
    return n;
}

/* A cluster's HTTP ports come from whoever names them; two who do must agree. */
static void take_load(struct load *l, struct slice load_url, struct named *n)
{
    struct cluster *cluster = n->object;
    struct endpoint *load = NULL;
    size_t count = 0, at = load_enter(l, "load_url");

    if (load_url.size && endpoints_read(l, load_url, ";,", &load, &count)) {
        if (cluster->load_count == 0) {
            cluster->load = load;
            cluster->load_count = count;
        } else if (!slice_equal(
                       endpoints_text(&l->scratch, load, count, SORTED),
                       endpoints_text(&l->scratch, cluster->load, cluster->load_count, SORTED))) {
            load_blame(l, load_place(l), n->place,
                       "cluster %s has the same frontends with other HTTP ports",
                       shown(l, n->name));
        }
    }
    load_leave(l, at);
}

const struct cluster *cluster_of_url(struct load *l, const struct url *url, struct slice load_url)
{
    struct slice key = endpoints_text(&l->scratch, url->endpoints, url->count, SORTED);
    struct named *n = map_find(&l->url_clusters, key);

    if (!n)
        n = cluster_make(l, url, key);
    size_t at = load_enter(l, "jdbc_url");
    if (url->has_tls && url->tls != ((struct cluster *)n->object)->tls.mode)
        load_blame(
            l, load_place(l), n->place,
            "the TLS mode of the URL is not that of cluster %s, which has the same frontends",
            shown(l, n->name));
    load_leave(l, at);
    take_load(l, load_url, n);
    return n->object;
}
