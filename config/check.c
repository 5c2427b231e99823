/* What only the whole configuration shows: names that clash, databases that two projects share,
 * frontends of two clusters, words that nobody maps. */
#include "config/fields.h"

#include "base/memory.h"
#include "protocol/sql/sql.h"

/* --- clusters: a frontend belongs to one --- */

static int by_index(const void *a, const void *b)
{
    const struct cluster *x = (*(struct named *const *)a)->object;
    const struct cluster *y = (*(struct named *const *)b)->object;

    return x->index < y->index ? -1 : x->index > y->index;
}

static void check_overlap(struct load *l, const struct named *n, struct map *seen)
{
    const struct cluster *cluster = n->object;

    load_go(l, n->place);
    size_t at = load_enter(l, "jdbc_url");
    for (size_t i = 0; i < cluster->query_count; i++) {
        struct slice key = endpoints_text(&l->scratch, &cluster->query[i], 1, SORTED);
        const struct named *other = map_find(seen, key);
        if (!other)
            map_put(seen, key, (struct named *)(uintptr_t)n);
        else if (other == n)
            load_warn(l, "%s stands here twice", shown(l, key));
        else if (cluster->is_made)
            load_warn(l, "%s belongs to cluster %s: \"cluster\" would share its connections",
                      shown(l, key), shown(l, other->name));
        else
            load_blame(l, load_place(l), other->place, "%s belongs to cluster %s already",
                       shown(l, key), shown(l, other->name));
    }
    load_leave(l, at);
}

/* Without an account for metadata, each statement over it runs with one account of a project. */
static void check_metadata(struct load *l, const struct named *n)
{
    const struct cluster *cluster = n->object;
    const struct compute_source *first = NULL;

    if (cluster->metadata_source || cluster->is_made)
        return;
    load_go(l, n->place);
    for (size_t i = 0; i < l->config->source_count; i++) {
        const struct compute_source *source = &l->config->sources[i];

        if (source->cluster != cluster)
            continue;
        if (!first)
            first = source;
        if (slice_equal(source->account.username, first->account.username))
            continue;
        load_warn(l,
                  "without \"metadata\" or \"monitor\", a list of the tables of several projects "
                  "holds only those that one project's account sees");
        return;
    }
}

void check_clusters(struct load *l)
{
    struct named **all = arena_array(&l->scratch, l->url_clusters.count + 1, sizeof(*all));
    size_t count = 0;
    struct map seen; /* "host:port" to struct named * */
    const struct map_entry *entry;

    for (size_t at = 0; (entry = map_next(&l->url_clusters, &at));)
        all[count++] = entry->value;
    qsort(all, count, sizeof(struct named *), by_index);
    map_init(&seen, MAP_EXACT);
    for (size_t i = 0; i < count; i++)
        check_overlap(l, all[i], &seen);
    for (size_t i = 0; i < count && l->errors == 0; i++) /* else a source may lack its account */
        check_metadata(l, all[i]);
    map_fini(&seen);
}

/* --- qualifiers: projects, codes and NAME_dev share one name space --- */

struct claim {
    struct place place;
    const struct project *project;
    enum environment environment;
};

static bool claim(struct load *l, struct map *claims, const struct project *p,
                  enum environment environment)
{
    struct slice name =
        arena_print(l->arena, "%.*s%s", SHOW(p->name), environment == DEV ? "_dev" : "");
    const struct claim *other = map_find(claims, name);

    if (other && other->project != p) {
        load_blame(l, load_place(l), other->place, "the name %s is %s %s %s", shown(l, name),
                   other->environment == DEV ? "the dev side of" : "taken by",
                   other->project->is_data_source ? "data source" : "project",
                   shown(l, other->project->title));
        return false;
    }
    struct claim *mine = arena_alloc(&l->scratch, sizeof(*mine));
    *mine = (struct claim){load_place(l), p, environment};
    map_put(claims, name, mine);
    if (environment == DEV && !p->sides[DEV])
        return true; /* nothing to address, but the name stays free for it */
    struct project_name *entry = arena_alloc(l->arena, sizeof(*entry));
    *entry = (struct project_name){p, environment, NULL};
    map_put(&l->config->project_names, name, entry);
    if (p->sides[environment] && p->sides[environment]->any_database) {
        entry->next = l->config->open_sides;
        l->config->open_sides = entry;
    }
    return true;
}

