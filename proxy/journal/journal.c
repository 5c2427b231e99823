/* Blocks go to the thread over a stack that is taken whole, and come back over another one that
 * each pen has for itself, so that in the steady state nothing is allocated. Neither stack is ever
 * popped one by one, which is what makes stacks without locks hard.
 *
 * A thread that has written rests for a moment and looks again by itself: while lines keep coming
 * nobody wakes it, which is a call of the kernel for whoever does. */
#include "proxy/journal/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/must.h"

enum {
    BLOCK = 64 * 1024 - 64,
    REST_MS = 5,       /* after a write */
    RETRY_MS = 200,    /* after a write that failed */
    LAST_TRIES = 10,   /* at the end, RETRY_MS each */
    SPARE_BLOCKS = 8,  /* of a pen */
    LOST_LINE_MAX = 96 /* bytes of the line that tells of lost ones */
};

/* What outlives a pen while its blocks are under way. */
struct home {
    _Atomic(struct block *) back;
    atomic_uint users; /* the pen, and each block that is out */
};

struct block {
    struct block *next;
    struct home *home;
    size_t size, room;
    uint64_t lines;
    char bytes[];
};

struct journal {
    const char *name;
    char *path;
    size_t limit;
    int fd; /* of the thread */
    pthread_t thread;
    sem_t wake;
    atomic_bool is_idle; /* it waits to be woken: a block that comes has to do so */
    _Atomic(struct block *) waiting;
    atomic_size_t bytes; /* of blocks that were handed over and are not written yet */
    atomic_bool is_failing, wants_reopen, is_ending;
    atomic_ullong lost;
    uint64_t told;     /* of them, in the file; of the thread, as all below */
    bool has_given_up; /* at the end: the file refuses to the last */
};

static const struct log_context who = {.worker = "journal"};

/* ---- blocks ---- */

static void stack_push(_Atomic(struct block *) *stack, struct block *b)
{
    b->next = atomic_load_explicit(stack, memory_order_relaxed);
    while (!atomic_compare_exchange_weak(stack, &b->next, b))
        ;
}

static struct block *stack_take(_Atomic(struct block *) *stack)
{
    return atomic_exchange_explicit(stack, NULL, memory_order_acquire);
}

static void free_all(struct block *b)
{
    while (b) {
        struct block *next = b->next;
        free(b);
        b = next;
    }
}

static void home_unref(struct home *home)
{
    if (atomic_fetch_sub(&home->users, 1) != 1)
        return;
    free_all(stack_take(&home->back));
    free(home);
}

/* The first that was pushed comes first. */
static struct block *in_order(struct block *b)
{
    struct block *first = NULL;

    while (b) {
        struct block *next = b->next;
        b->next = first;
        first = b;
        b = next;
    }
    return first;
}

/* ---- the thread ---- */

static bool open_file(struct journal *j)
{
    int fd = open(j->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);

    if (fd < 0)
        return false;
    if (j->fd >= 0)
        close(j->fd);
    j->fd = fd;
    return true;
}

static void fail(struct journal *j, int error)
{
    if (!atomic_exchange(&j->is_failing, true))
        log_error(&who, "journal", "the %s %s cannot be written: %s", j->name, j->path,
                  strerror(error));
}

static void recover(struct journal *j)
{
    if (atomic_exchange(&j->is_failing, false))
        log_warning(&who, "journal", "the %s %s can be written again", j->name, j->path);
}

static void reopen_if_asked(struct journal *j)
{
    if (!atomic_load(&j->wants_reopen))
        return;
    if (open_file(j))
        atomic_store(&j->wants_reopen, false);
    else
        fail(j, errno);
}

/* The next bytes of a block; false after a write that failed. A line that a full disk has cut goes
 * on where it was cut. */
static bool write_some(struct journal *j, const char *bytes, size_t size, size_t *written)
{
    while (*written < size) {
        ssize_t n = write(j->fd, bytes + *written, size - *written);
        if (n > 0)
            *written += (size_t)n;
        else if (errno != EINTR) {
            fail(j, n < 0 ? errno : EIO);
            return false;
        }
    }
    recover(j);
    return true;
}

static void nap(struct journal *j, long milliseconds)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += milliseconds * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    while (sem_clockwait(&j->wake, CLOCK_MONOTONIC, &until) != 0 && errno == EINTR)
        ;
}

/* True when all is written; false when the journal ends and the file still refuses. */
static bool write_all(struct journal *j, const char *bytes, size_t size)
{
    size_t written = 0;

    for (unsigned tries = 0; !j->has_given_up; tries++) {
        reopen_if_asked(j);
        if (write_some(j, bytes, size, &written))
            return true;
        j->has_given_up = atomic_load(&j->is_ending) && tries >= LAST_TRIES;
        if (!j->has_given_up)
            nap(j, RETRY_MS);
    }
    return false;
}

/* Between blocks, where lines end. */
static void tell_lost(struct journal *j)
{
    uint64_t lost = atomic_load(&j->lost);
    char line[LOST_LINE_MAX];

    if (lost == j->told)
        return;
    int size =
        snprintf(line, sizeof(line), "{\"lost\": %llu}\n", (unsigned long long)(lost - j->told));
    if (write_all(j, line, (size_t)size))
        j->told = lost;
}

static void write_block(struct journal *j, struct block *b)
{
    if (!write_all(j, b->bytes, b->size))
        atomic_fetch_add(&j->lost, b->lines);
    atomic_fetch_sub(&j->bytes, b->size);
    struct home *home = b->home;
    if (b->room > BLOCK) {
        free(b);
    } else {
        b->size = 0;
        b->lines = 0;
        stack_push(&home->back, b);
    }
    home_unref(home);
}

