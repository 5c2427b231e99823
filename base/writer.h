/* Puts fields into a buffer of fixed size. The first overrun sticks and nothing more is written, so
 * an encoder needs one check at its end (writer_done). Integers are little endian, as MySQL's are.
 */
#ifndef BASE_WRITER_H
#define BASE_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

struct writer {
    unsigned char *data; /* borrowed */
    size_t size;         /* bytes written */
    size_t capacity;     /* bytes of room */
    bool broken;
};

struct writer writer_over(void *buffer, size_t capacity);

/* True when everything fitted. */
bool writer_done(const struct writer *w);

/* What has been written; borrowed from the buffer. */
struct slice writer_bytes(const struct writer *w);

/* An unsigned integer in `width` bytes, 1 to 8; higher bytes are cut. */
void put_uint(struct writer *w, uint64_t value, unsigned width);
void put_bytes(struct writer *w, struct slice bytes);
void put_cstring(struct writer *w, struct slice text); /* the bytes and a NUL */
void put_fill(struct writer *w, unsigned char byte, size_t n);

#endif