void check_qualifiers(struct load *l)
{
    struct map claims;

    map_init(&claims, MAP_NOCASE);
    for (enum section s = PROJECTS; s <= DATA_SOURCES; s++)
        for (size_t i = 0; i < l->names[s].count; i++) {
            const struct named *n = &l->names[s].at[i];
            const struct project *p = n->object;
            load_go(l, n->place);
            if (s == DATA_SOURCES)
                load_enter(l, "code");
            else
                name_check_qualifier(l, n->name);
            if (p->name.size && claim(l, &claims, p, PROD))
                claim(l, &claims, p, DEV);
        }
    map_fini(&claims);
}

/* --- bindings: a database of a cluster belongs to one project --- */

static void bind(struct load *l, struct map *bound, const struct project *p,
                 enum environment environment)
{
    const struct compute_source *source = p->sides[environment];
    size_t at = load_enter(l, environment_name(environment));

    if (source && source->cluster && source->database.size) {
        struct slice key =
            arena_print(&l->scratch, "%zu %.*s", source->cluster->index, SHOW(source->database));
        const struct claim *other = map_find(bound, key);
        if (other && other->project == p)
            load_wrong(l, "prod and dev are one database; say \"shared\": true instead");
        else if (other)
            load_blame(l, load_place(l), other->place, "database %s is that of project %s",
                       shown(l, source->database), shown(l, other->project->name));
        struct claim *mine = arena_alloc(&l->scratch, sizeof(*mine));
        *mine = (struct claim){load_place(l), p, environment};
        map_put(bound, key, mine);
    }
    load_leave(l, at);
}

void check_bindings(struct load *l)
{
    struct map bound;

    map_init(&bound, MAP_EXACT);
    for (size_t i = 0; i < l->names[PROJECTS].count; i++) {
        const struct project *p = l->names[PROJECTS].at[i].object;
        load_go(l, l->names[PROJECTS].at[i].place);
        bind(l, &bound, p, PROD);
        if (!p->is_shared)
            bind(l, &bound, p, DEV);
    }
    map_fini(&bound);
}

/* --- users --- */

static void put_groups(struct load *l)
{
    struct config_private *own = l->config->own;
    struct user *users = l->config->users;
    size_t *counts = arena_array(&l->scratch, l->config->user_count + 1, sizeof(*counts));

    for (size_t g = 0; g < own->group_count; g++)
        for (size_t i = 0; i < own->groups[g].users.count; i++)
            counts[config_find_user(l->config, own->groups[g].users.at[i])->index]++;
    for (size_t i = 0; i < l->config->user_count; i++)
        users[i].groups.at = arena_array(l->arena, counts[i], sizeof(struct slice));
    for (size_t g = 0; g < own->group_count; g++) {
        struct slice name = arena_print(l->arena, "@%.*s", SHOW(own->groups[g].name));
        for (size_t i = 0; i < own->groups[g].users.count; i++) {
            struct user *user = map_find(&l->config->user_names, own->groups[g].users.at[i]);
            user->groups.at[user->groups.count++] = name;
        }
    }
}

static bool is_member(const struct project *p, const struct user *user)
{
    bool found = map_find(&p->members, user->name) != NULL;

    for (size_t i = 0; i < user->groups.count && !found; i++)
        found = map_find(&p->members, user->groups.at[i]) != NULL;
    return found;
}

static void check_default_project(struct load *l, const struct user *user)
{
    const struct project_name *found = config_find_project(l->config, user->default_project);
    struct suggestion near = suggestion_for(user->default_project);
    size_t at = load_enter(l, "default_project");

    if (!found) {
        for (size_t i = 0; i < l->config->project_count; i++)
            suggestion_see(&near, l->config->projects[i].name);
        load_wrong(l, "there is no project %s%s", shown(l, user->default_project),
                   suggestion_text(&near, l));
    } else if (l->errors == 0 && !is_member(found->project, user)) { /* else it may just follow */
        load_warn(l, "the user is no member of %s", shown(l, user->default_project));
    }
    load_leave(l, at);
}

