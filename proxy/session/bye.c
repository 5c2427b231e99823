/* BYE: the last words reach the client before the connection closes. Closing while the client is
 * still talking would make the kernel answer with a reset, which can destroy words that were not
 * read yet; so a session that ends over an error listens for a moment, and hears nothing. */
#include "proxy/session/session_private.h"

enum turn bye(struct session *s)
{
    pool_forget(s->borrower);
    admission_leave(s);
    stream_flush(&s->client);
    if (!s->client.is_open)
        return OVER;
    if (stream_owes(&s->client))
        return WAIT;
    if (!s->is_lingering)
        return OVER;
    if (!s->client.has_shut) {
        stream_shut(&s->client);
        session_progress(s);
    }
    queue_clear(&s->client.in);
    stream_taken(&s->client);
    return WAIT;
}
