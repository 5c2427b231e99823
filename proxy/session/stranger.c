/* Clients that have not logged in: each worker holds so many, and the oldest makes room for the
 * next. Whoever stalls its login loses its own place and nobody else's. */
#include "proxy/session/session_private.h"

enum { SAY_AGAIN = 10000 }; /* milliseconds */

static void make_room(struct sessions *all)
{
    struct session *oldest = link_object(list_first(&all->strangers), struct session, stranger);
    millis now = loop_now(all->loop);

    if (all->room_said == 0 || now - all->room_said > SAY_AGAIN) {
        struct log_context who = session_context(oldest);
        log_warning(&who, "login",
                    "made room for a new client, as others may have: %u have not logged in "
                    "(max_unauthenticated)",
                    (unsigned)all->strangers.count);
        all->room_said = now;
    }
    metric_add(&all->loop->metrics, METRIC_logins_displaced, 1);
    session_wake(oldest, GONE);
}

void stranger_enter(struct session *s)
{
    struct sessions *all = s->all;

    if (all->strangers.count >= all->snapshot->config->settings.max_unauthenticated)
        make_room(all);
    list_push_back(&all->strangers, &s->stranger);
}

void stranger_leave(struct session *s)
{
    if (link_is_listed(&s->stranger))
        list_remove(&s->all->strangers, &s->stranger);
}
