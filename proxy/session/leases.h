/* The connections in a session's hands, and the pins that keep one of them between statements.
 * Included by session_private.h. */
#ifndef PROXY_SESSION_LEASES_H
#define PROXY_SESSION_LEASES_H

#include <stdbool.h>

#include "proxy/backend/backend.h"

struct lease;
struct session;

/* Why a connection is kept between statements. */
struct pin {
    const char *cause;
    const char *ends; /* what ends it */
    bool (*holds)(const struct session *s, const struct lease *lease);
    bool is_kept_only; /* other accounts of the cluster are not bound to it */
};

/* A connection in the session's hands: for the statement at hand, or longer while it is pinned. */
struct lease {
    struct link link;
    struct backend *backend;
    struct state
        temporary;      /* tables that live as long as the connection, as names without a value */
    bool has_baselines; /* plans that do */
    const struct pin *pin; /* why it is kept between statements; NULL: it is not */
    millis pinned_at;
    struct slice statement; /* owned; the head of the one that pinned it */
};

/* ---- leases.c: connections that this session holds ---- */

struct backend *lease_find(const struct session *s, const struct compute_source *source);
void lease_add(struct session *s, struct backend *b);

/* True when nothing of the session is there that another connection could not be given. */
bool lease_is_replaceable(const struct session *s, const struct backend *b);

/* Gives one up for good: it broke, or an exchange on it was not read to its end. */
void lease_drop(struct session *s, struct backend *b);

/* The same, but a transaction that may be open there is rolled back first: by a server that still
 * reads, after the reply under way. */
void lease_give_up(struct session *s, struct backend *b);

/* A statement has run: what it has made that lives as long as the connection. */
void lease_note(struct session *s);

/* A statement is over: gives back what is not pinned. */
void leases_settle(struct session *s);

/* Gives all back. */
void leases_return(struct session *s);

/* Gives those back whose compute source a reload has changed; not the one of an open transaction.
 */
void leases_renew(struct session *s);

/* ---- pins.c: why a connection is kept between statements ---- */

/* The first cause that holds now; NULL: none. */
const struct pin *pin_find(const struct session *s, const struct lease *lease);

/* The pinned connection on which every statement for this cluster has to run; NULL: none. */
struct backend *pin_binding(const struct session *s, const struct cluster *cluster);

#endif
