/* A connection to an admin listener: accepted, named, bounded in number, closed in two steps. */
#include <netinet/in.h>

#include "base/log.h"
#include "protocol/tls/tls.h"
#include "proxy/admin/admin_private.h"

static void closed(void *owner)
{
    struct guest *g = owner;
    struct admin *a = g->admin;

    if (--g->open_handles)
        return;
    a->open--;
    g->freed(g);
}

void guest_close(struct guest *g)
{
    if (g->is_closing)
        return;
    g->is_closing = true;
    list_remove(&g->admin->guests, &g->link);
    g->gone(g);
    alarm_close(&g->alarm, closed);
    stream_close(&g->stream, closed);
}

static void happened(void *owner, unsigned events)
{
    struct guest *g = owner;

    if (g->is_closing)
        return;
    if (events & STREAM_ENDED)
        guest_close(g);
    else if (events & (STREAM_ARRIVED | STREAM_DRAINED | STREAM_SECURED))
        g->spoke(g);
}

static void rang(void *owner)
{
    struct guest *g = owner;

    if (!g->is_closing)
        g->late(g);
}

static void name(struct guest *g, const struct sockaddr_storage *address)
{
    unsigned port = 0;

    peer_set(&g->peer, (const struct sockaddr *)address);
    if (address->ss_family == AF_INET)
        port = ntohs(((const struct sockaddr_in *)address)->sin_port);
    else if (address->ss_family == AF_INET6)
        port = ntohs(((const struct sockaddr_in6 *)address)->sin6_port);
    snprintf(g->name, sizeof(g->name), "%s:%u", g->peer.text, port);
}

/* The one that has been here for the longest time, and has not proven who it is, goes; or the new
 * one does. */
static void make_room(struct admin *a, struct guest *newest)
{
    list_each(&a->guests, struct guest, link, g)
    {
        if (g->is_known)
            continue;
        guest_close(g);
        return;
    }
    guest_close(newest);
}

bool guest_accept(struct guest *g, struct gate *gate)
{
    struct admin *a = gate->admin;

    g->admin = a;
    g->place = gate->place;
    g->open_handles = 2;
    a->open++;
    link_init(&g->link);
    list_push_back(&a->guests, &g->link);
    stream_init(&g->stream, &a->loop, g, happened);
    alarm_init(&g->alarm, &a->loop, g, rang);
    if (!acceptor_take(&gate->acceptor, &g->stream))
        guest_close(g);
    else if (a->guests.count > ADMIN_GUESTS_MAX)
        make_room(a, g);
    if (!g->is_closing)
        name(g, &gate->acceptor.address);
    return !g->is_closing;
}
