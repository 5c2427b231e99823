#include "base/memory.h"

#include <stdarg.h>
#include <stdint.h>

#include "base/must.h"

void *memory_new(size_t count, size_t size)
{
    void *made = calloc(count ? count : 1, size ? size : 1);

    must(made);
    return made;
}

void *memory_resize(void *old, size_t count, size_t size)
{
    must(size && count <= SIZE_MAX / size);
    void *made = realloc(old, count ? count * size : 1);

    must(made);
    return made;
}

char *memory_copy(struct slice bytes)
{
    char *made = memory_new(bytes.size + 1, 1);

    if (bytes.size)
        memcpy(made, bytes.data, bytes.size);
    return made;
}

char *memory_print(const char *format, ...)
{
    char *made = NULL;
    va_list values;

    va_start(values, format);
    int size = vasprintf(&made, format, values);
    va_end(values);
    must(size >= 0);
    return made;
}
