/* Between sql.c (statements) and tables.c (what they read). */
#ifndef PROXY_ADMIN_SQL_H
#define PROXY_ADMIN_SQL_H

#include "base/clock.h"
#include "base/rows.h"

struct question;
struct sql_asker;
struct sqlite3;

struct sql {
    struct sqlite3 *db;
    struct survey *survey;           /* while a statement is compiled: what it reads */
    const struct question *question; /* while one is stepped: the rows */
    const struct sql_asker *asker;   /* borrowed; NULL: this program itself */
    millis deadline;                 /* by clock_now */
};

/* Makes the virtual tables known. */
void tables_register(struct sql *sql);

/* The same for database(), user() and what else clients of MySQL ask for. */
void functions_register(struct sql *sql);

#endif
