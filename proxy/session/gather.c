/* GATHER: every worker is asked what its sessions do, or keep; ANSWER then tells it. */
#include "proxy/session/session_private.h"

#include "proxy/virtual/virtual.h"

void gathered_clear(struct session *s)
{
    list_each(&s->gathered, struct process_list, link, list)
    {
        list_remove(&s->gathered, &list->link);
        process_list_free(list);
    }
}

static bool wants_full(const struct plan *p)
{
    for (size_t i = 0; i < p->step_count; i++)
        if (p->steps[i].answer == ANSWER_PROCESSES && p->steps[i].statement->has_full)
            return true;
    return false;
}

enum turn gather(struct session *s)
{
    if (s->answers_due)
        return WAIT;
    if (!list_is_empty(&s->gathered))
        return session_go(s, ANSWER);
    s->listing = arena_alloc(&s->arena, sizeof(*s->listing));
    s->listing->of_all = s->user->is_admin;
    s->listing->what = s->plan->steps[0].answer == ANSWER_PINS ? LIST_PINS : LIST_PROCESSES;
    s->listing->is_full = wants_full(s->plan);
    s->listing->asker = s->id;
    s->listing->number = ++s->listings;
    snprintf(s->listing->user, sizeof(s->listing->user), "%.*s", SHOW(s->user->name));
    s->answers_due = s->all->list_all(s->all->owner, s->listing);
    return WAIT;
}

void sessions_listed(struct sessions *all, const struct list_order *order,
                     struct process_list *list)
{
    list_each(&all->all, struct session, link, s)
    {
        if (s->id != order->asker || s->is_over || s->phase != GATHER
            || s->listing->number != order->number)
            continue;
        list_push_back(&s->gathered, &list->link);
        if (--s->answers_due == 0)
            session_wake(s, ANSWERED);
        return;
    }
    process_list_free(list); /* who asked has left, or lost its patience */
}

static int by_id(const void *a, const void *b)
{
    const struct process_row *x = a, *y = b;

    return x->id < y->id ? -1 : x->id > y->id;
}

struct process_row *gathered_rows(struct session *s, const struct plan_step *step, size_t *count)
{
    size_t most = 0;

    list_each(&s->gathered, struct process_list, link, list)
    {
        most += list->count;
    }
    struct process_row *rows = arena_array(&s->arena, most ? most : 1, sizeof(*rows));
    *count = 0;
    list_each(&s->gathered, struct process_list, link, list)
    {
        for (size_t i = 0; i < list->count; i++)
            if (!step->statement->has_like || slice_equal(list->at[i].user, step->statement->like))
                rows[(*count)++] = list->at[i];
    }
    qsort(rows, *count, sizeof(*rows), by_id);
    return rows;
}
