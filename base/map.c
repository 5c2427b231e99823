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

static uint64_t rotate(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1], v[1] = rotate(v[1], 13) ^ v[0], v[0] = rotate(v[0], 32);
    v[2] += v[3], v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3], v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1], v[1] = rotate(v[1], 17) ^ v[2], v[2] = rotate(v[2], 32);
}

static void sip_word(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    sip_round(v);
    sip_round(v);
    v[0] ^= word;
}

unsigned long long map_hash(struct slice key, enum map_case kind)
{
    pthread_once(&hash_key_once, make_hash_key);
    uint64_t v[4] = {hash_key[0] ^ 0x736f6d6570736575, hash_key[1] ^ 0x646f72616e646f6d,
                     hash_key[0] ^ 0x6c7967656e657261, hash_key[1] ^ 0x7465646279746573};
    uint64_t word = 0;
    size_t i;

    for (i = 0; i < key.size; i++) {
        char c = kind == MAP_NOCASE ? ascii_lower(key.data[i]) : key.data[i];
        word |= (uint64_t)(unsigned char)c << (8 * (i % 8));
        if (i % 8 == 7) {
            sip_word(v, word);
            word = 0;
        }
    }
    sip_word(v, word | (uint64_t)key.size << 56);
    v[2] ^= 0xff;
    for (i = 0; i < 4; i++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
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
