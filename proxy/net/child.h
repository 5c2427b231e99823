/* A program that is started with sockets in its hands and says one word when it is ready. */
#ifndef PROXY_NET_CHILD_H
#define PROXY_NET_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

struct error;
struct loop;

struct child {
    uv_process_t process;
    uv_pipe_t pipe; /* from it to us */
    char heard[64];
    unsigned open_handles;
    /* It has written something, or has ended without a word; not both. */
    void (*spoke)(void *owner);
    void (*ended)(void *owner);
    void (*closed)(void *owner); /* after child_let_go: the memory may be released */
    void *owner;
    bool is_settled; /* one of the two was called */
};

/* Starts `path` with these arguments and this environment, both closed by NULL. It has our standard
 * streams, the descriptors `fds` as 3, 4 and so on, and behind them the end of a pipe that it
 * writes to. False with the error when it could not be started; child_let_go is due then too. */
bool child_start(struct child *c, struct loop *l, const char *path, char **arguments,
                 char **environment, const int *fds, size_t count, struct error *e);

int child_pid(const struct child *c);

/* Ends it at once; `ended` follows. */
void child_kill(struct child *c);

/* It lives on by itself; `closed` follows. */
void child_let_go(struct child *c, void (*closed)(void *owner));

#endif
