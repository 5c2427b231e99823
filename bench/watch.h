/* What another process costs: its CPU time to the nanosecond, and its resident memory. */
#ifndef BENCH_WATCH_H
#define BENCH_WATCH_H

#include <stdint.h>
#include <sys/types.h>

/* Nanoseconds of CPU of all threads of the process, those that have ended included; 0 for no such
 * process. */
uint64_t watch_cpu(pid_t pid);

/* KiB of memory that is resident now; 0 for no such process. */
uint64_t watch_memory(pid_t pid);

#endif
