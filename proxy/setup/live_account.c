/* One account, seen from inside: it logs in and tells what it sees and has. */
#include "base/arena.h"
#include "proxy/setup/live_private.h"

enum { ACCESS_DENIED = 1045, CLIENT_ERRORS = 2000 };

static struct inquiry *log_in(struct live *l, struct slice place, const struct account *account)
{
    char reason[INQUIRY_REASON] = "";
    unsigned error;
    struct inquiry *q = inquiry_open(l->config, l->cluster, NULL, account, &error, reason);

    if (!q && error == ACCESS_DENIED)
        live_tell(l, place, LIVE_ERROR,
                  "the cluster refuses '%.*s' with this password: correct it, or let `starbind "
                  "provision` make the account",
                  SHOW(account->username));
    else if (!q)
        live_tell(l, place, LIVE_ERROR, "no login as '%.*s': %s", SHOW(account->username), reason);
    return q;
}

/* The first column of all rows. */
static bool names(struct live *l, struct inquiry *q, const char *sql, struct slices *list)
{
    struct reply_table t;

    *list = (struct slices){0};
    if (!inquiry_ask(q, sql, l->arena, &t))
        return false;
    for (size_t i = 0; i < t.rows; i++)
        slices_add(list, t.cells[i * t.columns], l->arena);
    return true;
}

/* What nobody may use needs no rights: then there is nothing to see. */
static void check_database(struct live *l, struct slice place, const struct slices *seen,
                           const struct want_account *a, struct slice database)
{
    if (!database.size || slices_have(seen, database))
        return;
    if (!map_find(&a->by_database, database))
        live_tell(l, place, LIVE_WARNING,
                  "no user may do anything in '%.*s', so its account has no right there: give the "
                  "project members",
                  SHOW(database));
    else
        live_tell(l, place, LIVE_ERROR,
                  "its account sees no database '%.*s': it is not there, or the account has no "
                  "right in it; `starbind provision` prints what makes both",
                  SHOW(database));
}

static void check_databases(struct live *l, struct slice place, struct inquiry *q,
                            const struct compute_source *source)
{
    const struct want_account *a = want_find(&l->want, source->account.username);
    struct slices seen;

    if (!names(l, q, "SHOW DATABASES", &seen)) {
        live_tell(l, place, LIVE_ERROR, "SHOW DATABASES is refused");
        return;
    }
    check_database(l, place, &seen, a, source->database);
    for (size_t i = 0; i < source->databases.count; i++)
        check_database(l, place, &seen, a, source->databases.at[i]);
}

static void check_group(struct live *l, struct slice place, const struct slices *groups,
                        struct slice name)
{
    if (!slices_have(groups, name))
        live_tell(l, place, LIVE_ERROR,
                  "there is no resource group '%.*s': correct the name, or make the group "
                  "(`starbind provision`)",
                  SHOW(name));
}

static void check_groups(struct live *l, struct slice place, struct inquiry *q,
                         const struct compute_source *source)
{
    struct slices groups;

    if (!source->group_count && !source->allowed_groups.count)
        return;
    if (!names(l, q, "SHOW RESOURCE GROUPS ALL", &groups)) {
        live_tell(l, place, LIVE_ERROR, "SHOW RESOURCE GROUPS ALL is refused");
        return;
    }
    for (size_t i = 0; i < source->group_count; i++)
        check_group(l, place, &groups, source->groups[i].name);
    for (size_t i = 0; i < source->allowed_groups.count; i++)
        check_group(l, place, &groups, source->allowed_groups.at[i]);
}

/* ---- rights ---- */

static void tell_lack(struct live *l, struct slice place, const struct powers *p,
                      const struct want_account *a)
{
    enum { SHOWN = 4 };
    size_t lacking = 0;

    for (size_t i = 0; i < a->count; i++) {
        rights lack = powers_lack(p, &a->rights[i]);
        if (lack && lacking++ < SHOWN)
            live_tell(l, place, LIVE_ERROR,
                      "'%.*s' lacks %.*s of '%.*s'; `starbind provision --diff` prints the grants",
                      SHOW(a->username), SHOW(rights_text(lack, l->arena)),
                      SHOW(a->rights[i].database));
    }
    if (lacking > SHOWN)
        live_tell(l, place, LIVE_ERROR, "'%.*s' lacks rights of %zu more databases",
                  SHOW(a->username), lacking - SHOWN);
    if (a->operates && !p->operates)
        live_tell(l, place, LIVE_ERROR, "'%.*s' lacks OPERATE ON SYSTEM", SHOW(a->username));
}

/* Once for each account, at the first of its places. */
static void check_rights(struct live *l, struct slice place, struct inquiry *q,
                         const struct want_account *a)
{
    struct powers p;
    struct slice why;

    if (!powers_read(&p, q, (struct slice){0}, l->arena, &why)) {
        live_tell(l, place, LIVE_ERROR, "%.*s", SHOW(why));
        return;
    }
    if (a->is_admin)
        return;
    for (size_t i = 0; i < p.unknown.count; i++)
        live_tell(l, place, LIVE_WARNING,
                  "the role '%.*s' of '%.*s' does not show its rights to it: `starbind provision "
                  "--diff` looks as root",
                  SHOW(p.unknown.at[i]), SHOW(a->username));
    if (!p.unknown.count)
        tell_lack(l, place, &p, a);
    struct slice excess = powers_excess(&p, a, l->arena);
    if (excess.size)
        live_tell(l, place, LIVE_WARNING, "'%.*s' has more than it needs: %.*s; REVOKE it",
                  SHOW(a->username), SHOW(excess));
}

static void tell_good(struct live *l, struct slice place, const struct account *account,
                      const struct compute_source *source)
{
    size_t more = source ? source->databases.count : 0;

    if (!source)
        live_tell(l, place, LIVE_GOOD, "'%.*s' is let in", SHOW(account->username));
    else if (source->database.size && !more)
        live_tell(l, place, LIVE_GOOD, "'%.*s' is let in and may use '%.*s'",
                  SHOW(account->username), SHOW(source->database));
    else
        live_tell(l, place, LIVE_GOOD, "'%.*s' is let in and may use %zu databases",
                  SHOW(account->username), more + (source->database.size > 0));
}

void live_account(struct live *l, struct slice place, const struct account *account,
                  const struct compute_source *source)
{
    struct want_account *a = want_find(&l->want, account->username);
    size_t errors = l->errors, warnings = l->warnings;
    struct inquiry *q = log_in(l, place, account);

    if (!q)
        return;
    if (l->kind == CLUSTER_UNKNOWN) /* the cluster's spokesman was not let in */
        l->kind = inquiry_kind(q);
    if (source)
        check_databases(l, place, q, source);
    if (l->kind == CLUSTER_STARROCKS && source)
        check_groups(l, place, q, source);
    if (l->kind == CLUSTER_STARROCKS && slice_equal(a->purpose, place))
        check_rights(l, place, q, a);
    inquiry_close(q);
    if (errors == l->errors && warnings == l->warnings)
        tell_good(l, place, account, source);
}
