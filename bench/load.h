/* A run of the load generator: what is wanted of it, what is under way, what was counted. */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include "bench/client.h"
#include "bench/histogram.h"

enum { LOAD_READ = 256 * 1024, LOAD_WATCHED = 4 };

enum phase { FILL, SETTLE, WARM, MEASURE, DRAIN, DONE };

struct workload {
    const char *name;
    bool keyed, prepared; /* the statement ends in a key; is prepared */
    bool churns;          /* a connection for each operation */
    bool idles;           /* clients are counted, not operations */
    bool asks;            /* sends statements */
    uint64_t rows;
};

struct watched {
    const char *name;
    pid_t pid;
    uint64_t cpu, memory; /* at the start of MEASURE, and of the second FILL, or of all when others
                             are idle beside; then the difference */
};

struct load {
    const struct workload *workload;
    struct task task;
    unsigned connections, idle; /* idle: more of them, which log in and stay silent, or */
    struct slice unread;        /* ask for this, and never read a byte of the answer */
    double warm, seconds;
    double pace;  /* operations a second of all clients; 0: closed loop */
    uint64_t gap; /* between two of one client */
    struct watched watched[LOAD_WATCHED];
    size_t watched_count;

    struct client *clients;
    int epoll;
    enum phase phase;
    uint64_t now, phase_ends, deadline, settled;  /* settled: CPU of all watched, when last asked */
    unsigned goal, opened, opening, filled, busy; /* busy: operations under way */
    uint32_t seed;

    uint64_t began, operations, all_bytes, own_cpu; /* from MEASURE to the end */
    uint64_t measured, bytes; /* operations and all_bytes when MEASURE ended */
    struct histogram took;
    char buffer[LOAD_READ];
};

/* Fills in what is wanted; ends the process when that cannot be. */
void options_read(struct load *l, int argc, char **argv);

/* Says why on the standard error, and ends the process. */
__attribute__((format(printf, 1, 2))) _Noreturn void give_up(const char *format, ...);

#endif
