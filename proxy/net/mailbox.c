/* Messages between loops: a list under a mutex and one wake-up. */
#include "proxy/net/net.h"

#include "base/must.h"

static bool take_all(struct mailbox *m, struct list *taken)
{
    uv_mutex_lock(&m->mutex);
    list_init(taken);
    while (!list_is_empty(&m->messages)) {
        struct link *first = list_first(&m->messages);
        list_remove(&m->messages, first);
        list_push_back(taken, first);
    }
    uv_mutex_unlock(&m->mutex);
    return !list_is_empty(taken);
}

static void deliver(struct mailbox *m)
{
    struct list taken;

    if (!take_all(m, &taken))
        return;
    list_each(&taken, struct message, link, message)
    {
        list_remove(&taken, &message->link);
        message->deliver(message, m->owner);
    }
}

static void woken(uv_async_t *wake)
{
    deliver(wake->data);
}

void mailbox_open(struct mailbox *m, struct loop *l, void *owner)
{
    *m = (struct mailbox){.owner = owner};
    list_init(&m->messages);
    must(uv_mutex_init(&m->mutex) == 0);
    must(uv_async_init(&l->uv, &m->wake, woken) == 0);
    m->wake.data = m;
}

bool mailbox_send(struct mailbox *m, struct message *message)
{
    uv_mutex_lock(&m->mutex);
    bool accepted = !m->is_closed;
    if (accepted) {
        list_push_back(&m->messages, &message->link);
        uv_async_send(&m->wake);
    }
    uv_mutex_unlock(&m->mutex);
    return accepted;
}

void mailbox_close(struct mailbox *m)
{
    uv_mutex_lock(&m->mutex);
    m->is_closed = true;
    uv_mutex_unlock(&m->mutex);
    deliver(m);
    uv_close((uv_handle_t *)&m->wake, NULL);
}
