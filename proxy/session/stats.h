/* What statements have cost so far, by what they are, where they were asked and by whom: the
 * tables `digests` and `traffic` of the admin console.
 *
 *   a worker's stats ──copy──> admin thread: the sum over all workers, as rows
 *
 * One worker's stats are its own; nothing is shared or locked. Their number is bounded: the one
 * that was not seen for the longest time makes room, and what it had goes on in a common entry. */
#ifndef PROXY_SESSION_STATS_H
#define PROXY_SESSION_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/histogram.h"
#include "base/list.h"
#include "base/slice.h"
#include "config/config.h"
#include "protocol/sql/sql.h"

struct rows;
struct session;

struct stat_key {
    uint64_t digest; /* 0: of any statement */
    enum environment environment;
    struct slice project, user; /* empty: none; of any user */
};

struct statistic {
    struct link recent;
    struct statistic *chain;
    struct stat_key key; /* its strings are owned */
    struct slice text;   /* owned; literals masked */
    enum sql_rule rule;
    uint64_t count, forwarded, refused, failed, rows, affected, bytes;
    struct histogram queue, run; /* of those that were forwarded */
    time_t first, last;
};

/* All zero but for `most` is an empty one. */
struct stats {
    size_t most; /* entries, the common one not counted */
    struct statistic **slots;
    size_t slot_count;     /* a power of two */
    uint64_t multiplier;   /* of the hash; odd */
    struct list recent;    /* set up with the first entry; the one seen last at the end */
    struct statistic rest; /* what had to make room; its count may be 0 */
};

/* What one statement adds. */
struct stat_sample {
    bool is_forwarded, is_refused, has_failed;
    uint64_t rows, affected, bytes;
    uint64_t queue, run; /* microseconds */
    time_t when;
};

/* The entry of a key, made when there is none; the text is taken from `read`, which may be NULL.
 * With most 0 it is the common one. */
struct statistic *stats_find(struct stats *all, const struct stat_key *key,
                             const struct sql_text *read, enum sql_rule rule);
void stat_note(struct statistic *s, const struct stat_sample *sample);

/* The bound has changed. */
void stats_resize(struct stats *all, size_t most);

/* A copy of its own, for another thread; freed with stats_free. */
struct stats *stats_copy(const struct stats *all);
void stats_free(struct stats *all); /* NULL is allowed */
void stats_fini(struct stats *all);

/* Adds one to the other, without a bound. */
void stats_add(struct stats *to, const struct stats *from);

void stats_digests(const struct stats *all, struct rows *rows);
void stats_traffic(const struct stats *all, struct rows *rows);

/* All statements that were forwarded: how long they waited, and ran. */
void stats_sum(const struct stats *all, struct histogram *queue, struct histogram *run);

/* SETTLE, or the end of the session: the statement at hand is over. */
void stats_statement(struct session *s, uint64_t now);

#endif
