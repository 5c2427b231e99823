/* A refusal that someone will read: number, SQLSTATE and one sentence that says what to do.
 *
 * The same struct becomes an ERR packet, a line of `starbind check`, an HTTP body or a log line.
 * Codes, numbers and SQLSTATEs stand in errors.def. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdbool.h>

enum error_code {
#define ERROR(name, number, sqlstate, meaning) ERROR_##name,
#include "base/errors.def"
#undef ERROR
    ERRORS
};

enum { ERROR_TEXT_MAX = 1024 }; /* bytes of a message, NUL included; longer ones are cut */

struct error {
    enum error_code code;
    unsigned number; /* MySQL error number, as sent in an ERR packet */
    char sqlstate[6];
    char text[ERROR_TEXT_MAX];
};

/* One row of errors.def. */
struct error_row {
    const char *name;
    unsigned number;
    const char *sqlstate;
    const char *meaning;
};

/* The row of a code; never NULL. */
const struct error_row *error_row(enum error_code code);

/* Fills *e and returns false, so that a check can end in `return refuse(e, …)`. A message that does
 * not fit is cut at a character boundary. */
bool refuse(struct error *e, enum error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
