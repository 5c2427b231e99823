/* The databases that a user may know, under the names that SQL uses for them: what SHOW DATABASES
 * lists and what information_schema is limited to. */
#ifndef PROXY_PLAN_VISIBLE_H
#define PROXY_PLAN_VISIBLE_H

#include "config/config.h"

struct arena;
struct narrowing;

/* One database under one name; a database may have two (a project's and a data source's). */
struct visible {
    struct slice name;     /* "sales", "sales_dev", "orders.sch" */
    struct slice database; /* the physical one; empty: every further one, as `name` and a dot */
    const struct project *project;
    enum environment environment;
    const struct compute_source *source;
    bool is_whole;          /* all its tables; else those of `tables` */
    struct slices tables;   /* names and patterns with '*' */
    bool is_listed_by_name; /* false for what has no name of its own: databases "*" */
};

/* All of them, sorted by name, in the arena; gives their number. */
size_t visible_find(const struct config *c, const struct user *user, struct arena *arena,
                    struct visible **found);

/* Those that a statement asks for: what is out of the question is not looked at. NULL: all. Without
 * a name of their own (databases "*") they may always be meant. */
size_t visible_narrowed(const struct config *c, const struct user *user, const struct narrowing *n,
                        struct arena *arena, struct visible **found);

/* True when the entry lets the user see a table of this name. */
bool visible_has_table(const struct visible *v, struct slice table);

/* information_schema, sys, _statistics_: every cluster has them. */
bool is_system_schema(struct slice name);

/* True when a table of information_schema is listed to this user. */
bool information_is_listed(const struct user *user, struct slice table);

#endif
