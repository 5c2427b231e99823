/* A quick hash, eight bytes at a time: tells bytes apart, and is no defence against whoever chooses
 * them (map_hash is keyed). Not for what outlives the process; fnv.h is. */
#ifndef BASE_MIX_H
#define BASE_MIX_H

#include <stdint.h>

#include "base/slice.h"

#define MIX_START 0x2545f4914f6cdd1dULL

/* Goes on from a hash of what came before. */
static inline uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * 0x9e3779b97f4a7c15ULL;
    return hash ^ hash >> 29;
}

/* One to eight bytes; other ones give another number when there are as many. */
static inline uint64_t mix_word(const char *bytes, size_t count)
{
    const unsigned char *b = (const unsigned char *)bytes;
    uint32_t first, last;

    if (count < 4)
        return b[0] | (uint64_t)b[count / 2] << 8 | (uint64_t)b[count - 1] << 16;
    memcpy(&first, bytes, 4);
    memcpy(&last, bytes + count - 4, 4);
    return first | (uint64_t)last << 32;
}

/* The same of bytes; their number counts too. */
static inline uint64_t mix_bytes(uint64_t hash, struct slice bytes)
{
    hash += bytes.size * 0xd6e8feb86659fd93ULL;
    for (; bytes.size > 8; bytes = slice_after(bytes, 8))
        hash = mix(hash, mix_word(bytes.data, 8));
    return mix(hash, bytes.size ? mix_word(bytes.data, bytes.size) : 0);
}

#endif
