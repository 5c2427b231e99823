/* A new configuration for a running process: whole, or not at all. */
#ifndef PROXY_RELOAD_H
#define PROXY_RELOAD_H

#include "config/config.h"

/* Loads the file again. Returns a snapshot with one reference that may take the place of `current`,
 * or NULL after saying why not, in the log: every finding, or what only a restart can change. */
struct config *reload(const struct config *current);

#endif
