/* Questions to one frontend, for the commands that set up and check: a connection that blocks.
 *
 * Not for the gateway's own threads but the control thread's tasks: probe.c is what they use. */
#ifndef PROXY_CATALOG_INQUIRY_H
#define PROXY_CATALOG_INQUIRY_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"
#include "proxy/catalog/catalog.h"

struct arena;

enum { INQUIRY_REASON = 160 };

struct inquiry;

/* A whole answer, in the caller's arena. */
struct reply_table {
    size_t columns, rows;
    struct slice *names;
    struct slice *cells; /* row by row; data is NULL for NULL */
    unsigned error;      /* the server's number; 0: none */
    struct slice text;   /* its words, then */
};

/* Logs in, at this frontend or, with `at` NULL, at the first of the cluster's that lets it. NULL
 * with the reason, which holds no secret, and the number of the error: a server's own or
 * libmariadb's (2000 and more: nobody answered). */
struct inquiry *inquiry_open(const struct config *c, const struct cluster *cluster,
                             const struct endpoint *at, const struct account *account,
                             unsigned *error, char reason[INQUIRY_REASON]);

/* What it has logged in to. */
enum cluster_kind inquiry_kind(const struct inquiry *q);

/* Runs one statement. False when it ended in an error. Answers of more than 200,000 rows or 64 MiB
 * are cut off with an error. */
bool inquiry_ask(struct inquiry *q, const char *sql, struct arena *arena, struct reply_table *t);

/* A cell by the name of its column, without regard to case; empty when there is no such column. */
struct slice reply_cell(const struct reply_table *t, size_t row, const char *column);

/* Where a frontend is reached that announces itself like this (frontend_addresses); borrows from
 * both. */
struct endpoint frontend_reached(const struct cluster *cluster, struct slice host, uint16_t port);

void inquiry_close(struct inquiry *q); /* NULL is allowed */

#endif
