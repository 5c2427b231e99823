/* Who may have how much at once: counters of users, projects, compute sources and clusters.
 *
 * A tally counts what one name has now over all workers, and holds what it may have. It is made
 * when a configuration first names it and lives as long as the process: pointers to it outlive
 * every configuration, and a limit holds across reloads. All of it is atomic; there is no lock.
 *
 * A tally is the door for the counts of one name, `struct tallies` finds it by its index in a
 * configuration, and `struct tally_book` keeps them all by name. */
#ifndef PROXY_LIMIT_LIMIT_H
#define PROXY_LIMIT_LIMIT_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/map.h"
#include "config/config.h"

enum limit_level { LIMIT_USER, LIMIT_PROJECT, LIMIT_SOURCE, LIMIT_CLUSTER, LIMIT_LEVELS };

/* "user", "project", "compute source", "cluster": for messages. */
const char *limit_level_name(enum limit_level level);

struct tally {
    enum limit_level level;
    char *name;          /* owned */
    uint64_t generation; /* of the last configuration that had it; the main thread's */
    /* Of the current configuration; 0: no limit. */
    atomic_uint max_connections, max_concurrent_queries, max_queued, max_query_seconds;
    atomic_uint sessions; /* clients that are logged in as this user, or have selected it */
    atomic_uint open;     /* compute source, cluster: connections to frontends, open or opening */
    atomic_uint wanted;   /* connections that pools miss because this tally's limit is reached */
};

/* Counts one more unless that would go over the limit (0: none). Never over, not even for a moment,
 * so that nobody is refused for somebody else's vain attempt. */
bool tally_take(atomic_uint *count, unsigned limit);

/* One less. */
void tally_give(atomic_uint *count);

/* The tallies of one configuration, by the indexes of its users, projects, compute sources and
 * clusters. */
struct tallies {
    atomic_uint references;
    struct tally **at[LIMIT_LEVELS]; /* owned arrays of borrowed tallies */
};

struct tallies *tallies_ref(struct tallies *t);
void tallies_unref(struct tallies *t); /* the last one frees; NULL is allowed */

/* All tallies that there ever were; belongs to the main thread. */
struct tally_book {
    struct map names[LIMIT_LEVELS];
};

void tally_book_init(struct tally_book *b);

/* The tallies of a configuration, with one reference; from now on its limits hold, and a name that
 * it does not have has none. */
struct tallies *tally_book_open(struct tally_book *b, const struct config *c);

/* Frees the tallies: nobody may count on them any more. */
void tally_book_fini(struct tally_book *b);

#endif
