/* SHOW DATABASES, RESOURCE GROUPS ALL, USERS, GRANTS, FRONTENDS; of a server that is no StarRocks,
 * databases only. */
#include "proxy/setup/survey.h"

#include "base/arena.h"

static bool is_system(struct slice database)
{
    static const char *const names[] = {"information_schema", "sys",
                                        "_statistics_",       "mysql",
                                        "performance_schema", "starrocks_audit_db__"};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (slice_equal_nocase(database, slice_of(names[i])))
            return true;
    return false;
}

static bool ask(struct inquiry *q, const char *sql, struct arena *arena, struct reply_table *t,
                struct slice *why)
{
    if (inquiry_ask(q, sql, arena, t))
        return true;
    *why = arena_print(arena, "%s: error %u: %.*s", sql, t->error, SHOW(t->text));
    return false;
}

static bool read_databases(struct survey *s, struct inquiry *q, struct arena *arena,
                           struct slice *why)
{
    struct reply_table t;

    if (!ask(q, "SHOW DATABASES", arena, &t, why))
        return false;
    for (size_t i = 0; i < t.rows; i++)
        if (!is_system(t.cells[i * t.columns]))
            slices_add(&s->databases, t.cells[i * t.columns], arena);
    return true;
}

/* The value behind "key=" of a classifier such as (id=7, weight=1.0, user=x) or (…, db='x'). */
static struct slice classifier_value(struct slice classifier, const char *key)
{
    for (size_t i = 0; i + strlen(key) < classifier.size; i++) {
        struct slice rest = slice_after(classifier, i);
        if (!slice_starts_with(rest, slice_of(key)) || (i && rest.data[-1] != ' '))
            continue;
        rest = slice_after(rest, strlen(key));
        if (rest.size && rest.data[0] == '\'')
            rest = slice_after(rest, 1);
        size_t n = 0;
        while (n < rest.size && !strchr("',)", rest.data[n]))
            n++;
        return slice_head(rest, n);
    }
    return (struct slice){0};
}

static bool is_built_in(struct slice group)
{
    return slice_equal(group, SLICE("default_wg")) || slice_equal(group, SLICE("default_mv_wg"));
}

static bool read_groups(struct survey *s, struct inquiry *q, struct arena *arena, struct slice *why)
{
    struct reply_table t;

    if (!ask(q, "SHOW RESOURCE GROUPS ALL", arena, &t, why))
        return false;
    s->groups = arena_array(arena, t.rows, sizeof(*s->groups));
    for (size_t i = 0; i < t.rows; i++) { /* a row for each classifier */
        struct slice name = reply_cell(&t, i, "name"),
                     classifiers = reply_cell(&t, i, "classifiers");
        if (!is_built_in(name))
            s->groups[s->group_count++] =
                (struct surveyed_group){.name = name,
                                        .user = classifier_value(classifiers, "user="),
                                        .database = classifier_value(classifiers, "db=")};
    }
    return true;
}

/* 'name'@'host': the name between its quotes. */
static struct slice name_of(struct slice identity)
{
    for (size_t i = 1; i + 1 < identity.size; i++)
        if (identity.data[i] == '\'' && identity.data[i + 1] == '@')
            return slice_make(identity.data + 1, i - 1);
    return (struct slice){0};
}

static struct surveyed_user *user_of(struct survey *s, struct slice name)
{
    for (size_t i = 0; i < s->user_count; i++)
        if (slice_equal(s->users[i].name, name))
            return &s->users[i];
    s->users[s->user_count].name = name;
    return &s->users[s->user_count++];
}

/* A user of several hosts is one user of the gateway, with the rights of them all. */
static void join(struct powers *to, const struct powers *more, struct arena *arena)
{
    struct held *held = arena_array(arena, to->count + more->count, sizeof(*held));

    if (to->count)
        memcpy(held, to->held, to->count * sizeof(*held));
    if (more->count)
        memcpy(held + to->count, more->held, more->count * sizeof(*held));
    to->held = held;
    to->count = to->room = to->count + more->count;
    to->is_root |= more->is_root;
    to->is_database_all |= more->is_database_all;
    to->operates |= more->operates;
}

static bool read_users(struct survey *s, struct inquiry *q, struct arena *arena, struct slice *why)
{
    struct reply_table t;
    struct powers powers;

    if (!ask(q, "SHOW USERS", arena, &t, why))
        return false;
    s->users = arena_array(arena, t.rows, sizeof(*s->users));
    for (size_t i = 0; i < t.rows; i++) {
        struct slice identity = reply_cell(&t, i, "User"), name = name_of(identity);
        if (!name.size || slice_equal(name, SLICE("root")))
            continue;
        if (!powers_read(&powers, q, identity, arena, why))
            return false;
        join(&user_of(s, name)->powers, &powers, arena);
    }
    return true;
}

/* The only database that the account has rights in, or empty. */
static struct slice home_of(const struct powers *p)
{
    struct slice home = p->count ? p->held[0].database : (struct slice){0};

    for (size_t i = 1; i < p->count; i++)
        if (p->held[i].database.size && !slice_equal(p->held[i].database, home))
            return (struct slice){0};
    return home;
}

static void place_groups(struct survey *s)
{
    for (size_t i = 0; i < s->group_count; i++)
        for (size_t u = 0; !s->groups[i].database.size && u < s->user_count; u++)
            if (slice_equal(s->groups[i].user, s->users[u].name)) {
                s->groups[i].database = home_of(&s->users[u].powers);
                s->groups[i].is_by_user = true;
            }
}

/* Not told to everybody, and not needed for the rest. */
static void read_frontends(struct survey *s, struct inquiry *q, struct arena *arena)
{
    struct reply_table t;

    if (!inquiry_ask(q, "SHOW FRONTENDS", arena, &t))
        return;
    for (size_t i = 0; i < t.rows; i++) {
        struct slice host = reply_cell(&t, i, "IP"), port = reply_cell(&t, i, "HttpPort");
        if (host.size && port.size && !slice_equal(port, SLICE("0"))
            && slice_equal_nocase(reply_cell(&t, i, "Alive"), SLICE("true")))
            slices_add(&s->http,
                       arena_print(arena,
                                   memchr(host.data, ':', host.size) ? "[%.*s]:%.*s" : "%.*s:%.*s",
                                   SHOW(host), SHOW(port)),
                       arena);
    }
}

bool survey_read(struct survey *s, struct inquiry *q, struct arena *arena, struct slice *why)
{
    struct reply_table t;

    *s = (struct survey){.kind = inquiry_kind(q)};
    if (inquiry_ask(q, "SHOW VARIABLES LIKE 'version_comment'", arena, &t) && t.rows)
        s->version = reply_cell(&t, 0, "Value");
    if (!read_databases(s, q, arena, why))
        return false;
    if (s->kind != CLUSTER_STARROCKS)
        return true;
    read_frontends(s, q, arena);
    if (!read_groups(s, q, arena, why) || !read_users(s, q, arena, why))
        return false;
    place_groups(s);
    return true;
}
