/* FNV-1a, 64 bits: tells bytes apart quickly, and is no defence against whoever chooses them
 * (map_hash is keyed). The same in every version, so it may stand in files. */
#ifndef BASE_FNV_H
#define BASE_FNV_H

#include <stdint.h>

#include "base/slice.h"

#define FNV_START 14695981039346656037ULL
#define FNV_PRIME 1099511628211ULL

/* Goes on from a hash of what came before, FNV_START for nothing. */
static inline uint64_t fnv_bytes(uint64_t hash, struct slice bytes)
{
    for (size_t i = 0; i < bytes.size; i++)
        hash = (hash ^ (unsigned char)bytes.data[i]) * FNV_PRIME;
    return hash;
}

#endif
