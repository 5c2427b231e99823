/* A table of 1024 rows with four places each. The row of an entry follows from its key, a SHA-256
 * over a hash that has a random salt: nobody can choose names that meet in one row. */
#include "auth/sha2.h"

#include "base/memory.h"
#include "base/secret.h"

enum { PLACES = 4, ROWS = SHA2_CACHE / PLACES };

struct sha2_entry {
    unsigned char key[SHA256_SIZE], digest[SHA256_SIZE];
    uint64_t used; /* the clock at its last use; 0: empty */
};

static void key_of(struct slice user, struct slice stored, unsigned char key[SHA256_SIZE])
{
    const struct slice parts[] = {user, slice_make("", 1), stored};

    crypto_default()->sha256(parts, 3, key);
}

static struct sha2_entry *row_of(struct sha2_cache *c, const unsigned char key[SHA256_SIZE])
{
    size_t row = ((size_t)key[0] | (size_t)key[1] << 8) % ROWS;

    return c->entries + row * PLACES;
}

static struct sha2_entry *find(struct sha2_cache *c, const unsigned char key[SHA256_SIZE])
{
    struct sha2_entry *row = c->entries ? row_of(c, key) : NULL;

    for (size_t i = 0; row && i < PLACES; i++)
        if (row[i].used && secret_equal(row[i].key, key, SHA256_SIZE))
            return &row[i];
    return NULL;
}

bool sha2_cache_find(struct sha2_cache *c, struct slice user, struct slice stored,
                     unsigned char digest[SHA256_SIZE])
{
    unsigned char key[SHA256_SIZE];

    key_of(user, stored, key);
    struct sha2_entry *entry = find(c, key);
    if (entry)
        entry->used = ++c->clock;
    memcpy(digest, entry ? entry->digest : key, SHA256_SIZE);
    secret_wipe(key, sizeof(key));
    return entry;
}

void sha2_cache_put(struct sha2_cache *c, struct slice user, struct slice stored,
                    const unsigned char digest[SHA256_SIZE])
{
    unsigned char key[SHA256_SIZE];

    if (!c->entries)
        c->entries = memory_new(SHA2_CACHE, sizeof(*c->entries));
    key_of(user, stored, key);
    struct sha2_entry *entry = find(c, key), *row = row_of(c, key);
    for (size_t i = 0; i < PLACES && !entry; i++)
        if (row[i].used == 0)
            entry = &row[i];
    if (!entry) {
        entry = row;
        for (size_t i = 1; i < PLACES; i++)
            if (row[i].used < entry->used)
                entry = &row[i];
    }
    memcpy(entry->key, key, sizeof(key));
    memcpy(entry->digest, digest, SHA256_SIZE);
    entry->used = ++c->clock;
    secret_wipe(key, sizeof(key));
}

void sha2_cache_fini(struct sha2_cache *c)
{
    if (c->entries)
        secret_wipe(c->entries, SHA2_CACHE * sizeof(*c->entries));
    free(c->entries);
    *c = (struct sha2_cache){0};
}
