/* From files to a snapshot:
 *
 *   documents -> declare every name -> define every object, references judged in place
 *             -> check what only the whole shows -> find the lines -> snapshot or findings
 */
#include "config/fields.h"

#include "base/memory.h"

size_t load_enter_name(struct load *l, struct slice key)
{
    size_t size = l->path.size;

    path_key(&l->path, key);
    return size;
}

size_t load_enter(struct load *l, const char *key)
{
    return load_enter_name(l, slice_of(key));
}

size_t load_enter_index(struct load *l, size_t index)
{
    size_t size = l->path.size;

    path_index(&l->path, index);
    return size;
}

void load_leave(struct load *l, size_t size)
{
    path_cut(&l->path, size);
}

void load_go(struct load *l, struct place place)
{
    l->document = place.document;
    path_set(&l->path, place.path);
}

/* How the sections are called, and what each of their objects is. */
static const struct {
    const char *key, *what;
    void (*define)(struct load *l, struct named *n);
} sections[SECTIONS] = {
    [CLUSTERS] = {"clusters", "cluster", cluster_define},
    [COMPUTE_SOURCES] = {"compute_sources", "compute source", source_define},
    [PROJECTS] = {"projects", "project", project_define},
    [DATA_SOURCES] = {"data_sources", "data source", data_source_define},
    [ROLES] = {"roles", "role", role_define},
    [GROUPS] = {"groups", "group", group_define},
    [USERS] = {"users", "user", user_define},
};

struct named *load_find(struct load *l, enum section section, struct slice name)
{
    enum { ERRORS_WITH_HINT = 100 }; /* a hint compares with every name: no use in a flood */
    const struct names *names = &l->names[section];
    struct named *n = map_find(&names->map, name);
    struct suggestion near = suggestion_for(name);

    if (n)
        return n;
    for (size_t i = 0; l->errors < ERRORS_WITH_HINT && i < names->count; i++)
        suggestion_see(&near, names->at[i].name);
    load_wrong(l, "there is no %s %s%s", sections[section].what, shown(l, name),
               suggestion_text(&near, l));
    return NULL;
}

/* --- declare --- */

static json_t *part_of(const struct document *d, enum section section)
{
    json_t *part = json_object_get(d->root, sections[section].key);

    return json_is_object(part) ? part : NULL;
}

static void declare_one(struct load *l, struct names *names, struct slice name, json_t *json)
{
    struct named *n = &names->at[names->count];
    struct named *first = map_find(&names->map, name);
    size_t at = load_enter_name(l, name);

    if (first) {
        load_blame(l, load_place(l), first->place, "is defined in another file too");
    } else {
        *n = (struct named){arena_copy(l->arena, name), load_place(l), json, NULL};
        map_put(&names->map, n->name, n);
        names->count++;
    }
    load_leave(l, at);
}

static void declare_in(struct load *l, enum section section, const struct document *d)
{
    json_t *part = json_object_get(d->root, sections[section].key), *value;
    size_t at = load_enter(l, sections[section].key), size;
    const char *key;

    l->document = d;
    if (part && load_expects(l, part, JSON_OBJECT, "an object"))
        json_object_keylen_foreach(part, key, size, value)
            declare_one(l, &l->names[section], slice_make(key, size), value);
    load_leave(l, at);
}

static void declare(struct load *l, enum section section)
{
    struct names *names = &l->names[section];
    size_t most = ROLES_BUILT_IN;

    map_init(&names->map, MAP_EXACT);
    for (size_t i = 0; i < l->document_count; i++)
        most += json_object_size(part_of(l->documents[i], section));
    names->at = arena_array(&l->scratch, most, sizeof(*names->at));
    for (size_t i = 0; i < l->document_count; i++)
        declare_in(l, section, l->documents[i]);
}

/* --- room in the model for all that was declared --- */

static size_t own_urls(const struct load *l)
{
    size_t count = 2 * l->names[DATA_SOURCES].count;

    for (size_t i = 0; i < l->names[COMPUTE_SOURCES].count; i++)
        count += json_object_get(l->names[COMPUTE_SOURCES].at[i].json, "jdbc_url") != NULL;
    return count;
}

/* An array of `room` objects of which the section takes the first. */
#define ROOM(l, section, array, room)                                                              \
    do {                                                                                           \
        (array) = arena_array((l)->arena, (room), sizeof(*(array)));                               \
        for (size_t room_i = 0; room_i < (l)->names[section].count; room_i++) {                    \
            (l)->names[section].at[room_i].object = &(array)[room_i];                              \
            (array)[room_i].name = (l)->names[section].at[room_i].name;                            \
        }                                                                                          \
    } while (0)

