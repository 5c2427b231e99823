/* What an account of StarRocks may do: as the gateway needs it, and as SHOW GRANTS tells it.
 *
 * Bytes in, structures out; rights.def has the names. */
#ifndef PROXY_SETUP_RIGHTS_H
#define PROXY_SETUP_RIGHTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

struct arena;

enum object_kind { /* of a database */
                   OBJECT_TABLE,
                   OBJECT_VIEW,
                   OBJECT_MATERIALIZED_VIEW,
                   OBJECT_FUNCTION,
                   OBJECT_DATABASE,
                   OBJECT_KINDS
};

typedef uint32_t rights; /* a bit for each row of rights.def */

/* What the backend account of a binding needs, for members with these privileges (enum privilege,
 * or-ed). */
rights rights_needed(unsigned privileges);

/* Those on one kind of thing. */
rights rights_of_kind(enum object_kind kind);

/* "SELECT, INSERT": those on one kind, in the arena. */
struct slice rights_names(rights set, enum object_kind kind, struct arena *arena);

/* "SELECT, INSERT on tables; SELECT on views": all of them. */
struct slice rights_text(rights set, struct arena *arena);

/* "ALL TABLES IN DATABASE", "DATABASE": what GRANT … ON says in front of the database's name. */
const char *rights_scope(enum object_kind kind);

/* One row of SHOW GRANTS. */
struct held {
    rights set;            /* on the things of databases; 0: it is about something else */
    struct slice database; /* empty: of all databases */
    struct slice object;   /* empty: all things of the kind */
    struct slice role;     /* GRANT 'r' TO …: the first role; the rest is in `more` */
    struct slice more;     /* further roles, as text */
    bool operates;         /* OPERATE ON SYSTEM */
    bool is_other;         /* any other right; `text` says which */
    struct slice text;     /* the row up to " TO ", borrowed */
};

/* Reads one GRANT statement as a frontend shows it (facts/fe-live/show-grants.tsv). False: it is no
 * such text. All parts borrow from it. */
bool held_read(struct held *h, struct slice text);

#endif
