/* The log: one line, one write, key=value.
 *
 *   text     2026-11-22T10:00:00.123Z info w0 s17 10.0.0.5:3306 ana@sales login: via=native
 *   json     {"time": "2026-11-22T10:00:00.123Z", "level": "info", "thread": "w0", "session": 17,
 *             "client": "10.0.0.5:3306", "user": "ana", "project": "sales", "about": "login",
 *             "text": "via=native"}
 *   journal  <6>w0 s17 10.0.0.5:3306 ana@sales login: via=native
 *
 * The journal has its own clock and reads the priority from the front (sd-daemon(3)). Control
 * bytes, and bytes that are not UTF-8, are escaped, so a hostile name cannot forge a line. No
 * secret and no SQL literal may be passed in.
 *
 * Nothing floods it: a line that repeats the one before is counted and not written, and of one kind
 * of line (one place in the code) only so many are written in ten seconds, debug excepted. The
 * counts follow, and so does the number of lines that could not be written. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

#include "base/slice.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

enum log_form { LOG_TEXT, LOG_JSON, LOG_JOURNAL };

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

/* Back to standard error, after log_to_file. */
void log_to_standard_error(void);

/* From now on lines are appended to this file, made when it is not there; call again after it was
 * moved away. False with errno when it cannot be opened: then everything stays as it was. */
bool log_to_file(const char *path);

void log_set_level(enum log_level level);
bool log_level_named(const char *name, enum log_level *level);
void log_set_form(enum log_form form);

/* Lines of one kind in ten seconds; 0: any number. 100 before the first call. */
void log_set_limit(unsigned lines);

/* Tells what was suppressed and not told yet. To be called every ten seconds or so, from any
 * thread: lines do it too, when there are any. */
void log_tell_suppressed(void);

bool log_is_on(enum log_level level);

/* Any thread: the level of now; "error", … */
enum log_level log_level_now(void);
const char *log_level_name(enum log_level level);

/* Writes a line; about is one word ("login", "pool"), who may be NULL. about and format are
 * constants. Any thread. */
void log_line(enum log_level level, const struct log_context *who, const char *about,
              const char *format, ...) __attribute__((format(printf, 4, 5)));

#define log_error(who, about, ...)   log_line(LOG_ERROR, who, about, __VA_ARGS__)
#define log_warning(who, about, ...) log_line(LOG_WARNING, who, about, __VA_ARGS__)
#define log_info(who, about, ...)    log_line(LOG_INFO, who, about, __VA_ARGS__)
#define log_debug(who, about, ...)                                                                 \
    (log_is_on(LOG_DEBUG) ? log_line(LOG_DEBUG, who, about, __VA_ARGS__) : (void)0)

#endif
