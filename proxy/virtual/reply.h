/* A frontend's reply in project names, packet by packet: columns and rows of SHOW and EXPLAIN by
 * the table shows.def, and the schema that a MySQL or MariaDB writes into every column definition.
 */
#ifndef PROXY_VIRTUAL_REPLY_H
#define PROXY_VIRTUAL_REPLY_H

#include <stdint.h>
#include <stdio.h>

#include "proxy/virtual/names.h"

struct sql_statement;

enum {
    REPLY_COLUMNS_MAX = 128, /* those behind are passed as they are */
    REPLY_HEAD_MAX = 96      /* bytes of catalog and schema that are remembered */
};

struct reply {
    const struct plan *plan;
    const char *columns; /* of shows.def, or "~*" for EXPLAIN; NULL: only definitions are changed */
    uint32_t result;     /* which of the text's results is being read */
    const struct plan_step *step;            /* that it answers; NULL: none of the text */
    const struct plan_reference *references; /* of that step's statement */
    unsigned count;                          /* definitions seen of it */
    unsigned char was_size, is_size; /* the next definition mostly begins as the last did: */
    char was[REPLY_HEAD_MAX],
        is[REPLY_HEAD_MAX]; /* catalog and schema, from server and to client */
    char signs[REPLY_COLUMNS_MAX];
};

/* True when rows of a statement's reply have to be looked at. */
bool reply_is_mapped(const struct sql_statement *s);

/* At the first packet of a result: the step that it answers. */
void reply_begin(struct reply *r, const struct plan *plan, uint32_t result);

/* False when rows of the result at hand pass as they are, though others of the reply are mapped. */
bool reply_looks_at_rows(const struct reply *r);

/* One column definition; false when it is none. *to is in n's arena, or the payload itself. */
bool reply_definition(struct reply *r, const struct names *n, struct slice payload,
                      struct slice *to);

/* The same where reply.columns is NULL, written to where it shall stand: of a query only the schema
 * changes, which stands behind the catalog, and nothing else is taken apart. 0: it is no
 * definition, or longer than that. */
size_t reply_definition_put(struct reply *r, const struct names *n, struct slice payload, char *to,
                            size_t room);

/* One row of the text protocol; false when it is none, or of no statement. An empty *to: the row is
 * left out. */
bool reply_row(const struct reply *r, const struct names *n, struct slice payload,
               struct slice *to);

#endif
