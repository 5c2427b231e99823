/* /proc/PID/stat counts in ticks of 10 ms; the process's CPU clock has the same figure, finer. */
#include "bench/watch.h"

#include <time.h>
#include <unistd.h>

uint64_t watch_cpu(pid_t pid)
{
    clockid_t clock;
    struct timespec used;

    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0)
        return 0;
    return (uint64_t)used.tv_sec * 1000000000u + (uint64_t)used.tv_nsec;
}

uint64_t watch_memory(pid_t pid)
{
    char path[64];
    unsigned long size = 0, resident = 0;

    snprintf(path, sizeof(path), "/proc/%ld/statm", (long)pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return 0;
    if (fscanf(file, "%lu %lu", &size, &resident) != 2)
        resident = 0;
    fclose(file);
    return (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE) / 1024;
}