#define INDEX(array, count)                                                                        \
    for (size_t index_i = 0; index_i < (count); index_i++)                                         \
    (array)[index_i].index = index_i

/* Data sources follow the projects if SQL can reach them. */
static void place_data_sources(struct load *l)
{
    const struct names *names = &l->names[DATA_SOURCES];
    struct config *c = l->config;

    c->unlisted = arena_array(l->arena, names->count, sizeof(*c->unlisted));
    for (size_t i = 0; i < names->count; i++) {
        bool has_code = json_object_get(names->at[i].json, "code") != NULL;
        struct project *p =
            has_code ? &c->projects[c->project_count++] : &c->unlisted[c->unlisted_count++];
        p->title = names->at[i].name;
        names->at[i].object = p;
    }
}

static void make_room(struct load *l)
{
    struct config *c = l->config;
    struct names *names = l->names;

    c->cluster_count = names[CLUSTERS].count;
    ROOM(l, CLUSTERS, c->clusters, c->cluster_count + own_urls(l));
    INDEX(c->clusters, c->cluster_count);
    c->compute_source_count = c->source_count = names[COMPUTE_SOURCES].count;
    ROOM(l, COMPUTE_SOURCES, c->sources,
         c->source_count + 2 * names[DATA_SOURCES].count + CLUSTER_SOURCES * c->cluster_count);
    INDEX(c->sources, c->source_count);
    c->project_count = names[PROJECTS].count;
    ROOM(l, PROJECTS, c->projects, c->project_count + names[DATA_SOURCES].count);
    place_data_sources(l);
    INDEX(c->projects, c->project_count);
    c->own->role_count = names[ROLES].count;
    ROOM(l, ROLES, c->own->roles, c->own->role_count + ROLES_BUILT_IN);
    c->own->group_count = names[GROUPS].count;
    ROOM(l, GROUPS, c->own->groups, c->own->group_count);
    c->user_count = names[USERS].count;
    ROOM(l, USERS, c->users, c->user_count);
    INDEX(c->users, c->user_count);
    for (size_t i = 0; i < c->user_count; i++)
        map_put(&c->user_names, c->users[i].name, &c->users[i]);
}

/* --- define --- */

static void define(struct load *l, enum section section)
{
    struct names *names = &l->names[section];
    size_t at = load_enter(l, sections[section].key);

    for (size_t i = 0; i < names->count; i++) {
        struct named *n = &names->at[i];
        if (!n->json)
            continue; /* built in */
        l->document = n->place.document;
        size_t inner = load_enter_name(l, n->name);
        sections[section].define(l, n);
        load_leave(l, inner);
    }
    load_leave(l, at);
}

static void check_keys(struct load *l)
{
    for (size_t i = 0; i < l->document_count; i++) {
        l->document = l->documents[i];
        object_unknown_keys(l, &object_file, l->document->root);
    }
}

static void judge(struct load *l)
{
    check_keys(l);
    for (enum section s = 0; s < SECTIONS; s++)
        declare(l, s);
    make_room(l);
    roles_build_in(l);
    settings_read(l);
    listeners_read(l);
    define(l, ROLES);
    define(l, CLUSTERS);
    define(l, COMPUTE_SOURCES);
    define(l, PROJECTS);
    define(l, DATA_SOURCES);
    cluster_sources_make(l);
    define(l, GROUPS);
    define(l, USERS);
    allowed_statements_read(l);
    check_clusters(l);
    check_qualifiers(l);
    check_bindings(l);
    check_users(l);
    support_check(l);
    if (l->errors == 0)
        databases_index(l);
}

static void load_fini(struct load *l)
{
    for (enum section s = 0; s < SECTIONS; s++)
        map_fini(&l->names[s].map);
    map_fini(&l->url_clusters);
    path_fini(&l->path);
    documents_free(l);
    free(l->remarks);
    arena_clear(&l->scratch);
}

/* Of the file `name`, or of `text` under that name. */
static struct config *load(const char *name, const struct slice *text, struct findings *findings)
{
    struct config *config = config_new(slice_of(name));
    struct load l = {.config = config, .arena = &config->own->arena};

    arena_init(&l.scratch, NULL);
    map_init(&l.url_clusters, MAP_EXACT);
    if (text ? load_bytes(&l, name, *text) : load_documents(&l, name))
        judge(&l);
    load_tell(&l, findings);
    bool is_good = l.errors == 0;
    load_fini(&l);
    if (is_good)
        return config;
    config_unref(config);
    return NULL;
}

struct config *config_load(const char *path, struct findings *findings)
{
    return load(path, NULL, findings);
}

struct config *config_load_text(const char *name, struct slice text, struct findings *findings)
{
    return load(name, &text, findings);
}
