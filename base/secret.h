/* Bytes that must not outlive their use: wiped when freed, compared in constant time, never
 * printed. */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stdbool.h>

#include "base/slice.h"

struct secret {
    char *data; /* owned; NULL when none is set. NUL-terminated for C interfaces */
    size_t size;
};

/* Replaces the secret by a copy of bytes; the former one is wiped. */
void secret_set(struct secret *s, struct slice bytes);

/* Wipes and frees; the secret is empty afterwards. */
void secret_fini(struct secret *s);

static inline struct slice secret_bytes(const struct secret *s)
{
    return (struct slice){s->data, s->size};
}

/* Overwrites memory in a way that the compiler keeps. */
void secret_wipe(void *data, size_t size);

/* Compares n bytes in a time that depends on n only. */
bool secret_equal(const void *a, const void *b, size_t n);

#endif
