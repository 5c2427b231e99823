/* The way back: physical databases and accounts in what a frontend says become what the user calls
 * them. What is not the user's becomes `?`. */
#ifndef PROXY_VIRTUAL_NAMES_H
#define PROXY_VIRTUAL_NAMES_H

#include "config/config.h"

struct arena;
struct plan;

/* Whose words are to be found, and for whom. All is borrowed. */
struct names {
    const struct config *config;
    const struct user *user;
    const struct plan *plan; /* a forwarded one: its cluster; its references' names come first */
    struct arena *arena;     /* of results */

    /* What the cluster told of itself, or NULL: accounts and databases by turns, and its hosts. */
    const struct slices *databases, *hosts;

    struct slice asked; /* the client's text, where a message answers one; else empty */
};

/* The name of a physical database; false when it is not the user's, or no database of the
 * configuration at all. *project and *environment, when it is: for grants. */
struct named_side {
    const struct project *project;
    enum environment environment;
    struct slice name;
};
bool names_database(const struct names *n, struct slice physical, struct named_side *side);

/* True when the configuration knows a database of the cluster by this physical name. */
bool names_is_database(const struct names *n, struct slice word);

/* Text of any kind: whole words that are databases or accounts of the cluster, or hosts of its
 * frontends. */
struct slice names_in_text(const struct names *n, struct slice text);

/* SQL: what stands in front of a dot as a database, in strings as well, since properties hold
 * names; but comments of tables and columns are their owners' words. And who has defined it. */
struct slice names_in_sql(const struct names *n, struct slice sql);

/* SQL as above; and of what is given behind FROM ("key" = "value", …) the values are not shown. */
struct slice names_in_source(const struct names *n, struct slice sql);

/* What tells of a table, which is its owner's text: but of a view that MariaDB calls broken, an
 * error message. */
struct slice names_in_comment(const struct names *n, struct slice comment);

/* An error message: as text, where a table or a column that the client has typed stays as it is;
 * "line 1, column 9" speaks of `asked`, the client's text, instead of
 * what was sent for it. */
struct slice names_in_message(const struct names *n, struct slice message, struct slice asked);

#endif