static void see_priorities(struct load *l, struct map *words)
{
    static const char *const known[] = {"high", "medium", "low"};

    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
        map_put(words, slice_of(known[i]), words);
    for (size_t i = 0; i < l->config->source_count; i++)
        for (size_t k = 0; k < l->config->sources[i].group_count; k++)
            map_put(words, l->config->sources[i].groups[k].priority, words);
}

void check_users(struct load *l)
{
    struct map priorities;

    put_groups(l);
    map_init(&priorities, MAP_EXACT);
    see_priorities(l, &priorities);
    for (size_t i = 0; i < l->names[USERS].count; i++) {
        const struct user *user = l->names[USERS].at[i].object;
        load_go(l, l->names[USERS].at[i].place);
        if (user->default_project.size)
            check_default_project(l, user);
        if (user->priority.size && !map_find(&priorities, user->priority)) {
            load_enter(l, "priority");
            load_warn(l, "no source maps the priority %s to a resource group",
                      shown(l, user->priority));
        }
    }
    map_fini(&priorities);
}

/* --- allow_statements --- */

static void allow(struct load *l, struct slice name, struct slices *allowed)
{
    struct suggestion near = suggestion_for(name);

    for (size_t i = 0; i < allowed->count; i++)
        if (slice_equal(allowed->at[i], name)) {
            load_wrong(l, "%s is allowed twice", shown(l, name));
            return;
        }
    for (enum sql_rule rule = 0; rule < SQL_RULES; rule++) {
        struct slice known = slice_of(sql_rule_name(rule));
        suggestion_see(&near, known);
        if (!slice_equal(known, name))
            continue;
        allowed->at[allowed->count++] = known;
        if (sql_rule_class(rule) != CLASS_DANGEROUS)
            load_warn(l, "%s has no effect here: its class, %s, is not closed", shown(l, name),
                      sql_class_name(sql_rule_class(rule)));
        return;
    }
    load_wrong(l, "there is no statement rule %s%s", shown(l, name), suggestion_text(&near, l));
}

static void allow_endpoint(struct load *l, struct slice pattern, struct slices *allowed)
{
    if (pattern.size)
        allowed->at[allowed->count++] = arena_copy(l->arena, pattern);
    else
        load_wrong(l, "an address may not be empty");
}

/* Every text of a list that each of the files may have. */
static void each_text(struct load *l, const char *key, const char *what,
                      void (*take)(struct load *, struct slice, struct slices *),
                      struct slices *into)
{
    json_t *element;
    size_t i;

    for (size_t d = 0; d < l->document_count; d++) {
        load_go(l, (struct place){l->documents[d], {0}});
        json_t *list = json_object_get(l->document->root, key);
        load_enter(l, key);
        if (list && load_expects(l, list, JSON_ARRAY, "a list"))
            json_array_foreach(list, i, element)
            {
                size_t at = load_enter_index(l, i);
                if (load_expects(l, element, JSON_STRING, what))
                    take(l, json_slice(element), into);
                load_leave(l, at);
            }
    }
    load_go(l, (struct place){0});
}

static size_t count_texts(const struct load *l, const char *key)
{
    size_t count = 0;

    for (size_t d = 0; d < l->document_count; d++)
        count += json_array_size(json_object_get(l->documents[d]->root, key));
    return count;
}

void allowed_statements_read(struct load *l)
{
    struct slices *rules = &l->config->allowed_statements;
    struct slices *endpoints = &l->config->allowed_endpoints;

    rules->at = arena_array(l->arena, SQL_RULES, sizeof(*rules->at));
    each_text(l, "allow_statements", "the name of a statement rule", allow, rules);
    endpoints->at =
        arena_array(l->arena, count_texts(l, "allow_endpoints") + 1, sizeof(*endpoints->at));
    each_text(l, "allow_endpoints", "an address", allow_endpoint, endpoints);
}
