#include "base/clock.h"

#include <time.h>

uint64_t clock_micros(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

millis clock_now(void)
{
    return clock_micros() / 1000;
}

uint64_t clock_wall(void)
{
    return (uint64_t)time(NULL);
}
