/* What the process gives up for good before it serves anybody. */
#ifndef PROXY_HARDEN_H
#define PROXY_HARDEN_H

#include <stdbool.h>

struct config;
struct error;

/* To be called by the only thread, after ports are bound and secrets are read:
 *
 *   - a process of root becomes settings.run_as, with that user's groups, and can't come back
 *   - no program that it might start gets more rights than it has itself
 *   - without settings.core_dumps no memory is written to disk after a crash, and other processes
 * of its user can't look into it
 *
 * False when settings.run_as is no user of this machine, or the process may not become it. */
bool process_harden(const struct config *c, struct error *e);

/* As many open files as the machine lets the process have: two for each client, at the least. */
void process_take_files(void);

#endif
