/* What a configuration needs of one cluster: databases, accounts with the least rights that serve
 * its members, resource groups.
 *
 * A backend account gets, on the databases of its own binding, what the members of the binding may
 * do there. Of another binding's it gets SELECT where some user may put both into one statement
 * that would run as this account (DESIGN.md section 4, "Cluster, account, group"). */
#ifndef PROXY_SETUP_WANT_H
#define PROXY_SETUP_WANT_H

#include "base/map.h"
#include "config/config.h"
#include "proxy/setup/rights.h"

struct arena;

enum { WANT_RIGHTS_MAX = 1000000 }; /* of a cluster: an account and a database each */

struct want_right {
    struct slice database;
    rights set;
};

struct want_account {
    struct slice username;
    const struct secret *password;
    struct slice purpose; /* whose it is: "compute_sources.sales", the first of `uses` */
    size_t uses;
    bool is_torn;    /* the configuration has two passwords for it */
    bool operates;   /* OPERATE ON SYSTEM: for SHOW FRONTENDS */
    bool statistics; /* the two tables of _statistics_ that "metadata": "all" opens */
    bool is_admin;   /* what it needs besides is for the operator to decide */
    struct want_right *rights;
    size_t count, room;
    struct map by_database; /* to an index into rights, plus one */
};

struct want_group {
    struct slice name;
    struct slices users; /* accounts whose statements go there by default */
};

struct want {
    const struct cluster *cluster;
    struct arena *arena;
    struct slices databases;
    struct want_account *accounts;
    size_t account_count;
    struct want_group *groups;
    size_t group_count;
    struct slices open; /* bindings with "databases": "*", whose rights nobody can list */
    size_t rights;
    bool is_too_large; /* more than WANT_RIGHTS_MAX: the rest is left out */
    struct map account_names, group_names, database_names;
};

/* Everything lives in the arena and borrows from the configuration; the maps are want_fini's. */
void want_make(struct want *w, const struct config *c, const struct cluster *cluster,
               struct arena *arena);
void want_fini(struct want *w);

struct want_account *want_find(const struct want *w, struct slice username);

/* "compute_sources.sales", "data_sources.x.prod": where the configuration has this source. */
struct slice source_place(const struct compute_source *source, struct arena *arena);

/* True for a binding's source, false for what stands for a cluster's metadata account. */
bool source_is_binding(const struct compute_source *source);

#endif
