/* The log: one line, one write, key=value.
 *
 *   2026-11-22T10:00:00.123Z info  w0 s17 10.0.0.5:3306 ana@sales login: via=mysql_native_password
 *
 * Control bytes, and bytes that are not UTF-8, are written as \xNN, so a hostile name cannot forge
 * a line. No secret and no SQL literal may be passed in. A line that repeats the one before is
 * counted and not written; the count follows when another line comes. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

#include "base/slice.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* Whose line it is; empty parts are left out. Borrowed. */
struct log_context {
    const char *worker; /* "w0", "main", "control" */
    unsigned long session;
    struct slice client; /* address:port */
    struct slice user, project;
};

/* Lines of this level and more severe ones are written to fd (borrowed). Before the first call:
 * info, 2. */
void log_open(int fd, enum log_level level);

bool log_is_on(enum log_level level);

/* Writes a line; about is one word ("login", "pool"), who may be NULL. Any thread. */
void log_line(enum log_level level, const struct log_context *who, const char *about,
              const char *format, ...) __attribute__((format(printf, 4, 5)));

#define log_error(who, about, ...)   log_line(LOG_ERROR, who, about, __VA_ARGS__)
#define log_warning(who, about, ...) log_line(LOG_WARNING, who, about, __VA_ARGS__)
#define log_info(who, about, ...)    log_line(LOG_INFO, who, about, __VA_ARGS__)
#define log_debug(who, about, ...)                                                                 \
    (log_is_on(LOG_DEBUG) ? log_line(LOG_DEBUG, who, about, __VA_ARGS__) : (void)0)

#endif
