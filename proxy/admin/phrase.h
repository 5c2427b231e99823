/* Statements of the console that are no SELECT, as words. */
#ifndef PROXY_ADMIN_PHRASE_H
#define PROXY_ADMIN_PHRASE_H

#include <stdbool.h>

#include "base/slice.h"

struct arena;

enum { PHRASE_MAX = 8 };

struct phrase {
    struct slice words[PHRASE_MAX]; /* without their quotes; borrowed from the text */
    size_t count;
};

/* False when the text is more than words. */
bool phrase_read(struct phrase *p, struct slice text);

/* Compares with a pattern such as "pause project ?"; *name is the word in the place of the question
 * mark. Letter case does not count. */
bool phrase_is(const struct phrase *p, const char *pattern, struct slice *name);

/* The same question as a SELECT: SHOW and its relatives over the tables, @@name as a function. In
 * the arena, or the text itself. */
struct slice phrase_as_sql(struct slice text, struct arena *a);

/* What drivers say about their session, which has nothing of the kind here: SET, USE, BEGIN … */
bool phrase_is_idle(struct slice text);

#endif
