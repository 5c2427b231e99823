/* Lists of names that grow in an arena. */
#ifndef PROXY_SETUP_SLICES_H
#define PROXY_SETUP_SLICES_H

#include "config/config.h"

struct arena;

void slices_add(struct slices *list, struct slice item, struct arena *arena);
bool slices_have(const struct slices *list, struct slice item);

#endif
