/* The connections that a session keeps until it ends. */
#include "proxy/session/session_private.h"

#include "base/memory.h"
#include "base/must.h"

static struct lease *lease_of(const struct session *s, const struct backend *b)
{
    list_each(&s->leases, struct lease, link, lease)
    {
        if (lease->backend == b)
            return lease;
    }
    return NULL;
}

struct backend *lease_find(const struct session *s, const struct compute_source *source)
{
    list_each(&s->leases, struct lease, link, lease)
    {
        if (backend_source(lease->backend) == source)
            return lease->backend;
    }
    return NULL;
}

void lease_add(struct session *s, struct backend *b)
{
    struct lease *lease = memory_new(1, sizeof(*lease));

    lease->backend = b;
    link_init(&lease->link);
    list_push_back(&s->leases, &lease->link);
}

static void give_back(struct session *s, struct lease *lease, bool is_clean)
{
    struct backend *b = lease->backend;

    if (b == s->transaction_backend) {
        s->transaction_backend = NULL;
        s->transaction = TRANSACTION_NONE;
    }
    if (b == s->backend)
        s->backend = NULL;
    list_remove(&s->leases, &lease->link);
    free(lease);
    pool_return(b, is_clean);
}

void lease_drop(struct session *s, struct backend *b)
{
    struct lease *lease = lease_of(s, b);

    must(lease);
    give_back(s, lease, false);
}

/* A frontend would keep the transaction of a closed connection until its timeout. */
static void roll_back(struct session *s)
{
    uint8_t sequence = 0;

    if (s->transaction != TRANSACTION_OPEN || s->backend)
        return;
    packet_put_command(&s->transaction_backend->server.out, &sequence, COMMAND_QUERY,
                       SLICE("ROLLBACK"));
    stream_flush(&s->transaction_backend->server);
}

/* The connection of the statement at hand is in the middle of an exchange; one with an open
 * transaction is not clean either. */
void leases_return(struct session *s)
{
    roll_back(s);
    if (s->granted) {
        pool_return(s->granted, true);
        s->granted = NULL;
    }
    list_each(&s->leases, struct lease, link, lease)
    {
        bool is_clean = lease->backend != s->backend && lease->backend != s->transaction_backend;
        give_back(s, lease, is_clean);
    }
}

void leases_renew(struct session *s)
{
    list_each(&s->leases, struct lease, link, lease)
    {
        if (backend_is_retired(lease->backend) && lease->backend != s->transaction_backend)
            give_back(s, lease, true);
    }
}
