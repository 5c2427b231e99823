/* What names.c and names_sql.c share: which words are somebody's, and a text that is copied with
 * some of its words replaced. */
#ifndef PROXY_VIRTUAL_NAMES_PRIVATE_H
#define PROXY_VIRTUAL_NAMES_PRIVATE_H

#include "base/builder.h"
#include "proxy/virtual/names.h"

/* What the name of a database becomes that the user may not know. */
extern const struct slice names_hidden;

/* True for an account by which the gateway logs in to the cluster. */
bool names_is_account(const struct names *n, struct slice word);

/* True for a database that the cluster told of and no configuration names. Any word may be called
 * so: it has to stand as a name of one. */
bool names_is_others(const struct names *n, struct slice word);

/* True for one of these words, in any letter case; NULL ends the list. */
bool names_has_word(const char *const *list, struct slice word);

/* True for the words behind which a dotted name begins with a database: FROM, JOIN, … */
bool names_come_after(struct slice word);

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
