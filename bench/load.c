/* The load generator: load --port P --workload W [options], one line of JSON.
 *
 *   FILL > WARM > MEASURE > DRAIN           point, prepared, large: clients stay logged in
 *   WARM > MEASURE > DRAIN                  churn, visit: an operation is a client's whole life
 *   FILL > SETTLE > FILL > WARM > MEASURE   idle, used: a tenth, memory, the rest, memory
 *   FILL > SETTLE > WARM > MEASURE > DRAIN  with clients that do not read: until the server waits
 *
 * Closed loop: a client asks again as soon as it was answered. With --pace it asks at its times
 * instead, and what it waits for an answer counts from then on, also while the one before has not
 * come: nobody's silence hides how long others would have waited.
 *
 * One thread, epoll, level-triggered (with TLS, which keeps bytes back, by edges); all clients read
 * into one buffer. What is counted begins and ends in MEASURE. */
#include "bench/load.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "bench/watch.h"

enum {
    OPENING_MAX = 64, /* clients between connect and login, below every listener's backlog */
    EVENTS = 256,
    PATIENCE_SECONDS = 60, /* for everything but the measured time */
    SETTLE_MILLIS = 300,
    QUIET_SHARE = 20 /* a watched process that takes less than this part of a CPU waits */
};

_Noreturn void give_up(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    fputs("load: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

static uint64_t clock_read(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* ---- phases ---- */

static void enter(struct load *l, enum phase phase, double seconds)
{
    l->phase = phase;
    l->phase_ends = l->now + (uint64_t)(seconds * 1e9);
}

static void memory_mark(struct load *l)
{
    for (size_t i = 0; i < l->watched_count; i++)
        l->watched[i].memory = watch_memory(l->watched[i].pid) - l->watched[i].memory;
}

static void cpu_mark(struct load *l)
{
    l->own_cpu = clock_read(CLOCK_PROCESS_CPUTIME_ID) - l->own_cpu;
    for (size_t i = 0; i < l->watched_count; i++)
        l->watched[i].cpu = watch_cpu(l->watched[i].pid) - l->watched[i].cpu;
}

static void measure_start(struct load *l)
{
    enter(l, MEASURE, l->seconds);
    l->began = l->now;
    l->operations = 0;
    l->all_bytes = 0;
    histogram_clear(&l->took);
    cpu_mark(l);
}

static void measure_end(struct load *l)
{
    cpu_mark(l);
    l->began = l->now - l->began;
    l->measured = l->operations;
    l->bytes = l->all_bytes;
    if (l->workload->idles || l->idle)
        memory_mark(l);
    enter(l, l->workload->idles ? DONE : DRAIN, PATIENCE_SECONDS);
}

static void go_on(struct load *l, struct client *c);

static void all_are_ready(struct load *l)
{
    enter(l, WARM, l->workload->idles ? SETTLE_MILLIS / 1e3 : l->warm);
    for (unsigned i = 0; !l->workload->idles && i < l->connections; i++) {
        l->clients[i].due = l->gap ? l->now + l->gap / l->connections * i : 0;
        go_on(l, &l->clients[i]);
    }
}

/* Whether all that is watched has waited since the last call. */
static bool is_quiet(struct load *l)
{
    uint64_t before = l->settled;

    l->settled = 0;
    for (size_t i = 0; i < l->watched_count; i++)
        l->settled += watch_cpu(l->watched[i].pid);
    return before && l->settled - before < SETTLE_MILLIS * UINT64_C(1000000) / QUIET_SHARE;
}

static void settle(struct load *l)
{
    if (l->workload->idles) {
        memory_mark(l);
        l->goal = l->connections;
        enter(l, FILL, 0);
    } else if (is_quiet(l)) {
        all_are_ready(l);
    } else {
        enter(l, SETTLE, SETTLE_MILLIS / 1e3);
    }
}

/* The clock alone moves these on. */
static void phase_step(struct load *l)
{
    if (l->phase == DRAIN && l->busy == 0)
        l->phase = DONE;
    if (l->now > l->deadline)
        give_up("out of time: %u of %u clients were ready", l->filled, l->connections + l->idle);
    if (l->phase == FILL || l->now < l->phase_ends)
        return;
    switch (l->phase) {
    case SETTLE:
        settle(l);
        break;
    case WARM:
        measure_start(l);
        break;
    case MEASURE:
        measure_end(l);
        break;
    case FILL:
    case DRAIN:
    case DONE:
        break;
    }
}

/* ---- clients ---- */

static void open_client(struct load *l, struct client *c)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};

    if (l->task.when != SECURE_NEVER)
        event.events |= EPOLLOUT | EPOLLET;
    if (!client_open(c, &l->task, ++l->seed, (unsigned)(c - l->clients)))
        give_up("%s", client_trouble(c));
    if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &event) != 0)
        give_up("epoll_ctl: %s", strerror(errno));
    c->started = clock_read(CLOCK_MONOTONIC);
    l->opening++;
    l->busy += l->workload->churns;
}

