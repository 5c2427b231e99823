/* Variables that tell where a server is: places.def. */
#ifndef PROXY_PLAN_PLACES_H
#define PROXY_PLAN_PLACES_H

#include <stdbool.h>

#include "base/slice.h"

/* True when such a variable is called so, in any case. */
bool place_is_told(struct slice variable);

#endif
