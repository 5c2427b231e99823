/* A derived table in the making: what the files derive*.c share. */
#ifndef PROXY_PLAN_DERIVE_H
#define PROXY_PLAN_DERIVE_H

#include "proxy/plan/plan_private.h"

enum { COLUMNS_OF_TABLE_MAX = 256 };

struct derivation {
    struct making *m;
    const struct information *row;
    const struct cluster *cluster;
    struct slice table;        /* as typed */
    struct slice *columns;     /* as the cluster has them, but for their letter case */
    char *signs;               /* of information.def; ' ' for none */
    size_t column_count;       /* COLUMNS_OF_TABLE_MAX at most */
    struct slice owner, about; /* columns: the row's database, its table; empty for none */
    const struct visible **kept;
    size_t kept_count;
    struct builder built;
};

/* To what has been written so far. */
static inline void derive_put(struct derivation *d, struct slice text)
{
    builder_put(&d->built, text);
}

static inline void derive_put_string(struct derivation *d, struct slice value)
{
    builder_put_string(&d->built, value);
}

static inline void derive_put_name(struct derivation *d, struct slice name)
{
    builder_put_name(&d->built, name);
}

/* Finds the columns; false when the cluster has no such table. */
bool derive_columns(struct derivation *d);

/* derive_named.c: drops the columns that a statement cannot mean, or that cannot be written, and
 * spells the others as it does. */
void derive_keep_named(struct derivation *d, const struct sql_statement *s);

/* Then: what is in each of those that are left. */
void derive_signs(struct derivation *d);

/* One item of the list of a SELECT that reads these databases; of none: the column itself, for what
 * it is read for has no rows or, in variables, nothing to map. */
void derive_put_column(struct derivation *d, size_t index, const struct visible *const *of,
                       size_t count);

/* derive_words.c: the same of a column that holds SQL or words, without AS. */
void derive_put_words(struct derivation *d, size_t index, const struct visible *const *of,
                      size_t count);

/* AND (TABLE_NAME IN (…) OR TABLE_NAME LIKE …), for who may not see all tables. */
void derive_put_tables(struct derivation *d, const struct visible *v);

/* lookup.c: writes the database into the condition of a plain look-up (narrowing.lookup), which
 * then reads the table itself. False, and nothing is changed: it is none, or not one database is
 * kept. */
bool lookup_put(struct derivation *d, const struct narrowing *n);

#endif
