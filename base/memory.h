/* Allocation that does not fail: out of memory ends the process. That is safe only because every
 * size that comes from outside is limited before it reaches these functions. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

#include "base/slice.h"

/* count * size zeroed bytes, owned by the caller, released with free(). Aborts on overflow. */
void *memory_new(size_t count, size_t size);

/* Grows an array to hold count members; the new part is not initialised. */
void *memory_resize(void *old, size_t count, size_t size);

/* A NUL-terminated copy, owned by the caller, released with free(). */
char *memory_copy(struct slice bytes);

/* Printf into a new NUL-terminated string, owned by the caller, released with free(). */
char *memory_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
