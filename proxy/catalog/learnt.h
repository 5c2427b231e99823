/* What a cluster told of itself: which tables its information_schema has, with their columns, since
 * another release has others, and so has MariaDB; and what its variables are before anybody SETs
 * them. Immutable once it is published; counted. */
#ifndef PROXY_CATALOG_LEARNT_H
#define PROXY_CATALOG_LEARNT_H

#include "config/config.h"

struct learnt;

struct learnt *learnt_new(void);

/* While nobody else has it: one more column of a table; those of one table come in their order. */
void learnt_add_column(struct learnt *l, struct slice table, struct slice column);

/* The columns of a table, compared without regard to letter case; none: there is no such table. */
void learnt_columns(const struct learnt *l, struct slice table, struct slices *columns);

size_t learnt_count(const struct learnt *l); /* of tables */

/* While nobody else has it: one more variable, as SHOW VARIABLES tells it and in its order. */
void learnt_add_variable(struct learnt *l, struct slice name, struct slice value);

/* Names and values by turns, borrowed; none: it was not told. */
void learnt_variables(const struct learnt *l, struct slices *pairs);

/* The frontends' setting run_mode: shared_nothing or shared_data; empty: not told. */
void learnt_set_run_mode(struct learnt *l, struct slice run_mode);
struct slice learnt_run_mode(const struct learnt *l);

/* While nobody else has it: the cluster is a StarRocks. */
void learnt_set_starrocks(struct learnt *l);
bool learnt_is_starrocks(const struct learnt *l);

bool learnt_is_same(const struct learnt *a, const struct learnt *b);

struct learnt *learnt_ref(struct learnt *l); /* atomic; NULL gives NULL */
void learnt_unref(struct learnt *l);         /* NULL is allowed */

#endif
