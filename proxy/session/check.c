/* A password check outlives a session that does not wait for it: it then holds one of the session's
 * handles, as a socket that is closing does. */
#include "proxy/session/session_private.h"

#include <stdatomic.h>

#include "base/memory.h"
#include "proxy/net/precedence.h"

struct check {
    struct work work;
    struct session *session;
    struct verify_job *job; /* owned */
    bool was_run;
    atomic_bool is_given_up; /* it need not go on */
};

static void run(void *owner)
{
    struct check *check = owner;

    verify_job_run(check->job);
}

static bool goes_on(void *owner)
{
    struct check *check = owner;

    precedence_pause();
    return !atomic_load_explicit(&check->is_given_up, memory_order_relaxed);
}

static void done(void *owner)
{
    struct check *check = owner;
    struct session *s = check->session;

    if (s->check == check) {
        check->was_run = true;
        session_wake(s, WORKED);
        return;
    }
    verify_job_free(check->job);
    free(check);
    session_closed(s);
}

void check_start(struct session *s, struct verify_job *job)
{
    struct check *check = memory_new(1, sizeof(*check));

    *check = (struct check){.session = s, .job = job};
    job->pace = (struct pace){goes_on, check};
    s->check = check;
    work_start(&check->work, &s->all->checks, run, done, check);
}

struct verify_job *check_take(struct session *s)
{
    struct verify_job *job = s->check->was_run ? s->check->job : NULL;

    if (job) {
        free(s->check);
        s->check = NULL;
    }
    return job;
}

void check_give_up(struct session *s)
{
    struct check *check = s->check;

    s->check = NULL;
    if (!check)
        return;
    if (!check->was_run && !work_give_up(&check->work)) {
        atomic_store_explicit(&check->is_given_up, true, memory_order_relaxed);
        s->open_handles++;
        return;
    }
    verify_job_free(check->job);
    free(check);
}
