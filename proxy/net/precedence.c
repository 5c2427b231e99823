#include "proxy/net/precedence.h"

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* sched_setattr(2), which glibc has from 2.41 on only. */
struct wish {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
};

enum { SHORTEST = 100000 /* nanoseconds: the kernel takes no less */, USUAL = 0, NICER = 10 };

/* Of turns; the rest stays. On Linux these calls mean the calling thread, not its process. Before
 * 6.12 the kernel takes this and ignores the length. */
static void ask_for_turns(uint64_t length)
{
    const struct wish wish = {.size = sizeof(wish),
                              .policy = SCHED_OTHER,
                              .nice = getpriority(PRIO_PROCESS, 0),
                              .runtime = length};

    if (sched_getscheduler(0) == SCHED_OTHER) /* else somebody has chosen for us */
        (void)syscall(SYS_sched_setattr, 0, &wish, 0);
}

void precedence_take(void)
{
    ask_for_turns(SHORTEST);
}

void precedence_leave(void)
{
    static _Thread_local bool has_left;

    if (has_left)
        return;
    has_left = true;
    (void)setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + NICER);
    ask_for_turns(USUAL); /* what it had from the thread that made it */
}

void precedence_pause(void)
{
    sched_yield();
}
