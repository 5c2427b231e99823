/* What the new process is told stands in its environment: TAKES_OVER=PARENT:SOCKETS:SESSION. Its
 * sockets begin at descriptor 3, as with systemd, and behind them comes the pipe for its word. */
#include "proxy/upgrade.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"

#define TAKES_OVER "STARBIND_TAKES_OVER"

enum { PATIENCE = 60000, SOCKETS_MAX = 4096 };

static const struct log_context who = {.worker = "main"};

static char program[PATH_MAX];
static char **program_arguments; /* owned; NULL at the end */

extern char **environ;

/* ---- the new process's side ---- */

static bool is_number_of_this(const char *name)
{
    const char *told = getenv(name);

    return told && strtol(told, NULL, 10) == (long)getpid();
}

static bool take_over(struct legacy *l)
{
    const char *told = getenv(TAKES_OVER);
    long parent;
    unsigned count, session;
    struct stat about;

    if (!told || sscanf(told, "%ld:%u:%u", &parent, &count, &session) != 3
        || parent != (long)getppid() || count > SOCKETS_MAX)
        return false;
    inherited_open(&l->sockets, count);
    l->ready = INHERIT_FIRST + (int)count;
    if (fstat(l->ready, &about) != 0 || fcntl(l->ready, F_SETFD, FD_CLOEXEC) != 0)
        l->ready = -1;
    l->last_session = session;
    return true;
}

void legacy_take(struct legacy *l)
{
    const char *count = getenv("LISTEN_FDS");

    *l = (struct legacy){.ready = -1};
    if (!take_over(l) && count && is_number_of_this("LISTEN_PID")) {
        unsigned long n = strtoul(count, NULL, 10);
        inherited_open(&l->sockets, n <= SOCKETS_MAX ? n : 0);
    }
    unsetenv(TAKES_OVER);
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
}

void legacy_ready(struct legacy *l)
{
    if (l->ready < 0)
        return;
    if (write(l->ready, "ready\n", 6) != 6)
        log_warning(&who, "upgrade", "the process before this one was not told: %s",
                    strerror(errno));
    close(l->ready);
    l->ready = -1;
}

/* ---- the old process's side ---- */

void upgrade_prepare(int count, char **arguments)
{
    ssize_t size = readlink("/proc/self/exe", program, sizeof(program) - 1);

    program[size > 0 ? size : 0] = '\0';
    program_arguments = memory_new((size_t)count + 2, sizeof(char *));
    program_arguments[0] = program;
    for (int i = 0; i < count; i++)
        program_arguments[i + 1] = arguments[i];
}

/* Ours, with what the new process needs and without what was meant for this one; to be freed, and
 * the first string of it too. */
static char **environment_for(size_t count, uint32_t last_session)
{
    size_t n = 0, kept = 0;
    char text[96];

    while (environ[n])
        n++;
    char **made = memory_new(n + 2, sizeof(char *));
    snprintf(text, sizeof(text), TAKES_OVER "=%ld:%zu:%u", (long)getpid(), count, last_session);
    made[kept++] = memory_copy(slice_of(text));
    for (size_t i = 0; i < n; i++)
        if (strncmp(environ[i], "WATCHDOG_PID=", 13) != 0)
            made[kept++] = environ[i];
    return made;
}

static void forgotten(void *owner)
{
    struct upgrade *u = owner;

    u->is_running = false;
}

static void taken(void *owner)
{
    struct upgrade *u = owner;
    int pid = child_pid(&u->child);

    alarm_clear(&u->patience);
    u->is_done = true;
    log_info(&who, "upgrade", "process %d serves now; this one serves whom it has", pid);
    child_let_go(&u->child, forgotten);
    u->taken(u->owner, pid);
}

static void failed(void *owner)
{
    struct upgrade *u = owner;

    alarm_clear(&u->patience);
    log_error(&who, "upgrade",
              "the new process %d has ended before it was ready; this one goes on serving",
              child_pid(&u->child));
    child_let_go(&u->child, forgotten);
}

static void took_too_long(void *owner)
{
    struct upgrade *u = owner;

    log_error(&who, "upgrade", "the new process %d was not ready within %d s: it is stopped",
              child_pid(&u->child), PATIENCE / 1000);
    child_kill(&u->child);
}

void upgrade_init(struct upgrade *u, struct loop *l, void *owner,
                  void (*then)(void *owner, int pid))
{
    *u = (struct upgrade){.loop = l, .taken = then, .owner = owner};
    alarm_init(&u->patience, l, u, took_too_long);
}

void upgrade_start(struct upgrade *u, const int *fds, size_t count, uint32_t last_session)
{
    struct error e;

    if (u->is_running || u->is_done) {
        log_warning(&who, "upgrade", "there is a new process already");
        return;
    }
    char **environment = environment_for(count, last_session);
    u->child = (struct child){.spoke = taken, .ended = failed, .owner = u};
    u->is_running = true;
    if (child_start(&u->child, u->loop, program, program_arguments, environment, fds, count, &e)) {
        log_info(&who, "upgrade", "started %s as process %d", program, child_pid(&u->child));
        alarm_set(&u->patience, loop_now(u->loop) + PATIENCE);
    } else {
        log_error(&who, "upgrade", "%s; this process goes on serving", e.text);
        child_let_go(&u->child, forgotten);
    }
    free(environment[0]);
    free(environment);
}

void upgrade_close(struct upgrade *u)
{
    if (u->is_running && !u->is_done)
        child_kill(&u->child);
    if (u->is_running && !u->child.open_handles)
        child_let_go(&u->child, NULL);
    alarm_close(&u->patience, NULL);
    free(program_arguments);
    program_arguments = NULL;
}
