#include "proxy/net/child.h"

#include <signal.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "proxy/net/net.h"

enum { STANDARD = 3 }; /* input, output, error */

static void settle(struct child *c, void (*how)(void *owner))
{
    if (c->is_settled)
        return;
    c->is_settled = true;
    how(c->owner);
}

static void exited(uv_process_t *process, int64_t status, int signal)
{
    struct child *c = process->data;

    (void)status;
    (void)signal;
    settle(c, c->ended);
}

static void give_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    struct child *c = handle->data;

    (void)suggested;
    *buffer = uv_buf_init(c->heard, sizeof(c->heard));
}

/* An end of file is left to `exited`. */
static void heard(uv_stream_t *pipe, ssize_t n, const uv_buf_t *buffer)
{
    struct child *c = pipe->data;

    (void)buffer;
    if (n < 0)
        uv_read_stop(pipe);
    else if (n > 0)
        settle(c, c->spoke);
}

static void closed(uv_handle_t *handle)
{
    struct child *c = handle->data;

    if (--c->open_handles == 0 && c->closed)
        c->closed(c->owner);
}

void child_let_go(struct child *c, void (*then)(void *owner))
{
    c->closed = then;
    c->is_settled = true;
    c->open_handles = 2;
    uv_close((uv_handle_t *)&c->process, closed);
    uv_close((uv_handle_t *)&c->pipe, closed);
}

bool child_start(struct child *c, struct loop *l, const char *path, char **arguments,
                 char **environment, const int *fds, size_t count, struct error *e)
{
    uv_stdio_container_t *streams = memory_new(STANDARD + count + 1, sizeof(*streams));
    uv_process_options_t options = {.file = path,
                                    .args = arguments,
                                    .env = environment,
                                    .stdio = streams,
                                    .stdio_count = (int)(STANDARD + count + 1),
                                    .exit_cb = exited};

    for (size_t i = 0; i < STANDARD + count; i++) {
        streams[i].flags = UV_INHERIT_FD;
        streams[i].data.fd = i < STANDARD ? (int)i : fds[i - STANDARD];
    }
    uv_pipe_init(&l->uv, &c->pipe, 0);
    streams[STANDARD + count].flags = (uv_stdio_flags)(UV_CREATE_PIPE | UV_WRITABLE_PIPE);
    streams[STANDARD + count].data.stream = (uv_stream_t *)&c->pipe;
    c->process.data = c->pipe.data = c;
    int failure = uv_spawn(&l->uv, &c->process, &options);
    free(streams);
    if (failure)
        return refuse(e, ERROR_CONFIG, "cannot start %s: %s", path, uv_strerror(failure));
    uv_read_start((uv_stream_t *)&c->pipe, give_room, heard);
    return true;
}

int child_pid(const struct child *c)
{
    return c->process.pid;
}

void child_kill(struct child *c)
{
    uv_process_kill(&c->process, SIGKILL);
}
