#include "base/writer.h"

struct writer writer_over(void *buffer, size_t capacity)
{
    return (struct writer){.data = buffer, .capacity = capacity};
}

bool writer_done(const struct writer *w)
{
    return !w->broken;
}

struct slice writer_bytes(const struct writer *w)
{
    return slice_make(w->data, w->size);
}

static unsigned char *room(struct writer *w, size_t n)
{
    if (w->broken || n > w->capacity - w->size) {
        w->broken = true;
        return NULL;
    }
    unsigned char *at = w->data + w->size;
    w->size += n;
    return at;
}

void put_uint(struct writer *w, uint64_t value, unsigned width)
{
    unsigned char *at = room(w, width);

    for (unsigned i = 0; at && i < width; i++)
        at[i] = (unsigned char)(value >> (8 * i));
}

void put_bytes(struct writer *w, struct slice bytes)
{
    unsigned char *at = bytes.size ? room(w, bytes.size) : NULL;

    if (at)
        memcpy(at, bytes.data, bytes.size);
}

void put_cstring(struct writer *w, struct slice text)
{
    put_bytes(w, text);
    put_uint(w, 0, 1);
}

void put_fill(struct writer *w, unsigned char byte, size_t n)
{
    unsigned char *at = n ? room(w, n) : NULL;

    if (at)
        memset(at, byte, n);
}
