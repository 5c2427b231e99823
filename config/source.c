/* Compute sources, and the sides of data sources, which have the same rows and one more. */
#include "config/fields.h"
#include "protocol/sql/sql.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof(*(rows)))

enum { DATABASE_MAX = 256 }; /* characters */

/* --- resource_groups: an object, priority to group --- */

struct groups { /* the pair (groups, group_count) of the model */
    struct resource_group *at;
    size_t count;
};
_Static_assert(offsetof(struct compute_source, group_count)
                   == offsetof(struct compute_source, groups) + offsetof(struct groups, count),
               "the member pair is read as struct groups");

static void read_groups(struct load *l, const struct field *f, json_t *value, void *member)
{
    struct groups *groups = member;
    const char *key;
    size_t size;
    json_t *name;

    if (!load_expects(l, value, JSON_OBJECT, f->type->what))
        return;
    groups->at = arena_array(l->arena, json_object_size(value), sizeof(*groups->at));
    json_object_keylen_foreach(value, key, size, name)
    {
        size_t at = load_enter_name(l, slice_make(key, size));
        name_check_plain(l, slice_make(key, size), "a priority");
        if (load_expects(l, name, JSON_STRING, "the name of a resource group")) {
            if (json_string_length(name) == 0)
                load_wrong(l, "must not be empty");
            groups->at[groups->count++] =
                (struct resource_group){arena_copy(l->arena, slice_make(key, size)),
                                        arena_copy(l->arena, json_slice(name))};
        }
        load_leave(l, at);
    }
}

static json_t *write_groups(const struct field *f, const void *member, struct arena *scratch)
{
    const struct groups *groups = member;
    json_t *json = groups->count ? json_object() : NULL;

    (void)f;
    for (size_t i = 0; i < groups->count; i++)
        json_object_set_new(json, arena_text(scratch, groups->at[i].priority),
                            slice_json(groups->at[i].name));
    return json;
}

static json_t *schema_groups(const struct field *f)
{
    (void)f;
    return json_pack("{s:s, s:{s:s, s:i}}", "type", "object", "additionalProperties", "type",
                     "string", "minLength", 1);
}

const struct field_type type_groups = {"an object, priority to resource group", NULL, read_groups,
                                       write_groups, schema_groups};

/* --- databases: a list of schemas, or "*" --- */

struct databases { /* the pair (databases, any_database) of the model */
    struct slices list;
    bool any;
};
_Static_assert(offsetof(struct compute_source, any_database)
                   == offsetof(struct compute_source, databases) + offsetof(struct databases, any),
               "the member pair is read as struct databases");

static void check_database(struct load *l, struct slice name)
{
    if (name_is_system(name))
        load_wrong(l, "%s is a system schema", shown(l, name));
    else if (!sql_name_can_be_quoted(name))
        load_wrong(l, "%s cannot stand in SQL", shown(l, name));
}

static void read_databases(struct load *l, const struct field *f, json_t *value, void *member)
{
    struct databases *databases = member;

    if (json_is_string(value) && slice_equal(json_slice(value), SLICE("*"))) {
        databases->any = true;
        return;
    }
    if (!load_expects(l, value, JSON_ARRAY, f->type->what))
        return;
    if (json_array_size(value) == 0)
        load_wrong(l, "names no schema; leave the key out");
    type_texts.read(l, f, value, &databases->list);
    for (size_t i = 0; i < databases->list.count; i++) {
        size_t at = load_enter_index(l, i);
        check_database(l, databases->list.at[i]);
        load_leave(l, at);
    }
}

static json_t *write_databases(const struct field *f, const void *member, struct arena *scratch)
{
    const struct databases *databases = member;

    return databases->any ? json_string("*") : type_texts.write(f, &databases->list, scratch);
}

static json_t *schema_databases(const struct field *f)
{
    return json_pack("{s:[{s:s}, o]}", "oneOf", "const", "*", type_texts.schema(f));
}

const struct field_type type_databases = {"a list of schemas, or \"*\"", NULL, read_databases,
                                          write_databases, schema_databases};

/* --- the rows --- */

/* clang-format off */
#define POOL(member, range_from, range_to, fallback) \
    #member, FIELD_TYPE(struct compute_source, member), offsetof(struct compute_source, member), fallback, range_from, range_to
