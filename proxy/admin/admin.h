/* What the person on call sees and does: the console (SQL over the MySQL protocol) and the pages
 * over HTTP.
 *
 * Each of the two has a thread of its own, so that a long question at one of them delays neither
 * the other nor any statement of a client. What workers know is theirs: they are asked by message
 * for the rows that a question needs, and answer with copies. */
#ifndef PROXY_ADMIN_ADMIN_H
#define PROXY_ADMIN_ADMIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rows.h"
#include "config/config.h"

struct admin;
struct error;
struct inherited;
struct metrics;
struct rsa_key;
struct stats;
struct tallies;
struct throttle;
struct topology;

/* What came of an action that somebody else carries out. */
struct outcome {
    bool has_one, is_done; /* not done: the text says why */
    char text[256];
};

/* What one worker, or the main thread, told about one question. */
struct told {
    struct link link;
    struct outcome outcome;
    struct rowset *rows;             /* owned; NULL: it was asked for no rows */
    struct stats *digests, *traffic; /* owned; NULL unless asked for */
};

void told_free(struct told *t);

/* What the process does for its admin threads; everything is called in theirs. */
struct admin_host {
    void *owner;
    struct throttle *throttle; /* borrowed: failed logins */
    /* Every worker answers with admin_told; returns how many will. */
    size_t (*survey)(void *owner, struct admin *asker, uint32_t question,
                     const struct survey *survey);
    /* The counters of a thread and its name; NULL behind the last one. */
    const struct metrics *(*metrics)(void *owner, size_t index, const char **thread);
    bool (*is_draining)(void *owner);
    /* The configuration is read anew; the outcome comes with admin_told. */
    void (*reload)(void *owner, struct admin *asker, uint32_t question);
    /* Every worker looks for the session; returns how many answers come with admin_told. */
    size_t (*kill)(void *owner, struct admin *asker, uint32_t question, uint32_t session,
                   bool is_whole, struct slice user);
    /* No new work goes to this frontend, or does again; false when too many are left out. */
    bool (*drain)(void *owner, const struct endpoint *frontend, bool is_drained);
    void (*call)(void *owner); /* statements that wait may run now */
    size_t workers;
};

/* Binds the listeners of this protocol, on inherited sockets where there are some; NULL in *made
 * when there is none. False, with the reason, when one cannot be bound. */
bool admin_open(struct admin **made, enum listener_protocol protocol, struct config *c,
                const struct admin_host *host, struct inherited *inherited, struct error *e);

/* Its listeners' descriptors, at most one for each listener of the configuration. */
size_t admin_sockets(const struct admin *a, int *sockets);

/* Starts the thread; before that admin_reconfigure is to be called. NULL is allowed, here and
 * below. */
void admin_run(struct admin *a);

/* Any thread: the configuration to serve and to show. The key is borrowed, and may be NULL. */
void admin_reconfigure(struct admin *a, struct config *c, struct tallies *t,
                       const struct rsa_key *key);

/* Any thread: what is known of the clusters now; takes a reference. */
void admin_set_topology(struct admin *a, struct topology *t);

/* Any thread: another process has the listeners; whoever is connected may stay. */
void admin_hand_over(struct admin *a);

/* Any thread: an answer to a survey; takes it over. */
void admin_told(struct admin *a, uint32_t question, struct told *told);

/* Ends the thread and frees everything. Nobody may call any of the above any more. */
void admin_stop(struct admin *a);

#endif
