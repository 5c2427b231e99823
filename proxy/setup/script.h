/* The SQL that brings a cluster to what a configuration needs: all of it, or what is missing. */
#ifndef PROXY_SETUP_SCRIPT_H
#define PROXY_SETUP_SCRIPT_H

#include <stdio.h>

#include "proxy/setup/powers.h"
#include "proxy/setup/want.h"

/* What a cluster has of it. */
struct have {
    struct slices databases, groups;
    struct powers *powers;    /* by want's accounts */
    struct slice *identities; /* as well: 'u'@'%' in quotes; empty: there is no such account */
    bool *is_refused;         /* as well: it has another password than the configuration */
};

/* Asks a frontend, as an account that may see everybody's grants, and tries the accounts' own
 * passwords. False with a sentence. */
bool have_read(struct have *h, struct inquiry *q, const struct config *c, const struct want *w,
               struct arena *arena, struct slice *why);

struct step {
    struct slice sql;     /* without its semicolon; empty: a remark only */
    struct slice comment; /* of what follows, until the next; no control characters; may be empty */
};

struct script {
    struct step *steps;
    size_t count, room, statements;
    struct slices problems; /* what cannot be written in SQL: sentences */
    struct arena *arena;
};

/* With have NULL: all that is needed. Every statement may be run again and changes nothing then.
 * Passwords are in it as hashes of mysql_native_password. */
void script_make(struct script *s, const struct want *w, const struct have *have,
                 struct arena *arena);

void script_print(const struct script *s, FILE *out);

/* Runs the statements, each printed when it is done. False, with the frontend's words, at the first
 * that fails. */
bool script_run(const struct script *s, struct inquiry *q, FILE *out, struct slice *why);

#endif
