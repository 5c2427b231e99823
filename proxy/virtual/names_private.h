/* What names.c and names_sql.c share: which words are somebody's, and a text that is copied with
 * some of its words replaced. */
#ifndef PROXY_VIRTUAL_NAMES_PRIVATE_H
#define PROXY_VIRTUAL_NAMES_PRIVATE_H

#include "base/builder.h"
#include "proxy/virtual/names.h"

/* What the name of a database becomes that the user may not know. */
extern const struct slice names_hidden;

/* ---- a copy ---- */

struct copy { /* nothing is copied before something changes */
    struct slice text;
    size_t done;          /* bytes of text that are in the result */
    struct builder built; /* the result so far */
};

struct copy copy_of(const struct names *n, struct slice text);
void copy_replace(struct copy *c, size_t start, size_t end, struct slice to);
struct slice copy_finish(struct copy *c); /* the text itself when nothing was replaced */

/* ---- words ---- */

/* A host has dots, a database may have dashes: the longest run is tried first, then its parts. */
enum run { PART, WITH_DASHES, WITH_DOTS };

bool run_has(enum run run, char c);
size_t run_end(struct slice text, size_t at, enum run run);

#endif
