/* All that an account of a cluster has, by its grants and its roles. */
#ifndef PROXY_SETUP_POWERS_H
#define PROXY_SETUP_POWERS_H

#include "proxy/catalog/inquiry.h"
#include "proxy/setup/rights.h"
#include "proxy/setup/slices.h"
#include "proxy/setup/want.h"

struct powers {
    struct held *held;
    size_t count, room;
    bool is_root;         /* it has the role that may do anything */
    bool is_database_all; /* anything on any database: root, db_admin */
    bool operates;
    struct slices roles;   /* its roles, that of everybody left out */
    struct slices unknown; /* those of them whose grants could not be read */
};

/* Asks for the grants of an identity such as 'u'@'%' in quotes, or of the account that asks (an
 * empty slice), and for those of its roles. False, with the frontend's words, when they are not
 * told. */
bool powers_read(struct powers *p, struct inquiry *q, struct slice identity, struct arena *arena,
                 struct slice *why);

/* What it may do on all things of a database. */
rights powers_on(const struct powers *p, struct slice database);

/* Whether it has SELECT on that one table. */
bool powers_select(const struct powers *p, struct slice database, struct slice table);

/* What it has and, by `a`, does not need: sentences without a full stop; empty for nothing. */
struct slice powers_excess(const struct powers *p, const struct want_account *a,
                           struct arena *arena);

/* What the account still needs on one of its databases. */
static inline rights powers_lack(const struct powers *p, const struct want_right *r)
{
    return p->is_database_all ? 0 : r->set & ~powers_on(p, r->database);
}

#endif
