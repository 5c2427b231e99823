/* What systemd is told, and expects to hear: sd_notify(3), over the socket that NOTIFY_SOCKET
 * names. Without it nothing is sent. */
#ifndef PROXY_NOTIFY_H
#define PROXY_NOTIFY_H

#include "base/clock.h"

/* Sends these lines, "READY=1\nSTATUS=…", at once. Never waits. */
void notify(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A new configuration is being read; to be followed by READY=1. */
void notify_reloading(void);

/* Within which time systemd wants to hear WATCHDOG=1 again and again; 0: it does not. */
millis notify_watchdog(void);

#endif
