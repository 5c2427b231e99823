/* Rows of what the configuration says. No secret and no hash is among them. */
#include "proxy/admin/admin_private.h"

static const struct slice none = {NULL, 0};

static struct slice or_null(struct slice text)
{
    return text.size ? text : none;
}

/* "a, b" */
static void put_list(struct rows *r, const struct slices *list)
{
    struct slice text = {"", 0};

    if (!row_wants(r)) {
        row_null(r);
        return;
    }
    for (size_t i = 0; i < list->count; i++)
        text = arena_print(r->arena, "%.*s%s%.*s", SHOW(text), i ? ", " : "", SHOW(list->at[i]));
    row_text(r, text);
}

static int64_t count_of(const atomic_uint *number)
{
    return atomic_load_explicit(number, memory_order_relaxed);
}

/* ---- projects ---- */

static struct slice side_name(const struct project *p, enum environment e)
{
    return p->sides[e] ? p->sides[e]->name : none;
}

static const char *crossing(enum cross_environment c)
{
    static const char *const names[] = {[CROSS_INHERIT] = NULL,
                                        [CROSS_NONE] = "none",
                                        [CROSS_READ] = "read",
                                        [CROSS_WRITE] = "write"};

    return names[c];
}

static void put_project(struct rows *r, const struct project *p, const struct tally *t)
{
    row_text(r, t ? p->name : none);
    row_text(r, p->title);
    row_constant(r, p->is_data_source ? "data source" : "project");
    row_text(r, side_name(p, PROD));
    row_text(r, p->is_shared ? none : side_name(p, DEV));
    row_integer(r, p->is_shared);
    row_constant(r, crossing(p->cross_environment));
    row_text(r, or_null(p->description));
    put_list(r, &p->tags);
    row_integer(r, (int64_t)p->members.count);
    row_integer(r, t && atomic_load(&t->is_paused));
    row_integer(r, t ? count_of(&t->sessions) : 0);
    row_integer(r, t ? count_of(&t->running) : 0);
    row_integer(r, t ? count_of(&t->queued) : 0);
    row_end(r);
}

static void put_projects(struct rows *r, const struct admin *a)
{
    const struct config *c = a->config;

    for (size_t i = 0; i < c->project_count; i++)
        put_project(r, &c->projects[i], a->tallies->at[LIMIT_PROJECT][i]);
    for (size_t i = 0; i < c->unlisted_count; i++)
        put_project(r, &c->unlisted[i], NULL);
}

static void put_binding(struct rows *r, const struct project *p, enum environment e)
{
    const struct compute_source *side = p->sides[e];
    struct slice name = p->name;

    if (e == DEV && row_wants(r))
        name = arena_print(r->arena, "%.*s_dev", SHOW(p->name));
    row_text(r, name);
    row_text(r, p->name);
    row_constant(r, environment_name(e));
    row_text(r, side->name);
    row_text(r, side->cluster->name);
    row_text(r, or_null(side->database));
    row_text(r, side->account.username);
    row_text(r, or_null(source_group(side, none)));
    row_constant(r, side->pool_mode == POOL_SESSION ? "session" : "transaction");
    row_end(r);
}

static void put_bindings(struct rows *r, const struct config *c)
{
    for (size_t i = 0; i < c->project_count; i++)
        for (unsigned e = 0; e < ENVIRONMENTS; e++)
            if (c->projects[i].sides[e] && !(e == DEV && c->projects[i].is_shared))
                put_binding(r, &c->projects[i], (enum environment)e);
}

static void put_member(struct rows *r, const struct project *p, const struct map_entry *entry)
{
    const struct membership *m = entry->value;
    struct slice roles = {"", 0};

    row_text(r, p->name);
    row_text(r, entry->key);
    for (size_t i = 0; i < m->role_count && row_wants(r); i++)
        roles = arena_print(r->arena, "%.*s%s%.*s", SHOW(roles), i ? ", " : "",
                            SHOW(m->roles[i]->name));
    row_text(r, roles);
    row_end(r);
}

static void put_members(struct rows *r, const struct config *c)
{
    for (size_t i = 0; i < c->project_count; i++) {
        const struct map_entry *entry;
        for (size_t at = 0; (entry = map_next(&c->projects[i].members, &at));)
            put_member(r, &c->projects[i], entry);
    }
}

/* ---- users ---- */

static struct slice methods_of(const struct user *u, struct arena *a)
{
    const struct {
        bool has;
        const char *name;
    } methods[] = {{u->sha2.count, "caching_sha2_password"},
                   {u->native.count, "mysql_native_password"},
                   {u->certificate_subject.size || u->certificate_san.size, "certificate"},
                   {u->takes_tokens, "token"}};
    struct slice text = {"", 0};

    for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++)
        if (methods[i].has)
            text = arena_print(a, "%.*s%s%s", SHOW(text), text.size ? ", " : "", methods[i].name);
    return text;
}

static void put_users(struct rows *r, const struct admin *a)
{
    for (size_t i = 0; i < a->config->user_count; i++) {
        const struct user *u = &a->config->users[i];
        const struct tally *t = a->tallies->at[LIMIT_USER][i];
        row_text(r, u->name);
        row_integer(r, u->is_admin);
        row_text(r, or_null(u->default_project));
        row_text(r, or_null(u->priority));
        put_list(r, &u->groups);
        row_text(r, row_wants(r) ? methods_of(u, r->arena) : none);
        row_integer(r, u->require_tls);
        row_integer(r, count_of(&t->sessions));
        row_integer(r, count_of(&t->running));
        row_integer(r, count_of(&t->queued));
        row_end(r);
    }
}

/* ---- settings, listeners ---- */

static void put_setting(void *rows, const struct setting *s)
{
    struct rows *r = rows;

    row_text(r, s->name);
    row_text(r, s->value);
    row_text(r, s->preset);
    row_constant(r, s->is_fixed ? "restart" : "reload");
    row_text(r, s->meaning);
    row_end(r);
}

static void put_listeners(struct rows *r, const struct config *c)
{
    for (size_t i = 0; i < c->listener_count; i++) {
        const struct listener *l = &c->listeners[i];
        bool is_for_queries = l->protocol == LISTEN_MYSQL;
        row_constant(r, listener_protocol_name(l->protocol));
        row_address(r, l->host, l->port);
        row_constant(r, is_for_queries ? environment_name(l->environment) : NULL);
        row_constant(r, l->tls.mode == TLS_OFF        ? "off"
                        : l->tls.mode == TLS_REQUIRED ? "required"
                                                      : "optional");
        row_end(r);
    }
}

void model_fill(const struct admin *a, struct rowset *set)
{
    struct rows *r;

    if ((r = rowset_wants(set, TABLE_projects)))
        put_projects(r, a);
    if ((r = rowset_wants(set, TABLE_bindings)))
        put_bindings(r, a->config);
    if ((r = rowset_wants(set, TABLE_members)))
        put_members(r, a->config);
    if ((r = rowset_wants(set, TABLE_users)))
        put_users(r, a);
    if ((r = rowset_wants(set, TABLE_settings)))
        settings_walk(a->config, put_setting, r);
    if ((r = rowset_wants(set, TABLE_listeners)))
        put_listeners(r, a->config);
}
