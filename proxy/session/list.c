/* What the sessions of one worker do, or which connections they keep, as plain rows: of one user or
 * of all. */
#include "proxy/session/session_private.h"

#include "base/memory.h"
#include "base/utf8.h"
#include "proxy/virtual/virtual.h"

enum { SHORT_TEXT = 100 }; /* characters */

static const char *const doing[PHASES] = {
    [GREET] = "logs in",
    [LOGIN] = "logs in",
    [READY] = "",
    [PLAN] = "is planned",
    [ANSWER] = "is answered",
    [CANCEL] = "asks all workers",
    [GATHER] = "asks all workers",
    [ADMIT] = "waits for its turn",
    [ACQUIRE] = "waits for a connection",
    [ALIGN] = "prepares the connection",
    [FORWARD] = "is sent to the frontend",
    [RELAY] = "runs",
    [COLLECT] = "runs",
    [SETTLE] = "",
    [REFUSE] = "is refused",
    [BYE] = "leaves",
};

struct slice session_state(const struct session *s, struct arena *arena)
{
    if (s->phase == ADMIT && s->ticket)
        return admission_state(s, arena);
    if (s->phase == ACQUIRE)
        return acquire_state(s, arena);
    if (s->is_stopped)
        return SLICE("was stopped, for its time is over");
    if (s->phase == RELAY && s->follow->packets)
        return SLICE("its result is passed on");
    return slice_of(doing[s->phase]);
}

struct slice session_command_name(const struct session *s)
{
    if (!s->user)
        return SLICE("Connect");
    return slice_of(mysql_command_name(s->phase == READY ? COMMAND_SLEEP : (uint8_t)s->command));
}

/* A byte that is part of no character counts as one. */
size_t text_short_size(struct slice text)
{
    size_t at = 0;

    for (unsigned i = 0; i < SHORT_TEXT && at < text.size; i++) {
        size_t size = utf8_length(slice_after(text, at));
        at += size ? size : 1;
    }
    return at;
}

static struct slice text_of(const struct session *s, const struct list_order *order,
                            struct arena *arena)
{
    struct slice text = s->text;
    bool is_full = order->is_full && arena->used < LIST_TEXTS_MAX;

    if (text.size > LIST_TEXT_MAX)
        text.size = LIST_TEXT_MAX;
    return arena_copy(arena, slice_head(text, is_full ? text.size : text_short_size(text)));
}

static void fill(struct process_row *row, const struct session *s, const struct list_order *order,
                 struct arena *arena)
{
    millis spent = loop_now(s->all->loop) - s->since;

    *row = (struct process_row){
        .id = s->id,
        .user = s->user ? arena_copy(arena, s->user->name) : SLICE("unauthenticated user"),
        .host = arena_copy(arena, slice_of(s->client_name)),
        .project = plan_selection_name(&s->at, arena),
        .command = session_command_name(s),
        .state = session_state(s, arena),
        .text = text_of(s, order, arena),
        .connected = s->connected,
        .seconds = (unsigned)(spent / 1000),
        .is_pending = s->phase == ADMIT || s->phase == ACQUIRE,
    };
    row->project = arena_copy(arena, row->project); /* it may be the configuration's */
}

static bool is_wanted(const struct session *s, const struct list_order *order)
{
    if (s->is_over)
        return false;
    return order->of_all || (s->user && slice_equal(s->user->name, slice_of(order->user)));
}

static size_t pins_of(const struct session *s)
{
    size_t count = 0;

    list_each(&s->leases, struct lease, link, lease)
    {
        count += lease->pin != NULL;
    }
    return count;
}

static void fill_pin(struct process_row *row, const struct session *s, const struct lease *lease,
                     struct arena *arena)
{
    *row = (struct process_row){
        .id = s->id,
        .user = arena_copy(arena, s->user->name),
        .host = arena_copy(arena, slice_of(s->client_name)),
        .project = plan_selection_name(&s->at, arena),
        .source = arena_copy(arena, backend_source(lease->backend)->name),
        .cause = slice_of(lease->pin->cause),
        .ends = slice_of(lease->pin->ends),
        .text = arena_copy(arena, lease->statement),
        .seconds = (unsigned)((loop_now(s->all->loop) - lease->pinned_at) / 1000),
    };
    row->project = arena_copy(arena, row->project); /* it may be the configuration's */
}

static void fill_pins(struct process_list *list, const struct session *s)
{
    list_each(&s->leases, struct lease, link, lease)
    {
        if (lease->pin)
            fill_pin(&list->at[list->count++], s, lease, &list->arena);
    }
}

static size_t rows_of(const struct session *s, const struct list_order *order)
{
    if (!is_wanted(s, order))
        return 0;
    return order->what == LIST_PINS ? pins_of(s) : 1;
}

struct process_list *sessions_list(const struct sessions *all, const struct list_order *order)
{
    struct process_list *list = memory_new(1, sizeof(*list));
    size_t room = 1;

    pools_number(all->pools);
    link_init(&list->link);
    arena_init(&list->arena, NULL);
    list_each(&all->all, struct session, link, counted)
    {
        room += rows_of(counted, order);
    }
    list->at = arena_array(&list->arena, room, sizeof(*list->at));
    list_each(&all->all, struct session, link, s)
    {
        if (!rows_of(s, order))
            continue;
        if (order->what == LIST_PINS)
            fill_pins(list, s);
        else
            fill(&list->at[list->count++], s, order, &list->arena);
    }
    return list;
}

void process_list_free(struct process_list *list)
{
    arena_clear(&list->arena);
    free(list);
}
