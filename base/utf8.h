/* UTF-8, strictly: no overlong forms, no surrogates, nothing above U+10FFFF. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* Bytes of the well-formed character at the start of text, 1 to 4; 0 when there is none. */
size_t utf8_length(struct slice text);

/* The code point of the well-formed character at the start; call utf8_length first. */
uint32_t utf8_code(struct slice text);

/* True when all of text is well-formed. ASCII is checked eight bytes at a time. */
bool utf8_is_valid(struct slice text);

/* Number of characters of well-formed text. */
size_t utf8_count(struct slice text);

#endif
