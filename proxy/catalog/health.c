/* GET /api/health, by hand: one request, the first line of the answer, a deadline for all of it. A
 * library would bring redirects, proxies and cookies that a probe must not have. */
#include "proxy/catalog/catalog_private.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ANSWER_MAX = 4096, STATUS_AT = 9 }; /* "HTTP/1.0 200" */

enum health health_read(struct slice answer)
{
    if (answer.size < STATUS_AT + 3 || !slice_starts_with(answer, SLICE("HTTP/1."))
        || answer.data[STATUS_AT - 1] != ' ')
        return HEALTH_UNKNOWN;
    if (memcmp(answer.data + STATUS_AT, "200", 3) == 0)
        return HEALTH_GOOD;
    return memcmp(answer.data + STATUS_AT, "500", 3) == 0 ? HEALTH_ENDING : HEALTH_UNKNOWN;
}

static enum health converse(int fd, millis deadline)
{
    static const char request[] = "GET /api/health HTTP/1.0\r\nConnection: close\r\n\r\n";
    char answer[ANSWER_MAX];
    size_t size = 0;

    if (!block_wait(fd, POLLOUT, deadline)
        || send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) != (ssize_t)sizeof(request) - 1)
        return HEALTH_UNKNOWN;
    while (size < sizeof(answer) && block_wait(fd, POLLIN, deadline)) { /* to its end: no reset */
        ssize_t n = recv(fd, answer + size, sizeof(answer) - size, 0);
        if (n <= 0)
            break;
        size += (size_t)n;
    }
    return health_read(slice_make(answer, size));
}

enum health health_ask(const struct endpoint *at, millis timeout)
{
    millis deadline = clock_now() + timeout;
    int fd = block_connect(at, deadline);

    if (fd < 0)
        return HEALTH_UNKNOWN;
    enum health health = converse(fd, deadline);
    close(fd);
    return health;
}
