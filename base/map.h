/* String keys to pointers. Built once and read often; the keys are borrowed and must outlive the
 * map.
 *
 * Hashing is keyed with random bytes of the process, so that no choice of names makes look-ups
 * slow. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdbool.h>

#include "base/slice.h"

enum map_case {
    MAP_EXACT, /* keys compare byte for byte */
    MAP_NOCASE /* keys compare without regard to ASCII letter case */
};

struct map_entry {
    struct slice key;
    void *value; /* never NULL in a used entry */
};

struct map {
    struct map_entry *entries; /* owned; power of two slots */
    size_t slots, count;
    enum map_case kind;
};

/* An empty map; it takes no memory before the first put. */
void map_init(struct map *m, enum map_case kind);

/* Frees the table; keys and values are not touched. */
void map_fini(struct map *m);

/* Adds a key, or returns false and changes nothing when it is there. value must not be NULL. */
bool map_put(struct map *m, struct slice key, void *value);

/* The value of a key, or NULL. */
void *map_find(const struct map *m, struct slice key);

/* Walks the used entries in no particular order: start with *at = 0; NULL at the end. */
const struct map_entry *map_next(const struct map *m, size_t *at);

/* SipHash-1-3 of bytes under the process's random key; folds ASCII case for MAP_NOCASE. */
unsigned long long map_hash(struct slice key, enum map_case kind);

#endif