static void ask(struct load *l, struct client *c)
{
    if (!l->workload->churns) {
        c->started = l->gap ? c->due : clock_read(CLOCK_MONOTONIC);
        c->due += l->gap;
        l->busy++;
    }
    if (!client_ask(c, &l->task))
        give_up("%s", client_trouble(c));
}

/* The next operation of this client, unless the end has come. */
static void go_on(struct load *l, struct client *c)
{
    if (l->phase != WARM && l->phase != MEASURE)
        return;
    if (l->workload->churns)
        open_client(l, c);
    else if (l->now >= c->due)
        ask(l, c);
}

static void operation_done(struct load *l, struct client *c)
{
    l->busy--;
    l->operations++;
    l->now = clock_read(CLOCK_MONOTONIC);
    if (l->phase == MEASURE)
        histogram_add(&l->took, l->now - c->started);
    go_on(l, c);
}

static void fill_one(struct load *l)
{
    if (++l->filled < l->goal)
        return;
    l->now = clock_read(CLOCK_MONOTONIC);
    if (l->unread.size || (l->workload->idles && l->goal < l->connections))
        enter(l, SETTLE, SETTLE_MILLIS / 1e3);
    else
        all_are_ready(l);
}

static void ask_and_stall(struct load *l, struct client *c)
{
    if (!client_ask_for(c, l->unread))
        give_up("%s", client_trouble(c));
    c->more = false;
    if (epoll_ctl(l->epoll, EPOLL_CTL_DEL, c->fd, NULL) != 0)
        give_up("epoll_ctl: %s", strerror(errno));
}

static void client_is_ready(struct load *l, struct client *c)
{
    l->opening--;
    if (l->unread.size && c >= l->clients + l->connections)
        ask_and_stall(l, c);
    if (l->workload->churns || (l->workload->idles && l->workload->asks))
        ask(l, c);
    else
        fill_one(l);
}

static void client_answered(struct load *l, struct client *c)
{
    if (l->workload->idles)
        fill_one(l);
    else if (!l->workload->churns)
        operation_done(l, c);
    else if (!client_quit(c))
        give_up("%s", client_trouble(c));
}

static _Noreturn void not_served(const struct load *l, const struct client *c)
{
    printf("{\"workload\": \"%s\", \"served\": false, \"why\": \"%s\"}\n", l->workload->name,
           client_trouble(c));
    exit(0);
}

static void client_turn(struct load *l, struct client *c)
{
    switch (client_read(c, &l->task, l->buffer, sizeof(l->buffer), &l->all_bytes)) {
    case CLIENT_WAITS:
        break;
    case CLIENT_READY:
        client_is_ready(l, c);
        break;
    case CLIENT_ANSWERED:
        client_answered(l, c);
        break;
    case CLIENT_CLOSED:
        client_close(c);
        operation_done(l, c);
        break;
    case CLIENT_NOT_SERVED:
        not_served(l, c);
    case CLIENT_BROKEN:
        give_up("%s", client_trouble(c));
    }
}

static void open_more(struct load *l)
{
    while (l->phase == FILL && l->opened < l->goal && l->opening < OPENING_MAX)
        open_client(l, &l->clients[l->opened++]);
}

/* Those whose time has come ask; how long until the next one's has. */
static uint64_t ask_due(struct load *l, uint64_t longest)
{
    uint64_t next = l->now + longest;

    for (unsigned i = 0; i < l->connections; i++) {
        struct client *c = &l->clients[i];
        if (c->stage == CLIENT_SILENT)
            go_on(l, c);
        if (c->stage == CLIENT_SILENT && c->due < next)
            next = c->due;
    }
    return next > l->now ? next - l->now : 0;
}