static const struct field pool_fields[] = {
    {"mode", &type_word, offsetof(struct compute_source, pool_mode), "transaction", 0, 0, words_of_pool, OPTIONAL,
     "transaction: a backend connection goes back after each statement or transaction; session: a client keeps it."},
    {POOL(max_connections, 1, 100000, "64"), NULL, OPTIONAL, "Backend connections of the source over all workers."},
    {POOL(min_idle, 0, 10000, "0"), NULL, OPTIONAL, "Idle backend connections to keep ready from the start on, over all workers."},
    {"max_wait_ms", &type_millis, offsetof(struct compute_source, max_wait), "10000", 1, 3600000, NULL, OPTIONAL,
     "Longest wait for a backend connection."},
};
const struct object object_pool = {"a pool", pool_fields, COUNT_OF(pool_fields)};

#define AT(member) offsetof(struct source_draft, member)
#define SOURCE_ROWS \
    {"cluster", &type_name, AT(cluster), NULL, 1, 0, NULL, OPTIONAL, "Name of the cluster; or give jdbc_url."}, \
    {"jdbc_url", &type_text, AT(jdbc_url), NULL, 1, 0, NULL, OPTIONAL, \
     "Instead of a cluster: jdbc:mysql://host:port,host:port/database."}, \
    {"load_url", &type_text, AT(load_url), NULL, 1, 0, NULL, OPTIONAL, "With jdbc_url: HTTP ports, host:port;host:port."}, \
    {"database", &type_text, AT(it.database), NULL, 1, DATABASE_MAX, NULL, OPTIONAL, \
     "The StarRocks database; default: the path of jdbc_url."}, \
    {"description", &type_text, AT(it.description), NULL, 0, 128, NULL, OPTIONAL, "For people."}, \
    {"username", &type_text, AT(it.account.username), NULL, 1, 64, NULL, NEEDED, "Name of the StarRocks account."}, \
    {"password", &type_password, AT(it.account), NULL, 0, 0, NULL, NEEDED, "Its password as env:NAME or file:PATH; \"\" for none."}, \
    {"resource_groups", &type_groups, AT(it.groups), NULL, 0, 0, NULL, OPTIONAL, \
     "Resource group of each priority; \"default\" is for all others."}, \
    {"allowed_resource_groups", &type_texts, AT(it.allowed_groups), NULL, 0, 0, NULL, OPTIONAL, \
     "Groups that SQL may name besides those."}, \
    {"pool", &type_object, AT(it), NULL, 0, 0, &object_pool, OPTIONAL, "Backend connections and how they are shared."}, \
    {"connect_timeout_ms", &type_millis, AT(it.connect_timeout), "900000", 1, 2147483647, NULL, OPTIONAL, \
     "Longest acquisition of a connection over all frontends; never more than max_wait_ms."}, \
    {"socket_timeout_ms", &type_millis, AT(it.socket_timeout), "1800000", 1, 2147483647, NULL, OPTIONAL, \
     "Longest silence of a frontend while a statement runs."}, \
    {"dial_timeout_ms", &type_millis, AT(it.dial_timeout), "3000", 1, 600000, NULL, OPTIONAL, \
     "Longest single dial, greeting included."}, \
    {"limits", &type_object, AT(it.limits), NULL, 0, 0, &object_limits, OPTIONAL, "Limits of the source."},

static const struct field source_fields[] = {SOURCE_ROWS};
static const struct field side_fields[] = {SOURCE_ROWS
    {"databases", &type_databases, AT(it.databases), NULL, 0, 0, NULL, OPTIONAL,
     "Schemas that code.schema.table may name; \"*\": any but the system ones."},
};
/* clang-format on */
const struct object object_source = {"a compute source", source_fields, COUNT_OF(source_fields)};
const struct object object_side = {"a side of a data source", side_fields, COUNT_OF(side_fields)};

/* --- from rows to a source --- */

static void find_cluster(struct load *l, const struct source_draft *draft,
                         struct compute_source *source)
{
    size_t at = load_enter(l, "cluster");
    const struct named *n = load_find(l, CLUSTERS, draft->cluster);

    source->cluster = n ? n->object : NULL;
    load_leave(l, at);
    if (draft->load_url.size) {
        at = load_enter(l, "load_url");
        load_wrong(l, "goes with \"jdbc_url\"; here the cluster has it");
        load_leave(l, at);
    }
}

