/* Plans of texts that come again and again, kept by a worker for all sessions that would come to
 * the same one: of prepared statements, and of plain queries, those for metadata too.
 *
 *   user, listener, project and environment, priority, resource group, sql_mode, text  ─►  plan
 *
 * That is all that a plan is made from beside the configuration, so one that is found says what
 * planning would say; one for metadata holds as long as the cluster's information_schema stays as
 * it is, too. With a new configuration the shelf is empty: a permission that is withdrawn is felt
 * by the next statement. Left out: what names the session itself or its variables, what names no
 * table, and sessions whose rights a token narrows.
 *
 * A text is kept when it comes again while not many others have come, so one that does not costs a
 * hash and no memory. */
#ifndef PROXY_SESSION_SHELF_H
#define PROXY_SESSION_SHELF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

struct kept;
struct session;

/* SETS times WAYS plans, each with what it was made from and its masked text in a block of an
 * arena, or two where they do not fit into what one has left: 4 MiB, 8 at most. */
enum { SHELF_SETS = 64, SHELF_WAYS = 4, SHELF_SEEN = 512 };

struct shelf {
    struct shelved {
        uint64_t mark;
        struct kept *plan;        /* NULL: none */
    } at[SHELF_SETS][SHELF_WAYS]; /* the last that was asked for first */
    uint32_t seen[SHELF_SEEN];    /* of texts that came once: what is left of their marks */
    uint64_t secret;              /* of the marks; 0: not drawn yet */
};

/* PLAN of a query or an EXECUTE: a plan that is there becomes the session's, to be given back. Else
 * *mark tells the statement from others, or is 0 when none is kept of its like. */
bool shelf_find(struct session *s, uint64_t *mark);

/* It was planned: it may be kept. */
void shelf_offer(struct session *s, uint64_t mark);

/* What the logs say of the plan at hand, as shelf_tell was told; empty when it was not, when the
 * plan is none that is kept or has been changed since. */
struct slice shelf_told(const struct session *s);
void shelf_tell(struct session *s, struct slice told);

/* The session has no plan any more. */
void shelf_leave(struct session *s);

/* A new configuration, or the end. Those in use are freed by their last session. */
void shelf_clear(struct shelf *shelf);

#endif
