/* Who may have how much at once, and who is next: counters of users, projects, compute sources and
 * clusters, and the queue of the statements that wait for a place.
 *
 * A tally counts what one name has now over all workers, and holds what it may have. It is made
 * when a configuration first names it and lives as long as the process: pointers to it outlive
 * every configuration, and a limit holds across reloads. All of it is atomic; there is no lock.
 *
 * A tally is the door for the counts of one name, `struct tallies` finds it by its index in a
 * configuration, and `struct tally_book` keeps them all by name. A `struct claim` is what one
 * statement counts on. One that finds no place gets a `struct ticket` and waits in the lines of the
 * usher, which lives in the main thread and sees the waiters of all workers. */
#ifndef PROXY_LIMIT_LIMIT_H
#define PROXY_LIMIT_LIMIT_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/list.h"
#include "base/map.h"
#include "config/config.h"
#include "proxy/net/net.h"

enum limit_level { LIMIT_USER, LIMIT_PROJECT, LIMIT_SOURCE, LIMIT_CLUSTER, LIMIT_LEVELS };

/* "user", "project", "compute source", "cluster": for messages. */
const char *limit_level_name(enum limit_level level);

struct tally {
    enum limit_level level;
    char *name;          /* owned */
    uint64_t generation; /* of the last configuration that had it; the main thread's */
    /* Of the current configuration; 0: no limit. */
    atomic_uint max_connections, max_concurrent_queries, max_queued, max_query_seconds;
    atomic_uint sessions;  /* clients that are logged in as this user, or have selected it */
    atomic_uint running;   /* statements that have a place */
    atomic_uint queued;    /* statements that wait for one */
    atomic_uint open;      /* compute source, cluster: connections to frontends, open or opening */
    atomic_uint wanted;    /* connections that pools miss because this tally's limit is reached */
    atomic_bool is_paused; /* an administrator holds its statements back */
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

/* ---- claim: what one statement counts on
 * ----------------------------------------------------------------------- */

struct claim {
    struct tally *at[LIMIT_LEVELS]; /* NULL: not on this level */
};

/* A place on every level, or on none: then *full is the level that has none left. After a failure
 * others may have seen a place taken that was not: let the usher look (usher_join, usher_call). */
bool claim_take(const struct claim *c, enum limit_level *full);

/* A place on every level, whatever the limits say. */
void claim_force(const struct claim *c);

/* Gives the places back; true when somebody waits for one: usher_call. */
bool claim_give(const struct claim *c);

/* A level that has no place left now; NULL when all have. */
const struct tally *claim_full(const struct claim *c);

/* Somebody waits already for what this claim wants. */
bool claim_has_waiters(const struct claim *c);

/* Counts one more that waits, on every level or on none: then *full is the level that lets no more
 * wait. */
bool claim_queue(const struct claim *c, enum limit_level *full);
void claim_unqueue(const struct claim *c);

/* The tally whose max_query_seconds is the least, and these seconds; NULL when none has any. */
const struct tally *claim_time_limit(const struct claim *c, unsigned *seconds);

/* ---- ticket: one statement that waits
 * -------------------------------------------------------------------------- */

struct ticket {
    struct claim claim;
    struct mailbox *home;        /* of the thread that waits */
    void (*seated)(void *owner); /* there: the claim is taken now */
    void *owner;                 /* home's; NULL: has left */
    atomic_uint place, of;       /* in its line, as of the last lines_number; 0: not known */
    /* the usher's */
    struct usher *usher;
    struct message call, leave;
    struct link link;
    bool is_waiting;
};

/* ---- lines: the order of those who wait; no thread, no clock
 * --------------------------------------------------- */

/* One line per project; in it the users take turns, each user's statements in the order of their
 * coming. Projects take turns as well, where they compete for a cluster. */
struct lines {
    struct list projects;
    size_t count; /* tickets */
};

void lines_init(struct lines *l);

/* At the end of its user's statements. */
void lines_join(struct lines *l, struct ticket *t);
void lines_leave(struct lines *l, struct ticket *t);

/* The next one for whom there is a place: it has left the lines and its claim is taken. NULL when
 * there is none. */
struct ticket *lines_next(struct lines *l);

/* Tells each ticket its place in the line of its project. */
void lines_number(struct lines *l);

/* ---- usher: who lets them in
 * ------------------------------------------------------------------------------------ */

struct usher {
    struct mailbox mailbox;
    struct message call;
    atomic_bool is_called;
    struct lines lines;
    atomic_uint waiting; /* tickets in the lines or on their way there */
};

/* On the loop of a thread that ends after all that have tickets. */
void usher_open(struct usher *u, struct loop *l);

/* Nobody has a ticket any more; the mailboxes of those who had must still exist, closed or not. */
void usher_close(struct usher *u);

/* Any thread: a place may be free, or a limit has risen. */
void usher_call(struct usher *u);

/* Any thread: the ticket, whose claim is queued, joins the lines. seated follows in its home, and
 * frees it; or usher_leave is called there. */
void usher_join(struct usher *u, struct ticket *t);

/* At home, before seated: the owner waits no more. */
void usher_leave(struct ticket *t);

#endif
