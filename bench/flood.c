/* Wrong logins at a steady pace: flood PORT USER PER_SECOND SECONDS, one line of JSON.
 *
 * Each takes the long way of caching_sha2_password: a switch to it, the server's key, the password
 * under that key, and a refusal once all rounds were done. Open loop: a login begins when it is
 * due, whatever became of those before it, as long as no more than UNDER_WAY are under way. */
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "bench/client.h"
#include "proxy/net/precedence.h"

enum {
    UNDER_WAY = 256,
    TROUBLE = sizeof(((struct client *)0)->trouble),
    EVENTS = 64,
    REFUSED = 1045
};

struct flood {
    struct task task;
    struct client clients[UNDER_WAY];
    int epoll;
    unsigned under_way;
    uint64_t begun, done, odd; /* odd: ended in another way */
    char why[TROUBLE];         /* of the last that did */
};

static uint64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void end(struct flood *f, struct client *c)
{
    if (c->answer.error_number == REFUSED && c->wants_key) {
        f->done++;
    } else {
        f->odd++;
        memcpy(f->why, client_trouble(c), sizeof(f->why));
    }
    client_close(c);
    f->under_way--;
}

static void begin(struct flood *f)
{
    struct client *c = f->clients;

    while (c->fd >= 0)
        c++;
    f->under_way++;
    f->begun++;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    if (!client_open(c, &f->task, (uint32_t)f->begun, 0)
        || epoll_ctl(f->epoll, EPOLL_CTL_ADD, c->fd, &event) != 0)
        end(f, c);
}

static void serve(struct flood *f, int patience)
{
    struct epoll_event events[EVENTS];
    char buffer[4096];
    uint64_t bytes = 0;
    int count = epoll_wait(f->epoll, events, EVENTS, patience);

    for (int i = 0; i < count; i++) {
        struct client *c = events[i].data.ptr;
        if (client_read(c, &f->task, buffer, sizeof(buffer), &bytes) != CLIENT_WAITS)
            end(f, c);
    }
}

int main(int argc, char **argv)
{
    struct flood *f = calloc(1, sizeof(*f));

    if (argc != 5 || !f) {
        fprintf(stderr, "usage: flood PORT USER PER_SECOND SECONDS\n");
        return 2;
    }
    precedence_leave(); /* whoever attacks has machines of his own */
    const uint64_t gap = (uint64_t)(1e9 / strtod(argv[3], NULL));
    const uint64_t began = now(), ends = began + (uint64_t)(strtod(argv[4], NULL) * 1e9);
    f->task = (struct task){.port = (uint16_t)strtoul(argv[1], NULL, 10),
                            .user = slice_of(argv[2]),
                            .password = SLICE("a wrong one")};
    f->epoll = epoll_create1(EPOLL_CLOEXEC);
    for (size_t i = 0; i < UNDER_WAY; i++)
        f->clients[i].fd = -1;
    for (uint64_t due = began, at = began; at < ends; at = now()) {
        for (; due <= at && f->under_way < UNDER_WAY; due += gap)
            begin(f);
        serve(f, due > at ? (int)((due - at) / 1000000 + 1) : 1);
    }
    double seconds = (double)(now() - began) / 1e9;
    printf("{\"per_second\": %.1f, \"done\": %llu, \"odd\": %llu, \"under_way\": %u}\n",
           (double)f->done / seconds, (unsigned long long)f->done, (unsigned long long)f->odd,
           f->under_way);
    if (f->odd)
        fprintf(stderr, "flood: the last of %llu that ended otherwise: %s\n",
                (unsigned long long)f->odd, f->why);
    int status = f->odd != 0;
    free(f);
    return status;
}
