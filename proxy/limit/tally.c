#include "proxy/limit/limit.h"

#include "base/must.h"

const char *limit_level_name(enum limit_level level)
{
    static const char *const names[LIMIT_LEVELS] = {"user", "project", "compute source", "cluster"};

    return names[level];
}

bool tally_take(atomic_uint *count, unsigned limit)
{
    unsigned now;

    if (limit == 0) {
        atomic_fetch_add(count, 1);
        return true;
    }
    now = atomic_load(count);
    while (now < limit)
        if (atomic_compare_exchange_weak(count, &now, now + 1))
            return true;
    return false;
}

void tally_give(atomic_uint *count)
{
    must(atomic_fetch_sub(count, 1) > 0);
}
