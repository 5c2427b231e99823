/* What a frontend's reply to a SHOW holds besides values of the tables it is about: shows.def. */
#ifndef PROXY_PLAN_SHOWS_H
#define PROXY_PLAN_SHOWS_H

#include "protocol/sql/sql.h"

/* The columns of a rule's reply that are not passed as they come, "sign header, …"; NULL: all are.
 */
const char *shows_columns(enum sql_rule rule);

/* The sign of a column in such a list; ' ' for none. */
char shows_sign(const char *columns, struct slice header);

#endif
