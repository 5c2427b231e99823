/* One step per missing thing. Names go into SQL through sql_quote_name and sql_quote_string only,
 * and into comments without their control characters: a line break would end the comment. */
#include "proxy/setup/script.h"

#include "auth/auth.h"
#include "base/arena.h"
#include "protocol/sql/sql.h"

static struct slice plain(struct slice text, struct arena *arena)
{
    char *made = arena_alloc(arena, text.size + 1);

    for (size_t i = 0; i < text.size; i++)
        made[i] = (unsigned char)text.data[i] < ' ' || text.data[i] == 0x7f ? '?' : text.data[i];
    return slice_make(made, text.size);
}

static void add(struct script *s, struct slice comment, struct slice sql)
{
    if (s->count == s->room) {
        size_t room = s->room ? s->room * 2 : 16;
        s->steps =
            arena_grow(s->arena, s->steps, s->room * sizeof(*s->steps), room * sizeof(*s->steps));
        s->room = room;
    }
    s->steps[s->count++] = (struct step){sql, plain(comment, s->arena)};
    s->statements += sql.size > 0;
}

/* The name in backquotes; empty, and a problem, when a frontend could not read it. */
static struct slice quoted(struct script *s, struct slice name, const char *what)
{
    if (sql_name_can_be_quoted(name))
        return sql_quote_name(name, s->arena);
    slices_add(&s->problems,
               arena_print(s->arena, "the name of %s '%.*s' cannot be written in StarRocks' SQL",
                           what, SHOW(plain(name, s->arena))),
               s->arena);
    return (struct slice){0};
}

static struct slice identity_of(struct script *s, const struct want_account *a)
{
    struct slice name = sql_quote_string(a->username, s->arena);

    return arena_print(s->arena, "%.*s@'%%'", SHOW(name));
}

static void add_databases(struct script *s, const struct want *w, const struct have *have)
{
    struct slice comment = SLICE("databases");

    for (size_t i = 0; i < w->databases.count; i++) {
        if (have && slices_have(&have->databases, w->databases.at[i]))
            continue;
        struct slice name = quoted(s, w->databases.at[i], "the database");
        if (name.size)
            add(s, comment,
                arena_print(s->arena, "CREATE DATABASE IF NOT EXISTS %.*s", SHOW(name)));
        comment = (struct slice){0};
    }
}

/* The user with its password, behind CREATE USER or ALTER USER. */
static struct slice identified(struct script *s, const struct want_account *a,
                               struct slice identity)
{
    struct slice password = secret_bytes(a->password);
    char hash[NATIVE_HASH + 1];

    native_hash(password, hash);
    return password.size ? arena_print(
               s->arena, "%.*s IDENTIFIED WITH mysql_native_password AS '%s'", SHOW(identity), hash)
                         : identity;
}

static void add_user(struct script *s, const struct want_account *a, struct slice identity)
{
    add(s, (struct slice){0},
        arena_print(s->arena, "CREATE USER IF NOT EXISTS %.*s", SHOW(identified(s, a, identity))));
}

/* Others may use the account with the password that it has: so this is for the operator to run. */
static void add_password(struct script *s, const struct want_account *a, struct slice identity)
{
    add(s,
        arena_print(s->arena,
                    "  it has another password; to give it the configuration's: ALTER USER %.*s%s;",
                    SHOW(identified(s, a, identity)), a->password->size ? "" : " IDENTIFIED BY ''"),
        (struct slice){0});
}

static void add_rights(struct script *s, const struct want_right *r, rights set,
                       struct slice identity)
{
    struct slice database = quoted(s, r->database, "the database");

    for (enum object_kind kind = 0; database.size && kind < OBJECT_KINDS; kind++) {
        struct slice names = rights_names(set, kind, s->arena);
        if (names.size)
            add(s, (struct slice){0},
                arena_print(s->arena, "GRANT %.*s ON %s %.*s TO USER %.*s", SHOW(names),
                            rights_scope(kind), SHOW(database), SHOW(identity)));
    }
}

/* What "metadata": "all" opens besides information_schema. */
static void add_statistics(struct script *s, const struct powers *has, struct slice identity)
{
    static const char *const tables[] = {"column_statistics", "table_statistic_v1"};

    for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
        if (!has || !powers_select(has, SLICE("_statistics_"), slice_of(tables[i])))
            add(s, (struct slice){0},
                arena_print(s->arena, "GRANT SELECT ON TABLE `_statistics_`.`%s` TO USER %.*s",
                            tables[i], SHOW(identity)));
}

static struct slice purpose_of(struct script *s, const struct want_account *a)
{
    if (a->uses == 1)
        return arena_print(s->arena, "account %.*s: %.*s", SHOW(a->username), SHOW(a->purpose));
    return arena_print(s->arena, "account %.*s: %.*s and %zu more", SHOW(a->username),
                       SHOW(a->purpose), a->uses - 1);
}

