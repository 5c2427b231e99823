/* The usher: tickets come, wait in the lines, and are sent home when they have a place.
 *
 *   home ── join ──> usher ── seated ──> home      the ticket is freed there; but when the owner
 * has home ── leave ─> usher ── left ────> home      left, only by `left`, which is always the last
 *
 * A ticket that cannot be sent home, because nobody is there any more, is freed here: its owner has
 * left before, for a home closes last. */
#include "proxy/limit/limit.h"

#include "base/memory.h"
#include "base/must.h"

static struct ticket *ticket_called(struct message *m)
{
    return link_object(m, struct ticket, call);
}

static struct ticket *ticket_leaving(struct message *m)
{
    return link_object(m, struct ticket, leave);
}

static void place_left(const struct ticket *t, struct usher *u)
{
    if (claim_give(&t->claim))
        usher_call(u);
}

/* ---- at home ---- */

static void deliver_seated(struct message *m, void *home)
{
    struct ticket *t = ticket_called(m);

    (void)home;
    if (!t->owner) {
        place_left(t, t->usher);
        return; /* `left` follows */
    }
    t->seated(t->owner);
    free(t);
}

static void deliver_left(struct message *m, void *home)
{
    (void)home;
    free(ticket_leaving(m));
}

/* ---- in the usher's thread ---- */

static void serve(struct usher *u)
{
    struct ticket *t;

    while ((t = lines_next(&u->lines))) {
        t->is_waiting = false;
        tally_give(&u->waiting);
        claim_unqueue(&t->claim);
        t->call.deliver = deliver_seated;
        if (!mailbox_send(t->home, &t->call))
            claim_give(&t->claim);
    }
}

static void deliver_call(struct message *m, void *owner)
{
    struct usher *u = owner;

    (void)m;
    atomic_store(&u->is_called, false);
    serve(u);
}

static void deliver_join(struct message *m, void *owner)
{
    struct ticket *t = ticket_called(m);
    struct usher *u = owner;

    t->is_waiting = true;
    lines_join(&u->lines, t);
    serve(u);
}

static void deliver_leave(struct message *m, void *owner)
{
    struct ticket *t = ticket_leaving(m);
    struct usher *u = owner;

    if (t->is_waiting) {
        t->is_waiting = false;
        lines_leave(&u->lines, t);
        tally_give(&u->waiting);
        claim_unqueue(&t->claim);
        serve(u); /* the next of this user may want less */
    }
    t->leave.deliver = deliver_left;
    if (!mailbox_send(t->home, &t->leave))
        free(t);
}

void usher_open(struct usher *u, struct loop *l)
{
    mailbox_open(&u->mailbox, l, u);
    u->call = (struct message){.deliver = deliver_call};
    link_init(&u->call.link);
    atomic_init(&u->is_called, false);
    atomic_init(&u->waiting, 0);
    lines_init(&u->lines);
}

void usher_close(struct usher *u)
{
    mailbox_close(&u->mailbox);
    must(u->lines.count == 0);
}

/* ---- in any thread ---- */

void usher_call(struct usher *u)
{
    if (!atomic_exchange(&u->is_called, true))
        mailbox_send(&u->mailbox, &u->call);
}

void usher_join(struct usher *u, struct ticket *t)
{
    t->usher = u;
    t->call.deliver = deliver_join;
    tally_take(&u->waiting, 0);
    must(mailbox_send(&u->mailbox, &t->call));
}

void usher_leave(struct ticket *t)
{
    t->owner = NULL;
    t->leave.deliver = deliver_leave;
    must(mailbox_send(&t->usher->mailbox, &t->leave));
}
