#include "proxy/session/denials.h"

#include "base/memory.h"
#include "base/rows.h"
#include "proxy/session/session_private.h"

enum { DENIALS = 128, PROJECT_MAX = 256 };

struct denial {
    time_t when;
    uint32_t session;
    char client[64], user[LOGIN_USER_MAX + 1], project[PROJECT_MAX + 1];
    enum environment environment;
    const char *what, *rule; /* constant; rule is NULL for none */
    uint64_t digest;
    enum error_code code;
};

/* Cut where it is too long; names in the configuration are not. */
static void keep(char *room, size_t size, struct slice text)
{
    size_t most = text.size < size ? text.size : size - 1;

    if (most)
        memcpy(room, text.data, most);
    room[most] = '\0';
}

static struct denial *next(struct session *s, const struct error *e)
{
    struct denials *all = &s->all->denials;

    if (!all->ring)
        all->ring = memory_new(DENIALS, sizeof(*all->ring));
    struct denial *d = &all->ring[all->count++ % DENIALS];
    *d = (struct denial){
        .when = time(NULL), .session = s->id, .environment = s->at.environment, .code = e->code};
    keep(d->client, sizeof(d->client), slice_of(s->client_name));
    if (s->at.project)
        keep(d->project, sizeof(d->project), s->at.project->name);
    return d;
}

void denials_statement(struct session *s)
{
    struct denial *d = next(s, s->error);

    keep(d->user, sizeof(d->user), s->user->name);
    d->what = mysql_command_name(s->command);
    d->rule = s->plan ? sql_rule_name(s->plan->rule) : NULL;
    d->digest = s->record->digest;
}

void denials_login(struct session *s, const struct error *e)
{
    struct denial *d = next(s, e);

    keep(d->user, sizeof(d->user), s->verify ? s->verify->login.user : (struct slice){0});
    d->what = "Login";
}

static void put(struct rows *r, const struct denial *d, const char *worker)
{
    char digest[24];

    snprintf(digest, sizeof(digest), "%016llx", (unsigned long long)d->digest);
    row_time(r, d->when);
    row_text(r, slice_of(worker));
    row_integer(r, d->session);
    row_text(r, slice_of(d->client));
    row_text(r, slice_of(d->user));
    row_text(r, *d->project ? slice_of(d->project) : (struct slice){0});
    row_constant(r, environment_name(d->environment));
    row_constant(r, d->what);
    row_constant(r, d->rule);
    row_text(r, d->digest ? slice_of(digest) : (struct slice){0});
    row_integer(r, error_row(d->code)->number);
    row_constant(r, error_row(d->code)->name);
    row_end(r);
}

void denials_survey(const struct denials *d, const char *worker, struct rows *rows)
{
    uint64_t first = d->count > DENIALS ? d->count - DENIALS : 0;

    for (uint64_t i = first; i < d->count; i++)
        put(rows, &d->ring[i % DENIALS], worker);
}

void denials_fini(struct denials *d)
{
    free(d->ring);
}
