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

/* Lists of what else it told. */
enum learnt_list {
    LEARNT_VARIABLES, /* names and values by turns, as SHOW VARIABLES tells them, in its order */
    LEARNT_DATABASES, /* accounts and the databases that each sees, by turns; of StarRocks only */
    LEARNT_HOSTS,     /* of frontends, backends and compute nodes, as the cluster calls them */
    LEARNT_RUN_MODE,  /* at most one: the setting run_mode, shared_nothing or shared_data */
    LEARNT_LISTS
};

/* While nobody else has it: one more text, which is copied. */
void learnt_note(struct learnt *l, enum learnt_list list, struct slice text);

/* Borrowed. */
const struct slices *learnt_list(const struct learnt *l, enum learnt_list list);

/* While nobody else has it: the cluster is a StarRocks. */
void learnt_set_starrocks(struct learnt *l);
bool learnt_is_starrocks(const struct learnt *l);

bool learnt_is_same(const struct learnt *a, const struct learnt *b);

struct learnt *learnt_ref(struct learnt *l); /* atomic; NULL gives NULL */
void learnt_unref(struct learnt *l);         /* NULL is allowed */

#endif
