/* What a cluster has today: databases, resource groups, users with their rights. */
#ifndef PROXY_SETUP_SURVEY_H
#define PROXY_SETUP_SURVEY_H

#include "proxy/setup/powers.h"

struct surveyed_group {
    struct slice name;
    struct slice user;     /* of a classifier that names one; may be empty */
    struct slice database; /* the same, or the one database that this user has rights in: */
    bool is_by_user;
};

struct surveyed_user {
    struct slice name;
    struct powers powers; /* of all its identities */
};

struct survey {
    enum cluster_kind kind;
    struct slice version;
    struct slices databases; /* without the system's own */
    struct slices http;      /* host:port of frontends that are alive */
    struct surveyed_group *groups;
    size_t group_count;
    struct surveyed_user *users; /* without root */
    size_t user_count;
};

/* False with a sentence. All in the arena. */
bool survey_read(struct survey *s, struct inquiry *q, struct arena *arena, struct slice *why);

#endif
