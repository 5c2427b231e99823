/* The log as the settings want it: level, form, file. */
#ifndef PROXY_LOGGING_H
#define PROXY_LOGGING_H

#include <stdbool.h>

struct error;
struct settings;

/* To be called at the start, with `before` NULL, and at each reload, with the settings so far:
 * opens the file, anew if it was moved away. A level that was changed meanwhile stays unless the
 * setting has changed. False with the error when the file cannot be opened: the log goes on as it
 * was. */
bool logging_apply(const struct settings *settings, const struct settings *before, struct error *e);

/* The command line's level holds, whatever the settings say. */
void logging_fix_level(void);

#endif
