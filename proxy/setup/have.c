/* What is there already, as SHOW tells it. */
#include "base/arena.h"
#include "protocol/sql/sql.h"
#include "proxy/setup/script.h"

enum { ACCESS_DENIED = 1045 };

static bool column(struct slices *list, struct inquiry *q, const char *sql, const char *name,
                   struct arena *arena, struct slice *why)
{
    struct reply_table t;

    *list = (struct slices){0};
    if (!inquiry_ask(q, sql, arena, &t)) {
        *why = arena_print(arena, "%s: error %u: %.*s", sql, t.error, SHOW(t.text));
        return false;
    }
    for (size_t i = 0; i < t.rows; i++)
        slices_add(list, reply_cell(&t, i, name), arena);
    return true;
}

/* '@' and a host in quotes, and nothing that could be more SQL. */
static bool is_host(struct slice text)
{
    bool good = text.size > 3 && text.data[0] == '@' && text.data[1] == '\''
                && text.data[text.size - 1] == '\'';

    for (size_t i = 2; good && i + 1 < text.size; i++) {
        char c = ascii_lower(text.data[i]);
        good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || strchr(".%:_/-", c);
    }
    return good;
}

/* The identity of that name: for everywhere, else the first one. */
static struct slice identity_of(const struct slices *users, struct slice username,
                                struct arena *arena)
{
    struct slice quoted = sql_quote_string(username, arena), found = {0};
    struct slice everywhere = arena_print(arena, "%.*s@'%%'", SHOW(quoted));

    for (size_t i = 0; i < users->count; i++) {
        if (slice_equal(users->at[i], everywhere))
            return everywhere;
        if (!found.size && slice_starts_with(users->at[i], quoted)
            && is_host(slice_after(users->at[i], quoted.size)))
            found = users->at[i];
    }
    return found;
}

static bool is_refused(const struct config *c, const struct want *w, const struct want_account *a)
{
    const struct account account = {.username = a->username, .password = *a->password};
    char reason[INQUIRY_REASON];
    unsigned error = 0;
    struct inquiry *q = inquiry_open(c, w->cluster, NULL, &account, &error, reason);

    inquiry_close(q);
    return !q && error == ACCESS_DENIED;
}

bool have_read(struct have *h, struct inquiry *q, const struct config *c, const struct want *w,
               struct arena *arena, struct slice *why)
{
    struct slices users;

    if (!column(&h->databases, q, "SHOW DATABASES", "Database", arena, why)
        || !column(&h->groups, q, "SHOW RESOURCE GROUPS ALL", "name", arena, why)
        || !column(&users, q, "SHOW USERS", "User", arena, why))
        return false;
    h->powers = arena_array(arena, w->account_count, sizeof(*h->powers));
    h->identities = arena_array(arena, w->account_count, sizeof(*h->identities));
    h->is_refused = arena_array(arena, w->account_count, sizeof(*h->is_refused));
    for (size_t i = 0; i < w->account_count; i++) {
        h->identities[i] = identity_of(&users, w->accounts[i].username, arena);
        if (h->identities[i].size && !powers_read(&h->powers[i], q, h->identities[i], arena, why))
            return false;
        h->is_refused[i] = h->identities[i].size && is_refused(c, w, &w->accounts[i]);
    }
    return true;
}
