/* Whether the kernel lengthens and shortens turns is its own matter: what it was asked for is read
 * back. */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "proxy/net/precedence.h"
#include "tests/unit/check.h"

struct told {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
};

static struct told ask(void)
{
    struct told told = {.size = sizeof(told)};

    assert_int_equal(syscall(SYS_sched_getattr, 0, &told, sizeof(told), 0), 0);
    return told;
}

/* From Linux 6.12 on. */
static bool has_turns(void)
{
    struct utsname about;
    unsigned major = 0, minor = 0;

    uname(&about);
    sscanf(about.release, "%u.%u", &major, &minor);
    return (major > 6 || (major == 6 && minor >= 12)) && sched_getscheduler(0) == SCHED_OTHER;
}

static void *compute(void *unused)
{
    struct told before = ask(), after;

    precedence_leave();
    precedence_leave();
    after = ask();
    assert_int_equal(after.nice, before.nice > 9 ? 19 : before.nice + 10);
    if (has_turns())
        assert_true(after.runtime > before.runtime);
    precedence_pause();
    return unused;
}

static void a_loop_asks_for_short_turns_and_its_threads_for_usual_ones(void **state)
{
    struct told before = ask(), after;
    pthread_t thread;

    (void)state;
    precedence_take();
    after = ask();
    assert_int_equal(after.policy, before.policy);
    assert_int_equal(after.nice, before.nice);
    if (has_turns())
        assert_int_equal(after.runtime, 100000);
    assert_int_equal(pthread_create(&thread, NULL, compute, NULL), 0);
    pthread_join(thread, NULL);
    assert_int_equal(ask().nice, before.nice); /* of that thread only */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_loop_asks_for_short_turns_and_its_threads_for_usual_ones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
