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

static bool put(struct jsonline *l, const char *bytes, size_t n)
{
    if (l->used > l->size || n > l->size - l->used)
        return false;
    memcpy(l->room + l->used, bytes, n);
    l->used += n;
    return true;
}

static bool put_name(struct jsonline *l, const char *name)
{
    bool is_first = l->used == 1;

    return put(l, is_first ? "\"" : ", \"", is_first ? 1 : 3) && put(l, name, strlen(name))
           && put(l, "\": ", 3);
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

/* Bytes at the front that stand for themselves, which nearly all do. */
static size_t plain_size(struct slice text)
{
    size_t n = 0;

    while (n < text.size && text.data[n] >= 0x20 && text.data[n] < 0x7f && text.data[n] != '"'
           && text.data[n] != '\\')
        n++;
    return n;
}

static bool put_plain(struct jsonline *l, struct slice text)
{
    size_t left = l->used < l->size ? l->size - l->used : 0;

    put(l, text.data, text.size < left ? text.size : left);
    return text.size <= left;
}

static bool put_text(struct jsonline *l, struct slice text)
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
        if (!put(l, escaped, size))
            return false;
        text = slice_after(text, n);
    }
    return true;
}

/* Takes a member back that did not fit. */
static void keep(struct jsonline *l, size_t before, bool fits)
{
    if (fits)
        return;
    l->used = before;
    l->is_cut = true;
}

void jsonline_text(struct jsonline *l, const char *name, struct slice text)
{
    size_t before = l->used;

    keep(l, before, put_name(l, name) && put(l, "\"", 1) && put_text(l, text) && put(l, "\"", 1));
}

void jsonline_long_text(struct jsonline *l, const char *name, struct slice text)
{
    size_t before = l->used;

    if (!put_name(l, name) || !put(l, "\"", 1)) {
        keep(l, before, false);
        return;
    }
    l->is_cut |= !put_text(l, text);
    l->room[l->used++] = '"'; /* of the bytes that are kept free */
}

void jsonline_number(struct jsonline *l, const char *name, uint64_t number)
{
    size_t before = l->used, at = 24;
    char digits[24];

    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    keep(l, before, put_name(l, name) && put(l, digits + at, sizeof(digits) - at));
}

void jsonline_hex(struct jsonline *l, const char *name, uint64_t number)
{
    char digits[16];

    for (size_t i = sizeof(digits); i--; number >>= 4)
        digits[i] = "0123456789abcdef"[number & 15];
    jsonline_text(l, name, slice_make(digits, sizeof(digits)));
}

size_t jsonline_end(struct jsonline *l)
{
    const char *end = l->is_cut ? END_CUT : "}\n";

    memcpy(l->room + l->used, end, strlen(end));
    return l->used + strlen(end);
}
