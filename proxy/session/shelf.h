/* Plans of prepared statements that are executed again and again, kept by a worker for all sessions
 * that would come to the same one.
 *
 *   user, listener, project of the PREPARE, priority, resource group, sql_mode, text  ─►  plan
 *
 * That is all that a plan is made from beside the configuration, so one that is found says what
 * planning would say. With a new configuration the shelf is empty: a permission that is withdrawn
 * is felt by the next EXECUTE. Left out: what names the session itself or its variables, metadata,
 * and sessions whose rights a token narrows. */
#ifndef PROXY_SESSION_SHELF_H
#define PROXY_SESSION_SHELF_H

#include <stdbool.h>

#include "base/slice.h"

struct plan_context;
struct session;

/* SETS times WAYS plans, each with what it was made from and its masked text, of half a block at
 * most each: 6 MiB. */
enum { SHELF_SETS = 64, SHELF_WAYS = 4 };

struct shelf {
    struct kept *at[SHELF_SETS][SHELF_WAYS]; /* the youngest first */
};

/* PLAN of an EXECUTE: a plan that is there becomes the session's, to be given back. */
bool shelf_find(struct session *s);

/* PLAN of an EXECUTE that was planned: it may be kept. `here` is what it was made from. */
void shelf_offer(struct session *s, const struct plan_context *here);

/* What the logs say of the plan at hand, as shelf_tell was told; empty when it was not, when the
 * plan is none that is kept or has been changed since. */
struct slice shelf_told(const struct session *s);
void shelf_tell(struct session *s, struct slice told);

/* The session has no plan any more. */
void shelf_leave(struct session *s);

/* A new configuration, or the end. Those in use are freed by their last session. */
void shelf_clear(struct shelf *shelf);

#endif
