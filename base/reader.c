#include "base/reader.h"

struct reader reader_over(struct slice bytes)
{
    return (struct reader){.at = (const unsigned char *)bytes.data, .left = bytes.size};
}

bool reader_done(const struct reader *r)
{
    return !r->broken;
}

void reader_break(struct reader *r)
{
    r->broken = true;
    r->left = 0;
}

uint64_t take_uint(struct reader *r, unsigned width)
{
    uint64_t value = 0;

    if (width > r->left) {
        reader_break(r);
        return 0;
    }
    for (unsigned i = 0; i < width; i++)
        value |= (uint64_t)r->at[i] << (8 * i);
    r->at += width;
    r->left -= width;
    return value;
}

struct slice take_bytes(struct reader *r, uint64_t n)
{
    if (n > r->left) {
        reader_break(r);
        return (struct slice){0};
    }
    struct slice taken = {(const char *)r->at, (size_t)n};
    if (n) {
        r->at += n;
        r->left -= (size_t)n;
    }
    return taken;
}

struct slice take_cstring(struct reader *r)
{
    const unsigned char *end = r->left ? memchr(r->at, 0, r->left) : NULL;

    if (!end) {
        reader_break(r);
        return (struct slice){0};
    }
    struct slice taken = take_bytes(r, (uint64_t)(end - r->at));
    take_skip(r, 1);
    return taken;
}

struct slice take_rest(struct reader *r)
{
    return take_bytes(r, r->left);
}

void take_skip(struct reader *r, uint64_t n)
{
    (void)take_bytes(r, n);
}
