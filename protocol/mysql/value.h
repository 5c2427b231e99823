/* Values of the binary protocol, and the same as text. Included by mysql.h.
 *
 * A frontend prepares only queries and takes few types of parameters (fe-live/prepared-statements),
 * so values have to be told to it in other words, and rows of text to the client in binary. */
#ifndef PROTOCOL_MYSQL_VALUE_H
#define PROTOCOL_MYSQL_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct arena;
struct execute;
struct parameter;

/* ---- value.c: a parameter as text ---- */

enum value_kind {
    VALUE_NULL,
    VALUE_INTEGER,
    VALUE_DECIMAL, /* digits and one point */
    VALUE_DOUBLE,  /* with an exponent, and as many digits as give the same bits again */
    VALUE_TIME,    /* a date, a time or both */
    VALUE_BYTES    /* text or not: the type does not tell */
};

struct value {
    enum value_kind kind;
    struct slice text;
};

/* False for what has no text: an infinity, no number. */
bool value_read(struct value *v, const struct parameter *p, struct arena *a);

/* ---- adapt.c: parameters that a frontend takes ---- */

/* Rewrites the parameters of a COM_STMT_EXECUTE for a StarRocks frontend, which refuses unsigned
 * integers, DECIMAL by its new number, BLOB, TIME, YEAR, MEDIUMINT and microseconds, and reads a
 * negative SMALLINT wrong. No value changes. False when one has no such form: bytes that are not
 * UTF-8, which the frontend would replace. */
bool execute_adapt(struct execute *x, struct arena *a);

/* ---- binary.c: rows of a text result as the binary protocol has them ---- */

/* The payload of a binary row, in the arena; empty when a cell is not what its column's type says.
 * types has one byte a column, as in its definition. */
struct slice binary_row(struct slice text_row, const uint8_t *types, size_t count, struct arena *a);

#endif
