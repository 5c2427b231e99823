/* Borrowed bytes: a pointer and a length, never owned, never assumed to end in NUL. */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

struct slice {
    const char *data; /* may be NULL only when size is 0 */
    size_t size;      /* bytes */
};

/* A slice over a string literal. */
#define SLICE(literal) ((struct slice){(literal), sizeof(literal) - 1})

/* The two printf arguments of "%.*s". */
#define SHOW(s) (int)(s).size, (s).size ? (s).data : ""

/* The bytes of a NUL-terminated string; an empty slice for NULL. */
static inline struct slice slice_of(const char *text)
{
    return (struct slice){text, text ? strlen(text) : 0};
}

static inline struct slice slice_make(const void *data, size_t size)
{
    return (struct slice){data, size};
}

static inline bool slice_equal(struct slice a, struct slice b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static inline char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static inline char ascii_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
}

/* Equal without regard to ASCII letter case; bytes above 0x7f compare as they are. */
static inline bool slice_equal_nocase(struct slice a, struct slice b)
{
    if (a.size != b.size)
        return false;
    for (size_t i = 0; i < a.size; i++)
        if (ascii_lower(a.data[i]) != ascii_lower(b.data[i]))
            return false;
    return true;
}

/* No byte from 0x80 on. Without a branch for each: most names are. */
static inline bool slice_is_ascii(struct slice s)
{
    unsigned char any = 0;

    for (size_t i = 0; i < s.size; i++)
        any |= (unsigned char)s.data[i];
    return any < 0x80;
}

/* Byte order, then length: the order of listings. */
static inline int slice_compare(struct slice a, struct slice b)
{
    size_t common = a.size < b.size ? a.size : b.size;
    int order = common ? memcmp(a.data, b.data, common) : 0;

    if (order)
        return order;
    return a.size < b.size ? -1 : a.size > b.size;
}

static inline bool slice_starts_with(struct slice s, struct slice head)
{
    return s.size >= head.size && (head.size == 0 || memcmp(s.data, head.data, head.size) == 0);
}

static inline bool slice_ends_with(struct slice s, struct slice tail)
{
    return s.size >= tail.size
           && (tail.size == 0 || memcmp(s.data + s.size - tail.size, tail.data, tail.size) == 0);
}

/* All but the first n bytes; n must not exceed the size. */
static inline struct slice slice_after(struct slice s, size_t n)
{
    return (struct slice){s.data ? s.data + n : s.data, s.size - n};
}

/* The first n bytes; n must not exceed the size. */
static inline struct slice slice_head(struct slice s, size_t n)
{
    return (struct slice){s.data, n};
}

#endif
