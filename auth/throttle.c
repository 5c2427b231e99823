/* A bucket is one number: the time at which it will be empty. An attempt moves that on by a share
 * of the window; a bucket that will not be empty within the window is full.
 *
 * One entry is 64 bits, so that a thread reads and changes it as one:
 *
 *      | tag 23 | good 1 | empty at, in milliseconds 40 |
 *
 * Two threads that take the same place at once can lose one count: it is a brake, not a ledger. */
#include "auth/auth.h"

#include <stdatomic.h>

#include "base/map.h"
#include "base/memory.h"

enum { SETS = 4096, WAYS = 4, TIME_BITS = 40, PER_ADDRESS = 5, PER_USER = 10, KEY_MAX = 256 };

#define TIME_MASK ((1ULL << TIME_BITS) - 1)
#define GOOD      (1ULL << TIME_BITS)
#define TAG_MASK  (~(TIME_MASK | GOOD))

static const millis good_for = 3600000; /* an entry of a good address outlives others by this */

struct throttle {
    _Atomic uint64_t entries[SETS][WAYS];
};

struct bucket {
    uint64_t hash;
    millis share; /* what one attempt adds */
    millis window;
};

enum kind { PAIR = 'p', ADDRESS = 'a', USER = 'u' };

static struct bucket bucket_of(const struct settings *settings, enum kind kind,
                               const struct peer *peer, struct slice user)
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    bool is_ipv4 = memcmp(peer->address, mapped, sizeof(mapped)) == 0;
    unsigned factor = kind == PAIR ? 1 : kind == ADDRESS ? PER_ADDRESS : PER_USER;
    char key[KEY_MAX] = {(char)kind};
    size_t size = 1;

    if (kind != USER) {
        size_t network = is_ipv4 ? sizeof(peer->address) : 8;
        memcpy(key + size, peer->address, network);
        size += network;
    }
    if (kind != ADDRESS) {
        user = slice_head(user, user.size < KEY_MAX - size ? user.size : KEY_MAX - size);
        memcpy(key + size, user.size ? user.data : "", user.size);
        size += user.size;
    }
    millis share = settings->login_failure_window_ms / settings->max_login_failures / factor;
    return (struct bucket){
        .hash = map_hash(slice_make(key, size), MAP_EXACT),
        .window = settings->login_failure_window_ms,
        .share = share ? share : 1,
    };
}

static uint64_t tag_of(const struct bucket *b)
{
    return (b->hash & TAG_MASK) | (b->hash & TAG_MASK ? 0 : 1ULL << 63); /* 0 is an empty place */
}

/* The bucket's entry; else the place that it would take. */
static _Atomic uint64_t *place_of(struct throttle *t, const struct bucket *b, uint64_t *value)
{
    _Atomic uint64_t *set = t->entries[b->hash % SETS], *oldest = &set[0];
    uint64_t age = UINT64_MAX;

    for (size_t i = 0; i < WAYS; i++) {
        *value = atomic_load_explicit(&set[i], memory_order_relaxed);
        if ((*value & TAG_MASK) == tag_of(b))
            return &set[i];
        uint64_t until = (*value & TIME_MASK) + (*value & GOOD ? good_for : 0);
        if (until < age) {
            age = until;
            oldest = &set[i];
        }
    }
    *value = 0;
    return oldest;
}

/* When the bucket will be empty, and whether it is of an address that has logged in. */
static millis look(struct throttle *t, const struct bucket *b, millis now, bool *is_good)
{
    uint64_t value;

    (void)place_of(t, b, &value);
    *is_good = value & GOOD;
    return (value & TIME_MASK) > now ? value & TIME_MASK : now;
}

static void store(struct throttle *t, const struct bucket *b, millis empty, bool is_good)
{
    uint64_t value;
    _Atomic uint64_t *place = place_of(t, b, &value);

    atomic_store_explicit(place, tag_of(b) | (is_good ? GOOD : 0) | (empty & TIME_MASK),
                          memory_order_relaxed);
}

/* 0 when there is room for one more attempt. */
static millis wait_of(const struct bucket *b, millis empty, millis now)
{
    return empty + b->share > now + b->window ? empty + b->share - now - b->window : 0;
}

millis throttle_charge(struct throttle *t, const struct settings *settings, const struct peer *peer,
                       struct slice user, millis now)
{
    static const enum kind kinds[] = {PAIR, ADDRESS, USER};
    struct bucket buckets[3];
    millis empty[3];
    bool is_good[3];

    if (!settings->max_login_failures)
        return 0;
    for (size_t i = 0; i < 3 && (i == 0 || !is_good[0]); i++) {
        buckets[i] = bucket_of(settings, kinds[i], peer, user);
        empty[i] = look(t, &buckets[i], now, &is_good[i]);
        millis wait = wait_of(&buckets[i], empty[i], now);
        if (wait)
            return wait;
    }
    for (size_t i = 0; i < 3 && (i == 0 || !is_good[0]); i++)
        store(t, &buckets[i], empty[i] + buckets[i].share, is_good[i]);
    return 0;
}

void throttle_forgive(struct throttle *t, const struct settings *settings, const struct peer *peer,
                      struct slice user, millis now)
{
    static const enum kind others[] = {ADDRESS, USER};
    bool was_good, is_good;

    if (!settings->max_login_failures)
        return;
    struct bucket pair = bucket_of(settings, PAIR, peer, user);
    (void)look(t, &pair, now, &was_good);
    store(t, &pair, now, true);
    for (size_t i = 0; i < 2 && !was_good; i++) { /* what a good one was not charged with */
        struct bucket b = bucket_of(settings, others[i], peer, user);
        millis empty = look(t, &b, now, &is_good);
        store(t, &b, empty > now + b.share ? empty - b.share : now, false);
    }
}

struct throttle *throttle_new(void)
{
    return memory_new(1, sizeof(struct throttle));
}

void throttle_free(struct throttle *t)
{
    free(t);
}
