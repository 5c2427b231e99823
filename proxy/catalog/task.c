/* Probes and discoveries run in threads of their own, so that a frontend that does not answer holds
 * nobody up. What is done goes onto a stack that its control thread takes off. */
#include "proxy/catalog/catalog_private.h"

#include <mysql.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/must.h"

enum { LEARN_AGAIN = 60 * 1000 }; /* milliseconds: how old what was learnt may get */

static void hand_over(struct task *task)
{
    struct tasks *t = task->tasks;
    uint64_t one = 1;

    task->next = atomic_load(&t->done);
    while (!atomic_compare_exchange_weak(&t->done, &task->next, task))
        ;
    /* full means that the other side has been told already */
    (void)!write(t->wake, &one, sizeof(one));
}

static void *run(void *argument)
{
    struct task *task = argument;
    const struct cluster *cluster = &task->config->clusters[task->cluster];

    mysql_thread_init();
    if (task->is_discovery)
        task->is_good = discover_frontends(&task->discovery, task->config, cluster, &task->query);
    else
        task->probe =
            probe_frontend(task->config, cluster, &task->query, &task->http, task->wants_learning);
    mysql_thread_end();
    hand_over(task);
    return NULL;
}

static bool wants_learning(const struct roster *r, const struct member *m)
{
    return !r->learnt || m->health == FRONTEND_DOWN || clock_now() - r->learnt_at >= LEARN_AGAIN;
}

bool task_start(struct tasks *t, struct config *config, const struct roster *r,
                const struct member *m, bool is_discovery)
{
    if (t->running == TASKS_MAX)
        return false;
    struct task *task = memory_new(1, sizeof(*task));
    *task = (struct task){.tasks = t,
                          .config = config_ref(config),
                          .cluster = r->cluster->index,
                          .roster = r->id,
                          .query = {slice_of(memory_copy(m->query.host)), m->query.port},
                          .http = {slice_of(memory_copy(m->http.host)), m->http.port},
                          .is_discovery = is_discovery,
                          .wants_learning = wants_learning(r, m)};
    t->running++;
    must(pthread_create(&task->thread, NULL, run, task) == 0); /* it inherits blocked signals */
    return true;
}

struct task *tasks_take(struct tasks *t)
{
    return atomic_exchange(&t->done, NULL);
}

void task_free(struct task *task)
{
    pthread_join(task->thread, NULL); /* it is at its last instructions */
    task->tasks->running--;
    config_unref(task->config);
    if (task->is_discovery)
        arena_clear(&task->discovery.arena);
    learnt_unref(task->probe.learnt);
    free((char *)(uintptr_t)task->query.host.data);
    free((char *)(uintptr_t)task->http.host.data);
    free(task);
}
