/* One JSON object on one line, written into room that the caller has: {"a": "text", "b": 17}.
 *
 * Members that do not fit are left out, and the line then says "cut": true; what is there is always
 * whole. Text is made valid: control bytes are escaped, what is no UTF-8 becomes U+FFFD. */
#ifndef BASE_JSONLINE_H
#define BASE_JSONLINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/digits.h"
#include "base/slice.h"

enum {
    JSONLINE_LEAST = 64, /* bytes of room at least */
    JSON_ESCAPED_MAX = 6
};

/* The first character of a text as it stands in a JSON string, with the NUL of printf behind; gives
 * how many bytes of the text it takes. What is no UTF-8 becomes U+FFFD. */
size_t json_escape(struct slice text, char out[JSON_ESCAPED_MAX + 1], size_t *size);

struct jsonline {
    char *room;
    size_t size, used;
    bool is_cut;
};

struct jsonline jsonline_over(char *room, size_t size);

/* The values of members, behind their names; what does not fit takes the line back to `before`. */
void jsonline_put_text(struct jsonline *l, struct slice text, size_t before);
void jsonline_put_long_text(struct jsonline *l, struct slice text);
void jsonline_put_long_word(struct jsonline *l, struct slice text);
void jsonline_put_word(struct jsonline *l, struct slice word);
void jsonline_put_number(struct jsonline *l, uint64_t number);
void jsonline_put_hex(struct jsonline *l, uint64_t number);

/* A name, when it and `most` bytes of a value fit. */
static inline bool jsonline_name(struct jsonline *l, const char *name, size_t most)
{
    size_t size = strlen(name);
    char *at = l->room + l->used;

    if (l->used + size + most + sizeof(", \"\": ") > l->size) {
        l->is_cut = true;
        return false;
    }
    if (l->used > 1) {
        memcpy(at, ", ", 2);
        at += 2;
    }
    *at++ = '"';
    memcpy(at, name, size);
    memcpy(at + size, "\": ", 3);
    l->used = (size_t)(at - l->room) + size + 3;
    return true;
}

/* The members. Names are literals that need no escaping; these functions are inline so that the
 * length of a name is known and its copy is a few instructions. */
static inline void jsonline_text(struct jsonline *l, const char *name, struct slice text)
{
    size_t before = l->used;

    if (jsonline_name(l, name, text.size + 2))
        jsonline_put_text(l, text, before);
}

/* The same of what needs no escaping: words of our own, digits. */
static inline void jsonline_word(struct jsonline *l, const char *name, struct slice word)
{
    if (jsonline_name(l, name, word.size + 2))
        jsonline_put_word(l, word);
}

/* As jsonline_text, but a text that does not fit is cut at a character. */
static inline void jsonline_long_text(struct jsonline *l, const char *name, struct slice text)
{
    if (jsonline_name(l, name, 2))
        jsonline_put_long_text(l, text);
}

static inline void jsonline_long_word(struct jsonline *l, const char *name, struct slice text)
{
    if (jsonline_name(l, name, 2))
        jsonline_put_long_word(l, text);
}

static inline void jsonline_number(struct jsonline *l, const char *name, uint64_t number)
{
    if (jsonline_name(l, name, DIGITS_DECIMAL))
        jsonline_put_number(l, number);
}

/* A number as a text of 16 digits. */
static inline void jsonline_hex(struct jsonline *l, const char *name, uint64_t number)
{
    if (jsonline_name(l, name, DIGITS_HEX + 2))
        jsonline_put_hex(l, number);
}

/* The members from a place on, which was the line's `used`, to be put into other lines again. */
struct slice jsonline_since(const struct jsonline *l, size_t before);
void jsonline_again(struct jsonline *l, struct slice members);

/* True when a text needs no escaping; jsonline_long_word is jsonline_long_text of such a one. */
bool jsonline_is_plain(struct slice text);

/* Closes the object and ends the line; gives its bytes, the newline included. */
size_t jsonline_end(struct jsonline *l);

#endif
