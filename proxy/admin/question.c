/* A question collects the rows that a statement or a page needs: those of the workers by message,
 * those of this thread at once. */
#include "proxy/admin/admin_private.h"

#include <stdlib.h>

#include "base/memory.h"

enum { PATIENCE = 2000, TICK = 100 }; /* milliseconds */

static const enum table of_workers[] = {
    TABLE_sessions, TABLE_queues, TABLE_pins,    TABLE_prepared, TABLE_pools,
    TABLE_backends, TABLE_routes, TABLE_denials, TABLE_digests,  TABLE_traffic};

void told_free(struct told *t)
{
    if (t->rows)
        rowset_free(t->rows);
    stats_free(t->digests);
    stats_free(t->traffic);
    free(t);
}

void question_init(struct question *q, struct admin *a, void *owner,
                   void (*answered)(void *owner, bool is_whole))
{
    *q = (struct question){.admin = a, .owner = owner, .answered = answered};
    link_init(&q->link);
    list_init(&q->told);
}

static bool is_for_workers(const struct survey *s)
{
    bool is_empty = true;

    for (size_t i = 0; i < sizeof(of_workers) / sizeof(*of_workers); i++)
        if (s->wanted[of_workers[i]])
            return true;
    for (unsigned t = 0; t < TABLES; t++)
        is_empty = is_empty && !s->wanted[t];
    return is_empty;
}

void question_open(struct question *q, millis patience)
{
    struct admin *a = q->admin;

    q->number = ++a->last_question;
    q->deadline = loop_now(&a->loop) + patience;
    list_push_back(&a->questions, &q->link);
    alarm_set(&a->tick, loop_now(&a->loop) + TICK);
}

void question_ask(struct question *q)
{
    struct admin *a = q->admin;

    question_open(q, PATIENCE);
    q->due =
        is_for_workers(&q->survey) ? a->host.survey(a->host.owner, a, q->number, &q->survey) : 0;
    if (!q->due)
        alarm_set(&a->tick, loop_now(&a->loop));
}

void question_clear(struct question *q)
{
    if (link_is_listed(&q->link))
        list_remove(&q->admin->questions, &q->link);
    list_each(&q->told, struct told, link, told)
    {
        list_remove(&q->told, &told->link);
        told_free(told);
    }
    stats_free(q->digests);
    stats_free(q->traffic);
    if (q->own)
        rowset_free(q->own);
    q->digests = q->traffic = NULL;
    q->own = NULL;
    q->survey = (struct survey){{0}};
}

/* The sums over all workers. */
static void add_up(struct question *q)
{
    bool wants_digests = q->survey.wanted[TABLE_digests];
    bool wants_traffic = q->survey.wanted[TABLE_traffic];

    q->digests = wants_digests ? memory_new(1, sizeof(*q->digests)) : NULL;
    q->traffic = wants_traffic ? memory_new(1, sizeof(*q->traffic)) : NULL;
    list_each(&q->told, struct told, link, told)
    {
        if (wants_digests)
            stats_add(q->digests, told->digests);
        if (wants_traffic)
            stats_add(q->traffic, told->traffic);
    }
}

static void finish(struct question *q)
{
    struct admin *a = q->admin;
    bool is_whole = q->due == 0;

    list_remove(&a->questions, &q->link);
    add_up(q);
    q->own = rowset_new(&q->survey);
    if (q->digests)
        stats_digests(q->digests, rowset_wants(q->own, TABLE_digests));
    if (q->traffic)
        stats_traffic(q->traffic, rowset_wants(q->own, TABLE_traffic));
    model_fill(a, q->own);
    live_fill(a, q->own);
    q->answered(q->owner, is_whole);
}

void questions_told(struct admin *a, uint32_t number, struct told *told)
{
    list_each(&a->questions, struct question, link, q)
    {
        if (q->number != number)
            continue;
        list_push_back(&q->told, &told->link);
        if (--q->due == 0)
            finish(q);
        return;
    }
    told_free(told); /* nobody waits for it any more */
}

void questions_check(struct admin *a)
{
    millis now = loop_now(&a->loop);

    list_each(&a->questions, struct question, link, q)
    {
        if (q->due == 0 || q->deadline <= now)
            finish(q);
    }
    if (!list_is_empty(&a->questions))
        alarm_set(&a->tick, now + TICK);
}

const struct rows *question_rows(const struct question *q, enum table t, struct link **at)
{
    struct link *next = *at ? (*at)->next : q->told.head.next;

    if (*at == &q->told.head) /* after the worker's came our own, and that was the last */
        return NULL;
    *at = next;
    if (next == &q->told.head)
        return &q->own->of[t];
    return &link_object(next, struct told, link)->rows->of[t];
}