static void take_url(struct load *l, const struct source_draft *draft,
                     struct compute_source *source, struct url *url)
{
    size_t at = load_enter(l, "jdbc_url");
    bool is_good = url_read(l, draft->jdbc_url, false, url);

    load_leave(l, at);
    if (!is_good)
        return;
    if (source->database.size == 0)
        source->database = url->database;
    source->cluster = cluster_of_url(l, url, draft->load_url);
}

/* Explicit key, then the URL that stands nearer, then the default, which is there already. */
static void take_timeout(json_t *json, const char *key, millis own, millis cluster, millis *to)
{
    if (!json_object_get(json, key) && (own || cluster))
        *to = own ? own : cluster;
}

static void check_source(struct load *l, const struct object *o, const struct source_draft *draft,
                         const struct compute_source *source)
{
    bool has_databases = source->databases.count || source->any_database;

    if (source->database.size) {
        bool is_own = draft->it.database.size != 0;
        size_t at = load_enter(l, is_own ? "database" : "jdbc_url");
        check_database(l, source->database);
        load_leave(l, at);
    } else if (o == &object_source) {
        load_wrong(l, "\"database\" is missing%s",
                   draft->jdbc_url.size ? ", and the URL names none" : "");
    } else if (!has_databases) {
        load_wrong(l, "\"database\" or \"databases\" is missing");
    }
    if (source->min_idle > source->max_connections) {
        size_t pool = load_enter(l, "pool"), at = load_enter(l, "min_idle");
        load_wrong(l, "%u is more than max_connections, %u", source->min_idle,
                   source->max_connections);
        load_leave(l, at);
        load_leave(l, pool);
    }
}

void source_settle(struct load *l, const struct object *o, json_t *json, struct source_draft *draft,
                   struct compute_source *source)
{
    struct url url = {0};
    struct slice name = source->name;
    size_t index = source->index;

    object_read(l, o, json, draft);
    *source = draft->it;
    source->name = name;
    source->index = index;
    if (!json_is_object(json))
        return;
    if (draft->cluster.size && draft->jdbc_url.size)
        load_wrong(l, "gives both \"cluster\" and \"jdbc_url\"; one of them is enough");
    else if (draft->cluster.size)
        find_cluster(l, draft, source);
    else if (draft->jdbc_url.size)
        take_url(l, draft, source, &url);
    else if (!json_object_get(json, "cluster") && !json_object_get(json, "jdbc_url"))
        load_wrong(l, "\"cluster\" or \"jdbc_url\" is missing");
    if (source->cluster || !draft->jdbc_url.size) /* a bad URL leaves too much open */
        check_source(l, o, draft, source);
    if (!source->cluster)
        return;
    take_timeout(json, "connect_timeout_ms", url.connect_timeout, source->cluster->connect_timeout,
                 &source->connect_timeout);
    take_timeout(json, "socket_timeout_ms", url.socket_timeout, source->cluster->socket_timeout,
                 &source->socket_timeout);
}

static const struct compute_source *cluster_source(struct load *l, const struct cluster *cluster,
                                                   const char *role, const struct account *account)
{
    struct config *c = l->config;
    struct source_draft draft = {0};

    if (!account->username.size)
        return NULL;
    object_preset(&object_source, &draft);
    struct compute_source *source = &c->sources[c->source_count];
    *source = draft.it;
    source->name = arena_print(l->arena, "clusters.%.*s.%s", SHOW(cluster->name), role);
    source->index = c->source_count++;
    source->cluster = cluster;
    source->account.username = account->username;
    source->account.reference = account->reference;
    secret_set(&source->account.password, secret_bytes(&account->password));
    return source;
}

/* The clusters' accounts that statements of clients run with have pools as compute sources have. */
void cluster_sources_make(struct load *l)
{
    for (size_t i = 0; i < l->config->cluster_count; i++) {
        struct cluster *c = &l->config->clusters[i];

        c->metadata_source = cluster_source(l, c, "metadata",
                                            c->metadata.username.size ? &c->metadata : &c->monitor);
        c->admin_source = cluster_source(l, c, "admin", &c->admin);
    }
}

void source_define(struct load *l, struct named *n)
{
    struct source_draft draft = {0};

    source_settle(l, &object_source, n->json, &draft, n->object);
}
