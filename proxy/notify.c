#include "proxy/notify.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"

static const struct log_context who = {.worker = "main"};

/* A path, or a name of the abstract kind with '@' for the NUL in front; 0: none, or no address. */
static socklen_t address_of(const char *name, struct sockaddr_un *address)
{
    size_t size = name ? strlen(name) : 0;

    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (size < 2 || size >= sizeof(address->sun_path) || (name[0] != '/' && name[0] != '@'))
        return 0;
    memcpy(address->sun_path, name, size);
    if (name[0] == '@')
        address->sun_path[0] = '\0';
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size);
}

void notify(const char *format, ...)
{
    struct sockaddr_un address;
    socklen_t address_size = address_of(getenv("NOTIFY_SOCKET"), &address);
    char text[512];
    va_list values;

    if (address_size == 0)
        return;
    va_start(values, format);
    int size = vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || size < 0 || (size_t)size >= sizeof(text)
        || sendto(fd, text, (size_t)size, MSG_NOSIGNAL, (struct sockaddr *)&address, address_size)
               < 0)
        log_warning(&who, "notify", "systemd was not told: %s", strerror(errno));
    if (fd >= 0)
        close(fd);
}

void notify_reloading(void)
{
    notify("RELOADING=1\nMONOTONIC_USEC=%llu", (unsigned long long)clock_micros());
}

/* WATCHDOG_PID names the process that is meant; a process that took over has none, and is. */
millis notify_watchdog(void)
{
    const char *micros = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");

    if (!micros || !getenv("NOTIFY_SOCKET") || (pid && strtol(pid, NULL, 10) != (long)getpid()))
        return 0;
    return strtoull(micros, NULL, 10) / 1000;
}
