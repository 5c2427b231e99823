/* A line of works over a loop of its own; what runs waits until the test says so. */
#include <pthread.h>
#include <semaphore.h>

#include "base/memory.h"
#include "proxy/net/net.h"
#include "proxy/net/work.h"
#include "tests/unit/check.h"

enum { WORKS = 6 };

struct bench {
    struct loop loop;
    struct work_line line;
    struct job {
        struct work work;
        struct bench *bench;
        pthread_t ran_in;
        bool is_done;
    } jobs[WORKS];
    sem_t begun, go; /* posted by each that runs; awaited by it */
    unsigned ran[WORKS], done;
    pthread_t loop_thread;
};

static void run(void *owner)
{
    struct job *job = owner;

    job->ran_in = pthread_self();
    sem_post(&job->bench->begun);
    sem_wait(&job->bench->go);
}

static void done(void *owner)
{
    struct job *job = owner;
    struct bench *b = job->bench;

    assert_true(pthread_equal(pthread_self(), b->loop_thread));
    assert_false(pthread_equal(job->ran_in, b->loop_thread));
    assert_false(job->is_done);
    job->is_done = true;
    b->ran[b->done++] = (unsigned)(job - b->jobs);
}

static struct bench *bench_new(unsigned limit)
{
    struct bench *b = memory_new(1, sizeof(*b));

    loop_init(&b->loop, "test");
    work_line_init(&b->line, &b->loop, limit);
    sem_init(&b->begun, 0, 0);
    sem_init(&b->go, 0, 0);
    b->loop_thread = pthread_self();
    for (unsigned i = 0; i < WORKS; i++)
        b->jobs[i].bench = b;
    return b;
}

static void bench_free(struct bench *b)
{
    work_line_fini(&b->line);
    loop_fini(&b->loop);
    sem_destroy(&b->begun);
    sem_destroy(&b->go);
    free(b);
}

static void start(struct bench *b, unsigned number)
{
    work_start(&b->jobs[number].work, &b->line, run, done, &b->jobs[number]);
}

/* A line lets its loop end, so the test keeps it. */
static void await_done(struct bench *b, unsigned count)
{
    uv_ref((uv_handle_t *)&b->line.wake);
    while (b->done < count)
        uv_run(&b->loop.uv, UV_RUN_ONCE);
    uv_unref((uv_handle_t *)&b->line.wake);
}

static unsigned begun(struct bench *b)
{
    int value;

    sem_getvalue(&b->begun, &value);
    return (unsigned)value;
}

static void await_begun(struct bench *b, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        sem_wait(&b->begun);
}

static void no_more_run_than_may_and_the_rest_waits_in_line(void **state)
{
    struct bench *b = bench_new(2);

    (void)state;
    for (unsigned i = 0; i < WORKS; i++)
        start(b, i);
    assert_int_equal(b->done, 0);
    for (unsigned finished = 0; finished < WORKS; finished++) {
        await_begun(b, finished == 0 ? 2 : finished + 1 < WORKS ? 1 : 0);
        assert_int_equal(b->line.running, finished + 1 < WORKS ? 2 : 1);
        assert_int_equal(begun(b), 0);
        sem_post(&b->go);
        await_done(b, finished + 1);
    }
    assert_int_equal(b->line.running, 0);
    bench_free(b);
}

static void the_same_thread_serves_again(void **state)
{
    struct bench *b = bench_new(1);

    (void)state;
    for (unsigned i = 0; i < WORKS; i++) {
        start(b, i);
        sem_post(&b->go);
        await_done(b, i + 1);
        assert_int_equal(b->ran[i], i);
        assert_true(pthread_equal(b->jobs[i].ran_in, b->jobs[0].ran_in));
    }
    bench_free(b);
}

static void who_waits_can_give_up_and_who_runs_cannot(void **state)
{
    struct bench *b = bench_new(1);

    (void)state;
    for (unsigned i = 0; i < 3; i++)
        start(b, i);
    await_begun(b, 1);
    assert_false(work_give_up(&b->jobs[0].work));
    assert_true(work_give_up(&b->jobs[1].work));
    sem_post(&b->go);
    sem_post(&b->go);
    await_done(b, 2);
    assert_true(b->jobs[0].is_done);
    assert_false(b->jobs[1].is_done);
    assert_true(b->jobs[2].is_done);
    bench_free(b);
}

static void the_limit_may_change_meanwhile(void **state)
{
    struct bench *b = bench_new(1);

    (void)state;
    for (unsigned i = 0; i < WORKS - 1; i++)
        start(b, i);
    await_begun(b, 1);
    b->line.limit = 3;
    start(b, WORKS - 1); /* looks at the line again */
    await_begun(b, 2);
    assert_int_equal(b->line.running, 3);
    b->line.limit = 1;
    sem_post(&b->go);
    sem_post(&b->go);
    await_done(b, 2);
    assert_int_equal(b->line.running, 1);
    for (unsigned i = 2; i < WORKS; i++)
        sem_post(&b->go);
    await_done(b, WORKS);
    bench_free(b);
}

static void nothing_is_lost_when_many_end_at_once(void **state)
{
    enum { ROUNDS = 300 };
    struct bench *b = bench_new(4);

    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        b->done = 0;
        for (unsigned i = 0; i < WORKS; i++) {
            b->jobs[i].is_done = false;
            start(b, i);
            sem_post(&b->go);
        }
        await_done(b, WORKS);
        await_begun(b, WORKS);
    }
    bench_free(b);
}

static void a_line_does_not_keep_its_loop(void **state)
{
    struct bench *b = bench_new(2);

    (void)state;
    loop_run(&b->loop);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_more_run_than_may_and_the_rest_waits_in_line),
        cmocka_unit_test(the_same_thread_serves_again),
        cmocka_unit_test(who_waits_can_give_up_and_who_runs_cannot),
        cmocka_unit_test(the_limit_may_change_meanwhile),
        cmocka_unit_test(nothing_is_lost_when_many_end_at_once),
        cmocka_unit_test(a_line_does_not_keep_its_loop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
