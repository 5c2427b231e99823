/* The parts of the configuration in the order in which people read it. */
#include "proxy/setup/draft.h"

#include <stdarg.h>
#include <sys/random.h>

#include "base/arena.h"
#include "base/must.h"
#include "proxy/setup/draft_private.h"

enum { PASSWORD_SIZE = 24, ACCOUNT_MAX = 64 };

json_t *draft_text(struct slice text)
{
    return json_stringn(text.size ? text.data : "", text.size);
}

void draft_note(struct drafting *d, const char *format, ...)
{
    char text[512];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    slices_add(&d->draft->notes, arena_copy(d->arena, slice_of(text)), d->arena);
}

/* 24 characters out of 64: 144 bits. */
struct slice draft_password(struct drafting *d)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned char random[PASSWORD_SIZE];
    char *made = arena_alloc(d->arena, PASSWORD_SIZE);

    must(getrandom(random, sizeof(random), 0) == sizeof(random));
    for (size_t i = 0; i < PASSWORD_SIZE; i++)
        made[i] = digits[random[i] & 63];
    secret_wipe(random, sizeof(random));
    return slice_make(made, PASSWORD_SIZE);
}

/* An account of the gateway's own, its password in a file of its own. */
static void put_account(struct drafting *d, json_t *into, struct slice name)
{
    struct slice username = arena_print(d->arena, "sb_%.*s", SHOW(name));

    d->draft->secrets[d->draft->secret_count++] =
        (struct draft_secret){username, draft_password(d)};
    json_object_set_new(into, "username", draft_text(username));
    json_object_set_new(into, "password",
                        draft_text(arena_print(d->arena, "file:secrets/%.*s", SHOW(username))));
}

static json_t *listener(const char *address, const char *environment)
{
    return json_pack("{s:s, s:s, s:s}", "protocol", "mysql", "address", address, "environment",
                     environment);
}

static json_t *desk(const char *protocol, const char *address)
{
    return json_pack("{s:s, s:s}", "protocol", protocol, "address", address);
}

static void add_listeners(struct drafting *d)
{
    json_t *listeners = json_array();
    bool has_dev = false;

    for (size_t i = 0; i < d->count; i++)
        has_dev |= d->projects[i].databases[DEV].size > 0;
    json_array_append_new(listeners, listener("127.0.0.1:9130", "prod"));
    if (has_dev)
        json_array_append_new(listeners, listener("127.0.0.1:9131", "dev"));
    json_array_append_new(listeners, desk("admin", "127.0.0.1:9132"));
    json_array_append_new(listeners, desk("http", "127.0.0.1:8131"));
    json_object_set_new(d->draft->config, "listeners", listeners);
    draft_note(d, "listeners are of this machine only: to let others in, give them an address and "
                  "\"tls\" (docs/tls.md)");
}

static json_t *monitor_of(struct drafting *d)
{
    json_t *monitor = json_object();

    put_account(d, monitor, SLICE("monitor"));
    return monitor;
}

static void add_cluster(struct drafting *d, struct slice jdbc_url)
{
    json_t *cluster = json_object();
    struct slice load = {"", 0};

    json_object_set_new(cluster, "jdbc_url", draft_text(jdbc_url));
    for (size_t i = 0; i < d->survey->http.count; i++)
        load = arena_print(d->arena, "%.*s%s%.*s", SHOW(load), i ? ";" : "",
                           SHOW(d->survey->http.at[i]));
    if (load.size)
        json_object_set_new(cluster, "load_url", draft_text(load));
    if (d->survey->kind == CLUSTER_STARROCKS)
        json_object_set_new(cluster, "monitor", monitor_of(d));
    json_object_set_new(d->draft->config, "clusters", json_pack("{s:o}", "main", cluster));
}

/* The group that today gets what runs in this database, as its classifier says, or what the user of
 * this database alone runs. */
static struct slice group_of(const struct survey *s, struct slice database)
{
    struct slice of_user = {0};

    for (size_t i = 0; i < s->group_count; i++) {
        const struct surveyed_group *g = &s->groups[i];
        if (!slice_equal(g->database, database))
            continue;
        if (!g->is_by_user)
            return g->name;
        if (!of_user.size)
            of_user = g->name;
    }
    return of_user;
}

static void add_source(struct drafting *d, json_t *sources, struct slice name,
                       struct slice database)
{
    json_t *source = json_object();
    struct slice group = group_of(d->survey, database);

    json_object_set_new(source, "cluster", json_string("main"));
    json_object_set_new(source, "database", draft_text(database));
    put_account(d, source, name);
    if (group.size)
        json_object_set_new(source, "resource_groups",
                            json_pack("{s:o}", "default", draft_text(group)));
    json_object_set_new(sources, arena_text(d->arena, name), source);
    if (group.size)
        map_put(&d->groups, group, d);
}

static void add_project(struct drafting *d, json_t *sources, json_t *projects, struct drafted *p)
{
    json_t *project = json_object();
    struct slice dev = arena_print(d->arena, "%.*s_dev", SHOW(p->name));

    add_source(d, sources, p->name, p->databases[PROD]);
    json_object_set_new(project, "prod", draft_text(p->name));
    if (p->databases[DEV].size) {
        add_source(d, sources, dev, p->databases[DEV]);
        json_object_set_new(project, "dev", draft_text(dev));
    }
    p->members = json_object();
    json_object_set_new(project, "members", p->members);
    json_object_set_new(projects, arena_text(d->arena, p->name), project);
}

static void note_members(struct drafting *d)
{
    for (size_t i = 0; i < d->count; i++)
        if (!json_object_size(d->projects[i].members))
            draft_note(d, "project '%.*s' has no members: nobody uses it yet",
                       SHOW(d->projects[i].name));
}

static void note_groups(struct drafting *d)
{
    for (size_t i = 0; i < d->survey->group_count; i++) {
        struct slice name = d->survey->groups[i].name;
        if (map_put(&d->groups, name, d)) /* it was no project's, and is told once */
            draft_note(d,
                       "resource group '%.*s' is no project's: name it in \"resource_groups\" or "
                       "\"allowed_resource_groups\" of those that shall use it",
                       SHOW(name));
    }
}

void draft_make(struct draft *draft, const struct survey *s, struct slice jdbc_url,
                struct arena *arena)
{
    struct drafting d = {.draft = draft, .survey = s, .arena = arena};
    json_t *sources = json_object(), *projects = json_object();

    *draft = (struct draft){.config = json_object(), .arena = arena};
    draft->secrets = arena_array(arena, s->databases.count + 1, sizeof(*draft->secrets));
    map_init(&d.names, MAP_NOCASE);
    map_init(&d.groups, MAP_EXACT);
    draft_projects(&d);
    add_listeners(&d);
    add_cluster(&d, jdbc_url);
    json_object_set_new(draft->config, "compute_sources", sources);
    json_object_set_new(draft->config, "projects", projects);
    for (size_t i = 0; i < d.count; i++)
        add_project(&d, sources, projects, &d.projects[i]);
    draft_people(&d);
    note_members(&d);
    note_groups(&d);
    draft->projects = d.count;
    map_fini(&d.names);
    map_fini(&d.groups);
}

static void wipe(struct draft_secret *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        secret_wipe((char *)(uintptr_t)list[i].password.data, list[i].password.size);
}

void draft_fini(struct draft *d)
{
    wipe(d->secrets, d->secret_count);
    wipe(d->first, d->first_count);
    json_decref(d->config);
}
