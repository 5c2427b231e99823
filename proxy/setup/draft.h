/* A first configuration, made of what a cluster has: a project for each database, members for its
 * users, accounts of the gateway's own that are still to be made. */
#ifndef PROXY_SETUP_DRAFT_H
#define PROXY_SETUP_DRAFT_H

#include <jansson.h>

#include "proxy/setup/survey.h"

struct draft_secret { /* a file in the folder of secrets, and what it holds */
    struct slice file;
    struct slice password;
};

struct draft {
    json_t *config; /* owned: draft_fini */
    struct draft_secret *secrets;
    size_t secret_count;
    struct draft_secret *first; /* users and the passwords that they begin with */
    size_t first_count;
    struct slices notes; /* what the operator has to decide, sentences */
    size_t projects;
    struct arena *arena;
};

/* jdbc_url is the cluster's. Everything but the JSON is in the arena and borrows from the survey.
 */
void draft_make(struct draft *d, const struct survey *s, struct slice jdbc_url,
                struct arena *arena);
void draft_fini(struct draft *d); /* wipes the passwords */

#endif
