#include "proxy/session/stats.h"

#include "base/map.h"
#include "base/memory.h"
#include "base/mix.h"
#include "base/rows.h"
#include "proxy/session/session_private.h"

enum { TEXT_MAX = 512, SLOTS_FIRST = 64 };

/* ---- keys ---- */

/* Digests are chosen by clients: the multiplier, which they cannot know, spreads them (multiply and
 * shift; the high bits are the good ones). */
static size_t slot_number(const struct stats *all, const struct stat_key *key)
{
    uint64_t hash = mix_bytes(key->digest ^ key->environment, key->project);

    hash = mix_bytes(hash, key->user) * all->multiplier;
    return (size_t)(hash >> 32) & (all->slot_count - 1);
}

static bool is_key(const struct stat_key *a, const struct stat_key *b)
{
    return a->digest == b->digest && a->environment == b->environment
           && slice_equal(a->project, b->project) && slice_equal(a->user, b->user);
}

static struct slice owned(struct slice text)
{
    return slice_make(memory_copy(text), text.size);
}

static void disown(struct slice text)
{
    free((char *)(uintptr_t)text.data);
}

/* ---- entries ---- */

static void stat_add(struct statistic *to, const struct statistic *from)
{
    to->count += from->count;
    to->forwarded += from->forwarded;
    to->refused += from->refused;
    to->failed += from->failed;
    to->rows += from->rows;
    to->affected += from->affected;
    to->bytes += from->bytes;
    histogram_add(&to->queue, &from->queue);
    histogram_add(&to->run, &from->run);
    if (from->first && (!to->first || from->first < to->first))
        to->first = from->first;
    if (from->last > to->last)
        to->last = from->last;
}

static void stat_free(struct statistic *s)
{
    disown(s->key.project);
    disown(s->key.user);
    disown(s->text);
    free(s);
}

static struct statistic **slot_of(const struct stats *all, const struct stat_key *key)
{
    struct statistic **at = &all->slots[slot_number(all, key)];

    while (*at && !is_key(&(*at)->key, key))
        at = &(*at)->chain;
    return at;
}

/* The slots follow the number of entries. */
static void widen(struct stats *all)
{
    struct statistic **before = all->slots;

    if (!before) {
        list_init(&all->recent);
        all->multiplier = map_hash(SLICE("stats"), MAP_EXACT) | 1;
    }
    all->slot_count = all->slot_count ? 2 * all->slot_count : SLOTS_FIRST;
    all->slots = memory_new(all->slot_count, sizeof(struct statistic *));
    list_each(&all->recent, struct statistic, recent, s)
    {
        s->chain = NULL;
        *slot_of(all, &s->key) = s;
    }
    free(before);
}

static void make_room(struct stats *all)
{
    struct statistic *oldest = link_object(list_first(&all->recent), struct statistic, recent);
    struct statistic **at = slot_of(all, &oldest->key);

    *at = oldest->chain;
    list_remove(&all->recent, &oldest->recent);
    stat_add(&all->rest, oldest);
    stat_free(oldest);
}

static struct statistic *add(struct stats *all, const struct stat_key *key, struct slice text,
                             enum sql_rule rule)
{
    if (all->recent.count >= all->most)
        make_room(all);
    if (all->recent.count >= all->slot_count)
        widen(all);
    struct statistic *s = memory_new(1, sizeof(*s));
    s->key = (struct stat_key){.digest = key->digest,
                               .environment = key->environment,
                               .project = owned(key->project),
                               .user = owned(key->user)};
    s->text = owned(text);
    s->rule = rule;
    link_init(&s->recent);
    list_push_back(&all->recent, &s->recent);
    *slot_of(all, key) = s;
    return s;
}

/* The one seen last is often seen again, as a project's is. */
static struct statistic *look_up(const struct stats *all, const struct stat_key *key)
{
    struct link *last = list_last(&all->recent);
    struct statistic *s = last ? link_object(last, struct statistic, recent) : NULL;

    return s && is_key(&s->key, key) ? s : *slot_of(all, key);
}

struct statistic *stats_find(struct stats *all, const struct stat_key *key,
                             const struct sql_text *read, enum sql_rule rule)
{
    char room[TEXT_MAX];

    if (!all->most)
        return &all->rest;
    if (!all->slots)
        widen(all);
    struct statistic *s = look_up(all, key);
    if (!s)
        return add(all, key, slice_make(room, read ? sql_digest_text(read, room, sizeof(room)) : 0),
                   rule);
    if (list_last(&all->recent) != &s->recent) {
        list_remove(&all->recent, &s->recent);
        list_push_back(&all->recent, &s->recent);
    }
    return s;
}

void stat_note(struct statistic *s, const struct stat_sample *sample)
{
    s->count++;
    s->refused += sample->is_refused;
    s->failed += sample->has_failed;
    s->rows += sample->rows;
    s->affected += sample->affected;
    s->bytes += sample->bytes;
    s->last = sample->when;
    if (!s->first)
        s->first = sample->when;
    if (!sample->is_forwarded)
        return;
    s->forwarded++;
    histogram_note(&s->queue, sample->queue);
    histogram_note(&s->run, sample->run);
}

/* ---- all of them ---- */

void stats_resize(struct stats *all, size_t most)
{
    all->most = most;
    while (all->slots && all->recent.count > most)
        make_room(all);
}

