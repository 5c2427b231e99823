/* Templates hang in a hash table of the worker; what a connection knows hangs in a list by time of
 * use and in a hash table of its own. Every struct known is in both its connection's and its
 * template's list, so either side can go first. */
#include "proxy/backend/backend_private.h"

#include "base/arena.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/must.h"
#include "protocol/mysql/mysql.h"

enum { BUCKETS_FIRST = 64 };

struct template
{
    struct template *next; /* in its bucket */
    struct templates *all;
    unsigned long long hash;
    unsigned uses;
    uint32_t pool;
    struct slice text, meaning; /* owned */
    struct list places;         /* struct known */
};

struct known {
    struct link on_backend; /* in known_statements.known or .closing */
    struct link of_template;
    struct known *next; /* in its bucket */
    struct backend *backend;
    struct template *template; /* NULL: it only waits to be closed */
    uint32_t number;
};

/* ---- meaning ---- */

/* Servers look at these when a statement is prepared, not when it is executed. */
static const char *const shaping[] = {
    "sql_mode",
    "sql_mode_v2",
    "sql_dialect",
    "character_set_client",
    "character_set_connection",
    "collation_connection",
    "collation_database",
    "enable_prepare_stmt",
};

struct slice statement_meaning(const struct state *wanted, struct arena *a)
{
    struct slice meaning = {0}, value;

    for (size_t i = 0; i < sizeof(shaping) / sizeof(*shaping); i++)
        if (state_find(wanted, false, slice_of(shaping[i]), &value))
            meaning = arena_print(a, "%.*s%s = %.*s\n", SHOW(meaning), shaping[i], SHOW(value));
    return meaning;
}

/* ---- templates ---- */

void templates_init(struct templates *all)
{
    *all = (struct templates){0};
    slab_init(&all->known, sizeof(struct known));
}

void templates_fini(struct templates *all)
{
    must(all->count == 0);
    free(all->buckets);
    slab_fini(&all->known);
}

static void grow(struct templates *all)
{
    size_t count = all->bucket_count ? all->bucket_count * 2 : BUCKETS_FIRST;
    struct template **buckets = memory_new(count, sizeof(*buckets));

    for (size_t i = 0; i < all->bucket_count; i++)
        for (struct template *t = all->buckets[i], *next; t; t = next) {
            next = t->next;
            t->next = buckets[t->hash & (count - 1)];
            buckets[t->hash & (count - 1)] = t;
        }
    free(all->buckets);
    all->buckets = buckets;
    all->bucket_count = count;
}

bool template_is(const struct template *t, const struct backend *b, struct slice text,
                 struct slice meaning)
{
    return t->pool == b->pool->number && slice_equal(t->text, text)
           && slice_equal(t->meaning, meaning);
}

static struct template *template_new(struct templates *all, const struct backend *b,
                                     struct slice text, struct slice meaning,
                                     unsigned long long hash)
{
    struct template *t = memory_new(1, sizeof(*t));

    t->all = all;
    t->hash = hash;
    t->pool = b->pool->number;
    t->text = slice_make(memory_copy(text), text.size);
    t->meaning = slice_make(memory_copy(meaning), meaning.size);
    list_init(&t->places);
    if (all->count++ >= all->bucket_count)
        grow(all);
    t->next = all->buckets[hash & (all->bucket_count - 1)];
    all->buckets[hash & (all->bucket_count - 1)] = t;
    return t;
}

struct template *template_use(struct templates *all, const struct backend *b, struct slice text,
                              struct slice meaning)
{
    unsigned long long hash = map_hash(text, MAP_EXACT);
    struct template *t = all->count ? all->buckets[hash & (all->bucket_count - 1)] : NULL;

    while (t && (t->hash != hash || !template_is(t, b, text, meaning)))
        t = t->next;
    if (!t)
        t = template_new(all, b, text, meaning, hash);
    t->uses++;
    return t;
}

static void template_free(struct template *t)
{
    struct template **at = &t->all->buckets[t->hash & (t->all->bucket_count - 1)];

    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
    t->all->count--;
    free((char *)(uintptr_t)t->text.data);
    free((char *)(uintptr_t)t->meaning.data);
    free(t);
}

/* ---- the table of a connection ---- */

static struct known **bucket(struct backend *b, const struct template *t)
{
    return &b->statements.buckets[t->hash / 64 & (KNOWN_BUCKETS - 1)];
}

static struct known *find(struct backend *b, const struct template *t)
{
    struct known *k = b->statements.buckets ? *bucket(b, t) : NULL;

    while (k && k->template != t)
        k = k->next;
    return k;
}

