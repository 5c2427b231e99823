/* Which sides of projects each user may use, on one cluster. */
#ifndef PROXY_SETUP_WANT_SIDES_H
#define PROXY_SETUP_WANT_SIDES_H

#include "config/config.h"

struct arena;

struct want_side {
    const struct project *project;
    const struct compute_source *source;
    enum environment environment;
    unsigned privileges; /* enum privilege, or-ed: on some part of it */
};

struct want_sides { /* of one user */
    struct want_side *at;
    size_t count, room;
};

/* By the users' index; in the arena. */
struct want_sides *want_sides_make(const struct config *c, const struct cluster *cluster,
                                   struct arena *arena);

#endif
