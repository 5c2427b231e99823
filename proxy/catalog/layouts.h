/* Which tables a cluster's information_schema has, and their columns: another release has others,
 * and so has MariaDB. Immutable once it is published; counted. */
#ifndef PROXY_CATALOG_LAYOUTS_H
#define PROXY_CATALOG_LAYOUTS_H

#include "config/config.h"

struct layouts;

struct layouts *layouts_new(void);

/* While nobody else has it: one more column of a table; those of one table come in their order. */
void layouts_add(struct layouts *l, struct slice table, struct slice column);

/* The columns of a table, compared without regard to letter case; none: there is no such table. */
void layouts_find(const struct layouts *l, struct slice table, struct slices *columns);

size_t layouts_count(const struct layouts *l); /* of tables */

struct layouts *layouts_ref(struct layouts *l); /* atomic; NULL gives NULL */
void layouts_unref(struct layouts *l);          /* NULL is allowed */

#endif
