/* Takes fields off borrowed bytes. The first overrun sticks: later takes give zero or empty, so a
 * decoder needs one check at its end (reader_done). Integers are little endian, as MySQL's are. */
#ifndef BASE_READER_H
#define BASE_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

struct reader {
    const unsigned char *at;
    size_t left; /* bytes not taken yet; 0 once broken */
    bool broken;
};

struct reader reader_over(struct slice bytes);

/* True when every take so far was within the bytes. Bytes may be left: reader.left tells. */
bool reader_done(const struct reader *r);

/* Marks the reader broken, for values that a decoder itself finds impossible. */
void reader_break(struct reader *r);

/* An unsigned integer of `width` bytes, 1 to 8. */
uint64_t take_uint(struct reader *r, unsigned width);

/* Exactly n bytes; the compare is against what is left, so no n can wrap. */
struct slice take_bytes(struct reader *r, uint64_t n);

/* Bytes up to a NUL, which is taken too but not part of the slice; no NUL breaks the reader. */
struct slice take_cstring(struct reader *r);

/* All that is left. */
struct slice take_rest(struct reader *r);

/* Skips n bytes. */
void take_skip(struct reader *r, uint64_t n);

#endif
