/* One probe of one frontend, over libmariadb; may block for as long as the timeouts allow. */
#ifndef PROXY_CATALOG_PROBE_H
#define PROXY_CATALOG_PROBE_H

#include "config/config.h"
#include "proxy/catalog/catalog.h"

struct probe_result {
    bool is_up;             /* it accepted the connection and spoke MySQL, even if it refused us */
    enum cluster_kind kind; /* UNKNOWN when no account got in */
    char reason[160];
};

/* Connects, logs in as one of the accounts that the configuration has for this cluster, and asks a
 * question that only StarRocks can answer. */
struct probe_result probe_frontend(const struct config *c, const struct cluster *cluster,
                                   const struct endpoint *at);

#endif
