/* REFUSE: the client hears why its statement did not run, and may go on. */
#include "proxy/session/session_private.h"

enum turn report(struct session *s)
{
    struct log_context who = session_context(s);

    metric_add(&s->all->loop->metrics, METRIC_statements_refused, 1);
    log_info(&who, "refuse", "errno=%u %s", s->error->number, error_row(s->error->code)->name);
    if (s->record)
        s->record->is_refused = true;
    reply_put_err(&s->client.out, &s->sequence, s->error);
    statement_abandon(s);
    s->was_sent = false; /* nothing of this statement is noted */
    return session_go(s, SETTLE);
}