void stats_add(struct stats *to, const struct stats *from)
{
    stat_add(&to->rest, &from->rest);
    if (!from->slots)
        return;
    to->most = SIZE_MAX;
    if (!to->slots)
        widen(to);
    list_each(&from->recent, struct statistic, recent, s)
    {
        struct statistic *same = *slot_of(to, &s->key);
        stat_add(same ? same : add(to, &s->key, s->text, s->rule), s);
    }
}

struct stats *stats_copy(const struct stats *all)
{
    struct stats *copy = memory_new(1, sizeof(*copy));

    stats_add(copy, all);
    return copy;
}

void stats_fini(struct stats *all)
{
    if (!all->slots)
        return;
    list_each(&all->recent, struct statistic, recent, s)
    {
        stat_free(s);
    }
    free(all->slots);
}

void stats_free(struct stats *all)
{
    if (!all)
        return;
    stats_fini(all);
    free(all);
}

void stats_sum(const struct stats *all, struct histogram *queue, struct histogram *run)
{
    histogram_add(queue, &all->rest.queue);
    histogram_add(run, &all->rest.run);
    if (!all->slots)
        return;
    list_each(&all->recent, struct statistic, recent, s)
    {
        histogram_add(queue, &s->queue);
        histogram_add(run, &s->run);
    }
}

/* ---- rows ---- */

static struct slice or_null(struct slice text)
{
    return text.size ? text : (struct slice){0};
}

static void put_seconds(struct rows *r, const struct histogram *h)
{
    row_real(r, (double)h->sum / 1e6);
}

static void put_millis(struct rows *r, const struct histogram *h, double share)
{
    row_real(r, (double)histogram_at(h, share) / 1e3);
}

static void put_digest(struct rows *r, const struct statistic *s)
{
    char digest[24];
    bool is_rest = !s->key.digest;

    snprintf(digest, sizeof(digest), "%016llx", (unsigned long long)s->key.digest);
    row_text(r, is_rest ? (struct slice){0} : slice_of(digest));
    row_text(r, or_null(s->key.project));
    row_constant(r, is_rest ? NULL : environment_name(s->key.environment));
    row_text(r, or_null(s->key.user));
    row_text(r, or_null(s->text));
    row_constant(r, is_rest ? NULL : sql_rule_name(s->rule));
    row_integer(r, (int64_t)s->count);
    row_integer(r, (int64_t)s->refused);
    row_integer(r, (int64_t)s->failed);
    row_integer(r, (int64_t)s->rows);
    row_integer(r, (int64_t)s->affected);
    row_integer(r, (int64_t)s->bytes);
    put_seconds(r, &s->queue);
    put_seconds(r, &s->run);
    put_millis(r, &s->queue, 0.5);
    put_millis(r, &s->queue, 0.95);
    put_millis(r, &s->queue, 0.99);
    put_millis(r, &s->run, 0.5);
    put_millis(r, &s->run, 0.95);
    put_millis(r, &s->run, 0.99);
    put_millis(r, &s->run, 1);
    row_time(r, s->first);
    row_time(r, s->last);
    row_end(r);
}

void stats_digests(const struct stats *all, struct rows *rows)
{
    if (all->rest.count)
        put_digest(rows, &all->rest);
    if (!all->slots)
        return;
    list_each(&all->recent, struct statistic, recent, s)
    {
        put_digest(rows, s);
    }
}

static void put_traffic(struct rows *r, const struct statistic *s)
{
    row_text(r, or_null(s->key.project));
    row_constant(r, environment_name(s->key.environment));
    row_integer(r, (int64_t)s->count);
    row_integer(r, (int64_t)s->forwarded);
    row_integer(r, (int64_t)s->refused);
    row_integer(r, (int64_t)s->failed);
    row_integer(r, (int64_t)s->rows);
    row_integer(r, (int64_t)s->bytes);
    put_seconds(r, &s->queue);
    put_seconds(r, &s->run);
    put_millis(r, &s->queue, 0.5);
    put_millis(r, &s->queue, 0.99);
    put_millis(r, &s->run, 0.5);
    put_millis(r, &s->run, 0.95);
    put_millis(r, &s->run, 0.99);
    put_millis(r, &s->run, 1);
    row_end(r);
}

void stats_traffic(const struct stats *all, struct rows *rows)
{
    if (!all->slots)
        return;
    list_each(&all->recent, struct statistic, recent, s)
    {
        put_traffic(rows, s);
    }
}

/* ---- a statement ---- */

static struct stat_sample sample_of(const struct session *s, uint64_t now)
{
    const struct record *r = s->record;
    struct stat_sample sample = {.is_refused = r->is_refused, .when = (time_t)clock_wall()};

    if (!r->lent || r->is_refused)
        return sample;
    sample.is_forwarded = true;
    sample.queue = r->lent - r->began;
    sample.run = now - r->lent;
    sample.bytes = r->bytes;
    sample.has_failed = s->is_over || !s->follow || s->follow->failed;
    if (s->follow) {
        sample.rows = s->follow->rows;
        sample.affected = s->follow->affected;
    }
    return sample;
}

void stats_statement(struct session *s, uint64_t now)
{
    const struct plan *p = s->plan;
    const struct stat_sample sample = sample_of(s, now);
    struct stat_key key = {.digest = s->record->digest, .environment = s->at.environment};

    if (s->at.project)
        key.project = s->at.project->name;
    if (key.digest && s->all->digests.most) {
        struct stat_key of_user = key;
        of_user.user = s->user->name;
        stat_note(stats_find(&s->all->digests, &of_user, &p->read, p->rule), &sample);
    }
    key.digest = 0;
    stat_note(stats_find(&s->all->traffic, &key, NULL, 0), &sample);
}