/* Between two waits; false when there was no block. */
static bool work(struct journal *j)
{
    struct block *first = in_order(stack_take(&j->waiting));

    reopen_if_asked(j);
    for (struct block *b = first, *next; b; b = next) {
        next = b->next;
        write_block(j, b);
    }
    tell_lost(j);
    return first != NULL;
}

/* A nap may have used up the wake-up that came with the end, and a block may have come before this
 * thread said that it is idle, so both are looked at before the wait. */
static void wait_for_work(struct journal *j)
{
    atomic_store(&j->is_idle, true);
    if (!atomic_load(&j->waiting) && !atomic_load(&j->is_ending))
        while (sem_wait(&j->wake) != 0 && errno == EINTR)
            ;
    atomic_store(&j->is_idle, false);
}

static void *run(void *argument)
{
    struct journal *j = argument;

    while (!atomic_load(&j->is_ending)) {
        if (work(j))
            nap(j, REST_MS);
        else
            wait_for_work(j);
    }
    work(j);
    return NULL;
}

static void start_thread(struct journal *j)
{
    sigset_t every, before;

    sigfillset(&every);
    pthread_sigmask(SIG_SETMASK, &every, &before);
    must(pthread_create(&j->thread, NULL, run, j) == 0);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

bool journal_open(struct journal **made, const char *name, const char *path, size_t limit,
                  struct error *e)
{
    struct journal *j = memory_new(1, sizeof(*j));

    j->name = name;
    j->path = memory_copy(slice_of(path));
    j->limit = limit;
    j->fd = -1;
    if (!open_file(j)) {
        refuse(e, ERROR_CONFIG, "cannot open the %s %s: %s", name, path, strerror(errno));
        free(j->path);
        free(j);
        return false;
    }
    must(sem_init(&j->wake, 0, 0) == 0);
    start_thread(j);
    *made = j;
    return true;
}

void journal_close(struct journal *j)
{
    if (!j)
        return;
    atomic_store(&j->is_ending, true);
    sem_post(&j->wake);
    pthread_join(j->thread, NULL);
    if (atomic_load(&j->lost) != j->told)
        log_error(&who, "journal", "the %s %s lacks %llu lines", j->name, j->path,
                  (unsigned long long)(atomic_load(&j->lost) - j->told));
    sem_destroy(&j->wake);
    close(j->fd);
    free(j->path);
    free(j);
}

void journal_reopen(struct journal *j)
{
    atomic_store(&j->wants_reopen, true);
    sem_post(&j->wake);
}

bool journal_is_clogged(const struct journal *j)
{
    return atomic_load_explicit(&j->is_failing, memory_order_relaxed)
           || atomic_load_explicit(&j->bytes, memory_order_relaxed) >= j->limit;
}

uint64_t journal_lost(const struct journal *j)
{
    return atomic_load_explicit(&j->lost, memory_order_relaxed);
}

/* ---- pens ---- */

void pen_init(struct pen *p, struct journal *j)
{
    *p = (struct pen){.journal = j};
    if (!j)
        return;
    p->home = memory_new(1, sizeof(*p->home));
    atomic_init(&p->home->users, 1);
}

void pen_fini(struct pen *p)
{
    if (!p->journal)
        return;
    pen_flush(p);
    free(p->block); /* one that was reserved and never committed to */
    free_all(p->spare);
    home_unref(p->home);
    *p = (struct pen){0};
}

static struct block *block_new(struct pen *p, size_t room)
{
    struct block *b = memory_new(1, sizeof(*b) + room);

    b->home = p->home;
    b->room = room;
    return b;
}

/* The first few of those that came back after a rush; the rest is freed. */
static struct block *kept(struct block *b)
{
    struct block *last = b;

    for (size_t i = 1; last && i < SPARE_BLOCKS; i++)
        last = last->next;
    if (last) {
        free_all(last->next);
        last->next = NULL;
    }
    return b;
}

static struct block *block_take(struct pen *p, size_t size)
{
    if (size > BLOCK)
        return block_new(p, size);
    if (!p->spare)
        p->spare = kept(stack_take(&p->home->back));
    struct block *b = p->spare;
    if (!b)
        return block_new(p, BLOCK);
    p->spare = b->next;
    return b;
}

char *pen_insist(struct pen *p, size_t size)
{
    if (p->block && p->block->room - p->block->size < size)
        pen_flush(p);
    if (!p->block)
        p->block = block_take(p, size);
    return p->block->bytes + p->block->size;
}

char *pen_reserve(struct pen *p, size_t size)
{
    if (!journal_is_clogged(p->journal))
        return pen_insist(p, size);
    atomic_fetch_add(&p->journal->lost, 1);
    return NULL;
}

void pen_commit(struct pen *p, size_t used)
{
    must(used <= p->block->room - p->block->size);
    p->block->size += used;
    p->block->lines += used > 0;
}

bool pen_has_lines(const struct pen *p)
{
    return p->block && p->block->size;
}

/* It does not rest while more waits than it should. */
static void announce(struct journal *j)
{
    size_t waiting = atomic_load_explicit(&j->bytes, memory_order_relaxed);

    if (atomic_exchange(&j->is_idle, false) || waiting >= j->limit / 4)
        sem_post(&j->wake);
}

void pen_flush(struct pen *p)
{
    struct block *b = p->block;

    if (!b || b->size == 0)
        return;
    p->block = NULL;
    atomic_fetch_add(&p->home->users, 1);
    atomic_fetch_add_explicit(&p->journal->bytes, b->size, memory_order_relaxed);
    stack_push(&p->journal->waiting, b);
    announce(p->journal);
}
