/* Users of the cluster to users of the gateway. What one may do in a database tells the role; a
 * password cannot be taken over, for a frontend does not show its hash, so each gets a new one. */
#include "auth/auth.h"
#include "base/arena.h"
#include "base/utf8.h"
#include "proxy/setup/draft_private.h"

/* The privileges of a member whose account has these rights. */
static unsigned privileges_of(const struct powers *p, struct slice database)
{
    static const unsigned all[] = {READ, WRITE, DDL};
    unsigned privileges = 0;

    if (!database.size)
        return 0;
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        rights needed = rights_needed(all[i]) & ~rights_of_kind(OBJECT_FUNCTION);
        rights tables = needed & rights_of_kind(OBJECT_TABLE);
        if (p->is_database_all || (powers_on(p, database) & tables) == tables)
            privileges |= all[i];
    }
    return privileges;
}

/* Built-in roles, and two for those who work in dev only. */
static const char *role_of(unsigned prod, unsigned dev)
{
    if (prod & DDL)
        return "owner";
    if (prod & WRITE)
        return "operator";
    if (prod & READ)
        return dev & (WRITE | DDL) ? "developer" : "viewer";
    if (dev & (WRITE | DDL))
        return "dev_developer";
    return dev & READ ? "dev_viewer" : NULL;
}

static void add_roles(struct drafting *d, bool uses_dev_roles)
{
    if (uses_dev_roles)
        json_object_set_new(d->draft->config, "roles",
                            json_pack("{s:{s:[s,s,s,s]}, s:{s:[s]}}", "dev_developer", "dev",
                                      "read", "write", "ddl", "load", "dev_viewer", "dev", "read"));
}

/* True when the user has a role of dev only somewhere. */
static bool add_memberships(struct drafting *d, const struct surveyed_user *user, size_t *count)
{
    bool uses_dev_roles = false;

    for (size_t i = 0; i < d->count; i++) {
        struct drafted *p = &d->projects[i];
        const char *role = role_of(privileges_of(&user->powers, p->databases[PROD]),
                                   privileges_of(&user->powers, p->databases[DEV]));
        if (!role)
            continue;
        json_object_set_new(p->members, arena_text(d->arena, user->name), json_string(role));
        uses_dev_roles |= strncmp(role, "dev_", 4) == 0;
        ++*count;
    }
    return uses_dev_roles;
}

static json_t *new_user(struct drafting *d, struct slice name)
{
    struct slice password = draft_password(d);
    char native[NATIVE_HASH + 1], sha2[SHA2_HASH + 1];

    native_hash(password, native);
    sha2_hash(password, sha2);
    d->draft->first[d->draft->first_count++] = (struct draft_secret){name, password};
    return json_pack("{s:{s:s, s:s}}", "auth", "caching_sha2_password", sha2,
                     "mysql_native_password", native);
}

/* Of one project only: who may read several gives the account of each rights in all of them. */
static void add_admin(struct drafting *d, json_t *users)
{
    json_t *admin = json_object_get(users, "admin");

    if (!admin) {
        admin = new_user(d, SLICE("admin"));
        json_object_set_new(users, "admin", admin);
    }
    json_object_set_new(admin, "admin", json_true());
    json_object_set_new(admin, "from", json_pack("[s,s]", "127.0.0.0/8", "::1"));
    if (!d->count)
        return;
    json_object_set_new(d->projects[0].members, "admin", json_string("owner"));
    draft_note(
        d,
        "user 'admin' administers the gateway, from this machine, and is owner of '%.*s' for "
        "a first query: make it a member where you want it",
        SHOW(d->projects[0].name));
}

static bool is_plain(struct slice name)
{
    for (size_t i = 0; i < name.size; i++)
        if ((unsigned char)name.data[i] < ' ' || name.data[i] == 0x7f)
            return false;
    return name.size && name.data[0] != '@' && name.size <= 64 && utf8_is_valid(name);
}

void draft_people(struct drafting *d)
{
    json_t *users = json_object();
    bool uses_dev_roles = false;

    d->draft->first = arena_array(d->arena, d->survey->user_count + 1, sizeof(*d->draft->first));
    for (size_t i = 0; i < d->survey->user_count; i++) {
        const struct surveyed_user *user = &d->survey->users[i];
        size_t memberships = 0;
        if (!is_plain(user->name) || slice_starts_with(user->name, SLICE("sb_")))
            continue; /* its own accounts of an earlier day */
        uses_dev_roles |= add_memberships(d, user, &memberships);
        if (memberships)
            json_object_set_new(users, arena_text(d->arena, user->name), new_user(d, user->name));
        else
            draft_note(d, "user '%.*s' is left out: it reads no whole database", SHOW(user->name));
        if (user->powers.is_root || user->powers.operates)
            draft_note(d, "user '%.*s' administers the cluster: \"admin\": true, if it shall here",
                       SHOW(user->name));
    }
    add_admin(d, users);
    add_roles(d, uses_dev_roles);
    json_object_set_new(d->draft->config, "users", users);
}
