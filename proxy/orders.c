/* What a session of one worker wants of the sessions of all: to be stopped, to be listed. The order
 * goes to every worker's mailbox, each carries it out in its own thread, and the answers come back
 * the same way. */
#include "proxy/worker_private.h"

#include "base/memory.h"

/* ---- KILL ---- */

struct kill_message {
    struct message message;
    struct worker *from;
    struct kill_order order;
};

struct killed_message {
    struct message message;
    uint32_t asker, session;
    enum kill_result result;
};

static void deliver_killed(struct message *m, void *owner)
{
    struct killed_message *message = (struct killed_message *)(void *)m;
    struct worker *w = owner;

    sessions_killed(&w->sessions, message->asker, message->session, message->result);
    free(message);
}

static void deliver_kill(struct message *m, void *owner)
{
    struct kill_message *message = (struct kill_message *)(void *)m;
    struct worker *w = owner;
    struct killed_message *answer = memory_new(1, sizeof(*answer));

    answer->message.deliver = deliver_killed;
    answer->asker = message->order.asker;
    answer->session = message->order.session;
    answer->result = sessions_kill(&w->sessions, &message->order);
    worker_post(message->from, &answer->message);
    free(message);
}

size_t worker_ask_to_kill(void *owner, const struct kill_order *order)
{
    struct worker *from = owner;

    for (size_t i = 0; i < from->all->count; i++) {
        struct kill_message *m = memory_new(1, sizeof(*m));
        m->message.deliver = deliver_kill;
        m->from = from;
        m->order = *order;
        worker_post(from->all->at[i], &m->message);
    }
    return from->all->count;
}

/* ---- SHOW PROCESSLIST ---- */

struct list_message {
    struct message message;
    struct worker *from;
    struct list_order order;
    struct process_list *list; /* owned; on the way back */
};

static void deliver_listed(struct message *m, void *owner)
{
    struct list_message *message = (struct list_message *)(void *)m;
    struct worker *w = owner;

    sessions_listed(&w->sessions, &message->order, message->list);
    free(message);
}

static void deliver_list(struct message *m, void *owner)
{
    struct list_message *message = (struct list_message *)(void *)m;
    struct worker *w = owner;

    message->list = sessions_list(&w->sessions, &message->order);
    message->message.deliver = deliver_listed;
    if (mailbox_send(&message->from->mailbox, m))
        return;
    process_list_free(message->list);
    free(message);
}

static void list_everywhere(struct worker *from, const struct list_order *order)
{
    for (size_t i = 0; i < from->all->count; i++) {
        struct list_message *m = memory_new(1, sizeof(*m));
        m->message.deliver = deliver_list;
        m->from = from;
        m->order = *order;
        worker_post(from->all->at[i], &m->message);
    }
}

/* In the usher's thread: those who wait learn their places first. */
static void deliver_number(struct message *m, void *owner)
{
    struct list_message *message = (struct list_message *)(void *)m;
    struct usher *usher = owner;

    lines_number(&usher->lines);
    list_everywhere(message->from, &message->order);
    free(message);
}

size_t worker_ask_to_list(void *owner, const struct list_order *order)
{
    struct worker *from = owner;
    struct usher *usher = from->all->usher;

    if (atomic_load(&usher->waiting) == 0) {
        list_everywhere(from, order);
        return from->all->count;
    }
    struct list_message *m = memory_new(1, sizeof(*m));
    m->message.deliver = deliver_number;
    m->from = from;
    m->order = *order;
    if (!mailbox_send(&usher->mailbox, &m->message))
        free(m);
    return from->all->count;
}
