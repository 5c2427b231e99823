#include "base/map.h"

#include <pthread.h>
#include <stdint.h>
#include <sys/random.h>

#include "base/memory.h"
#include "base/must.h"

static uint64_t hash_key[2]; /* written once, before the first hash */
static pthread_once_t hash_key_once = PTHREAD_ONCE_INIT;

static void make_hash_key(void)
{
    must(getrandom(hash_key, sizeof(hash_key), 0) == (ssize_t)sizeof(hash_key));
}

struct sip {
    uint64_t a, b, c, d;
};

static inline uint64_t rotate(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

static inline void sip_round(struct sip *v)
{
    v->a += v->b, v->b = rotate(v->b, 13) ^ v->a, v->a = rotate(v->a, 32);
    v->c += v->d, v->d = rotate(v->d, 16) ^ v->c;
    v->a += v->d, v->d = rotate(v->d, 21) ^ v->a;
    v->c += v->b, v->b = rotate(v->b, 17) ^ v->c, v->c = rotate(v->c, 32);
}

static inline void sip_word(struct sip *v, uint64_t word)
{
    v->d ^= word;
    sip_round(v);
    v->a ^= word;
}

/* The capital letters of eight bytes made small. */
static uint64_t lower(uint64_t bytes)
{
    const uint64_t each = 0x0101010101010101;
    uint64_t low = bytes & each * 0x7f;
    uint64_t from_a = low + each * (0x80 - 'A'), behind_z = low + each * (0x7f - 'Z');

    return bytes | (~bytes & (from_a ^ behind_z) & each * 0x80) >> 2;
}

/* The fewer than eight bytes behind the last whole word, zeroes behind them. */
static uint64_t rest_of(struct slice key)
{
    uint64_t word = 0;

    for (size_t at = key.size / 8 * 8; at < key.size; at++)
        word = word << 8 | (unsigned char)key.data[at];
    return word;
}

unsigned long long map_hash(struct slice key, enum map_case kind)
{
    pthread_once(&hash_key_once, make_hash_key);
    struct sip v = {hash_key[0] ^ 0x736f6d6570736575, hash_key[1] ^ 0x646f72616e646f6d,
                    hash_key[0] ^ 0x6c7967656e657261, hash_key[1] ^ 0x7465646279746573};
    uint64_t word;

    for (size_t at = 0; at + sizeof(word) <= key.size; at += sizeof(word)) {
        memcpy(&word, key.data + at, sizeof(word));
        sip_word(&v, kind == MAP_NOCASE ? lower(word) : word);
    }
    word = rest_of(key);
    sip_word(&v, (kind == MAP_NOCASE ? lower(word) : word) | (uint64_t)key.size << 56);
    v.c ^= 0xff;
    for (unsigned i = 0; i < 3; i++)
        sip_round(&v);
    return v.a ^ v.b ^ v.c ^ v.d;
}

void map_init(struct map *m, enum map_case kind)
{
    *m = (struct map){.kind = kind};
}

void map_fini(struct map *m)
{
    free(m->entries);
    map_init(m, m->kind);
}

/* The slot of a key: the used one that holds it, or the free one where it belongs. */
static struct map_entry *slot_of(const struct map *m, struct slice key)
{
    size_t at = (size_t)map_hash(key, m->kind) & (m->slots - 1);

    for (;; at = (at + 1) & (m->slots - 1)) {
        struct map_entry *entry = &m->entries[at];
        if (!entry->value)
            return entry;
        if (m->kind == MAP_NOCASE ? slice_equal_nocase(entry->key, key)
                                  : slice_equal(entry->key, key))
            return entry;
    }
}

static void grow(struct map *m)
{
    struct map larger = {.slots = m->slots ? m->slots * 2 : 16, .count = m->count, .kind = m->kind};

    larger.entries = memory_new(larger.slots, sizeof(*larger.entries));
    for (size_t i = 0; i < m->slots; i++)
        if (m->entries[i].value)
            *slot_of(&larger, m->entries[i].key) = m->entries[i];
    free(m->entries);
    *m = larger;
}

bool map_put(struct map *m, struct slice key, void *value)
{
    must(value);
    if (m->count * 2 >= m->slots)
        grow(m);
    struct map_entry *entry = slot_of(m, key);
    if (entry->value)
        return false;
    *entry = (struct map_entry){key, value};
    m->count++;
    return true;
}

void *map_find(const struct map *m, struct slice key)
{
    return m->count ? slot_of(m, key)->value : NULL;
}

const struct map_entry *map_next(const struct map *m, size_t *at)
{
    while (*at < m->slots) {
        const struct map_entry *entry = &m->entries[(*at)++];
        if (entry->value)
            return entry;
    }
    return NULL;
}
