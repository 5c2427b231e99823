/* Between backend.c (one connection) and pool.c (who gets it). */
#ifndef PROXY_BACKEND_BACKEND_PRIVATE_H
#define PROXY_BACKEND_BACKEND_PRIVATE_H

#include "proxy/backend/backend.h"

struct pool {
    struct pools *pools;
    const struct compute_source *source;
    struct source_share *share;
    struct config *held; /* retired: the configuration that `source` is of */
    struct link link;    /* in pools.retired */
    struct list working; /* dialling, logging in, resetting */
    struct list idle;    /* most recently used first */
    struct list lent;
    struct list errands; /* not counted, never lent */
    struct list waiters; /* struct borrower, in order of arrival */
    unsigned *load;      /* owned; connections by endpoint */
    size_t next_endpoint;
    size_t open;       /* backends that still hold memory */
    unsigned failures; /* dials that failed in a row */
    bool is_counted;   /* in share.waiting */
};

/* Dials a frontend of the pool's cluster; pool_ready or pool_failed follows. */
struct backend *backend_open(struct pool *pool, size_t endpoint);

/* The same, to run one statement and close. Nobody is told. */
struct backend *backend_send(struct pool *pool, size_t endpoint, const char *statement);

/* Sends COM_RESET_CONNECTION; pool_ready or pool_failed follows. */
void backend_reset(struct backend *b);

/* Closes at once; the memory goes by itself. */
void backend_close(struct backend *b);

/* What became of a backend that was working. The pool takes a ready one over; a failed one closes
 * itself afterwards. `e` says why, in words for the client, when no frontend let us in; NULL when a
 * connection that lay idle had gone stale, which is nobody's fault. */
void pool_ready(struct backend *b);
void pool_failed(struct backend *b, const struct error *e);

/* A connection is closing: room for another. */
void pool_gone(struct backend *b);

/* The memory of a backend is released: a retired pool may be at its end. */
void pool_released(struct pool *pool);

#endif