static int wait_for(struct load *l, struct epoll_event *events)
{
    uint64_t patience = l->phase == FILL ? 100000000 : 2000000;

    if (l->gap && (l->phase == WARM || l->phase == MEASURE))
        patience = ask_due(l, patience);
    const struct timespec t = {.tv_nsec = (long)patience};
    return epoll_pwait2(l->epoll, events, EVENTS, &t, NULL);
}

static void run(struct load *l)
{
    struct epoll_event events[EVENTS];

    while (l->phase != DONE) {
        open_more(l);
        int count = wait_for(l, events);
        for (int i = 0; i < count; i++) {
            struct client *c = events[i].data.ptr;
            do
                client_turn(l, c);
            while (c->more);
        }
        l->now = clock_read(CLOCK_MONOTONIC);
        phase_step(l);
    }
}

/* ---- begin and end ---- */

static void start(struct load *l)
{
    const struct workload *w = l->workload;

    l->clients = calloc(l->connections + l->idle, sizeof(*l->clients));
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (!l->clients || l->epoll < 0)
        give_up("%s", strerror(errno));
    l->now = clock_read(CLOCK_MONOTONIC);
    l->deadline = l->now + (uint64_t)((PATIENCE_SECONDS + l->warm + l->seconds) * 1e9);
    l->seed = (uint32_t)l->now;
    l->goal = w->idles ? l->connections / 10 : l->connections + l->idle;
    l->gap = l->pace > 0 ? (uint64_t)(1e9 * l->connections / l->pace) : 0;
    prctl(PR_SET_TIMERSLACK, 1UL); /* nanoseconds: it wakes up when it said */
    if (l->idle)
        memory_mark(l);
    enter(l, w->churns ? WARM : FILL, l->warm);
    for (unsigned i = 0; w->churns && i < l->connections; i++)
        open_client(l, &l->clients[i]);
}

static void finish(struct load *l)
{
    const unsigned all = l->connections + l->idle;

    for (unsigned i = 0; i < all; i++)
        if (l->clients[i].fd > 0 && l->clients[i].stage == CLIENT_SILENT)
            client_quit(&l->clients[i]);
    for (unsigned i = 0; i < all; i++)
        if (l->clients[i].fd > 0)
            client_close(&l->clients[i]);
    close(l->epoll);
    secure_context_free(l->task.secure);
    free(l->clients);
}

static void report(const struct load *l)
{
    double seconds = (double)l->began / 1e9;

    printf("{\"workload\": \"%s\", \"served\": true, \"connections\": %u, \"seconds\": %.3f, ",
           l->workload->name, l->connections, seconds);
    printf("\"operations\": %llu, \"per_second\": %.1f, \"bytes\": %llu, \"all_bytes\": %llu, ",
           (unsigned long long)l->measured, (double)l->measured / seconds,
           (unsigned long long)l->bytes, (unsigned long long)l->all_bytes);
    printf("\"p50\": %.1f, \"p95\": %.1f, \"p99\": %.1f, \"max\": %.1f, ",
           (double)histogram_at(&l->took, 0.50) / 1e3, (double)histogram_at(&l->took, 0.95) / 1e3,
           (double)histogram_at(&l->took, 0.99) / 1e3, (double)l->took.most / 1e3);
    printf("\"own_cpu\": %.3f, \"watched\": {", (double)l->own_cpu / (double)l->began);
    for (size_t i = 0; i < l->watched_count; i++)
        printf("%s\"%s\": {\"cpu_us\": %.1f, \"memory_kib\": %lld}", i ? ", " : "",
               l->watched[i].name, (double)l->watched[i].cpu / 1e3,
               l->workload->idles || l->idle ? (long long)l->watched[i].memory : 0);
    printf("}}\n");
}

int main(int argc, char **argv)
{
    struct load *l = calloc(1, sizeof(*l));

    if (!l)
        give_up("no memory");
    signal(SIGPIPE, SIG_IGN);
    *l = (struct load){.connections = 16, .warm = 0.5, .seconds = 5, .task.user = SLICE("root")};
    options_read(l, argc, argv);
    start(l);
    run(l);
    report(l);
    finish(l);
    free(l);
    return 0;
}
