/* Between the files of check --live. */
#ifndef PROXY_SETUP_LIVE_PRIVATE_H
#define PROXY_SETUP_LIVE_PRIVATE_H

#include "proxy/setup/live.h"
#include "proxy/setup/powers.h"
#include "proxy/setup/want.h"

/* The check of one cluster. */
struct live {
    const struct config *config;
    const struct cluster *cluster;
    struct want want;
    struct arena *arena;
    FILE *out;
    size_t errors, warnings;
    enum cluster_kind kind;
};

enum verdict { LIVE_GOOD, LIVE_WARNING, LIVE_ERROR };

/* One line. Control characters of the text, some of which a server wrote, become '?'. */
void live_tell(struct live *l, struct slice place, enum verdict verdict, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* live_cluster.c: the frontends. False when none of them lets anybody in. */
bool live_frontends(struct live *l);

/* live_account.c: one account at its place; source NULL: it is one of the cluster's. */
void live_account(struct live *l, struct slice place, const struct account *account,
                  const struct compute_source *source);

#endif
