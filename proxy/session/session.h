/* Client sessions of one worker: from accept to close. */
#ifndef PROXY_SESSION_SESSION_H
#define PROXY_SESSION_SESSION_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>

#include "auth/auth.h"
#include "base/arena.h"
#include "base/list.h"
#include "base/slab.h"
#include "protocol/mysql/mysql.h"
#include "proxy/backend/backend.h"
#include "proxy/journal/journal.h"
#include "proxy/net/contexts.h"
#include "proxy/net/net.h"
#include "proxy/net/work.h"
#include "proxy/session/denials.h"
#include "proxy/session/shelf.h"
#include "proxy/session/stats.h"

struct process_row;
struct rowset;

/* A configuration and who in this worker still stands on it; sessions count on a plain integer. */
struct snapshot {
    struct config *config;   /* owned reference */
    struct tallies *tallies; /* owned reference; of that configuration */
    size_t uses;             /* sessions, and one while it is the current one */
};

/* KILL: which session of whichever worker, and who asks. */
struct kill_order {
    uint32_t session;              /* to be stopped */
    bool is_whole;                 /* KILL CONNECTION: the session too, not only its statement */
    bool by_admin;                 /* may stop sessions of other users */
    char user[LOGIN_USER_MAX + 1]; /* who asks */
    uint32_t asker;                /* its session */
};

enum kill_result { KILL_NOT_HERE, KILL_NOT_YOURS, KILL_DONE };

/* SHOW PROCESSLIST, and whatever else wants to know: which rows of a worker's sessions. */
enum list_what { LIST_PROCESSES, LIST_PINS };

struct list_order {
    enum list_what what;
    bool of_all;  /* else of this user */
    bool is_full; /* texts are told to LIST_TEXT_MAX bytes, else to 100 characters */
    char user[LOGIN_USER_MAX + 1]; /* who asks */
    uint32_t asker;                /* its session, and which of its questions this is */
    uint32_t number;
};

/* Bytes: of one text, and of all texts of one worker in one list. What is over is cut. */
enum { LIST_TEXT_MAX = 64 * 1024, LIST_TEXTS_MAX = 16 * 1024 * 1024 };

/* Rows of one worker; the strings are in its arena. */
struct process_list {
    struct link link;
    struct arena arena;
    struct process_row *at;
    size_t count;
};

/* What the sessions of all workers share. All zero at first. */
struct census {
    atomic_uint last_id; /* connection ids are unique over all workers */
    atomic_uint present; /* clients, logged in or not */
};

/* A second as the lines of the logs tell it, with room for what follows. */
struct stamp {
    time_t second;
    char text[40];
    size_t size;
};

enum { RUN_NAME = 8 };

/* A worker's sessions and what they share. */
struct sessions {
    struct loop *loop;
    const struct contexts *contexts; /* borrowed, of the newest configuration; set before the first
                                        client */
    struct snapshot *snapshot;       /* the configuration that new statements are judged by */
    struct shelf shelf;              /* plans made under it */
    struct pools *pools;             /* borrowed */
    struct usher *usher;             /* borrowed: whom statements over a limit wait with */
    struct mailbox *home;            /* borrowed: the worker's, for the usher's answers */
    struct census *census;           /* of the process */
    millis started;
    struct sha2_desk desk;   /* its key is set by whoever has one, before it is needed */
    struct work_line checks; /* of passwords */
    struct salts salts;
    struct pen audit,
        slow; /* what is written of statements and logins; set before the first client */
    struct stats digests, traffic; /* of statements: by what they are, and by project */
    struct denials denials;        /* the last ones */
    struct stamp stamp;            /* of the last line */
    char run[RUN_NAME + 1];        /* tells this process's requests from those of others */
    struct throttle *throttle;     /* borrowed, of the process; set before the first client */
    struct slab slab, leases;      /* of struct session, of struct lease */
    struct list all;
    struct list strangers; /* those of them that have not logged in yet, the oldest first */
    millis room_said;      /* when the log last told that strangers had to make room */
    millis crowd_said;     /* the same of clients that were turned away */
    size_t open;           /* sessions that still hold memory */
    bool is_draining;
    /* Hands the order to every worker, this one too; returns their number. Each will answer. */
    size_t (*ask_all)(void *owner, const struct kill_order *order);
    size_t (*list_all)(void *owner, const struct list_order *order);
    void (*drained)(
        void *owner); /* after sessions_finish or sessions_drain: the last one is gone */
    void *owner;
};

/* Takes a reference on the configuration and on its tallies. */
void sessions_init(struct sessions *all, struct loop *l, struct config *c, struct tallies *t,
                   struct pools *pools, struct census *census, void *owner);

/* Takes the client that waits at a listener, by its place in the configuration, and greets it. */
void sessions_accept(struct sessions *all, struct acceptor *a, size_t door);

/* Statements are judged by this configuration from now on, and the pools follow it. Sessions whose
 * user, project, password or address no longer fit hear so and are closed; a statement that runs is
 * finished first. */
void sessions_reconfigure(struct sessions *all, struct config *c, const struct contexts *contexts,
                          struct tallies *t);

/* Carries out an order of whichever worker. */
enum kill_result sessions_kill(struct sessions *all, const struct kill_order *order);

/* What a worker answered to an order of a session of this one. */
void sessions_killed(struct sessions *all, uint32_t asker, uint32_t session,
                     enum kill_result result);

/* What the sessions of this worker do now; the caller's, who may be another thread, until
 * process_list_free. */
struct process_list *sessions_list(const struct sessions *all, const struct list_order *order);
void process_list_free(struct process_list *list);

/* What a worker answered to an order of a session of this one; takes the list over. */
void sessions_listed(struct sessions *all, const struct list_order *order,
                     struct process_list *list);

/* Fills those of the tables sessions, queues, pins, prepared and denials that are wanted. */
void sessions_survey(const struct sessions *all, struct rowset *set);

/* No more clients come; those that are there are served as before. drained follows when the last
 * one is gone, at once when there are none. */
void sessions_finish(struct sessions *all, void (*drained)(void *owner));

/* Lets running statements and open transactions finish and says goodbye to idle clients; drained
 * follows, at once when there are none. */
void sessions_drain(struct sessions *all, void (*drained)(void *owner));

/* Ends what has not ended yet, without a word; drained follows. */
void sessions_abort(struct sessions *all);

void sessions_fini(struct sessions *all);

/* Prints the table of phases as a graph in DOT. */
void session_print_phases(FILE *out);

#endif
