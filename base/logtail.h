/* The last lines of the log, for whoever wants to look back without the file. Bounded: an old line
 * makes room for a new one. */
#ifndef BASE_LOGTAIL_H
#define BASE_LOGTAIL_H

#include <stdint.h>

#include "base/slice.h"

enum { LOGTAIL_LINES = 256, LOGTAIL_LINE_MAX = 512 }; /* a longer line is cut */

/* Any thread. The line goes without its newline. */
void logtail_put(struct slice line);

/* Any thread: calls take for each line that is kept, the oldest first; nothing is logged from
 * within. */
void logtail_walk(void (*take)(void *owner, uint64_t number, struct slice line), void *owner);

#endif