/* Takes it out of everything but the memory. */
static void unlink_known(struct known *k)
{
    struct backend *b = k->backend;

    if (k->template) {
        struct known **at = bucket(b, k->template);
        while (*at != k)
            at = &(*at)->next;
        *at = k->next;
        list_remove(&k->template->places, &k->of_template);
        list_remove(&b->statements.known, &k->on_backend);
    } else {
        list_remove(&b->statements.closing, &k->on_backend);
    }
    k->template = NULL;
}

static void forget(struct known *k)
{
    struct backend *b = k->backend;

    unlink_known(k);
    metric_add(&b->server.loop->metrics, METRIC_prepared, -1);
    slab_put(&b->pool->pools->templates.known, k);
}

/* COM_STMT_CLOSE will follow. */
static void close_later(struct known *k)
{
    unlink_known(k);
    list_push_back(&k->backend->statements.closing, &k->on_backend);
}

void known_init(struct known_statements *s)
{
    *s = (struct known_statements){0};
    list_init(&s->known);
    list_init(&s->closing);
}

/* A number that comes again means another statement now: whoever had it must not execute that, and
 * must not close it. */
static void forget_number(struct backend *b, uint32_t number)
{
    list_each(&b->statements.known, struct known, on_backend, k)
    {
        if (k->number == number)
            forget(k);
    }
    list_each(&b->statements.closing, struct known, on_backend, k)
    {
        if (k->number == number)
            forget(k);
    }
}

bool known_find(struct backend *b, const struct template *t, uint32_t *number)
{
    struct known *k = find(b, t);

    if (!k)
        return false;
    list_remove(&b->statements.known, &k->on_backend);
    list_push_front(&b->statements.known, &k->on_backend);
    *number = k->number;
    return true;
}

void known_note(struct backend *b, struct template *t, uint32_t number, unsigned limit)
{
    struct known_statements *s = &b->statements;

    forget_number(b, number);
    known_drop(b, t);
    s->limit = limit;
    while (s->known.count >= limit)
        close_later(link_object(list_last(&s->known), struct known, on_backend));
    if (!s->buckets)
        s->buckets = memory_new(KNOWN_BUCKETS, sizeof(struct known *));
    struct known *k = slab_take(&b->pool->pools->templates.known);
    k->backend = b;
    k->template = t;
    k->number = number;
    link_init(&k->on_backend);
    link_init(&k->of_template);
    list_push_front(&s->known, &k->on_backend);
    list_push_front(&t->places, &k->of_template);
    metric_add(&b->server.loop->metrics, METRIC_prepared, 1);
    k->next = *bucket(b, t);
    *bucket(b, t) = k;
}

void known_drop(struct backend *b, const struct template *t)
{
    struct known *k = find(b, t);

    if (k)
        close_later(k);
}

void template_leave(struct template *t)
{
    if (!t || --t->uses)
        return;
    list_each(&t->places, struct known, of_template, k)
    {
        struct backend *b = k->backend;

        close_later(k);
        if (b->phase == BACKEND_IDLE)
            known_flush(b);
    }
    template_free(t);
}

/* ---- closing ---- */

void known_executed(struct backend *b)
{
    b->statements.has_executed = true;
}

static void put_close(struct backend *b, uint32_t number)
{
    uint8_t sequence = 0;
    char argument[4] = {(char)number, (char)(number >> 8), (char)(number >> 16),
                        (char)(number >> 24)};

    packet_put_command(&b->server.out, &sequence, COMMAND_STMT_CLOSE,
                       slice_make(argument, sizeof(argument)));
}

void known_flush(struct backend *b)
{
    if (list_is_empty(&b->statements.closing))
        return;
    /* Over TLS a frontend leaves what stands behind a CLOSE unread, in the same record or the next
     * (facts/fe-live/tls.md): the connection is given up when too much has gathered on it. */
    bool may_send = pools_kind(b->pool->pools, b->pool->source) == CLUSTER_OTHER
                    || (b->statements.has_executed && !b->server.tls);

    if (!may_send || !b->server.is_open)
        return;
    list_each(&b->statements.closing, struct known, on_backend, k)
    {
        put_close(b, k->number);
        forget(k);
    }
    stream_flush(&b->server);
}

bool known_is_worn(const struct backend *b)
{
    return b->statements.closing.count > b->statements.limit;
}

void known_forget(struct backend *b)
{
    list_each(&b->statements.known, struct known, on_backend, k)
    {
        forget(k);
    }
    list_each(&b->statements.closing, struct known, on_backend, k)
    {
        forget(k);
    }
    free(b->statements.buckets);
    known_init(&b->statements);
}
