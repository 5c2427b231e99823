/* `starbind replay`: an audit log judged by another configuration. */
#ifndef PROXY_SETUP_REPLAY_H
#define PROXY_SETUP_REPLAY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "config/config.h"

/* Reads the lines of an audit log (docs/audit.md), judges each statement again, by the planner that
 * sessions use, and prints one line for each kind of statement of a user that would be decided
 * otherwise, then what was looked at and what could not be. Returns the number of statements that
 * would be decided otherwise. */
uint64_t replay_log(const struct config *c, FILE *log, FILE *out);

#endif
