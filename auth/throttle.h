/* Failed logins, counted by where they come from and as whom. Included by auth.h.
 *
 * Three counts, each a bucket that drains evenly and is full after so many failures in a window:
 *
 *   one address as one user        settings.max_login_failures
 *   one address as whoever         5 times as many
 *   one user from wherever         10 times as many
 *
 * An attempt is charged when the user's name is known, before the password is looked at, and given
 * back when it succeeds: parallel guesses count too, and a refusal tells nothing of the password.
 * An address that has logged in as that user before is only judged by the first count, so nobody
 * can lock a user out from somewhere else. IPv6 addresses count by their /64.
 *
 * A table of fixed size for all workers, without locks; what failed least recently gives way. */
#ifndef AUTH_THROTTLE_H
#define AUTH_THROTTLE_H

#include <stdbool.h>

#include "base/clock.h"
#include "base/slice.h"
#include "config/config.h"

struct peer;
struct throttle;

struct throttle *throttle_new(void);
void throttle_free(struct throttle *t); /* NULL is allowed */

/* Charges an attempt. Gives 0 when it may go on, else the milliseconds after which the next one
 * may; nothing is charged then. Settings with max_login_failures 0 let everybody go on. Any thread.
 */
millis throttle_charge(struct throttle *t, const struct settings *settings, const struct peer *peer,
                       struct slice user, millis now);

/* The attempt that was charged has succeeded. */
void throttle_forgive(struct throttle *t, const struct settings *settings, const struct peer *peer,
                      struct slice user, millis now);

#endif
