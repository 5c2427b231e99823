/* A new configuration: every session finds its user and its project there again, or ends. */
#include "proxy/session/session_private.h"

#include "base/memory.h"
#include "base/must.h"

struct snapshot *snapshot_new(struct config *c, struct tallies *t)
{
    struct snapshot *made = memory_new(1, sizeof(*made));

    *made = (struct snapshot){.config = config_ref(c), .tallies = tallies_ref(t), .uses = 1};
    return made;
}

void snapshot_use(struct session *s, struct snapshot *snapshot)
{
    snapshot->uses++;
    s->snapshot = snapshot;
}

void snapshot_drop(struct snapshot *snapshot)
{
    must(snapshot->uses);
    if (--snapshot->uses)
        return;
    config_unref(snapshot->config);
    tallies_unref(snapshot->tallies);
    free(snapshot);
}

void snapshot_release(struct session *s)
{
    if (s->snapshot)
        snapshot_drop(s->snapshot);
    s->snapshot = NULL;
}

void session_take_user(struct session *s, const struct user *user, struct slice only)
{
    struct user *narrowed = NULL;

    if (only.size) {
        narrowed = memory_new(1, sizeof(*narrowed));
        *narrowed = *user;
        narrowed->only = narrowed->default_project = only;
        narrowed->is_admin = narrowed->sees_all_metadata = false;
    }
    free(s->narrowed);
    s->narrowed = narrowed;
    s->user = narrowed ? narrowed : user;
    record_forget_who(s);
}

static bool is_signed_still(const struct session *s, const struct config *c)
{
    char proof[TOKEN_PROOF + 1];

    for (size_t i = 0; i < c->settings.token_key_count; i++) {
        token_proof(&c->settings.token_keys[i], proof);
        if (strcmp(proof, s->proof) == 0)
            return true;
    }
    return false;
}

static bool is_certified_still(const struct session *s, const struct user *user)
{
    struct slice name = certificate_name(user);

    return name.size && slice_equal(name, slice_of(s->proof));
}

/* The password or certificate that opened this session must still be one of the user's, or the key
 * of its token one of the keys. */
static bool is_still_proven(const struct session *s, const struct config *c,
                            const struct user *user)
{
    const struct hashes *const methods[] = {&user->native, &user->sha2};

    for (size_t m = 0; m < sizeof(methods) / sizeof(methods[0]); m++)
        for (size_t i = 0; i < methods[m]->count; i++)
            if (slice_equal(methods[m]->at[i], slice_of(s->proof)))
                return true;
    return is_certified_still(s, user) || (user->takes_tokens && is_signed_still(s, c));
}

static bool find_user(const struct session *s, const struct config *c, const struct user **user,
                      struct error *e)
{
    const char *why;

    *user = account_find(c, s->user->name, &s->peer, &why);
    if (*user && is_still_proven(s, c, *user))
        return true;
    return refuse(e, ERROR_LOGIN,
                  "starbind: the configuration has changed and no longer lets '%.*s' in this way; "
                  "log in again",
                  SHOW(s->user->name));
}

/* The one project of a session that came by a token for it. */
static bool find_only(const struct session *s, const struct config *c, struct slice *only,
                      struct error *e)
{
    const struct project_name *found;

    *only = (struct slice){0};
    if (!s->narrowed)
        return true;
    found = config_find_project(c, s->narrowed->only);
    if (found)
        *only = found->project->name;
    return found
           || refuse(e, ERROR_LOGIN,
                     "starbind: the configuration has changed and the token's project '%.*s' is "
                     "gone",
                     SHOW(s->narrowed->only));
}

static bool find_selection(struct session *s, const struct config *c, const struct user *user,
                           struct selection *at, struct error *e)
{
    struct slice name = plan_selection_name(&s->at, &s->arena);

    if (!s->at.project)
        return true;
    return plan_select(c, user, s->listener, name, at, e)
           || refuse(e, ERROR_NO_SUCH_PROJECT,
                     "starbind: the configuration has changed and '%.*s' is gone; connect again",
                     SHOW(name));
}

bool session_rebind(struct session *s, struct error *e)
{
    struct snapshot *current = s->all->snapshot;
    struct selection at = s->at;
    const struct user *user;
    struct slice only;

    if (s->snapshot == current)
        return true;
    if (!find_user(s, current->config, &user, e) || !find_only(s, current->config, &only, e)
        || !find_selection(s, current->config, user, &at, e))
        return false;
    session_take_user(s, user, only);
    session_move(s, &at);
    leases_renew(s);
    snapshot_release(s);
    snapshot_use(s, current);
    presence_move(s);
    return true;
}

/* Snapshot and pools change together, before any session runs again. */
void sessions_reconfigure(struct sessions *all, struct config *c, const struct contexts *contexts,
                          struct tallies *t)
{
    struct snapshot *before = all->snapshot;

    shelf_clear(&all->shelf);
    all->snapshot = snapshot_new(c, t);
    all->checks.limit = c->settings.max_password_checks;
    stats_resize(&all->digests, c->settings.digests);
    all->contexts = contexts;
    pools_reconfigure(all->pools, c, contexts, t);
    list_each(&all->all, struct session, link, s)
    {
        session_wake(s, LEAVE);
    }
    snapshot_drop(before);
}