static void add_remarks(struct script *s, const struct want_account *a, const struct powers *has)
{
    struct slice excess = has && !a->is_admin ? powers_excess(has, a, s->arena) : (struct slice){0};

    if (a->is_torn)
        slices_add(&s->problems,
                   arena_print(s->arena,
                               "the configuration has two passwords for the account '%.*s'; one "
                               "account has one",
                               SHOW(plain(a->username, s->arena))),
                   s->arena);
    if (!a->password->size)
        add(s, SLICE("  it has no password"), (struct slice){0});
    if (a->is_admin)
        add(s, SLICE("  \"admin\": which roles it needs is for you to decide"), (struct slice){0});
    if (excess.size)
        add(s, arena_print(s->arena, "  it has more than it needs: %.*s", SHOW(excess)),
            (struct slice){0});
}

static void add_account(struct script *s, const struct want_account *a, struct slice known,
                        const struct powers *has, bool is_refused)
{
    struct slice identity = known.size ? known : identity_of(s, a);
    size_t before = s->count;

    add(s, purpose_of(s, a), (struct slice){0});
    add_remarks(s, a, has);
    if (!known.size)
        add_user(s, a, identity);
    if (is_refused)
        add_password(s, a, identity);
    if (a->operates && !(has && has->operates))
        add(s, (struct slice){0},
            arena_print(s->arena, "GRANT OPERATE ON SYSTEM TO USER %.*s", SHOW(identity)));
    for (size_t i = 0; i < a->count; i++)
        add_rights(s, &a->rights[i], has ? powers_lack(has, &a->rights[i]) : a->rights[i].set,
                   identity);
    if (a->statistics)
        add_statistics(s, has, identity);
    if (known.size && s->count == before + 1) /* nothing to say */
        s->count = before;
}

/* A frontend refuses a group without a classifier, and a name in `user` need not be anybody's. */
static void add_group(struct script *s, const struct want_group *g)
{
    struct slice name = quoted(s, g->name, "the resource group"), classifiers = {"", 0};
    struct slice nobody = SLICE("starbind_by_name");

    for (size_t i = 0; i < (g->users.count ? g->users.count : 1); i++) {
        struct slice user = sql_quote_string(g->users.count ? g->users.at[i] : nobody, s->arena);
        classifiers = arena_print(s->arena, "%.*s%s(user=%.*s)", SHOW(classifiers), i ? ", " : "",
                                  SHOW(user));
    }
    if (name.size)
        add(s, (struct slice){0},
            arena_print(s->arena,
                        "CREATE RESOURCE GROUP IF NOT EXISTS %.*s TO %.*s WITH "
                        "('cpu_core_limit'='1', 'mem_limit'='20%%')",
                        SHOW(name), SHOW(classifiers)));
}

static void add_groups(struct script *s, const struct want *w, const struct have *have)
{
    bool is_first = true;

    for (size_t i = 0; i < w->group_count; i++) {
        if (have && slices_have(&have->groups, w->groups[i].name))
            continue;
        if (is_first)
            add(s,
                SLICE(
                    "resource groups: their sizes are yours to set (ALTER RESOURCE GROUP … WITH); "
                    "those that are asked for by name only have a classifier that fits nobody"),
                (struct slice){0});
        is_first = false;
        add_group(s, &w->groups[i]);
    }
}

void script_make(struct script *s, const struct want *w, const struct have *have,
                 struct arena *arena)
{
    *s = (struct script){.arena = arena};
    add_databases(s, w, have);
    for (size_t i = 0; i < w->account_count; i++) {
        struct slice known = have ? have->identities[i] : (struct slice){0};
        add_account(s, &w->accounts[i], known, known.size ? &have->powers[i] : NULL,
                    known.size && have->is_refused[i]);
    }
    add_groups(s, w, have);
    for (size_t i = 0; i < w->open.count; i++)
        add(s,
            arena_print(arena,
                        "%.*s has \"databases\": \"*\": grant its account what it shall reach",
                        SHOW(w->open.at[i])),
            (struct slice){0});
    if (w->is_too_large)
        slices_add(&s->problems,
                   arena_print(arena, "it would take more than %d grants: give the accounts a role",
                               WANT_RIGHTS_MAX),
                   arena);
}

void script_print(const struct script *s, FILE *out)
{
    for (size_t i = 0; i < s->count; i++) {
        if (s->steps[i].comment.size)
            fprintf(out, "-- %.*s\n", SHOW(s->steps[i].comment));
        if (s->steps[i].sql.size)
            fprintf(out, "%.*s;\n", SHOW(s->steps[i].sql));
    }
}

bool script_run(const struct script *s, struct inquiry *q, FILE *out, struct slice *why)
{
    struct reply_table t;

    for (size_t i = 0; i < s->count; i++) {
        const struct step *step = &s->steps[i];
        if (!step->sql.size)
            continue;
        if (!inquiry_ask(q, arena_text(s->arena, step->sql), s->arena, &t)) {
            *why = arena_print(s->arena, "%.*s: error %u: %.*s", SHOW(step->sql), t.error,
                               SHOW(t.text));
            return false;
        }
        fprintf(out, "%.*s;\n", SHOW(step->sql));
    }
    return true;
}
