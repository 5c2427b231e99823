#include "base/jsonline.h"

#include <stdio.h>

#include "base/must.h"
#include "base/utf8.h"

/* What is always kept free: the closing quote, the word that the line was cut, its end. */
#define END_CUT ", \"cut\": true}\n"
enum { KEPT = sizeof(END_CUT) + 1 };

struct jsonline jsonline_over(char *room, size_t size)
{
    must(size >= JSONLINE_LEAST);
    room[0] = '{';
    return (struct jsonline){.room = room, .size = size - KEPT, .used = 1};
}

static size_t left(const struct jsonline *l)
{
    return l->used < l->size ? l->size - l->used : 0;
}

static bool put(struct jsonline *l, struct slice bytes)
{
    if (bytes.size > left(l))
        return false;
    memcpy(l->room + l->used, bytes.data, bytes.size);
    l->used += bytes.size;
    return true;
}

size_t json_escape(struct slice text, char out[JSON_ESCAPED_MAX + 1], size_t *size)
{
    unsigned char c = (unsigned char)text.data[0];
    size_t n = utf8_length(text);

    if (n == 0 || c < 0x20 || c == 0x7f) {
        *size = (size_t)snprintf(out, JSON_ESCAPED_MAX + 1, "\\u%04x", n == 0 ? 0xfffdu : c);
        return 1;
    }
    *size = 0;
    if (c == '"' || c == '\\')
        out[(*size)++] = '\\';
    memcpy(out + *size, text.data, n);
    *size += n;
    return n;
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* The same of eight bytes: each sum sets the high bit of a byte that is not plain. It may set those
 * of bytes behind it, too, never one of eight that are. */
static bool are_plain(const char *bytes)
{
    const uint64_t ones = 0x0101010101010101;
    uint64_t eight;

    memcpy(&eight, bytes, sizeof(eight));
    uint64_t small = eight - 0x20 * ones, large = eight | (eight + ones);
    uint64_t quote = (eight ^ '"' * ones) - ones, backslash = (eight ^ '\\' * ones) - ones;
    return ((small | large | quote | backslash) & 0x80 * ones) == 0;
}

/* Bytes at the front that stand for themselves, which nearly all do. */
static size_t plain_size(struct slice text)
{
    size_t n = 0;

    while (text.size - n >= 8 && are_plain(text.data + n))
        n += 8;
    if (n && text.size - n < 8 && are_plain(text.data + text.size - 8))
        return text.size;
    while (n < text.size && is_plain((unsigned char)text.data[n]))
        n++;
    return n;
}

bool jsonline_is_plain(struct slice text)
{
    return plain_size(text) == text.size;
}

static bool put_plain(struct jsonline *l, struct slice text)
{
    size_t room = left(l);

    put(l, text.size < room ? text : slice_head(text, room));
    return text.size <= room;
}

static bool put_escaped(struct jsonline *l, struct slice text)
{
    char escaped[JSON_ESCAPED_MAX + 1];
    size_t size, plain;

    while (text.size) {
        if ((plain = plain_size(text)) != 0) {
            if (!put_plain(l, slice_head(text, plain)))
                return false;
            text = slice_after(text, plain);
            continue;
        }
        size_t n = json_escape(text, escaped, &size);
        if (!put(l, slice_make(escaped, size)))
            return false;
        text = slice_after(text, n);
    }
    return true;
}

void jsonline_put_word(struct jsonline *l, struct slice word)
{
    char *at = l->room + l->used;

    at[0] = '"';
    memcpy(at + 1, word.data, word.size);
    at[word.size + 1] = '"';
    l->used += word.size + 2;
}

void jsonline_put_text(struct jsonline *l, struct slice text, size_t before)
{
    if (jsonline_is_plain(text)) {
        jsonline_put_word(l, text);
        return;
    }
    if (put(l, SLICE("\"")) && put_escaped(l, text) && put(l, SLICE("\"")))
        return;
    l->used = before;
    l->is_cut = true;
}

void jsonline_put_long_text(struct jsonline *l, struct slice text)
{
    put(l, SLICE("\""));
    l->is_cut |= !put_escaped(l, text);
    l->room[l->used++] = '"'; /* of the bytes that are kept free */
}

void jsonline_put_long_word(struct jsonline *l, struct slice text)
{
    put(l, SLICE("\""));
    l->is_cut |= !put_plain(l, text);
    l->room[l->used++] = '"'; /* of the bytes that are kept free */
}

void jsonline_put_number(struct jsonline *l, uint64_t number)
{
    l->used += digits_decimal(l->room + l->used, number);
}

void jsonline_put_hex(struct jsonline *l, uint64_t number)
{
    char *at = l->room + l->used;

    at[0] = '"';
    digits_hex(at + 1, number);
    at[DIGITS_HEX + 1] = '"';
    l->used += DIGITS_HEX + 2;
}

struct slice jsonline_since(const struct jsonline *l, size_t before)
{
    struct slice members = slice_make(l->room + before, l->used - before);

    return slice_starts_with(members, SLICE(", ")) ? slice_after(members, 2) : members;
}

void jsonline_again(struct jsonline *l, struct slice members)
{
    size_t before = l->used;

    if ((l->used == 1 || put(l, SLICE(", "))) && put(l, members))
        return;
    l->used = before;
    l->is_cut = true;
}

size_t jsonline_end(struct jsonline *l)
{
    struct slice end = l->is_cut ? SLICE(END_CUT) : SLICE("}\n");

    memcpy(l->room + l->used, end.data, end.size);
    return l->used + end.size;
}
