/* `starbind check --live`: whether the clusters are as the configuration takes them to be. */
#ifndef PROXY_SETUP_LIVE_H
#define PROXY_SETUP_LIVE_H

#include <stdbool.h>
#include <stdio.h>

#include "config/config.h"

/* Logs in to every frontend that is listed and with every account, changes nothing, and prints one
 * line per finding: "PATH: error|warning|good: TEXT". False when there was an error. */
bool live_check(const struct config *c, FILE *out);

/* Whether a frontend's version is new enough: 1 yes, 0 no, -1 no release's number. */
int live_version(struct slice version);

#endif
