/* One JSON object on one line, written into room that the caller has: {"a": "text", "b": 17}.
 *
 * Members that do not fit are left out, and the line then says "cut": true; what is there is always
 * whole. Text is made valid: control bytes are escaped, what is no UTF-8 becomes U+FFFD. */
#ifndef BASE_JSONLINE_H
#define BASE_JSONLINE_H

#include <stdbool.h>
#include <stdint.h>

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

/* Names are constants that need no escaping. */
void jsonline_text(struct jsonline *l, const char *name, struct slice text);
void jsonline_number(struct jsonline *l, const char *name, uint64_t number);
void jsonline_hex(struct jsonline *l, const char *name,
                  uint64_t number); /* as a text of 16 digits */

/* As jsonline_text, but a text that does not fit is cut at a character. */
void jsonline_long_text(struct jsonline *l, const char *name, struct slice text);

/* Closes the object and ends the line; gives its bytes, the newline included. */
size_t jsonline_end(struct jsonline *l);

#endif
