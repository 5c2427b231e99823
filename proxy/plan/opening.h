/* Between the files that answer drivers' opening questions: the values of variables, and which rows
 * of a SHOW its WHERE keeps. */
#ifndef PROXY_PLAN_OPENING_H
#define PROXY_PLAN_OPENING_H

#include "proxy/plan/plan_private.h"

/* ---- variable.c: what is known of variables, by opening.def ---- */

/* What the cluster that the session speaks to gives its variables: names and values by turns. False
 * when it has not told: then nothing is answered for it. */
bool variables_known(const struct plan_context *here, struct slices *pairs, bool *is_starrocks);

/* True for a variable of the table that the server does not have by this name, or must not tell. */
bool variable_is_lacking(const struct slices *pairs, struct slice name);

/* True for a variable that no frontend has and the gateway gives a value of its own. */
bool variable_lacked(struct slice name, struct slice *value);

/* The value that SELECT @@name gives, and its type. False: only a frontend knows. */
bool variable_value(const struct plan_context *here, const struct slices *pairs, bool is_global,
                    struct slice name, struct arena *arena, struct slice *value,
                    enum plan_type *type);

/* The same as SHOW VARIABLES writes it; `told` is what the cluster gives. */
bool variable_shown(const struct plan_context *here, const struct slices *pairs, bool is_global,
                    struct slice name, struct slice told, struct arena *arena, struct slice *value);

/* ---- condition.c: WHERE of a SHOW that is answered here ---- */

enum condition {
    CONDITION_DROPS, /* false, or unknown for a NULL */
    CONDITION_KEEPS,
    CONDITION_UNREAD /* it holds what is not understood here, whatever the row */
};

/* Columns compared with strings by =, <>, LIKE, IN and IS NULL, joined by AND, OR, NOT and
 * brackets. Values compare byte for byte, as a frontend's do; names of columns without regard to
 * case. */
enum condition condition_judge(struct words condition, const struct slice *names,
                               const struct slice *cells, size_t count, struct arena *arena);

/* ---- where.c ---- */

/* The offset behind WHERE; false: there is none. */
bool where_find(const struct making *m, const struct sql_statement *s, uint32_t *where);

/* True when step->where can be judged here, over at most four columns. */
bool where_is_read(const struct making *m, const struct plan_step *step, const struct slice *names,
                   size_t count);

#endif
