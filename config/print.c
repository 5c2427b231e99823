/* The configuration in canonical form: the model written back through the field tables. Secrets and
 * hashes are "***"; references to secrets stay. */
#include "config/fields.h"

/* The URL that means a cluster without a name. */
static struct slice url_of(struct arena *scratch, const struct cluster *c, struct slice database)
{
    static const char *const modes[] = {
        [TLS_OFF] = "",
        [TLS_OPTIONAL] = "",
        [TLS_PREFERRED] = "?sslMode=PREFERRED",
        [TLS_REQUIRED] = "?sslMode=REQUIRED",
        [TLS_VERIFY_CA] = "?sslMode=VERIFY_CA",
        [TLS_VERIFY_FULL] = "?sslMode=VERIFY_IDENTITY",
    };
    struct slice hosts = endpoints_text(scratch, c->query, c->query_count, AS_WRITTEN);

    return arena_print(scratch, "jdbc:mysql://%.*s/%.*s%s", SHOW(hosts), SHOW(database),
                       c->is_made ? modes[c->tls.mode] : "");
}

static struct slice load_url_of(struct arena *scratch, const struct cluster *c)
{
    if (c->load_count == 0)
        return (struct slice){0};
    return endpoints_text(scratch, c->load, c->load_count, AS_WRITTEN);
}

static json_t *cluster_json(const struct cluster *c, struct arena *scratch)
{
    struct cluster_draft draft = {.it = *c};

    draft.jdbc_url = url_of(scratch, c, (struct slice){0});
    draft.load_url = load_url_of(scratch, c);
    return object_write(&object_cluster, &draft, scratch);
}

static void draft_of(const struct compute_source *source, struct source_draft *draft,
                     struct arena *scratch)
{
    const struct cluster *c = source->cluster;

    *draft = (struct source_draft){.it = *source};
    if (c->is_made) {
        draft->jdbc_url = url_of(scratch, c, (struct slice){0});
        draft->load_url = load_url_of(scratch, c);
    } else {
        draft->cluster = c->name;
    }
}

static json_t *source_json(const struct compute_source *source, struct arena *scratch)
{
    struct source_draft draft;

    draft_of(source, &draft, scratch);
    return object_write(&object_source, &draft, scratch);
}

static json_t *project_json(const struct project *p, struct arena *scratch)
{
    struct project_draft draft = {.it = *p};

    for (enum environment e = 0; e < ENVIRONMENTS; e++)
        if (p->sides[e] && !(e == DEV && p->is_shared))
            draft.names[e] = p->sides[e]->name;
    return object_write(&object_project, &draft, scratch);
}

static json_t *data_source_json(const struct project *p, struct arena *scratch)
{
    struct project_draft draft = {.it = *p, .code = p->name};
    struct source_draft sides[ENVIRONMENTS];

    for (enum environment e = 0; e < ENVIRONMENTS; e++)
        if (p->sides[e] && !(e == DEV && p->is_shared)) {
            draft_of(p->sides[e], &sides[e], scratch);
            draft.drafts[e] = &sides[e];
        }
    return object_write(&object_data_source, &draft, scratch);
}

/* An object with nothing in it is written all the same: its name matters. */
static void put(json_t *to, struct slice name, json_t *value, struct arena *scratch)
{
    json_object_set_new(to, arena_text(scratch, name), value ? value : json_object());
}

static void put_section(json_t *to, const char *key, json_t *section)
{
    if (json_object_size(section) || json_array_size(section))
        json_object_set_new(to, key, section);
    else
        json_decref(section);
}

static void put_sources(json_t *to, const struct config *c, struct arena *scratch)
{
    json_t *clusters = json_object(), *sources = json_object();

    for (size_t i = 0; i < c->cluster_count; i++)
        if (!c->clusters[i].is_made)
            put(clusters, c->clusters[i].name, cluster_json(&c->clusters[i], scratch), scratch);
    for (size_t i = 0; i < c->compute_source_count; i++)
        put(sources, c->sources[i].name, source_json(&c->sources[i], scratch), scratch);
    put_section(to, "clusters", clusters);
    put_section(to, "compute_sources", sources);
}

static void put_projects(json_t *to, const struct config *c, struct arena *scratch)
{
    json_t *projects = json_object(), *data_sources = json_object();

    for (size_t i = 0; i < c->project_count; i++) {
        const struct project *p = &c->projects[i];
        if (p->is_data_source)
            put(data_sources, p->title, data_source_json(p, scratch), scratch);
        else
            put(projects, p->title, project_json(p, scratch), scratch);
    }
    for (size_t i = 0; i < c->unlisted_count; i++)
        put(data_sources, c->unlisted[i].title, data_source_json(&c->unlisted[i], scratch),
            scratch);
    put_section(to, "projects", projects);
    put_section(to, "data_sources", data_sources);
}

static void put_people(json_t *to, const struct config *c, struct arena *scratch)
{
    json_t *roles = json_object(), *groups = json_object(), *users = json_object();

    for (size_t i = 0; i < c->own->role_count; i++)
        put(roles, c->own->roles[i].name, object_write(&object_role, &c->own->roles[i], scratch),
            scratch);
    for (size_t i = 0; i < c->own->group_count; i++) {
        json_t *list = type_texts.write(NULL, &c->own->groups[i].users, scratch);
        put(groups, c->own->groups[i].name, list ? list : json_array(), scratch);
    }
    for (size_t i = 0; i < c->user_count; i++)
        put(users, c->users[i].name, object_write(&object_user, &c->users[i], scratch), scratch);
    put_section(to, "roles", roles);
    put_section(to, "groups", groups);
    put_section(to, "users", users);
}

void config_print(const struct config *c, FILE *out)
{
    json_t *all = json_object(), *listeners = json_array();
    struct arena scratch;

    arena_init(&scratch, NULL);
    json_object_set_new(all, "settings", object_write(&object_settings, &c->settings, &scratch));
    for (size_t i = 0; i < c->listener_count; i++)
        json_array_append_new(listeners,
                              object_write(&object_listener, &c->listeners[i], &scratch));
    put_section(all, "listeners", listeners);
    put_sources(all, c, &scratch);
    put_projects(all, c, &scratch);
    put_people(all, c, &scratch);
    put_section(all, "allow_statements",
                c->allowed_statements.count
                    ? type_texts.write(NULL, &c->allowed_statements, &scratch)
                    : json_array());
    put_section(all, "allow_endpoints",
                c->allowed_endpoints.count ? type_texts.write(NULL, &c->allowed_endpoints, &scratch)
                                           : json_array());
    json_dumpf(all, out, JSON_INDENT(2));
    fputc('\n', out);
    json_decref(all);
    arena_clear(&scratch);
}
