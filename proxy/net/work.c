#include "proxy/net/work.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/must.h"
#include "proxy/net/net.h"
#include "proxy/net/precedence.h"

/* Belongs to the loop while it is idle or finished, to itself between. */
struct work_thread {
    pthread_t thread;
    sem_t begin;
    struct work *work; /* what to do once `begin` was posted; NULL: end */
    struct work_line *line;
    struct work_thread *next; /* of those that are idle, or finished */
};

/* The loop may give this thread new work from the moment that it is on the stack. Each wakes the
 * loop up: another that was there before may have lost the CPU before it came to that. */
static void hand_back(struct work_thread *t)
{
    struct work_line *line = t->line;
    struct work_thread *before = atomic_load(&line->finished);

    do {
        t->next = before;
    } while (!atomic_compare_exchange_weak(&line->finished, &before, t));
    must(eventfd_write(line->signal, 1) == 0);
}

static void *serve(void *thread)
{
    struct work_thread *t = thread;

    precedence_leave();
    for (;;) {
        while (sem_wait(&t->begin) != 0)
            must(errno == EINTR);
        if (!t->work)
            return NULL;
        t->work->run(t->work->owner);
        hand_back(t);
    }
}

static struct work_thread *start_thread(struct work_line *line)
{
    struct work_thread *t = memory_new(1, sizeof(*t));

    t->line = line;
    must(sem_init(&t->begin, 0, 0) == 0);
    if (pthread_create(&t->thread, NULL, serve, t) == 0) /* it inherits blocked signals */
        return t;
    sem_destroy(&t->begin);
    free(t);
    return NULL;
}

static struct work_thread *take_thread(struct work_line *line)
{
    struct work_thread *t = line->idle;

    if (!t)
        return start_thread(line);
    line->idle = t->next;
    return t;
}

static void give(struct work_thread *t, struct work *w)
{
    t->work = w;
    must(sem_post(&t->begin) == 0);
}

static void begin_next(struct work_line *line)
{
    while (line->running < line->limit && !list_is_empty(&line->waiting)) {
        struct work_thread *t = take_thread(line);
        if (!t)
            return; /* until the next work starts or ends */
        struct work *w = link_object(list_first(&line->waiting), struct work, link);
        list_remove(&line->waiting, &w->link);
        line->running++;
        give(t, w);
    }
}

static void finish(struct work_line *line, struct work_thread *t)
{
    struct work *w = t->work;

    t->next = line->idle;
    line->idle = t;
    line->running--;
    begin_next(line);
    w->done(w->owner);
}

static void woken(uv_poll_t *wake, int status, int events)
{
    struct work_line *line = wake->data;
    eventfd_t count;

    (void)status, (void)events;
    (void)eventfd_read(line->signal, &count);
    struct work_thread *t = atomic_exchange(&line->finished, NULL);
    for (struct work_thread *next; t; t = next) {
        next = t->next;
        finish(line, t);
    }
}

void work_line_init(struct work_line *line, struct loop *l, unsigned limit)
{
    *line = (struct work_line){.limit = limit, .signal = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    list_init(&line->waiting);
    must(line->signal >= 0);
    must(uv_poll_init(&l->uv, &line->wake, line->signal) == 0);
    line->wake.data = line;
    must(uv_poll_start(&line->wake, UV_READABLE, woken) == 0);
    uv_unref((uv_handle_t *)&line->wake);
}

void work_line_fini(struct work_line *line)
{
    must(line->running == 0 && list_is_empty(&line->waiting));
    for (struct work_thread *t = line->idle, *next; t; t = next) {
        next = t->next;
        give(t, NULL);
        must(pthread_join(t->thread, NULL) == 0);
        must(sem_destroy(&t->begin) == 0);
        free(t);
    }
    uv_close((uv_handle_t *)&line->wake, NULL);
    must(close(line->signal) == 0);
}

void work_start(struct work *w, struct work_line *line, void (*run)(void *owner),
                void (*done)(void *owner), void *owner)
{
    *w = (struct work){.line = line, .run = run, .done = done, .owner = owner};
    link_init(&w->link);
    list_push_back(&line->waiting, &w->link);
    begin_next(line);
}

bool work_give_up(struct work *w)
{
    if (!link_is_listed(&w->link))
        return false;
    list_remove(&w->line->waiting, &w->link);
    return true;
}
